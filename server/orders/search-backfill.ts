/**
 * Words for orders that were placed before orders had any: from the newest to the oldest, a batch at a time, because there
 * may be millions. Ends for good; later orders get their words when they are placed.
 */
import { inTransaction } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import type { Pass } from '../platform/passes.ts'
import { addressKey, orderWords } from './order-words.ts'
import * as queries from './list-queries.ts'
import { listItems } from './queries.ts'

const BATCH = 500

export function searchBackfillPass(deps: Pick<Deps, 'db'>): Pass {
  return {
    name: 'orders.search_words',
    intervalMs: 60_000,
    async runOnce() {
      return inTransaction(deps.db, 'orderWords', async (tx) => {
        if (!(await queries.claimBackfill(tx))) return 0
        const rows = await queries.listWithoutWords(tx, BATCH)
        await queries.moveBackfill(tx, rows.at(-1)?.id)
        if (rows.length === 0) return 0
        const items = await listItems(
          tx,
          rows.map((row) => row.id),
        )
        await queries.insertWords(
          tx,
          rows.map((row) => ({
            orderId: row.id,
            email: row.email === null ? null : addressKey(row.email),
            words: orderWords(
              row,
              items.filter((item) => item.order_id === row.id),
            ),
          })),
        )
        return rows.length
      })
    },
  }
}
