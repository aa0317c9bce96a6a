import { ERROR_STATUS, type ErrorCode } from '../../shared/contract/envelope.ts'

/**
 * A refused request: the one kind of error that reaches a client with its own code and words. Everything else that is
 * thrown is a defect or an outage and is answered as `internal_error` or `unavailable`.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: Record<string, unknown> | undefined
  /** Seconds after which trying again makes sense; sent as Retry-After. */
  readonly retryAfterS: number | undefined

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: Record<string, unknown>; retryAfterS?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'AppError'
    this.code = code
    this.details = options.details
    this.retryAfterS = options.retryAfterS
  }

  get status(): number {
    return ERROR_STATUS[this.code]
  }
}

/** A `validation_failed` that names one field. */
export function invalidField(field: string, message: string): AppError {
  return new AppError('validation_failed', `${field}: ${message}`, { details: { fields: [{ field, message }] } })
}
