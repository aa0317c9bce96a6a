/**
 * Whatever is asked for, agreed to, declined, sent, returned or made elsewhere, in whatever order: after each step the
 * books say what the rows say. Pure: no database, many stories.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { at, attemptFact, moneyAfter, orderRow, paymentRow, refundFact, saleLine } from '../../../test/make.ts'
import { allLeft, earnedWith, unitsOut, type LineReturn, type SaleLine } from '../../orders/lines.ts'
import { isConfirmed, isLiving } from '../../orders/order.ts'
import { AppError } from '../../platform/errors.ts'
import { Draft, type Outcome, type Policy } from './draft.ts'
import { USUAL_LATE_MONEY_MS } from './looks.ts'
import { acceptCapture, applyFacts } from './outcome.ts'
import { heldOf, type Money, type RefundRow } from './payment.ts'
import { declineRefund, giveAtOnce, writeOff } from './refund-ends.ts'
import { linesBack } from './refund-lines.ts'
import { requestRefund, sendBack } from './refund.ts'

const POLICY: Policy = {
  pollAfterS: 60,
  mismatch: 'hold',
  refundApprovalAbove: null,
  lateMoneyMs: () => USUAL_LATE_MONEY_MS,
}
const OTHER_PART = '00000000-0000-7000-8000-00000000a0b2'
const BY = { actor: 'admin', actorId: 'somebody', source: 'api' } as const

let drawn = 0
const make = () => ({
  now: at,
  uuid: () => {
    drawn += 1
    return `00000000-0000-7000-8000-${String(drawn).padStart(12, '0')}`
  },
})

const OTHER = { shop_order_id: OTHER_PART, shop_id: 'other' }
/** Two shops: 9 650 with a coupon, tax and delivery; and 2 400. */
const LINES: readonly SaleLine[] = [
  saleLine({ id: 'pepper', quantity: 3, total: 5_400, discount: 700, house_discount: 600, tax: 150, commission: 750 }),
  saleLine({ id: 'stole', quantity: 2, total: 2_400, commission: 79, ...OTHER }),
  saleLine({ id: 'honey', total: 3_600, discount: 400, house_discount: 400, tax: 100, commission: 500 }),
  saleLine({ id: 'delivery', kind: 'delivery', product_id: null, total: 400 }),
]

/** An order over two shops that was paid. */
function paidOrder(captured = 12_050): Story {
  const pending: Money = {
    order: orderRow({ total: 12_050, user_id: 'customer' }),
    lines: LINES,
    payments: [paymentRow({ amount: 12_050 })],
    attempts: [],
    refunds: [],
    stockFree: false,
  }
  const outcome = applyFacts(pending, [attemptFact({ amount: captured })], POLICY, make())
  const balances = new Map<string, number>()
  book(balances, outcome)
  return { state: moneyAfter(pending, outcome), balances }
}

/** Credits less debits by account, without its currency. */
function book(balances: Map<string, number>, outcome: Outcome): void {
  for (const { movement } of outcome.movements) {
    for (const [code, sign] of [
      [movement.debit, -1],
      [movement.credit, 1],
    ] as const) {
      const account = code.slice(0, code.lastIndexOf(':'))
      balances.set(account, (balances.get(account) ?? 0) + sign * movement.amount)
    }
  }
}

/** What each account must have of lines: each share of its own line and of nothing else, the rest whoever sold it. */
function sharesLeft(lines: readonly SaleLine[]): Map<string, number> {
  const shares = new Map<string, number>()
  const give = (account: string, amount: number) => shares.set(account, (shares.get(account) ?? 0) + amount)
  for (const line of lines) {
    const gross = line.total + line.tax
    const kept = gross - line.returned_amount
    const [commission, tax, discount] = [line.commission, line.tax, line.house_discount].map((amount) =>
      Math.floor((amount * kept) / gross),
    ) as [number, number, number]
    give('commission:hundi', commission)
    give(`tax:${line.shop_id}`, tax)
    give('discounts:hundi', -discount)
    give(
      `${line.kind === 'delivery' ? 'delivery' : 'seller_payable'}:${line.shop_id}`,
      kept - commission - tax + discount,
    )
  }
  return shares
}

