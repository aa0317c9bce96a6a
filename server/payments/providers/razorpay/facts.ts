/**
 * Razorpay's JSON in, our facts out. Pure. Strict about what money depends on (ids, status, amounts as integers,
 * currency) and deaf to everything else: fields come and go, and an unknown status word says nothing.
 * https://razorpay.com/docs/api/payments/entity
 */
import { isMinor } from '../../../../shared/money.ts'
import { cleanLine } from '../../../../shared/text.ts'
import type { FactOf } from '../../money/belonging.ts'
import type { AttemptFact, FactSource, PaymentFact, RefundFact, UnreadFact } from '../../money/payment.ts'
import {
  UnreadableEvent,
  type ListedRefund,
  type Settlement,
  type SettlementLine,
  type UnboundPayment,
  type WebhookContent,
} from '../provider.ts'
import { parseBody } from '../webhook-body.ts'

export const RAZORPAY = 'razorpay'

/** Something that was promised to be a Razorpay entity and is not. */
export class UnreadableEntity extends Error {}

export interface OrderEntity {
  id: string
  amount: number
  currency: string
  status: string
  receipt: string | null
}

export function readOrder(value: unknown): OrderEntity {
  const entity = record(value, 'order')
  return {
    id: id(entity, 'id'),
    amount: minor(entity, 'amount'),
    currency: currency(entity),
    status: text(entity, 'status'),
    receipt: optionalId(entity, 'receipt'),
  }
}

/**
 * The fact in a payment entity, or null when it has none for us: a payment without an order, or a status word that we do
 * not know.
 */
export function attemptFact(value: unknown, source: FactSource, reference: string | null = null): AttemptFact | null {
  const entity = record(value, 'payment')
  const providerOrderId = optionalId(entity, 'order_id')
  const status = attemptStatus(entity)
  if (providerOrderId === null || status === null) return null
  return {
    kind: 'attempt',
    provider: RAZORPAY,
    of: { providerOrderId },
    source,
    reference,
    providerPaymentId: id(entity, 'id'),
    status,
    amount: minor(entity, 'amount'),
    currency: currency(entity),
    method: optionalText(entity, 'method'),
    methodDetail: methodDetail(entity),
    fee: readableMinor(entity, 'fee'),
    tax: readableMinor(entity, 'tax'),
    errorCode: optionalText(entity, 'error_reason') ?? optionalText(entity, 'error_code'),
    errorDescription: optionalText(entity, 'error_description'),
    refundedAmount: optionalMinor(entity, 'amount_refunded'),
    providerCreatedAt: optionalMoment(entity, 'created_at'),
  }
}

/**
 * What is said of a payment of an order in a word that we do not know; null when nothing is.
 *
 * Cash on delivery, taken in Razorpay's own window, is such a payment whatever its status: it is placed, and no money goes
 * through Razorpay. https://razorpay.com/docs/webhooks/payments
 */
export function unreadPayment(value: unknown, source: FactSource): UnreadFact | null {
  const entity = record(value, 'payment')
  const providerOrderId = optionalId(entity, 'order_id')
  if (providerOrderId === null || attemptStatus(entity) !== null) return null
  return {
    kind: 'unread',
    provider: RAZORPAY,
    of: { providerOrderId },
    source,
    reference: null,
    providerPaymentId: id(entity, 'id'),
    providerRefundId: null,
    word: text(entity, 'status'),
    method: optionalText(entity, 'method'),
  }
}

/** The same of a refund. */
function unreadRefund(value: unknown, of: FactOf, providerPaymentId: string): UnreadFact | null {
  const entity = record(value, 'refund')
  const word = text(entity, 'status')
  if (refundStatus(word) !== null) return null
  const providerRefundId = id(entity, 'id')
  const [provider, source] = [RAZORPAY, 'webhook'] as const
  return { kind: 'unread', provider, of, source, providerPaymentId, providerRefundId, word, method: null }
}

