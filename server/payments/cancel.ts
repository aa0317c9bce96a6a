/**
 * How parts of an order end that are not on their way, and the order with its last: they end, their units are free, their
 * sale is undone and what was paid for them goes back, in one commit. Whoever ends them asks here: the shopper, an admin,
 * a shop that rejects its part, or time.
 */
import { smaller } from '../../shared/money.ts'
import { endParts as writeEnding, type Ending } from '../orders/changes.ts'
import { allLeft, earnedWith, unitsOut, type SaleLine } from '../orders/lines.ts'
import { isConfirmed } from '../orders/order.ts'
import { orderAfter } from '../orders/parts.ts'
import type { Tx } from '../platform/database.ts'
import { closeRefusals } from '../reviews/queries.ts'
import { letGo, type ByHand } from './by-hand/second-person.ts'
import { beginChange, writeOutcome } from './change.ts'
import type { PaymentDeps } from './context.ts'
import type { Draft } from './money/draft.ts'
import { heldOf, type AttemptRow, type Money } from './money/payment.ts'
import { requestRefund, sendBack, type RefundWish } from './money/refund.ts'

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
  const kept = isConfirmed(order.status) ? money.attempts.find((row) => row.disposition === 'kept') : undefined
  const own = lines.filter((line) => ending.parts.some((part) => part.id === line.shop_order_id))
  // Of an order that nobody has paid nothing goes back: a second person's word is for nothing then.
  if (hand !== undefined && (isConfirmed(order.status) || hand.agreed !== undefined)) {
    const held = kept === undefined ? 0 : heldOf(kept)
    const amount = isOver ? held : smaller(earnedWith(own), held)
    await letGo(tx, deps, money, { action: 'cancel', amount, currency: order.currency, isRefund: true }, hand)
  }
  const now = deps.ports.clock.now()
  if (isOver) closeRefusals(tx, order.id, 'the order ended', now)
  if (kept === undefined) return writeEnding(tx, deps.ports, order, lines, ending, now)
  const draft = beginChange(deps, money)
  draft.endParts(ending)
  const { actor, actorId, source } = ending.by
  // That the money goes back nobody has to ask for.
  const by = { actor: actor === 'shopper' ? ('system' as const) : actor, actorId, source }
  if (isOver) {
    draft.returnLines(allLeft(draft.allLines()), 'cancelled')
    if (heldOf(kept) > 0) sendBack(draft, kept, 'order_cancelled', by, hand?.agreed?.by)
  } else giveBackParts(draft, kept, own, ending, { by, agreedBy: hand?.agreed?.by })
  writeOutcome(tx, deps, draft.money, [], draft.finish(), [], draft.make.now)
}

/** Gives back what is left of parts of an order whose other parts stand. Their units go back into stock. */
function giveBackParts(
  draft: Draft,
  kept: AttemptRow,
  own: readonly SaleLine[],
  { parts }: Ending,
  who: Pick<RefundWish, 'by' | 'agreedBy'>,
): void {
  const amount = smaller(earnedWith(own), heldOf(kept))
  const lines = allLeft(own)
  const isRejected = parts.every((part) => part.to === 'rejected')
  // All of it is undone, whatever of its money is here to go back.
  if (amount > 0) {
    requestRefund(draft, kept, { amount, reason: isRejected ? 'part_rejected' : 'part_cancelled', lines, ...who })
  } else draft.returnLines(lines, isRejected ? 'rejected' : 'cancelled')
  draft.restock(unitsOut(own))
}