/** What must be true of rows and books together, at any moment. */
function assertSound({ state, balances }: Story): void {
  const live = state.refunds.filter((row) => row.status !== 'failed')
  const sum = (rows: readonly RefundRow[]) => rows.reduce((total, row) => total + row.amount, 0)
  const processed = live.filter((row) => row.status === 'processed')
  const earned = isConfirmed(state.order.status) ? earnedWith(state.lines) : 0
  for (const attempt of state.attempts) {
    const own = live.filter((row) => row.attempt_id === attempt.id)
    assert.equal(attempt.refunding_amount, sum(own))
    assert.equal(attempt.refunded_amount, sum(own.filter((row) => row.status === 'processed')))
    assert.ok(attempt.refunding_amount + attempt.written_off_amount <= attempt.captured_amount)
  }
  const taken = state.refunds.flatMap((row) => row.lines)
  for (const line of state.lines) {
    const own = taken.filter(({ itemId }) => itemId === line.id)
    const back = isLiving(line.shop_status)
      ? {
          quantity: own.reduce((total, { quantity }) => total + quantity, 0),
          amount: own.reduce((total, { amount }) => total + amount, 0),
        }
      : { quantity: line.quantity, amount: line.total + line.tax }
    assert.deepEqual(
      { quantity: line.returned_quantity, amount: line.returned_amount },
      back,
      `given back of ${line.id}`,
    )
    assert.ok(back.quantity >= 0 && back.quantity <= line.quantity)
    assert.ok(back.amount >= 0 && back.amount <= line.total + line.tax)
    assert.ok(line.restocked >= 0 && line.restocked <= line.returned_quantity, `restocked of ${line.id}`)
  }
  const held = state.attempts.reduce((total, attempt) => total + heldOf(attempt), 0)
  const accepted = state.attempts.some((row) => row.disposition === 'kept' && row.captured_amount < state.order.total)
  const captured = state.attempts.reduce((total, attempt) => total + attempt.captured_amount, 0)
  // What a short capture lacked was written off, and is the order's.
  const lacked = accepted ? state.order.total - captured : 0
  const get = (account: string) => balances.get(account) ?? 0
  assert.equal(get('customer_funds:orders'), held + lacked - earned, 'held for the order')
  assert.ok(get('customer_funds:orders') >= 0, 'nothing is given that is not there')
  if (earned > 0) {
    for (const [account, amount] of sharesLeft(state.lines)) assert.equal(get(account), amount, `earned in ${account}`)
  } else {
    for (const [account, amount] of balances) {
      if (/^(seller_payable|commission|delivery|tax|discounts):/.test(account)) assert.equal(amount, 0, account)
    }
  }
  assert.equal(get('refunds_owed:razorpay'), sum(live) - sum(processed), 'owed')
  assert.equal(get('wallet:customer'), sum(processed.filter((row) => row.destination === 'wallet')))
  const sent = sum(processed.filter((row) => row.destination === 'source'))
  assert.equal(get('provider_clearing:razorpay') + captured - sent, 0, 'at the provider')
  assert.equal(
    [...balances.values()].reduce((total, amount) => total + amount, 0),
    0,
    'the books balance',
  )
}

type Story = { state: Money; balances: Map<string, number> }
interface Step {
  what:
    | 'request'
    | 'lines'
    | 'wallet'
    | 'approve'
    | 'decline'
    | 'sent'
    | 'failed'
    | 'returned'
    | 'dashboard'
    | 'dashboardFails'
    | 'reject'
    | 'rest'
    | 'writeOff'
  share: number
  pick: number
}

function change(story: Story, work: (draft: Draft) => void): void {
  const draft = new Draft(story.state, POLICY, make())
  work(draft)
  const outcome = draft.finish()
  book(story.balances, outcome)
  story.state = moneyAfter(story.state, outcome)
}

function tell(story: Story, facts: Parameters<typeof applyFacts>[1]): void {
  const outcome = applyFacts(story.state, facts, POLICY, make())
  book(story.balances, outcome)
  story.state = moneyAfter(story.state, outcome)
}

