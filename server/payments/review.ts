/** Questions about payments, put in front of a person with everything that is known. Pure. */
import { toDecimal } from '../../shared/money.ts'
import type { Maker } from './draft.ts'
import type { PaymentFact, PaymentRow, ReviewReason } from './payment.ts'
import type { NewReviewItem } from './queries.ts'

/**
 * The question that a fact leaves which could not be applied as it is.
 *
 * @param refundAtOnce by policy the money goes back without waiting for the answer
 */
export function factReview(
  reason: ReviewReason,
  fact: PaymentFact,
  payment: PaymentRow,
  attemptId: string | null,
  refundAtOnce: boolean,
  make: Maker,
): NewReviewItem {
  const refundId = fact.kind === 'refund' ? fact.providerRefundId : ''
  return {
    id: make.uuid(),
    orderId: payment.order_id,
    paymentId: payment.id,
    attemptId,
    kind: reason,
    summary: summaryOf(reason, fact, payment),
    amount: fact.kind === 'signature' ? null : fact.amount,
    currency: fact.kind === 'signature' ? null : fact.currency,
    provider: fact.provider,
    providerRef: fact.kind === 'refund' ? fact.providerRefundId : fact.providerPaymentId,
    evidence: { fact, expected: { amount: payment.amount, currency: payment.currency }, refundAtOnce },
    cause: `${reason}:${fact.provider}:${fact.providerPaymentId}:${refundId}`,
    createdAt: make.now,
  }
}

function summaryOf(reason: ReviewReason, fact: PaymentFact, payment: PaymentRow): string {
  const said = fact.kind === 'signature' ? '' : `${fact.currency} ${toDecimal(fact.amount, fact.currency)}`
  const expected = `${payment.currency} ${toDecimal(payment.amount, payment.currency)}`
  switch (reason) {
    case 'amount_differs':
      return `Captured ${said} where ${expected} was asked for.`
    case 'currency_differs':
      return `Captured ${said} where ${expected} was asked for: another currency.`
    case 'capture_contradicts':
      return `The provider now reports ${said} for a payment that it had reported differently.`
    case 'unexpected_capture':
      return `Captured ${said} for an order that was not waiting for this payment.`
    case 'refund_exceeds_captured':
      return `A refund of ${said} would take back more than was captured.`
    case 'refund_differs':
      return `The provider reports a refund of ${said}, another amount than ours.`
  }
}
