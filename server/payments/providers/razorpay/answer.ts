/** How a call ended: Razorpay's explicit word, or not knowing. What its status codes and error bodies mean stands here. */
import { cleanLine } from '../../../../shared/text.ts'
import type { Reply } from '../provider.ts'

/** Calls the SDK and says how the call ended. */
export async function ask<T>(call: () => Promise<unknown>, read: (value: unknown) => T): Promise<Reply<T>> {
  let value: unknown
  try {
    value = await call()
  } catch (error) {
    return failure(error)
  }
  return readable({ httpStatus: 200, reply: value }, () => read(value))
}

/** An answer that cannot be read proves nothing. */
export function readable<T>(exchange: { httpStatus: number | null; reply: unknown }, read: () => T): Reply<T> {
  const { httpStatus, reply } = exchange
  try {
    return { outcome: 'accepted', value: read(), httpStatus, reply }
  } catch (error) {
    const message = `unreadable answer: ${error instanceof Error ? error.message : String(error)}`
    return { outcome: 'unknown', message, httpStatus, reply }
  }
}

/**
 * A 400 or 409 with an error body is Razorpay's word. 401 and 403 speak of our keys and not of the payment; 429 asks us
 * to come back; a 409 of the refund API while the first request runs is not an answer yet.
 */
function failure(error: unknown): Reply<never> {
  const { status, body } = failedResponse(error)
  const description = typeof body?.description === 'string' ? cleanLine(body.description) : 'no readable error'
  const code = typeof body?.code === 'string' ? cleanLine(body.code) : 'UNKNOWN'
  const exchange = { httpStatus: status === 0 ? null : status, reply: body ?? null }
  const definitive = (status === 400 || status === 409) && body !== undefined && !/still in progress/i.test(description)
  return definitive
    ? { outcome: 'refused', code, message: description, ...exchange }
    : { outcome: 'unknown', message: `${status === 0 ? 'no answer' : `HTTP ${status}`}: ${description}`, ...exchange }
}

interface ErrorBody {
  code?: unknown
  description?: unknown
}

/** The SDK's methods reject with `{ statusCode, error }`, its inner client with `{ response: { status, data } }`. */
function failedResponse(error: unknown): { status: number; body: ErrorBody | undefined } {
  if (typeof error !== 'object' || error === null) return { status: 0, body: { description: String(error) } }
  if ('response' in error) {
    const { response } = error as { response: { status: number; data?: { error?: ErrorBody } } }
    return { status: response.status, body: response.data?.error }
  }
  if ('statusCode' in error) {
    const { statusCode, error: body } = error as { statusCode: number; error?: ErrorBody }
    return { status: statusCode, body }
  }
  return { status: 0, body: { description: error instanceof Error ? error.message : 'unknown error' } }
}
