import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { attemptFact, moneyAfter, moneyOf, orderRow, refundFact } from '../../../test/make.ts'
import { USUAL_LATE_MONEY_MS } from './looks.ts'
import { applyFacts } from './outcome.ts'
import type { Money, PaymentFact, SignatureFact } from './payment.ts'

const policy = {
  pollAfterS: 60,
  mismatch: 'hold',
  refundApprovalAbove: null,
  lateMoneyMs: () => USUAL_LATE_MONEY_MS,
} as const
const now = new Date('2026-11-21T09:00:00Z')

const fresh = (order = orderRow({}), stockFree = true) => moneyOf({ order, stockFree })

function make() {
  let drawn = 0
  return {
    now,
    uuid: () => {
      drawn += 1
      return `00000000-0000-7000-8000-${String(drawn).padStart(12, '0')}`
    },
  }
}

const signature: SignatureFact = {
  kind: 'signature',
  provider: 'razorpay',
  of: { providerOrderId: 'order_1' },
  source: 'verify',
  providerPaymentId: 'pay_2',
}
/** A shopper whose card failed, who then paid by UPI and got a part back. */
const story: PaymentFact[] = [
  attemptFact({ providerPaymentId: 'pay_1', status: 'created' }),
  attemptFact({ providerPaymentId: 'pay_1', status: 'failed', errorCode: 'card_declined' }),
  attemptFact({ providerPaymentId: 'pay_2', status: 'created' }),
  signature,
  attemptFact({ providerPaymentId: 'pay_2', status: 'authorized' }),
  attemptFact({ providerPaymentId: 'pay_2', status: 'captured', fee: 236, tax: 36 }),
  attemptFact({ providerPaymentId: 'pay_2', status: 'captured', fee: null, tax: null }),
]

/** The rows at the end, without what only tells of the way there: ids, times, the plan of looks. */
function rows(state: Money, transfers: string[]) {
  const [payment] = state.payments
  return {
    order: { status: state.order.status, payment_status: state.order.payment_status },
    payment: {
      status: payment?.status,
      captured: payment?.captured_amount,
      refunded: payment?.refunded_amount,
      method: payment?.method,
    },
    attempts: state.attempts
      .map(({ id: _id, created_at: _at, ...row }) => row)
      .sort((a, b) => (a.provider_payment_id < b.provider_payment_id ? -1 : 1)),
    refunds: state.refunds.map((row) => `${row.provider_refund_id}:${row.status}:${row.amount}`).sort(),
    transfers: [...transfers].sort(),
  }
}

function run(state: Money, batches: PaymentFact[][]) {
  const maker = make()
  const transfers: string[] = []
  let current = state
  for (const batch of batches) {
    const outcome = applyFacts(current, batch, policy, maker)
    for (const { movement } of outcome.movements)
      transfers.push(`${movement.kind} ${movement.debit}>${movement.credit} ${movement.amount}`)
    current = moneyAfter(current, outcome)
  }
  return rows(current, transfers)
}

