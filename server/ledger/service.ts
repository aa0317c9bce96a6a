/** The books: posting movements in the transaction of what caused them, and what the accounts hold. */
import assert from 'node:assert/strict'
import type { Db, Tx } from '../platform/database.ts'
import type { Ports } from '../platform/ports.ts'
import { balanceOn, NORMAL_SIDES, parseAccountCode, type AccountKind, type Side } from './account.ts'
import type { Movement } from './movement.ts'
import { insertTransfers, listAccounts, totalsOf } from './queries.ts'

/**
 * Posts movements of one order, or of none, in the caller's transaction. Posting a cause twice fails the transaction.
 */
export function post(
  tx: Tx,
  ports: Ports,
  currency: string,
  orderId: string | null,
  movements: readonly Movement[],
): void {
  if (movements.length === 0) return
  const createdAt = ports.clock.now()
  tx.gather(
    'transfers',
    movements.map((movement) => ({
      id: ports.ids.uuid(),
      kind: movement.kind,
      debitAccountId: movement.debit,
      creditAccountId: movement.credit,
      amount: movement.amount,
      currency,
      orderId,
      cause: movement.cause,
      createdAt,
    })),
    insertTransfers,
  )
}

/**
 * What an account held just before `at`, or holds now, on its normal side, in minor units of its currency. Nothing for an
 * account that was never used.
 */
export async function balance(db: Db, accountCode: string, at: Date | null = null): Promise<number> {
  const code = parseAccountCode(accountCode)
  assert(code !== undefined, `${accountCode} is no account`)
  return balanceOn(NORMAL_SIDES[code.kind], await totalsOf(db, accountCode, at))
}

export interface AccountBalance {
  id: string
  kind: AccountKind
  owner: string
  currency: string
  normalSide: Side
  debits: number
  credits: number
  balance: number
}

/** Accounts in the order of their codes, from the one after `after`, with what they held just before `at`, or hold now. */
export async function listBalances(
  db: Db,
  filter: { at: Date | null; kind: AccountKind | null; after: string },
  limit: number,
): Promise<AccountBalance[]> {
  const rows = await listAccounts(db, filter, limit)
  return rows.map((row) => {
    const normalSide = NORMAL_SIDES[row.kind]
    return { ...row, normalSide, balance: balanceOn(normalSide, row) }
  })
}
