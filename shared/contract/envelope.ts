import { Type, type Static, type TSchema } from 'typebox'

/** Every error code of the API with the HTTP status it is sent with. Clients may rely on both. */
export const ERROR_STATUS = {
  validation_failed: 400,
  signature_missing: 400,
  invalid_signature: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_your_order: 403,
  not_found: 404,
  order_not_found: 404,
  payment_not_found: 404,
  order_already_paid: 409,
  part_returned: 409,
  order_cancelled: 409,
  /** Money of this order is here, or held at the bank, and waits for a person. Nobody is asked for more. */
  payment_under_review: 409,
  out_of_stock: 409,
  /** More of a product than one order may have. */
  quantity_limited: 409,
  /** Taken off the shelf since it was put in the box. */
  product_unavailable: 409,
  /** A client's unpaid orders keep too much from others; with Retry-After. */
  too_many_unpaid_orders: 409,
  price_changed: 409,
  coupon_invalid: 409,
  coupon_exhausted: 409,
  insufficient_balance: 409,
  cod_not_allowed: 409,
  shop_closed: 409,
  currency_not_supported: 409,
  /** The provider's account does not take this payment, however often it is asked. */
  payment_refused: 409,
  invalid_transition: 409,
  refund_exceeds_captured: 409,
  /** The provider has not said what became of it, also when asked now: nothing is done on a guess. */
  payment_state_unknown: 409,
  /** A person who asked for something cannot also be the second who agrees. */
  second_person_needed: 409,
  already_resolved: 409,
  request_in_progress: 409,
  /** Done days ago under the same Idempotency-Key; the answer is kept no longer, and it is not done again. */
  answer_not_kept: 409,
  request_timeout: 408,
  payload_too_large: 413,
  unsupported_media_type: 415,
  idempotency_key_reused: 422,
  rate_limited: 429,
  headers_too_large: 431,
  internal_error: 500,
  provider_unavailable: 502,
  unavailable: 503,
} as const

export type ErrorCode = keyof typeof ERROR_STATUS

export const Failure = Type.Object(
  {
    success: Type.Literal(false),
    error: Type.Object({
      code: Type.String({ description: 'One of the documented error codes' }),
      message: Type.String({ description: 'A sentence for people' }),
      details: Type.Optional(Type.Unknown({ description: 'For validation_failed: { fields: [{ field, message }] }' })),
      requestId: Type.String(),
    }),
  },
  { description: 'What every refused request answers' },
)
export type Failure = Static<typeof Failure>

/** The envelope of a successful answer around `data`. */
export function Success<T extends TSchema>(data: T) {
  return Type.Object({ success: Type.Literal(true), data, message: Type.Optional(Type.String()) })
}

export const CursorPagination = Type.Object({
  limit: Type.Integer(),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Pass it as `cursor`; null on the last page' }),
})

/** Of a list that is paged by number up to a limit, and by cursor beyond it. */
export const PagePagination = Type.Object({
  total: Type.Integer({ description: 'How many there are; of very many, the number up to which they were counted' }),
  totalIsCapped: Type.Boolean({ description: 'True: there are more than `total`' }),
  page: Type.Union([Type.Integer(), Type.Null()], { description: 'Null for a page that was asked for by cursor' }),
  limit: Type.Integer(),
  totalPages: Type.Integer(),
  nextCursor: Type.Union([Type.String(), Type.Null()], {
    description: 'Pass it as `cursor`; null on the last page, and for a search',
  }),
})
export type PagePagination = Static<typeof PagePagination>

export function CursorList<T extends TSchema>(data: T) {
  return Type.Object({ success: Type.Literal(true), data, pagination: CursorPagination })
}

export function PageList<T extends TSchema>(data: T) {
  return Type.Object({ success: Type.Literal(true), data, pagination: PagePagination })
}

/** Marks text that is read in any case and known in lower case; the server rewrites it as it comes in. */
export const ANY_CASE = 'x-any-case'
export const Id = Type.String({ format: 'uuid', [ANY_CASE]: true })
/** What stands for a thing in a path: its id, or a name for it where it has one. What is neither is not found. */
export const IdInPath = Type.String({ maxLength: 100, [ANY_CASE]: true })
export const Currency = Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217' })
export const Amount = Type.Integer({ description: 'Minor units (paise for INR)' })
export const Timestamp = Type.String({ format: 'date-time' })
export function Nullable<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()])
}

/** Query of a list that pages by cursor. */
export const CursorQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 24 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
}

/** The replies of a route: one success, and the one shape of every refusal. */
export function replies<T extends TSchema>(success: T, status: 200 | 201 | 202 = 200) {
  return { [status]: success, '4xx': Failure, '5xx': Failure }
}

export const OrderParams = Type.Object({ id: IdInPath })
