/**
 * The totals behind the dashboard, and how they are kept. `order_totals` and `sales_totals` are what has been added up,
 * `order_moves` what has moved since; a statement that reads both sees each thing once.
 */
import { sql, type Db, type Tx } from '../platform/database.ts'

/** As lists have it, and the triggers that note what moves. */
const STAGE = sql`case when o.status = 'confirmed' and o.given_back then 'given_back' else o.status end`

export interface CountRow {
  /** The day on which the orders were placed; null for all days before the first one asked for. */
  day: string | null
  currency: string
  payment_method: string
  /** The order's status, as lists of what is to be done have it. */
  stage: string
  payment_status: string
  orders: number
}

export interface SalesRow {
  /** The day of the sales and returns; null for all days before the first one asked for. */
  day: string | null
  currency: string
  payment_method: string
  sales: number
  sold: number
  returned: number
}

export interface Figures {
  counts: CountRow[]
  sales: SalesRow[]
  /** Orders placed before this are not counted yet; null when all are. */
  counted_from: Date | null
}

/**
 * All orders by their states, and all sales, of one moment: day by day since `firstDay`, and what was before in one.
 *
 * @param timeZone whose days they are; the totals are kept in the same
 */
export async function readFigures(db: Db, firstDay: string, timeZone: string): Promise<Figures> {
  return db.one<Figures>(
    'figures.read',
    sql`with kept as materialized (select counted_from from figures),
        moved as materialized (select m.* from order_moves m, kept where m.placed_at >= kept.counted_from),
        counted as (
          select day, currency, payment_method, stage, payment_status, orders from order_totals
          union all
          select (placed_at at time zone ${timeZone})::date, currency, payment_method, to_stage, to_payment_status, 1
          from moved where to_stage is not null
          union all
          select (placed_at at time zone ${timeZone})::date, currency, payment_method, from_stage, from_payment_status, -1
          from moved where from_stage is not null
        ), sold as (
          select day, currency, payment_method, sales, sold, returned from sales_totals
          union all
          select (moved_at at time zone ${timeZone})::date, currency, payment_method, sales, sold, returned
          from moved where moved_at is not null
        )
        select (select nullif(counted_from, '-infinity') from kept) as counted_from,
          (select coalesce(json_agg(c), '[]') from (
            select to_char(case when day >= ${firstDay}::date then day end, 'YYYY-MM-DD') as day, currency, payment_method,
              stage, payment_status, sum(orders)::bigint as orders
            from counted group by 1, 2, 3, 4, 5 having sum(orders) <> 0
          ) c) as counts,
          (select coalesce(json_agg(s), '[]') from (
            select to_char(case when day >= ${firstDay}::date then day end, 'YYYY-MM-DD') as day, currency, payment_method,
              sum(sales)::bigint as sales, sum(sold)::bigint as sold, sum(returned)::bigint as returned
            from sold group by 1, 2, 3
          ) s) as sales`,
  )
}

// Adding up

/** Takes the work of adding up for this transaction; undefined when another worker has it. */
export async function claimFigures(tx: Tx): Promise<{ time_zone: string | null; is_complete: boolean } | undefined> {
  return tx.maybeOne(
    'figures.claim',
    sql`select time_zone, counted_from = '-infinity' as is_complete from figures for update skip locked`,
  )
}

/** Begins anew in another zone: no order is counted, and all will be. */
export async function restartFigures(tx: Tx, timeZone: string): Promise<void> {
  await tx.run(
    'figures.restart',
    sql`with no_orders as (delete from order_totals), no_sales as (delete from sales_totals)
        update figures set time_zone = ${timeZone},
          counted_from = coalesce((select max(created_at) + interval '1 millisecond' from orders), '-infinity')`,
  )
}

