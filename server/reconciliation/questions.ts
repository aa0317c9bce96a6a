/** What reconciliation asks people: each question once, with all that is known. Pure. */
import type { ReconciledSubject } from '../../shared/contract/reconciliation.ts'
import type { BookedAttempt, BookedRefund } from '../payments/books-queries.ts'
import type { NewReviewItem } from '../reviews/question.ts'
import { money } from './compare.ts'

type Kind =
  | 'unknown_payment'
  | 'reconciliation_differs'
  | 'reconciliation_refund_differs'
  | 'payment_unknown_there'
  | 'refund_unknown_there'
  | 'settlement_unexplained'
  | 'settlement_differs'
  | 'unreadable_record'

interface Maker {
  provider: string
  now: Date
  uuid(): string
}

interface Subject {
  kind: Kind
  /** The provider's id of what it is about. */
  ref: string
  summary: string
  amount: number | null
  currency: string | null
  evidence: Record<string, unknown>
  attempt?: Pick<BookedAttempt, 'id' | 'payment_id' | 'order_id'> | undefined
  refund?: Pick<BookedRefund, 'id' | 'attempt_id' | 'payment_id' | 'order_id'> | undefined
}

/** Money was captured at the provider for nothing that we know. */
export function unknownPayment(
  make: Maker,
  payment: { id: string; amount: number; currency: string },
  evidence: Record<string, unknown>,
): NewReviewItem {
  const { id, amount, currency } = payment
  const summary = `${make.provider} has captured ${money(amount, currency)} in a payment that belongs to no order of ours.`
  return question(make, { kind: 'unknown_payment', ref: id, summary, amount, currency, evidence })
}

/** Both books have a payment, or a refund, and they contradict each other. */
export function differs(
  make: Maker,
  what: 'payment' | 'refund',
  of: Pick<Subject, 'ref' | 'amount' | 'currency' | 'evidence' | 'attempt' | 'refund'>,
  detail: string,
): NewReviewItem {
  const kind = what === 'payment' ? 'reconciliation_differs' : 'reconciliation_refund_differs'
  return question(make, { ...of, kind, summary: `Our books and those of ${make.provider} differ. ${detail}` })
}

/** We have money in our books that the provider does not show. */
export function unknownThere(
  make: Maker,
  what: 'payment' | 'refund',
  of: Pick<Subject, 'ref' | 'attempt' | 'refund'> & { amount: number; currency: string },
): NewReviewItem {
  const kind = what === 'payment' ? 'payment_unknown_there' : 'refund_unknown_there'
  const summary = `We have a ${what} of ${money(of.amount, of.currency)} that ${make.provider} does not know.`
  return question(make, { ...of, kind, summary, evidence: {} })
}

/** The provider's books hold something that does not say what it must: nobody knows whether it is money. */
export function unreadable(
  make: Maker,
  what: ReconciledSubject,
  of: { ref: string; why: string; record: unknown; attempt?: Subject['attempt']; refund?: Subject['refund'] },
): NewReviewItem {
  const { ref, why, record, attempt, refund } = of
  const thing = what === 'settlement' ? 'a line of its settlement report' : `a ${what}`
  const summary = `${make.provider} lists ${thing} that cannot be read: ${why}. Everything else was compared.`
  const about = { ref: `${what}:${ref}`, amount: null, currency: null, attempt, refund }
  return { ...question(make, { ...about, kind: 'unreadable_record', summary, evidence: { record } }), providerRef: ref }
}

/** A settlement moved money that belongs to nothing of ours. */
export function settlementUnexplained(
  make: Maker,
  of: Pick<Subject, 'ref' | 'amount' | 'currency' | 'evidence' | 'attempt'>,
  detail: string,
): NewReviewItem {
  return question(make, { ...of, kind: 'settlement_unexplained', summary: detail })
}

/** A settlement says another amount than we, or than its own lines. */
export function settlementDiffers(
  make: Maker,
  of: Pick<Subject, 'ref' | 'amount' | 'currency' | 'evidence' | 'attempt' | 'refund'>,
  detail: string,
): NewReviewItem {
  return question(make, { ...of, kind: 'settlement_differs', summary: detail })
}

function question(
  make: Maker,
  { kind, ref, summary, amount, currency, evidence, attempt, refund }: Subject,
): NewReviewItem {
  return {
    id: make.uuid(),
    orderId: attempt?.order_id ?? refund?.order_id ?? null,
    paymentId: attempt?.payment_id ?? refund?.payment_id ?? null,
    attemptId: attempt?.id ?? refund?.attempt_id ?? null,
    refundId: refund?.id ?? null,
    kind,
    summary,
    evidence,
    cause: `${kind}:${make.provider}:${ref}`,
    createdAt: make.now,
    amount,
    currency,
    provider: make.provider,
    providerRef: ref,
  }
}
