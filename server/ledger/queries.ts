import { sql, type Db, type Tx } from '../platform/database.ts'

export interface TransferRow {
  id: string
  kind: string
  debitAccountId: string
  creditAccountId: string
  amount: number
  currency: string
  orderId: string | null
  cause: string
  createdAt: Date
}

/** Appends transfers, and the accounts that are used for the first time. */
export function insertTransfers(tx: Tx, rows: readonly TransferRow[]): void {
  const accounts = new Map<string, { kind: string; owner: string; currency: string }>()
  for (const row of rows) {
    for (const id of [row.debitAccountId, row.creditAccountId]) {
      const [kind = '', owner = '', currency = ''] = id.split(':')
      accounts.set(id, { kind, owner, currency })
    }
  }
  // Sorted, so that two transactions that open the same accounts do it in the same order.
  const ids = [...accounts.keys()].sort()
  const of = (key: 'kind' | 'owner' | 'currency') => ids.map((id) => accounts.get(id)?.[key] ?? '')
  tx.send(
    'ledger.insertTransfers',
    sql`with accounts as (
          insert into ledger_accounts (id, kind, owner, currency)
          select * from unnest(${ids}::text[], ${of('kind')}::text[], ${of('owner')}::text[], ${of('currency')}::text[])
          on conflict (id) do nothing
        )
        insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
        select * from unnest(
          ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.kind)}::text[],
          ${rows.map((row) => row.debitAccountId)}::text[], ${rows.map((row) => row.creditAccountId)}::text[],
          ${rows.map((row) => row.amount)}::bigint[], ${rows.map((row) => row.currency)}::text[],
          ${rows.map((row) => row.orderId)}::uuid[], ${rows.map((row) => row.cause)}::text[],
          ${rows.map((row) => row.createdAt)}::timestamptz[])`,
  )
}

export async function listOfOrder(db: Db, orderId: string) {
  return db.many<{
    id: string
    kind: string
    debit_account_id: string
    credit_account_id: string
    amount: number
    currency: string
    created_at: Date
  }>(
    'ledger.listOfOrder',
    sql`select id, kind, debit_account_id, credit_account_id, amount, currency, created_at
        from ledger_transfers where order_id = ${orderId} order by created_at, id limit 1000`,
  )
}

/** The newest transfers of an account that belongs to somebody. */
export async function listNewestOfAccount(db: Db, accountId: string, limit: number) {
  return db.many<{
    id: string
    kind: string
    credit_account_id: string
    amount: number
    order_id: string | null
    created_at: Date
  }>(
    'ledger.newestOfAccount',
    sql`select id, kind, credit_account_id, amount, order_id, created_at from ledger_transfers
        where debit_account_id = ${accountId} or credit_account_id = ${accountId}
        order by created_at desc, id desc limit ${limit}`,
  )
}

/** Debits less credits of an account; for a liability the result is negative while something is owed. */
export async function balance(db: Db, accountId: string): Promise<number> {
  const row = await db.one<{ balance: number }>(
    'ledger.balance',
    sql`select coalesce(sum(case when debit_account_id = ${accountId} then amount else -amount end), 0)::bigint as balance
        from ledger_transfers where debit_account_id = ${accountId} or credit_account_id = ${accountId}`,
  )
  return row.balance
}
