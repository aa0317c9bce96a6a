/** Asking the books whether they are right: by hand, by the day, and what is kept of the answers. */
import type { CheckRun } from '../../shared/contract/operations.ts'
import { raiseAlert, resolveAlert } from '../platform/alerts.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import { inTransaction, type Database, type Db } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import type { Pass } from '../platform/passes.ts'
import type { Ports, Timers } from '../platform/ports.ts'
import { endTurn, nextAt, takeTurn } from '../platform/timetable.ts'
import * as queries from './check-queries.ts'
import type { HistoryMark } from './invariant.ts'
import { askInvariants } from './invariants.ts'

/** One question goes through whole tables; on a busy shop that takes minutes. */
const QUESTION_TIMEOUT_MS = 10 * 60_000
/** Longer than all of them together can take. */
const LEASE_MS = 3 * 3_600_000
const LOOK_EVERY_MS = 60_000
/** The books are checked when the day's reconciliation has healed what could be healed. */
const AFTER_RECONCILIATION_MS = 3_600_000
const PAGE = 24
/** A transaction of ours lasts some milliseconds; one that was left open by hand makes the next check ask about more. */
const WRITERS_PATIENCE_MS = 30_000
const WRITERS_POLL_MS = 50

export type Answers = Pick<CheckRun, 'ok' | 'questions' | 'startedAt' | 'durationMs' | 'since'>

export interface Asking {
  /** Asks about all of history; else only about what has changed since the last check that found nothing wrong. */
  full: boolean
}

/**
 * Asks all questions on two connections that only read: the longest are sorted and joined by one processor each, so that
 * two take little more than half of the time of one.
 *
 * @returns undefined when somebody else is asking now
 */
export async function askBooks(db: Database, ports: Ports, { full }: Asking): Promise<Answers | undefined> {
  const startedAt = ports.clock.now()
  const startedMs = ports.clock.monotonicMs()
  const mark = full ? undefined : await recentMark(db)
  const questions = await inTransaction(db, 'check', async (tx) => {
    await queries.beginAsking(tx, QUESTION_TIMEOUT_MS)
    if (!(await queries.askAlone(tx))) return undefined
    return inTransaction(db, 'check.beside', async (beside) => {
      await queries.beginAsking(beside, QUESTION_TIMEOUT_MS)
      return askInvariants([tx, beside], ports.clock, mark)
    })
  })
  if (questions === undefined) return undefined
  return {
    ok: questions.every(({ count }) => count === 0),
    questions: questions.map((answer) => ({ ...answer, ok: answer.count === 0 })),
    startedAt: startedAt.toISOString(),
    durationMs: Math.round(ports.clock.monotonicMs() - startedMs),
    since: mark?.at.toISOString() ?? null,
  }
}

/**
 * How far history was asked about, when little of it is newer. Whoever asks about most orders one by one takes longer than
 * whoever reads all.
 */
async function recentMark(db: Db): Promise<HistoryMark | undefined> {
  const mark = await queries.lastMark(db)
  if (mark === undefined) return undefined
  const last = await queries.lastDrawn(db)
  const newer = last - mark.seq
  return newer > MANY_EVENTS && newer > last / 10 ? undefined : mark
}
/** Below this either way takes a moment. */
const MANY_EVENTS = 200_000

/**
 * The event up to which every one can be seen by whoever asks from now on. An event has its number before it is committed,
 * so that one with a lower number may come to light after one with a higher. Whoever was writing events when the number
 * was read is waited for.
 *
 * @returns undefined when somebody writes for so long that it cannot be told
 */
export async function eventsSeen(db: Db, timers: Pick<Timers, 'sleep'>): Promise<number | undefined> {
  const seq = await queries.lastDrawn(db)
  let writers = await queries.listEventWriters(db)
  for (let waitedMs = 0; writers.length > 0; waitedMs += WRITERS_POLL_MS) {
    if (waitedMs >= WRITERS_PATIENCE_MS) return undefined
    await timers.sleep(WRITERS_POLL_MS)
    const still = new Set(await queries.listEventWriters(db))
    writers = writers.filter((writer) => still.has(writer))
  }
  return seq
}

