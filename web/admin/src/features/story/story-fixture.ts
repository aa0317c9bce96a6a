/** The order of all our pictures, for tests: three shops, one card declined, paid by UPI, one part going back. */
import type { Order, OrderEvent, OrderStory } from '../../../../../shared/contract/orders.ts'

const id = (n: number) => `0190a000-0000-7000-8000-${String(n).padStart(12, '0')}`
const ids = {
  order: id(1),
  payment: id(2),
  card: id(3),
  upi: id(4),
  refund: id(5),
  malabar: id(11),
  pahadi: id(12),
  rann: id(13),
}

export const fixtureIds = ids

/** 14:31:52 in India plus so many milliseconds, as ISO text. */
export function at(ms: number): string {
  return new Date(Date.parse('2026-11-20T09:01:52.104Z') + ms).toISOString()
}

const part = (partId: string, shopName: string, status: Order['shopOrders'][number]['status'], total: number) => ({
  id: partId,
  shopId: partId,
  shopName,
  status,
  subtotal: total,
  discount: 0,
  deliveryFee: 0,
  total,
  returnedAmount: 0,
  isGivenBack: false,
})

const item = (n: number, title: string, quantity: number, unitPrice: number) => ({
  id: id(20 + n),
  kind: 'product',
  productId: id(30 + n),
  shopId: [ids.malabar, ids.pahadi, ids.rann][n] ?? ids.malabar,
  title,
  image: null,
  unitPrice,
  quantity,
  discount: 0,
  tax: 0,
  returnedQuantity: 0,
  returnedAmount: 0,
  restocked: 0,
  taxRateBps: 500,
  total: unitPrice * quantity,
})

export function anOrder(fields: Partial<Order> = {}): Order {
  return {
    id: ids.order,
    number: 'H-10482',
    isGivenBack: false,
    userId: 'u1',
    status: 'confirmed',
    paymentStatus: 'partially_refunded',
    paymentMethod: 'online',
    currency: 'INR',
    subtotal: 286000,
    discount: 20000,
    deliveryFee: 4900,
    tax: 0,
    taxIncluded: 12900,
    total: 270900,
    capturedAmount: 270900,
    refundedAmount: 0,
    couponCode: 'DIWALI10',
    email: 'ananya@example.com',
    shippingAddress: null,
    items: [
      item(0, 'Tellicherry pepper', 2, 24500),
      item(1, 'Wild forest honey', 1, 52000),
      item(2, 'Ajrakh stole', 1, 185000),
    ],
    shopOrders: [
      part(ids.malabar, 'Malabar Pepper House', 'accepted', 50473),
      part(ids.pahadi, 'Pahadi Rasoi', 'rejected', 48364),
      part(ids.rann, 'Rann Karigar', 'awaiting_acceptance', 172063),
    ],
    payments: [
      {
        id: ids.payment,
        orderId: ids.order,
        provider: 'razorpay',
        providerOrderId: 'order_RhT8Wx0aPzK3nB',
        status: 'paid',
        amount: 270900,
        currency: 'INR',
        method: 'upi',
        capturedAmount: 270900,
        refundedAmount: 0,
        createdAt: at(0),
        attempts: [
          anAttempt({
            id: ids.card,
            status: 'failed',
            method: 'card',
            methodDetail: '4242',
            errorDescription: 'payment declined',
          }),
          anAttempt({
            id: ids.upi,
            status: 'captured',
            method: 'upi',
            methodDetail: 'ananya@okbank',
            capturedAmount: 270900,
            fee: 6393,
            tax: 975,
          }),
        ],
        refunds: [
          {
            id: ids.refund,
            paymentId: ids.payment,
            attemptId: ids.upi,
            providerRefundId: 'rfnd_RhTiB2yQ0w',
            amount: 48364,
            currency: 'INR',
            status: 'processing',
            cause: 'part_not_sent',
            text: 'A shop could not send its part of the order.',
            reason: 'shop_rejected',
            approval: 'none',
            errorDescription: null,
            destination: 'source',
            createdAt: at(557_298),
            processedAt: null,
          },
        ],
      },
    ],
    money: [
      {
        currency: 'INR',
        captured: 270900,
        kept: 222536,
        heldForReview: 0,
        goingBack: 48364,
        goneBack: 0,
        failedToGoBack: 0,
        authorized: 0,
      },
    ],
    isConfirmed: true,
    canPay: false,
    canCancel: true,
    cancelReason: null,
    createdAt: at(0),
    expiresAt: null,
    confirmedAt: at(115_408),
    cancelledAt: null,
    ...fields,
  }
}

