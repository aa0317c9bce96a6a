import { empty, sql, type Db, type Sql, type Tx } from '../platform/database.ts'
import type { NewEvent } from './event.ts'

export function insertEvents(tx: Tx, events: readonly NewEvent[], now: Date): void {
  tx.gather(
    'events',
    events.map((event) => ({ event, now })),
    (writing, rows) => writing.send('events.insert', eventsAt(rows)),
  )
}

/** The statement that writes events down; for use inside another. */
export function eventsStatement(events: readonly NewEvent[], now: Date): Sql {
  return eventsAt(events.map((event) => ({ event, now })))
}

function eventsAt(rows: readonly { event: NewEvent; now: Date }[]): Sql {
  const events = rows.map((row) => row.event)
  return sql`insert into events (order_id, type, subject, subject_id, from_status, to_status, actor, actor_id, source, data, created_at)
        select v.* from unnest(
          ${events.map((event) => event.orderId)}::uuid[], ${events.map((event) => event.type)}::text[],
          ${events.map((event) => event.subject)}::text[], ${events.map((event) => event.subjectId)}::uuid[],
          ${events.map((event) => event.from ?? null)}::text[], ${events.map((event) => event.to ?? null)}::text[],
          ${events.map((event) => event.actor)}::text[], ${events.map((event) => event.actorId ?? null)}::text[],
          ${events.map((event) => event.source ?? null)}::text[],
          ${events.map((event) => JSON.stringify(event.data ?? {}))}::jsonb[], ${rows.map((row) => row.now)}::timestamptz[]) as v`
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
