import { empty, sql, type Db, type Sql, type Tx } from '../platform/database.ts'
import type { LineReturn, SaleLine } from './lines.ts'
import type { CancelReason, OrderItemRow, OrderRow, ShopOrderRow } from './order.ts'
import { addressKey, orderWords } from './order-words.ts'

export const ORDER_COLUMNS = sql`o.id, o.number, o.user_id, o.guest_token_hash, o.email, o.customer_name, o.status,
  o.payment_status, o.payment_method, o.currency, o.subtotal, o.discount, o.delivery_fee, o.tax, o.tax_included, o.total,
  o.coupon_code, o.shipping_address, o.stock, o.given_back, o.cancel_reason, o.expires_at, o.confirmed_at, o.cancelled_at, o.created_at`

export interface NewEvent {
  orderId: string
  type: string
  subject: 'order' | 'shop_order' | 'payment' | 'attempt' | 'refund'
  subjectId: string | null
  from?: string | null
  to?: string | null
  actor: 'shopper' | 'provider' | 'admin' | 'seller' | 'system'
  actorId?: string | null
  source?: string | null
  data?: Record<string, unknown>
}

/**
 * What refuses a second order of the same id. One statement writes all of an order, in an order of its own choice, so
 * that a part or a line may be what is refused first.
 */
export const SAME_ORDER: ReadonlySet<string> = new Set([
  'orders_pkey',
  'shop_orders_order_id_shop_id_key',
  'order_items_order_id_position_key',
  'order_search_pkey',
])

/** Writes an order with its parts and lines, the words by which it is found, and the first entry of its timeline. */
export function insertOrder(
  tx: Tx,
  order: OrderRow,
  shopOrders: readonly ShopOrderRow[],
  items: readonly OrderItemRow[],
  placed: NewEvent,
): void {
  const at = order.created_at
  tx.send(
    'orders.insert',
    sql`with o as (
          insert into orders (id, number, user_id, guest_token_hash, email, customer_name, status, payment_status,
            payment_method, currency, subtotal, discount, delivery_fee, tax, tax_included, total, coupon_code,
            shipping_address, stock, expires_at, created_at, updated_at)
          values (${order.id}, ${order.number}, ${order.user_id}, ${order.guest_token_hash}, ${order.email},
            ${order.customer_name}, ${order.status}, ${order.payment_status}, ${order.payment_method}, ${order.currency},
            ${order.subtotal}, ${order.discount}, ${order.delivery_fee}, ${order.tax}, ${order.tax_included}, ${order.total},
            ${order.coupon_code}, ${JSON.stringify(order.shipping_address)}, ${order.stock}, ${order.expires_at}, ${at}, ${at})
        ), s as (
          insert into shop_orders (id, order_id, shop_id, shop_name, status, auto_accept, commission_bps, subtotal, discount,
            delivery_fee, tax, total, created_at, updated_at)
          select v.*, ${at}::timestamptz, ${at}::timestamptz from unnest(
            ${shopOrders.map((part) => part.id)}::uuid[], ${shopOrders.map((part) => part.order_id)}::uuid[],
            ${shopOrders.map((part) => part.shop_id)}::uuid[], ${shopOrders.map((part) => part.shop_name)}::text[],
            ${shopOrders.map((part) => part.status)}::text[],
            ${shopOrders.map((part) => part.auto_accept)}::boolean[], ${shopOrders.map((part) => part.commission_bps)}::int[],
            ${shopOrders.map((part) => part.subtotal)}::bigint[], ${shopOrders.map((part) => part.discount)}::bigint[],
            ${shopOrders.map((part) => part.delivery_fee)}::bigint[], ${shopOrders.map((part) => part.tax)}::bigint[],
            ${shopOrders.map((part) => part.total)}::bigint[]) as v
        ), w as (
          insert into order_search (order_id, words, email)
          values (${order.id}, array_to_tsvector(${orderWords(order, items)}::text[]),
            ${order.email === null ? null : addressKey(order.email)})
        ), e as (
          ${eventsStatement([placed], at)}
        )
        insert into order_items (id, order_id, shop_order_id, position, kind, product_id, title, image, unit_price,
          quantity, discount, tax_rate_bps, total, tax, tax_included, commission)
        select * from unnest(
          ${items.map((item) => item.id)}::uuid[], ${items.map((item) => item.order_id)}::uuid[],
          ${items.map((item) => item.shop_order_id)}::uuid[], ${items.map((item) => item.position)}::int[],
          ${items.map((item) => item.kind)}::text[], ${items.map((item) => item.product_id)}::uuid[],
          ${items.map((item) => item.title)}::text[], ${items.map((item) => item.image)}::text[],
          ${items.map((item) => item.unit_price)}::bigint[], ${items.map((item) => item.quantity)}::int[],
          ${items.map((item) => item.discount)}::bigint[], ${items.map((item) => item.tax_rate_bps)}::int[],
          ${items.map((item) => item.total)}::bigint[], ${items.map((item) => item.tax)}::bigint[],
          ${items.map((item) => item.tax_included)}::bigint[], ${items.map((item) => item.commission)}::bigint[])`,
  )
}

