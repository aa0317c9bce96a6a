/**
 * Where the captured money of an order is: kept, going back, gone back, or waiting for a person. The parts always add
 * up to what was captured. What counts as captured or refunded is the server's word; only the differences are made here.
 */
import type { Order, OrderStory } from '../../../../../shared/contract/orders.ts'
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

/** @param ledger the order's transfers: what they leave in the account of held money is nobody's yet */
export function moneySplit(order: Order, ledger: OrderStory['ledger']): MoneySplit {
  const captured = order.capturedAmount
  const goneBack = smaller(order.refundedAmount, captured)
  const underWay = order.payments
    .flatMap((payment) => payment.refunds)
    .filter((refund) => refund.status === 'requested' || refund.status === 'processing')
  const sum = (refunds: typeof underWay) => add(0, ...refunds.map((refund) => refund.amount))
  // What a second person has not agreed to yet is not on its way.
  const waiting = sum(underWay.filter((refund) => refund.approval === 'pending'))
  const goingBack = smaller(subtract(sum(underWay), waiting), subtract(captured, goneBack))
  const rest = subtract(captured, add(goneBack, goingBack))
  const undecided = smaller(add(waiting, heldIn(ledger)), rest)
  const isSold = order.status === 'confirmed' || order.status === 'shipped' || order.status === 'delivered'
  // More than the order costs is never kept, and without a sale nothing is.
  const kept = isSold ? smaller(subtract(rest, undecided), order.total) : 0
  return { captured, kept, goingBack, goneBack, inReview: subtract(rest, kept) }
}

/** Money of the order that is here and not yet anyone's. */
function heldIn(ledger: OrderStory['ledger']): number {
  const isHeld = (account: string) => account.startsWith('customer_funds:')
  const came = ledger.filter((transfer) => isHeld(transfer.credit)).map((transfer) => transfer.amount)
  const went = ledger.filter((transfer) => isHeld(transfer.debit)).map((transfer) => transfer.amount)
  return Math.max(0, subtract(add(0, ...came), add(0, ...went)))
}

/** What cancelling now would send back. */
export function wouldGoBack(split: MoneySplit): number {
  return add(split.kept, split.inReview)
}
