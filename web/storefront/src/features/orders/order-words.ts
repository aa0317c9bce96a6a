/** What an order's page says in its heading: the answer, not a label. Pure. */
import type { Order } from '../../../../../client/shapes.ts'
import { countInWords, sentence } from '../../../../ui/format.ts'
import { partState } from '../../../../ui/status-words.ts'
import { hasAny } from './order-money.ts'

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

type Titled = Pick<
  Order,
  'status' | 'paymentStatus' | 'paymentMethod' | 'cancelReason' | 'shopOrders' | 'canPay' | 'money' | 'payments'
>

/** The heading of an order: one sentence without a full stop. */
export function orderTitle(order: Titled): string {
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

function pendingTitle(order: Titled): string {
  const { money, paymentStatus } = order
  if (hasAny(money, 'heldForReview')) return 'We have your payment, and a person looks at it'
  if (hasAny(money, 'failedToGoBack')) return 'Your money could not be sent back yet'
  if (paymentStatus === 'under_review') return 'Your bank holds your payment, and a person looks at it'
  if (paymentStatus === 'verified') return 'We are confirming your payment'
  if (hasAny(money, 'captured')) {
    if (order.canPay) return 'This order still waits for your payment'
    return hasAny(money, 'goingBack') ? 'Your money is going back' : 'Your money went back'
  }
  if (!order.canPay) return 'This order was not paid in time'
  if (isUndecided(order)) return 'Your bank has not answered yet'
  return paymentStatus === 'failed' ? 'The payment did not go through' : 'Waiting for your payment'
}

/** A try is under way of which the bank has not said yes or no. */
export function isUndecided(order: Pick<Order, 'payments'>): boolean {
  return order.payments.some(({ attempts }) => attempts.some(({ status }) => status === 'created'))
}

/**
 * What an order's page offers at its head, the first of them big: to pay, where that is right now, and to see how far the
 * payment is. While a bank has not answered, seeing comes first.
 */
export function headActions(order: Pick<Order, 'status' | 'paymentStatus' | 'canPay' | 'payments'>): ('pay' | 'see')[] {
  if (order.status === 'pending' && order.paymentStatus === 'verified') return ['see']
  if (!order.canPay) return []
  return isUndecided(order) ? ['see', 'pay'] : ['pay']
}

function cancelledTitle({ money, cancelReason, paymentStatus }: Titled): string {
  const isLate = cancelReason === 'late_payment' || cancelReason === 'expired'
  if (hasAny(money, 'heldForReview')) return `${isLate ? 'Ended' : 'Cancelled'}, and a person looks at your payment`
  if (hasAny(money, 'failedToGoBack')) return 'Your money could not be sent back yet'
  if (hasAny(money, 'goingBack')) {
    return isLate ? 'Your payment came after the order had ended' : 'Cancelled, and your money is going back'
  }
  if (hasAny(money, 'goneBack')) {
    if (hasAny(money, 'kept')) return 'Cancelled, and a part of your money has gone back'
    return `${isLate ? 'Ended' : 'Cancelled'}, and your money has gone back`
  }
  if (hasAny(money, 'captured')) return isLate ? 'This order has ended' : 'This order was cancelled'
  if (paymentStatus === 'under_review') return 'Your bank holds your payment, and a person looks at it'
  if (paymentStatus === 'verified') return 'We are finding out about your payment'
  if (cancelReason === 'expired') return 'This order was not paid in time'
  return cancelReason === 'shopper' ? 'You cancelled this order' : 'This order was cancelled'
}

function partsTitle({ shopOrders: parts, money }: Pick<Order, 'shopOrders' | 'money'>): string {
  const count = (...statuses: string[]) => parts.filter((part) => statuses.includes(part.status)).length
  const back = parts.filter((part) => standingOf(part) === 'back').length
  const coming = parts.length - back
  const arrived = count('delivered')
  const sent = count('shipped')
  if (coming === 0) {
    if (back === 0) return 'Your order stands'
    if (hasAny(money, 'failedToGoBack')) return 'Nothing is coming, and your money could not be sent back yet'
    return `Nothing is coming, your money ${hasAny(money, 'goneBack') ? 'has gone back' : 'is going back'}`
  }
  if (back > 0) {
    const isOver = hasAny(money, 'goneBack') && !hasAny(money, 'goingBack') && !hasAny(money, 'failedToGoBack')
    const how = arrived === coming ? 'arrived' : 'coming'
    return `${sentence(countInWords(coming, 'part'))} ${how}, ${words(back)} ${isOver ? 'gone back' : 'going back'}`
  }
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
