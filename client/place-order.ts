/** Pressing the pay button: one wish, one idempotency key, one order, whatever the network does. */
import { ApiError, errorDetail, isRefusal } from './api-error.ts'
import type { HundiClient } from './api.ts'
import type { OrderAttempts } from './order-attempt.ts'
import type { RetryOptions } from './retry.ts'
import type { PlaceOrderBody, PlacedOrder } from './shapes.ts'

export type Placement =
  | { kind: 'placed'; placed: PlacedOrder & { isReplay: boolean } }
  /** The order exists, but the provider did not open its payment; it can be paid from its own page. */
  | { kind: 'payable'; orderId: string }
  /** The order exists, and the shop's account at the provider does not take its payment, however often it is asked. */
  | { kind: 'unpayable'; orderId: string; error: ApiError }
  /** This wish is an order already, and money for it has come: another tab was quicker. */
  | { kind: 'paid'; orderId: string }
  /** Nothing was ordered, and the server says why. */
  | { kind: 'refused'; error: ApiError }
  /** No answer. The order may exist; pressing again with the same content asks for the same order. */
  | { kind: 'unknown'; error: ApiError }

/**
 * Places an order under the key that is written down for it. Errors come back as values; only bugs are thrown.
 * @param person the signed-in user's id, null for a guest
 */
export async function placeOrderOnce(
  client: Pick<HundiClient, 'placeOrder'>,
  attempts: OrderAttempts,
  body: PlaceOrderBody,
  person: string | null,
  retry: RetryOptions = {},
): Promise<Placement> {
  const first = await attemptOnce(client, attempts, body, person, retry)
  // Only a fingerprint that two bodies share leads here: the key belongs to another wish, and a new one is right.
  const isForeignKey = first.kind === 'refused' && first.error.code === 'idempotency_key_reused'
  return isForeignKey ? attemptOnce(client, attempts, body, person, retry) : first
}

async function attemptOnce(
  client: Pick<HundiClient, 'placeOrder'>,
  attempts: OrderAttempts,
  body: PlaceOrderBody,
  person: string | null,
  retry: RetryOptions,
): Promise<Placement> {
  const idempotencyKey = attempts.begin(body, person)
  try {
    const placed = await client.placeOrder(body, { idempotencyKey, ...retry })
    attempts.placed(placed.order.id)
    return { kind: 'placed', placed }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const orderId = errorDetail(error, 'orderId')
    if (orderId !== undefined && (error.code === 'provider_unavailable' || error.code === 'payment_refused')) {
      attempts.placed(orderId)
      return error.code === 'payment_refused' ? { kind: 'unpayable', orderId, error } : { kind: 'payable', orderId }
    }
    // Money of it is here already, kept or looked at by a person: its page says which.
    const isHere = error.code === 'order_already_paid' || error.code === 'payment_under_review'
    const paidOrderId = isHere ? (errorDetail(error, 'orderId') ?? attempts.find()?.orderId) : null
    if (paidOrderId != null) {
      attempts.placed(paidOrderId)
      return { kind: 'paid', orderId: paidOrderId }
    }
    if (!isRefusal(error)) return { kind: 'unknown', error }
    // A refusal is stored under its key; the next press may find another world and needs a key of its own.
    attempts.forget()
    return { kind: 'refused', error }
  }
}
