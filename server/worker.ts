/** The table of contents of the background: which passes a worker runs. Any number of workers may run them at once. */
import { expiryPass } from './aftersales/service.ts'
import { pollPass } from './payments/poll.ts'
import { refundPass } from './payments/refunds.ts'
import type { PaymentDeps } from './payments/service.ts'
import { inboxPass } from './payments/webhooks.ts'
import { cleanupPass } from './operations/cleanup.ts'
import { reconcilePass, schedulePass, type TimeOfDay } from './reconciliation/service.ts'
import type { Pass } from './platform/passes.ts'

/** @param reconcileAt when the daily comparison with each provider is due, UTC; never by itself when left out */
export function passes(deps: PaymentDeps, reconcileAt?: TimeOfDay): Pass[] {
  return [
    inboxPass(deps),
    pollPass(deps),
    refundPass(deps),
    expiryPass(deps),
    ...(reconcileAt === undefined ? [] : [schedulePass(deps, reconcileAt)]),
    reconcilePass(deps),
    cleanupPass(deps),
  ]
}
