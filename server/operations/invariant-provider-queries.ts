/** Questions about what a provider has paid out to us, and what our books have of it. */
import type { Invariant } from './invariant.ts'

export const PROVIDER_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I5',
    name: 'what a provider paid out for each thing is what the ledger has for the bank',
    query: `
      select s.entity_id || ' settled ' || s.credit - s.debit || ', booked ' || coalesce(b.booked, 0)
      from settlement_lines s left join (
        select regexp_replace(cause, ':(paid_out|kept_back)$', '') as line,
          case when kind = 'settled_paid_out' then debit_account_id else credit_account_id end as bank,
          sum(case when kind = 'settled_paid_out' then amount else -amount end) as booked
        from ledger_transfers where kind in ('settled_paid_out', 'settled_kept_back') group by 1, 2
      ) b on b.line = 'settlement:' || s.provider || ':' || s.entity_id and b.bank = 'bank:' || s.provider || ':' || s.currency
      where coalesce(b.booked, 0) <> s.credit - s.debit`,
  },
  {
    id: 'I5',
    name: 'a transfer to our bank account is the sum of its lines, or a person is asked',
    query: `
      select s.settlement_id || ' transferred ' || s.amount || ', lines ' || s.lines_amount from settlements s
      where s.amount <> s.lines_amount
        and not exists (select from review_items i where i.cause = 'settlement_differs:' || s.provider || ':' || s.settlement_id)`,
  },
]
