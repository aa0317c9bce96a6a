/**
 * Lists of orders for staff, at any size. Rows are found by an index in the order in which they are shown, or by their
 * words; nothing is counted or skipped beyond a limit.
 *
 * A list is never narrowed by looking through rows that are something else: orders of the same states are a stream of
 * their own in `orders_streams`, and a list by one state merges the few streams that belong to it. What was given back
 * before it was sent is not among what is to be shipped, so it counts as a state here.
 */
import assert from 'node:assert/strict'
import { ORDER_PAYMENT_STATUSES, ORDER_STATUSES } from '../../shared/contract/orders.ts'
import type { OrderPaymentStatus, OrderStage } from '../../shared/contract/orders.ts'
import { empty, raw, sql, type Db, type Sql, type Tx } from '../platform/database.ts'
import type { OrderRow } from './order.ts'
import { ORDER_COLUMNS } from './queries.ts'

/** Every stream of `orders_streams`, and in which stage its orders are. */
const STREAMS = ORDER_STATUSES.flatMap((status) =>
  ORDER_PAYMENT_STATUSES.flatMap((paymentStatus) =>
    [false, true].map((givenBack) => {
      const stage: OrderStage = status === 'confirmed' && givenBack ? 'given_back' : status
      return { status, paymentStatus, givenBack, stage }
    }),
  ),
)

const STAGE = sql`(case when o.status = 'confirmed' and o.given_back then 'given_back' else o.status end)`

export interface ListFilter {
  status?: OrderStage | undefined
  paymentStatus?: OrderPaymentStatus | undefined
  from?: Date | undefined
  to?: Date | undefined
  /** The last row of the page before. */
  after?: Place | undefined
  /** Only these, which another question has found. */
  ids?: readonly string[] | undefined
}

/** Where a row stands in a list: newest first, and by its id among those of one moment. */
export interface Place {
  at: Date
  id: string
}

/** A page of orders, newest first. */
export async function listPage(db: Db, filter: ListFilter, limit: number, offset: number): Promise<OrderRow[]> {
  return db.many<OrderRow>(
    'orders.listPage',
    // As an array, so that the rows are fetched by their ids whatever the plan believes of how many there are.
    sql`select ${ORDER_COLUMNS} from orders o
        where o.id = any(array(select id from (${newest(filter, limit, offset)}) page))
        order by o.created_at desc, o.id desc`,
  )
}

/** How many orders there are, counted up to `most` and no further. */
export async function countUpTo(db: Db, filter: ListFilter, most: number): Promise<number> {
  const { count } = await db.one<{ count: number }>(
    'orders.countUpTo',
    sql`select count(*) as count from (select from (${streams(filter, planned(most))}) streams limit ${most}) found`,
  )
  return count
}

export async function listByIds(db: Db, ids: readonly string[]): Promise<OrderRow[]> {
  return db.many<OrderRow>(
    'orders.listByIds',
    sql`select ${ORDER_COLUMNS} from orders o where o.id = any(${[...ids]}::uuid[])
        order by o.created_at desc, o.id desc`,
  )
}

/**
 * Limits as plans are made for them. A plan that serves every execution must know that few rows are wanted, or it sorts
 * all orders; a few sizes keep the number of plans small.
 */
const PLANNED_LIMITS = [32, 256, 2_048, 16_384]

/** Id and time of the newest orders that fit, at most `limit`, after the first `offset`. */
function newest(filter: ListFilter, limit: number, offset = 0): Sql {
  return sql`select id, created_at from (${streams(filter, planned(limit + offset))}) streams
    order by created_at desc, id desc limit ${limit} offset ${offset}`
}

function planned(limit: number): Sql {
  // In the order of the index, so that it alone is read.
  const enough = PLANNED_LIMITS.find((each) => each >= limit)
  assert(enough !== undefined, `a list of ${limit} orders`)
  return raw(`order by o.created_at desc, o.id desc limit ${enough}`)
}

/** The newest orders of each pair of states that fits, one pair after the other. */
function streams(filter: ListFilter, limited: Sql): Sql {
  const { status, paymentStatus, ids } = filter
  if (ids !== undefined) {
    return sql`select o.id, o.created_at from orders o
      where o.id = any(${[...ids]}::uuid[]) ${states(filter)} ${window(filter)}`
  }
  if (status === undefined && paymentStatus === undefined) {
    return sql`select o.id, o.created_at from orders o where true ${window(filter)} ${limited}`
  }
  const own = STREAMS.filter(
    (stream) =>
      (status ?? stream.stage) === stream.stage && (paymentStatus ?? stream.paymentStatus) === stream.paymentStatus,
  )
  return sql`select stream.id, stream.created_at
    from unnest(${own.map((one) => one.status)}::text[], ${own.map((one) => one.paymentStatus)}::text[],
      ${own.map((one) => one.givenBack)}::boolean[]) as own (status, payment_status, given_back)
    cross join lateral (
      select o.id, o.created_at from orders o
      where o.status = own.status and o.payment_status = own.payment_status and o.given_back = own.given_back
        ${window(filter)} ${limited}
    ) stream`
}

function states({ status, paymentStatus }: ListFilter): Sql {
  return sql`${status === undefined ? empty : sql`and ${STAGE} = ${status}`}
    ${paymentStatus === undefined ? empty : sql`and o.payment_status = ${paymentStatus}`}`
}

function window({ from, to, after }: ListFilter): Sql {
  return sql`${from === undefined ? empty : sql`and o.created_at >= ${from}`}
    ${to === undefined ? empty : sql`and o.created_at < ${to}`}
    ${after === undefined ? empty : sql`and (o.created_at, o.id) < (${after.at}, ${after.id}::uuid)`}`
}

// Search

