/** The table of contents of the background: which passes a worker runs. Any number of workers may run them at once. */
import { expiryPass } from './aftersales/service.ts'
import { inboxPass } from './inbox/process.ts'
import { closingPass } from './ledger/closing.ts'
import { alertPass } from './operations/alerts.ts'
import { checkPass } from './operations/checks.ts'
import { cleanupPass } from './operations/cleanup.ts'
import { figuresPass } from './operations/figures.ts'
import { searchBackfillPass } from './orders/search-backfill.ts'
import type { PaymentDeps } from './payments/context.ts'
import { pollPass } from './payments/poll.ts'
import { refundPass } from './payments/refunds.ts'
import type { Pass } from './platform/passes.ts'
import { reconcilePass } from './reconciliation/run.ts'
import { schedulePass, type TimeOfDay } from './reconciliation/schedule.ts'

/** When the day's work is done, and how long what is old is kept. */
export interface WorkerSettings {
  /** When the daily comparison with each provider is due, UTC; never by itself when left out. */
  reconcileAt: TimeOfDay | undefined
  /** When the books are asked whether they hold, UTC. */
  checkAt: TimeOfDay
  retentionDays: number
}

export function passes(deps: PaymentDeps, settings: WorkerSettings): Pass[] {
  return [
    inboxPass(deps),
    pollPass(deps),
    refundPass(deps),
    expiryPass(deps),
    closingPass(deps),
    searchBackfillPass(deps),
    figuresPass(deps),
    ...(settings.reconcileAt === undefined ? [] : [schedulePass(deps, settings.reconcileAt)]),
    reconcilePass(deps),
    cleanupPass(deps, settings.retentionDays),
    checkPass(deps, settings.checkAt),
    alertPass(deps),
  ]
}
