/**
 * The daily run of each provider. What is due is read from the clock and the runs that exist, so a day on which nothing
 * ran is caught up as soon as a worker looks, and any number of workers start one run.
 */
import * as payments from '../payments/books-queries.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { raiseAlert } from '../platform/alerts.ts'
import type { Pass } from '../platform/passes.ts'
import * as queries from './queries.ts'
import { dailyWindow, dueAt, dueDay, FIRST_SLICE_S, MISSING_AFTER_MS } from './window.ts'

export interface TimeOfDay {
  hour: number
  minute: number
}

/** @param at when runs are due, UTC */
export function schedulePass(deps: PaymentDeps, at: TimeOfDay): Pass {
  return {
    name: 'reconciliation.schedule',
    intervalMs: 60_000,
    async runOnce() {
      let started = 0
      for (const provider of deps.providers.keys()) if (await startDue(deps, provider, at)) started += 1
      return started
    },
  }
}

async function startDue(deps: PaymentDeps, provider: string, at: TimeOfDay): Promise<boolean> {
  const now = deps.ports.clock.now()
  const day = dueDay(now, at)
  const { coveredUntil, completedAt } = await queries.lastCompleted(deps.db, provider)
  const since = coveredUntil ?? (await payments.firstPaymentAt(deps.db, provider))
  // Nothing can differ before the first payment was opened.
  if (since === undefined || since >= dueAt(day, at)) return false
  const lastAt = completedAt ?? since
  if (now.getTime() - lastAt.getTime() > MISSING_AFTER_MS) {
    await raiseAlert(deps.db.alone, deps.ports, {
      kind: 'reconciliation_missing',
      key: provider,
      summary: `Our books have not been compared with those of ${provider} since ${lastAt.toISOString()}.`,
    })
  }
  if (await queries.isScheduled(deps.db, provider, day)) return false
  const { from, to } = dailyWindow(now, since)
  const run = {
    id: deps.ports.ids.uuid(),
    provider,
    from_at: from,
    to_at: to,
    trigger: 'schedule' as const,
    started_by: null,
    slice_s: FIRST_SLICE_S,
    started_at: now,
  }
  return queries.insertRun(deps.db.alone, run, day)
}
