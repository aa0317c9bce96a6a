/** Alerts and what they are made of. Every question is bounded: by an index, by a time, or by a limit. */
import { empty, sql, type Db, type Tx } from '../platform/database.ts'

export interface AlertRow {
  id: string
  kind: string
  key: string
  severity: 'page' | 'warn'
  summary: string
  count: number
  first_at: Date
  last_at: Date
  resolved_at: Date | null
  acknowledged_by: string | null
  acknowledged_at: Date | null
}

const ALERT = sql`a.id, a.kind, a.key, a.severity, a.summary, a.count, a.first_at, a.last_at, a.resolved_at,
  a.acknowledged_by, a.acknowledged_at`

export async function listAlerts(
  db: Db,
  open: boolean,
  after: { at: Date; id: string } | undefined,
  limit: number,
): Promise<AlertRow[]> {
  return db.many<AlertRow>(
    'alerts.list',
    sql`select ${ALERT} from alerts a where ${open ? sql`a.resolved_at is null` : sql`a.resolved_at is not null`}
        ${after === undefined ? empty : sql`and (a.first_at, a.id) < (${after.at}, ${after.id})`}
        order by a.first_at desc, a.id desc limit ${limit}`,
  )
}

/** There is one open alert per kind and key, and keys are few. */
export async function listOpenAlerts(db: Db): Promise<AlertRow[]> {
  return db.many<AlertRow>('alerts.open', sql`select ${ALERT} from alerts a where a.resolved_at is null limit 1000`)
}

export async function acknowledgeAlert(tx: Tx, id: string, by: string, now: Date): Promise<AlertRow | undefined> {
  return tx.maybeOne<AlertRow>(
    'alerts.acknowledge',
    sql`update alerts a set acknowledged_by = coalesce(a.acknowledged_by, ${by}),
          acknowledged_at = coalesce(a.acknowledged_at, ${now}) where a.id = ${id} returning ${ALERT}`,
  )
}

export interface QueueRow {
  queue: string
  /** What is due and not done, counted up to a limit. */
  due: number
  oldest: Date | null
}

const MOST_COUNTED = 10_000
/** A run that goes on after an interruption may take as long. */
const DAY_MS = 86_400_000

/** Every kind of work that falls due, as its worker would find it. */
export async function queues(db: Db, now: Date): Promise<QueueRow[]> {
  return db.many<QueueRow>(
    'watch.queues',
    sql`select 'payments' as queue, count(*) as due, min(at) as oldest from (
          select next_look_at as at from payments where next_look_at <= ${now} order by 1 limit ${MOST_COUNTED}) due
        union all select 'refunds', count(*), min(at) from (
          select next_look_at as at from refunds where next_look_at <= ${now} order by 1 limit ${MOST_COUNTED}) due
        union all select 'webhooks', count(*), min(at) from (
          select next_attempt_at as at from webhook_events where next_attempt_at <= ${now} order by 1 limit ${MOST_COUNTED}) due
        union all select 'orders', count(*), min(at) from (
          select expires_at as at from orders where status = 'pending' and expires_at <= ${now}
            and payment_status <> 'verified' order by 1 limit ${MOST_COUNTED}) due
        union all select 'reconciliation', count(*), min(next_step_at) from (
          select distinct on (provider) next_step_at from reconciliation_runs where next_step_at is not null
          order by provider, started_at, id) first where next_step_at <= ${now}
        union all select 'timetable', count(*), min(due_at) from timetable where due_at <= ${now}`,
  )
}

export interface TriedRow {
  provider: string
  tried: number
  failed: number
}

/** Of the payments that were tried since `since` and came to an end: how many had nothing but failures. */
export async function triedPayments(db: Db, since: Date): Promise<TriedRow[]> {
  return db.many<TriedRow>(
    'watch.triedPayments',
    sql`select provider, count(*) as tried, count(*) filter (where failed) as failed from (
          select provider, payment_id, bool_and(status = 'failed') as failed from (
            select provider, payment_id, status from payment_attempts
            where created_at > ${since} and status in ('captured', 'refunded', 'failed')
            order by created_at desc limit ${MOST_COUNTED}
          ) attempts group by provider, payment_id
        ) tried group by provider`,
  )
}

export interface SilenceRow {
  provider: string
  captured: number
}

/** Providers of whom captures are known that began in `from` to `to`, and who have sent no event since `from`. */
export async function silentProviders(db: Db, from: Date, to: Date): Promise<SilenceRow[]> {
  return db.many<SilenceRow>(
    'watch.silentProviders',
    sql`select told.provider, told.captured from (
          select provider, count(*) as captured from (
            select provider from payment_attempts
            where created_at > ${from} and created_at < ${to} and captured_amount > 0
            order by created_at desc limit ${MOST_COUNTED}
          ) captured group by provider
        ) told left join lateral (
          select e.received_at from webhook_events e where e.provider = told.provider and e.received_at > ${from}
          order by e.received_at desc limit 1
        ) newest on true
        where newest.received_at is null`,
  )
}

