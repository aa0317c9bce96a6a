import type { ReconciledSubject, ReconcileOutcome } from '../../shared/contract/reconciliation.ts'
import { empty, sql, type Db, type Tx } from '../platform/database.ts'

export type Phase = 'payments' | 'refunds' | 'settlements'

/** A row of `reconciliation_runs`. */
export interface RunRow {
  id: string
  provider: string
  from_at: Date
  to_at: Date
  trigger: 'schedule' | 'admin'
  started_by: string | null
  status: 'running' | 'completed' | 'failed'
  phase: Phase
  cursor_at: Date
  slice_s: number
  /** For settlements: which page of the day's report comes next, and whether all of its lines are booked. */
  page_cursor: string | null
  all_booked: boolean
  step: number
  next_step_at: Date | null
  unanswered_since: Date | null
  unanswered: number
  interruptions: number
  most_rows: number
  error: string | null
  started_at: Date
  finished_at: Date | null
}

/** Where a run goes on. */
export type Place = Pick<RunRow, 'phase' | 'cursor_at' | 'slice_s' | 'page_cursor' | 'all_booked'>

export interface LineRow {
  id: string
  subject: ReconciledSubject
  outcome: Exclude<ReconcileOutcome, 'matched' | 'booked'> | 'healing'
  provider_ref: string
  order_id: string | null
  our_amount: number | null
  their_amount: number | null
  currency: string
  detail: string
  review_item_id: string | null
  open: boolean
  created_at: Date
}

export interface OutcomeRow {
  subject: ReconciledSubject
  outcome: ReconcileOutcome
  currency: string
  count: number
  amount: number
}

const RUN = sql`r.id, r.provider, r.from_at, r.to_at, r.trigger, r.started_by, r.status, r.phase, r.cursor_at, r.slice_s,
  r.page_cursor, r.all_booked, r.step, r.next_step_at, r.unanswered_since, r.unanswered, r.interruptions, r.most_rows, r.error, r.started_at,
  r.finished_at`
const LINE = sql`l.id, l.subject, l.outcome, l.provider_ref, l.order_id, l.our_amount, l.their_amount, l.currency, l.detail,
  l.review_item_id, l.open, l.created_at`

// Runs

/** Starts a run. Gives false, and writes nothing, when it exists: the same id, or the same provider's run of that day. */
export async function insertRun(
  tx: Tx,
  run: Pick<RunRow, 'id' | 'provider' | 'from_at' | 'to_at' | 'trigger' | 'started_by' | 'slice_s' | 'started_at'>,
  scheduledFor: string | null,
): Promise<boolean> {
  const made = await tx.run(
    'reconciliation.insertRun',
    sql`insert into reconciliation_runs (id, provider, from_at, to_at, trigger, scheduled_for, started_by, cursor_at, slice_s,
          next_step_at, started_at)
        values (${run.id}, ${run.provider}, ${run.from_at}, ${run.to_at}, ${run.trigger}, ${scheduledFor}::date,
          ${run.started_by}, ${run.from_at}, ${run.slice_s}, ${run.started_at}, ${run.started_at})
        on conflict do nothing`,
  )
  return made === 1
}

/**
 * Claims a run that is due, until `leaseUntil`. A provider's runs go one after the other. A run that is found held was
 * left by a worker that died, or by one that is late and can commit nothing from now on.
 */
export async function claimDueRun(tx: Tx, now: Date, leaseUntil: Date): Promise<RunRow | undefined> {
  return tx.maybeOne<RunRow>(
    'reconciliation.claimDue',
    sql`update reconciliation_runs r set next_step_at = ${leaseUntil}, step = r.step + 1, held = true,
          interruptions = r.interruptions + r.held::int
        where r.id = (
          select due.id from reconciliation_runs due where due.next_step_at <= ${now} and not exists (
            select from reconciliation_runs before where before.provider = due.provider
              and before.next_step_at is not null and (before.started_at, before.id) < (due.started_at, due.id))
          order by due.next_step_at limit 1 for update skip locked)
        returning ${RUN}`,
  )
}

