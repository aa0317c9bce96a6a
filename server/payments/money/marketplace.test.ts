/**
 * The long story of a marketplace, to the paisa: three shops, a member's price, a coupon, the wallet and the rest online;
 * one shop rejects its part, a line comes back before and after a shop was paid out, the provider settles and keeps its
 * fees. Each amount was worked out by hand; after each step every account has what it must.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Books } from '../../../test/books.ts'
import { attemptFact, moneyOf, orderRow, paymentRow, refundFact, saleLine } from '../../../test/make.ts'
import { allocate, shareDown } from '../../../shared/money.ts'
import type { Movement } from '../../ledger/movement.ts'
import { settled } from '../../ledger/provider-movement.ts'
import { earnedWith } from '../../orders/lines.ts'
import type { RefundRow } from './payment.ts'
import { endParts, giveBack } from './give-back.ts'
import { linesBack } from './refund-lines.ts'
import { WALLET } from './shares.ts'

/**
 * | line       | price     | member | coupon | costs    | tax on top | commission |
 * | ---------- | --------: | -----: | -----: | -------: | ---------: | ---------: |
 * | 3 peppers  |    999.99 | 100.00 |        |   899.99 |            |      99.99 | 10 % of the full price
 * | bringing   |     40.00 |  40.00 |        |     0.00 |            |            |
 * | a stole    |  2 499.00 | 249.90 | 151.50 | 2 097.60 |     281.70 |     293.43 | 12.5 % of what is left without the shop's
 * | a scarf    |    800.00 |  80.00 |  48.50 |   671.50 |      90.18 |      93.94 |  coupon, for both together: 387.37
 * | 2 sweets   |    901.00 |  90.10 |        |   810.90 |            |      72.08 | 8 %
 * | bringing   |     60.00 |  60.00 |        |     0.00 |            |            |
 *
 * The house bears a member's tenth and free delivery; the coupon of 200.00 is the weaver's own. Tax on top is 12 % of what
 * the weaver gets for the goods, the house's part included: what the house bears is no discount of the weaver's.
 */
const SPICES = { shop_order_id: 'part of spices', shop_id: 'spices' }
const WEAVES = { shop_order_id: 'part of weaves', shop_id: 'weaves' }
const SWEETS = { shop_order_id: 'part of sweets', shop_id: 'sweets' }
const bringing = { kind: 'delivery', product_id: null, total: 0 } as const
const LINES = [
  saleLine({
    ...SPICES,
    id: 'pepper',
    quantity: 3,
    discount: 10_000,
    house_discount: 10_000,
    total: 89_999,
    commission: 9_999,
  }),
  saleLine({
    ...WEAVES,
    id: 'stole',
    discount: 40_140,
    house_discount: 24_990,
    total: 209_760,
    tax: 28_170,
    commission: 29_343,
  }),
  saleLine({
    ...WEAVES,
    id: 'scarf',
    discount: 12_850,
    house_discount: 8_000,
    total: 67_150,
    tax: 9_018,
    commission: 9_394,
  }),
  saleLine({
    ...SWEETS,
    id: 'sweets',
    quantity: 2,
    discount: 9_010,
    house_discount: 9_010,
    total: 81_090,
    commission: 7_208,
  }),
  saleLine({ ...SPICES, ...bringing, id: 'bringing spices', discount: 4_000, house_discount: 4_000 }),
  saleLine({ ...SWEETS, ...bringing, id: 'bringing sweets', discount: 6_000, house_discount: 6_000 }),
].map((line) => ({ ...line, shop_status: 'pending' as const }))
const TOTAL = 485_187
const OF_WALLET = 100_000
const REST = 385_187

test('what the table says adds up', () => {
  assert.equal(earnedWith(LINES), TOTAL)
  // The coupon lies on the weaver's lines by what a member pays for them; so does the commission, by what the weaver gets.
  assert.deepEqual(allocate(20_000, [224_910, 72_000]), [15_150, 4_850])
  assert.deepEqual(allocate(shareDown(234_750 + 75_150, 1_250), [234_750, 75_150]), [29_343, 9_394])
})

