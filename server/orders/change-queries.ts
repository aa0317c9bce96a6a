/** Writing orders. */
import { sql, type Sql, type Tx } from '../platform/database.ts'
import type { NewEvent } from '../timeline/event.ts'
import { eventsStatement, insertEvents } from '../timeline/queries.ts'
import type { LineReturn } from './lines.ts'
import { addressKey, orderWords } from './order-words.ts'
import type { CancelReason, OrderItemRow, OrderRow, ShopOrderRow, StockState } from './order.ts'
import type { PartChange } from './parts.ts'

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
            payment_method, currency, subtotal, discount, delivery_fee, tax, tax_included, total, wallet_amount, coupon_code,
            shipping_address, stock, expires_at, created_at, updated_at)
          values (${order.id}, ${order.number}, ${order.user_id}, ${order.guest_token_hash}, ${order.email},
            ${order.customer_name}, ${order.status}, ${order.payment_status}, ${order.payment_method}, ${order.currency},
            ${order.subtotal}, ${order.discount}, ${order.delivery_fee}, ${order.tax}, ${order.tax_included}, ${order.total}, ${order.wallet_amount},
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
          quantity, discount, house_discount, tax_rate_bps, total, tax, tax_included, commission)
        select * from unnest(
          ${items.map((item) => item.id)}::uuid[], ${items.map((item) => item.order_id)}::uuid[],
          ${items.map((item) => item.shop_order_id)}::uuid[], ${items.map((item) => item.position)}::int[],
          ${items.map((item) => item.kind)}::text[], ${items.map((item) => item.product_id)}::uuid[],
          ${items.map((item) => item.title)}::text[], ${items.map((item) => item.image)}::text[],
          ${items.map((item) => item.unit_price)}::bigint[], ${items.map((item) => item.quantity)}::int[],
          ${items.map((item) => item.discount)}::bigint[],
          ${items.map((item) => item.house_discount)}::bigint[], ${items.map((item) => item.tax_rate_bps)}::int[],
          ${items.map((item) => item.total)}::bigint[], ${items.map((item) => item.tax)}::bigint[],
          ${items.map((item) => item.tax_included)}::bigint[], ${items.map((item) => item.commission)}::bigint[])`,
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

/** What changes in an order's row with its status. */
export type OrderStep =
  | { to: 'confirmed'; paymentStatus: string }
  | { to: 'shipped' | 'delivered' | 'reopened' }
  | { to: 'cancelled'; reason: CancelReason; stock: StockState }

/**
 * Moves parts of an order, the order with them, and writes what the timeline says of it: the one statement that changes
 * the status of an order or of a part.
 *
 * @param step undefined when its parts leave the order's status as it is
 */
export function writeMoves(
  tx: Tx,
  order: Pick<OrderRow, 'id' | 'status'>,
  parts: readonly PartChange[],
  step: OrderStep | undefined,
  events: readonly NewEvent[],
  now: Date,
): void {
  insertEvents(tx, events, now)
  const moved = sql`update shop_orders p set status = v.after, updated_at = ${now}
        from unnest(${parts.map(({ id }) => id)}::uuid[], ${parts.map(({ from }) => from)}::text[],
          ${parts.map(({ to }) => to)}::text[]) as v (id, before, after) where p.id = v.id and p.status = v.before`
  if (step === undefined) return tx.send('orders.moveParts', moved)
  tx.send(
    `orders.${step.to}`,
    sql`with p as (${moved})
        update orders set ${columnsOf(step, now)}, updated_at = ${now} where id = ${order.id} and status = ${order.status}`,
  )
}

function columnsOf(step: OrderStep, now: Date): Sql {
  switch (step.to) {
    case 'confirmed':
      return sql`status = 'confirmed', payment_status = ${step.paymentStatus}, stock = 'deducted', confirmed_at = ${now},
          cancelled_at = null, cancel_reason = null, expires_at = null`
    case 'shipped':
      return sql`status = 'shipped', shipped_at = ${now}`
    case 'delivered':
      return sql`status = 'delivered', shipped_at = coalesce(shipped_at, ${now}), delivered_at = ${now}`
    case 'reopened':
      return sql`status = 'confirmed', shipped_at = null, delivered_at = null`
    case 'cancelled':
      return sql`status = 'cancelled', cancel_reason = ${step.reason}, stock = ${step.stock}, cancelled_at = ${now}`
  }
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
