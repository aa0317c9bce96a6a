/**
 * The one table from every state of the system to what a person sees: one of seven looks, and the words. `Status`
 * draws it; nothing else decides how a state looks.
 */
import type { OrderPaymentStatus, OrderStatus, ShopOrderStatus } from '../../shared/contract/orders.ts'
import type { AttemptStatus, PaymentStatus, RefundStatus } from '../../shared/contract/payments.ts'
import type { ReconcileOutcome } from '../../shared/contract/reconciliation.ts'

/** Shape comes first, colour last; see `Glyph`. */
export type Look = 'pending' | 'processing' | 'paid' | 'failed' | 'refunded' | 'review' | 'none'

export type StatusWords = { look: Look; words: string }

type Table = {
  order: Record<OrderStatus | 'given_back', StatusWords>
  order_payment: Record<OrderPaymentStatus, StatusWords>
  payment: Record<PaymentStatus, StatusWords>
  attempt: Record<AttemptStatus, StatusWords>
  refund: Record<RefundStatus, StatusWords>
  shop_order: Record<ShopOrderStatus | 'given_back', StatusWords>
  webhook_event: Record<'received' | 'processed' | 'ignored' | 'failed', StatusWords>
  provider_call: Record<'pending' | 'accepted' | 'refused' | 'unknown', StatusWords>
  review_item: Record<'open' | 'resolved', StatusWords>
  approval: Record<'none' | 'pending' | 'approved' | 'declined', StatusWords>
  run: Record<'running' | 'completed' | 'failed', StatusWords>
  reconciled: Record<ReconcileOutcome, StatusWords>
  alert: Record<'page' | 'warn' | 'resolved', StatusWords>
}

export type StatusKind = keyof Table

