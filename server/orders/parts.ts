/**
 * Parts lead, the order follows: what an order's status is folded from, and which of its parts each word moves. A part of
 * which everything was given back before it was sent is not sent and not waited for. Pure.
 */
import type { OrderStatus } from '../../shared/contract/orders.ts'
import type { NewEvent } from '../timeline/event.ts'
import { isGivenBack, type SaleLine } from './lines.ts'
import { canPartMove, isLiving, type ShopOrderRow } from './order.ts'

/** A part as its order's status depends on it. */
export interface PartState {
  id: string
  status: ShopOrderRow['status']
  /** Every unit of it was given back. */
  isGivenBack: boolean
}

/**
 * The status of an order, from its parts. Those that their shops rejected, or that were cancelled, count for nothing, and
 * of the others those alone that are waited for.
 *
 * | the parts                                    | the order   |
 * | -------------------------------------------- | ----------- |
 * | none is living                               | `cancelled` |
 * | one waits for its money                      | `pending`   |
 * | all that are waited for were delivered       | `delivered` |
 * | all of them are on their way or delivered    | `shipped`   |
 * | any other; or all were given back, none sent | `confirmed` |
 */
export function foldOrder(parts: readonly PartState[]): OrderStatus {
  const living = parts.filter((part) => isLiving(part.status))
  if (living.length === 0) return 'cancelled'
  if (living.some((part) => part.status === 'pending')) return 'pending'
  const awaited = living.filter((part) => isSent(part) || !part.isGivenBack)
  if (awaited.length === 0 || !awaited.every(isSent)) return 'confirmed'
  return awaited.every((part) => part.status === 'delivered') ? 'delivered' : 'shipped'
}

/** What is on its way arrives, also when it was paid back meanwhile. */
function isSent({ status }: Pick<PartState, 'status'>): boolean {
  return status === 'shipped' || status === 'delivered'
}

/** How a part changes. */
export interface PartChange {
  id: string
  from: ShopOrderRow['status']
  to: ShopOrderRow['status']
}

/** The status that an order has once some of its parts have changed. */
export function orderAfter(lines: readonly SaleLine[], changes: readonly PartChange[]): OrderStatus {
  return foldOrder(
    partsOf(lines).map((part) => ({ ...part, status: changes.find(({ id }) => id === part.id)?.to ?? part.status })),
  )
}

export type PartMoves =
  | { parts: ShopOrderRow[] }
  /** Nothing can go, and this part waits for its shop's answer. */
  | { refused: 'awaiting_acceptance'; part: ShopOrderRow }
  /** Everything that is not on its way or over was given back. */
  | { refused: 'nothing_left' }

/**
 * The parts of an order that an admin's word moves: all whose own state allows it, and none of which everything was given
 * back before it was sent.
 *
 * @param lines all lines of the order
 */
export function partsToMove(
  parts: readonly ShopOrderRow[],
  lines: readonly SaleLine[],
  to: 'shipped' | 'delivered',
): PartMoves {
  const givenBack = new Set(partsOf(lines).flatMap((part) => (part.isGivenBack ? [part.id] : [])))
  const wanted = parts.filter((part) => isLiving(part.status) && (isSent(part) || !givenBack.has(part.id)))
  const moving = wanted.filter((part) => canPartMove(part.status, to))
  if (moving.length > 0) return { parts: moving }
  const waiting = to === 'shipped' ? wanted.find((part) => part.status === 'awaiting_acceptance') : undefined
  return waiting === undefined ? { refused: 'nothing_left' } : { refused: 'awaiting_acceptance', part: waiting }
}

/** How the parts of an order change when it is confirmed, or revived: each goes to its shop, or is accepted by itself. */
export function partsConfirmed(lines: readonly SaleLine[]): PartChange[] {
  return linePerPart(lines).map(({ shop_order_id: id, shop_status: from, shop_accepts }) => ({
    id,
    from,
    to: shop_accepts ? 'accepted' : 'awaiting_acceptance',
  }))
}

/** How the parts of an order change when it is cancelled: all that are not on their way end. */
export function partsCancelled(lines: readonly SaleLine[]): PartChange[] {
  return linePerPart(lines)
    .filter((line) => canPartMove(line.shop_status, 'cancelled'))
    .map(({ shop_order_id: id, shop_status: from }) => ({ id, from, to: 'cancelled' }))
}

function partsOf(lines: readonly SaleLine[]): PartState[] {
  return linePerPart(lines).map(({ shop_order_id: id, shop_status: status }) => ({
    id,
    status,
    isGivenBack: isGivenBack(lines.filter((line) => line.shop_order_id === id)),
  }))
}

function linePerPart(lines: readonly SaleLine[]): SaleLine[] {
  return [...new Map(lines.map((line) => [line.shop_order_id, line])).values()]
}

/** One event for each part that changes, as `shop_order.<state>`. */
export function partEvents(
  orderId: string,
  changes: readonly PartChange[],
  by: Pick<NewEvent, 'actor' | 'actorId' | 'source' | 'data'>,
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