/**
 * Asks, keeps the answers, and raises an alert when anything is wrong; one that was raised before ends when all is well.
 *
 * @throws request_in_progress while another check is under way
 */
export async function runCheck(
  deps: Deps,
  trigger: 'schedule' | 'admin',
  askedBy: string | null,
  asking: Asking = { full: false },
): Promise<CheckRun> {
  const seen = await eventsSeen(deps.db, deps.ports.timers)
  const answers = await askBooks(deps.db, deps.ports, asking)
  if (answers === undefined) throw new AppError('request_in_progress', 'The books are being checked now.')
  const run: CheckRun = { id: deps.ports.ids.uuid(), trigger, ...answers }
  await inTransaction(deps.db, 'keepCheck', async (tx) => {
    await queries.insertCheckRun(tx, {
      id: run.id,
      trigger,
      asked_by: askedBy,
      ok: run.ok,
      questions: run.questions,
      started_at: new Date(run.startedAt),
      duration_ms: run.durationMs,
      since: run.since === null ? null : new Date(run.since),
      // What was found is looked for again until it is mended.
      events_until: run.ok ? (seen ?? null) : null,
    })
    if (run.ok) return resolveAlert(tx, 'invariant_broken', 'books', deps.ports.clock.now())
    const broken = run.questions.filter((question) => !question.ok)
    await raiseAlert(tx, deps.ports, {
      kind: 'invariant_broken',
      key: 'books',
      severity: 'page',
      summary: `The books are not right: ${broken.map(({ id, title, count }) => `${id} ${title} (${count})`).join('; ')}`,
    })
  })
  if (!run.ok) deps.log.error({ checkRunId: run.id }, 'the books are not right')
  return run
}

/** Checks the books once a day, an hour after the reconciliation, in whichever process comes first. */
export function checkPass(deps: Deps, reconcileAt: { hour: number; minute: number }): Pass {
  const next = (now: Date) => {
    const afterwards = nextAt(reconcileAt, new Date(now.getTime() - AFTER_RECONCILIATION_MS))
    return new Date(afterwards.getTime() + AFTER_RECONCILIATION_MS)
  }
  return {
    name: 'operations.check',
    intervalMs: LOOK_EVERY_MS,
    async runOnce() {
      const now = deps.ports.clock.now()
      const until = new Date(now.getTime() + LEASE_MS)
      const turn = await takeTurn(deps.db.alone, 'check', now, next(now), until)
      if (turn === undefined) return 0
      await runCheck(deps, 'schedule', null)
      await endTurn(deps.db.alone, turn, next(deps.ports.clock.now()))
      return 1
    },
  }
}

/** A page of runs, newest first. */
export async function listChecks(deps: Deps, query: { limit?: number; cursor?: string }) {
  const limit = query.limit ?? PAGE
  const [at, id] =
    query.cursor === undefined ? [] : (decodeCursor(query.cursor, ['integer', 'uuid']) as [number, string])
  const after = at === undefined || id === undefined ? undefined : { at: new Date(at), id }
  const found = await queries.listCheckRuns(deps.db, after, limit + 1)
  const { rows, pagination } = cutPage(found, limit, (row) => [row.started_at.getTime(), row.id])
  return { runs: rows.map(toRun), pagination }
}

/** Throws not_found. */
export async function getCheck(deps: Deps, id: string): Promise<CheckRun> {
  const row = await queries.findCheckRun(deps.db, id)
  if (row === undefined) throw new AppError('not_found', 'There is no such check.')
  return toRun(row)
}

function toRun(row: queries.CheckRunRow): CheckRun {
  return {
    id: row.id,
    trigger: row.trigger,
    ok: row.ok,
    startedAt: row.started_at.toISOString(),
    durationMs: row.duration_ms,
    since: row.since?.toISOString() ?? null,
    questions: row.questions,
  }
}
