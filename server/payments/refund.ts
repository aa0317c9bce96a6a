/** Refunds: how one is decided before anybody is asked, and what the provider's word does to it. Pure. */
import { add, subtract, toDecimal } from '../../shared/money.ts'
import * as ledger from '../ledger/movement.ts'
import type { Draft, Maker } from './draft.ts'
import { nextLook, REFUND_WINDOW_MS } from './looks.ts'
import type { AttemptRow, RefundFact, RefundRow } from './payment.ts'
import type { NewReviewItem } from './queries.ts'

/** A refund that is decided and not yet asked for. Its id is also the key that makes asking again harmless. */
export function newRefund(attempt: AttemptRow, amount: number, reason: string, make: Maker): RefundRow {
  const id = make.uuid()
  return {
    id,
    order_id: attempt.order_id,
    payment_id: attempt.payment_id,
    attempt_id: attempt.id,
    provider: attempt.provider,
    provider_refund_id: null,
    amount,
    currency: attempt.currency,
    status: 'requested',
    reason,
    destination: 'source',
    approval: 'none',
    parts: [],
    idempotency_key: id,
    requested_by: null,
    approved_by: null,
    error_description: null,
    provider_created_at: null,
    next_look_at: make.now,
    looks: 0,
    created_at: make.now,
    processed_at: null,
  }
}

/** The question that a refund leaves which the provider will not make. */
export function refundReview(
  refund: RefundRow,
  attemptId: string,
  make: Maker,
  evidence: Record<string, unknown> = {},
): NewReviewItem {
  return {
    id: make.uuid(),
    orderId: refund.order_id,
    paymentId: refund.payment_id,
    attemptId,
    kind: 'refund_failed',
    summary: `A refund of ${refund.currency} ${toDecimal(refund.amount, refund.currency)} did not go through; the money is still owed.`,
    evidence: { refundId: refund.id, reason: refund.reason, ...evidence },
    cause: `refund_failed:${refund.id}`,
    createdAt: make.now,
  }
}

/** Decides to send back all of an attempt. A worker asks the provider after the commit. */
export function sendBack(draft: Draft, attempt: AttemptRow, reason: string): void {
  const refund = decideRefund(draft, attempt, attempt.captured_amount, reason)
  draft.addEvent({
    type: 'refund.requested',
    subject: 'refund',
    subjectId: refund.id,
    to: 'requested',
    data: { amount: refund.amount, currency: refund.currency, reason },
  })
}

/**
 * Moves a refund as the provider says.
 *
 * @param known undefined for one made at the provider's dashboard: it is taken over as if it had been decided here
 */
export function moveRefund(
  draft: Draft,
  fact: RefundFact,
  known: RefundRow | undefined,
  to: RefundFact['status'] | 'requested',
): void {
  const attempt = draft.attemptOf(fact)
  if (attempt === undefined) return
  const refund = known ?? decideRefund(draft, attempt, fact.amount, 'made_at_provider')
  const moved: RefundRow = {
    ...refund,
    provider_refund_id: fact.providerRefundId,
    provider_created_at: fact.providerCreatedAt ?? refund.provider_created_at,
    status: to,
    processed_at: to === 'processed' ? draft.make.now : refund.processed_at,
    next_look_at: to === 'processing' ? nextRefundLook(draft, refund) : null,
  }
  draft.setRefund(moved)
  draft.addEvent({
    type: `refund.${to}`,
    subject: 'refund',
    subjectId: refund.id,
    from: known?.status ?? null,
    to,
    actor: 'provider',
    source: fact.source,
    data: { amount: fact.amount, currency: fact.currency, providerRefundId: fact.providerRefundId },
  })
  const current = draft.attemptOf(fact) ?? attempt
  if (to === 'processed') arrived(draft, current, moved)
  if (to === 'failed') failed(draft, current, moved, known?.status === 'processed')
}

/** Takes the money off what the attempt still holds; nothing is sent before the commit. */
function decideRefund(draft: Draft, attempt: AttemptRow, amount: number, reason: string): RefundRow {
  const refund = newRefund(attempt, amount, reason, draft.make)
  draft.setAttempt({ ...attempt, refunding_amount: add(attempt.refunding_amount, amount) })
  draft.setRefund(refund)
  draft.book(refund.currency, ledger.refundOwed(refund.provider, refund.currency, refund.id, amount))
  return refund
}

function arrived(draft: Draft, attempt: AttemptRow, refund: RefundRow): void {
  const refunded_amount = add(attempt.refunded_amount, refund.amount)
  const status = refunded_amount === attempt.captured_amount ? 'refunded' : attempt.status
  draft.setAttempt({ ...attempt, refunded_amount, status })
  draft.book(refund.currency, ledger.refunded(refund.provider, refund.currency, refund.id, refund.amount))
}

/** The money is held again, and owed: a person finds another way. */
function failed(draft: Draft, attempt: AttemptRow, refund: RefundRow, hadArrived: boolean): void {
  const { provider, currency, id, amount } = refund
  if (hadArrived) draft.book(currency, ledger.refundReturned(provider, currency, id, amount))
  draft.book(currency, ledger.refundGivenUp(provider, currency, id, amount))
  draft.setAttempt({
    ...attempt,
    status: 'captured',
    refunding_amount: subtract(attempt.refunding_amount, amount),
    refunded_amount: hadArrived ? subtract(attempt.refunded_amount, amount) : attempt.refunded_amount,
  })
  draft.reviewItems.push(refundReview(refund, attempt.id, draft.make))
}

function nextRefundLook(draft: Draft, refund: RefundRow): Date {
  const { now } = draft.make
  const options = { pollAfterS: draft.policy.pollAfterS, windowMs: REFUND_WINDOW_MS }
  return (
    nextLook('unknown', refund.looks, refund.created_at, now, options) ?? new Date(now.getTime() + REFUND_WINDOW_MS)
  )
}
