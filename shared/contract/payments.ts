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

/** A payment that can still be paid. What was captured and went back, or was closed, is paid with no more. */
export const OPEN_PAYMENT_STATUSES: ReadonlySet<string> = new Set<PaymentStatus>([
  'creating',
  'created',
  'verified',
  'authorized',
  'failed',
])

export const ATTEMPT_STATUSES = ['created', 'authorized', 'captured', 'failed', 'refunded'] as const
export type AttemptStatus = (typeof ATTEMPT_STATUSES)[number]

export const REFUND_STATUSES = ['requested', 'processing', 'processed', 'failed'] as const
export type RefundStatus = (typeof REFUND_STATUSES)[number]

/**
 * What became of the money of an order, in one currency: sums of what was captured and refunded, never of what it costs.
 * captured = kept + heldForReview + goingBack + goneBack + failedToGoBack.
 */
export const OrderMoney = Type.Object({
  currency: Currency,
  captured: Type.Integer({ description: 'Minor units that were taken for the order, in all payments' }),
  kept: Type.Integer({ description: 'Of it: pays the order, or was kept for good by a word of the shop' }),
  heldForReview: Type.Integer({ description: 'Of it: is here, and waits for a person to decide' }),
  goingBack: Type.Integer({ description: 'Of it: on its way back to the customer' }),
  goneBack: Type.Integer({ description: 'Of it: sent back' }),
  failedToGoBack: Type.Integer({ description: 'Of it: was to go back and did not; it is owed, and a person is on it' }),
  authorized: Type.Integer({ description: 'Beside it: held at the bank for us, and not captured' }),
})
export type OrderMoney = Static<typeof OrderMoney>

/** Why money goes back, for the customer. */
export const REFUND_CAUSES = [
  'cancelled',
  'paid_twice',
  /** It came after the order had ended, and its things were sold. */
  'sold_out',
  'paid_too_much',
  'part_not_sent',
  'other_amount',
  'other_currency',
  'not_expected',
  'by_shop',
  /** Somebody of the shop made it at the provider's dashboard: we did not ask for it. */
  'at_provider',
] as const
export type RefundCause = (typeof REFUND_CAUSES)[number]
export const RefundCause = Type.Unsafe<RefundCause>(Type.Union(REFUND_CAUSES.map((cause) => Type.Literal(cause))))

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

/** The fields of it that go by two names. Given both ways, they must say the same. */
export const VERIFY_ALIASES = [
  ['orderId', 'order_id'],
  ['razorpayPaymentId', 'razorpay_payment_id'],
  ['razorpayOrderId', 'razorpay_order_id'],
  ['razorpaySignature', 'razorpay_signature'],
] as const satisfies readonly (readonly [keyof VerifyPaymentBody, keyof VerifyPaymentBody])[]

export const VerifiedPayment = Type.Object({
  orderId: Id,
  status: Type.String({ description: 'The payment status' }),
  orderStatus: Type.String(),
  paymentStatus: Type.String({ description: 'The payment status of the order' }),
  isConfirmed: Type.Boolean(),
  money: Type.Array(OrderMoney),
})
export type VerifiedPayment = Static<typeof VerifiedPayment>

export const OrderPaymentState = Type.Object({
  paymentId: Nullable(Id),
  provider: Nullable(Type.String()),
  status: Nullable(Type.String()),
  amount: Amount,
  currency: Currency,
  orderId: Id,
  orderNumber: Type.String(),
  orderStatus: Type.String(),
  paymentStatus: Type.String(),
  isConfirmed: Type.Boolean(),
  isUndecided: Type.Boolean({ description: 'A try is under way of which the bank has not said yes or no' }),
  canPay: Type.Boolean({ description: 'As of the order' }),
  money: Type.Array(OrderMoney),
})
export type OrderPaymentState = Static<typeof OrderPaymentState>

export const AskedPayment = Type.Object({
  hasAnswered: Type.Boolean({ description: 'The provider answered; what the state says is its present word' }),
  state: OrderPaymentState,
})
export type AskedPayment = Static<typeof AskedPayment>

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
  fee: Type.Optional(Nullable(Type.Integer({ description: 'What the provider kept of it; told to staff only' }))),
  tax: Type.Optional(Nullable(Type.Integer({ description: 'The tax in the fee; told to staff only' }))),
  errorCode: Nullable(Type.String()),
  errorDescription: Nullable(Type.String()),
  createdAt: Timestamp,
})
export type PaymentAttempt = Static<typeof PaymentAttempt>

