import { sql, type Tx } from '../platform/database.ts'

export interface Closing {
  /** No transfer that is posted from now on is dated before this. */
  closed_until: Date
  /** The days before this have their totals. */
  totalled_until: Date
  /** Midnight after the last day that is over, by the database's clock. */
  closable_until: Date
}

/**
 * Takes the work of closing for this transaction, or gives undefined when another worker has it.
 *
 * @param marginMs how long after midnight a day counts as over
 */
export async function claimClosing(tx: Tx, marginMs: number): Promise<Closing | undefined> {
  return tx.maybeOne<Closing>(
    'ledger.claimClosing',
    sql`select closed_until, totalled_until,
          date_trunc('day', now() - ${marginMs}::float8 * interval '1 millisecond', 'UTC') as closable_until
        from ledger_closing for update skip locked`,
  )
}

/**
 * Waits until nobody is in the middle of posting, and keeps everybody from it until this transaction ends: whoever has
 * read the old `closed_until` has committed then, and whoever posts afterwards reads the new one.
 *
 * @throws SQLSTATE 55P03 when somebody took longer than `patienceMs`
 */
export async function holdPosting(tx: Tx, patienceMs: number): Promise<void> {
  await tx.run('ledger.closingPatience', sql`select set_config('lock_timeout', ${String(patienceMs)}, true)`)
  await tx.run('ledger.holdPosting', sql`lock table ledger_transfers in share mode`)
}

export async function markClosed(tx: Tx, until: Date): Promise<void> {
  await tx.run('ledger.markClosed', sql`update ledger_closing set closed_until = ${until}`)
}

/** The first closed day that has transfers and no totals yet: its beginning. */
export async function findDayToTotal(tx: Tx): Promise<Date | undefined> {
  const row = await tx.one<{ day: Date | null }>(
    'ledger.findDayToTotal',
    sql`select date_trunc('day', min(created_at), 'UTC') as day from ledger_transfers
        where created_at >= (select totalled_until from ledger_closing)
          and created_at < (select closed_until from ledger_closing)`,
  )
  return row.day ?? undefined
}

/** Adds up a day, on top of what each account had moved before it. */
export async function insertDayTotals(tx: Tx, day: Date, timeoutMs: number): Promise<void> {
  await tx.allow(timeoutMs)
  await tx.run(
    'ledger.insertDayTotals',
    sql`insert into ledger_day_totals (account_id, day, debits, credits, debits_to_date, credits_to_date)
        select moved.account, (${day}::timestamptz at time zone 'UTC')::date, moved.debits, moved.credits,
          moved.debits + coalesce(past.debits_to_date, 0), moved.credits + coalesce(past.credits_to_date, 0)
        from (
          select side.account, sum(side.debit)::bigint as debits, sum(side.credit)::bigint as credits
          from ledger_transfers t cross join lateral (
            values (t.debit_account_id, t.amount, 0), (t.credit_account_id, 0, t.amount)) as side (account, debit, credit)
          where t.created_at >= ${day} and t.created_at < ${day}::timestamptz + interval '24 hours'
          group by side.account
        ) moved left join lateral (
          select debits_to_date, credits_to_date from ledger_day_totals
          where account_id = moved.account and day < (${day}::timestamptz at time zone 'UTC')::date order by day desc limit 1
        ) past on true`,
  )
}

/** Says that the days before `until` have their totals; all closed days when it is undefined. */
export async function markTotalled(tx: Tx, until: Date | undefined): Promise<void> {
  await tx.run(
    'ledger.markTotalled',
    sql`update ledger_closing set totalled_until = coalesce(${until ?? null}::timestamptz, closed_until)`,
  )
}