describe('W2 W3 any order, any repetition', () => {
  const shuffled = fc
    .tuple(
      fc.shuffledSubarray(story, { minLength: story.length }),
      fc.array(fc.constantFrom(...story), { maxLength: 8 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 3 })),
    )
    .map(([all, more, sizes]) => {
      const facts = [...all, ...more]
      const batches: PaymentFact[][] = []
      while (facts.length > 0) batches.push(facts.splice(0, sizes.next().value))
      return batches
    })

  test('of a purchase ends in the same rows', () => {
    const expected = run(fresh(), [story])
    assert.equal(expected.order.status, 'confirmed')
    assert.equal(expected.payment.status, 'paid')
    assert.deepEqual(expected.transfers, [
      'capture provider_clearing:razorpay:INR>customer_funds:orders:INR 10000',
      'sale customer_funds:orders:INR>seller_payable:00000000-0000-7000-8000-00000000a002:INR 10000',
    ])
    fc.assert(
      fc.property(shuffled, (batches) => assert.deepEqual(run(fresh(), batches), expected)),
      { numRuns: 500 },
    )
  })

  test('P13 of a capture for an order that was cancelled ends in one refund of all of it', () => {
    const cancelled = fresh(
      orderRow({ status: 'cancelled', cancel_reason: 'shopper', stock: 'released', cancelled_at: now }),
    )
    const facts = story.filter((fact) => fact.providerPaymentId === 'pay_2')
    const expected = run(cancelled, [facts])
    assert.equal(expected.order.status, 'cancelled')
    assert.deepEqual(expected.refunds, ['null:requested:10000'])
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffledFacts) =>
        assert.deepEqual(
          run(
            cancelled,
            shuffledFacts.map((fact) => [fact]),
          ),
          expected,
        ),
      ),
      { numRuns: 200 },
    )
  })

  test('P15 of two captures keeps exactly one and sends exactly one back', () => {
    const facts = [
      attemptFact({ providerPaymentId: 'pay_1', status: 'authorized' }),
      attemptFact({ providerPaymentId: 'pay_1', status: 'captured' }),
      attemptFact({ providerPaymentId: 'pay_2', status: 'captured' }),
      attemptFact({ providerPaymentId: 'pay_2', status: 'captured' }),
    ]
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: facts.length }), (shuffledFacts) => {
        const end = run(
          fresh(),
          shuffledFacts.map((fact) => [fact]),
        )
        assert.deepEqual(end.attempts.map((row) => row.disposition).sort(), ['kept', 'surplus'])
        assert.deepEqual(end.refunds, ['null:requested:10000'])
        assert.equal(end.payment.status, 'paid')
        assert.equal(end.order.payment_status, 'paid')
      }),
    )
  })

  test('of refund facts ends refunded, whether our call or the webhook is first', () => {
    const cancelled = fresh(
      orderRow({ status: 'cancelled', cancel_reason: 'shopper', stock: 'released', cancelled_at: now }),
    )
    const maker = make()
    const captured = moneyAfter(cancelled, applyFacts(cancelled, [attemptFact({ status: 'captured' })], policy, maker))
    const [refund] = captured.refunds
    assert.ok(refund)
    const facts = (['processing', 'processed', 'processed'] as const).map((status) =>
      refundFact({ status, ourRefundId: refund.id }),
    )
    fc.assert(
      fc.property(fc.shuffledSubarray(facts, { minLength: 3 }), (shuffledFacts) => {
        const end = run(
          captured,
          shuffledFacts.map((fact) => [fact]),
        )
        assert.deepEqual(end.refunds, ['rfnd_1:processed:10000'])
        assert.equal(end.payment.status, 'refunded')
        assert.equal(end.order.payment_status, 'refunded')
        assert.deepEqual(end.transfers, ['refund refunds_owed:razorpay:INR>provider_clearing:razorpay:INR 10000'])
      }),
    )
  })
})

describe('P10 P11 a capture that differs', () => {
  test('is held for a person: recorded, booked, and confirms nothing', () => {
    const outcome = applyFacts(fresh(), [attemptFact({ status: 'captured', amount: 9_000 })], policy, make())
    assert.equal(outcome.confirm, undefined)
    assert.equal(outcome.refunds.length, 0)
    assert.deepEqual(
      outcome.reviewItems.map((item) => item.kind),
      ['amount_differs'],
    )
    assert.deepEqual(
      outcome.movements.map(({ movement }) => [movement.kind, movement.amount]),
      [['capture', 9_000]],
    )
    assert.equal(outcome.attempts[0]?.disposition, 'review')
  })

  test('goes back at once where the policy says so, and is shown to a person all the same', () => {
    const outcome = applyFacts(
      fresh(),
      [attemptFact({ status: 'captured', amount: 10_500 })],
      { ...policy, mismatch: 'refund' },
      make(),
    )
    assert.equal(outcome.confirm, undefined)
    assert.deepEqual(
      outcome.refunds.map((refund) => [refund.status, refund.amount]),
      [['requested', 10_500]],
    )
    assert.deepEqual(
      outcome.reviewItems.map((item) => item.kind),
      ['amount_differs'],
    )
  })

  test('in another currency is booked in that currency', () => {
    const outcome = applyFacts(fresh(), [attemptFact({ status: 'captured', currency: 'USD' })], policy, make())
    assert.deepEqual(
      outcome.movements.map(({ currency, movement }) => [currency, movement.debit]),
      [['USD', 'provider_clearing:razorpay:USD']],
    )
    assert.deepEqual(
      outcome.reviewItems.map((item) => item.kind),
      ['currency_differs'],
    )
  })
})

test('P17 P19 a refund that fails after it had arrived reopens the debt and asks a person', () => {
  const cancelled = fresh(
    orderRow({ status: 'cancelled', cancel_reason: 'shopper', stock: 'released', cancelled_at: now }),
  )
  const maker = make()
  const captured = moneyAfter(cancelled, applyFacts(cancelled, [attemptFact({ status: 'captured' })], policy, maker))
  const ourRefundId = captured.refunds[0]?.id ?? null
  const arrived = moneyAfter(
    captured,
    applyFacts(captured, [refundFact({ status: 'processed', ourRefundId })], policy, maker),
  )
  const outcome = applyFacts(arrived, [refundFact({ status: 'failed', ourRefundId })], policy, maker)
  assert.deepEqual(
    outcome.movements.map(({ movement }) => movement.kind),
    ['refund_returned', 'refund_given_up'],
  )
  assert.equal(outcome.payments[0]?.status, 'paid')
  assert.equal(outcome.payments[0]?.refunded_amount, 0)
  assert.deepEqual(
    outcome.reviewItems.map((item) => item.kind),
    ['refund_failed'],
  )
})
