/**
 * Error replies with Razorpay's codes and texts. An unknown id or path is 400 there, not 404. Where the documentation
 * gives no text, the one here is ours; the README lists those.
 */

export interface ErrorBody {
  error: {
    code: string
    description: string
    source: string
    step: string
    reason: string
    metadata: Record<string, string>
    field?: string
  }
}

/** A refusal on its way to the caller. */
export class RazorpayRefusal extends Error {
  readonly statusCode: number
  readonly body: ErrorBody

  constructor(statusCode: number, body: ErrorBody) {
    super(body.error.description)
    this.statusCode = statusCode
    this.body = body
  }
}

/** 400 with the code BAD_REQUEST_ERROR; `field` names the input at fault. */
export function badRequest(description: string, field?: string): RazorpayRefusal {
  return new RazorpayRefusal(400, {
    error: {
      code: 'BAD_REQUEST_ERROR',
      description,
      source: 'business',
      step: 'payment_initiation',
      reason: 'input_validation_failed',
      metadata: {},
      ...(field === undefined ? {} : { field }),
    },
  })
}

/** 409, only for refunds with an idempotency key. */
export function conflict(description: string): RazorpayRefusal {
  return new RazorpayRefusal(409, plain('BAD_REQUEST_ERROR', description))
}

/** 401; which of the two texts depends on whether the key or the secret is wrong. */
export function unauthorized(
  description: 'Authentication failed' | 'The api key provided is invalid',
): RazorpayRefusal {
  return new RazorpayRefusal(401, plain('BAD_REQUEST_ERROR', description))
}

export function unknownUrl(): RazorpayRefusal {
  return new RazorpayRefusal(400, plain('BAD_REQUEST_ERROR', 'The requested URL was not found on the server.'))
}

export function unknownId(): RazorpayRefusal {
  return badRequest('The id provided does not exist')
}

export function invalidId(id: string): RazorpayRefusal {
  return badRequest(`${id} is not a valid id`)
}

/** The body of a reply that says only what kind of trouble there is. */
export function plain(code: string, description: string): ErrorBody {
  return { error: { code, description, source: 'NA', step: 'NA', reason: 'NA', metadata: {} } }
}

const APOLOGY = 'We are facing some trouble completing your request at the moment. Please try again shortly.'

/** The body that goes with a status that a fault asks for. */
export function bodyForStatus(status: number, code?: string, description?: string): ErrorBody {
  if (status >= 500) return plain(code ?? 'SERVER_ERROR', description ?? APOLOGY)
  if (status === 401) return plain(code ?? 'BAD_REQUEST_ERROR', description ?? 'Authentication failed')
  if (status === 429) return plain(code ?? 'BAD_REQUEST_ERROR', description ?? 'Too many requests')
  return plain(code ?? 'BAD_REQUEST_ERROR', description ?? 'The request could not be processed')
}
