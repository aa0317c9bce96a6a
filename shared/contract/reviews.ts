import { Type, type Static } from 'typebox'
import { Amount, Currency, CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'
import { Reason } from './payments.ts'

/**
 * What a person can decide about a review item:
 * - `refund`: send the money back to where it came from (again, when it failed before).
 * - `refund_to_wallet`: give it back as wallet money.
 * - `paid_back_elsewhere`: it was given back another way; `reference` names the transfer.
 * - `confirm`: take the capture as the payment of its order. What it is short of is written off, what is over goes back.
 * - `attach`: it pays the order named by `orderId`.
 * - `write_off`: keep or lose the difference for good; it leaves the books of the order for the write-offs account.
 * - `approve`, `decline`: the second person's word on a refund, or on a decision that waits; whoever asked for a decision
 *   can decline it, which takes it back.
 * - `ask`: look at the provider again, and close the item when that answers it.
 * - `dismiss`: nothing is to be done, and the reason says why.
 */
export const REVIEW_ACTIONS = [
  'refund',
  'refund_to_wallet',
  'paid_back_elsewhere',
  'confirm',
  'attach',
  'write_off',
  'approve',
  'decline',
  'ask',
  'dismiss',
] as const
export type ReviewAction = (typeof REVIEW_ACTIONS)[number]
export const ReviewAction = Type.Unsafe<ReviewAction>(Type.Union(REVIEW_ACTIONS.map((action) => Type.Literal(action))))

export const ReviewItem = Type.Object({
  id: Id,
  kind: Type.String({ description: 'amount_differs, refund_failed, payment_undecided, unknown_payment, …' }),
  summary: Type.String(),
  amount: Nullable(Amount),
  currency: Nullable(Currency),
  orderId: Nullable(Id),
  orderNumber: Nullable(Type.String()),
  paymentId: Nullable(Id),
  provider: Nullable(Type.String()),
  providerRef: Nullable(Type.String({ description: "The provider's id of the payment, refund or line" })),
  owner: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  /** A decision about it that waits for a second person; until then nothing else is decided. */
  waitsFor: Nullable(
    Type.Object({
      reviewItemId: Type.String({ format: 'uuid', description: 'The question that asks the second person' }),
      action: ReviewAction,
      amount: Amount,
      currency: Currency,
    }),
  ),
  /** Most fitting first. */
  actions: Type.Array(ReviewAction),
  createdAt: Timestamp,
  resolvedAt: Nullable(Timestamp),
  resolution: Nullable(Type.String({ description: 'The action that closed it, or what did so by itself' })),
  resolvedBy: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  reason: Nullable(Type.String()),
})
export type ReviewItem = Static<typeof ReviewItem>

/** An item with all that is known about it. */
export const ReviewItemDetail = Type.Object({
  item: ReviewItem,
  /** What was learned when it was opened, in the words of its kind. */
  evidence: Type.Record(Type.String(), Type.Unknown()),
  /** What the provider was asked about this payment, newest first, with its raw replies. */
  providerCalls: Type.Array(
    Type.Object({
      id: Id,
      operation: Type.String(),
      outcome: Type.String(),
      httpStatus: Nullable(Type.Integer()),
      request: Type.Unknown(),
      reply: Type.Unknown(),
      createdAt: Timestamp,
    }),
  ),
  /** The order's captures and what of them has gone back, when there is an order. */
  money: Type.Array(
    Type.Object({
      providerPaymentId: Type.String(),
      status: Type.String(),
      disposition: Type.String({ description: 'none, kept, surplus, review' }),
      capturedAmount: Amount,
      refundingAmount: Amount,
      refundedAmount: Amount,
      currency: Currency,
    }),
  ),
  alone: Nullable(
    Type.Integer({
      description: 'What one person can let go of the order, or of this; above it a second must agree. Null: no limit',
    }),
  ),
  orderStatus: Nullable(Type.String()),
  orderTotal: Nullable(Amount),
})
export type ReviewItemDetail = Static<typeof ReviewItemDetail>

export const ReviewsQuery = Type.Object({
  ...CursorQuery,
  status: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('resolved')], { default: 'open' })),
  kind: Type.Optional(Type.String({ maxLength: 50 })),
  createdBefore: Type.Optional(
    Type.String({ description: 'Day of the shop (that whole day), or date-time, exclusive' }),
  ),
  owner: Type.Optional(
    Type.String({ maxLength: 100, description: '`me`, `nobody`, or the id of the person who has taken it' }),
  ),
})
export type ReviewsQuery = Static<typeof ReviewsQuery>

/** How many open items there are of each kind, and how old the oldest is. */
export const ReviewCounts = Type.Array(Type.Object({ kind: Type.String(), count: Type.Integer(), oldestAt: Timestamp }))
export type ReviewCounts = Static<typeof ReviewCounts>

export const ReviewActionBody = Type.Object(
  {
    action: ReviewAction,
    reason: Reason,
    orderId: Type.Optional(Id),
    reference: Type.Optional(Type.String({ minLength: 3, maxLength: 60, pattern: '^[A-Za-z0-9][A-Za-z0-9 ._/-]*$' })),
  },
  { additionalProperties: false },
)
export type ReviewActionBody = Static<typeof ReviewActionBody>

/** Decisions that mean the same for every item of a kind; the others name an order or a transfer. */
export const MANY_ACTIONS = REVIEW_ACTIONS.filter((action) => action !== 'attach' && action !== 'paid_back_elsewhere')
export const MOST_AT_ONCE = 100

export const ReviewManyBody = Type.Object(
  {
    ids: Type.Array(Id, { minItems: 1, maxItems: MOST_AT_ONCE, uniqueItems: true, description: 'All of one kind' }),
    action: Type.Unsafe<ReviewAction>(Type.Union(MANY_ACTIONS.map((action) => Type.Literal(action)))),
    reason: Reason,
  },
  { additionalProperties: false },
)
export type ReviewManyBody = Static<typeof ReviewManyBody>

/** What became of one of several items that were decided about together. */
export const ReviewResult = Type.Object({
  id: Id,
  item: Nullable(ReviewItem),
  error: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
})
export type ReviewResult = Static<typeof ReviewResult>

export const ReviewOwnerBody = Type.Object(
  { owner: Nullable(Type.String({ maxLength: 100, description: '`me`, or the id of an admin; null gives it up' })) },
  { additionalProperties: false },
)
