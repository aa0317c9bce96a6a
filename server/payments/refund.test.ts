/**
 * Whatever is asked for, agreed to, declined, sent, returned or made elsewhere, in whatever order: after each step the
 * books say what the rows say. Pure: no database, many stories.
 */
import { USUAL_LATE_MONEY_MS } from './looks.ts'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { at, attemptFact, ORDER_ID, orderRow, paymentRow, refundFact, SHOP_ID } from '../../test/make.ts'
import { isConfirmed } from '../orders/order.ts'
import { Draft, type Outcome, type Policy, type State } from './draft.ts'
import { acceptCapture, applyFacts } from './outcome.ts'
import { heldOf, type RefundRow } from './payment.ts'
import { requestRefund, sendBack } from './refund.ts'
import { declineRefund, giveAtOnce, writeOff } from './refund-ends.ts'

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

/** An order over two shops that was paid: 9 650 and 2 400, with a discount, delivery and tax. */
function paidOrder(captured = 12_050): { state: State; balances: Map<string, number> } {
  const sales = [
    {
      shopOrderId: ORDER_ID,
      shopId: SHOP_ID,
      subtotal: 10_000,
      discount: 1_000,
      deliveryFee: 400,
      tax: 250,
      total: 9_650,
      commissionBps: 1_250,
      returned: 0,
    },
    {
      shopOrderId: OTHER_PART,
      shopId: 'other',
      subtotal: 2_400,
      discount: 0,
      deliveryFee: 0,
      tax: 0,
      total: 2_400,
      commissionBps: 333,
      returned: 0,
    },
  ]
  const pending: State = {
    order: orderRow({ total: 12_050, user_id: 'customer' }),
    sales,
    payment: paymentRow({ amount: 12_050 }),
    attempts: [],
    refunds: [],
    stockFree: false,
  }
  const outcome = applyFacts(pending, [attemptFact({ amount: captured })], POLICY, make())
  const balances = new Map<string, number>()
  book(balances, outcome)
  return { state: after(pending, outcome), balances }
}

function after(state: State, outcome: Outcome): State {
  const merge = <T extends { id: string }>(before: readonly T[], changed: readonly T[]) => [
    ...new Map([...before, ...changed].map((row) => [row.id, row])).values(),
  ]
  return {
    ...state,
    order: { ...state.order, ...(outcome.confirm === undefined ? {} : { status: 'confirmed' as const }) },
    sales: state.sales.map((sale) => ({
      ...sale,
      returned: outcome.returned.find((part) => part.shopOrderId === sale.shopOrderId)?.returned ?? sale.returned,
    })),
    payment: outcome.payment ?? state.payment,
    attempts: merge(state.attempts, outcome.attempts),
    refunds: merge(state.refunds, outcome.refunds),
  }
}

/** Credits less debits by kind of account. */
function book(balances: Map<string, number>, outcome: Outcome): void {
  for (const { movement } of outcome.movements) {
    for (const [account, sign] of [
      [movement.debit, -1],
      [movement.credit, 1],
    ] as const) {
      const kind = account.split(':')[0] ?? ''
      balances.set(kind, (balances.get(kind) ?? 0) + sign * movement.amount)
    }
  }
}

/** What must be true of rows and books together, at any moment. */
function assertSound({ state, balances }: { state: State; balances: Map<string, number> }): void {
  const live = state.refunds.filter((row) => row.status !== 'failed')
  const sum = (rows: readonly RefundRow[]) => rows.reduce((total, row) => total + row.amount, 0)
  const processed = live.filter((row) => row.status === 'processed')
  const earned = isConfirmed(state.order.status)
    ? state.sales.reduce((total, sale) => total + sale.total - sale.returned, 0)
    : 0
  for (const attempt of state.attempts) {
    const own = live.filter((row) => row.attempt_id === attempt.id)
    assert.equal(attempt.refunding_amount, sum(own))
    assert.equal(attempt.refunded_amount, sum(own.filter((row) => row.status === 'processed')))
    assert.ok(attempt.refunding_amount + attempt.written_off_amount <= attempt.captured_amount)
  }
  for (const sale of state.sales) assert.ok(sale.returned >= 0 && sale.returned <= sale.total)
  const held = state.attempts.reduce((total, attempt) => total + heldOf(attempt), 0)
  const accepted = state.attempts.some((row) => row.disposition === 'kept' && row.captured_amount < state.order.total)
  const captured = state.attempts.reduce((total, attempt) => total + attempt.captured_amount, 0)
  // What a short capture lacked was written off, and is the order's.
  const lacked = accepted ? state.order.total - captured : 0
  const get = (kind: string) => balances.get(kind) ?? 0
  assert.equal(get('customer_funds'), held + lacked - earned, 'held for the order')
  assert.ok(get('customer_funds') >= 0, 'nothing is given that is not there')
  assert.equal(
    get('seller_payable') + get('commission') + get('delivery') + get('tax') + get('discounts'),
    earned,
    'earned with the order',
  )
  assert.equal(get('refunds_owed'), sum(live) - sum(processed), 'owed')
  assert.equal(get('wallet'), sum(processed.filter((row) => row.destination === 'wallet')))
  const sent = sum(processed.filter((row) => row.destination === 'source'))
  assert.equal(get('provider_clearing') + captured - sent, 0, 'at the provider')
  assert.equal(
    [...balances.values()].reduce((total, amount) => total + amount, 0),
    0,
    'the books balance',
  )
}

type Story = { state: State; balances: Map<string, number> }
interface Step {
  what:
    | 'request'
    | 'parts'
    | 'wallet'
    | 'approve'
    | 'decline'
    | 'sent'
    | 'failed'
    | 'returned'
    | 'dashboard'
    | 'dashboardFails'
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
  story.state = after(story.state, outcome)
}

function tell(story: Story, facts: Parameters<typeof applyFacts>[1]): void {
  const outcome = applyFacts(story.state, facts, POLICY, make())
  book(story.balances, outcome)
  story.state = after(story.state, outcome)
}

let told = 0
function take(story: Story, step: Step): void {
  const attempt = story.state.attempts[0]
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
    case 'parts': {
      const sale = story.state.sales[step.pick % 2]
      const left = Math.min((sale?.total ?? 0) - (sale?.returned ?? 0), heldOf(attempt))
      const part = Math.floor(left * step.share)
      if (sale !== undefined && part > 0) {
        const parts = [{ shopOrderId: sale.shopOrderId, amount: part }]
        change(
          story,
          (draft) => void requestRefund(draft, draft.attempt(attempt.id), { amount: part, reason: 'r', parts, by: BY }),
        )
      }
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
      const earned = story.state.sales.reduce((total, sale) => total + sale.total - sale.returned, 0)
      const owed = Math.floor((heldOf(attempt) - earned) * step.share)
      if (owed > 0) {
        const by = { actorId: 'somebody', reviewItemId: 'item' }
        change(story, (draft) => writeOff(draft, draft.attempt(attempt.id), owed, by))
      }
    }
  }
}

const STEPS: Step['what'][] = [
  'request',
  'parts',
  'wallet',
  'approve',
  'decline',
  'sent',
  'failed',
  'returned',
  'dashboard',
  'dashboardFails',
  'rest',
  'writeOff',
]
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
            assert.equal(acceptCapture(draft, attempt, { actorId: 'somebody', reviewItemId: 'item' }), undefined)
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