const TABLE: Table = {
  order: {
    pending: { look: 'pending', words: 'Awaiting payment' },
    confirmed: { look: 'paid', words: 'Confirmed' },
    shipped: { look: 'processing', words: 'Shipped' },
    delivered: { look: 'paid', words: 'Delivered' },
    cancelled: { look: 'none', words: 'Cancelled' },
    given_back: { look: 'refunded', words: 'Given back' },
  },
  order_payment: {
    pending: { look: 'pending', words: 'Awaiting payment' },
    verified: { look: 'processing', words: 'Processing' },
    under_review: { look: 'review', words: 'Money under review' },
    paid: { look: 'paid', words: 'Paid' },
    partially_refunded: { look: 'refunded', words: 'Part refunded' },
    refunded: { look: 'refunded', words: 'Refunded' },
    failed: { look: 'failed', words: 'Failed' },
  },
  payment: {
    creating: { look: 'pending', words: 'Being opened' },
    created: { look: 'pending', words: 'Open' },
    verified: { look: 'processing', words: 'Verified, not yet paid' },
    authorized: { look: 'processing', words: 'Authorized, not yet captured' },
    paid: { look: 'paid', words: 'Paid' },
    partially_refunded: { look: 'refunded', words: 'Part refunded' },
    refunded: { look: 'refunded', words: 'Refunded' },
    failed: { look: 'failed', words: 'Failed' },
    abandoned: { look: 'none', words: 'Abandoned' },
  },
  attempt: {
    created: { look: 'pending', words: 'Begun' },
    authorized: { look: 'processing', words: 'Authorized' },
    captured: { look: 'paid', words: 'Captured' },
    failed: { look: 'failed', words: 'Failed' },
    refunded: { look: 'refunded', words: 'Refunded' },
  },
  refund: {
    requested: { look: 'pending', words: 'Asked for' },
    processing: { look: 'processing', words: 'Going back' },
    processed: { look: 'refunded', words: 'Gone back' },
    failed: { look: 'failed', words: 'The bank would not take it' },
  },
  shop_order: {
    pending: { look: 'pending', words: 'Not begun yet' },
    awaiting_acceptance: { look: 'pending', words: 'Waiting for the shop' },
    accepted: { look: 'paid', words: 'Accepted' },
    shipped: { look: 'processing', words: 'Shipped' },
    delivered: { look: 'paid', words: 'Delivered' },
    rejected: { look: 'failed', words: 'Rejected' },
    cancelled: { look: 'none', words: 'Cancelled' },
    given_back: { look: 'refunded', words: 'Given back' },
  },
  webhook_event: {
    received: { look: 'pending', words: 'Received' },
    processed: { look: 'paid', words: 'Processed' },
    ignored: { look: 'none', words: 'Ignored' },
    failed: { look: 'failed', words: 'Failed' },
  },
  provider_call: {
    pending: { look: 'pending', words: 'Waiting for an answer' },
    accepted: { look: 'paid', words: 'Accepted' },
    refused: { look: 'failed', words: 'Refused' },
    unknown: { look: 'pending', words: 'No answer' },
  },
  review_item: {
    open: { look: 'review', words: 'Needs review' },
    resolved: { look: 'none', words: 'Reviewed' },
  },
  approval: {
    none: { look: 'none', words: 'Needs nobody else' },
    pending: { look: 'review', words: 'Waits for a second person' },
    approved: { look: 'none', words: 'Agreed by a second person' },
    declined: { look: 'failed', words: 'Declined by a second person' },
  },
  run: {
    running: { look: 'processing', words: 'Running' },
    completed: { look: 'none', words: 'Completed' },
    failed: { look: 'failed', words: 'Did not finish' },
  },
  reconciled: {
    matched: { look: 'none', words: 'Matched' },
    booked: { look: 'none', words: 'Booked' },
    healed: { look: 'paid', words: 'Put right here' },
    foreign: { look: 'none', words: 'Not ours, no money' },
    unknown_here: { look: 'review', words: 'Unknown to us' },
    unknown_there: { look: 'review', words: 'Unknown to the provider' },
    differs: { look: 'review', words: 'Differs' },
    unreadable: { look: 'review', words: 'Cannot be read' },
  },
  alert: {
    page: { look: 'failed', words: 'Act now' },
    warn: { look: 'pending', words: 'Look soon' },
    resolved: { look: 'none', words: 'Over' },
  },
}

/**
 * Look and words of a state. A state that this table does not know (an older page, a newer server) is shown by its own
 * name with the neutral look, never hidden.
 */
export function statusWords(kind: StatusKind, state: string): StatusWords {
  const known = (TABLE[kind] as Record<string, StatusWords | undefined>)[state]
  return known ?? { look: 'none', words: state.replaceAll('_', ' ') }
}

/** How an order stands, for people: one of which everything was given back before it was sent is not to be sent. */
export function orderState(order: { status: OrderStatus; isGivenBack: boolean }): OrderStatus | 'given_back' {
  return order.status === 'confirmed' && order.isGivenBack ? 'given_back' : order.status
}

/** How a part of an order stands, for people. */
export function partState(part: { status: ShopOrderStatus; isGivenBack: boolean }): ShopOrderStatus | 'given_back' {
  const isUnsent = part.status === 'awaiting_acceptance' || part.status === 'accepted'
  return isUnsent && part.isGivenBack ? 'given_back' : part.status
}

/**
 * Look and words of what an order owes or has got, as one state for lists: the payment status, but a person's open
 * question comes first, and cash that is not due yet is not "awaiting payment".
 */
export function orderMoneyWords(order: {
  paymentStatus: string
  paymentMethod: string
  status: string
  openReviewItems?: number
}): StatusWords {
  if (order.openReviewItems) return statusWords('review_item', 'open')
  if (order.paymentStatus === 'pending' && order.status === 'cancelled') return { look: 'none', words: 'Never paid' }
  if (order.paymentStatus === 'pending' && order.paymentMethod === 'cod')
    return { look: 'none', words: 'Cash on delivery' }
  return statusWords('order_payment', order.paymentStatus)
}
