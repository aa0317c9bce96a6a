/**
 * What an order is paid with, case by case, for every way to cut its price between the wallet and the rest. Each case says
 * where all of the money is in the end; where facts come from outside, they come in every order.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Books } from '../../../test/books.ts'
import { attemptFact, moneyOf, orderRow, paymentRow, refundFact, saleLine } from '../../../test/make.ts'
import type { CancelReason } from '../../orders/order.ts'
import { partsCancelled } from '../../orders/parts.ts'
import { endParts, giveBack } from './give-back.ts'
import { acceptCapture } from './outcome.ts'
import type { AttemptFact, PaymentFact, RefundRow } from './payment.ts'
import { sendBack } from './refund.ts'
import { amountOf, shareOf, splitLines, WALLET } from './shares.ts'

const TOTAL = 10_000
/** Nothing of it, some of it, all of it. */
const CUTS = [0, 4_000, TOTAL] as const
const IN_WALLET = 25_000
const BY = { actorId: 'admin', reviewItemId: 'item', agreedBy: undefined }

const walletFact = (amount: number): AttemptFact =>
  attemptFact({
    provider: WALLET,
    of: { paymentId: 'of-wallet' },
    providerPaymentId: 'of-wallet',
    amount,
    method: WALLET,
  })

/** An order of two parts at the moment at which it is placed. */
function placed(wallet: number, { stockFree = true } = {}): Books {
  const rest = TOTAL - wallet
  const order = orderRow({ user_id: 'customer', total: TOTAL, wallet_amount: wallet })
  const books = new Books(
    moneyOf({
      order,
      stockFree,
      lines: [
        saleLine({
          id: 'pepper',
          quantity: 2,
          total: 6_000,
          commission: 600,
          shop_order_id: 'first',
          shop_id: 'spices',
        }),
        saleLine({ id: 'stole', total: 4_000, tax: 0, commission: 300, shop_order_id: 'second', shop_id: 'weaves' }),
      ].map((line) => ({ ...line, shop_status: 'pending' })),
      payments: [
        ...(wallet > 0
          ? [
              paymentRow({
                id: 'of-wallet',
                provider: WALLET,
                provider_order_id: 'of-wallet',
                status: 'abandoned',
                amount: wallet,
              }),
            ]
          : []),
        ...(rest > 0 ? [paymentRow({ id: 'of-rest', amount: rest })] : []),
      ],
    }),
    IN_WALLET,
  )
  return wallet > 0 ? books.tell(walletFact(wallet)) : books
}

const rest = (books: Books): number => amountOf(books.money.order, 'rest')
const capture = (books: Books, changes: Partial<AttemptFact> = {}) => attemptFact({ amount: rest(books), ...changes })

function paid(wallet: number): Books {
  const books = placed(wallet)
  return rest(books) > 0 ? books.tell(capture(books)) : books
}

function end(books: Books, reason: CancelReason, part?: string): Books {
  const parts = partsCancelled(books.money.lines).filter(({ id }) => part === undefined || id === part)
  return books.decide((draft) => endParts(draft, { parts, reason, by: { actor: 'system' } }))
}

const expired = (wallet: number, stock = { stockFree: true }) => end(placed(wallet, stock), 'expired')

function state({ money, wallet, accounts }: Books) {
  const { order, attempts, refunds } = money
  return {
    order: order.status,
    payment: order.payment_status,
    /** Of the order's money, by where it is. */
    held: attempts.reduce((sum, row) => sum + row.captured_amount - row.refunding_amount - row.written_off_amount, 0),
    spent: IN_WALLET - wallet,
    atProvider: 0 - (accounts.get('provider_clearing:razorpay') ?? 0),
    goesBack: refunds
      .filter((row) => row.provider !== WALLET && row.status !== 'failed')
      .reduce((sum, row) => sum + row.amount, 0),
    sold: ['seller_payable:spices', 'seller_payable:weaves', 'commission:hundi'].reduce(
      (sum, account) => sum + (accounts.get(account) ?? 0),
      0,
    ),
  }
}

type State = ReturnType<typeof state>

const WAITS = { order: 'pending', payment: 'pending', goesBack: 0, sold: 0 } as const
const PAID = { order: 'confirmed', payment: 'paid', held: TOTAL, goesBack: 0, sold: TOTAL } as const
/** All of it is its owner's again, or on its way: what a provider still has to send has not come. */
const OVER = { order: 'cancelled', payment: 'refunded', held: 0, spent: 0, sold: 0 } as const

