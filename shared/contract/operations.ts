import { Type, type Static } from 'typebox'
import { CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'

export const Alert = Type.Object({
  id: Id,
  kind: Type.String({ description: 'payment_failures, paid_not_confirmed, invalid_signature, webhook_silence, …' }),
  key: Type.String({ description: 'What it is about: a provider, a route' }),
  severity: Type.Union([Type.Literal('page'), Type.Literal('warn')]),
  summary: Type.String(),
  count: Type.Integer({ description: 'How often it was seen while it was open' }),
  firstAt: Timestamp,
  lastAt: Timestamp,
  resolvedAt: Nullable(Timestamp),
  acknowledgedBy: Nullable(Type.String()),
  acknowledgedAt: Nullable(Timestamp),
})
export type Alert = Static<typeof Alert>

export const AlertsQuery = Type.Object({
  ...CursorQuery,
  status: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('resolved')], { default: 'open' })),
})

/** One run of the questions that the books must answer with nothing. */
export const CheckRun = Type.Object({
  id: Id,
  trigger: Type.String({ description: 'schedule, admin, command' }),
  ok: Type.Boolean(),
  startedAt: Timestamp,
  durationMs: Type.Integer(),
  /** Since when history was asked about: what was found right before was left alone. Null when all of it was asked about. */
  since: Nullable(Timestamp),
  questions: Type.Array(
    Type.Object({
      id: Type.String({ description: 'I1 … I12' }),
      title: Type.String(),
      ok: Type.Boolean(),
      count: Type.Integer(),
      /** The first of what is wrong, each as one line that names the row. */
      violations: Type.Array(Type.String()),
      durationMs: Type.Integer(),
    }),
  ),
})
export type CheckRun = Static<typeof CheckRun>

export const RunCheckQuery = Type.Object({
  full: Type.Optional(Type.Boolean({ description: 'Asks about all of history, and not only about what is new' })),
})

export const ChecksQuery = Type.Object({ ...CursorQuery })
