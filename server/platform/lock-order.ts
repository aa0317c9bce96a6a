/**
 * The one order in which a transaction locks what other transactions wait for. Two transactions that both keep to it can
 * never wait for each other. Rows of one table are locked in the order of their ids; a row that a transaction holds
 * already it may change at any time.
 *
 * What belongs to one order alone (its parts, lines, attempts, refunds, questions) needs no place: the order's lock, which
 * comes first, guards it.
 *
 * What many orders share comes late, because whoever holds it holds up all of them: the stock of a popular product, and
 * the accounts of a shop that are opened with its first order.
 */
import assert from 'node:assert/strict'

export const LOCK_ORDER = [
  // The unpaid orders of one client are counted before another is placed.
  'order_clients',
  'orders',
  'payments',
  'wallets',
  'inventory',
  'ledger_accounts',
] as const

/** Inserting waits for nobody, but where the row may be another's as well. */
const SHARED = new Set<string>(['wallets', 'ledger_accounts'])

/** The furthest that a transaction has come, and all that it holds. */
export interface HeldLocks {
  tables: Set<string>
  furthest: number
}

/** A bug if a statement locks what comes before something that its transaction holds already. Notes down what it locks. */
export function assertLockOrder(held: HeldLocks, name: string, text: string): void {
  for (const rank of locksOf(text)) {
    const table = LOCK_ORDER[rank]
    if (table === undefined || held.tables.has(table)) continue
    assert(rank > held.furthest, `${name} locks ${table} after ${LOCK_ORDER[held.furthest]}`)
    held.tables.add(table)
    held.furthest = rank
  }
}

const known = new Map<string, readonly number[]>()

/** What a statement locks, as places in the order. A claim that skips what is locked waits for nobody. */
function locksOf(text: string): readonly number[] {
  const before = known.get(text)
  if (before !== undefined) return before
  const locks = /\bfor update skip locked\b/.test(text)
    ? []
    : LOCK_ORDER.flatMap((table, rank) => (does(text, table) ? [rank] : []))
  known.set(text, locks)
  return locks
}

function does(text: string, table: string): boolean {
  const writes = new RegExp(`\\b(?:update|delete from${SHARED.has(table) ? '|insert into' : ''}) ${table}\\b`)
  if (writes.test(text)) return true
  const reads = new RegExp(`\\b(?:from|join) ${table}(?: (\\w+))?\\b`).exec(text)
  if (reads === null) return false
  const locked = /\bfor update(?: of (\w+))?/.exec(text)
  return locked !== null && (locked[1] === undefined || locked[1] === reads[1])
}