export function anAttempt(
  fields: Partial<Order['payments'][number]['attempts'][number]>,
): Order['payments'][number]['attempts'][number] {
  return {
    id: ids.upi,
    providerPaymentId: 'pay_RhT9cQ2mVd7Lke',
    status: 'created',
    method: null,
    methodDetail: null,
    amount: 270900,
    currency: 'INR',
    capturedAmount: 0,
    refundedAmount: 0,
    fee: null,
    tax: null,
    errorCode: null,
    errorDescription: null,
    createdAt: at(0),
    ...fields,
  }
}

let sequence = 0

/** `anEvent(ms, 'payment', ids.payment, 'created>paid', 'provider', 'webhook')` */
export function anEvent(
  ms: number,
  subject: string,
  subjectId: string,
  change: string,
  actor: string,
  source: string | null = null,
  data: Record<string, unknown> = {},
): OrderEvent {
  const [from = '', to = ''] = change.split('>')
  sequence += 1
  return {
    id: String(sequence),
    type: `${subject}.${to || from}`,
    subject,
    subjectId,
    from: from === '' ? null : from,
    to: to === '' ? null : to,
    actor,
    source,
    data,
    createdAt: at(ms),
  }
}

export function aCall(ms: number, operation: string, fields: Partial<OrderStory['providerCalls'][number]> = {}) {
  sequence += 1
  return {
    id: id(100 + sequence),
    provider: 'razorpay',
    operation,
    outcome: 'accepted',
    httpStatus: 200,
    durationMs: 274,
    request: {},
    reply: {},
    createdAt: at(ms),
    ...fields,
  }
}

export function aWebhook(ms: number, type: string, fields: Partial<OrderStory['webhookEvents'][number]> = {}) {
  sequence += 1
  return {
    id: id(200 + sequence),
    provider: 'razorpay',
    eventId: `evt_${sequence}`,
    type,
    status: 'processed',
    body: JSON.stringify({ event: type }),
    receivedAt: at(ms),
    processedAt: at(ms + 20),
    ...fields,
  }
}

/** Everything that happened to `anOrder()`. */
export function aStory(): OrderStory {
  return {
    events: [
      anEvent(0, 'order', ids.order, '>pending', 'shopper', 'api'),
      anEvent(0, 'payment', ids.payment, '>creating', 'shopper', 'api'),
      anEvent(561, 'payment', ids.payment, 'creating>created', 'system', 'api'),
      anEvent(28_766, 'attempt', ids.card, '>failed', 'provider', 'webhook'),
      anEvent(108_916, 'payment', ids.payment, 'created>verified', 'shopper', 'verify'),
      anEvent(108_916, 'order', ids.order, 'pending>verified', 'shopper', 'verify'),
      anEvent(115_408, 'attempt', ids.upi, '>captured', 'provider', 'webhook'),
      anEvent(115_408, 'payment', ids.payment, 'verified>paid', 'provider', 'webhook'),
      anEvent(115_408, 'order', ids.order, 'pending>confirmed', 'provider', 'webhook'),
      anEvent(115_408, 'order', ids.order, 'verified>paid', 'provider', 'webhook'),
      anEvent(115_408, 'shop_order', ids.malabar, 'pending>awaiting_acceptance', 'provider', 'webhook'),
      anEvent(115_408, 'shop_order', ids.pahadi, 'pending>awaiting_acceptance', 'provider', 'webhook'),
      anEvent(115_408, 'shop_order', ids.rann, 'pending>awaiting_acceptance', 'provider', 'webhook'),
      anEvent(250_000, 'shop_order', ids.malabar, 'awaiting_acceptance>accepted', 'seller', 'api'),
      anEvent(557_234, 'shop_order', ids.pahadi, 'awaiting_acceptance>rejected', 'seller', 'api', {
        reason: 'honey is out of stock',
      }),
      anEvent(557_298, 'refund', ids.refund, '>requested', 'system', 'worker'),
      anEvent(557_900, 'refund', ids.refund, 'requested>processing', 'system', 'worker'),
    ],
    providerCalls: [
      aCall(287, 'createOrder', { reply: { id: 'order_RhT8Wx0aPzK3nB' } }),
      aCall(108_932, 'fetchOrderPayments', { outcome: 'unknown', httpStatus: null, durationMs: 5000, reply: null }),
      aCall(557_400, 'refund', { durationMs: 410, reply: { id: 'rfnd_RhTiB2yQ0w' } }),
    ],
    webhookEvents: [
      aWebhook(28_740, 'payment.failed'),
      aWebhook(115_380, 'payment.captured'),
      aWebhook(122_000, 'payment.captured'),
    ],
    ledger: [],
    reviewItems: [],
    older: null,
    refundableAlone: null,
    leastRefunds: {},
  }
}