const walletPays = attemptFact({
  provider: WALLET,
  of: { paymentId: 'of-wallet' },
  providerPaymentId: 'of-wallet',
  amount: OF_WALLET,
})

function placed(): Books {
  return new Books(
    moneyOf({
      order: orderRow({ user_id: 'customer', total: TOTAL, wallet_amount: OF_WALLET }),
      lines: LINES,
      payments: [
        paymentRow({
          id: 'of-wallet',
          provider: WALLET,
          provider_order_id: 'of-wallet',
          status: 'abandoned',
          amount: OF_WALLET,
        }),
        paymentRow({ id: 'of-rest', amount: REST }),
      ],
    }),
    150_000,
  ).tell(walletPays)
}

/** A payout, as it will be posted: all that a shop has, from each of its accounts. */
function paidOut(books: Books, shop: string): Movement[] {
  return ['seller_payable', 'delivery', 'tax'].flatMap((kind) => {
    const amount = books.has(`${kind}:${shop}`)
    if (amount <= 0) return []
    const [debit, cause] = [`${kind}:${shop}:INR`, `payout:1:${kind}:${shop}`]
    return [{ kind: 'paid_out', debit, credit: 'bank:manual:INR', amount, cause }]
  })
}

const atProvider = (books: Books) => books.money.refunds.filter((row) => row.provider !== WALLET)
const arrives = (row: RefundRow) =>
  refundFact({
    ourRefundId: row.id,
    providerRefundId: `rfnd_${row.id}`,
    providerPaymentId: 'pay_1',
    amount: row.amount,
  })
const settle = (entityId: string, line: { credit?: number; debit?: number; fee?: number; tax?: number }) =>
  settled(
    { provider: 'razorpay', currency: 'INR', entityId, credit: 0, debit: 0, fee: 0, tax: 0, ...line },
    'provider_clearing',
  )

