/**
 * How parts of an order end that are not on their way, and the order with its last: they end, their units are free, their
 * sale is undone and what was paid for them goes back, in one commit. Whoever ends them asks here: the shopper, an admin,
 * a shop that rejects its part, or time.
 */
import { endParts as writeEnding, type Ending } from '../orders/changes.ts'
import { isConfirmed } from '../orders/order.ts'
import { orderAfter } from '../orders/parts.ts'
import type { Tx } from '../platform/database.ts'
import { closeRefusals } from '../reviews/queries.ts'
import { letGo, type ByHand } from './by-hand/second-person.ts'
import { beginChange, writeOutcome } from './change.ts'
import type { PaymentDeps } from './context.ts'
import { endParts as giveBackEnded, heldPaid, worthOfLines } from './money/give-back.ts'
import type { Money } from './money/payment.ts'
import { keptOf } from './money/shares.ts'

/**
 * Ends parts of an order that is pending or confirmed, in the caller's transaction. With the last of its parts the order
 * is cancelled, and all that is held for it goes back; else what is left of the lines of those parts.
 *
 * @param money as it is under the lock
 * @param ending the parts, each in a state from which it may end so
 * @param hand the admin on whose word they end, when on one's
 * @throws SecondPersonNeeded when more would go back than one person may decide
 */
export async function endParts(tx: Tx, deps: PaymentDeps, money: Money, ending: Ending, hand?: ByHand): Promise<void> {
  const { order, lines } = money
  const isOver = orderAfter(lines, ending.parts) === 'cancelled'
  const draft = beginChange(deps, money)
  const own = lines.filter((line) => ending.parts.some((part) => part.id === line.shop_order_id))
  // Of an order that nobody has paid nothing goes back: a second person's word is for nothing then.
  if (hand !== undefined && (isConfirmed(order.status) || hand.agreed !== undefined)) {
    const amount = isOver ? heldPaid(draft) : worthOfLines(draft, own)
    await letGo(tx, deps, money, { action: 'cancel', amount, currency: order.currency, isRefund: true }, hand)
  }
  const now = deps.ports.clock.now()
  if (isOver) closeRefusals(tx, order.id, 'the order ended', now)
  if (keptOf(money.attempts).length === 0) return writeEnding(tx, deps.ports, order, lines, ending, now)
  giveBackEnded(draft, ending, hand?.agreed?.by)
  writeOutcome(tx, deps, draft.money, [], draft.finish(), [], draft.make.now)
}
