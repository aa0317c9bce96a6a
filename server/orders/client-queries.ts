/** Who placed which unpaid order, so that one client cannot keep everything from others. */
import { sql, type Tx } from '../platform/database.ts'
import type { OrderRow } from './order.ts'

/** Notes who placed an order, for as long as that is of use (`deletePastClients`). */
export function insertClient(tx: Tx, order: Pick<OrderRow, 'id' | 'created_at'>, client: string): void {
  tx.send(
    'order_clients.insert',
    sql`insert into order_clients (order_id, client, placed_at) values (${order.id}, ${client}, ${order.created_at})`,
  )
}

export interface UnpaidUnits {
  orderId: string
  /** False: its time has passed. */
  waits: boolean
  /** When it counts no more. */
  freesAt: Date
  productId: string
  quantity: number
}

/**
 * The units of a client's unpaid orders, those that wait and those that lapsed and were placed after `since`; and until
 * the end of the transaction nobody else reads them for this client, so that two orders at once count each other.
 *
 * @param lapsedCountMs how long after it was placed an order that lapsed is counted
 */
export async function lockUnpaid(tx: Tx, client: string, since: Date, lapsedCountMs: number): Promise<UnpaidUnits[]> {
  tx.send('order_clients.lock', sql`select pg_advisory_xact_lock(hashtextextended(${`client ${client}`}, 0))`)
  return tx.many(
    'order_clients.unpaid',
    sql`select o.id as "orderId", o.status = 'pending' as waits,
          case when o.status = 'pending' then coalesce(o.expires_at, o.created_at)
            else c.placed_at + ${lapsedCountMs} * interval '1 millisecond' end as "freesAt",
          i.product_id as "productId", i.quantity
        from order_clients c
        join orders o on o.id = c.order_id
        join order_items i on i.order_id = o.id and i.product_id is not null
        where c.client = ${client} and (
          (o.status = 'pending' and o.payment_status in ('pending', 'failed'))
          or (o.cancel_reason = 'expired' and c.placed_at > ${since}))`,
  )
}

/** Forgets who placed orders before this moment that do not wait any more. */
export async function deletePastClients(tx: Tx, before: Date): Promise<void> {
  await tx.run(
    'order_clients.deletePast',
    sql`delete from order_clients c where c.placed_at < ${before}
          and not exists (select from orders o where o.id = c.order_id and o.status = 'pending')`,
  )
}