let told = 0
function take(story: Story, step: Step): void {
  const { state } = story
  const attempt = state.attempts[0]
  assert.ok(attempt)
  const amount = Math.floor(heldOf(attempt) * step.share)
  const choose = (suits: (row: RefundRow) => boolean): RefundRow | undefined => {
    const rows = story.state.refunds.filter(suits)
    return rows.length === 0 ? undefined : rows[step.pick % rows.length]
  }
  const word = (refund: RefundRow, status: 'processed' | 'failed') =>
    tell(story, [
      refundFact({
        ourRefundId: refund.id,
        providerRefundId: refund.provider_refund_id ?? `rfnd_${refund.id}`,
        amount: refund.amount,
        status,
      }),
    ])
  const isAsked = (row: RefundRow) =>
    row.status === 'requested' && row.approval !== 'pending' && row.destination === 'source'
  switch (step.what) {
    case 'request':
      if (amount > 0) {
        const needsApproval = step.pick % 2 === 0
        change(
          story,
          (draft) =>
            void requestRefund(draft, draft.attempt(attempt.id), { amount, reason: 'r', needsApproval, by: BY }),
        )
      }
      return
    case 'lines': {
      const items = state.lines
        .filter((_line, at) => (step.pick + at) % 3 !== 0)
        .map((line) => ({ itemId: line.id, quantity: 1 + (step.pick % 3) }))
      const lines = wish(state.lines, {
        items,
        ...(step.share < 0.3 ? { amount: 1 + Math.floor(step.share * 900) } : {}),
      })
      const back = lines?.reduce((total, line) => total + line.amount, 0) ?? 0
      if (lines === undefined || back > heldOf(attempt)) return
      const needsApproval = step.pick % 2 === 0
      change(story, (draft) => {
        requestRefund(draft, draft.attempt(attempt.id), { amount: back, reason: 'r', needsApproval, lines, by: BY })
        if (!needsApproval && step.pick % 3 === 0) draft.restock(lines)
      })
      return
    }
    case 'reject': {
      // The other part: an order without a part is cancelled.
      const own = state.lines.filter((line) => line.shop_order_id === OTHER_PART)
      if (own.some((line) => !isLiving(line.shop_status)) || step.share > 0.5) return
      const amount = Math.min(earnedWith(own), heldOf(attempt))
      story.state = {
        ...state,
        lines: state.lines.map((line) => (own.includes(line) ? { ...line, shop_status: 'rejected' } : line)),
      }
      change(story, (draft) => {
        const lines = allLeft(own)
        if (amount > 0) requestRefund(draft, draft.attempt(attempt.id), { amount, reason: 'r', lines, by: BY })
        else draft.returnLines(lines, 'rejected')
        draft.restock(unitsOut(own))
      })
      return
    }
    case 'wallet':
      if (amount > 0) {
        change(story, (draft) => {
          const refund = requestRefund(draft, draft.attempt(attempt.id), {
            amount,
            reason: 'r',
            destination: 'wallet',
            by: BY,
          })
          giveAtOnce(draft, refund, { walletOf: 'customer' }, BY)
        })
      }
      return
    case 'approve': {
      const refund = choose((row) => row.approval === 'pending')
      if (refund !== undefined) change(story, (draft) => draft.setRefund({ ...refund, approval: 'approved' }))
      return
    }
    case 'decline': {
      const refund = choose((row) => row.approval === 'pending')
      if (refund !== undefined) change(story, (draft) => declineRefund(draft, refund, 'no', BY))
      return
    }
    case 'sent': {
      const refund = choose(isAsked)
      if (refund !== undefined) word(refund, 'processed')
      return
    }
    case 'failed': {
      const refund = choose(isAsked)
      if (refund !== undefined) word(refund, 'failed')
      return
    }
    case 'returned': {
      const refund = choose((row) => row.status === 'processed' && row.destination === 'source')
      if (refund !== undefined) word(refund, 'failed')
      return
    }
    case 'dashboard':
    case 'dashboardFails': {
      told += 1
      const made = Math.max(1, Math.floor(attempt.captured_amount * step.share))
      const status = step.what === 'dashboard' ? 'processed' : 'failed'
      tell(story, [refundFact({ ourRefundId: null, providerRefundId: `rfnd_elsewhere_${told}`, amount: made, status })])
      return
    }
    case 'rest':
      if (heldOf(attempt) > 0) change(story, (draft) => sendBack(draft, draft.attempt(attempt.id), 'rest'))
      return
    case 'writeOff': {
      // Only what is nobody's can be written off: what was earned is not.
      const owed = Math.floor((heldOf(attempt) - earnedWith(state.lines)) * step.share)
      if (owed > 0) {
        const by = { actorId: 'somebody', reviewItemId: 'item' }
        change(story, (draft) => writeOff(draft, draft.attempt(attempt.id), owed, by))
      }
    }
  }
}

const STEPS: Step['what'][] = [
  'request',
  'lines',
  'wallet',
  'approve',
  'decline',
  'sent',
  'failed',
  'returned',
  'dashboard',
  'dashboardFails',
  'reject',
  'rest',
  'writeOff',
]
/** What a person's refund of lines gives back; undefined where it is refused. */
function wish(lines: readonly SaleLine[], wished: Parameters<typeof linesBack>[1]): LineReturn[] | undefined {
  try {
    return linesBack(lines, wished)
  } catch (error) {
    assert.ok(error instanceof AppError)
    return undefined
  }
}

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(...STEPS),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    pick: fc.nat({ max: 9 }),
  }),
  { minLength: 1, maxLength: 25 },
)

describe('refunds and the books agree', () => {
  test('after every step of any story of an order that stands', () => {
    fc.assert(
      fc.property(steps, (story) => {
        const order = paidOrder()
        assertSound(order)
        for (const step of story) {
          take(order, step)
          assertSound(order)
        }
      }),
      { numRuns: 1_000 },
    )
  })

  for (const captured of [11_949, 12_151]) {
    test(`also of one whose capture of ${captured} a person accepted for 12050`, () => {
      fc.assert(
        fc.property(steps, (story) => {
          const order = paidOrder(captured)
          assert.equal(order.state.attempts[0]?.disposition, 'review')
          change(order, (draft) => {
            const [attempt] = draft.allAttempts()
            assert.ok(attempt)
            const by = { actorId: 'somebody', reviewItemId: 'item', agreedBy: undefined }
            assert.equal(acceptCapture(draft, attempt, by), undefined)
          })
          assertSound(order)
          for (const step of story.filter(({ what }) => what !== 'writeOff')) {
            take(order, step)
            assertSound(order)
          }
        }),
        { numRuns: 300 },
      )
    })
  }
})
