/** Runs of the check: how one is asked without disturbing anybody, and what is kept of it. */
import type { CheckRun } from '../../shared/contract/operations.ts'
import { empty, sql, type Db, type Tx } from '../platform/database.ts'

export interface CheckRunRow {
  id: string
  trigger: string
  asked_by: string | null
  ok: boolean
  questions: CheckRun['questions']
  started_at: Date
  duration_ms: number
}

/**
 * Makes the caller's transaction one that only reads and may take long. Questions that go through whole tables are
 * planned for what they ask, not for the short statements of the rest of the system.
 */
export async function beginAsking(tx: Tx, statementTimeoutMs: number): Promise<void> {
  await tx.run('check.readOnly', sql`set transaction read only`)
  await tx.allow(statementTimeoutMs)
  await tx.run(
    'check.settings',
    sql`select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('work_mem', '64MB', true)`,
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

/** Whether no other session uses this database server. */
export async function isAlone(db: Db): Promise<boolean> {
  const { others } = await db.one<{ others: number }>(
    'check.others',
    sql`select count(*) as others from pg_stat_activity
        where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  )
  return others === 0
}

export async function insertCheckRun(tx: Tx, run: CheckRunRow): Promise<void> {
  await tx.run(
    'check_runs.insert',
    sql`insert into check_runs (id, trigger, asked_by, ok, questions, started_at, duration_ms)
        values (${run.id}, ${run.trigger}, ${run.asked_by}, ${run.ok}, ${JSON.stringify(run.questions)}, ${run.started_at},
          ${run.duration_ms})`,
  )
}

export async function listCheckRuns(
  db: Db,
  after: { at: Date; id: string } | undefined,
  limit: number,
): Promise<CheckRunRow[]> {
  return db.many<CheckRunRow>(
    'check_runs.list',
    sql`select id, trigger, asked_by, ok, questions, started_at, duration_ms from check_runs
        ${after === undefined ? empty : sql`where (started_at, id) < (${after.at}, ${after.id})`}
        order by started_at desc, id desc limit ${limit}`,
  )
}

export async function findCheckRun(db: Db, id: string): Promise<CheckRunRow | undefined> {
  return db.maybeOne<CheckRunRow>(
    'check_runs.find',
    sql`select id, trigger, asked_by, ok, questions, started_at, duration_ms from check_runs where id = ${id}`,
  )
}
