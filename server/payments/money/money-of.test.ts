/** What a customer is told became of the money: for each way in which an attempt can stand, the sums. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OrderMoney } from '../../../shared/contract/payments.ts'
import { sums } from '../../../test/buyer.ts'
import { attemptRow, orderRow, refundRow } from '../../../test/make.ts'
import { moneyOf } from './money-of.ts'
import type { AttemptRow, RefundRow } from './payment.ts'

const pending = orderRow({ status: 'pending' })
const confirmed = orderRow({ status: 'confirmed' })
const cancelled = orderRow({ status: 'cancelled', cancel_reason: 'shopper' })

let drawn = 0
function capture(disposition: 'kept' | 'surplus' | 'review', changes: Partial<AttemptRow> = {}): AttemptRow {
  drawn += 1
  const amount = changes.captured_amount ?? 10_000
  return attemptRow({
    id: `attempt-${drawn}`,
    status: 'captured',
    disposition,
    amount,
    captured_amount: amount,
    ...changes,
  })
}

function refundOf(attempt: AttemptRow, changes: Partial<RefundRow>): RefundRow {
  return refundRow({ attempt_id: attempt.id, ...changes })
}

interface Row {
  name: string
  order: typeof pending
  /** What is left of the sale of the order's one part; all of it when left out. */
  returned?: number
  attempts: AttemptRow[]
  refunds?: RefundRow[]
  money: OrderMoney[]
}

const kept = capture('kept')
const surplus = capture('surplus')
const review = capture('review', { captured_amount: 51_180 })
const short = capture('kept', { captured_amount: 9_900 })