/** Adds up what has moved of orders that are counted, at most `limit` moves. Gives how many that were. */
export async function addUpMoves(tx: Tx, timeZone: string, limit: number): Promise<number> {
  const { moved } = await tx.one<{ moved: number }>(
    'figures.addUp',
    sql`with moved as (
          delete from order_moves where ctid = any(array(
            select ctid from order_moves where placed_at >= (select counted_from from figures) limit ${limit}))
          returning *
        ), counted as (
          insert into order_totals as t (day, currency, payment_method, stage, payment_status, orders)
          select day, currency, payment_method, stage, payment_status, sum(orders) from (
            select (placed_at at time zone ${timeZone})::date as day, currency, payment_method, to_stage as stage,
              to_payment_status as payment_status, 1 as orders from moved where to_stage is not null
            union all
            select (placed_at at time zone ${timeZone})::date, currency, payment_method, from_stage, from_payment_status, -1
            from moved where from_stage is not null
          ) each group by 1, 2, 3, 4, 5 having sum(orders) <> 0
          on conflict (day, currency, payment_method, stage, payment_status) do update set orders = t.orders + excluded.orders
        ), sold as (
          insert into sales_totals as t (day, currency, payment_method, sales, sold, returned)
          select (moved_at at time zone ${timeZone})::date, currency, payment_method, sum(sales), sum(sold), sum(returned)
          from moved where moved_at is not null and (sales <> 0 or returned <> 0) group by 1, 2, 3
          on conflict (day, currency, payment_method) do update
          set sales = t.sales + excluded.sales, sold = t.sold + excluded.sold, returned = t.returned + excluded.returned
        )
        select count(*) as moved from moved`,
  )
  return moved
}

/**
 * Counts the orders of the last day of which none is counted, as they are, and forgets what moved of them up to now: one
 * statement, which sees each order and its moves as they were at one moment.
 *
 * @returns how many orders that were; none when all are counted
 */
export async function countDay(tx: Tx, timeZone: string, timeoutMs: number): Promise<number> {
  await tx.allow(timeoutMs)
  const { counted } = await tx.one<{ counted: number }>(
    'figures.countDay',
    sql`with last as materialized (
          select counted_from as until, coalesce((
            select date_trunc('day', max(created_at), ${timeZone}) from orders where created_at < counted_from
          ), '-infinity') as since from figures
        ), known as (
          delete from order_moves m using last where m.placed_at >= last.since and m.placed_at < last.until
        ), placed as materialized (
          select o.id, (o.created_at at time zone ${timeZone})::date as day, o.currency, o.payment_method, ${STAGE} as stage,
            o.payment_status, o.total, o.confirmed_at
          from orders o, last where o.created_at >= last.since and o.created_at < last.until
        ), counted as (
          insert into order_totals as t (day, currency, payment_method, stage, payment_status, orders)
          select day, currency, payment_method, stage, payment_status, count(*) from placed group by 1, 2, 3, 4, 5
          on conflict (day, currency, payment_method, stage, payment_status) do update set orders = t.orders + excluded.orders
        ), back as (
          -- When what was taken back: the books know.
          select t.created_at as at, placed.currency, placed.payment_method,
            case when t.credit_account_id like 'customer\\_funds:%' then t.amount else -t.amount end as amount
          from placed join ledger_transfers t on t.order_id = placed.id
          where placed.confirmed_at is not null
            and (t.kind like '%\\_reversed' and t.credit_account_id like 'customer\\_funds:%'
              or t.kind like '%\\_restored' and t.debit_account_id like 'customer\\_funds:%')
        ), sold as (
          insert into sales_totals as t (day, currency, payment_method, sales, sold, returned)
          select (at at time zone ${timeZone})::date, currency, payment_method, sum(sales), sum(sold), sum(returned) from (
            select confirmed_at as at, currency, payment_method, 1 as sales, total as sold, 0 as returned
            from placed where confirmed_at is not null
            union all select at, currency, payment_method, 0, 0, amount from back
          ) each group by 1, 2, 3
          on conflict (day, currency, payment_method) do update
          set sales = t.sales + excluded.sales, sold = t.sold + excluded.sold, returned = t.returned + excluded.returned
        ), moved as (
          update figures set counted_from = (select since from last)
        )
        select count(*) as counted from placed`,
  )
  return counted
}
