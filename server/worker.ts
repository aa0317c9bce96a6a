/** The table of contents of the background: which passes a worker runs. Any number of workers may run them at once. */
import { expiryPass } from './aftersales/service.ts'
import { closingPass } from './ledger/service.ts'
import { pollPass } from './payments/poll.ts'
import { refundPass } from './payments/refunds.ts'
import type { PaymentDeps } from './payments/service.ts'
import { inboxPass } from './payments/webhook-processing.ts'
import { alertPass } from './operations/alerts.ts'
import { checkPass } from './operations/checks.ts'
import { cleanupPass } from './operations/cleanup.ts'
import type { Pass } from './platform/passes.ts'

/** When the day's work is done, and how long what is old is kept. */
export interface WorkerSettings {
  /** Time of day in UTC. */
  reconcileAt: { hour: number; minute: number }
  retentionDays: number
}

export function passes(deps: PaymentDeps, settings: WorkerSettings): Pass[] {
  return [
    inboxPass(deps),
    pollPass(deps),
    refundPass(deps),
    expiryPass(deps),
    closingPass(deps),
    cleanupPass(deps, settings.retentionDays),
    checkPass(deps, settings.reconcileAt),
    alertPass(deps),
  ]
}
