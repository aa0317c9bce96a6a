/**
 * How orders and their parts change. Parts lead, the order follows: each function here says which parts move, and the
 * order becomes what they make of it (`foldOrder`). Functions that take a `Tx` expect the caller to hold the order's lock,
 * and write the events of what they do in the same transaction.
 */
import assert from 'node:assert/strict'
import type { OrderStatus, ShopOrderStatus } from '../../shared/contract/orders.ts'
import { deductReserved, deductFree, release, restock, type StockLine } from '../inventory/queries.ts'
import { perProduct } from '../inventory/service.ts'
import type { Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import type { Ports } from '../platform/ports.ts'
import type { NewEvent } from '../timeline/event.ts'
import { writeMoves, type OrderStep } from './change-queries.ts'
import type { SaleLine } from './lines.ts'
import {
  canMoveByHand,
  canPartMove,
  isConfirmed,
  type CancelReason,
  type OrderItemRow,
  type OrderRow,
  type ShopOrderRow,
} from './order.ts'
import { orderAfter, partEvents, partsConfirmed, partsToMove, type PartChange, type PartMoves } from './parts.ts'

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
 * @param lines all of its lines
 * @param stock the units that they take
 * @param from `reserved`: the units are set aside for it; `free`: its time had passed and they must be free, which the
 *   caller has checked under their lock
 * @param events what the timeline says of it and of its parts, and of what led to it
 */
export function confirmOrder(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  lines: readonly SaleLine[],
  stock: readonly StockLine[],
  from: 'reserved' | 'free',
  paymentStatus: string,
  events: readonly NewEvent[],
  now: Date,
): void {
  tx.afterCommit(() => {
    const labels = { payment_method: order.payment_method }
    ports.metrics.count('hundi_orders_confirmed_total', { ...labels, currency: order.currency })
    ports.metrics.observe('hundi_order_confirmation_seconds', labels, secondsBetween(order.created_at, now))
  })
  const parts = partsConfirmed(lines)
  assert.equal(orderAfter(lines, parts), 'confirmed', `order ${order.id} is paid for and its parts say otherwise`)
  writeMoves(tx, order, parts, { to: 'confirmed', paymentStatus }, events, now)
  if (stock.length === 0) return
  if (from === 'reserved') deductReserved(tx, order.id, stock, now)
  else deductFree(tx, order.id, stock, now)
}

/** How parts of an order end: which of them, why, and by whom. */
export interface Ending {
  parts: readonly PartChange[]
  reason: CancelReason
  /** `note`: why, in a person's words. */
  by: By & { note?: string | undefined }
}

type By = Pick<NewEvent, 'actor' | 'actorId' | 'source'>

/**
 * Ends parts of an order that are not on their way: rejected by their shops, or cancelled. When none is left the order is
 * cancelled with them, and its units become free again; else those of the parts that end are the caller's to put back. So
 * is what was paid.
 *
 * @param lines all of its lines, with what is given back of them now
 */
export function endParts(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  lines: readonly SaleLine[],
  ending: Ending,
  now: Date,
): void {
  const { parts, reason, by } = ending
  const { note, ...who } = by
  const why = { reason, ...(note === undefined ? {} : { note }) }
  const isOver = orderAfter(lines, parts) === 'cancelled'
  const events = parts.flatMap((part) => {
    // A shop's reason is written for the shopper; why an order is cancelled stands with the order.
    const data = part.to === 'rejected' ? { reason: note } : isOver ? {} : why
    return partEvents(order.id, [part], { ...who, data })
  })
  if (!isOver)
    return follow(tx, ports, order, lines, parts, { actor: 'system', source: who.source ?? null }, events, now)
  const stock = stockLines(lines)
  if (stock.length > 0 && order.stock === 'reserved') release(tx, stock)
  if (stock.length > 0 && order.stock === 'deducted') restock(tx, order.id, stock, now)
  tx.afterCommit(() => ports.metrics.count('hundi_orders_cancelled_total', { reason }))
  const cancelled: NewEvent = {
    orderId: order.id,
    type: reason === 'expired' ? 'order.expired' : 'order.cancelled',
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to: 'cancelled',
    ...who,
    data: why,
  }
  const step = { to: 'cancelled', reason, stock: order.stock === 'none' ? 'none' : 'released' } as const
  writeMoves(tx, order, parts, step, [cancelled, ...events], now)
}

/**
 * Moves parts on: accepted by their shops, shipped, delivered. The caller has looked whether each may.
 *
 * @param lines all lines of the order
 */
export function moveParts(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  lines: readonly SaleLine[],
  parts: readonly Pick<ShopOrderRow, 'id' | 'status'>[],
  to: 'accepted' | 'shipped' | 'delivered',
  by: By,
): void {
  const changes = parts.map(({ id, status: from }) => ({ id, from, to }))
  follow(tx, ports, order, lines, changes, by, partEvents(order.id, changes, by), ports.clock.now())
}

/**
 * The order follows what was given back of its parts, or stands again: parts of which nothing is left to send are not
 * waited for.
 *
 * @param lines all of its lines, with what is given back of them now
 */
export function followReturns(tx: Tx, ports: Ports, order: OrderRow, lines: readonly SaleLine[], now: Date): void {
  if (isConfirmed(order.status)) follow(tx, ports, order, lines, [], { actor: 'system' }, [], now)
}

/**
 * Writes how parts of an order that stands move, and what the order becomes with them.
 *
 * @param by who moves the order: the system, where nobody asked for that
 */
function follow(
  tx: Tx,
  ports: Ports,
  order: OrderRow,
  lines: readonly SaleLine[],
  parts: readonly PartChange[],
  by: By,
  events: readonly NewEvent[],
  now: Date,
): void {
  for (const { id, from, to } of parts) assert.ok(canPartMove(from, to), `part ${id}: ${from} to ${to}`)
  const step = stepTo(order, orderAfter(lines, parts))
  if (step === undefined && parts.length === 0) return
  if (step === undefined) return writeMoves(tx, order, parts, step, events, now)
  const since = order.confirmed_at
  if (since !== null && step.to !== 'reopened') {
    tx.afterCommit(() =>
      ports.metrics.observe('hundi_order_fulfilment_seconds', { step: step.to }, secondsBetween(since, now)),
    )
  }
  const moved: NewEvent = {
    orderId: order.id,
    type: `order.${step.to}`,
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to: step.to === 'reopened' ? 'confirmed' : step.to,
    ...by,
  }
  writeMoves(tx, order, parts, step, [moved, ...events], now)
}

/** How an order that stands changes to what its parts make of it; undefined when it is that already. */
function stepTo(
  order: OrderRow,
  status: OrderStatus,
): Extract<OrderStep, { to: 'shipped' | 'delivered' | 'reopened' }> | undefined {
  assert.ok(isConfirmed(order.status) && isConfirmed(status), `order ${order.id}: ${order.status} to ${status}`)
  if (status === order.status) return undefined
  return { to: status === 'confirmed' ? 'reopened' : (status as 'shipped' | 'delivered') }
}

/**
 * Ships or delivers what an admin says: every part of an order that may move so. The order is shipped, or delivered, when
 * nothing of it is left behind.
 *
 * @param lines all of its lines, as they are under the lock
 * @throws invalid_transition when no part may move: for what the order's state does not allow; with
 *   `details.shopOrderId` for a part that its shop has not accepted; when nothing is left to send
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
  moveParts(tx, ports, order, lines, moves.parts, to, { actor: 'admin', actorId: adminId, source: 'api' })
}

function notMoved(order: OrderRow, moves: Extract<PartMoves, { refused: string }>, to: OrderStatus): AppError {
  const details = { from: order.status, to, reason: moves.refused }
  // Of what is not on its way nobody says that it has arrived.
  if (to === 'delivered') return invalidTransition(order.status, to)
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

export function invalidTransition(from: OrderStatus | ShopOrderStatus, to: OrderStatus | ShopOrderStatus): AppError {
  return new AppError('invalid_transition', `An order that is ${from} cannot become ${to}.`, { details: { from, to } })
}
