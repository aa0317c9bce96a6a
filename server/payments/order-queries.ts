/** Which orders a list shows because of their money: found by an id, by how they were paid, or because something is the matter. */
import { isUuid } from '../platform/cursor.ts'
import { sql, type Db } from '../platform/database.ts'

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
