/** What an order's page says in its heading: the answer, not a label. Pure. */
import type { Order } from '../../../../../client/shapes.ts'
import { countInWords, sentence } from '../../../../ui/format.ts'
import { partState } from '../../../../ui/status-words.ts'

export type Standing = 'waiting' | 'coming' | 'back'

type PartOfOrder = Pick<Order['shopOrders'][number], 'status' | 'isGivenBack'>

/** How far a part of an order has come, for the shopper. */
export function standingOf(part: PartOfOrder): Standing {
  switch (partState(part)) {
    case 'pending':
      return 'waiting'
    case 'awaiting_acceptance':
    case 'accepted':
    case 'shipped':
    case 'delivered':
      return 'coming'
    case 'rejected':
    case 'cancelled':
    case 'given_back':
      return 'back'
  }
}

/** The heading of an order: one sentence without a full stop. */
export function orderTitle(
  order: Pick<Order, 'status' | 'paymentStatus' | 'paymentMethod' | 'cancelReason' | 'shopOrders' | 'canPay'>,
): string {
  switch (order.status) {
    case 'pending':
      return pendingTitle(order)
    case 'cancelled':
      return cancelledTitle(order)
    case 'delivered':
      return 'Your box has arrived'
    case 'confirmed':
    case 'shipped':
      return partsTitle(order)
  }
}

function pendingTitle(order: Pick<Order, 'paymentStatus' | 'canPay'>): string {
  if (order.paymentStatus === 'verified' || order.paymentStatus === 'paid') return 'We are confirming your payment'
  if (order.paymentStatus === 'under_review') return 'We are looking at your payment'
  if (order.paymentStatus === 'refunded' || order.paymentStatus === 'partially_refunded')
    return 'Your money is going back'
  if (!order.canPay) return 'This order was not paid in time'
  return order.paymentStatus === 'failed' ? 'The payment did not go through' : 'Waiting for your payment'
}

function cancelledTitle(order: Pick<Order, 'paymentStatus' | 'cancelReason'>): string {
  const isLate = order.cancelReason === 'late_payment' || order.cancelReason === 'expired'
  switch (order.paymentStatus) {
    case 'paid':
    case 'partially_refunded':
      return isLate ? 'Your payment came after the order had ended' : 'Cancelled, and your money is going back'
    case 'refunded':
      return 'Cancelled, and your money has gone back'
    case 'under_review':
      return 'Cancelled, and we are looking at your payment'
    case 'verified':
      return 'We are finding out about your payment'
    case 'pending':
    case 'failed':
      if (order.cancelReason === 'expired') return 'This order was not paid in time'
      return order.cancelReason === 'shopper' ? 'You cancelled this order' : 'This order was cancelled'
  }
}

function partsTitle({ shopOrders: parts, paymentStatus }: Pick<Order, 'shopOrders' | 'paymentStatus'>): string {
  const count = (...statuses: string[]) => parts.filter((part) => statuses.includes(part.status)).length
  const back = parts.filter((part) => standingOf(part) === 'back').length
  const coming = parts.length - back
  const arrived = count('delivered')
  const sent = count('shipped')
  if (coming === 0) {
    if (back === 0) return 'Your order stands'
    return `Nothing is coming, your money ${paymentStatus === 'refunded' ? 'has gone' : 'is going'} back`
  }
  if (back > 0)
    return `${sentence(countInWords(coming, 'part'))} coming, ${countInWords(back, 'part').split(' ')[0]} going back`
  if (arrived === coming) return 'Your box has arrived'
  if (arrived > 0) return `${sentence(countInWords(arrived, 'part'))} arrived, ${words(coming - arrived)} coming`
  if (sent === coming) return 'Your box is on its way'
  if (sent > 0) return `${sentence(countInWords(sent, 'part'))} on the way, ${words(coming - sent)} being packed`
  return coming === 1
    ? 'One shop is packing your box'
    : `${sentence(countInWords(coming, 'shop'))} are packing your box`
}

const words = (count: number) => countInWords(count, 'part').split(' ')[0] ?? ''

/** The four steps of a part, and how many of them are facts. */
export const PART_STEPS = ['Accepted', 'Packing', 'Shipped', 'Arrived'] as const

/** Steps of a part that have happened; the rest of the line is stitched. */
export function partStepsDone(part: PartOfOrder): number {
  switch (partState(part)) {
    case 'pending':
    case 'awaiting_acceptance':
    case 'rejected':
    case 'cancelled':
    case 'given_back':
      return 0
    case 'accepted':
      return 2
    case 'shipped':
      return 3
    case 'delivered':
      return 4
  }
}
