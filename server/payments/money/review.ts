/** Questions about payments, put in front of a person with everything that is known. Pure. */
import { toDecimal } from '../../../shared/money.ts'
import type { NewAlert } from '../../platform/alerts.ts'
import type { NewReviewItem } from '../../reviews/question.ts'
import type { Maker } from './draft.ts'
import type { ReviewReason } from './decide.ts'
import type { AttemptRow, PaymentFact, PaymentRow, UnreadFact } from './payment.ts'

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
  const refundId = 'providerRefundId' in fact ? (fact.providerRefundId ?? '') : ''
  return {
    id: make.uuid(),
    orderId: payment.order_id,
    paymentId: payment.id,
    attemptId,
    kind: reason,
    summary: summaryOf(reason, fact, payment),
    amount: 'amount' in fact ? fact.amount : null,
    currency: 'amount' in fact ? fact.currency : null,
    provider: fact.provider,
    providerRef: refundId === '' ? fact.providerPaymentId : refundId,
    evidence: { fact, expected: { amount: payment.amount, currency: payment.currency }, refundAtOnce },
    cause: [`${reason}:${fact.provider}:${fact.providerPaymentId}:${refundId}`, ...wordOf(fact)].join(':'),
    createdAt: make.now,
  }
}

/** Two words about one payment are two questions. */
function wordOf(fact: PaymentFact): string[] {
  return fact.kind === 'unread' ? [fact.word] : []
}

/** A word that nobody taught us may stand on more payments than this one: the operator hears of it at once. */
export function unreadAlert(fact: UnreadFact): NewAlert {
  return {
    kind: 'unknown_status',
    key: `${fact.provider}:${fact.word}`,
    summary: `${unreadSummary(fact)} Such payments are in the review queue.`,
  }
}

function unreadSummary({ provider, providerRefundId, word, method }: UnreadFact): string {
  if (method === 'cod') {
    return `${provider} took this as cash on delivery in its own window ("${word}"). No money goes through ${provider}: switch that way to pay off in your account there.`
  }
  return `${provider} says "${word}" of ${providerRefundId === null ? 'this payment' : 'a refund'}, a word that we do not know.`
}

/** What an authorization is a question under. */
export function authorizationCause(attempt: Pick<AttemptRow, 'provider' | 'provider_payment_id'>): string {
  return `authorization_differs:${attempt.provider}:${attempt.provider_payment_id}`
}

/** The question about money that the bank holds for us and that is not what was asked for. */
export function authorizationReview(attempt: AttemptRow, payment: PaymentRow, make: Maker): NewReviewItem {
  const { amount, currency, provider, provider_payment_id: providerRef } = attempt
  return {
    id: make.uuid(),
    orderId: payment.order_id,
    paymentId: payment.id,
    attemptId: attempt.id,
    kind: 'authorization_differs',
    summary: `The bank holds ${currency} ${toDecimal(amount, currency)} where ${payment.currency} ${toDecimal(payment.amount, payment.currency)} was asked for.`,
    amount,
    currency,
    provider,
    providerRef,
    evidence: { authorized: { amount, currency }, expected: { amount: payment.amount, currency: payment.currency } },
    cause: authorizationCause(attempt),
    createdAt: make.now,
  }
}

function summaryOf(reason: ReviewReason, fact: PaymentFact, payment: PaymentRow): string {
  const said = 'amount' in fact ? `${fact.currency} ${toDecimal(fact.amount, fact.currency)}` : ''
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
    case 'unknown_status':
      return fact.kind === 'unread' ? unreadSummary(fact) : 'The provider said something that we do not know.'
  }
}
