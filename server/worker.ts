/** The table of contents of the background: which passes a worker runs. Any number of workers may run them at once. */
import { expiryPass } from './aftersales/service.ts'
import { closingPass } from './ledger/service.ts'
import { searchBackfillPass } from './orders/service.ts'
import { pollPass } from './payments/poll.ts'
import { refundPass } from './payments/refunds.ts'
import type { PaymentDeps } from './payments/service.ts'
import { inboxPass } from './payments/webhook-processing.ts'
import { alertPass } from './operations/alerts.ts'
import { checkPass } from './operations/checks.ts'
import { cleanupPass } from './operations/cleanup.ts'
import { figuresPass } from './operations/figures.ts'
import { reconcilePass, schedulePass, type TimeOfDay } from './reconciliation/service.ts'
import type { Pass } from './platform/passes.ts'

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
