/**
 * Orders: how one is written, confirmed, cancelled and shown. Functions that take a `Tx` expect the caller to hold the
 * order's lock, and write the event of what they do in the same transaction.
 */
import type {
  EventsQuery,
  Order,
  OrderEvent,
  OrderStatus,
  OrderSummary,
  ShopOrderStatus,
} from '../../shared/contract/orders.ts'
import type { OrderMoney, Payment } from '../../shared/contract/payments.ts'
import { add } from '../../shared/money.ts'
import * as inventory from '../inventory/service.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Db, Tx } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import type { Ports } from '../platform/ports.ts'
import type { Audience } from './access.ts'
import { isGivenBack, isItem, type SaleLine } from './lines.ts'
import {
  canMoveByHand,
  canPay,
  isConfirmed,
  type CancelReason,
  type OrderItemRow,
  type OrderRow,
  type ShopOrderRow,
} from './order.ts'
import { partEvents, partsCancelled, partsToMove, type PartMoves } from './parts.ts'
import * as queries from './queries.ts'

export {
  findOrder,
  findShopOrder,
  listOfShop,
  listSaleLines,
  insertOrder,
  lockOrder,
  listItems,
  listNumbers,
  SAME_ORDER,
  listOrders,
  listShopOrders,
  listExpired,
  postponeExpiry,
  updatePaymentStatus,
  updateCancelReason,
  updateReturned,
} from './queries.ts'
export { listForAdmin, listNewest } from './lists.ts'
export { searchBackfillPass } from './search-backfill.ts'
export type { NewEvent } from './queries.ts'
export { deletePastClients, insertClient, lockUnpaid, type UnpaidUnits } from './client-queries.ts'

/** The units that an order's lines take, each product once; without those that went back into stock already. */
export function stockLines(
  items: readonly (Pick<OrderItemRow, 'product_id' | 'quantity'> & { restocked?: number })[],
): inventory.StockLine[] {
  return inventory.perProduct(
    items.flatMap((item) => {
      const quantity = item.quantity - (item.restocked ?? 0)
      return item.product_id === null || quantity === 0 ? [] : [{ productId: item.product_id, quantity }]
    }),
  )
}

