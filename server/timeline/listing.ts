/** What happened to an order, as people are told it. */
import type { EventsQuery, OrderEvent } from '../../shared/contract/orders.ts'
import type { Audience } from '../accounts/account.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Db } from '../platform/database.ts'
import * as queries from './queries.ts'

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
