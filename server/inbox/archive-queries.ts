/** The inbox as an operator sees it: lists, histories, refused deliveries, and what is emptied when its time has passed. */
import { empty, join, sql, type Db, type Tx } from '../platform/database.ts'

export interface ListedEventRow {
  id: string
  provider: string
  event_id: string
  type: string
  status: string
  signature_valid: boolean
  attempts: number
  error: string | null
  order_id: string | null
  received_at: Date
  processed_at: Date | null
  next_attempt_at: Date | null
}

export interface EventDetailRow extends ListedEventRow {
  headers: Record<string, unknown>
  raw_body: Buffer | null
}

export interface EventFilter {
  provider?: string | undefined
  status?: string | undefined
  type?: string | undefined
  orderId?: string | undefined
}

const LISTED = sql`e.id, e.provider, e.event_id, e.type, e.status, e.signature_valid, e.attempts, e.error, e.order_id,
  e.received_at, e.processed_at, e.next_attempt_at`

/** Events, newest first, after a row of the list when one is given. */
export async function listEvents(
  db: Db,
  filter: EventFilter,
  after: { at: Date; id: string } | undefined,
  limit: number,
): Promise<ListedEventRow[]> {
  const conditions = [
    ...(filter.provider === undefined ? [] : [sql`e.provider = ${filter.provider}`]),
    ...statusCondition(filter.status),
    ...(filter.type === undefined ? [] : [sql`e.type = ${filter.type}`]),
    ...(filter.orderId === undefined ? [] : [sql`e.order_id = ${filter.orderId}`]),
    ...(after === undefined ? [] : [sql`(e.received_at, e.id) < (${after.at}, ${after.id})`]),
  ]
  return db.many<ListedEventRow>(
    'webhook_events.list',
    sql`select ${LISTED} from webhook_events e
        ${conditions.length === 0 ? empty : sql`where ${join(conditions, ' and ')}`}
        order by e.received_at desc, e.id desc limit ${limit}`,
  )
}

/** Written so that the few rows of interest are found by the index that holds only them. */
function statusCondition(status: string | undefined) {
  switch (status) {
    case undefined:
      return []
    case 'received':
      return [sql`e.next_attempt_at is not null`]
    case 'failed':
    case 'ignored':
      return [sql`e.status in ('failed', 'ignored')`, sql`e.status = ${status}`]
    default:
      return [sql`e.status = ${status}`]
  }
}

export async function findEvent(db: Db, id: string): Promise<EventDetailRow | undefined> {
  return db.maybeOne<EventDetailRow>(
    'webhook_events.find',
    sql`select ${LISTED}, e.headers, e.raw_body from webhook_events e where e.id = ${id}`,
  )
}

export interface HistoryRow {
  outcome: string
  error: string | null
  actor_id: string | null
  created_at: Date
}

/** The newest of an event's tries that did not simply succeed, oldest first. */
export async function listHistory(db: Db, eventId: string): Promise<HistoryRow[]> {
  return db.many<HistoryRow>(
    'webhook_history.list',
    sql`select * from (
          select outcome, error, actor_id, created_at, id from webhook_history where webhook_event_id = ${eventId}
          order by created_at desc, id desc limit 200
        ) newest order by created_at, id`,
  )
}

export interface RejectionRow {
  id: string
  provider: string
  verdict: string
  headers: Record<string, unknown>
  body_start: Buffer
  received_at: Date
}

/** Keeps a refused delivery, and of its provider's only the newest `kept`. */
export async function insertRejection(
  tx: Tx,
  rejection: {
    id: string
    provider: string
    verdict: string
    headers: Record<string, unknown>
    bodyStart: Buffer
    receivedAt: Date
  },
  kept: number,
): Promise<void> {
  await tx.run(
    'webhook_rejections.insert',
    sql`with dropped as (
          delete from webhook_rejections where id in (
            select id from webhook_rejections where provider = ${rejection.provider}
            order by received_at desc, id desc offset ${kept - 1})
        )
        insert into webhook_rejections (id, provider, verdict, headers, body_start, received_at)
        values (${rejection.id}, ${rejection.provider}, ${rejection.verdict}, ${JSON.stringify(rejection.headers)},
          ${rejection.bodyStart}, ${rejection.receivedAt})`,
  )
}

export async function listRejections(
  db: Db,
  provider: string | undefined,
  after: { at: Date; id: string } | undefined,
  limit: number,
): Promise<RejectionRow[]> {
  return db.many<RejectionRow>(
    'webhook_rejections.list',
    sql`select id, provider, verdict, headers, body_start, received_at from webhook_rejections where true
        ${provider === undefined ? empty : sql`and provider = ${provider}`}
        ${after === undefined ? empty : sql`and (received_at, id) < (${after.at}, ${after.id})`}
        order by received_at desc, id desc limit ${limit}`,
  )
}

/**
 * Empties the bodies and headers of events that came in `from` to `before` and are done, oldest first, at most `limit`.
 *
 * @returns how many, and when the last of them came
 */
export async function emptyEvents(
  tx: Tx,
  from: Date,
  before: Date,
  limit: number,
): Promise<{ count: number; last: Date | null }> {
  return tx.one<{ count: number; last: Date | null }>(
    'webhook_events.empty',
    sql`with old as (
          select id, provider, sha256(raw_body) as digest from webhook_events
          where received_at >= ${from} and received_at < ${before} and raw_body is not null and status <> 'received'
          order by received_at limit ${limit} for update
        ), forgotten as (
          delete from webhook_bodies b using old where b.provider = old.provider and b.digest = old.digest
        ), emptied as (
          update webhook_events e set raw_body = null, headers = '{}' from old where e.id = old.id
          returning e.received_at
        )
        select count(*) as count, max(received_at) as last from emptied`,
  )
}

/**
 * Deletes events that came before `before` and are done, with their histories, oldest first, at most `limit`: their ids
 * are known no longer. Gives how many.
 */
export async function deleteEvents(tx: Tx, before: Date, limit: number): Promise<number> {
  return tx.run(
    'webhook_events.delete',
    sql`with old as (
          select id from webhook_events where received_at < ${before} and status <> 'received'
          order by received_at limit ${limit} for update skip locked
        ), histories as (
          delete from webhook_history where webhook_event_id = any(array(select id from old))
        )
        delete from webhook_events where id = any(array(select id from old))`,
  )
}

/** Deletes refused deliveries that came before `before`; of each provider there are few. */
export async function deleteRejections(tx: Tx, before: Date): Promise<void> {
  await tx.run('webhook_rejections.delete', sql`delete from webhook_rejections where received_at < ${before}`)
}
