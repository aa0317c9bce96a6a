import { empty, sql, type Db, type Tx } from '../platform/database.ts'

export interface WebhookEventRow {
  id: string
  provider: string
  event_id: string
  raw_body: Buffer
  attempts: number
  next_attempt_at: Date
  received_at: Date
}

/**
 * Stores an authentic event. Gives its row, or undefined when this event was stored before: under its id, or the same
 * bytes under another, because the id is not part of what was signed.
 */
export async function insertWebhookEvent(
  tx: Tx,
  event: {
    id: string
    provider: string
    eventId: string
    type: string
    rawBody: Buffer
    headers: Record<string, unknown>
    /** Old news is stored as processed; this is the order that it is old news of. */
    doneForOrder: string | undefined
    nextAttemptAt: Date | null
    now: Date
  },
): Promise<WebhookEventRow | undefined> {
  return tx.maybeOne<WebhookEventRow>(
    'webhook_events.insert',
    sql`with first as (
          insert into webhook_bodies (provider, digest) values (${event.provider}, sha256(${event.rawBody}::bytea))
          on conflict do nothing returning 1
        )
        insert into webhook_events (id, provider, event_id, type, raw_body, headers, signature_valid, status, next_attempt_at,
          order_id, received_at, processed_at)
        select ${event.id}::uuid, ${event.provider}, ${event.eventId}, ${event.type}, ${event.rawBody}::bytea,
          ${JSON.stringify(event.headers)}::jsonb, true, ${event.nextAttemptAt === null ? 'processed' : 'received'},
          ${event.nextAttemptAt}::timestamptz, ${event.doneForOrder ?? null}::uuid, ${event.now}::timestamptz,
          ${event.nextAttemptAt === null ? event.now : null}::timestamptz
        from first
        on conflict (provider, event_id) do nothing
        returning id, provider, event_id, raw_body, attempts, next_attempt_at, received_at`,
  )
}

export async function claimDueEvents(tx: Tx, now: Date, leaseUntil: Date, limit: number): Promise<WebhookEventRow[]> {
  return tx.many<WebhookEventRow>(
    'webhook_events.claimDue',
    sql`update webhook_events e set attempts = e.attempts + 1, next_attempt_at = ${leaseUntil}
        where e.id in (select id from webhook_events where next_attempt_at <= ${now} order by next_attempt_at limit ${limit} for update skip locked)
        returning e.id, e.provider, e.event_id, e.raw_body, e.attempts, e.next_attempt_at, e.received_at`,
  )
}

/** Marks an event as done. Sent with the transaction that applied it, or alone when it says nothing about money. */
export function markDone(
  tx: Tx,
  done: {
    id: string
    status: 'processed' | 'ignored' | 'failed'
    orderId: string | null
    error: string | null
    now: Date
  },
): void {
  tx.send('webhook_events.done', doneStatement(done))
}

export async function markDoneAlone(tx: Tx, done: Parameters<typeof markDone>[1]): Promise<void> {
  await tx.run('webhook_events.done', doneStatement(done))
}

function doneStatement(done: Parameters<typeof markDone>[1]) {
  return sql`update webhook_events set status = ${done.status}, next_attempt_at = null, order_id = ${done.orderId},
          error = ${done.error}, processed_at = ${done.now}
        where id = ${done.id} and status = 'received'`
}

/** What is written down of a try that did not simply succeed, or of a replay. */
export interface NewHistory {
  id: string
  eventId: string
  outcome: 'retried' | 'ignored' | 'failed' | 'replayed'
  error: string | null
  actorId: string | null
  now: Date
}

/** Plans the next try of an event that is not done, and notes why. */
export async function retryEvent(tx: Tx, nextAttemptAt: Date, history: NewHistory): Promise<void> {
  await tx.run(
    'webhook_events.retry',
    sql`with planned as (
          update webhook_events set next_attempt_at = ${nextAttemptAt}, error = ${history.error}
          where id = ${history.eventId} and status = 'received' returning id
        )
        ${historyOf(history)} from planned`,
  )
}

/** Ends an event that no try could process, and notes why. Gives false when it was done meanwhile. */
export async function giveUpEvent(tx: Tx, history: NewHistory & { outcome: 'ignored' | 'failed' }): Promise<boolean> {
  const touched = await tx.run(
    'webhook_events.giveUp',
    sql`with ended as (
          update webhook_events set status = ${history.outcome}, next_attempt_at = null, error = ${history.error},
            processed_at = ${history.now}
          where id = ${history.eventId} and status = 'received' returning id
        )
        ${historyOf(history)} from ended`,
  )
  return touched === 1
}

/**
 * Makes an event due again, whatever became of it, for the one who claims it here until `leaseUntil`.
 *
 * @returns its row; undefined when there is none with this id, or its body is not kept any more
 */
export async function reopenEvent(tx: Tx, leaseUntil: Date, history: NewHistory): Promise<WebhookEventRow | undefined> {
  return tx.maybeOne<WebhookEventRow>(
    'webhook_events.reopen',
    sql`with reopened as (
          update webhook_events set status = 'received', attempts = 0, next_attempt_at = ${leaseUntil}, error = null,
            processed_at = null
          where id = ${history.eventId} and raw_body is not null
          returning id, provider, event_id, raw_body, attempts, next_attempt_at, received_at
        ), noted as (
          ${historyOf(history)} from reopened
        )
        select * from reopened`,
  )
}

/** Whether there is an event with this id. */
export async function isKnown(db: Db, id: string): Promise<boolean> {
  return (await db.maybeOne('webhook_events.isKnown', sql`select 1 from webhook_events where id = ${id}`)) !== undefined
}

function historyOf(history: NewHistory) {
  return sql`insert into webhook_history (id, webhook_event_id, outcome, error, actor_id, created_at)
        select ${history.id}::uuid, ${history.eventId}::uuid, ${history.outcome}::text, ${history.error}::text,
          ${history.actorId}::text, ${history.now}::timestamptz`
}

/** The newest events about an order before a moment, newest first, with all that came at the same instant as the last. */
export async function listEventsOfOrder(db: Db, orderId: string, before: Date | undefined, atLeast: number) {
  return db.many<{
    id: string
    provider: string
    event_id: string
    type: string
    status: string
    raw_body: Buffer | null
    received_at: Date
    processed_at: Date | null
  }>(
    'webhook_events.ofOrder',
    sql`select id, provider, event_id, type, status, raw_body, received_at, processed_at
        from webhook_events where order_id = ${orderId} ${before === undefined ? empty : sql`and received_at < ${before}`}
        order by received_at desc fetch first ${atLeast} rows with ties`,
  )
}