/** Locks the order. The first lock that any transaction about an order takes; everything else comes after it. */
export async function lockOrder(tx: Tx, orderId: string): Promise<OrderRow | undefined> {
  return tx.maybeOne<OrderRow>(
    'orders.lock',
    sql`select ${ORDER_COLUMNS} from orders o where o.id = ${orderId} for update`,
  )
}

export async function findOrder(db: Db, orderId: string): Promise<OrderRow | undefined> {
  return db.maybeOne<OrderRow>('orders.find', sql`select ${ORDER_COLUMNS} from orders o where o.id = ${orderId}`)
}

export async function listOrders(db: Db, orderIds: readonly string[]): Promise<OrderRow[]> {
  if (orderIds.length === 0) return []
  return db.many<OrderRow>(
    'orders.ofIds',
    sql`select ${ORDER_COLUMNS} from orders o where o.id = any(${[...orderIds]}::uuid[])`,
  )
}

export async function listShopOrders(db: Db, orderIds: readonly string[]): Promise<ShopOrderRow[]> {
  return db.many<ShopOrderRow>(
    'orders.shopOrders',
    sql`select p.id, p.order_id, p.shop_id, p.shop_name, p.status, p.auto_accept, p.commission_bps, p.subtotal,
          p.discount, p.delivery_fee, p.tax, p.total, p.returned_amount
        from shop_orders p where p.order_id = any(${[...orderIds]}::uuid[]) order by p.id`,
  )
}

/** All lines of an order, delivery too, with what their parts say of them. */
export async function listSaleLines(db: Db, orderId: string): Promise<SaleLine[]> {
  return db.many<SaleLine>(
    'orders.saleLines',
    sql`select i.id, i.kind, i.product_id, i.title, i.quantity, i.discount, i.total, i.tax, i.commission, i.returned_quantity,
          i.returned_amount, i.restocked, p.id as shop_order_id, p.shop_id, p.status as shop_status, p.auto_accept as shop_accepts
        from order_items i join shop_orders p on p.id = i.shop_order_id where i.order_id = ${orderId} order by i.position`,
  )
}

/** What of an order is given back by now. */
export interface Returned {
  /** All that was given back of each line. */
  lines: readonly LineReturn[]
  parts: readonly { shopOrderId: string; amount: number }[]
  /** Units that go back into stock now. */
  restock: readonly { itemId: string; quantity: number }[]
  givenBack: boolean
}

/**
 * Writes what was given back of an order's lines, of its parts, and whether that is all. The database refuses more than
 * was bought, and to put back into stock what was not given back. The caller holds the order's lock.
 */
export function updateReturned(
  tx: Tx,
  orderId: string,
  { lines, parts, restock, givenBack }: Returned,
  now: Date,
): void {
  const restocked = new Map(restock.map(({ itemId, quantity }) => [itemId, quantity]))
  const { ids, quantities, amounts, units } = {
    ids: lines.map((line) => line.itemId),
    quantities: lines.map((line) => line.quantity),
    amounts: lines.map((line) => line.amount),
    units: lines.map((line) => restocked.get(line.itemId) ?? 0),
  }
  tx.send(
    'orders.updateReturned',
    sql`with l as (
          update order_items i set returned_quantity = v.quantity, returned_amount = v.amount, restocked = i.restocked + v.units
          from unnest(${ids}::uuid[], ${quantities}::int[], ${amounts}::bigint[], ${units}::int[]) as v (id, quantity, amount, units)
          where i.id = v.id
        ), p as (
          update shop_orders p set returned_amount = v.amount, updated_at = ${now}
          from unnest(${parts.map((part) => part.shopOrderId)}::uuid[], ${parts.map((part) => part.amount)}::bigint[])
            as v (id, amount) where p.id = v.id
        )
        update orders set given_back = ${givenBack}, updated_at = ${now} where id = ${orderId} and given_back <> ${givenBack}`,
  )
}

