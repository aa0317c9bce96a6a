/**
 * Which parts an admin's word moves. An order is shipped when everything of it that is to be sent is on its way: so a part
 * that still waits for its shop keeps the whole order back, and a part of which everything was given back is not waited
 * for. Pure.
 */
import type { NewEvent } from '../timeline/event.ts'
import { isGivenBack, type SaleLine } from './lines.ts'
import { canPartMove, isLiving, type ShopOrderRow } from './order.ts'

export type PartMoves =
  | { parts: ShopOrderRow[] }
  /** This part waits for its shop's answer. */
  | { refused: 'awaiting_acceptance'; part: ShopOrderRow }
  /** Everything that is not on its way or over was given back. */
  | { refused: 'nothing_left' }

/**
 * The parts that move with an order, whose own state allows it.
 *
 * @param lines all lines of the order
 */
export function partsToMove(
  parts: readonly ShopOrderRow[],
  lines: readonly SaleLine[],
  to: 'shipped' | 'delivered',
): PartMoves {
  const linesOf = (part: ShopOrderRow) => lines.filter((line) => line.shop_order_id === part.id)
  // What is on its way arrives, also when it was paid back meanwhile.
  const wanted = parts.filter((part) => isLiving(part.status) && (to === 'delivered' || !isGivenBack(linesOf(part))))
  const waiting = to === 'shipped' ? wanted.find((part) => part.status === 'awaiting_acceptance') : undefined
  if (waiting !== undefined) return { refused: 'awaiting_acceptance', part: waiting }
  const moving = wanted.filter((part) => canPartMove(part.status, to))
  return moving.length === 0 ? { refused: 'nothing_left' } : { parts: moving }
}

export interface PartChange {
  id: string
  from: ShopOrderRow['status']
  to: ShopOrderRow['status']
}

/** How the parts of an order change when it is confirmed, or revived: each goes to its shop, or is accepted by itself. */
export function partsConfirmed(lines: readonly SaleLine[]): PartChange[] {
  return partsOf(lines).map(({ shop_order_id: id, shop_status: from, shop_accepts }) => ({
    id,
    from,
    to: shop_accepts ? 'accepted' : 'awaiting_acceptance',
  }))
}

/** How the parts of an order change when it is cancelled: those that its shops have not rejected end with it. */
export function partsCancelled(lines: readonly SaleLine[]): PartChange[] {
  return partsOf(lines)
    .filter((line) => isLiving(line.shop_status))
    .map(({ shop_order_id: id, shop_status: from }) => ({ id, from, to: 'cancelled' }))
}

/** One line of each part. */
function partsOf(lines: readonly SaleLine[]): SaleLine[] {
  return [...new Map(lines.map((line) => [line.shop_order_id, line])).values()]
}

/** One event for each part that changes, as `shop_order.<state>`. */
export function partEvents(
  orderId: string,
  changes: readonly PartChange[],
  by: Pick<NewEvent, 'actor' | 'actorId' | 'source'>,
): NewEvent[] {
  return changes.map(({ id, from, to }) => ({
    orderId,
    type: `shop_order.${to}`,
    subject: 'shop_order',
    subjectId: id,
    from,
    to,
    ...by,
  }))
}
