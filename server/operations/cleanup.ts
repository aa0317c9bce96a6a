import { deleteEndedSessions } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import { deleteOldKeys } from '../platform/idempotency.ts'
import type { Pass } from '../platform/passes.ts'
import { deletePastWindows } from '../platform/rate-limit.ts'

const HOUR_MS = 3_600 * 1_000
/** A client that was offline for a day still finds its key; what a key has made lasts for ever. */
const KEYS_KEPT_MS = 30 * 24 * HOUR_MS
const BATCH = 1_000

/** Removes what has had its time: old idempotency keys, counters of past minutes, sessions that ended. */
export function cleanupPass(deps: Deps): Pass {
  return {
    name: 'operations.cleanup',
    intervalMs: HOUR_MS,
    async runOnce() {
      const now = deps.ports.clock.now()
      const keys = await deleteOldKeys(deps.db.alone, new Date(now.getTime() - KEYS_KEPT_MS), BATCH)
      await deletePastWindows(deps.db.alone, new Date(now.getTime() - HOUR_MS))
      await deleteEndedSessions(deps.db.alone, now)
      return keys
    },
  }
}
