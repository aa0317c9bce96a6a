/**
 * Adding up what the dashboard shows. Orders and sales are counted once, as they move: triggers note each move, this pass
 * adds the moves up and deletes them in the same transaction, and whoever reads adds the rest. So figures are exact at every
 * moment, cost the same however many orders there are, and an order that is refunded after a year needs no day counted anew.
 *
 * Orders that are older than the totals are counted day by day, from the newest on; so are all when the shop's time zone
 * was changed, because its days are others then.
 */
import { inTransaction } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import type { Pass } from '../platform/passes.ts'
import * as queries from './figure-queries.ts'

/** Some hundred milliseconds of work. */
const BATCH = 20_000
/** A day of a million orders takes some seconds. */
const DAY_TIMEOUT_MS = 60_000

export function figuresPass(deps: Deps): Pass {
  let mayRestart = true
  return {
    name: 'operations.figures',
    intervalMs: 10_000,
    async runOnce() {
      return inTransaction(deps.db, 'addUpFigures', async (tx) => {
        const figures = await queries.claimFigures(tx)
        if (figures === undefined) return 0
        if (figures.time_zone !== deps.timeZone) {
          // Once per process: two that are set to different zones would begin anew for ever.
          if (!mayRestart) {
            deps.log.error({ kept: figures.time_zone, ours: deps.timeZone }, 'figures are kept in another time zone')
            return 0
          }
          mayRestart = false
          await queries.restartFigures(tx, deps.timeZone)
          return 1
        }
        mayRestart = false
        const moved = await queries.addUpMoves(tx, deps.timeZone, BATCH)
        if (moved > 0 || figures.is_complete) return moved
        return queries.countDay(tx, deps.timeZone, DAY_TIMEOUT_MS)
      })
    },
  }
}