/** After everything that begins with what stands before it. */
const LAST_CHARACTER = '\u{10FFFF}'

/** The places of rows that were found, newest first. */
export interface Found {
  places: Place[]
  /** How many rows were looked at for it. */
  looked: number
}

/**
 * Those of the newest `walk` orders that fit the filter for which every term holds, at most `limit`.
 *
 * @returns also for how many of them each term holds by itself
 */
export async function searchNewest(
  db: Db,
  filter: ListFilter,
  terms: readonly string[],
  walk: number,
  limit: number,
): Promise<Found & { having: number[] }> {
  const row = await db.one<FoundRow & { having: number[] }>(
    'orders.searchNewest',
    sql`with looked as materialized (${newest(filter, walk)}),
        read as materialized (
          select r.id, r.created_at, s.words from looked r join order_search s on s.order_id = r.id
        ),
        fitting as (
          select id, created_at from read where words @@ ${all(terms)}::tsquery
          order by created_at desc, id desc limit ${limit}
        )
        select ${FOUND}, array(
            select (select count(*) from read where words @@ term)
            from unnest(${[...terms]}::tsquery[]) with ordinality as asked (term, at) order by at
          ) as having`,
  )
  return { ...foundIn(row), having: row.having }
}

/**
 * Those of all orders that fit the filter for which every term holds, at most `limit`. Rows are found by the terms `by`, and
 * then asked for the `others`. None when the terms find more than `most`: which of so many are the newest, nobody knows
 * before having read all of them.
 */
export async function searchWords(
  db: Db,
  filter: ListFilter,
  { by, others }: { by: readonly string[]; others: readonly string[] },
  most: number,
  limit: number,
): Promise<Found> {
  const row = await db.one<FoundRow>(
    'orders.searchWords',
    sql`with looked as materialized (
          select order_id, words from order_search where words @@ ${all(by)}::tsquery limit ${most + 1}
        ),
        fitting as (
          select o.id, o.created_at from looked r join orders o on o.id = r.order_id
          where (select count(*) from looked) <= ${most}
            ${others.length === 0 ? empty : sql`and r.words @@ ${all(others)}::tsquery`}
            ${states(filter)} ${window(filter)} order by o.created_at desc, o.id desc limit ${limit}
        )
        select ${FOUND}`,
  )
  return foundIn(row)
}

interface FoundRow {
  looked: number
  ids: string[]
  times: Date[]
}

const FOUND = sql`(select count(*) from looked) as looked,
  array(select id from fitting order by created_at desc, id desc) as ids,
  array(select created_at from fitting order by created_at desc, id desc) as times`

function foundIn({ looked, ids, times }: FoundRow): Found {
  return { looked, places: ids.map((id, index) => ({ id, at: times[index] ?? new Date(0) })) }
}

function all(terms: readonly string[]): string {
  return terms.map((term) => `(${term})`).join(' & ')
}

/** Orders of e-mail addresses that begin so, in any order. */
export async function findIdsByEmail(db: Db, beginning: string, limit: number): Promise<string[]> {
  const rows = await db.many<{ id: string }>(
    'orders.ofEmail',
    sql`select order_id as id from order_search
        where email ~>=~ ${beginning} and email ~<~ ${beginning + LAST_CHARACTER} limit ${limit}`,
  )
  return rows.map((row) => row.id)
}

/** When the first and the last order were placed; undefined when there is none. */
export async function placedBetween(db: Db): Promise<{ first: Date; last: Date } | undefined> {
  const { first, last } = await db.one<{ first: Date | null; last: Date | null }>(
    'orders.placedBetween',
    sql`select (select min(created_at) from orders) as first, (select max(created_at) from orders) as last`,
  )
  return first === null || last === null ? undefined : { first, last }
}

export async function findIdsByNumber(db: Db, number: string): Promise<string[]> {
  const rows = await db.many<{ id: string }>('orders.ofNumber', sql`select id from orders where number = ${number}`)
  return rows.map((row) => row.id)
}

// Words of orders that were placed before orders had any

/** Takes that work for this transaction. Gives false when it has ended, or another worker has it. */
export async function claimBackfill(tx: Tx): Promise<boolean> {
  const row = await tx.maybeOne(
    'order_search.claim',
    sql`select single from order_search_backfill where placed_before is not null for update skip locked`,
  )
  return row !== undefined
}

/** Notes that what is older than this order is left to do; that nothing is, when it is undefined. */
export async function moveBackfill(tx: Tx, orderId: string | undefined): Promise<void> {
  await tx.run(
    'order_search.move',
    sql`update order_search_backfill set (placed_before, order_before) =
          (select created_at, id from orders where id = ${orderId ?? null}::uuid)`,
  )
}

/** The orders that are next, newest first. */
export async function listWithoutWords(tx: Tx, limit: number): Promise<OrderRow[]> {
  return tx.many<OrderRow>(
    'order_search.next',
    sql`select ${ORDER_COLUMNS} from orders o
        where (o.created_at, o.id) < (select placed_before, order_before from order_search_backfill)
        order by o.created_at desc, o.id desc limit ${limit}`,
  )
}

export async function insertWords(
  tx: Tx,
  rows: readonly { orderId: string; words: string[]; email: string | null }[],
): Promise<void> {
  await tx.run(
    'order_search.insert',
    sql`insert into order_search (order_id, words, email)
        select v.order_id::uuid, array_to_tsvector(array(select jsonb_array_elements_text(v.words))), v.email
        from jsonb_to_recordset(${JSON.stringify(rows.map(({ orderId, ...rest }) => ({ order_id: orderId, ...rest })))}::jsonb)
          as v (order_id text, words jsonb, email text)
        on conflict (order_id) do nothing`,
  )
}
