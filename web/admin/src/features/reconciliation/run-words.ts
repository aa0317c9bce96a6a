/** A run in words. Pure. */
import type { ReconciliationRun } from '../../../../../shared/contract/reconciliation.ts'
import { countOf, formatClock, formatDay, formatDuration, providerName, sentence } from '../../../../ui/format.ts'
import type { Look } from '../../../../ui/status-words.ts'
import { runSums } from './outcome-table.ts'
import type { RunsSearch } from './run-search.ts'

/** What came of it, as the title of its page and in the list. */
export function runResult(run: ReconciliationRun): { look: Look; words: string } {
  const { compared, healed, unexplained } = runSums(run.outcomes)
  if (run.status === 'running') return { look: 'processing', words: 'Comparing' }
  if (run.status === 'failed') return { look: 'failed', words: 'Did not finish' }
  if (unexplained > 0) return { look: 'review', words: `${countOf(unexplained, 'line')} nobody explains` }
  if (healed > 0) return { look: 'paid', words: `${countOf(healed, 'line')} put right` }
  if (compared === 0) return { look: 'none', words: 'Nothing to compare' }
  return { look: 'paid', words: 'Both books agree' }
}

/** Which runs a list shows: `Comparisons with Razorpay of which something waits for a person.` */
export function runsInWords({ provider, open }: RunsSearch): string {
  const which = provider ? `Comparisons with ${providerName(provider)}` : 'Comparisons'
  return open ? `${which} of which something waits for a person.` : `${which}.`
}

/** `17 Nov 8:00 am to 20 Nov 8:00 am` */
export function windowWords(run: Pick<ReconciliationRun, 'from' | 'to'>): string {
  const moment = (at: string) => `${formatDay(at)} ${formatClock(at)}`
  return `${moment(run.from)} to ${moment(run.to)}`
}

/**
 * `by Meera Rao`, `on schedule`; who or what began it.
 *
 * @param nameOf the name of an admin by id
 */
export function triggerWords(
  run: Pick<ReconciliationRun, 'trigger' | 'startedBy'>,
  nameOf: (id: string) => string,
): string {
  if (run.startedBy) return `by ${nameOf(run.startedBy)}`
  return run.trigger === 'schedule' ? 'on schedule' : sentence(run.trigger)
}

/** How long it took, or has taken so far. */
export function tookWords(run: Pick<ReconciliationRun, 'startedAt' | 'finishedAt'>, now: number): string {
  const end = run.finishedAt === null ? now : Date.parse(run.finishedAt)
  return formatDuration(Math.max(0, end - Date.parse(run.startedAt)) / 1_000)
}
