/**
 * Where the captured money of an order is: kept, going back, gone back, or waiting for a person. The parts always add
 * up to what was captured. What counts as captured or refunded is the server's word; only the differences are made here.
 */
import type { Order } from '../../../../../shared/contract/orders.ts'
import { add, smaller, subtract } from '../../../../../shared/money.ts'

export type MoneySplit = {
  captured: number
  kept: number
  /** Decided to go back, not yet there. */
  goingBack: number
  goneBack: number
  /** Captured, and no order or refund accounts for it yet. */
  inReview: number
}

/** @param openReviewItems how many questions about this order wait for a person */
export function moneySplit(order: Order, openReviewItems: number): MoneySplit {
  const captured = order.capturedAmount
  const goneBack = smaller(order.refundedAmount, captured)
  const underWay = order.payments
    .flatMap((payment) => payment.refunds)
    .filter((refund) => refund.status === 'requested' || refund.status === 'processing')
  const goingBack = smaller(add(0, ...underWay.map((refund) => refund.amount)), subtract(captured, goneBack))
  const rest = subtract(captured, add(goneBack, goingBack))
  const isSold = order.status === 'confirmed' || order.status === 'shipped' || order.status === 'delivered'
  // More than the order costs is never kept; without a sale nothing is, whether a question is open or not.
  const keepable = isSold ? smaller(rest, order.total) : 0
  const kept = openReviewItems > 0 && !isSold ? 0 : keepable
  return { captured, kept, goingBack, goneBack, inReview: subtract(rest, kept) }
}

/** What cancelling now would send back. */
export function wouldGoBack(split: MoneySplit): number {
  return add(split.kept, split.inReview)
}
