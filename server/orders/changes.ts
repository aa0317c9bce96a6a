/**
 * How orders and their parts change: confirmed, cancelled, shipped, delivered. Functions that take a `Tx` expect the caller
 * to hold the order's lock, and write the event of what they do in the same transaction.
 */
import type { OrderStatus, ShopOrderStatus } from '../../shared/contract/orders.ts'
import { deductReserved, deductFree, release, restock, type StockLine } from '../inventory/queries.ts'
import { perProduct } from '../inventory/service.ts'
import type { Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import type { Ports } from '../platform/ports.ts'
import type { NewEvent } from '../timeline/event.ts'
import { insertEvents } from '../timeline/queries.ts'
import { confirm, cancel, moveOn, movePart as writePartMove } from './change-queries.ts'
import type { SaleLine } from './lines.ts'
import { canMoveByHand, type CancelReason, type OrderItemRow, type OrderRow, type ShopOrderRow } from './order.ts'
import { partEvents, partsCancelled, partsToMove, type PartMoves } from './parts.ts'

/** The units that an order's lines take, each product once; without those that went back into stock already. */
export function stockLines(
  items: readonly (Pick<OrderItemRow, 'product_id' | 'quantity'> & { restocked?: number })[],
): StockLine[] {
  return perProduct(
    items.flatMap((item) => {
      const quantity = item.quantity - (item.restocked ?? 0)
      return item.product_id === null || quantity === 0 ? [] : [{ productId: item.product_id, quantity }]
    }),
  )
}

/**
 * Confirms an order: its units are taken, its parts go to their shops.
 *
 * @param from `reserved`: the units are set aside for it; `free`: its time had passed and they must be free, which the
 *   caller has checked under their lock
 * @param events what the timeline says of it, and of what led to it
 */
export function confirmOrder(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  lines: readonly StockLine[],
  from: 'reserved' | 'free',
  paymentStatus: string,
  events: readonly NewEvent[],
): void {
  const now = ports.clock.now()
  tx.afterCommit(() => {
    const labels = { payment_method: order.payment_method }
    ports.metrics.count('hundi_orders_confirmed_total', { ...labels, currency: order.currency })
    ports.metrics.observe('hundi_order_confirmation_seconds', labels, secondsBetween(order.created_at, now))
  })
  confirm(tx, order.id, paymentStatus, events, now)
  if (lines.length === 0) return
  if (from === 'reserved') deductReserved(tx, order.id, lines, now)
  else deductFree(tx, order.id, lines, now)
}

/**
 * Cancels an order that is pending or confirmed, and its parts with it; its units become free again. What was paid is the
 * caller's to return.
 *
 * @param lines all of its lines, as they are under the lock
 */
export function cancelOrder(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  lines: readonly SaleLine[],
  reason: CancelReason,
  by: Pick<NewEvent, 'actor' | 'actorId' | 'source'> & { note?: string | undefined },
): void {
  const now = ports.clock.now()
  const stock = stockLines(lines)
  if (stock.length > 0 && order.stock === 'reserved') release(tx, stock)
  if (stock.length > 0 && order.stock === 'deducted') restock(tx, order.id, stock, now)
  cancel(tx, order.id, reason, order.stock === 'none' ? 'none' : 'released', now)
  tx.afterCommit(() => ports.metrics.count('hundi_orders_cancelled_total', { reason }))
  const { note, ...who } = by
  const cancelled: NewEvent = {
    orderId: order.id,
    type: reason === 'expired' ? 'order.expired' : 'order.cancelled',
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to: 'cancelled',
    ...who,
    data: { reason, ...(note === undefined ? {} : { note }) },
  }
  insertEvents(tx, [cancelled, ...partEvents(order.id, partsCancelled(lines), who)], now)
}

/**
 * Ships or delivers an order as an admin says, with every part of it that is to go.
 *
 * @param lines all of its lines, as they are under the lock
 * @throws invalid_transition: for what its state does not allow; with `details.shopOrderId` for a part that its shop has
 *   not accepted; when nothing is left to send
 */
export function moveByHand(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  parts: readonly ShopOrderRow[],
  lines: readonly SaleLine[],
  to: OrderStatus,
  adminId: string,
): void {
  if (!canMoveByHand(order.status, to) || (to !== 'shipped' && to !== 'delivered')) {
    throw invalidTransition(order.status, to)
  }
  const moves = partsToMove(parts, lines, to)
  if ('refused' in moves) throw notMoved(order, moves, to)
  const now = ports.clock.now()
  const since = order.confirmed_at
  if (since !== null) {
    tx.afterCommit(() =>
      ports.metrics.observe('hundi_order_fulfilment_seconds', { step: to }, secondsBetween(since, now)),
    )
  }
  const moving = moves.parts.map((part) => ({ id: part.id, from: part.status, to }))
  moveOn(tx, order.id, to, moves.parts, now)
  const by = { actor: 'admin', actorId: adminId, source: 'api' } as const
  const moved: NewEvent = {
    orderId: order.id,
    type: `order.${to}`,
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to,
    ...by,
  }
  insertEvents(tx, [moved, ...partEvents(order.id, moving, by)], now)
}

function notMoved(order: OrderRow, moves: Extract<PartMoves, { refused: string }>, to: OrderStatus): AppError {
  const details = { from: order.status, to, reason: moves.refused }
  if (moves.refused === 'nothing_left') {
    return new AppError('invalid_transition', 'Everything of this order was given back: nothing is left to send.', {
      details,
    })
  }
  const { id: shopOrderId, shop_name: shopName } = moves.part
  return new AppError(
    'invalid_transition',
    `${shopName} has not accepted its part yet. Nothing was marked as shipped.`,
    {
      details: { ...details, shopOrderId, shopName },
    },
  )
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1_000
}

/** Moves a part of an order on; the caller has looked whether it may. */
export function movePart(
  tx: Tx,
  ports: Ports,
  part: { id: string; orderId: string; from: ShopOrderStatus },
  to: ShopOrderStatus,
  by: { actor: 'seller' | 'admin'; actorId: string; reason?: string },
): void {
  const now = ports.clock.now()
  writePartMove(tx, part.id, to, now)
  insertEvents(
    tx,
    [
      {
        orderId: part.orderId,
        type: `shop_order.${to}`,
        subject: 'shop_order',
        subjectId: part.id,
        from: part.from,
        to,
        actor: by.actor,
        actorId: by.actorId,
        source: 'api',
        data: by.reason === undefined ? {} : { reason: by.reason },
      },
    ],
    now,
  )
}

export function invalidTransition(from: OrderStatus | ShopOrderStatus, to: OrderStatus | ShopOrderStatus): AppError {
  return new AppError('invalid_transition', `An order that is ${from} cannot become ${to}.`, { details: { from, to } })
}
