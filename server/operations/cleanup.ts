import { sql } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import type { Pass } from '../platform/passes.ts'

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
      const keys = await deps.db.alone.run(
        'cleanup.idempotency_keys',
        sql`delete from idempotency_keys where ctid in (
              select ctid from idempotency_keys where created_at < ${new Date(now.getTime() - KEYS_KEPT_MS)} limit ${BATCH})`,
      )
      await deps.db.alone.run(
        'cleanup.rate_limits',
        sql`delete from rate_limits where window_start < ${new Date(now.getTime() - HOUR_MS)}`,
      )
      await deps.db.alone.run('cleanup.sessions', sql`delete from sessions where expires_at < ${now}`)
      return keys
    },
  }
}
