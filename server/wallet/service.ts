/**
 * Wallets: money that customers keep with us. The balance is a row that the database guards; how it came about is in the
 * ledger, and both change in one transaction.
 */
import type { Wallet } from '../../shared/contract/payments.ts'
import * as ledger from '../ledger/queries.ts'
import type { Db } from '../platform/database.ts'
import * as queries from './queries.ts'

const SHOWN = 100

/** A customer's balances, and the newest of the transfers that made them. */
export async function getWallet(db: Db, userId: string): Promise<Wallet> {
  const balances = await queries.listBalances(db, userId)
  const transfers = await Promise.all(
    balances.map(async ({ currency }) => {
      const account = `wallet:${userId}:${currency}`
      const rows = await ledger.listNewestOfWallet(db, account, SHOWN)
      return rows.map((row) => ({
        id: row.id,
        kind: row.kind,
        amount: row.credit_account_id === account ? row.amount : -row.amount,
        currency,
        orderId: row.order_id,
        createdAt: row.created_at.toISOString(),
      }))
    }),
  )
  return { balances, transfers: transfers.flat() }
}