/** A payment entity that names no order, or null for one that does, or has a status word that we do not know. */
export function unboundPayment(value: unknown): UnboundPayment | null {
  const entity = record(value, 'payment')
  const status = attemptStatus(entity)
  if (status === null || optionalId(entity, 'order_id') !== null) return null
  return {
    providerPaymentId: id(entity, 'id'),
    status,
    amount: minor(entity, 'amount'),
    currency: currency(entity),
    refundedAmount: optionalMinor(entity, 'amount_refunded'),
    providerCreatedAt: optionalMoment(entity, 'created_at'),
  }
}

/** The fact in a refund entity. The order it belongs to stands in the payment, not in the refund. */
export function refundFact(
  value: unknown,
  of: FactOf,
  source: FactSource,
  reference: string | null = null,
): RefundFact | null {
  const refund = listedRefund(value, source, reference)
  return refund === null ? null : { ...refund, of }
}

export function listedRefund(value: unknown, source: FactSource, reference: string | null = null): ListedRefund | null {
  const entity = record(value, 'refund')
  const status = refundStatus(text(entity, 'status'))
  if (status === null) return null
  return {
    kind: 'refund',
    provider: RAZORPAY,
    source,
    reference,
    providerPaymentId: id(entity, 'payment_id'),
    providerRefundId: id(entity, 'id'),
    // We send our refund's id as the receipt; refunds made elsewhere have none, or another.
    ourRefundId: uuidOrNull(optionalId(entity, 'receipt')),
    status,
    amount: minor(entity, 'amount'),
    currency: currency(entity),
    providerCreatedAt: optionalMoment(entity, 'created_at'),
  }
}

/**
 * A line of the settlement report, or null for one that is not settled yet.
 * https://razorpay.com/docs/api/settlements/fetch-recon
 */
export function settlementLine(value: unknown): SettlementLine | null {
  const item = record(value, 'settlement line')
  if (item['settled'] !== true) return null
  const type = text(item, 'type')
  const settledAt = optionalMoment(item, 'settled_at')
  if (settledAt === null) throw new UnreadableEntity('a settled line without its time')
  return {
    entityId: id(item, 'entity_id'),
    type: type === 'payment' || type === 'refund' || type === 'adjustment' ? type : 'other',
    amount: minor(item, 'amount'),
    debit: minor(item, 'debit'),
    credit: minor(item, 'credit'),
    fee: optionalMinor(item, 'fee') ?? 0,
    tax: optionalMinor(item, 'tax') ?? 0,
    currency: currency(item),
    settlementId: id(item, 'settlement_id'),
    utr: optionalText(item, 'settlement_utr'),
    settledAt,
    providerPaymentId: optionalId(item, 'payment_id'),
    providerOrderId: optionalId(item, 'order_id'),
    disputeId: optionalId(item, 'dispute_id'),
  }
}

export function readSettlement(value: unknown): Settlement {
  const entity = record(value, 'settlement')
  return { settlementId: id(entity, 'id'), amount: minor(entity, 'amount'), utr: optionalText(entity, 'utr') }
}

/**
 * The facts in a webhook event. Events come at least once, in any order, and their payload is a snapshot of the moment
 * they tell of. https://razorpay.com/docs/webhooks/payloads/payments
 */
export function webhookContent(rawBody: Buffer): WebhookContent {
  let type = 'unreadable'
  try {
    const event = record(parseBody(rawBody), 'event')
    type = cleanLine(text(event, 'event'))
    return { type, facts: factsIn(type, record(event['payload'] ?? {}, 'payload')) }
  } catch (error) {
    throw new UnreadableEvent(type, error)
  }
}

function factsIn(type: string, payload: Record<string, unknown>): PaymentFact[] {
  const payment = entityIn(payload, 'payment')
  const refund = entityIn(payload, 'refund')
  const facts: PaymentFact[] = []
  if (payment !== undefined && /^(payment|order|refund)\./.test(type) && !type.startsWith('payment.d')) {
    const attempt = attemptFact(payment, 'webhook') ?? unreadPayment(payment, 'webhook')
    if (attempt !== null) {
      facts.push(attempt)
      const { of, providerPaymentId } = attempt
      const back =
        refund === undefined ? null : (refundFact(refund, of, 'webhook') ?? unreadRefund(refund, of, providerPaymentId))
      if (back !== null) facts.push(back)
    }
  }
  return facts
}

