/**
 * A run goes on in steps. Each step claims the run, compares one slice of time or one page of the settlement report, heals
 * what the provider proves, and then writes what it found together with where the next step begins, in one transaction.
 * So a run can be killed anywhere: the next worker repeats one step, which settles and books nothing twice, and counts
 * nothing that was not written.
 *
 * A step is committed only under the claim that it was made under: a worker that slept through its lease writes nothing.
 */
import assert from 'node:assert/strict'
import type { Movement } from '../ledger/movement.ts'
import { findPosted } from '../ledger/queries.ts'
import { post } from '../ledger/service.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { insertProviderCall } from '../payments/providers/call-queries.ts'
import { createBreaker } from '../payments/providers/call.ts'
import type { Window } from '../payments/providers/provider.ts'
import { raiseAlert } from '../platform/alerts.ts'
import { asOutage, inTransaction, type Tx } from '../platform/database.ts'
import type { Pass } from '../platform/passes.ts'
import { findReviewItems, openReviewItems } from '../reviews/queries.ts'
import { toLine } from './heal.ts'
import { comparePayments } from './payments-phase.ts'
import * as queries from './queries.ts'
import type { OutcomeRow, Place, RunRow } from './queries.ts'
import { compareRefunds } from './refunds-phase.ts'
import { insertSettlementLines, updateSettlement } from './settlement-queries.ts'
import { bookSettlementPage, checkSettlements } from './settlements-phase.ts'
import {
  FIRST_SLICE_S,
  GIVE_UP_AFTER_MS,
  MOST_ROWS_IN_A_SECOND,
  nextDay,
  nextSlice,
  patience,
  settlementDays,
  smallerSlice,
} from './window.ts'
import { ClaimLost, nothing, Refused, Tally, Unanswered, Work, type Finding, type Found } from './work.ts'

/** What a step found, and where the next one begins. */
interface Step extends Found {
  next: Place | 'end'
}

export function reconcilePass(shared: PaymentDeps): Pass {
  // Reading lists in bulk may meet a provider's rate limit, which must not close its way for shoppers.
  const deps = { ...shared, breaker: createBreaker(shared.ports) }
  return {
    name: 'reconciliation.run',
    intervalMs: 2_000,
    async runOnce() {
      const now = deps.ports.clock.now()
      const run = await queries.claimDueRun(deps.db.alone, now, Work.leaseFrom(now))
      if (run === undefined) return 0
      await step(deps, run)
      return 1
    },
  }
}

async function step(deps: PaymentDeps, run: RunRow): Promise<void> {
  try {
    const provider = deps.providers.get(run.provider)
    if (provider === undefined) return await end(deps, run, `${run.provider} is not set up here.`)
    const work = new Work(deps, run, provider)
    await commit(work, await takeStep(work))
  } catch (error) {
    if (error instanceof ClaimLost) {
      deps.log.warn({ runId: run.id, step: run.step }, 'a step of a reconciliation was taken over by another worker')
      return
    }
    // The claim lapses, and the step is made again.
    if (asOutage(error) !== undefined) throw error
    const reason = error instanceof Error ? error.message : String(error)
    const about = { runId: run.id, phase: run.phase, step: run.step }
    if (error instanceof Unanswered) deps.log.warn({ ...about, reason }, 'a provider did not answer a reconciliation')
    else deps.log.error({ ...about, err: error }, 'a step of a reconciliation could not be made')
    if (error instanceof Refused) await end(deps, run, reason)
    else await postpone(deps, run, reason)
  }
}

async function takeStep(work: Work): Promise<Step> {
  const { run, provider } = work
  const { payments, refunds, settlements } = provider.books
  switch (run.phase) {
    case 'payments':
      return takeSlice(work, payments === null ? null : (window) => comparePayments(work, payments, window))
    case 'refunds':
      return takeSlice(work, refunds === null ? null : (window) => compareRefunds(work, refunds, window))
    case 'settlements': {
      // What a provider does not show is compared with nothing.
      if (settlements === null) return { ...nothing(), next: 'end' }
      if (run.all_booked) return { ...(await checkSettlements(work, settlements)), next: afterDay(run) }
      const { found, nextCursor } = await bookSettlementPage(work, settlements)
      return { ...found, next: { ...placeOf(run), page_cursor: nextCursor, all_booked: nextCursor === null } }
    }
  }
}

/** Compares the next slice of time. @param compare null where the provider shows no such list */
async function takeSlice(work: Work, compare: ((window: Window) => Promise<Found | undefined>) | null): Promise<Step> {
  const { run } = work
  if (compare === null) return { ...nothing(), next: afterPhase(run) }
  const until = new Date(Math.min(run.cursor_at.getTime() + run.slice_s * 1_000, run.to_at.getTime()))
  const found = await compare({ from: run.cursor_at, to: until })
  if (found !== undefined) return { ...found, next: afterSlice(run, until, found.rows) }
  if (run.slice_s === 1) {
    throw new Refused(`more than ${MOST_ROWS_IN_A_SECOND} ${run.phase} in one second at ${run.cursor_at.toISOString()}`)
  }
  return { ...nothing(), next: { ...placeOf(run), slice_s: smallerSlice(run.slice_s) } }
}

function afterSlice(run: RunRow, until: Date, rows: number): Place {
  if (until < run.to_at) return { ...placeOf(run), cursor_at: until, slice_s: nextSlice(run.slice_s, rows) }
  return afterPhase(run)
}

function afterPhase(run: RunRow): Place {
  const fresh = { slice_s: FIRST_SLICE_S, page_cursor: null, all_booked: false }
  if (run.phase === 'payments') return { phase: 'refunds', cursor_at: run.from_at, ...fresh }
  const { first } = settlementDays(run.from_at, run.to_at)
  return { phase: 'settlements', cursor_at: first, ...fresh }
}

