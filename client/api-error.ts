import type { ErrorCode } from '../shared/contract/envelope.ts'

/** What went wrong without an answer of the API: no connection, no answer in time, or an answer that is not ours. */
export type NoAnswerCode = 'network' | 'timeout' | 'unreadable'

/** One line of `details.fields` of a `validation_failed` answer. */
export type FieldProblem = { field: string; message: string }

/**
 * A call that did not succeed. `code` is one of the API's documented codes, or a NoAnswerCode when the API did not
 * answer; then `status` is 0 or the status of the unreadable answer.
 */
export class ApiError extends Error {
  readonly code: ErrorCode | NoAnswerCode | (string & {})
  readonly status: number
  readonly details: unknown
  readonly requestId: string | null
  /** How long the server asks to wait before another try; null when it does not say. */
  readonly retryAfterMs: number | null

  constructor(fields: {
    code: string
    status: number
    message: string
    details?: unknown
    requestId?: string | null
    retryAfterMs?: number | null
    cause?: unknown
  }) {
    super(fields.message, { cause: fields.cause })
    this.name = 'ApiError'
    this.code = fields.code
    this.status = fields.status
    this.details = fields.details
    this.requestId = fields.requestId ?? null
    this.retryAfterMs = fields.retryAfterMs ?? null
  }
}

/** True when the API refused, in its own words: asking the same again gives the same answer. */
export function isRefusal(error: unknown): error is ApiError {
  return error instanceof ApiError && !isWorthRetrying(error)
}

/**
 * True when the call may or may not have taken effect, or was turned away only for now. Such a call may be repeated
 * when it is idempotent; it must never be shown as a failure of a payment.
 *
 * `provider_unavailable` is not among them: it is a complete answer, the order exists and can be paid later. Nor is
 * `payment_refused`: the order exists, and asking again does not help.
 */
export function isWorthRetrying(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false
  switch (error.code) {
    case 'network':
    case 'timeout':
    case 'unreadable':
    case 'request_in_progress':
    case 'rate_limited':
    case 'internal_error':
    case 'unavailable':
      return true
    default:
      return false
  }
}

/** The fields that a `validation_failed` answer names; empty for every other error. */
export function fieldProblems(error: unknown): FieldProblem[] {
  if (!(error instanceof ApiError) || error.code !== 'validation_failed') return []
  const fields = record(error.details)?.['fields']
  if (!Array.isArray(fields)) return []
  return fields.flatMap((entry: unknown) => {
    const field = record(entry)?.['field']
    const message = record(entry)?.['message']
    return typeof field === 'string' && typeof message === 'string' ? [{ field, message }] : []
  })
}

/** A text that an error carries in `details`, such as the `orderId` of `provider_unavailable`. */
export function errorDetail(error: unknown, name: string): string | undefined {
  const value = error instanceof ApiError ? record(error.details)?.[name] : undefined
  return typeof value === 'string' ? value : undefined
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
}
