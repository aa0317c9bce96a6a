/** Statements of the books, with the numbers of orders and the names of people and shops. */
import { sql, type Db, type Sql } from '../platform/database.ts'

/** Whose transfers a statement lists. */
export type StatementScope =
  | { kind: 'everything' }
  | { kind: 'accounts'; accountIds: readonly string[] }
  | { kind: 'order'; orderId: string }
  /** The orders of a user, and what else moved in the wallets. */
  | { kind: 'user'; userId: string; walletIds: readonly string[] }

/** A place in the order of transfers: after all of an earlier time, and after those of this time up to this id. */
export interface Position {
  /** Microseconds since 1970, because times in the database are as fine. */
  micros: number
  id: string
}

export interface TransferRow extends Position {
  kind: string
  debit: string
  credit: string
  amount: number
  currency: string
  order_id: string | null
  order_number: string | null
  cause: string
  created_at: Date
}

/** The first transfers of a scope after a position and before `to` (no end when it is null), in their order. */
export async function listTransfers(
  db: Db,
  scope: StatementScope,
  after: Position,
  to: Date | null,
  limit: number,
): Promise<TransferRow[]> {
  return db.many<TransferRow>(`ledger.statementOf_${scope.kind}`, transfersOf(scope, after, to, limit))
}

const COLUMNS = sql`id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at`

function transfersOf(scope: StatementScope, after: Position, to: Date | null, limit: number): Sql {
  return sql`select t.id, t.kind, t.debit_account_id as debit, t.credit_account_id as credit, t.amount, t.currency,
      t.order_id, o.number as order_number, t.cause, t.created_at,
      (extract(epoch from t.created_at) * 1000000)::bigint as micros
    from (${chosen(scope, after, to, limit)}) t left join orders o on o.id = t.order_id
    order by t.created_at, t.id`
}

function chosen(scope: StatementScope, after: Position, to: Date | null, limit: number): Sql {
  const inWindow = sql`(created_at, id) > (${timeOf(after)}, ${after.id}::uuid)
    and created_at < coalesce(${to}::timestamptz, 'infinity')`
  const first = sql`order by created_at, id limit ${limit}`
  const those = (condition: Sql) => sql`select ${COLUMNS} from ledger_transfers where ${condition}`
  // The window of a plan that serves every window looks narrow. Few rows are found by what they belong to, and only then
  // by time: "offset 0" keeps the planner from turning that round.
  const fewOf = (condition: Sql) => sql`select ${COLUMNS} from (${those(condition)} offset 0) few where ${inWindow}`
  switch (scope.kind) {
    case 'everything':
      return sql`${those(inWindow)} ${first}`
    case 'accounts': {
      const { accountIds } = scope
      return sql`${those(sql`(debit_account_id = any(${accountIds}) or credit_account_id = any(${accountIds})) and ${inWindow}`)} ${first}`
    }
    case 'order':
      return sql`${fewOf(sql`order_id = ${scope.orderId}`)} ${first}`
    case 'user': {
      const wallets = sql`${scope.walletIds}::text[]`
      // Each transfer once, also one that leads from a wallet to an order of the same user. The conditions on `like` are
      // those of the partial indexes.
      return sql`${fewOf(sql`debit_account_id = any(${wallets}) and debit_account_id like 'wallet:%'`)}
        union all
        ${fewOf(sql`credit_account_id = any(${wallets}) and credit_account_id like 'wallet:%' and debit_account_id <> all(${wallets})`)}
        union all
        ${fewOf(sql`order_id in (select id from orders where user_id = ${scope.userId})
          and debit_account_id <> all(${wallets}) and credit_account_id <> all(${wallets})`)}
        ${first}`
    }
  }
}

function timeOf({ micros }: Position): Sql {
  // Exact: float8 holds every microsecond of the next two hundred years.
  return sql`timestamptz 'epoch' + ${micros}::float8 * interval '1 microsecond'`
}

/** A stretch of time in which accounts may have moved; no end when it reaches to now. */
export interface ActiveStretch {
  since: Date
  until: Date | null
}

/**
 * The first day from a position on, that day included, on which one of the accounts moved, as the totals of closed days
 * tell; the days without totals when there is none. So a statement of an account that moves seldom does not read what
 * all others did in between.
 */
export async function findActiveStretch(
  db: Db,
  accountIds: readonly string[],
  after: Position,
): Promise<ActiveStretch> {
  return db.one<ActiveStretch>(
    'ledger.findActiveStretch',
    sql`select coalesce(active.day::timestamp at time zone 'UTC', totalled_until) as since,
          (active.day + 1)::timestamp at time zone 'UTC' as until
        from ledger_closing cross join (
          select min(next.day) as day from unnest(${accountIds}::text[]) as account (id) cross join lateral (
            select day from ledger_day_totals
            where account_id = account.id and day >= ((${timeOf(after)}) at time zone 'UTC')::date order by day limit 1
          ) next
        ) active`,
  )
}

/** What the owners of accounts are called, by owner: shops and users. Providers and the house are called what they are. */
export async function listOwnerNames(db: Db, owners: readonly string[]): Promise<Map<string, string>> {
  const uuids = owners.filter((owner) => UUID.test(owner))
  const rows = await db.many<{ owner: string; name: string }>(
    'ledger.listOwnerNames',
    sql`select id::text as owner, name from shops where id = any(${uuids}::uuid[])
        union all
        select id, name from users where id = any(${owners}::text[])`,
  )
  return new Map(rows.map(({ owner, name }) => [owner, name]))
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Whether what a statement is asked of exists. */
export async function statementSubjectExists(db: Db, kind: 'order' | 'user' | 'shop', id: string): Promise<boolean> {
  const found = {
    order: sql`select from orders where id = ${id}`,
    user: sql`select from users where id = ${id}`,
    shop: sql`select from shops where id = ${id}`,
  }[kind]
  const row = await db.one<{ found: boolean }>(`ledger.${kind}Exists`, sql`select exists (${found}) as found`)
  return row.found
}
