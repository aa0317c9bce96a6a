import { sql, type Db, type Sql, type Tx } from '../platform/database.ts'
import type { AccountKind, Totals } from './account.ts'

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

/**
 * Appends transfers, and the accounts that are used for the first time. A transfer that is dated in a closed day, by a
 * server whose clock is late, is booked at the beginning of the open one, as an accountant would.
 */
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
        select new.id, new.kind, debit, credit, amount, new.currency, order_id, cause,
          greatest(new.created_at, (select closed_until from ledger_closing))
        from unnest(
          ${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.kind)}::text[],
          ${rows.map((row) => row.debitAccountId)}::text[], ${rows.map((row) => row.creditAccountId)}::text[],
          ${rows.map((row) => row.amount)}::bigint[], ${rows.map((row) => row.currency)}::text[],
          ${rows.map((row) => row.orderId)}::uuid[], ${rows.map((row) => row.cause)}::text[],
          ${rows.map((row) => row.createdAt)}::timestamptz[]
        ) as new (id, kind, debit, credit, amount, currency, order_id, cause, created_at)`,
  )
}

/** More than the largest order that is sold, returned line by line and cancelled can have; nobody from outside adds to it. */
const TRANSFERS_OF_AN_ORDER = 5_000

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
        from ledger_transfers where order_id = ${orderId} order by created_at, id limit ${TRANSFERS_OF_AN_ORDER}`,
  )
}

export interface PostedRow {
  cause: string
  debit_account_id: string
  credit_account_id: string
  amount: number
  currency: string
}

/** The transfers that were posted under these causes. */
export async function listByCauses(db: Db, causes: readonly string[]): Promise<PostedRow[]> {
  if (causes.length === 0) return []
  return db.many<PostedRow>(
    'ledger.byCauses',
    sql`select cause, debit_account_id, credit_account_id, amount, currency from ledger_transfers
        where cause = any(${[...causes]}::text[])`,
  )
}

/** Those of these causes that have been posted. */
export async function findPosted(db: Db, causes: readonly string[]): Promise<Set<string>> {
  return new Set((await listByCauses(db, causes)).map((row) => row.cause))
}

/**
 * The newest transfers of a customer's wallet. Its conditions repeat those of the two partial indexes, word for word,
 * because a plan is made before the parameters are known.
 */
export async function listNewestOfWallet(db: Db, accountId: string, limit: number) {
  const columns = sql`select id, kind, credit_account_id, amount, order_id, created_at from ledger_transfers`
  const newest = sql`order by created_at desc, id desc limit ${limit}`
  return db.many<{
    id: string
    kind: string
    credit_account_id: string
    amount: number
    order_id: string | null
    created_at: Date
  }>(
    'ledger.newestOfWallet',
    sql`(${columns} where debit_account_id = ${accountId} and debit_account_id like 'wallet:%' ${newest})
        union all
        (${columns} where credit_account_id = ${accountId} and credit_account_id like 'wallet:%' ${newest})
        ${newest}`,
  )
}

export interface AccountRow extends Totals {
  id: string
  kind: AccountKind
  owner: string
  currency: string
}

/** Accounts in the order of their codes, with what they had moved before `at`; all they have moved when it is null. */
export async function listAccounts(
  db: Db,
  filter: { at: Date | null; kind: string | null; after: string },
  limit: number,
): Promise<AccountRow[]> {
  return db.many<AccountRow>(
    'ledger.listAccounts',
    sql`with ${base(filter.at)}, page as (
          select id, kind, owner, currency from ledger_accounts
          where id > ${filter.after} and (${filter.kind}::text is null or kind = ${filter.kind})
          order by id limit ${limit}
        ), rest as (
          -- First by both accounts, in one pass; what that leaves is little.
          select account, sum(debit)::bigint as debits, sum(credit)::bigint as credits from (
            select debit_account_id, credit_account_id, sum(amount) as amount
            from ledger_transfers where ${sinceBase(filter.at)} group by 1, 2
          ) moved cross join lateral (
            values (debit_account_id, amount, 0), (credit_account_id, 0, amount)) as side (account, debit, credit)
          group by account
        )
        select page.id, page.kind, page.owner, page.currency,
          coalesce(days.debits_to_date, 0) + coalesce(rest.debits, 0) as debits,
          coalesce(days.credits_to_date, 0) + coalesce(rest.credits, 0) as credits
        from page left join lateral (${lastDayOf(sql`page.id`)}) days on true left join rest on rest.account = page.id
        order by page.id`,
  )
}

/** What an account had moved before `at`; all it has moved when it is null. Nothing for an account that was never used. */
export async function totalsOf(db: Db, accountId: string, at: Date | null): Promise<Totals> {
  return db.one<Totals>(
    'ledger.totalsOf',
    sql`with ${base(at)}, rest as (
          select coalesce(sum(amount) filter (where debit_account_id = ${accountId}), 0)::bigint as debits,
            coalesce(sum(amount) filter (where credit_account_id = ${accountId}), 0)::bigint as credits
          from ledger_transfers
          where ${sinceBase(at)} and (debit_account_id = ${accountId} or credit_account_id = ${accountId})
        )
        select coalesce(days.debits_to_date, 0) + rest.debits as debits,
          coalesce(days.credits_to_date, 0) + rest.credits as credits
        from rest left join (${lastDayOf(sql`${accountId}`)}) days on true`,
  )
}

/**
 * Where the totals of days end and single transfers begin, for what was moved before `at`. Read by the same statement
 * as both, so that a day which is being closed at this moment is counted once.
 */
function base(at: Date | null): Sql {
  return sql`base as materialized (
    select least(totalled_until, date_trunc('day', coalesce(${at}::timestamptz, 'infinity'), 'UTC')) as since from ledger_closing)`
}

function sinceBase(at: Date | null): Sql {
  return sql`created_at >= (select since from base) and created_at < coalesce(${at}::timestamptz, 'infinity')`
}

/** The totals of the last day before then on which the account moved. */
function lastDayOf(account: Sql): Sql {
  return sql`select debits_to_date, credits_to_date from ledger_day_totals
    where account_id = ${account} and day < (select (since at time zone 'UTC')::date from base) order by day desc limit 1`
}

export async function findAccountId(db: Db, id: string): Promise<string | undefined> {
  const row = await db.maybeOne<{ id: string }>(
    'ledger.findAccountId',
    sql`select id from ledger_accounts where id = ${id}`,
  )
  return row?.id
}

/** The codes of an owner's accounts of some kinds; one per kind and currency. */
export async function listAccountIdsOf(db: Db, owner: string, kinds: readonly AccountKind[]): Promise<string[]> {
  const rows = await db.many<{ id: string }>(
    'ledger.listAccountIdsOf',
    sql`select id from ledger_accounts where owner = ${owner} and kind = any(${kinds}) order by id`,
  )
  return rows.map(({ id }) => id)
}
