/** Giving back what an order was paid with: one decision, taken from each capture that pays the order. Pure. */
import { add, smaller } from '../../../shared/money.ts'
import type { Ending } from '../../orders/changes.ts'
import { allLeft, earnedWith, unitsOut, type SaleLine } from '../../orders/lines.ts'
import { isConfirmed } from '../../orders/order.ts'
import type { Draft } from './draft.ts'
import { heldOf, type RefundRow } from './payment.ts'
import { giveAtOnce } from './refund-ends.ts'
import { requestRefund, takenBack, type RefundWish } from './refund.ts'
import { keptOf, shareOf, sourcesOf, splitLines } from './shares.ts'

/** What is held of the captures that pay an order, in minor units of its currency. */
export function heldPaid(draft: Draft): number {
  return add(0, ...keptOf(draft.allAttempts()).map(heldOf))
}

/**
 * Decides to give back an amount of an order's money, taken from captures in proportion to what is held of each: one refund
 * for each of them. What a wallet paid is in the wallet again at once.
 *
 * @param wish its amount is not above what is held of them together; its id is the decision's, and the first refund's
 * @param from the captures that pay the order when left out
 */
export function giveBack(draft: Draft, wish: RefundWish, from = keptOf(draft.allAttempts())): RefundRow[] {
  const sources = sourcesOf(wish.amount, from)
  const amounts = sources.map((source) => source.amount)
  const lines = splitLines(isConfirmed(draft.order.status) ? takenBack(draft, wish) : [], amounts)
  const decisionId = wish.id ?? draft.make.uuid()
  return sources.map(({ attempt, amount }, at) => {
    const refund = requestRefund(draft, attempt, {
      ...wish,
      id: at === 0 ? decisionId : draft.make.uuid(),
      decisionId,
      amount,
      lines: lines[at] ?? [],
      // Units go back into stock once, whatever number of refunds pays for them.
      restock: at === 0 ? (wish.restock ?? []) : [],
      destination: shareOf(attempt) === 'wallet' ? 'wallet' : (wish.destination ?? 'source'),
    })
    const { user_id: walletOf } = draft.order
    if (shareOf(attempt) !== 'wallet' || walletOf === null || refund.approval === 'pending') return refund
    return giveAtOnce(draft, refund, { walletOf }, wish.by ?? { actor: 'system' })
  })
}

/** What goes back when these lines are all undone: what is left of them, as far as it is held. */
export function worthOfLines(draft: Draft, lines: readonly SaleLine[]): number {
  return smaller(earnedWith(lines), heldPaid(draft))
}

/**
 * Ends parts of an order, and gives back what was paid for them. With the last of its parts the order is cancelled, and all
 * that is held for it goes back; else what is left of the lines of those parts, and their units go back into stock.
 *
 * @param agreedBy the second person, where one had to agree
 */
export function endParts(draft: Draft, ending: Ending, agreedBy?: string): void {
  const wasSold = isConfirmed(draft.order.status)
  draft.endParts(ending)
  const { actor, actorId, source } = ending.by
  // That the money goes back nobody has to ask for.
  const by = { actor: actor === 'shopper' ? ('system' as const) : actor, actorId, source }
  if (draft.order.status === 'cancelled') {
    // What waits for the rest of its money was not sold.
    if (wasSold) draft.returnLines(allLeft(draft.allLines()), 'cancelled')
    const amount = heldPaid(draft)
    if (amount > 0) giveBack(draft, { amount, reason: 'order_cancelled', by, agreedBy })
    return
  }
  const own = draft.allLines().filter((line) => ending.parts.some((part) => part.id === line.shop_order_id))
  const isRejected = ending.parts.every((part) => part.to === 'rejected')
  const [amount, lines] = [worthOfLines(draft, own), allLeft(own)]
  // All of it is undone, whatever of its money is here to go back.
  if (amount > 0) {
    giveBack(draft, { amount, reason: isRejected ? 'part_rejected' : 'part_cancelled', lines, by, agreedBy })
  } else draft.returnLines(lines, isRejected ? 'rejected' : 'cancelled')
  draft.restock(unitsOut(own))
}
