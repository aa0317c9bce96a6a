import { Type, type Static } from 'typebox'
import { Amount, Currency, Id, Nullable, Timestamp } from './envelope.ts'

export const PAYMENT_STATUSES = [
  'creating',
  'created',
  'verified',
  'authorized',
  'paid',
  'partially_refunded',
  'refunded',
  'failed',
  'abandoned',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

export const ATTEMPT_STATUSES = ['created', 'authorized', 'captured', 'failed', 'refunded'] as const
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number]

export const REFUND_STATUSES = ['requested', 'processing', 'processed', 'failed'] as const
export type RefundStatus = (typeof REFUND_STATUSES)[number]

/** What the browser needs to let the shopper pay at the provider. */
export const HandOff = Type.Object({
  paymentId: Id,
  provider: Type.String(),
  providerOrderId: Type.String(),
  keyId: Nullable(Type.String()),
  amount: Amount,
  currency: Currency,
  customer: Type.Object({
    name: Nullable(Type.String()),
    email: Nullable(Type.String()),
    contact: Nullable(Type.String()),
  }),
  checkout: Type.Union([
    Type.Object({
      kind: Type.Literal('razorpay'),
      scriptUrl: Type.String(),
      options: Type.Record(Type.String(), Type.Unknown(), {
        description: 'For new Razorpay(options); add handler and modal',
      }),
    }),
    Type.Object({ kind: Type.Literal('redirect'), url: Type.String() }),
  ]),
})
export type HandOff = Static<typeof HandOff>

export const CreatePaymentBody = Type.Object(
  { orderId: Id, provider: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })) },
  { additionalProperties: false },
)
export type CreatePaymentBody = Static<typeof CreatePaymentBody>

/**
 * What the shopper's browser got from the provider. Each provider's adapter takes its own fields (Razorpay's also by
 * their snake_case names) and ignores the others, because providers add fields to what they hand back.
 */
export const VerifyPaymentBody = Type.Object({
  orderId: Type.Optional(Id),
  order_id: Type.Optional(Id),
  razorpayPaymentId: Type.Optional(Type.String({ maxLength: 100 })),
  razorpayOrderId: Type.Optional(Type.String({ maxLength: 100 })),
  razorpaySignature: Type.Optional(Type.String({ maxLength: 256 })),
  razorpay_payment_id: Type.Optional(Type.String({ maxLength: 100 })),
  razorpay_order_id: Type.Optional(Type.String({ maxLength: 100 })),
  razorpay_signature: Type.Optional(Type.String({ maxLength: 256 })),
  sessionId: Type.Optional(Type.String({ maxLength: 200 })),
  paypalOrderId: Type.Optional(Type.String({ maxLength: 100 })),
})
export type VerifyPaymentBody = Static<typeof VerifyPaymentBody>

export const VerifiedPayment = Type.Object({
  orderId: Id,
  status: Type.String({ description: 'The payment status' }),
  orderStatus: Type.String(),
  paymentStatus: Type.String({ description: 'The payment status of the order' }),
  isConfirmed: Type.Boolean(),
})
export type VerifiedPayment = Static<typeof VerifiedPayment>

export const OrderPaymentState = Type.Object({
  paymentId: Nullable(Id),
  provider: Nullable(Type.String()),
  status: Nullable(Type.String()),
  amount: Amount,
  currency: Currency,
  orderId: Id,
  orderStatus: Type.String(),
  paymentStatus: Type.String(),
  isConfirmed: Type.Boolean(),
})
export type OrderPaymentState = Static<typeof OrderPaymentState>

export const PaymentAttempt = Type.Object({
  id: Id,
  providerPaymentId: Type.String(),
  status: Type.String(),
  method: Nullable(Type.String()),
  methodDetail: Nullable(Type.String({ description: 'A UPI handle, the last four digits of a card, a bank' })),
  amount: Amount,
  currency: Currency,
  capturedAmount: Amount,
  refundedAmount: Amount,
  fee: Nullable(Amount),
  tax: Nullable(Amount),
  errorCode: Nullable(Type.String()),
  errorDescription: Nullable(Type.String()),
  createdAt: Timestamp,
})
export type PaymentAttempt = Static<typeof PaymentAttempt>

export const Refund = Type.Object({
  id: Id,
  paymentId: Id,
  providerRefundId: Nullable(Type.String()),
  amount: Amount,
  currency: Currency,
  status: Type.String(),
  reason: Type.String(),
  destination: Type.String(),
  createdAt: Timestamp,
  processedAt: Nullable(Timestamp),
})
export type Refund = Static<typeof Refund>

export const Payment = Type.Object({
  id: Id,
  orderId: Id,
  provider: Type.String(),
  providerOrderId: Nullable(Type.String()),
  status: Type.String(),
  amount: Amount,
  currency: Currency,
  method: Nullable(Type.String()),
  capturedAmount: Amount,
  refundedAmount: Amount,
  attempts: Type.Array(PaymentAttempt),
  refunds: Type.Array(Refund),
  createdAt: Timestamp,
})
export type Payment = Static<typeof Payment>