const expect = (books: Books, expected: State) => assert.deepEqual(state(books), expected)
const captureId = (books: Books, id: string) => {
  const row = books.money.attempts.find((attempt) => attempt.provider_payment_id === id)
  if (row === undefined) throw new Error(`no attempt ${id}`)
  return row
}

describe('an order is covered when each of its shares is paid', () => {
  for (const wallet of CUTS) {
    const restAmount = TOTAL - wallet
    // The wallet's own is back at once; of what a bank is still to get nothing is.
    const whileItGoes = wallet > 0 ? 'partially_refunded' : 'paid'
    const label = `${wallet} of ${TOTAL} from the wallet`

    test(`1 2 4 9 ${label}: it waits for its rest, and only for that`, () => {
      const books = placed(wallet)
      if (restAmount === 0) return expect(books, { ...PAID, spent: TOTAL, atProvider: 0 })
      expect(books, { ...WAITS, held: wallet, spent: wallet, atProvider: 0 })
      // It fails, and the order stays payable for the same rest.
      books.tell(capture(books, { providerPaymentId: 'pay_0', status: 'failed' }))
      expect(books, { ...WAITS, payment: 'failed', held: wallet, spent: wallet, atProvider: 0 })
      books.tell(capture(books))
      expect(books, { ...PAID, spent: wallet, atProvider: restAmount })
    })

    test(`11 14 ${label}: cancelled before it is paid, it gives the wallet its own, and sends back what comes later`, () => {
      const books = end(placed(wallet), 'shopper')
      if (restAmount === 0) return expect(books, { ...OVER, atProvider: 0, goesBack: 0 })
      expect(books, { ...OVER, payment: wallet > 0 ? 'refunded' : 'pending', atProvider: 0, goesBack: 0 })
      books.tell(capture(books))
      expect(books, { ...OVER, payment: whileItGoes, atProvider: restAmount, goesBack: restAmount })
      assert.equal(books.money.refunds.at(-1)?.reason, 'order_cancelled')
    })

    test(`15 17 ${label}: what goes back is taken of each share by what is held of it`, () => {
      const books = paid(wallet).decide((draft) => giveBack(draft, { amount: 2_500, reason: 'broken' }))
      const ofWallet = (2_500 * wallet) / TOTAL
      expect(books, {
        ...PAID,
        payment: whileItGoes,
        held: TOTAL - 2_500,
        spent: wallet - ofWallet,
        atProvider: restAmount,
        goesBack: 2_500 - ofWallet,
        sold: TOTAL - 2_500,
      })
      assert.equal(new Set(books.money.refunds.map((row) => row.decision_id)).size, 1)
      if (restAmount === 0) return
      // Made at the provider's dashboard it is of that capture alone, and of the sale all the same.
      const own = 1_000
      books.tell(refundFact({ ourRefundId: null, providerRefundId: 'rfnd_9', amount: own, providerPaymentId: 'pay_1' }))
      expect(books, {
        ...PAID,
        payment: 'partially_refunded',
        held: TOTAL - 2_500 - own,
        spent: wallet - ofWallet,
        atProvider: restAmount - own,
        goesBack: 2_500 - ofWallet + own,
        sold: TOTAL - 2_500 - own,
      })
    })

    test(`18 ${label}: a part that ends gives back what was paid for it, the last one everything`, () => {
      const books = end(paid(wallet), 'seller', 'second')
      const ofWallet = (4_000 * wallet) / TOTAL
      expect(books, {
        ...PAID,
        payment: whileItGoes,
        held: 6_000,
        spent: wallet - ofWallet,
        atProvider: restAmount,
        goesBack: 4_000 - ofWallet,
        sold: 6_000,
      })
      end(books, 'admin')
      expect(books, {
        ...OVER,
        payment: restAmount > 0 ? whileItGoes : 'refunded',
        atProvider: restAmount,
        goesBack: restAmount,
      })
      assert.ok(books.money.refunds.every((row) => row.amount > 0))
    })

    if (restAmount === 0) continue

    test(`5 6 ${label}: money that differs waits with the rest, until a person takes it`, () => {
      for (const differs of [-70, 130]) {
        const books = placed(wallet)
        books.tell(capture(books, { amount: restAmount + differs }))
        const waiting = {
          ...WAITS,
          payment: 'under_review' as const,
          held: TOTAL + differs,
          spent: wallet,
          atProvider: restAmount + differs,
        }
        expect(books, waiting)
        books.decide((draft) =>
          assert.equal(acceptCapture(draft, draft.attempt(captureId(books, 'pay_1').id), BY), undefined),
        )
        const over = Math.max(0, differs)
        expect(books, {
          ...PAID,
          held: TOTAL + Math.min(0, differs),
          spent: wallet,
          atProvider: restAmount + differs,
          goesBack: over,
        })
        assert.equal(books.has('write_offs:hundi'), Math.min(0, differs))
      }
    })

    test(`7 ${label}: money that differs and is sent back leaves the order payable`, () => {
      const books = placed(wallet)
      books.tell(capture(books, { amount: restAmount - 70 }))
      books.decide((draft) => sendBack(draft, captureId(books, 'pay_1'), 'amount_differs'))
      books.tell(capture(books, { providerPaymentId: 'pay_2' }))
      expect(books, { ...PAID, spent: wallet, atProvider: 2 * restAmount - 70, goesBack: restAmount - 70 })
    })

    test(`8 ${label}: a second capture of the rest goes back whole, whichever is heard of first`, () => {
      for (const ids of [
        ['pay_1', 'pay_2'],
        ['pay_2', 'pay_1'],
      ]) {
        const books = placed(wallet)
        for (const providerPaymentId of ids) books.tell(capture(books, { providerPaymentId }))
        expect(books, { ...PAID, spent: wallet, atProvider: 2 * restAmount, goesBack: restAmount })
        assert.deepEqual(
          books.money.refunds.map((row) => [row.reason, row.amount]),
          [['second_capture', restAmount]],
        )
      }
    })

    test(`10 12 13 ${label}: when its time has passed, late money revives it only if no part of it was given back`, () => {
      for (const stockFree of [true, false]) {
        const books = expired(wallet, { stockFree })
        expect(books, { ...OVER, payment: wallet > 0 ? 'refunded' : 'pending', atProvider: 0, goesBack: 0 })
        books.tell(capture(books))
        if (wallet === 0 && stockFree) expect(books, { ...PAID, spent: 0, atProvider: restAmount })
        else {
          expect(books, { ...OVER, payment: whileItGoes, atProvider: restAmount, goesBack: restAmount })
          assert.equal(books.money.refunds.at(-1)?.reason, wallet > 0 ? 'part_returned' : 'stock_gone')
        }
      }
    })

    test(`7a ${label}: when its time has passed, no person can take money that differs for an order that was given back`, () => {
      const books = expired(wallet)
      books.tell(capture(books, { amount: restAmount + 130 }))
      const before = state(books)
      books.decide((draft) => {
        const refusal = acceptCapture(draft, draft.attempt(captureId(books, 'pay_1').id), BY)
        assert.equal(refusal, wallet > 0 ? 'part_returned' : undefined)
      })
      if (wallet > 0) expect(books, before)
      else expect(books, { ...PAID, spent: 0, atProvider: restAmount + 130, goesBack: 130 })
    })

    test(`16 ${label}: a refund that fails is held again; what went into the wallet stays there`, () => {
      const books = paid(wallet).decide((draft) => giveBack(draft, { amount: 2_500, reason: 'broken' }))
      const back = books.money.refunds.find((row) => row.provider !== WALLET) as RefundRow
      const news = { ourRefundId: back.id, amount: back.amount, providerPaymentId: 'pay_1' }
      books.tell(refundFact({ ...news, status: 'failed' }))
      const ofWallet = (2_500 * wallet) / TOTAL
      expect(books, {
        ...PAID,
        payment: whileItGoes,
        held: TOTAL - ofWallet,
        spent: wallet - ofWallet,
        atProvider: restAmount,
        goesBack: 0,
        sold: TOTAL - 2_500,
      })
    })
  }
})

