/**
 * Figures over everything. This slice alone may read the tables of every slice, and changes none of them: a figure that
 * joined five services would be slower and no truer.
 */
import { sql, type Db } from '../platform/database.ts'

/** Throws when the database does not answer or has not been migrated. */
export async function assertReady(db: Db): Promise<void> {
  await db.one('operations.ready', sql`select 1 from schema_migrations limit 1`)
}

export interface OrderFigures {
  total: number
  pending: number
  confirmed: number
  shipped: number
  delivered: number
  cancelled: number
  paid: number
  failed_payments: number
  currency: string | null
}

export async function orderFigures(db: Db): Promise<OrderFigures> {
  return db.one<OrderFigures>(
    'operations.orders',
    sql`select count(*) as total,
          count(*) filter (where status = 'pending') as pending,
          count(*) filter (where status = 'confirmed') as confirmed,
          count(*) filter (where status = 'shipped') as shipped,
          count(*) filter (where status = 'delivered') as delivered,
          count(*) filter (where status = 'cancelled') as cancelled,
          count(*) filter (where payment_status = 'paid') as paid,
          count(*) filter (where payment_status = 'failed') as failed_payments,
          mode() within group (order by currency) as currency
        from orders`,
  )
}

/** Orders that stand and of which nothing is left to send: few, and found by the index that lists have. */
export async function givenBackOrders(db: Db): Promise<number> {
  const { count } = await db.one<{ count: number }>(
    'operations.givenBack',
    sql`select count(*) as count from orders
        where (case when status = 'confirmed' and given_back then 'given_back' else status end) = 'given_back'`,
  )
  return count
}

export interface MoneyFigures {
  revenue: number
  refunded: number
  paid_orders: number
}

/** Money kept: captures that pay an order, less what has gone back of them. In one currency. */
export async function moneyFigures(db: Db, currency: string): Promise<MoneyFigures> {
  return db.one<MoneyFigures>(
    'operations.money',
    sql`select coalesce(sum(captured_amount - refunded_amount) filter (where disposition = 'kept'), 0)::bigint as revenue,
          coalesce(sum(refunded_amount), 0)::bigint as refunded,
          count(*) filter (where disposition = 'kept' and refunded_amount < captured_amount) as paid_orders
        from payment_attempts where currency = ${currency} and captured_amount > 0`,
  )
}

export interface CatalogFigures {
  products: number
  categories: number
  users: number
  open_review_items: number
}

export async function catalogFigures(db: Db): Promise<CatalogFigures> {
  return db.one<CatalogFigures>(
    'operations.catalog',
    sql`select (select count(*) from products where active) as products, (select count(*) from categories) as categories,
          (select count(*) from users) as users,
          (select count(*) from review_items where resolved_at is null) as open_review_items`,
  )
}

export interface RateFigures {
  succeeded: number
  decided: number
  median_confirm_s: number | null
}

/** Of the orders of the last thirty days: how many of those whose payment was decided were paid, and how fast. */
export async function rateFigures(db: Db, since: Date): Promise<RateFigures> {
  return db.one<RateFigures>(
    'operations.rates',
    sql`select count(*) filter (where payment_status in ('paid', 'partially_refunded', 'refunded')) as succeeded,
          count(*) filter (where payment_status in ('paid', 'partially_refunded', 'refunded', 'failed')) as decided,
          percentile_cont(0.5) within group (order by extract(epoch from confirmed_at - created_at))
            filter (where confirmed_at is not null) as median_confirm_s
        from orders where created_at >= ${since}`,
  )
}

export interface DayFigures {
  day: string
  orders: number
  paid_orders: number
  revenue: number
}

/** One row per day, empty days included, in the given time zone. */
export async function dayFigures(
  db: Db,
  since: Date,
  now: Date,
  timeZone: string,
  currency: string,
): Promise<DayFigures[]> {
  return db.many<DayFigures>(
    'operations.days',
    sql`with days as (
          select d::date as day from generate_series(
            (${since}::timestamptz at time zone ${timeZone})::date, (${now}::timestamptz at time zone ${timeZone})::date, '1 day') as d
        ), placed as (
          select (created_at at time zone ${timeZone})::date as day, count(*) as orders,
            count(*) filter (where confirmed_at is not null) as paid_orders,
            coalesce(sum(total) filter (where payment_status in ('paid', 'partially_refunded') and currency = ${currency}), 0)::bigint as revenue
          from orders where created_at >= ${since} group by 1
        )
        select to_char(days.day, 'YYYY-MM-DD') as day, coalesce(orders, 0) as orders, coalesce(paid_orders, 0) as paid_orders,
          coalesce(revenue, 0) as revenue
        from days left join placed using (day) order by days.day`,
  )
}
