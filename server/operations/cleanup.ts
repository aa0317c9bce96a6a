import { deleteEndedSessions } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import { deleteOldKeys } from '../platform/idempotency.ts'
import type { Pass } from '../platform/passes.ts'
import { deletePastClients } from '../orders/service.ts'
import { emptyOld } from '../payments/service.ts'
import { deletePast } from './watch-queries.ts'
import { deletePastWindows } from '../platform/rate-limit.ts'

const HOUR_MS = 3_600 * 1_000
/** A client that was offline for a day still finds its key; what a key has made lasts for ever. */
const KEYS_KEPT_MS = 30 * 24 * HOUR_MS
/** They are looked at for minutes. */
const TROUBLES_KEPT_MS = 24 * HOUR_MS
/** Orders that lapsed count against who placed them for some hours; after that nobody's address is kept. */
const CLIENTS_KEPT_MS = 24 * HOUR_MS
const BATCH = 1_000

/**
 * Removes what has had its time: old idempotency keys, counters of past minutes, sessions that ended, who placed
 * which order; bodies and replies
 * of providers, past checks, resolved alerts and refused deliveries after their days.
 */
export function cleanupPass(deps: Deps, retentionDays: number): Pass {
  return {
    name: 'operations.cleanup',
    intervalMs: HOUR_MS,
    async runOnce() {
      const now = deps.ports.clock.now()
      const keys = await deleteOldKeys(deps.db.alone, new Date(now.getTime() - KEYS_KEPT_MS), BATCH)
      await deletePastWindows(deps.db.alone, new Date(now.getTime() - HOUR_MS))
      await deleteEndedSessions(deps.db.alone, now)
      await deletePastClients(deps.db.alone, new Date(now.getTime() - CLIENTS_KEPT_MS))
      const before = new Date(now.getTime() - retentionDays * 24 * HOUR_MS)
      const emptied = await emptyOld(deps, before)
      const past = await deletePast(deps.db.alone, before, new Date(now.getTime() - TROUBLES_KEPT_MS), BATCH)
      return keys + emptied + past
    },
  }
}
