import { sql, type Db, type Tx } from '../platform/database.ts'

/** Adds money to a wallet, which is opened by the first. */
export function credit(tx: Tx, userId: string, currency: string, amount: number, now: Date): void {
  tx.send(
    'wallets.credit',
    sql`insert into wallets as w (user_id, currency, balance, updated_at) values (${userId}, ${currency}, ${amount}, ${now})
        on conflict (user_id, currency) do update set balance = w.balance + excluded.balance, updated_at = excluded.updated_at`,
  )
}

export async function listBalances(db: Db, userId: string): Promise<{ currency: string; balance: number }[]> {
  return db.many(
    'wallets.ofUser',
    sql`select currency, balance from wallets where user_id = ${userId} order by currency`,
  )
}
