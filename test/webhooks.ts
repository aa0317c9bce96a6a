/** Webhooks as Razorpay writes and signs them, for tests that need a certain one at a certain moment. */
import { createHmac, randomBytes } from 'node:crypto'
import type { Answer, Shop } from './shop.ts'

export interface SignedEvent {
  eventId: string
  body: string
  signature: string
}

export interface PaymentEntity {
  id: string
  orderId: string
  amount: number
  currency?: string
  status: 'created' | 'authorized' | 'captured' | 'refunded' | 'failed'
  captured?: boolean
  amountRefunded?: number
  fee?: number | null
}

export interface RefundEntity {
  id: string
  paymentId: string
  amount: number
  currency?: string
  status: 'pending' | 'processed' | 'failed'
  receipt?: string | null
}

export function paymentEntity(payment: PaymentEntity): Record<string, unknown> {
  const failed = payment.status === 'failed'
  return {
    id: payment.id,
    entity: 'payment',
    amount: payment.amount,
    currency: payment.currency ?? 'INR',
    status: payment.status,
    order_id: payment.orderId,
    method: 'upi',
    amount_refunded: payment.amountRefunded ?? 0,
    captured: payment.captured ?? payment.status === 'captured',
    vpa: 'ananya@okbank',
    notes: [],
    fee: payment.fee ?? null,
    tax: null,
    error_code: failed ? 'BAD_REQUEST_ERROR' : null,
    error_description: failed ? 'The bank declined the payment.' : null,
    error_reason: failed ? 'payment_failed' : null,
    created_at: 1_787_923_803,
  }
}

export function refundEntity(refund: RefundEntity): Record<string, unknown> {
  return {
    id: refund.id,
    entity: 'refund',
    amount: refund.amount,
    currency: refund.currency ?? 'INR',
    payment_id: refund.paymentId,
    notes: [],
    receipt: refund.receipt ?? null,
    status: refund.status,
    created_at: 1_787_923_903,
  }
}

/** An event about a payment, and about its refund where there is one. */
export function paymentEvent(type: string, payment: PaymentEntity, refund?: RefundEntity): string {
  return JSON.stringify({
    entity: 'event',
    account_id: 'acc_test',
    event: type,
    contains: refund === undefined ? ['payment'] : ['refund', 'payment'],
    payload: {
      ...(refund === undefined ? {} : { refund: { entity: refundEntity(refund) } }),
      payment: { entity: paymentEntity(payment) },
    },
    created_at: 1_787_923_904,
  })
}

export function signed(shop: Shop, body: string, eventId = `evt_${randomBytes(8).toString('hex')}`): SignedEvent {
  const signature = createHmac('sha256', shop.sandbox.keys.razorpay.webhookSecret).update(body).digest('hex')
  return { eventId, body, signature }
}

/** Delivers an event as its bytes are. */
export function deliver(
  shop: Shop,
  event: Omit<SignedEvent, 'signature'> & { signature?: string },
  provider = 'razorpay',
): Promise<Answer> {
  return shop.call('POST', `/api/payments/webhook/${provider}`, {
    raw: { content: new TextEncoder().encode(event.body), type: 'application/json' },
    headers: {
      'x-razorpay-event-id': event.eventId,
      ...(event.signature === undefined ? {} : { 'x-razorpay-signature': event.signature }),
    },
  })
}
