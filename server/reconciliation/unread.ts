/** What a provider lists and nobody can read: set aside as a question, so that one entry holds up nothing else. */
import type { ReconciledSubject } from '../../shared/contract/reconciliation.ts'
import type { BookedAttempt, BookedRefund } from '../payments/books-queries.ts'
import type { UnreadRecord } from '../payments/providers/provider.ts'
import * as questions from './questions.ts'
import type { Finding, Work } from './work.ts'

/** ISO 4217's code for no currency, three times X: the entry's own may be what could not be read. */
const NO_CURRENCY = 'X'.repeat(3)

export function unreadable(
  work: Work,
  subject: ReconciledSubject,
  { ref, why, record }: UnreadRecord,
  ours: { attempt?: BookedAttempt | undefined; refund?: BookedRefund | undefined },
): Finding {
  const { attempt, refund } = ours
  const of = refund ?? attempt
  return {
    subject,
    outcome: 'unreadable',
    providerRef: ref,
    orderId: of?.order_id ?? null,
    ourAmount: refund?.amount ?? (attempt === undefined ? null : attempt.captured_amount),
    theirAmount: null,
    currency: of?.currency ?? NO_CURRENCY,
    detail: `It cannot be read: ${why}.`,
    question: questions.unreadable(work.maker(), subject, { ref, why, record, attempt, refund }),
  }
}
