/**
 * Closing the days. A day that is over is closed: nothing is dated into it any more (`insertTransfers`). Then what each
 * account moved on it is added up, once. A balance is the totals of closed days and the transfers since.
 *
 * Guarantees that totals and transfers never differ, whatever commits late: to close, posting is held for a moment, so
 * that every transfer of the day is there to be counted, and every later one is dated after it. Days are added up in
 * their order, each in one transaction, so that a worker that dies leaves whole days behind.
 *
 * Wrong totals can therefore only come from a hand in the database. They are made anew by the next pass after
 * `delete from ledger_day_totals where day >= X` and `update ledger_closing set totalled_until = X`.
 *
 * Days are those of UTC, which are the same for every shop and have no summer time.
 */
import { codeOf, inTransaction } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import type { Pass } from '../platform/passes.ts'
import * as queries from './closing-queries.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/**
 * How long after midnight a day is closed. Nothing depends on it: a server whose clock is later than this, or a
 * transaction that began before midnight and takes so long, has its transfers dated in the new day. It keeps that rare.
 */
const MARGIN_MS = HOUR_MS
/** The longest that one try to close keeps others from posting. Whoever posts takes a few milliseconds. */
const PATIENCE_MS = 200
/** A day of ten million transfers is added up in less. */
const TOTALS_TIMEOUT_MS = 120_000
const LOCK_NOT_AVAILABLE = '55P03'

/** Closes what is over and adds up the first closed day that waits for it. */
export function closingPass(deps: Deps): Pass {
  return {
    name: 'ledger.close_days',
    intervalMs: 10 * MINUTE_MS,
    async runOnce() {
      await closeDays(deps)
      return addUpDay(deps)
    },
  }
}

async function closeDays(deps: Deps): Promise<void> {
  const now = deps.ports.clock.now().getTime()
  const over = new Date(Math.floor((now - MARGIN_MS) / DAY_MS) * DAY_MS)
  try {
    await inTransaction(deps.db, 'closeDays', async (tx) => {
      const closing = await queries.claimClosing(tx, MARGIN_MS)
      if (closing === undefined) return
      // A worker whose clock is far ahead must not close days to come: the database's own clock has to agree.
      const until = over < closing.closable_until ? over : closing.closable_until
      if (closing.closed_until >= until) return
      await queries.holdPosting(tx, PATIENCE_MS)
      await queries.markClosed(tx, until)
    })
  } catch (error) {
    if (codeOf(error) !== LOCK_NOT_AVAILABLE) throw error
    // Somebody was in the middle of posting, or the table is being vacuumed. The next pass tries again; until then
    // balances are reckoned from more single transfers, and are right.
    deps.log.info({ until: over }, 'the books could not be closed now and will be later')
  }
}

/** @returns how many days it has added up: one or none */
async function addUpDay(deps: Deps): Promise<number> {
  return inTransaction(deps.db, 'addUpDay', async (tx) => {
    const closing = await queries.claimClosing(tx, MARGIN_MS)
    if (closing === undefined || closing.totalled_until >= closing.closed_until) return 0
    const day = await queries.findDayToTotal(tx)
    if (day === undefined) {
      await queries.markTotalled(tx, undefined)
      return 0
    }
    await queries.insertDayTotals(tx, day, TOTALS_TIMEOUT_MS)
    await queries.markTotalled(tx, new Date(day.getTime() + DAY_MS))
    return 1
  })
}
