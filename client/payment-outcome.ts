/**
 * What the server's answer about a payment means to the shopper. Nothing in the browser counts as a payment: a claim
 * (the provider's window said yes) only turns "not paid" into "being confirmed". Nobody is asked for money that is here,
 * or that the bank holds.
 */
import type { OrderPaymentState } from './shapes.ts'

export const PAYMENT_OUTCOMES = [
  /** The order stands: paid by the provider's own word, or confirmed to be paid at the door. */
  'confirmed',
  /** Somebody said yes, the provider has not confirmed it yet. Paying again would be wrong. */
  'confirming',
  /** Money is here, or held at the bank, and a person looks at it. Paying again would be wrong. */
  'under_review',
  /** Money was to go back and did not; it is still here, and a person is on it. Paying again would be wrong. */
  'not_gone_back',
  /** A try is under way of which the bank has not said yes or no. The order can be paid. */
  'undecided',
  /** Nothing is known of a payment, and the order can be paid. */
  'unpaid',
  /** The provider refused the last try, and the order can be paid. */
  'declined',
  /** An earlier payment goes back or went back, and the order can be paid. */
  'again',
  /** The order takes no more money, and what came is on the way back. */
  'going_back',
  /** The order takes no more money, and what came was sent back. */
  'gone_back',
  /** The order is cancelled, and the shop has kept what came, by a person's word. */
  'stays',
  /** The order is cancelled, and no money was taken. */
  'ended',
] as const
export type PaymentOutcome = (typeof PAYMENT_OUTCOMES)[number]

export type KnownState = Pick<
  OrderPaymentState,
  'status' | 'orderStatus' | 'paymentStatus' | 'isConfirmed' | 'isUndecided' | 'canPay' | 'money'
>

/**
 * @param state what GET /api/payments/:orderId/status says
 * @param claimed whether this browser holds a "paid" from the provider's window that the server has not answered for
 */
export function readOutcome(state: KnownState, claimed: boolean): PaymentOutcome {
  if (state.isConfirmed || ['confirmed', 'shipped', 'delivered'].includes(state.orderStatus)) return 'confirmed'
  const has = (of: 'heldForReview' | 'goingBack' | 'goneBack' | 'failedToGoBack' | 'authorized' | 'captured') =>
    state.money.some((sums) => sums[of] > 0)
  if (has('failedToGoBack') && !has('heldForReview')) return 'not_gone_back'
  if (state.paymentStatus === 'under_review' || has('heldForReview')) return 'under_review'
  const approved =
    state.paymentStatus === 'verified' || state.status === 'verified' || state.status === 'authorized' || claimed
  if (state.orderStatus === 'cancelled') {
    if (has('goingBack')) return 'going_back'
    if (has('goneBack')) return 'gone_back'
    if (has('captured')) return 'stays'
    return approved ? 'confirming' : 'ended'
  }
  // A claim that the server has not answered for may be younger than anything else that it says.
  if (approved) return 'confirming'
  if (has('goingBack') || has('goneBack')) {
    if (state.canPay) return 'again'
    return has('goingBack') ? 'going_back' : 'gone_back'
  }
  if (state.isUndecided) return 'undecided'
  return state.paymentStatus === 'failed' || state.status === 'failed' ? 'declined' : 'unpaid'
}

/** True when asking again can bring nothing new by itself. */
export function isFinal(outcome: PaymentOutcome): boolean {
  return outcome === 'confirmed' || outcome === 'gone_back' || outcome === 'stays' || outcome === 'ended'
}

/** True while a payment of this order would be one too many: an open window is closed then. */
export function mustNotPay(outcome: PaymentOutcome): boolean {
  return outcome === 'confirmed' || outcome === 'under_review' || outcome === 'not_gone_back'
}
