/** The table of contents of the background: which passes a worker runs. Any number of workers may run them at once. */
import { expiryPass } from './aftersales/service.ts'
import { closingPass } from './ledger/service.ts'
import { pollPass } from './payments/poll.ts'
import { refundPass } from './payments/refunds.ts'
import type { PaymentDeps } from './payments/service.ts'
import { inboxPass } from './payments/webhooks.ts'
import { cleanupPass } from './operations/cleanup.ts'
import type { Pass } from './platform/passes.ts'

export function passes(deps: PaymentDeps): Pass[] {
  return [inboxPass(deps), pollPass(deps), refundPass(deps), expiryPass(deps), closingPass(deps), cleanupPass(deps)]
}
