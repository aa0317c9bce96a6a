/**
 * How payments, orders and refunds move at Razorpay. Every function works on the books inside the caller's transaction
 * and returns the webhook events that tell of what it did; the caller decides how they are told.
 *
 * created → authorized → captured → refunded; created → failed; and failed → authorized, when a bank says yes late. An
 * order turns paid when captures cover it and stays paid for ever.
 */
import { add, shareDown, smaller, subtract } from '../../shared/money.ts'
import type { EventDraft } from '../webhooks/outbox.ts'
import type { Method, Notes, Order, OrderTerms, Payment, PaymentTerms, Refund } from './entities.ts'
import { orderPaidEvent, paymentEvent, refundEvent } from './events.ts'
import { findFailure } from './failures.ts'
import { acquirerData, emptyAcquirerData, type Instrument, instrumentFields } from './instruments.ts'
import type { Shop } from './shop.ts'
import { planStep } from './steps.ts'
import type { Kept } from './tables.ts'

type KeptPayment = Kept<Payment, PaymentTerms>
type KeptOrder = Kept<Order, OrderTerms>

/** Razorpay's standard price: 2 %, and 18 % tax on that; `fee` holds both. */
const FEE_BPS = 200
const FEE_TAX_BPS = 1800

/** The reference that every refund carries in test mode. */
const TEST_ARN = '10000000000000'

const MINUTE_MS = 60_000

/** When a processed refund comes back is the bank's affair: days later, and longer than any retry of ours. */
const RETURNED_AFTER_MS = 3 * 86_400_000

export interface NewPayment {
  amount: number
  currency: string
  method: Method
  instrument: Instrument
  notes: Notes
  description: string | null
  email: string | null
  contact: string | null
  refunds: PaymentTerms['refunds']
}

/** A new attempt on an order; nothing is told of it until the bank answers. */
export function openPayment(shop: Shop, orderId: string, input: NewPayment): KeptPayment {
  const { ids } = shop.world
  const order = mustFindOrder(shop, orderId)
  const { fields, card } = instrumentFields(ids, input.method, input.instrument)
  const doc: Payment = {
    id: `pay_${ids.text(14)}`,
    entity: 'payment',
    amount: input.amount,
    currency: input.currency,
    status: 'created',
    order_id: orderId,
    invoice_id: null,
    international: input.currency !== 'INR' || (card?.international ?? false),
    method: input.method,
    amount_refunded: 0,
    refund_status: null,
    captured: false,
    description: input.description,
    card_id: fields.card_id,
    bank: fields.bank,
    wallet: fields.wallet,
    vpa: fields.vpa,
    // Razorpay writes this address when the shopper was not asked for one.
    email: input.email ?? 'void@razorpay.com',
    contact: input.contact ?? '+919876543210',
    notes: input.notes,
    fee: null,
    tax: null,
    error_code: null,
    error_description: null,
    error_source: null,
    error_step: null,
    error_reason: null,
    acquirer_data: emptyAcquirerData(input.method),
    created_at: shop.world.nowSeconds(),
    ...(fields.upi === undefined ? {} : { upi: fields.upi }),
  }
  const payment = { doc, terms: { card, refunds: input.refunds } }
  shop.tables.insertPayment(payment, shop.world.agenda.now())
  order.doc.attempts += 1
  if (order.doc.status === 'created') order.doc.status = 'attempted'
  saveOrder(shop, order)
  return payment
}

export function failPayment(shop: Shop, paymentId: string, reason?: string): EventDraft[] {
  const payment = mustFindPayment(shop, paymentId)
  const failure = findFailure(reason)
  Object.assign(payment.doc, {
    status: 'failed',
    error_code: failure.code,
    error_description: failure.description,
    error_source: failure.source,
    error_step: failure.step,
    error_reason: failure.reason,
  } satisfies Partial<Payment>)
  savePayment(shop, payment)
  return [paymentEvent(shop, 'payment.failed', payment)]
}

/**
 * The bank says yes: the payment is authorized and, as `capture` tells, captured. An order that another payment has
 * covered already does not take it; then the money goes back at once, unless `capture` is `always`.
 */
export function captureOrRelease(
  shop: Shop,
  paymentId: string,
  { capture }: { capture: 'as-ordered' | 'always' | 'never' },
): EventDraft[] {
  const payment = mustFindPayment(shop, paymentId)
  const order = mustFindOrder(shop, payment.doc.order_id)
  const drafts = payment.doc.status === 'authorized' ? [] : authorizePayment(shop, payment)
  if (capture === 'always') return [...drafts, ...capturePayment(shop, paymentId)]
  if (order.doc.status === 'paid') return [...drafts, ...autoRefund(shop, paymentId)]
  if (capture === 'as-ordered' && order.terms.capture === 'automatic') {
    return [...drafts, ...capturePayment(shop, paymentId)]
  }
  // Nobody may capture it: then it goes back by itself.
  const afterMs = order.terms.manualExpiryMinutes * MINUTE_MS
  planStep(shop, { kind: 'release', subject: paymentId, afterMs })
  return drafts
}

function authorizePayment(shop: Shop, payment: KeptPayment): EventDraft[] {
  Object.assign(payment.doc, {
    status: 'authorized',
    error_code: null,
    error_description: null,
    error_source: null,
    error_step: null,
    error_reason: null,
    acquirer_data: acquirerData(shop.world.ids, payment.doc.method),
  } satisfies Partial<Payment>)
  savePayment(shop, payment)
  return [paymentEvent(shop, 'payment.authorized', payment)]
}