/** Gives an order more time. */
export function postponeExpiry(tx: Tx, orderId: string, expiresAt: Date, now: Date): void {
  tx.send(
    'orders.postponeExpiry',
    sql`update orders set expires_at = ${expiresAt}, updated_at = ${now} where id = ${orderId} and status = 'pending'`,
  )
}

/** A shop's part of an order, with its order's id. */
export async function findShopOrder(db: Db, id: string): Promise<{ order_id: string; shop_id: string } | undefined> {
  return db.maybeOne('orders.shopOrder', sql`select order_id, shop_id from shop_orders where id = ${id}`)
}

/** A shop's parts of orders that stand or stood, newest first. */
export async function listOfShop(
  db: Db,
  shopId: string,
  filter: { status?: string | undefined; before?: string | undefined; limit: number },
): Promise<(ShopOrderRow & { confirmed_at: Date })[]> {
  return db.many(
    'orders.ofShop',
    sql`select p.id, p.order_id, p.shop_id, p.shop_name, p.status, p.auto_accept, p.commission_bps, p.subtotal,
          p.discount, p.delivery_fee, p.tax, p.total, p.returned_amount, o.confirmed_at
        from shop_orders p join orders o on o.id = p.order_id
        where p.shop_id = ${shopId} and p.status <> 'pending' and o.confirmed_at is not null
          ${filter.status === undefined ? empty : sql`and p.status = ${filter.status}`}
          ${filter.before === undefined ? empty : sql`and p.id < ${filter.before}`}
        order by p.id desc limit ${filter.limit}`,
  )
}

export function movePart(tx: Tx, shopOrderId: string, to: ShopOrderRow['status'], now: Date): void {
  tx.send('orders.movePart', sql`update shop_orders set status = ${to}, updated_at = ${now} where id = ${shopOrderId}`)
}

/** The things of orders, as people see them: without delivery, which is shown as a fee. */
export async function listItems(db: Db, orderIds: readonly string[]): Promise<OrderItemRow[]> {
  return db.many<OrderItemRow>(
    'orders.items',
    sql`select id, order_id, shop_order_id, position, kind, product_id, title, image, unit_price, quantity, discount,
          tax_rate_bps, total, tax, tax_included, commission, returned_quantity, returned_amount, restocked
        from order_items where order_id = any(${[...orderIds]}::uuid[]) and kind <> 'delivery' order by order_id, position`,
  )
}

/** Confirms an order that is pending, or revives one that time had cancelled, with what the timeline says of it. */
export function confirm(tx: Tx, orderId: string, paymentStatus: string, events: readonly NewEvent[], now: Date): void {
  tx.send(
    'orders.confirm',
    sql`with o as (
          update orders set status = 'confirmed', payment_status = ${paymentStatus}, stock = 'deducted',
            confirmed_at = ${now}, cancelled_at = null, cancel_reason = null, expires_at = null, updated_at = ${now}
          where id = ${orderId} and status in ('pending', 'cancelled') returning id
        ), e as (
          ${eventsStatement(events, now)}
        )
        update shop_orders p set status = case when p.auto_accept then 'accepted' else 'awaiting_acceptance' end, updated_at = ${now}
        from o where p.order_id = o.id`,
  )
}

export function cancel(tx: Tx, orderId: string, reason: CancelReason, stock: string, now: Date): void {
  tx.send(
    'orders.cancel',
    sql`with o as (
          update orders set status = 'cancelled', cancel_reason = ${reason}, stock = ${stock}, cancelled_at = ${now}, updated_at = ${now}
          where id = ${orderId} and status in ('pending', 'confirmed') returning id
        )
        update shop_orders p set status = 'cancelled', updated_at = ${now} from o
        where p.order_id = o.id and p.status <> 'rejected'`,
  )
}

/** Notes on a cancelled order that money came for it too late. */
export function updateCancelReason(tx: Tx, orderId: string, reason: CancelReason, now: Date): void {
  tx.send(
    'orders.updateCancelReason',
    sql`update orders set cancel_reason = ${reason}, updated_at = ${now} where id = ${orderId} and status = 'cancelled'`,
  )
}