export interface ReviewFigures {
  open: number
  oldest: Date | null
  overdue: number
}

export async function reviewFigures(db: Db, overdueSince: Date): Promise<ReviewFigures> {
  return db.one<ReviewFigures>(
    'watch.reviews',
    sql`select count(*) as open, min(created_at) as oldest, count(*) filter (where created_at < ${overdueSince}) as overdue
        from (select created_at from review_items where resolved_at is null order by created_at limit ${MOST_COUNTED}) items`,
  )
}

export interface TroubleRow {
  kind: 'slow_request' | 'database'
  place: string
  count: number
}

export async function troubles(db: Db, since: Date): Promise<TroubleRow[]> {
  return db.many<TroubleRow>(
    'watch.troubles',
    sql`select kind, place, sum(count)::bigint as count from process_troubles where noticed_at > ${since} group by kind, place
        order by count desc limit 100`,
  )
}

export async function insertTrouble(tx: Tx, trouble: TroubleRow & { id: string; noticedAt: Date }): Promise<void> {
  await tx.run(
    'process_troubles.insert',
    sql`insert into process_troubles (id, kind, place, count, noticed_at)
        values (${trouble.id}, ${trouble.kind}, ${trouble.place}, ${trouble.count}, ${trouble.noticedAt})`,
  )
}

/** Whether a provider has answered a call since `since`. */
export async function hasAnswered(db: Db, provider: string, since: Date): Promise<boolean> {
  const row = await db.maybeOne(
    'watch.hasAnswered',
    sql`select 1 from provider_calls where provider = ${provider} and created_at > ${since}
          and outcome in ('accepted', 'refused') order by created_at limit 1`,
  )
  return row !== undefined
}

/** Whether a comparison with this provider's books has been completed since `since`. */
export async function hasReconciled(db: Db, provider: string, since: Date): Promise<boolean> {
  const row = await db.maybeOne(
    'watch.hasReconciled',
    sql`select 1 from reconciliation_runs where provider = ${provider} and started_at > ${new Date(since.getTime() - DAY_MS)}
          and status = 'completed' and finished_at > ${since} limit 1`,
  )
  return row !== undefined
}

/** How many differences of the last completed comparison with this provider wait for a person. */
export async function openDifferences(db: Db, provider: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(
    'watch.openDifferences',
    sql`select count(*) as count from reconciliation_lines l
        join reconciliation_runs r on r.id = l.run_id
        where l.open and r.provider = ${provider} and not exists (select from review_items i where i.id = l.review_item_id and i.resolved_at is not null)`,
  )
  return count
}

export interface LastCheck {
  violations: number
  started_at: Date
}

export async function lastCheck(db: Db): Promise<LastCheck | undefined> {
  return db.maybeOne<LastCheck>(
    'watch.lastCheck',
    sql`select started_at, (
          select coalesce(sum((question->>'count')::bigint), 0)::bigint from jsonb_array_elements(questions) question
        ) as violations
        from check_runs order by started_at desc, id desc limit 1`,
  )
}

/** When the books were last checked; before the first check, when there was first something to check. */
export async function lastCheckedAt(db: Db): Promise<Date | null> {
  const { at } = await db.one<{ at: Date | null }>(
    'watch.lastCheckedAt',
    sql`select coalesce((select max(started_at) from check_runs), (select min(created_at) from orders)) as at`,
  )
  return at
}

/** When each provider's newest event since `since` came. */
export async function lastEvents(
  db: Db,
  providers: readonly string[],
  since: Date,
): Promise<{ provider: string; at: Date }[]> {
  return db.many(
    'watch.lastEvents',
    sql`select named.provider, newest.received_at as at from unnest(${[...providers]}::text[]) as named (provider), lateral (
          select e.received_at from webhook_events e where e.provider = named.provider and e.received_at > ${since}
          order by e.received_at desc limit 1
        ) newest`,
  )
}

/** Deletes what nobody looks at any more, at most `limit` of each. Gives how many rows that were. */
export async function deletePast(tx: Tx, before: Date, troublesBefore: Date, limit: number): Promise<number> {
  return tx.run(
    'watch.deletePast',
    sql`with runs as (
          delete from check_runs where id in (
            select id from check_runs where started_at < ${before} order by started_at limit ${limit}) returning id
        ), past_alerts as (
          delete from alerts where id in (
            select id from alerts where first_at < ${before} and resolved_at < ${before} order by first_at limit ${limit})
          returning id
        ), troubles as (
          delete from process_troubles where id in (
            select id from process_troubles where noticed_at < ${troublesBefore} order by noticed_at limit ${limit})
          returning id
        )
        select id from runs union all select id from past_alerts union all select id from troubles`,
  )
}