/** Keeps a claim for longer. Gives false when it is lost. */
export async function extendClaim(tx: Tx, run: Pick<RunRow, 'id' | 'step'>, leaseUntil: Date): Promise<boolean> {
  const touched = await tx.run(
    'reconciliation.extendClaim',
    sql`update reconciliation_runs set next_step_at = ${leaseUntil}
        where id = ${run.id} and step = ${run.step} and held`,
  )
  return touched === 1
}

/** Locks a claimed run for the transaction that writes its step. Gives false when the claim is lost. */
export async function lockClaim(tx: Tx, run: Pick<RunRow, 'id' | 'step'>): Promise<boolean> {
  const row = await tx.maybeOne(
    'reconciliation.lockClaim',
    sql`select id from reconciliation_runs where id = ${run.id} and step = ${run.step} and held for update`,
  )
  return row !== undefined
}

/** Ends a step: the next one is due at once. Gives up the claim. */
export function finishStep(tx: Tx, run: Pick<RunRow, 'id'>, next: Place, rows: number, now: Date): void {
  tx.send(
    'reconciliation.finishStep',
    sql`update reconciliation_runs set phase = ${next.phase}, cursor_at = ${next.cursor_at}, slice_s = ${next.slice_s},
          page_cursor = ${next.page_cursor}, all_booked = ${next.all_booked}, most_rows = greatest(most_rows, ${rows}), next_step_at = ${now}, held = false,
          unanswered = 0, unanswered_since = null, error = null
        where id = ${run.id}`,
  )
}

export function endRun(
  tx: Tx,
  run: Pick<RunRow, 'id'>,
  status: 'completed' | 'failed',
  error: string | null,
  now: Date,
): void {
  tx.send(
    'reconciliation.endRun',
    sql`update reconciliation_runs set status = ${status}, next_step_at = null, held = false, error = ${error},
          finished_at = ${now}
        where id = ${run.id}`,
  )
}

/** Puts a step off that could not be made: counted as an interruption. */
export function postponeStep(
  tx: Tx,
  run: Pick<RunRow, 'id'>,
  plan: { nextStepAt: Date; unansweredSince: Date; sliceS: number; error: string },
): void {
  tx.send(
    'reconciliation.postpone',
    sql`update reconciliation_runs set next_step_at = ${plan.nextStepAt}, held = false, unanswered = unanswered + 1,
          slice_s = ${plan.sliceS}, unanswered_since = ${plan.unansweredSince}, interruptions = interruptions + 1, error = ${plan.error}
        where id = ${run.id}`,
  )
}

export async function findRun(db: Db, id: string): Promise<RunRow | undefined> {
  return db.maybeOne('reconciliation.find', sql`select ${RUN} from reconciliation_runs r where r.id = ${id}`)
}

/** Lines whose question is not answered. */
const WAITING = sql`l.open and not exists (
  select from review_items i where i.id = l.review_item_id and i.resolved_at is not null)`

/** Runs, newest first; of one provider, or only those with lines that wait for a person. */
export async function listRuns(
  db: Db,
  filter: { provider: string | undefined; open: boolean; before: string | undefined },
  limit: number,
): Promise<RunRow[]> {
  const { provider, open, before } = filter
  return db.many(
    'reconciliation.list',
    sql`select ${RUN} from reconciliation_runs r where true
          ${before === undefined ? empty : sql`and r.id < ${before}`}
          ${provider === undefined ? empty : sql`and r.provider = ${provider}`}
          ${open ? sql`and exists (select from reconciliation_lines l where l.run_id = r.id and ${WAITING})` : empty}
        order by r.id desc limit ${limit}`,
  )
}

export async function countRunning(db: Db, provider: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(
    'reconciliation.countRunning',
    sql`select count(*) as count from reconciliation_runs where provider = ${provider} and next_step_at is not null`,
  )
  return count
}

/** The end of what daily runs of a provider have covered, and when the newest of any kind was completed. */
export async function lastCompleted(
  db: Db,
  provider: string,
): Promise<{ coveredUntil: Date | null; completedAt: Date | null }> {
  return db.one(
    'reconciliation.lastCompleted',
    sql`select max(to_at) filter (where trigger = 'schedule') as "coveredUntil", max(finished_at) as "completedAt"
        from reconciliation_runs where provider = ${provider} and status = 'completed'`,
  )
}

