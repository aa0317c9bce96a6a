import { Type, type Static } from 'typebox'
import { Amount, Currency, CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'

/** What is compared: payments, refunds, and the lines of the provider's settlement report. */
export const RECONCILED_SUBJECTS = ['payment', 'refund', 'settlement'] as const
export type ReconciledSubject = (typeof RECONCILED_SUBJECTS)[number]

/**
 * - `matched`: both books say the same.
 * - `healed`: the provider knew more; what it proved was settled here.
 * - `booked`: a settlement line that was posted to the ledger by this run.
 * - `foreign`: at the provider, not ours, and no money moved.
 * - `unknown_here`: money at the provider that belongs to nothing of ours.
 * - `unknown_there`: money in our books that the provider does not show.
 * - `differs`: both have it, and they contradict each other.
 * - `unreadable`: the provider lists something that does not say what it must.
 */
export const RECONCILE_OUTCOMES = [
  'matched',
  'healed',
  'booked',
  'foreign',
  'unknown_here',
  'unknown_there',
  'differs',
  'unreadable',
] as const
export type ReconcileOutcome = (typeof RECONCILE_OUTCOMES)[number]

export const ReconciliationRun = Type.Object({
  id: Id,
  provider: Type.String(),
  from: Timestamp,
  to: Timestamp,
  status: Type.String({ description: 'running, completed, failed' }),
  trigger: Type.String({ description: 'schedule, admin' }),
  /** Where a run that is under way has come to: payments, refunds, settlements. */
  phase: Type.String(),
  startedBy: Nullable(Type.String()),
  startedAt: Timestamp,
  finishedAt: Nullable(Timestamp),
  /** How often it went on after it had been interrupted or the provider had not answered. */
  interruptions: Type.Integer(),
  error: Nullable(Type.String()),
  /** Counts and sums per subject, outcome and currency. */
  outcomes: Type.Array(
    Type.Object({
      subject: Type.String(),
      outcome: Type.String(),
      currency: Currency,
      count: Type.Integer(),
      amount: Amount,
    }),
  ),
})
export type ReconciliationRun = Static<typeof ReconciliationRun>

/** One line that was not simply matched or booked. */
export const ReconciliationLine = Type.Object({
  id: Id,
  subject: Type.String(),
  outcome: Type.String(),
  providerRef: Type.String({ description: "The provider's id of the payment, refund or settlement line" }),
  orderId: Nullable(Id),
  orderNumber: Nullable(Type.String()),
  ourAmount: Nullable(Amount),
  theirAmount: Nullable(Amount),
  currency: Currency,
  detail: Type.String({ description: 'What differed, for people' }),
  reviewItemId: Nullable(Id),
  createdAt: Timestamp,
})
export type ReconciliationLine = Static<typeof ReconciliationLine>

export const StartReconciliationBody = Type.Object(
  {
    provider: Type.Optional(Type.String({ minLength: 1, maxLength: 30 })),
    from: Type.String({ description: 'Date (its beginning, UTC) or date-time, inclusive' }),
    to: Type.Optional(
      Type.String({ description: 'Date (that whole day, UTC) or date-time, exclusive; now when left out' }),
    ),
  },
  { additionalProperties: false },
)
export type StartReconciliationBody = Static<typeof StartReconciliationBody>

const OnlyOpen = Type.Optional(Type.Literal('true', { description: 'Only what waits for a person' }))

export const ReconciliationRunsQuery = Type.Object({
  ...CursorQuery,
  provider: Type.Optional(Type.String({ maxLength: 30 })),
  open: OnlyOpen,
})
export const ReconciliationLinesQuery = Type.Object({
  ...CursorQuery,
  open: OnlyOpen,
  subject: Type.Optional(Type.String({ maxLength: 20 })),
  outcome: Type.Optional(Type.String({ maxLength: 20 })),
})