test('3 a wallet that has too little is overdrawn by nobody', () => {
  const order = orderRow({ user_id: 'customer', total: TOTAL, wallet_amount: 4_000 })
  const payments = [
    paymentRow({
      id: 'of-wallet',
      provider: WALLET,
      provider_order_id: 'of-wallet',
      status: 'abandoned',
      amount: 4_000,
    }),
  ]
  const books = new Books(moneyOf({ order, payments }), 3_999)
  assert.throws(() => books.tell(walletFact(4_000)), /overdrawn/)
})

/** Every order in which these can be told. */
function permutations<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]]
  return all.flatMap((one, at) => permutations(all.toSpliced(at, 1)).map((others) => [one, ...others]))
}

describe('no sum depends on the order in which facts are told', () => {
  /** Of one truth at the provider each; `R` is the rest. */
  const truths: Readonly<Record<string, (amount: number) => PaymentFact[]>> = {
    'paid by a second try': (amount) => [
      attemptFact({ providerPaymentId: 'pay_0', status: 'failed', amount }),
      attemptFact({ status: 'authorized', amount }),
      attemptFact({ amount }),
      attemptFact({ amount, fee: 59, tax: 9 }),
    ],
    'paid twice': (amount) => [
      attemptFact({ status: 'authorized', amount }),
      attemptFact({ amount }),
      attemptFact({ providerPaymentId: 'pay_2', amount }),
      attemptFact({ providerPaymentId: 'pay_2', status: 'authorized', amount }),
    ],
    'paid, and another amount beside it': (amount) => [
      attemptFact({ amount }),
      attemptFact({ providerPaymentId: 'pay_2', amount: amount + 500 }),
      attemptFact({ providerPaymentId: 'pay_2', status: 'authorized', amount: amount + 500 }),
    ],
    'paid twice, and another amount': (amount) => [
      attemptFact({ amount }),
      attemptFact({ providerPaymentId: 'pay_2', amount }),
      attemptFact({ providerPaymentId: 'pay_3', amount: amount - 1 }),
    ],
  }
  for (const [name, truth] of Object.entries(truths)) {
    for (const wallet of CUTS.filter((each) => each < TOTAL)) {
      for (const reason of [undefined, 'expired', 'shopper'] as const) {
        test(`${name}, ${wallet} from the wallet, ${reason === undefined ? 'in time' : `and ${reason} meanwhile`}`, () => {
          const facts = truth(TOTAL - wallet)
          for (let heard = 0; heard <= (reason === undefined ? 0 : facts.length); heard += 1) {
            // Which facts were heard before the order ended may matter; in what order they were must not.
            const ends = new Map<string, Set<string>>()
            for (const told of permutations(facts)) {
              const books = placed(wallet)
              for (const fact of told.slice(0, heard)) books.tell(fact, fact)
              if (reason !== undefined && books.money.order.status === 'pending') end(books, reason)
              for (const fact of told.slice(heard)) books.tell(fact)
              for (const fact of told) books.tell(fact)
              const before = told
                .slice(0, heard)
                .map((fact) => facts.indexOf(fact))
                .sort()
                .join()
              const seen = ends.get(before) ?? new Set()
              ends.set(before, seen.add(JSON.stringify(state(books))))
            }
            for (const [before, seen] of ends) assert.deepEqual([...seen], [[...seen][0]], `heard before: ${before}`)
          }
        })
      }
    }
  }
})

test('the share of a payment is told by its provider', () => {
  assert.deepEqual(
    ['wallet', 'razorpay', 'stripe', 'bank'].map((provider) => shareOf({ provider })),
    ['wallet', 'rest', 'rest', 'rest'],
  )
})

test('what lines give back is shared out over the captures that pay it, each unit once', () => {
  const lines = [
    { itemId: 'a', quantity: 2, amount: 700 },
    { itemId: 'b', quantity: 1, amount: 0 },
    { itemId: 'c', quantity: 3, amount: 300 },
  ]
  const line = (itemId: string, quantity: number, amount: number) => ({ itemId, quantity, amount })
  assert.deepEqual(splitLines(lines, [1_000]), [lines])
  assert.deepEqual(splitLines(lines, [600, 400]), [
    [line('a', 0, 600)],
    [line('a', 2, 100), line('b', 1, 0), line('c', 3, 300)],
  ])
  assert.deepEqual(splitLines(lines, [700, 100, 200]), [
    [line('a', 2, 700), line('b', 1, 0)],
    [line('c', 0, 100)],
    [line('c', 3, 200)],
  ])
})
