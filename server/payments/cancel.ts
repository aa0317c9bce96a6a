/**
 * How an order ends that is not delivered: its parts end, its units are free, its sale is undone and what it holds goes
 * back, in one commit. Whoever ends it asks here: the shopper, an admin, its shops, or time.
 */
import { cancelOrder } from '../orders/changes.ts'
import { allLeft } from '../orders/lines.ts'
import { isConfirmed, type CancelReason } from '../orders/order.ts'
import type { Tx } from '../platform/database.ts'
import { closeRefusals } from '../reviews/queries.ts'
import { letGo, type ByHand } from './by-hand/second-person.ts'
import { beginChange, writeOutcome, type LockedMoney } from './change.ts'
import type { PaymentDeps } from './context.ts'
import type { Cancellation } from './money/draft.ts'
import { heldOf } from './money/payment.ts'
import { sendBack } from './money/refund.ts'

/**
 * Ends an order that is pending or confirmed, in the caller's transaction.
 *
 * @param money as it is under the lock
 * @param hand the admin on whose word it ends, when on one's
 * @throws SecondPersonNeeded when more would go back than one person may decide
 */
export async function endOrder(
  tx: Tx,
  deps: PaymentDeps,
  money: LockedMoney,
  reason: CancelReason,
  by: Cancellation['by'],
  hand?: ByHand,
): Promise<void> {
  const { order, lines } = money
  const kept = isConfirmed(order.status) ? money.attempts.find((row) => row.disposition === 'kept') : undefined
  // Of an order that nobody has paid nothing goes back: a second person's word is for nothing then.
  if (hand !== undefined && (isConfirmed(order.status) || hand.agreed !== undefined)) {
    const amount = kept === undefined ? 0 : heldOf(kept)
    await letGo(tx, deps, money, { action: 'cancel', amount, currency: order.currency, isRefund: true }, hand)
  }
  closeRefusals(tx, order.id, 'the order ended', deps.ports.clock.now())
  if (kept === undefined) return cancelOrder(tx, deps.ports, order, lines, reason, by)
  const draft = beginChange(deps, money, kept.payment_id)
  draft.cancel(reason, by)
  draft.returnLines(allLeft(draft.allLines()), 'cancelled')
  if (heldOf(kept) > 0) {
    const { actor, actorId, source } = by
    // That the money goes back nobody has to ask for.
    const sender = { actor: actor === 'shopper' ? ('system' as const) : actor, actorId, source }
    sendBack(draft, kept, 'order_cancelled', sender, hand?.agreed?.by)
  }
  writeOutcome(tx, deps, draft.state, [], draft.finish(), [], draft.make.now)
}