export const Refund = Type.Object({
  id: Id,
  paymentId: Id,
  attemptId: Type.String({ description: 'The attempt whose money it is' }),
  providerRefundId: Nullable(Type.String()),
  amount: Amount,
  currency: Currency,
  status: Type.String(),
  cause: RefundCause,
  text: Type.String({ description: 'Why, written for the customer' }),
  reason: Nullable(Type.String({ description: 'Why, written for staff; null for everybody else' })),
  destination: Type.String({ description: 'source, wallet, elsewhere' }),
  approval: Type.String({ description: 'none; pending, approved or declined where a second person must agree' }),
  errorDescription: Nullable(Type.String({ description: 'Why it failed; null for everybody but staff' })),
  createdAt: Timestamp,
  processedAt: Nullable(Timestamp),
  warning: Type.Optional(
    Type.Object(
      { code: Type.Literal('rest_too_small'), message: Type.String(), rest: Amount, minimum: Amount },
      { description: 'When it was decided: what it leaves is less than the provider sends back at once' },
    ),
  ),
})
export type Refund = Static<typeof Refund>

/** A reason that a person gives for moving money by hand. It stands in the audit timeline. */
export const Reason = Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' })

/** Where a decision of an admin waits that lets more money go than one person may. Nothing of it is done yet. */
export const WaitsFor = Type.Object({
  reviewItemId: Type.String({ format: 'uuid', description: 'The question that asks a second admin to agree' }),
  amount: Amount,
  currency: Currency,
})
export type WaitsFor = Static<typeof WaitsFor>

export const RefundBody = Type.Object(
  {
    paymentId: Type.Optional(Id),
    orderId: Type.Optional(Id),
    amount: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000_000,
        description: 'Minor units; all that can still go back when it is left out (with items: what they cost)',
      }),
    ),
    reason: Reason,
    message: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 300,
        pattern: '\\S',
        description: 'What the customer reads about it; the reason is for staff alone',
      }),
    ),
    destination: Type.Optional(Type.Union([Type.Literal('source'), Type.Literal('wallet')], { default: 'source' })),
    items: Type.Optional(
      Type.Array(
        Type.Object(
          { itemId: Id, quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }) },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 200, description: 'The lines it is for; their shops bear it, and they are restocked' },
      ),
    ),
    restock: Type.Optional(
      Type.Boolean({ description: 'Puts the units back: those of items, or all when everything goes back' }),
    ),
  },
  { additionalProperties: false },
)
export type RefundBody = Static<typeof RefundBody>

export const CaptureBody = Type.Object({ reason: Reason }, { additionalProperties: false })

/** Marking by hand what no provider can tell us: money that came another way, or a payment that nobody will make. */
export const ResolveBody = Type.Object(
  {
    status: Type.Union([Type.Literal('paid'), Type.Literal('abandoned')]),
    reason: Reason,
    reference: Type.Optional(
      Type.String({
        minLength: 3,
        maxLength: 60,
        pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]*$',
        description: "For paid: the bank's reference of the transfer (UTR). It can pay one order only",
      }),
    ),
  },
  { additionalProperties: false },
)
export type ResolveBody = Static<typeof ResolveBody>

export const AttachBody = Type.Object(
  {
    provider: Type.String({ minLength: 1, maxLength: 30 }),
    providerPaymentId: Type.String({ minLength: 3, maxLength: 100 }),
    orderId: Id,
    reason: Reason,
  },
  { additionalProperties: false },
)
export type AttachBody = Static<typeof AttachBody>

export const Wallet = Type.Object({
  balances: Type.Array(Type.Object({ currency: Currency, balance: Amount })),
  transfers: Type.Array(
    Type.Object({
      id: Id,
      kind: Type.String({ description: 'refund_to_wallet, …' }),
      amount: Type.Integer({ description: 'Minor units; negative when it left the wallet' }),
      currency: Currency,
      orderId: Nullable(Id),
      createdAt: Timestamp,
    }),
  ),
})
export type Wallet = Static<typeof Wallet>

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
