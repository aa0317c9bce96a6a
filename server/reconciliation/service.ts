/** Reconciliation for people: starting a run over any time, and reading what runs have found. */
import type {
  ReconciliationLine,
  ReconciliationRun,
  StartReconciliationBody,
} from '../../shared/contract/reconciliation.ts'
import * as orders from '../orders/queries.ts'
import { chooseByName, type PaymentDeps } from '../payments/context.ts'
import { cutPage, decodeCursor, isUuid } from '../platform/cursor.ts'
import { inTransaction, type Db, type Tx } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { parseMoment } from '../platform/moment.ts'
import * as queries from './queries.ts'
import type { LineRow, OutcomeRow, RunRow } from './queries.ts'
import { endOfSecond, FIRST_SLICE_S, wholeSecond } from './window.ts'

/** Runs of one provider go one after the other; more than this waiting is a mistake. */
const MOST_WAITING = 20
/** Providers keep lists for years; a longer run than this is better cut. */
const LONGEST_WINDOW_MS = 366 * 86_400_000

/**
 * Starts a run, to be made by a worker.
 *
 * @param id the run's id; one that exists is given back
 * @param finish joins the transaction that starts the run
 * @throws validation_failed for a window that is none, request_in_progress when too many wait
 */
export async function startRun(
  deps: PaymentDeps,
  startedBy: string,
  body: StartReconciliationBody,
  id: string,
  finish: (tx: Tx, run: ReconciliationRun) => void,
): Promise<ReconciliationRun> {
  const now = deps.ports.clock.now()
  const provider = chooseByName(deps, body.provider).name
  const from = wholeSecond(parseMoment('from', body.from, 'start'))
  const asked = body.to === undefined ? now : parseMoment('to', body.to, 'end')
  const to = asked < now ? wholeSecond(asked) : endOfSecond(now)
  if (from >= to) throw invalidField('from', 'must lie before `to`, and before now')
  if (to.getTime() - from.getTime() > LONGEST_WINDOW_MS)
    throw invalidField('from', 'must lie at most 366 days before `to`')
  if ((await queries.countRunning(deps.db, provider)) >= MOST_WAITING) {
    throw new AppError('request_in_progress', `${MOST_WAITING} runs of ${provider} are waiting already.`)
  }
  return inTransaction(deps.db, 'startReconciliation', async (tx) => {
    await queries.insertRun(
      tx,
      {
        id,
        provider,
        from_at: from,
        to_at: to,
        trigger: 'admin',
        started_by: startedBy,
        slice_s: FIRST_SLICE_S,
        started_at: now,
      },
      null,
    )
    const run = await getRun(tx, id)
    finish(tx, run)
    return run
  })
}

export async function getRun(db: Db, id: string): Promise<ReconciliationRun> {
  const run = isUuid(id) ? await queries.findRun(db, id) : undefined
  if (run === undefined) throw new AppError('not_found', 'There is no such run.')
  return toRun(run, await queries.listOutcomes(db, [run.id]))
}

/** Runs, newest first. */
export async function listRuns(db: Db, query: { limit?: number; cursor?: string; provider?: string; open?: 'true' }) {
  const limit = query.limit ?? 24
  const [id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['uuid'])
  const filter = {
    provider: query.provider,
    open: query.open === 'true',
    before: id === undefined ? undefined : String(id),
  }
  const { rows, pagination } = cutPage(await queries.listRuns(db, filter, limit + 1), limit, (run) => [run.id])
  const outcomes = await queries.listOutcomes(
    db,
    rows.map((run) => run.id),
  )
  const runs = rows.map((run) =>
    toRun(
      run,
      outcomes.filter((row) => row.run_id === run.id),
    ),
  )
  return { runs, pagination }
}

/** The lines of a run, in the order in which they were found. */
export async function listLines(
  db: Db,
  runId: string,
  query: { limit?: number; cursor?: string; subject?: string; outcome?: string; open?: 'true' },
) {
  await getRun(db, runId)
  const limit = query.limit ?? 24
  const [id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['uuid'])
  const after = id === undefined ? undefined : String(id)
  const filter = { runId, open: query.open === 'true', subject: query.subject, outcome: query.outcome, after }
  const { rows, pagination } = cutPage(await queries.listLines(db, filter, limit + 1), limit, (line) => [line.id])
  const numbers = await orders.listNumbers(
    db,
    rows.flatMap((line) => line.order_id ?? []),
  )
  return { lines: rows.map((line) => toContractLine(line, numbers)), pagination }
}

function toRun(run: RunRow, outcomes: readonly OutcomeRow[]): ReconciliationRun {
  return {
    id: run.id,
    provider: run.provider,
    from: run.from_at.toISOString(),
    to: run.to_at.toISOString(),
    status: run.status,
    trigger: run.trigger,
    phase: run.phase,
    startedBy: run.started_by,
    startedAt: run.started_at.toISOString(),
    finishedAt: run.finished_at?.toISOString() ?? null,
    interruptions: run.interruptions,
    error: run.error,
    outcomes: outcomes.map(({ subject, outcome, currency, count, amount }) => ({
      subject,
      outcome,
      currency,
      count,
      amount,
    })),
  }
}

function toContractLine(line: LineRow, numbers: ReadonlyMap<string, string>): ReconciliationLine {
  return {
    id: line.id,
    subject: line.subject,
    outcome: line.outcome,
    providerRef: line.provider_ref,
    orderId: line.order_id,
    orderNumber: line.order_id === null ? null : (numbers.get(line.order_id) ?? null),
    ourAmount: line.our_amount,
    theirAmount: line.their_amount,
    currency: line.currency,
    detail: line.detail,
    reviewItemId: line.review_item_id,
    createdAt: line.created_at.toISOString(),
  }
}
