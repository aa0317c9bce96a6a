import { Type, type Static } from 'typebox'
import { CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'

export const WebhookEvent = Type.Object({
  id: Id,
  provider: Type.String(),
  eventId: Type.String(),
  type: Type.String(),
  status: Type.String({ description: 'received, processed, ignored, failed' }),
  /** Valid by construction: what is not authentic is not stored as an event, but among the rejected deliveries. */
  signatureValid: Type.Boolean(),
  attempts: Type.Integer({ description: 'How often its processing was tried' }),
  error: Nullable(Type.String()),
  orderId: Nullable(Id),
  orderNumber: Nullable(Type.String()),
  receivedAt: Timestamp,
  processedAt: Nullable(Timestamp),
  nextAttemptAt: Nullable(Timestamp),
})
export type WebhookEvent = Static<typeof WebhookEvent>

export const WebhookEventDetail = Type.Object({
  event: WebhookEvent,
  headers: Type.Record(Type.String(), Type.Unknown()),
  body: Nullable(
    Type.String({ description: 'As received, byte for byte where it is text; null once its time has passed' }),
  ),
  /** Each try to process it that did not simply succeed at once, and each replay by hand. */
  history: Type.Array(
    Type.Object({
      at: Timestamp,
      outcome: Type.String({ description: 'retried, ignored, failed, replayed, processed' }),
      error: Nullable(Type.String()),
      by: Nullable(Type.String()),
    }),
  ),
})
export type WebhookEventDetail = Static<typeof WebhookEventDetail>

export const WebhooksQuery = Type.Object({
  ...CursorQuery,
  provider: Type.Optional(Type.String({ maxLength: 30 })),
  status: Type.Optional(
    Type.Union(['received', 'processed', 'ignored', 'failed'].map((status) => Type.Literal(status))),
  ),
  type: Type.Optional(Type.String({ maxLength: 100 })),
  orderId: Type.Optional(Id),
})

export const RejectedQuery = Type.Object({ ...CursorQuery, provider: Type.Optional(Type.String({ maxLength: 30 })) })

/** A delivery that was refused. A small sample is kept, so that a wrong secret can be told from an attack. */
export const RejectedDelivery = Type.Object({
  id: Id,
  provider: Type.String(),
  verdict: Type.String({ description: 'missing, invalid' }),
  headers: Type.Record(Type.String(), Type.Unknown()),
  bodyStart: Type.String({ description: 'Its first bytes; nothing in it is to be believed' }),
  receivedAt: Timestamp,
})
export type RejectedDelivery = Static<typeof RejectedDelivery>
