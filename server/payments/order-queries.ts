/** Which orders a list shows because of their money: found by an id, by how they were paid, or because something is the matter. */
import { isUuid } from '../platform/cursor.ts'
import { empty, sql, type Db, type Sql } from '../platform/database.ts'

/** The orders of payments, attempts and refunds with exactly this id, ours or a provider's. */
export async function findOrderIdsByReference(db: Db, reference: string): Promise<string[]> {
  const id = isUuid(reference) ? reference : null
  // Providers' ids are unique per provider, so each provider that there ever was is asked for: a few steps along an index.
  const rows = await db.many<{ order_id: string }>(
    'payments.byReference',
    sql`with recursive used (provider) as (
          (select provider from payments order by provider limit 1)
          union all
          select (select p.provider from payments p where p.provider > used.provider order by p.provider limit 1)
          from used where used.provider is not null
        )
        select order_id from payments where id = ${id}::uuid
        union select order_id from refunds where id = ${id}::uuid
        union select p.order_id from used join payments p on p.provider = used.provider and p.provider_order_id = ${reference}
        union select a.order_id from used join payment_attempts a on a.provider = used.provider and a.provider_payment_id = ${reference}
        union select r.order_id from used join refunds r on r.provider = used.provider and r.provider_refund_id = ${reference}`,
  )
  return rows.map((row) => row.order_id)
}

const MOST_BY_METHOD = 200
/** After everything that begins with what stands before it. */
const LAST_CHARACTER = '\u{10FFFF}'

/**
 * Orders that somebody tried to pay in a way with this detail: the newest with a card that ends in these digits, or those
 * of UPI addresses that begin so.
 */
export async function findOrderIdsByMethod(db: Db, detail: string): Promise<string[]> {
  const written = detail.toLowerCase()
  const rows = await db.many<{ order_id: string }>(
    'payments.byMethod',
    written.includes('@')
      ? sql`select order_id from payment_attempts
            where lower(method_detail) ~>=~ ${written} and lower(method_detail) ~<~ ${written + LAST_CHARACTER}
            limit ${MOST_BY_METHOD}`
      : sql`select order_id from payment_attempts where lower(method_detail) = ${written}
            order by id desc limit ${MOST_BY_METHOD}`,
  )
  return [...new Set(rows.map((row) => row.order_id))]
}

/** As many as a list shows. */
const MOST_NEEDING = 10_000

/**
 * Orders that wait although their money is here, or was promised by a signature or an authorization, since before
 * `since`. Orders wait for as long as shoppers have to pay, so there are few.
 */
export async function listPaidNotConfirmed(db: Db, since: Date): Promise<string[]> {
  return idsOf(
    db,
    'payments.paidNotConfirmed',
    sql`select o.id from orders o
        -- In the order of the index that holds only orders that wait.
        where o.status = 'pending' and exists (
            -- What a wallet pays waits for the rest.
            select from payments p where p.order_id = o.id and p.updated_at < ${since} and p.provider <> 'wallet'
              and (p.status in ('verified', 'authorized') or p.captured_amount > p.refunded_amount))
          and not exists (select from review_items i where i.order_id = o.id and i.resolved_at is null)
        order by o.expires_at limit ${MOST_NEEDING}`,
  )
}

/** Orders of payments that were tried in `from` to `until`, came to an end, and had nothing but failures. */
export async function listOnlyFailed(db: Db, provider: string | undefined, from: Date, until: Date): Promise<string[]> {
  return idsOf(
    db,
    'payments.onlyFailed',
    sql`select (array_agg(order_id))[1] as id from (
          select payment_id, order_id, status from payment_attempts
          where created_at > ${from} and created_at <= ${until} and status in ('captured', 'refunded', 'failed')
            ${provider === undefined ? empty : sql`and provider = ${provider}`}
          order by created_at desc limit ${MOST_NEEDING}
        ) tried group by payment_id having bool_and(status = 'failed')`,
  )
}

/** Orders about whose payments the provider should have been asked before `before`. */
export async function listOverduePayments(db: Db, before: Date): Promise<string[]> {
  return idsOf(
    db,
    'payments.overdue',
    sql`select order_id as id from payments where next_look_at < ${before} order by next_look_at limit ${MOST_NEEDING}`,
  )
}

/** Orders of refunds that should have been sent, or asked about, before `before`. */
export async function listOverdueRefunds(db: Db, before: Date): Promise<string[]> {
  return idsOf(
    db,
    'refunds.overdue',
    sql`select order_id as id from refunds where next_look_at < ${before} order by next_look_at limit ${MOST_NEEDING}`,
  )
}

async function idsOf(db: Db, name: string, statement: Sql): Promise<string[]> {
  return [...new Set((await db.many<{ id: string }>(name, statement)).map((row) => row.id))]
}
