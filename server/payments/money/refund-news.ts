/** What the provider's word does to a refund, also to one that somebody made there without us. Pure. */
import * as ledger from '../../ledger/movement.ts'
import type { Draft } from './draft.ts'
import { nextLook, REFUND_WINDOW_MS } from './looks.ts'
import { heldOf, type AttemptRow, type RefundFact, type RefundRow } from './payment.ts'
import { arrived, declineRefund, failRefund, putBack } from './refund-ends.ts'
import { decideRefund } from './refund.ts'

/** The reason of refunds that somebody made at the provider's dashboard. */
const MADE_AT_PROVIDER = 'made_at_provider'

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
  const refund = known ?? takeOver(draft, attempt, fact)
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
  if (to === 'processed') arrived(draft, moved, ledger.refunded)
  if (to === 'failed') failRefund(draft, moved, known?.status === 'processed')
  // Nobody here had decided one that was made elsewhere: when it does not arrive, nothing was undone.
  if (to === 'failed' && refund.reason === MADE_AT_PROVIDER) draft.setRefund(putBack(draft, moved))
}

/**
 * Keeps the name that the provider has given to a refund which is still under way. From then on it cannot vanish: where a
 * list does not show it, the list is late, and it is not asked for again.
 */
export function nameRefund(draft: Draft, fact: RefundFact): void {
  const refund = draft.refundOf(fact)
  if (refund === undefined || refund.provider_refund_id !== null) return
  draft.setRefund({
    ...refund,
    provider_refund_id: fact.providerRefundId,
    provider_created_at: refund.provider_created_at ?? fact.providerCreatedAt,
  })
}

/** A refund that somebody made at the provider. Refunds that wait for a second person give way to it. */
function takeOver(draft: Draft, attempt: AttemptRow, fact: RefundFact): RefundRow {
  for (const waiting of draft.allRefunds()) {
    const room = heldOf(draft.attempt(attempt.id))
    if (fact.amount <= room) break
    if (waiting.attempt_id === attempt.id && waiting.approval === 'pending') {
      declineRefund(draft, waiting, 'The money was sent back at the provider meanwhile.', { actor: 'system' })
    }
  }
  const question = {
    cause: `refund_exceeds_captured:${fact.provider}:${fact.providerPaymentId}:${fact.providerRefundId}`,
  }
  draft.closed.push({ ...question, resolution: 'taken over' })
  return decideRefund(draft, draft.attempt(attempt.id), { amount: fact.amount, reason: MADE_AT_PROVIDER })
}

function nextRefundLook(draft: Draft, refund: RefundRow): Date {
  const { now } = draft.make
  const options = { pollAfterS: draft.policy.pollAfterS, windowMs: REFUND_WINDOW_MS }
  return (
    nextLook('unknown', refund.looks, refund.created_at, now, options) ?? new Date(now.getTime() + REFUND_WINDOW_MS)
  )
}