test('three shops, a coupon, a member, the wallet and the rest; rejected, refunded, settled, paid out: to the paisa', () => {
  const books = placed()
  assert.deepEqual(books.balances(), { 'customer_funds:orders': OF_WALLET, 'wallet:customer': -OF_WALLET })

  books.tell(attemptFact({ amount: REST }))
  assert.equal(books.money.order.status, 'confirmed')
  assert.deepEqual(books.balances(), {
    'commission:hundi': 55_944,
    'delivery:spices': 4_000,
    'delivery:sweets': 6_000,
    'discounts:hundi': -62_000,
    'provider_clearing:razorpay': -REST,
    'seller_payable:spices': 90_000,
    'seller_payable:sweets': 82_892,
    'seller_payable:weaves': 271_163,
    'tax:weaves': 37_188,
    'wallet:customer': -OF_WALLET,
  })

  // The sweets cannot be made. Of 810.90 the wallet paid 100 000 / 485 187, which is 167.13; the rest goes to the bank.
  books.decide((draft) => {
    const parts = [{ id: 'part of sweets', from: 'accepted', to: 'rejected' } as const]
    endParts(draft, { parts, reason: 'seller', by: { actor: 'seller' } })
  })
  assert.equal(books.money.order.status, 'confirmed')
  assert.deepEqual(
    books.money.refunds.map((row) => [row.provider, row.amount, row.status, row.reason]),
    [
      ['razorpay', 64_377, 'requested', 'part_rejected'],
      [WALLET, 16_713, 'processed', 'part_rejected'],
    ],
  )
  assert.deepEqual(books.balances(), {
    'commission:hundi': 48_736,
    'delivery:spices': 4_000,
    'discounts:hundi': -46_990,
    'provider_clearing:razorpay': -REST,
    'refunds_owed:razorpay': 64_377,
    'seller_payable:spices': 90_000,
    'seller_payable:weaves': 271_163,
    'tax:weaves': 37_188,
    'wallet:customer': -83_287,
  })

  // One pepper of three comes back: 299.99, of which 61.83 go into the wallet. Commission and discount shrink with it.
  const pepper = linesBack(books.money.lines, { items: [{ itemId: 'pepper', quantity: 1 }] })
  books.decide((draft) => giveBack(draft, { amount: 29_999, reason: 'broken', lines: pepper }))
  assert.deepEqual(
    books.money.refunds.slice(2).map((row) => [row.provider, row.amount, row.lines]),
    [
      ['razorpay', 23_816, [{ itemId: 'pepper', quantity: 0, amount: 23_816 }]],
      [WALLET, 6_183, [{ itemId: 'pepper', quantity: 1, amount: 6_183 }]],
    ],
  )
  const afterPepper = {
    'commission:hundi': 45_403,
    'delivery:spices': 4_000,
    'discounts:hundi': -43_656,
    'provider_clearing:razorpay': -REST,
    'refunds_owed:razorpay': 88_193,
    'seller_payable:spices': 60_000,
    'seller_payable:weaves': 271_163,
    'tax:weaves': 37_188,
    'wallet:customer': -77_104,
  }
  assert.deepEqual(books.balances(), afterPepper)

  // Both refunds arrive; the provider settles the capture less 2 % and 18 % tax on that, and keeps back what it sent.
  for (const row of atProvider(books)) books.tell(arrives(row))
  books.post(...settle('pay_1', { credit: 376_096, fee: 9_091, tax: 1_387 }))
  for (const row of atProvider(books)) books.post(...settle(row.id, { debit: row.amount }))
  const afterSettlement = {
    ...afterPepper,
    'bank:razorpay': -287_903,
    'provider_fee_tax:razorpay': -1_387,
    'provider_fees:razorpay': -7_704,
  }
  const { 'provider_clearing:razorpay': _cleared, 'refunds_owed:razorpay': _sent, ...inBank } = afterSettlement
  assert.deepEqual(books.balances(), inBank)

  // The weaver is paid out, tax included. Then the scarf comes back: what the weaver owes us now is taken off the next one.
  books.post(...paidOut(books, 'weaves'))
  assert.equal(books.has('bank:manual'), 308_351)
  const scarf = linesBack(books.money.lines, { items: [{ itemId: 'scarf', quantity: 1 }] })
  books.decide((draft) => giveBack(draft, { amount: 76_168, reason: 'too short', lines: scarf }))
  for (const row of atProvider(books).slice(2)) books.tell(arrives(row)).post(...settle(row.id, { debit: row.amount }))
  assert.deepEqual(
    books.money.refunds.slice(4).map((row) => [row.provider, row.amount]),
    [
      ['razorpay', 60_469],
      [WALLET, 15_699],
    ],
  )
  assert.deepEqual(books.balances(), {
    'bank:manual': 308_351,
    'bank:razorpay': -227_434,
    'commission:hundi': 36_009,
    'delivery:spices': 4_000,
    'discounts:hundi': -35_656,
    'provider_fee_tax:razorpay': -1_387,
    'provider_fees:razorpay': -7_704,
    'seller_payable:spices': 60_000,
    'seller_payable:weaves': -65_756,
    'tax:weaves': -9_018,
    'wallet:customer': -61_405,
  })

  // All of the rest comes back: nobody has anything of it any more, but what was paid out and what the provider kept.
  books.decide((draft) => {
    const parts = ['spices', 'weaves'].map(
      (shop) => ({ id: `part of ${shop}`, from: 'accepted', to: 'cancelled' }) as const,
    )
    endParts(draft, { parts, reason: 'admin', by: { actor: 'admin' } })
  })
  for (const row of atProvider(books).slice(3)) books.tell(arrives(row)).post(...settle(row.id, { debit: row.amount }))
  assert.equal(books.money.order.payment_status, 'refunded')
  assert.equal(books.wallet, 150_000)
  assert.deepEqual(books.balances(), {
    'bank:manual': 308_351,
    'bank:razorpay': 9_091,
    'provider_fee_tax:razorpay': -1_387,
    'provider_fees:razorpay': -7_704,
    'seller_payable:weaves': -271_163,
    'tax:weaves': -37_188,
  })
})