export function appendEvents(tx: Tx, ports: Ports, events: readonly queries.NewEvent[]): void {
  queries.insertEvents(tx, events, ports.clock.now())
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
  lines: readonly inventory.StockLine[],
  from: 'reserved' | 'free',
  paymentStatus: string,
  events: readonly queries.NewEvent[],
): void {
  const now = ports.clock.now()
  tx.afterCommit(() => {
    const labels = { payment_method: order.payment_method }
    ports.metrics.count('hundi_orders_confirmed_total', { ...labels, currency: order.currency })
    ports.metrics.observe('hundi_order_confirmation_seconds', labels, secondsBetween(order.created_at, now))
  })
  queries.confirm(tx, order.id, paymentStatus, events, now)
  if (lines.length === 0) return
  if (from === 'reserved') inventory.deductReserved(tx, order.id, lines, now)
  else inventory.deductFree(tx, order.id, lines, now)
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
  by: Pick<queries.NewEvent, 'actor' | 'actorId' | 'source'> & { note?: string | undefined },
): void {
  const now = ports.clock.now()
  const stock = stockLines(lines)
  if (stock.length > 0 && order.stock === 'reserved') inventory.release(tx, stock)
  if (stock.length > 0 && order.stock === 'deducted') inventory.restock(tx, order.id, stock, now)
  queries.cancel(tx, order.id, reason, order.stock === 'none' ? 'none' : 'released', now)
  tx.afterCommit(() => ports.metrics.count('hundi_orders_cancelled_total', { reason }))
  const { note, ...who } = by
  const cancelled: queries.NewEvent = {
    orderId: order.id,
    type: reason === 'expired' ? 'order.expired' : 'order.cancelled',
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to: 'cancelled',
    ...who,
    data: { reason, ...(note === undefined ? {} : { note }) },
  }
  queries.insertEvents(tx, [cancelled, ...partEvents(order.id, partsCancelled(lines), who)], now)
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
  queries.moveOn(tx, order.id, to, moves.parts, now)
  const by = { actor: 'admin', actorId: adminId, source: 'api' } as const
  const moved: queries.NewEvent = {
    orderId: order.id,
    type: `order.${to}`,
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to,
    ...by,
  }
  queries.insertEvents(tx, [moved, ...partEvents(order.id, moving, by)], now)
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
  queries.movePart(tx, part.id, to, now)
  queries.insertEvents(
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

/** The order, or `order_not_found`. */
export async function getOrder(db: Db, orderId: string): Promise<OrderRow> {
  const order = await queries.findOrder(db, orderId)
  if (order === undefined) throw new AppError('order_not_found', 'There is no such order.')
  return order
}

/** What admins still talk about: nothing of it is done. */
const AMONG_STAFF = /^decision\./

/** More than happens to an order that goes a long way: most have some twenty events. */
const EVENTS_PER_PAGE = 200

/**
 * A page of what happened to an order: the newest, or those before a cursor; in the page the oldest first.
 *
 * @param internal ids of refunds that are left out
 */
export async function listEvents(
  db: Db,
  orderId: string,
  audience: Audience,
  internal: ReadonlySet<string>,
  { limit = EVENTS_PER_PAGE, cursor }: EventsQuery,
): Promise<{ events: OrderEvent[]; pagination: { limit: number; nextCursor: string | null } }> {
  const [before] = cursor === undefined ? [] : decodeCursor(cursor, ['integer'])
  const rows = await queries.listEvents(db, orderId, before === undefined ? undefined : Number(before), limit + 1)
  const page = cutPage(rows, limit, (row) => [row.seq])
  return {
    events: page.rows
      .toReversed()
      .filter((row) => row.subject_id === null || !internal.has(row.subject_id))
      .filter((row) => audience === 'staff' || !AMONG_STAFF.test(row.type))
      .map((row) => toEvent(row, audience === 'staff' ? row.data : forShopper(row))),
    pagination: page.pagination,
  }
}

/** The newest of an order's events before a moment, newest first, with all that are as old as the last of them. */
export async function listEventsBefore(
  db: Db,
  orderId: string,
  before: Date | undefined,
  atLeast: number,
): Promise<OrderEvent[]> {
  const rows = await queries.listEventsBefore(db, orderId, before, atLeast)
  // Those of one instant were written in the order of their numbers.
  return rows
    .sort((a, b) => b.created_at.getTime() - a.created_at.getTime() || b.seq - a.seq)
    .map((row) => toEvent(row, row.data))
}

function toEvent(row: queries.EventRow, data: Record<string, unknown>): OrderEvent {
  return {
    id: String(row.seq),
    type: row.type,
    subject: row.subject,
    subjectId: row.subject_id,
    from: row.from_status,
    to: row.to_status,
    actor: row.actor,
    source: row.source,
    data,
    createdAt: row.created_at.toISOString(),
  }
}

/** A page of a customer's own orders, newest first; one more row than `limit` says that there is another page. */
export async function listOwn(db: Db, userId: string, cursor: string | undefined, limit: number): Promise<OrderRow[]> {
  if (cursor !== undefined && !/^[0-9a-f-]{36}$/i.test(cursor))
    throw invalidField('cursor', 'is not a cursor of this list')
  return queries.listOfUser(db, userId, cursor, limit)
}

/**
 * Orders as a list shows them. Two statements for the whole page.
 *
 * @param money what became of the money of each, by its id
 */
export async function toSummaries(
  db: Db,
  orders: readonly OrderRow[],
  money: ReadonlyMap<string, OrderMoney[]>,
  openReviewItems: ReadonlyMap<string, number>,
): Promise<OrderSummary[]> {
  const ids = orders.map((order) => order.id)
  const [items, parts] =
    ids.length === 0 ? [[], []] : await Promise.all([queries.listItems(db, ids), queries.listShopOrders(db, ids)])
  return orders.map((order) => {
    const own = items.filter((item) => item.order_id === order.id)
    return {
      ...face(order),
      itemCount: add(...own.map((item) => item.quantity)),
      firstItemTitle: own[0]?.title ?? null,
      firstItemImage: own[0]?.image ?? null,
      customerName: order.customer_name,
      email: order.email,
      city: order.shipping_address?.city ?? null,
      parts: parts
        .filter((part) => part.order_id === order.id)
        .map((part) => ({
          shopName: part.shop_name,
          status: part.status,
          isGivenBack: isGivenBack(own.filter((item) => item.shop_order_id === part.id)),
        })),
      isConfirmed: isConfirmed(order.status),
      isGivenBack: order.given_back,
      money: money.get(order.id) ?? [],
      openReviewItems: openReviewItems.get(order.id) ?? 0,
      createdAt: order.created_at.toISOString(),
      confirmedAt: order.confirmed_at?.toISOString() ?? null,
    }
  })
}

/** The order as the API shows it. Pure. */
export function toOrder(
  order: OrderRow,
  shopOrders: readonly ShopOrderRow[],
  items: readonly OrderItemRow[],
  payments: readonly Payment[],
  money: readonly OrderMoney[],
  now: Date,
): Order {
  return {
    ...face(order),
    userId: order.user_id,
    capturedAmount: add(...payments.map((payment) => payment.capturedAmount)),
    refundedAmount: add(...payments.map((payment) => payment.refundedAmount)),
    couponCode: order.coupon_code,
    email: order.email,
    shippingAddress: order.shipping_address,
    items: items.filter(isItem).map((item) => ({
      id: item.id,
      kind: item.kind,
      productId: item.product_id,
      shopId: shopOrders.find((part) => part.id === item.shop_order_id)?.shop_id ?? null,
      title: item.title,
      image: item.image,
      unitPrice: item.unit_price,
      quantity: item.quantity,
      discount: item.discount,
      taxRateBps: item.tax_rate_bps,
      total: item.total,
      tax: item.tax,
      returnedQuantity: item.returned_quantity,
      returnedAmount: item.returned_amount,
      restocked: item.restocked,
    })),
    shopOrders: shopOrders.map((part) => ({
      id: part.id,
      shopId: part.shop_id,
      shopName: part.shop_name,
      status: part.status,
      subtotal: part.subtotal,
      discount: part.discount,
      deliveryFee: part.delivery_fee,
      total: part.total,
      isGivenBack: isGivenBack(items.filter((item) => item.shop_order_id === part.id)),
    })),
    isGivenBack: order.given_back,
    payments: [...payments],
    money: [...money],
    isConfirmed: isConfirmed(order.status),
    canPay: canPay(order, now),
    canCancel: order.status === 'pending' || order.status === 'confirmed',
    cancelReason: order.cancel_reason,
    createdAt: order.created_at.toISOString(),
    expiresAt: order.expires_at?.toISOString() ?? null,
    confirmedAt: order.confirmed_at?.toISOString() ?? null,
    cancelledAt: order.cancelled_at?.toISOString() ?? null,
  }
}

/** What a list and a page both show of an order. */
function face(order: OrderRow) {
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    paymentStatus: order.payment_status,
    paymentMethod: order.payment_method,
    currency: order.currency,
    subtotal: order.subtotal,
    discount: order.discount,
    deliveryFee: order.delivery_fee,
    tax: order.tax,
    taxIncluded: order.tax_included,
    total: order.total,
  }
}

/**
 * Shoppers see what happened to them, not what was written down for operators: neither notes, nor why a refund was
 * refused to us, nor the reference of a bank transfer. A seller's reason for not sending a part is written for them.
 */
function forShopper({ type, subject, data }: queries.EventRow): Record<string, unknown> {
  const shown = new Set(['amount', 'currency', 'method'])
  if (subject === 'attempt') {
    shown.add('errorDescription')
    if (data['method'] !== 'bank_transfer') shown.add('methodDetail')
  }
  // Why no payment was opened is one of a few words of ours.
  if (subject === 'order' || subject === 'shop_order' || type === 'payment.refused') shown.add('reason')
  return Object.fromEntries(Object.entries(data).filter(([key]) => shown.has(key)))
}
