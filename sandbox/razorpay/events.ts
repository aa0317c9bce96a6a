/**
 * Webhook events as Razorpay writes them: a snapshot of the entities at that moment. The body has no event id (that is
 * in a header). Payment and order events keep the order of fields, refund events have sorted keys; a receiver that
 * signs its own serialisation instead of the raw bytes is found out by that.
 */
import { multiply } from '../../shared/money.ts'
import type { EventDraft } from '../webhooks/outbox.ts'
import type { Dispute, Order, Payment, PaymentTerms, Refund } from './entities.ts'
import type { Shop } from './shop.ts'
import type { Kept } from './tables.ts'

/** Rupees per unit of any foreign currency in `base_amount`; the true one is the day's rate, which nobody relies on. */
const BASE_RATE = 85

type PaymentEventType = 'payment.authorized' | 'payment.captured' | 'payment.failed'
type RefundEventType = 'refund.created' | 'refund.processed' | 'refund.failed'

export function paymentEvent(shop: Shop, type: PaymentEventType, payment: Kept<Payment, PaymentTerms>): EventDraft {
  const payload = { payment: { entity: paymentSnapshot(payment) } }
  return event(shop, type, payment.doc.order_id, ['payment'], payload)
}

export function orderPaidEvent(shop: Shop, payment: Kept<Payment, PaymentTerms>, order: Order): EventDraft {
  const payload = {
    payment: { entity: paymentSnapshot(payment) },
    order: { entity: { ...order, description: null, checkout: null } },
  }
  return event(shop, 'order.paid', order.id, ['payment', 'order'], payload)
}

/** `payment` is as it is after the refund. */
export function refundEvent(
  shop: Shop,
  type: RefundEventType,
  refund: Refund,
  payment: Kept<Payment, PaymentTerms>,
): EventDraft {
  const payload = { refund: { entity: refund }, payment: { entity: paymentSnapshot(payment) } }
  const draft = event(shop, type, payment.doc.order_id, ['refund', 'payment'], payload)
  return { ...draft, body: JSON.stringify(sortedKeys(JSON.parse(draft.body))) }
}

/** Named after what became of the dispute: payment.dispute.created, .under_review, .won, .lost, .closed. */
export function disputeEvent(
  shop: Shop,
  type: `payment.dispute.${string}`,
  dispute: Dispute,
  payment: Kept<Payment, PaymentTerms>,
): EventDraft {
  const payload = { payment: { entity: paymentSnapshot(payment) }, dispute: { entity: dispute } }
  return event(shop, type, payment.doc.order_id, ['payment', 'dispute'], payload)
}

function event(shop: Shop, type: string, about: string, contains: string[], payload: unknown): EventDraft {
  const body = {
    entity: 'event',
    account_id: shop.accountId,
    event: type,
    contains,
    payload,
    created_at: shop.world.nowSeconds(),
  }
  return { type, about, body: JSON.stringify(body) }
}

/** A payment in a webhook has some fields more than in the API, and its card comes along under another BIN name. */
function paymentSnapshot({ doc, terms }: Kept<Payment, PaymentTerms>): Record<string, unknown> {
  const { id, entity, amount, currency, ...rest } = doc
  const foreign = currency !== 'INR'
  const snapshot: Record<string, unknown> = {
    id,
    entity,
    amount,
    currency,
    base_amount: foreign ? multiply(amount, BASE_RATE) : amount,
    ...rest,
    amount_transferred: 0,
    emi_plan: null,
    reward: null,
  }
  if (terms.card !== null) {
    const { token_iin, ...card } = terms.card
    snapshot.card = { ...card, iin: token_iin }
  }
  return snapshot
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedKeys(inner)]))
}
