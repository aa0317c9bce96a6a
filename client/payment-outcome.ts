/**
 * What the server's answer about a payment means to the shopper. Nothing in the browser counts as a payment: a claim
 * (the provider's window said yes) only turns "not paid" into "being confirmed".
 */
import type { OrderPaymentState } from './shapes.ts'

export const PAYMENT_OUTCOMES = [
  /** The order stands: paid by the provider's own word, or confirmed to be paid at the door. */
  'confirmed',
  /** Somebody said yes, the provider has not confirmed it yet. Paying again would be wrong. */
  'confirming',
  /** Nothing is known of a payment, and the order can be paid. */
  'unpaid',
  /** The provider refused the last try, and the order can be paid. */
  'declined',
  /** The order is cancelled and its money is on the way back. */
  'going_back',
  /** The order is cancelled and its money was sent back. */
  'gone_back',
  /** The order is cancelled, and no money was taken. */
  'ended',
] as const
export type PaymentOutcome = (typeof PAYMENT_OUTCOMES)[number]

type Known = Pick<OrderPaymentState, 'status' | 'orderStatus' | 'paymentStatus' | 'isConfirmed'>

/**
 * @param state what GET /api/payments/:orderId/status says
 * @param claimed whether this browser holds a "paid" from the provider's window that the server has not answered for
 */
export function readOutcome(state: Known, claimed: boolean): PaymentOutcome {
  if (state.isConfirmed || ['confirmed', 'shipped', 'delivered'].includes(state.orderStatus)) return 'confirmed'
  const approved =
    state.paymentStatus === 'verified' || state.status === 'verified' || state.status === 'authorized' || claimed
  if (state.orderStatus === 'cancelled') {
    if (state.paymentStatus === 'under_review') return 'confirming'
    if (state.paymentStatus === 'refunded') return 'gone_back'
    if (state.paymentStatus === 'paid' || state.paymentStatus === 'partially_refunded') return 'going_back'
    return approved ? 'confirming' : 'ended'
  }
  switch (state.paymentStatus) {
    case 'under_review':
    case 'paid':
      // Money has arrived, but the order does not stand yet: the amount differs, and a person looks at it.
      return 'confirming'
    case 'partially_refunded':
      return 'going_back'
    case 'refunded':
      return 'gone_back'
    case 'failed':
      // A claim that the server has not answered for may be younger than this failure.
      return claimed ? 'confirming' : 'declined'
    default:
      if (approved) return 'confirming'
      return state.status === 'failed' ? 'declined' : 'unpaid'
  }
}

/** True when asking again can bring nothing new by itself. */
export function isFinal(outcome: PaymentOutcome): boolean {
  return outcome === 'confirmed' || outcome === 'gone_back' || outcome === 'ended'
}
