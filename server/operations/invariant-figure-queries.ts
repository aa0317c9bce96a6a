/**
 * The figures of the dashboard: what has been added up and what has moved since are together what the orders and the books
 * say. Asked only once all orders are counted. Each question finds no row when all is well.
 */
import type { Invariant } from './invariant.ts'

const COMPLETE = `exists (select from figures where counted_from = '-infinity')`

export const FIGURE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I4',
    name: 'what figures say was sold, and taken back, is what the ledger says',
    query: `
      with added as (
        select currency, sum(sold) as sold, sum(returned) as returned from (
          select currency, sold, returned from sales_totals
          union all select currency, sold, returned from order_moves
        ) each group by 1
      ), booked as (
        -- An order's price leaves the customers' funds when it is sold, and comes back into them as it is taken back.
        select currency,
          sum(amount) filter (where kind in ('sale', 'commission', 'delivery', 'tax') and debit_account_id like 'customer\\_funds:%') as sold,
          sum(case when kind like '%\\_reversed' and credit_account_id like 'customer\\_funds:%' then amount
            when kind like '%\\_restored' and debit_account_id like 'customer\\_funds:%' then -amount end) as returned
        from ledger_transfers group by 1
      )
      select currency || ': figures say ' || coalesce(a.sold, 0) || ' sold and ' || coalesce(a.returned, 0) || ' taken back, the ledger '
        || coalesce(b.sold, 0) || ' and ' || coalesce(b.returned, 0)
      from added a full join booked b using (currency)
      where ${COMPLETE} and (coalesce(a.sold, 0) <> coalesce(b.sold, 0) or coalesce(a.returned, 0) <> coalesce(b.returned, 0))`,
  },
  {
    id: 'I12',
    name: 'every order is counted in the figures, in the states that it is in',
    query: `
      with counted as (
        select currency, payment_method, stage, payment_status, sum(orders) as orders from (
          select currency, payment_method, stage, payment_status, orders from order_totals
          union all
          select currency, payment_method, to_stage, to_payment_status, 1 from order_moves where to_stage is not null
          union all
          select currency, payment_method, from_stage, from_payment_status, -1 from order_moves where from_stage is not null
        ) each group by 1, 2, 3, 4
      ), there as (
        select currency, payment_method, case when status = 'confirmed' and given_back then 'given_back' else status end as stage,
          payment_status, count(*) as orders from orders group by 1, 2, 3, 4
      )
      select stage || '/' || payment_status || ' in ' || currency || ': figures count ' || coalesce(c.orders, 0)
        || ' orders, there are ' || coalesce(t.orders, 0)
      from counted c full join there t using (currency, payment_method, stage, payment_status)
      where ${COMPLETE} and coalesce(c.orders, 0) <> coalesce(t.orders, 0)`,
  },
]
