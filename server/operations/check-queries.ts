/** Runs of the check: how one is asked without disturbing anybody, and what is kept of it. */
import type { CheckRun } from '../../shared/contract/operations.ts'
import { empty, sql, type Database, type Db, type Tx } from '../platform/database.ts'
import type { HistoryMark } from './invariant.ts'

export interface CheckRunRow {
  id: string
  trigger: string
  asked_by: string | null
  ok: boolean
  questions: CheckRun['questions']
  started_at: Date
  duration_ms: number
  /** Since when history was asked about; null: all of it. */
  since: Date | null
}

/**
 * Makes the caller's transaction one that only reads and may take long, also between two of its questions, while another
 * asks its last. Questions that go through whole tables are planned for what they ask, not for the short statements of the
 * rest of the system, and each is left to one processor.
 */
export async function beginAsking(tx: Tx, statementTimeoutMs: number): Promise<void> {
  await tx.run('check.readOnly', sql`set transaction read only`)
  await tx.allow(statementTimeoutMs)
  await tx.run(
    'check.settings',
    sql`select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true),
          set_config('max_parallel_workers_per_gather', '0', true),
          set_config('idle_in_transaction_session_timeout', ${String(statementTimeoutMs)}, true)`,
  )
}

const CHECK_LOCK = 4_801_217

/** Whether nobody else is asking now; then nobody else can until the caller's transaction ends. */
export async function askAlone(tx: Tx): Promise<boolean> {
  const { alone } = await tx.one<{ alone: boolean }>(
    'check.alone',
    sql`select pg_try_advisory_xact_lock(${CHECK_LOCK}) as alone`,
  )
  return alone
}

/** Whether no session uses this database server but those of this pool. */
export async function isAlone(db: Database): Promise<boolean> {
  const { others } = await db.one<{ others: number }>(
    'check.others',
    sql`select count(*) as others from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  )
  return others === db.pool.totalCount - 1
}

/**
 * How far history was asked about by the last check that found nothing wrong; undefined when none did, or when the
 * database is one from before it.
 */
export async function lastMark(db: Db): Promise<HistoryMark | undefined> {
  const row = await db.maybeOne<HistoryMark>(
    'check_runs.lastMark',
    sql`select events_until as seq, started_at as at from check_runs
        where events_until is not null and events_until <= (select last_value from events_seq_seq)
        order by started_at desc, id desc limit 1`,
  )
  return row
}

/** The number that was drawn last for an event. */
export async function lastDrawn(db: Db): Promise<number> {
  const { seq } = await db.one<{ seq: number }>(
    'check.lastDrawn',
    sql`select case when is_called then last_value else 0 end as seq from events_seq_seq`,
  )
  return seq
}

/** Open transactions that have written events, or are about to: whoever draws a number has this lock until it ends. */
export async function listEventWriters(db: Db): Promise<string[]> {
  const rows = await db.many<{ writer: string }>(
    'check.eventWriters',
    sql`select virtualtransaction as writer from pg_locks
        where locktype = 'relation' and relation = 'events'::regclass and mode = 'RowExclusiveLock'
          and database = (select oid from pg_database where datname = current_database())`,
  )
  return rows.map(({ writer }) => writer)
}

export async function insertCheckRun(tx: Tx, run: CheckRunRow & { events_until: number | null }): Promise<void> {
  await tx.run(
    'check_runs.insert',
    sql`insert into check_runs (id, trigger, asked_by, ok, questions, started_at, duration_ms, since, events_until)
        values (${run.id}, ${run.trigger}, ${run.asked_by}, ${run.ok}, ${JSON.stringify(run.questions)}, ${run.started_at},
          ${run.duration_ms}, ${run.since}, ${run.events_until})`,
  )
}

export async function listCheckRuns(
  db: Db,
  after: { at: Date; id: string } | undefined,
  limit: number,
): Promise<CheckRunRow[]> {
  return db.many<CheckRunRow>(
    'check_runs.list',
    sql`select id, trigger, asked_by, ok, questions, started_at, duration_ms, since from check_runs
        ${after === undefined ? empty : sql`where (started_at, id) < (${after.at}, ${after.id})`}
        order by started_at desc, id desc limit ${limit}`,
  )
}

export async function findCheckRun(db: Db, id: string): Promise<CheckRunRow | undefined> {
  return db.maybeOne<CheckRunRow>(
    'check_runs.find',
    sql`select id, trigger, asked_by, ok, questions, started_at, duration_ms, since from check_runs where id = ${id}`,
  )
}
