import { sql, type Db, type Tx } from '../platform/database.ts'

/** The check that refuses to take more from a wallet than it has. */
export const NOT_OVERDRAWN = 'wallets_balance_check'

/**
 * Puts money into a wallet, or takes it out when `amount` is below zero. That there is enough is the database's to say: if
 * not, the commit fails on `NOT_OVERDRAWN`.
 *
 * @param amount minor units of `currency`
 */
export function change(tx: Tx, userId: string, currency: string, amount: number, now: Date): void {
  // What would be inserted is checked even where a row is there already, so a wallet is opened with nothing in it.
  tx.send(
    'wallets.open',
    sql`insert into wallets (user_id, currency, balance, updated_at) values (${userId}, ${currency}, 0, ${now})
        on conflict do nothing`,
  )
  tx.send(
    'wallets.change',
    sql`update wallets set balance = balance + ${amount}, updated_at = ${now}
        where user_id = ${userId} and currency = ${currency}`,
  )
}

export async function listBalances(db: Db, userId: string): Promise<{ currency: string; balance: number }[]> {
  return db.many(
    'wallets.ofUser',
    sql`select currency, balance from wallets where user_id = ${userId} order by currency`,
  )
}