function afterDay(run: RunRow): Place | 'end' {
  const { last } = settlementDays(run.from_at, run.to_at)
  if (run.cursor_at >= last) return 'end'
  return { ...placeOf(run), cursor_at: nextDay(run.cursor_at), page_cursor: null, all_booked: false }
}

function placeOf({ phase, cursor_at, slice_s, page_cursor, all_booked }: RunRow): Place {
  return { phase, cursor_at, slice_s, page_cursor, all_booked }
}

/** Writes what a step found, and where the next one begins. */
async function commit(work: Work, found: Step): Promise<void> {
  const { deps, run } = work
  const totals = totalsOf(found)
  await inTransaction(deps.db, 'reconcileStep', async (tx) => {
    if (!(await queries.lockClaim(tx, run))) throw new ClaimLost()
    const now = deps.ports.clock.now()
    await writeFindings(tx, work, found.findings, now)
    await postOnce(tx, work, found)
    const of = { provider: run.provider, runId: run.id, now, uuid: () => deps.ports.ids.uuid() }
    insertSettlementLines(tx, of, found.lines)
    // Those that were settled are written already.
    for (const call of work.calls) insertProviderCall(tx, call)
    for (const settlement of found.checked) updateSettlement(tx, run.provider, settlement)
    queries.addOutcomes(tx, run.id, totals)
    if (found.next !== 'end') return queries.finishStep(tx, run, found.next, found.rows, now)
    queries.endRun(tx, run, 'completed', null, now)
    await tellMismatches(tx, deps, run)
  })
}

/** Counts and sums of all that a step found. */
function totalsOf(found: Found): OutcomeRow[] {
  const totals = new Tally(found.matched)
  for (const { subject, outcome, currency, ourAmount, theirAmount } of found.findings) {
    totals.add(subject, outcome, currency, Math.max(0, theirAmount ?? ourAmount ?? 0))
  }
  return totals.rows()
}

/** Writes lines, with the questions that they leave: one that was asked before stands for the same one now. */
async function writeFindings(tx: Tx, work: Work, findings: readonly Finding[], now: Date): Promise<void> {
  if (findings.length === 0) return
  const asked = await findReviewItems(
    tx,
    findings.flatMap((finding) => finding.asked ?? []),
  )
  const isAsked = (finding: Finding) => (finding.asked ?? []).some((cause) => asked.has(cause))
  const questions = findings.flatMap((finding) => (isAsked(finding) ? [] : (finding.question ?? [])))
  const opened = await openReviewItems(tx, questions)
  queries.writeLines(
    tx,
    work.run.id,
    findings.map((finding) => {
      const { outcome } = finding
      assert(outcome !== 'matched' && outcome !== 'booked', 'what is in order has no line')
      const causes = [...(finding.asked ?? []), ...(finding.question === undefined ? [] : [finding.question.cause])]
      const item = causes.map((cause) => asked.get(cause) ?? opened.get(cause)).find((each) => each !== undefined)
      return toLine(finding, outcome, item ?? null, work.deps.ports.ids.uuid(), now)
    }),
  )
}

async function postOnce(tx: Tx, work: Work, { postings }: Found): Promise<void> {
  const posted = await findPosted(
    tx,
    postings.map(({ movement }) => movement.cause),
  )
  const byCurrency = new Map<string, Map<string, Movement>>()
  for (const { currency, movement } of postings) {
    if (posted.has(movement.cause)) continue
    const movements = byCurrency.get(currency) ?? new Map<string, Movement>()
    byCurrency.set(currency, movements.set(movement.cause, movement))
  }
  for (const [currency, movements] of byCurrency) {
    post(tx, work.deps.ports, currency, null, [...movements.values()])
  }
}

/** Differences that wait for a person are an alert, which ends when they are answered. */
async function tellMismatches(tx: Tx, deps: PaymentDeps, run: RunRow): Promise<void> {
  const open = await queries.countOpen(tx, run.id)
  if (open === 0) return
  await raiseAlert(tx, deps.ports, {
    kind: 'reconciliation_mismatch',
    key: run.provider,
    summary: `${open} difference${open === 1 ? '' : 's'} between our books and those of ${run.provider} wait for a person.`,
  })
}

/** Puts a step off that the provider did not answer; after a day of that the run has failed. */
async function postpone(deps: PaymentDeps, run: RunRow, reason: string): Promise<void> {
  const now = deps.ports.clock.now()
  const unansweredSince = run.unanswered_since ?? now
  if (now.getTime() - unansweredSince.getTime() >= GIVE_UP_AFTER_MS) return end(deps, run, reason)
  const nextStepAt = new Date(now.getTime() + patience(run.unanswered))
  await inTransaction(deps.db, 'reconcilePostpone', async (tx) => {
    if (!(await queries.lockClaim(tx, run))) return
    // A smaller step takes fewer calls: one that is limited to some in a minute still gets on.
    const sliceS = smallerSlice(run.slice_s)
    queries.postponeStep(tx, run, { nextStepAt, unansweredSince, sliceS, error: reason })
  })
}

async function end(deps: PaymentDeps, run: RunRow, reason: string): Promise<void> {
  await inTransaction(deps.db, 'reconcileFail', async (tx) => {
    if (!(await queries.lockClaim(tx, run))) return
    queries.endRun(tx, run, 'failed', reason, deps.ports.clock.now())
    await raiseAlert(tx, deps.ports, {
      kind: 'reconciliation_failed',
      key: run.provider,
      summary: `The comparison of our books with those of ${run.provider} could not be finished: ${reason}`,
    })
  })
}