const TABLE: Row[] = [
  { name: 'nothing was tried', order: pending, attempts: [], money: [] },
  { name: 'a try failed', order: pending, attempts: [attemptRow({ status: 'failed' })], money: [] },
  {
    name: 'the bank holds it',
    order: pending,
    attempts: [attemptRow({ status: 'authorized' })],
    money: [sums({ authorized: 10_000 })],
  },
  { name: 'paid', order: confirmed, attempts: [kept], money: [sums({ captured: 10_000, kept: 10_000 })] },
  {
    name: 'too much, and a person looks at it',
    order: pending,
    attempts: [review],
    money: [sums({ captured: 51_180, heldForReview: 51_180 })],
  },
  {
    name: 'in another currency, beside a payment in the order’s own',
    order: confirmed,
    attempts: [capture('review', { currency: 'AED' }), kept],
    money: [
      sums({ captured: 10_000, kept: 10_000 }),
      sums({ currency: 'AED', captured: 10_000, heldForReview: 10_000 }),
    ],
  },
  {
    name: 'twice, and one goes back',
    order: confirmed,
    attempts: [kept, capture('surplus', { refunding_amount: 10_000 })],
    money: [sums({ captured: 20_000, kept: 10_000, goingBack: 10_000 })],
  },
  {
    name: 'twice, and one has gone back',
    order: confirmed,
    attempts: [kept, capture('surplus', { refunding_amount: 10_000, refunded_amount: 10_000 })],
    money: [sums({ captured: 20_000, kept: 10_000, goneBack: 10_000 })],
  },
  {
    name: 'twice, and one could not be sent back',
    order: confirmed,
    attempts: [kept, surplus],
    refunds: [refundOf(surplus, { status: 'failed' })],
    money: [sums({ captured: 20_000, kept: 10_000, failedToGoBack: 10_000 })],
  },
  {
    name: 'a part of it given back, of which a part is there already',
    order: confirmed,
    returned: 700,
    attempts: [capture('kept', { refunding_amount: 700, refunded_amount: 200 })],
    money: [sums({ captured: 10_000, kept: 9_300, goingBack: 500, goneBack: 200 })],
  },
  {
    name: 'a refund of it that waits for a second person has not left',
    order: confirmed,
    returned: 700,
    attempts: [{ ...kept, refunding_amount: 700 }],
    refunds: [refundOf(kept, { amount: 700, approval: 'pending' })],
    money: [sums({ captured: 10_000, kept: 10_000 })],
  },
  {
    name: 'a refund of money in review that waits for a second person has not left',
    order: pending,
    attempts: [{ ...review, refunding_amount: 51_180 }],
    refunds: [refundOf(review, { amount: 51_180, approval: 'pending' })],
    money: [sums({ captured: 51_180, heldForReview: 51_180 })],
  },
  {
    name: 'a refund of a part of it did not go through',
    order: confirmed,
    returned: 700,
    attempts: [kept],
    refunds: [refundOf(kept, { amount: 700, status: 'failed' })],
    money: [sums({ captured: 10_000, kept: 9_300, failedToGoBack: 700 })],
  },
  {
    name: 'and was made again',
    order: confirmed,
    returned: 700,
    attempts: [{ ...kept, refunding_amount: 700, refunded_amount: 700 }],
    refunds: [refundOf(kept, { amount: 700, status: 'failed' }), refundOf(kept, { amount: 700, status: 'processed' })],
    money: [sums({ captured: 10_000, kept: 9_300, goneBack: 700 })],
  },
  {
    name: 'a refund that somebody tried at the provider did not go through: the sale stands',
    order: confirmed,
    attempts: [kept],
    refunds: [refundOf(kept, { amount: 700, status: 'failed', reason: 'made_at_provider' })],
    money: [sums({ captured: 10_000, kept: 10_000 })],
  },
  {
    name: 'a capture that was short, and accepted',
    order: confirmed,
    attempts: [short],
    money: [sums({ captured: 9_900, kept: 9_900 })],
  },
  {
    name: 'a capture that was short and accepted, a refund of which did not go through',
    order: confirmed,
    returned: 700,
    attempts: [short],
    refunds: [refundOf(short, { amount: 700, status: 'failed' })],
    money: [sums({ captured: 9_900, kept: 9_200, failedToGoBack: 700 })],
  },
  {
    name: 'cancelled, and all of it goes back',
    order: cancelled,
    returned: 10_000,
    attempts: [capture('kept', { refunding_amount: 10_000 })],
    money: [sums({ captured: 10_000, goingBack: 10_000 })],
  },
  {
    name: 'cancelled, and it could not be sent back',
    order: cancelled,
    returned: 10_000,
    attempts: [kept],
    refunds: [refundOf(kept, { status: 'failed' })],
    money: [sums({ captured: 10_000, failedToGoBack: 10_000 })],
  },
  {
    name: 'cancelled, it could not be sent back, and is kept for good',
    order: cancelled,
    returned: 10_000,
    attempts: [{ ...kept, written_off_amount: 10_000 }],
    refunds: [refundOf(kept, { status: 'failed' })],
    money: [sums({ captured: 10_000, kept: 10_000 })],
  },
  {
    name: 'money in review of which somebody sent a part back at the provider: a person is to decide about the rest',
    order: pending,
    attempts: [{ ...surplus, refunding_amount: 1_180, refunded_amount: 1_180 }],
    refunds: [refundOf(surplus, { amount: 1_180, status: 'processed' })],
    money: [sums({ captured: 10_000, heldForReview: 8_820, goneBack: 1_180 })],
  },
  {
    name: 'and a second person said no to sending back the rest: nothing has failed',
    order: pending,
    attempts: [{ ...surplus, refunding_amount: 1_180, refunded_amount: 1_180 }],
    refunds: [
      refundOf(surplus, { amount: 1_180, status: 'processed' }),
      refundOf(surplus, { amount: 8_820, status: 'failed', approval: 'declined' }),
    ],
    money: [sums({ captured: 10_000, heldForReview: 8_820, goneBack: 1_180 })],
  },
]

for (const { name, order, returned = 0, attempts, refunds = [], money } of TABLE) {
  test(`M1 M3 ${name}`, () => {
    const parts = [{ total: order.total, returned_amount: returned }]
    const told = moneyOf(order, parts, attempts, refunds)
    assert.deepEqual(told, money)
    assert.deepEqual(moneyOf(order, parts, attempts.toReversed(), refunds.toReversed()), money)
    for (const { captured, kept: stays, heldForReview, goingBack, goneBack, failedToGoBack } of told) {
      assert.equal(captured, stays + heldForReview + goingBack + goneBack + failedToGoBack)
    }
  })
}