export function updatePaymentStatus(tx: Tx, orderId: string, paymentStatus: string, now: Date): void {
  tx.send(
    'orders.updatePaymentStatus',
    sql`update orders set payment_status = ${paymentStatus}, updated_at = ${now} where id = ${orderId}`,
  )
}

/** Moves an order on, and these of its parts with it. */
export function moveOn(
  tx: Tx,
  orderId: string,
  to: 'shipped' | 'delivered',
  parts: readonly Pick<ShopOrderRow, 'id'>[],
  now: Date,
): void {
  const since = to === 'shipped' ? sql`shipped_at` : sql`delivered_at`
  tx.send(
    'orders.moveOn',
    sql`with o as (
          update orders set status = ${to}, ${since} = ${now}, updated_at = ${now} where id = ${orderId}
        )
        update shop_orders set status = ${to}, updated_at = ${now} where id = any(${parts.map((part) => part.id)}::uuid[])`,
  )
}

export function insertEvents(tx: Tx, events: readonly NewEvent[], now: Date): void {
  if (events.length > 0) tx.send('events.insert', eventsStatement(events, now))
}

function eventsStatement(events: readonly NewEvent[], now: Date): Sql {
  return sql`insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, actor_id, source, data, created_at)
        select v.*, ${now}::timestamptz from unnest(
          ${events.map((event) => event.orderId)}::uuid[], ${events.map((event) => event.type)}::text[],
          ${events.map((event) => event.subject)}::text[], ${events.map((event) => event.subjectId)}::uuid[],
          ${events.map((event) => event.from ?? null)}::text[], ${events.map((event) => event.to ?? null)}::text[],
          ${events.map((event) => event.actor)}::text[], ${events.map((event) => event.actorId ?? null)}::text[],
          ${events.map((event) => event.source ?? null)}::text[],
          ${events.map((event) => JSON.stringify(event.data ?? {}))}::jsonb[]) as v`
}

export interface EventRow {
  seq: number
  type: string
  subject: string
  subject_id: string | null
  from_status: string | null
  to_status: string | null
  actor: string
  source: string | null
  data: Record<string, unknown>
  created_at: Date
}

const EVENT_COLUMNS = sql`seq, type, subject, subject_id, from_status, to_status, actor, source, data, created_at`

/** An order's events before `before`, newest first; `before` is the seq of the last one of the page before. */
export async function listEvents(
  db: Db,
  orderId: string,
  before: number | undefined,
  limit: number,
): Promise<EventRow[]> {
  return db.many<EventRow>(
    'events.ofOrder',
    sql`select ${EVENT_COLUMNS} from events where order_id = ${orderId}
          ${before === undefined ? empty : sql`and seq < ${before}`} order by seq desc limit ${limit}`,
  )
}

/** The newest of an order's events before a moment, newest first, with all that are as old as the last of them. */
export async function listEventsBefore(
  db: Db,
  orderId: string,
  before: Date | undefined,
  atLeast: number,
): Promise<EventRow[]> {
  return db.many<EventRow>(
    'events.before',
    sql`select ${EVENT_COLUMNS} from events where order_id = ${orderId}
          ${before === undefined ? empty : sql`and created_at < ${before}`}
        order by created_at desc fetch first ${atLeast} rows with ties`,
  )
}

/** Orders that wait for a payment beyond their time, oldest first. */
export async function listExpired(db: Db, now: Date, limit: number): Promise<{ id: string }[]> {
  return db.many(
    'orders.expired',
    sql`select id from orders where status = 'pending' and expires_at <= ${now}
          and payment_status <> 'verified' order by expires_at limit ${limit}`,
  )
}

export async function listOfUser(
  db: Db,
  userId: string,
  cursor: string | undefined,
  limit: number,
): Promise<OrderRow[]> {
  return db.many<OrderRow>(
    'orders.ofUser',
    sql`select ${ORDER_COLUMNS} from orders o where o.user_id = ${userId}
          ${cursor === undefined ? empty : sql`and o.id < ${cursor}`} order by o.id desc limit ${limit}`,
  )
}

/** The numbers of orders, by their ids. */
export async function listNumbers(db: Db, orderIds: readonly string[]): Promise<Map<string, string>> {
  if (orderIds.length === 0) return new Map()
  const rows = await db.many<{ id: string; number: string }>(
    'orders.numbers',
    sql`select id, number from orders where id = any(${[...orderIds]}::uuid[])`,
  )
  return new Map(rows.map((row) => [row.id, row.number]))
}