/** Captures an authorized payment in full. */
export function capturePayment(shop: Shop, paymentId: string): EventDraft[] {
  const payment = mustFindPayment(shop, paymentId)
  const order = mustFindOrder(shop, payment.doc.order_id)
  const base = shareDown(payment.doc.amount, FEE_BPS)
  const tax = shareDown(base, FEE_TAX_BPS)
  Object.assign(payment.doc, {
    status: 'captured',
    captured: true,
    fee: add(base, tax),
    tax,
  } satisfies Partial<Payment>)
  savePayment(shop, payment)
  const wasPaid = order.doc.status === 'paid'
  order.doc.amount_paid = add(order.doc.amount_paid, payment.doc.amount)
  order.doc.amount_due = subtract(order.doc.amount, smaller(order.doc.amount_paid, order.doc.amount))
  if (order.doc.amount_due === 0) order.doc.status = 'paid'
  saveOrder(shop, order)
  const drafts = [paymentEvent(shop, 'payment.captured', payment)]
  if (!wasPaid && order.doc.status === 'paid') drafts.push(orderPaidEvent(shop, payment, order.doc))
  return drafts
}

export interface NewRefund {
  amount: number
  notes: Notes
  receipt: string | null
  speed: 'normal' | 'optimum'
}

/** Gives money back; how it ends follows the payment's terms. The caller has checked that it is allowed. */
export function createRefund(
  shop: Shop,
  paymentId: string,
  input: NewRefund,
  ending: Exclude<PaymentTerms['refunds'], 'refuse'> | 'refused',
): { refund: Refund; drafts: EventDraft[] } {
  const payment = mustFindPayment(shop, paymentId)
  const atOnce = ending === 'now' || ending === 'return'
  const status = atOnce ? 'processed' : ending === 'refused' ? 'failed' : 'pending'
  const refund: Refund = {
    id: `rfnd_${shop.world.ids.text(14)}`,
    entity: 'refund',
    amount: input.amount,
    currency: payment.doc.currency,
    payment_id: paymentId,
    notes: input.notes,
    receipt: input.receipt,
    acquirer_data: { arn: status === 'processed' ? TEST_ARN : null },
    created_at: shop.world.nowSeconds(),
    batch_id: null,
    status,
    speed_processed: input.speed === 'optimum' ? 'instant' : 'normal',
    speed_requested: input.speed,
  }
  if (status !== 'failed') countRefunded(shop, payment, add(payment.doc.amount_refunded, refund.amount))
  shop.tables.insertRefund(refund, shop.world.agenda.now())
  if (ending === 'late') planStep(shop, { kind: 'refund-processed', subject: refund.id, afterMs: 60_000 })
  if (ending === 'fail') planStep(shop, { kind: 'refund-failed', subject: refund.id, afterMs: 10_000 })
  if (ending === 'return') planStep(shop, { kind: 'refund-returned', subject: refund.id, afterMs: RETURNED_AFTER_MS })
  const drafts = [refundEvent(shop, 'refund.created', refund, payment)]
  if (status === 'processed') drafts.push(refundEvent(shop, 'refund.processed', refund, payment))
  if (status === 'failed') drafts.push(refundEvent(shop, 'refund.failed', refund, payment))
  return { refund, drafts }
}

/** A refund that nobody asked for by API: at the dashboard, of a hold that ran out, or of money nobody can use. */
export function autoRefund(shop: Shop, paymentId: string, amount?: number): EventDraft[] {
  const { doc } = mustFindPayment(shop, paymentId)
  const whole = subtract(doc.amount, doc.amount_refunded)
  const input: NewRefund = { amount: amount ?? whole, notes: [], receipt: null, speed: 'normal' }
  return createRefund(shop, paymentId, input, 'now').drafts
}

/** Ends a refund, also one that was processed and now comes back; a failed one returns the money to the payment. */
export function settleRefund(shop: Shop, refundId: string, to: 'processed' | 'failed'): EventDraft[] {
  const refund = shop.tables.findRefund(refundId)
  if (refund === undefined) throw new Error(`no refund ${refundId}`)
  const payment = mustFindPayment(shop, refund.payment_id)
  if (to === 'failed' && refund.status !== 'failed') {
    countRefunded(shop, payment, subtract(payment.doc.amount_refunded, refund.amount))
  }
  refund.status = to
  refund.acquirer_data = { arn: to === 'processed' ? TEST_ARN : null }
  shop.tables.updateRefund(refund, shop.world.agenda.now())
  return [refundEvent(shop, to === 'processed' ? 'refund.processed' : 'refund.failed', refund, payment)]
}

/** Only a full refund makes a payment `refunded`; a partial one leaves it `captured`. */
function countRefunded(shop: Shop, payment: KeptPayment, amountRefunded: number): void {
  const { doc } = payment
  const held = doc.captured ? 'captured' : 'authorized'
  doc.amount_refunded = amountRefunded
  doc.refund_status = amountRefunded === 0 ? null : amountRefunded < doc.amount ? 'partial' : 'full'
  doc.status = doc.refund_status === 'full' ? 'refunded' : held
  savePayment(shop, payment)
}

function savePayment(shop: Shop, payment: KeptPayment): void {
  shop.tables.updatePayment(payment.doc, shop.world.agenda.now())
  shop.world.touch()
}

function saveOrder(shop: Shop, order: KeptOrder): void {
  shop.tables.updateOrder(order.doc, shop.world.agenda.now())
  shop.world.touch()
}

function mustFindPayment(shop: Shop, id: string): KeptPayment {
  const payment = shop.tables.findPayment(id)
  if (payment === undefined) throw new Error(`no payment ${id}`)
  return payment
}

function mustFindOrder(shop: Shop, id: string): KeptOrder {
  const order = shop.tables.findOrder(id)
  if (order === undefined) throw new Error(`no order ${id}`)
  return order
}