export async function isScheduled(db: Db, provider: string, day: string): Promise<boolean> {
  const row = await db.maybeOne(
    'reconciliation.isScheduled',
    sql`select id from reconciliation_runs where provider = ${provider} and scheduled_for = ${day}::date`,
  )
  return row !== undefined
}

// What was found

export function addOutcomes(tx: Tx, runId: string, rows: readonly OutcomeRow[]): void {
  if (rows.length === 0) return
  tx.send(
    'reconciliation.addOutcomes',
    sql`insert into reconciliation_outcomes as o (run_id, subject, outcome, currency, count, amount)
        select ${runId}::uuid, * from unnest(${rows.map((row) => row.subject)}::text[], ${rows.map((row) => row.outcome)}::text[],
          ${rows.map((row) => row.currency)}::text[], ${rows.map((row) => row.count)}::bigint[],
          ${rows.map((row) => row.amount)}::bigint[])
        on conflict (run_id, subject, outcome, currency)
        do update set count = o.count + excluded.count, amount = o.amount + excluded.amount`,
  )
}

export async function listOutcomes(db: Db, runIds: readonly string[]): Promise<(OutcomeRow & { run_id: string })[]> {
  return db.many(
    'reconciliation.outcomes',
    sql`select run_id, subject, outcome, currency, count, amount from reconciliation_outcomes
        where run_id = any(${[...runIds]}::uuid[]) order by run_id, subject, outcome, currency`,
  )
}

/** Writes lines, over what stood there while they were being healed. */
export function writeLines(tx: Tx, runId: string, rows: readonly LineRow[]): void {
  if (rows.length === 0) return
  tx.send(
    'reconciliation.writeLines',
    sql`insert into reconciliation_lines (run_id, id, subject, outcome, provider_ref, order_id, our_amount, their_amount,
          currency, detail, review_item_id, open, created_at)
        select ${runId}::uuid, * from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.subject)}::text[],
          ${rows.map((row) => row.outcome)}::text[], ${rows.map((row) => row.provider_ref)}::text[],
          ${rows.map((row) => row.order_id)}::uuid[], ${rows.map((row) => row.our_amount)}::bigint[],
          ${rows.map((row) => row.their_amount)}::bigint[], ${rows.map((row) => row.currency)}::text[],
          ${rows.map((row) => row.detail)}::text[], ${rows.map((row) => row.review_item_id)}::uuid[],
          ${rows.map((row) => row.open)}::boolean[], ${rows.map((row) => row.created_at)}::timestamptz[])
        on conflict (run_id, subject, provider_ref) do update set outcome = excluded.outcome, order_id = excluded.order_id,
          our_amount = excluded.our_amount, their_amount = excluded.their_amount, detail = excluded.detail,
          review_item_id = excluded.review_item_id, open = excluded.open`,
  )
}

/** What this run had begun to heal in a step that was not finished. */
export async function listHealing(db: Db, runId: string): Promise<LineRow[]> {
  return db.many(
    'reconciliation.healing',
    sql`select ${LINE} from reconciliation_lines l where l.run_id = ${runId} and l.outcome = 'healing' limit 20000`,
  )
}

export async function listLines(
  db: Db,
  filter: {
    runId: string
    open: boolean
    subject: string | undefined
    outcome: string | undefined
    after: string | undefined
  },
  limit: number,
): Promise<LineRow[]> {
  const { runId, open, subject, outcome, after } = filter
  return db.many(
    'reconciliation.lines',
    sql`select ${LINE} from reconciliation_lines l where l.run_id = ${runId} and l.outcome <> 'healing'
          ${subject === undefined ? empty : sql`and l.subject = ${subject}`}
          ${outcome === undefined ? empty : sql`and l.outcome = ${outcome}`}
          ${after === undefined ? empty : sql`and l.id > ${after}`}
          ${open ? sql`and ${WAITING}` : empty}
        order by l.id limit ${limit}`,
  )
}

/** How many lines of a run wait for a person. */
export async function countOpen(db: Db, runId: string): Promise<number> {
  const { count } = await db.one<{ count: number }>(
    'reconciliation.countOpen',
    sql`select count(*) as count from reconciliation_lines where run_id = ${runId} and open`,
  )
  return count
}
