/** Questions about what a provider has paid out to us, and what our books have of it. */
import type { Invariant } from './invariant.ts'

export const PROVIDER_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I5',
    name: 'what a provider paid out for each thing is what the ledger has for the bank',
    query: `
      select s.entity_id || ' settled ' || s.credit - s.debit || ', booked ' || coalesce(b.booked, 0)
      from settlement_lines s left join lateral (
        select sum(case when t.debit_account_id = 'bank:' || s.provider || ':' || s.currency then t.amount else -t.amount end) as booked
        from ledger_transfers t where t.cause in (
          'settlement:' || s.provider || ':' || s.entity_id || ':paid_out',
          'settlement:' || s.provider || ':' || s.entity_id || ':kept_back')
      ) b on true where coalesce(b.booked, 0) <> s.credit - s.debit`,
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
