/**
 * Disputes, as /v1/disputes behaves (razorpay.com/docs/api/disputes): a shopper's bank takes money back and the merchant
 * may accept or contest it. Only the control API opens one, as only a bank can.
 *
 * open → under_review (contested) → won or lost; open → lost (accepted); open or under_review → closed.
 */
import type { EventDraft } from '../webhooks/outbox.ts'
import { type Collection, collection, type Dispute } from './entities.ts'
import { badRequest, unknownId } from './errors.ts'
import { disputeEvent } from './events.ts'
import { type Fields, parseId, parseOptionalAmount, parsePage, parseText, refuseUnknownFields } from './input.ts'
import { mustFindPayment } from './payments.ts'
import type { Shop } from './shop.ts'

const NOW = { kind: 'now' } as const

/** How long a merchant has to answer; the true time differs by bank. */
const RESPOND_WITHIN_S = 7 * 86_400

const CONTEST_FIELDS = new Set([
  'action',
  'amount',
  'summary',
  'shipping_proof',
  'billing_proof',
  'cancellation_proof',
  'customer_communication',
  'proof_of_service',
  'explanation_letter',
  'refund_confirmation',
  'access_activity_log',
  'refund_cancellation_policy',
  'term_and_conditions',
  'others',
])

/** Opens a dispute on a captured payment; the caller has checked the amount. */
export function openDispute(
  shop: Shop,
  paymentId: string,
  { amount, phase, reasonCode }: { amount: number; phase: Dispute['phase']; reasonCode: string },
): Dispute {
  const payment = mustFindPayment(shop, paymentId)
  const now = shop.world.nowSeconds()
  const dispute: Dispute = {
    id: `disp_${shop.world.ids.text(14)}`,
    entity: 'dispute',
    payment_id: paymentId,
    amount,
    currency: payment.doc.currency,
    amount_deducted: 0,
    reason_code: reasonCode,
    respond_by: now + RESPOND_WITHIN_S,
    status: 'open',
    phase,
    created_at: now,
    evidence: { amount, summary: null, submitted_at: null },
  }
  shop.tables.insertDispute(dispute, shop.world.agenda.now())
  shop.outbox.emit([disputeEvent(shop, 'payment.dispute.created', dispute, payment)], NOW)
  shop.world.touch()
  return dispute
}

/** Whether a dispute of that status may still get another one. */
export function canMoveDispute(status: Dispute['status'], to: Dispute['status']): boolean {
  if (status === 'open') return to !== 'open'
  return status === 'under_review' && (to === 'won' || to === 'lost' || to === 'closed')
}

/** Moves a dispute and tells of it. A lost one deducts its amount. */
export function moveDispute(shop: Shop, dispute: Dispute, to: Exclude<Dispute['status'], 'open'>): Dispute {
  dispute.status = to
  if (to === 'lost') dispute.amount_deducted = dispute.amount
  shop.tables.updateDispute(dispute, shop.world.agenda.now())
  const draft: EventDraft = disputeEvent(
    shop,
    `payment.dispute.${to}`,
    dispute,
    mustFindPayment(shop, dispute.payment_id),
  )
  shop.outbox.emit([draft], NOW)
  shop.world.touch()
  return dispute
}

export function listDisputes(shop: Shop, query: Fields): Collection<Dispute> {
  return collection(shop.tables.listDisputes(parsePage(shop, query)))
}

export function getDispute(shop: Shop, id: string): Dispute {
  const dispute = shop.tables.findDispute(parseId(id, 'disp'))
  if (dispute === undefined) throw unknownId()
  return dispute
}

/** The merchant gives in: the money is gone. */
export function acceptDispute(shop: Shop, id: string): Dispute {
  const dispute = getDispute(shop, id)
  if (dispute.status !== 'open') throw badRequest('Action not allowed when dispute is in its current status')
  return moveDispute(shop, dispute, 'lost')
}

/** The merchant argues: a draft is kept, a submitted contest goes to the bank. */
export function contestDispute(shop: Shop, id: string, body: Fields): Dispute {
  const dispute = getDispute(shop, id)
  refuseUnknownFields(body, CONTEST_FIELDS)
  if (dispute.status !== 'open') throw badRequest('Action not allowed when dispute is in its current status')
  const action = body.action ?? 'draft'
  if (action !== 'draft' && action !== 'submit') throw badRequest('The action must be draft or submit.', 'action')
  dispute.evidence = {
    amount: parseOptionalAmount(body) ?? dispute.evidence.amount,
    summary: parseText(body, 'summary', 1000) ?? dispute.evidence.summary,
    submitted_at: action === 'submit' ? shop.world.nowSeconds() : null,
  }
  if (action === 'submit') return moveDispute(shop, dispute, 'under_review')
  shop.tables.updateDispute(dispute, shop.world.agenda.now())
  return dispute
}
