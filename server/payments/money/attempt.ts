/** Attempts as rows: how one begins, and what a fact adds to it. Pure. */
import type { NewEvent } from '../../timeline/event.ts'
import type { Maker } from './draft.ts'
import type { AttemptFact, AttemptRow, PaymentFact, PaymentRow } from './payment.ts'

export function newAttempt(fact: PaymentFact, payment: PaymentRow, make: Maker): AttemptRow {
  return {
    id: make.uuid(),
    payment_id: payment.id,
    order_id: payment.order_id,
    provider: fact.provider,
    provider_payment_id: fact.providerPaymentId,
    status: 'created',
    claimed: false,
    disposition: 'none',
    // A signature names no amount: until the provider speaks it is the one that was asked for.
    amount: payment.amount,
    currency: payment.currency,
    captured_amount: 0,
    refunding_amount: 0,
    refunded_amount: 0,
    written_off_amount: 0,
    method: null,
    method_detail: null,
    fee: null,
    tax: null,
    error_code: null,
    error_description: null,
    provider_created_at: null,
    created_at: make.now,
  }
}

/** What the provider tells of an attempt beside its status. What is known stays known when it is silent. */
export function learned(fact: AttemptFact): Partial<AttemptRow> {
  const row: Partial<AttemptRow> = {
    amount: fact.amount,
    currency: fact.currency,
    error_code: fact.errorCode,
    error_description: fact.errorDescription,
  }
  if (fact.method !== null) row.method = fact.method
  if (fact.methodDetail !== null) row.method_detail = fact.methodDetail
  if (fact.fee !== null) row.fee = fact.fee
  if (fact.tax !== null) row.tax = fact.tax
  if (fact.providerCreatedAt !== null) row.provider_created_at = fact.providerCreatedAt
  return row
}

/** What a repeated fact still adds: the fee comes with the capture, or after it. Undefined when it adds nothing. */
export function filledIn(attempt: AttemptRow, fact: AttemptFact): AttemptRow | undefined {
  const fee = attempt.fee ?? fact.fee
  const tax = attempt.tax ?? fact.tax
  const method = attempt.method ?? fact.method
  const method_detail = attempt.method_detail ?? fact.methodDetail
  const provider_created_at = attempt.provider_created_at ?? fact.providerCreatedAt
  const same =
    fee === attempt.fee &&
    tax === attempt.tax &&
    method === attempt.method &&
    method_detail === attempt.method_detail &&
    provider_created_at === attempt.provider_created_at
  return same ? undefined : { ...attempt, fee, tax, method, method_detail, provider_created_at }
}

/** The entry in the timeline for an attempt that the provider says has moved. */
export function attemptEvent(fact: AttemptFact, from: string | null, attempt: AttemptRow): NewEvent {
  return {
    orderId: attempt.order_id,
    type: `payment.attempt_${attempt.status}`,
    subject: 'attempt',
    subjectId: attempt.id,
    from,
    to: attempt.status,
    actor: 'provider',
    source: fact.source,
    data: {
      providerPaymentId: fact.providerPaymentId,
      amount: fact.amount,
      currency: fact.currency,
      method: fact.method,
      methodDetail: fact.methodDetail,
      ...(fact.errorCode === null ? {} : { errorCode: fact.errorCode, errorDescription: fact.errorDescription }),
      ...(attempt.disposition === 'none' ? {} : { disposition: attempt.disposition }),
    },
  }
}
