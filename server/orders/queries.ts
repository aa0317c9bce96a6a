import { empty, sql, type Db, type Tx } from '../platform/database.ts'
import type { SaleLine } from './lines.ts'
import type { OrderItemRow, OrderRow, ShopOrderRow } from './order.ts'

export const ORDER_COLUMNS = sql`o.id, o.number, o.user_id, o.guest_token_hash, o.email, o.customer_name, o.status,
  o.payment_status, o.payment_method, o.currency, o.subtotal, o.discount, o.delivery_fee, o.tax, o.tax_included, o.total,
  o.wallet_amount, o.coupon_code, o.shipping_address, o.stock, o.given_back, o.cancel_reason, o.expires_at, o.confirmed_at, o.cancelled_at, o.created_at`

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
    sql`select i.id, i.kind, i.product_id, i.title, i.quantity, i.discount, i.house_discount, i.total, i.tax, i.commission, i.returned_quantity,
          i.returned_amount, i.restocked, p.id as shop_order_id, p.shop_id, p.status as shop_status, p.auto_accept as shop_accepts
        from order_items i join shop_orders p on p.id = i.shop_order_id where i.order_id = ${orderId} order by i.position`,
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

/** The things of orders, as people see them: without delivery, which is shown as a fee. */
export async function listItems(db: Db, orderIds: readonly string[]): Promise<OrderItemRow[]> {
  return db.many<OrderItemRow>(
    'orders.items',
    sql`select id, order_id, shop_order_id, position, kind, product_id, title, image, unit_price, quantity, discount,
          house_discount, tax_rate_bps, total, tax, tax_included, commission, returned_quantity, returned_amount, restocked
        from order_items where order_id = any(${[...orderIds]}::uuid[]) and kind <> 'delivery' order by order_id, position`,
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
