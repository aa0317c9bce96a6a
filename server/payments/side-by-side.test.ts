/** What a decision about one refund, or one capture, leaves alone: those that stand beside it on the same order. Pure. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { at, attemptRow, moneyOf, orderRow, refundFact, refundRow, saleLine } from '../../test/make.ts'
import { Draft, type Policy } from './money/draft.ts'
import { USUAL_LATE_MONEY_MS } from './money/looks.ts'
import { acceptCapture, applyFacts } from './money/outcome.ts'
import type { AttemptRow } from './money/payment.ts'
import { putBack } from './money/refund-ends.ts'
import { requestRefund } from './money/refund.ts'

const POLICY: Policy = {
  pollAfterS: 60,
  mismatch: 'hold',
  refundApprovalAbove: null,
  lateMoneyMs: () => USUAL_LATE_MONEY_MS,
}
const BY = { actor: 'admin', actorId: 'somebody', source: 'api' } as const

let drawn = 0
const make = {
  now: at,
  uuid: () => {
    drawn += 1
    return `00000000-0000-7000-8000-${String(drawn).padStart(12, '0')}`
  },
}

const capture = (id: string, changes: Partial<AttemptRow>): AttemptRow =>
  attemptRow({
    id: `attempt ${id}`,
    provider_payment_id: `pay_${id}`,
    status: 'captured',
    captured_amount: 10_000,
    ...changes,
  })

describe('A17 a refund that waits for a second person', () => {
  const review = capture('short', { disposition: 'review', amount: 9_000, captured_amount: 9_000 })

  test('leaves the capture in review until somebody has agreed', () => {
    for (const [needsApproval, disposition] of [
      [true, 'review'],
      [false, 'surplus'],
    ] as const) {
      const draft = new Draft(moneyOf({ attempts: [review] }), POLICY, make)
      requestRefund(draft, review, { amount: 9_000, reason: 'Wrong amount', needsApproval, by: BY })
      const outcome = draft.finish()
      assert.equal(outcome.attempts[0]?.disposition, disposition)
      assert.equal(outcome.attempts[0]?.refunding_amount, 9_000)
      assert.equal(outcome.orderPaymentStatus, needsApproval ? 'under_review' : 'paid')
    }
  })

  test('keeps its money from paying the order meanwhile', () => {
    const proposed = { ...review, refunding_amount: 1 }
    const draft = new Draft(moneyOf({ attempts: [proposed] }), POLICY, make)
    assert.equal(
      acceptCapture(draft, proposed, { actorId: 'somebody', reviewItemId: 'item', agreedBy: undefined }),
      'not_waiting',
    )
    const { attempts, confirm, movements, events } = draft.finish()
    assert.deepEqual(
      { attempts, confirm, movements, events },
      { attempts: [], confirm: undefined, movements: [], events: [] },
    )
    const free = new Draft(moneyOf({ attempts: [review] }), POLICY, make)
    assert.equal(
      acceptCapture(free, review, { actorId: 'somebody', reviewItemId: 'item', agreedBy: undefined }),
      undefined,
    )
  })

  test('gives way to one made at the provider only when there is no room for both, to the paisa', () => {
    const paid = capture('1', { disposition: 'kept', refunding_amount: 4_000 })
    const waiting = refundRow({ attempt_id: paid.id, amount: 4_000, approval: 'pending', requested_by: 'somebody' })
    const confirmed = orderRow({ status: 'confirmed', stock: 'deducted', confirmed_at: at })
    const told = (amount: number) =>
      applyFacts(
        moneyOf({
          order: confirmed,
          lines: [saleLine({ returned_amount: 4_000 })],
          attempts: [paid],
          refunds: [{ ...waiting, lines: [{ itemId: saleLine({}).id, quantity: 0, amount: 4_000 }] }],
        }),
        [refundFact({ ourRefundId: null, amount, providerPaymentId: 'pay_1' })],
        POLICY,
        make,
      ).refunds.map((refund) => `${refund.amount} ${refund.status} ${refund.approval}`)
    assert.deepEqual(told(6_000), ['6000 processed none'])
    assert.deepEqual(told(6_001), ['4000 failed declined', '6001 processed none'])
  })
})

test('P17 the last refund of one capture answers the failed ones of that capture, and of no other', () => {
  const first = capture('first', { disposition: 'surplus', refunding_amount: 10_000 })
  const second = capture('second', { disposition: 'surplus' })
  const refunds = [
    refundRow({ id: 'again', attempt_id: first.id, status: 'processing', provider_refund_id: 'rfnd_1' }),
    refundRow({ id: 'of the first', attempt_id: first.id, status: 'failed' }),
    refundRow({ id: 'of the second', attempt_id: second.id, status: 'failed' }),
  ]
  const { closed } = applyFacts(
    moneyOf({ order: orderRow({ status: 'cancelled', cancel_reason: 'shopper' }), attempts: [first, second], refunds }),
    [refundFact({ ourRefundId: 'again', providerPaymentId: 'pay_first' })],
    POLICY,
    make,
  )
  assert.deepEqual(
    closed.map(({ cause }) => cause),
    ['refund_undecided:again', 'refund_by_hand:again', 'refund_failed:of the first'],
  )
})

test('R3 no more units of a line go back into stock than are out, however often they are named', () => {
  const [pepper, honey] = [
    saleLine({ id: 'pepper', quantity: 3, returned_quantity: 3, restocked: 1 }),
    saleLine({ id: 'honey', quantity: 2, returned_quantity: 2, restocked: 2 }),
  ]
  const draft = new Draft(moneyOf({ lines: [pepper, honey] }), POLICY, make)
  draft.restock([
    { itemId: 'pepper', quantity: 1 },
    { itemId: 'honey', quantity: 1 },
    { itemId: 'pepper', quantity: 3 },
  ])
  assert.deepEqual(draft.finish().restock, [{ itemId: 'pepper', quantity: 2 }])
})

test('R16 a refund that did not arrive puts back the sale of parts that stand, and not of one that has ended', () => {
  const lines = (['accepted', 'rejected'] as const).map((shop_status) =>
    saleLine({
      id: shop_status,
      shop_order_id: `part ${shop_status}`,
      shop_status,
      total: 5_000,
      returned_quantity: 1,
      returned_amount: 5_000,
    }),
  )
  const back = lines.map(({ id }) => ({ itemId: id, quantity: 1, amount: 5_000 }))
  const order = orderRow({ status: 'confirmed', stock: 'deducted', confirmed_at: at })
  const draft = new Draft(moneyOf({ order, lines }), POLICY, make)
  assert.deepEqual(putBack(draft, refundRow({ lines: back })).lines, back.slice(1))
  const { returned, movements } = draft.finish()
  assert.deepEqual(returned?.lines, [{ itemId: 'accepted', quantity: 0, amount: 0 }])
  assert.deepEqual(
    movements.map(({ movement }) => `${movement.cause} ${movement.amount}`),
    [`sale:part accepted:restored:${refundRow({}).id} 5000`],
  )
})