function attemptStatus(entity: Record<string, unknown>): AttemptFact['status'] | null {
  if (entity['method'] === 'cod') return null
  switch (text(entity, 'status')) {
    case 'created':
      return 'created'
    case 'authorized':
      return 'authorized'
    case 'captured':
      return 'captured'
    case 'failed':
      return 'failed'
    case 'refunded':
      // Refunded after capture, or an authorization that was given back: `captured` tells.
      return entity['captured'] === true ? 'captured' : 'refunded'
    default:
      return null
  }
}

function refundStatus(status: string): RefundFact['status'] | null {
  if (status === 'pending') return 'processing'
  return status === 'processed' || status === 'failed' ? status : null
}

function methodDetail(entity: Record<string, unknown>): string | null {
  const card = entity['card']
  if (typeof card === 'object' && card !== null && 'last4' in card) {
    const { network, last4 } = card as { network?: unknown; last4?: unknown }
    return cleanLine([typeof network === 'string' ? network : 'Card', `•••• ${String(last4)}`].join(' '))
  }
  return optionalText(entity, 'vpa') ?? optionalText(entity, 'bank') ?? optionalText(entity, 'wallet')
}

function entityIn(payload: Record<string, unknown>, name: string): unknown {
  const part = payload[name]
  return typeof part === 'object' && part !== null && 'entity' in part ? part.entity : undefined
}

export function collectionItems(value: unknown): unknown[] {
  const collection = record(value, 'collection')
  if (!Array.isArray(collection['items'])) throw new UnreadableEntity('a collection without items')
  return collection['items']
}

function record(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UnreadableEntity(`not a ${what}`)
  return value as Record<string, unknown>
}

function text(entity: Record<string, unknown>, field: string): string {
  const value = entity[field]
  if (typeof value !== 'string' || value === '') throw new UnreadableEntity(`${field} is not text`)
  return value
}

/** Words for people, without what our tables cannot hold and nobody could see. */
function optionalText(entity: Record<string, unknown>, field: string): string | null {
  const value = entity[field]
  return typeof value === 'string' ? cleanLine(value) || null : null
}

/** An id is printable ASCII; anything else is not one, and is never repaired into one. */
function id(entity: Record<string, unknown>, field: string): string {
  const value = text(entity, field)
  if (!/^[\x21-\x7e]+$/.test(value)) throw new UnreadableEntity(`${field} is not an id`)
  return value
}

function optionalId(entity: Record<string, unknown>, field: string): string | null {
  const value = entity[field]
  return typeof value === 'string' && value !== '' ? id(entity, field) : null
}

/** Three letters, in whatever case they came. */
function currency(entity: Record<string, unknown>): string {
  const code = text(entity, 'currency').toUpperCase()
  if (!/^[A-Z]{3}$/.test(code)) throw new UnreadableEntity('currency is not a code of three letters')
  return code
}

/** An amount must be a JSON integer that is not negative: "100", 1e2.5 or -1 are refused, never repaired. */
function minor(entity: Record<string, unknown>, field: string): number {
  const value = entity[field]
  if (!isMinor(value) || value < 0) throw new UnreadableEntity(`${field} is not an amount in minor units`)
  return value
}

/** An amount that nothing depends on: one that cannot be read is not known. */
function readableMinor(entity: Record<string, unknown>, field: string): number | null {
  const value = entity[field]
  return isMinor(value) && value >= 0 ? value : null
}

function optionalMinor(entity: Record<string, unknown>, field: string): number | null {
  return entity[field] === null || entity[field] === undefined ? null : minor(entity, field)
}

/** A moment in unix seconds; one that makes no sense is no reason to refuse what the money says. */
function optionalMoment(entity: Record<string, unknown>, field: string): Date | null {
  const value = entity[field]
  return isMinor(value) && value > 0 && value < 100_000_000_000 ? new Date(value * 1000) : null
}

function uuidOrNull(value: string | null): string | null {
  return value !== null && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value) ? value : null
}
