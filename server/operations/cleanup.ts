import { deleteEndedSessions } from '../accounts/queries.ts'
import { emptyOld, forgetEvents } from '../inbox/retention.ts'
import { deletePastClients } from '../orders/client-queries.ts'
import { inTransaction } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { deleteOldKeys, emptyAnswers } from '../platform/idempotency.ts'
import type { Pass } from '../platform/passes.ts'
import { deletePastWindows } from '../platform/rate-limit.ts'
import { doneUntil, setDoneUntil } from '../platform/timetable.ts'
import { deletePast } from './watch-queries.ts'

const HOUR_MS = 3_600 * 1_000
/** A client that was offline for a day still finds its key; what a key has made lasts for ever. */
const KEYS_KEPT_MS = 30 * 24 * HOUR_MS
/** Most of what is stored for a key is its answer; a client that sends a request again does so within minutes. */
const ANSWERS_KEPT_MS = 3 * 24 * HOUR_MS
/** They are looked at for minutes. */
const TROUBLES_KEPT_MS = 24 * HOUR_MS
/** Orders that lapsed count against who placed them for some hours; after that nobody's address is kept. */
const CLIENTS_KEPT_MS = 24 * HOUR_MS
const BATCH = 1_000

/**
 * Removes what has had its time, a batch of each: old idempotency keys and their answers, counters of past minutes,
 * sessions that ended, who placed which order; bodies and replies of providers, past checks, resolved alerts and refused
 * deliveries after their days, and events of providers after two years.
 */
export function cleanupPass(deps: Deps, retentionDays: number): Pass {
  return {
    name: 'operations.cleanup',
    intervalMs: HOUR_MS,
    async runOnce() {
      const now = deps.ports.clock.now()
      const keys = await deleteOldKeys(deps.db.alone, new Date(now.getTime() - KEYS_KEPT_MS), BATCH)
      const answers = await emptyOldAnswers(deps, new Date(now.getTime() - ANSWERS_KEPT_MS))
      await deletePastWindows(deps.db.alone, new Date(now.getTime() - HOUR_MS))
      const sessions = await deleteEndedSessions(deps.db.alone, now, BATCH)
      await deletePastClients(deps.db.alone, new Date(now.getTime() - CLIENTS_KEPT_MS))
      const before = new Date(now.getTime() - retentionDays * 24 * HOUR_MS)
      const emptied = await emptyOld(deps, before)
      const forgotten = await forgetEvents(deps, now, before)
      const past = await deletePast(deps.db.alone, before, new Date(now.getTime() - TROUBLES_KEPT_MS), BATCH)
      return keys + answers + sessions + emptied + forgotten + past
    },
  }
}

/** In one transaction, because the check of the books asks for answers from that place on. */
async function emptyOldAnswers(deps: Deps, before: Date): Promise<number> {
  return inTransaction(deps.db, 'emptyAnswers', async (tx) => {
    const from = (await doneUntil(tx, 'empty_answers')) ?? new Date(0)
    if (from >= before) return 0
    const { count, last } = await emptyAnswers(tx, from, before, BATCH)
    await setDoneUntil(tx, 'empty_answers', count < BATCH ? before : (last ?? before))
    return count
  })
}
