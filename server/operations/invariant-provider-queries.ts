/** Questions about what a provider has paid out to us, and what our books have of it. */
import type { Invariant } from './invariant.ts'

/** What came to the bank for a line of the settlement, less what was kept back of it. */
const BOOKED = 'coalesce(paid.amount, 0) - coalesce(kept.amount, 0)'

export const PROVIDER_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I5',
    name: 'what a provider paid out for each thing is what the ledger has for the bank',
    query: `
      select s.entity_id || ' settled ' || s.credit - s.debit || ', booked ' || ${BOOKED}
      from settlement_lines s
      left join ledger_transfers paid on paid.kind = 'settled_paid_out'
        and paid.cause = 'settlement:' || s.provider || ':' || s.entity_id || ':paid_out'
        and paid.debit_account_id = 'bank:' || s.provider || ':' || s.currency
      left join ledger_transfers kept on kept.kind = 'settled_kept_back'
        and kept.cause = 'settlement:' || s.provider || ':' || s.entity_id || ':kept_back'
        and kept.credit_account_id = 'bank:' || s.provider || ':' || s.currency
      where ${BOOKED} <> s.credit - s.debit`,
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
