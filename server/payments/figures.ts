/** What a settled piece of news adds to the figures of the process. Counted after its commit. */
import type { Metrics } from '../platform/metrics.ts'
import type { Outcome } from './money/draft.ts'
import type { PaymentRow } from './money/payment.ts'

/** Text that means the same to every provider; anything else is `other`, so that the label has an end. */
const METHODS = new Set(['card', 'upi', 'netbanking', 'wallet', 'emi', 'cardless_emi', 'paylater', 'paypal'])

/** @param payments of the order, as they were before */
export function countOutcome(
  metrics: Metrics,
  payments: readonly Pick<PaymentRow, 'id' | 'created_at'>[],
  outcome: Outcome,
  now: Date,
): void {
  for (const event of outcome.events) {
    if (event.to == null) continue
    if (event.subject === 'refund') {
      const provider = outcome.refunds.find((row) => row.id === event.subjectId)?.provider ?? 'unknown'
      metrics.count('hundi_refunds_total', { provider, outcome: event.to })
    }
    if (event.subject !== 'attempt') continue
    const attempt = outcome.attempts.find((row) => row.id === event.subjectId)
    const payment = payments.find((row) => row.id === attempt?.payment_id)
    if (attempt === undefined || payment === undefined) continue
    const { provider } = attempt
    const method = attempt.method ?? 'unknown'
    const labels = { provider, method: METHODS.has(method) || method === 'unknown' ? method : 'other' }
    metrics.count('hundi_payment_attempts_total', { ...labels, outcome: event.to })
    if (event.to === 'failed') {
      metrics.count('hundi_payment_failures_total', { provider, reason: attempt.error_code ?? 'unknown' })
    }
    if (event.to === 'captured') {
      const seconds = (now.getTime() - payment.created_at.getTime()) / 1_000
      metrics.observe('hundi_payment_processing_seconds', { provider }, seconds)
    }
  }
}
