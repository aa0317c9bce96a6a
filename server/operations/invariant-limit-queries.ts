/** Limits, owners, the ledger by itself, the last reconciliation, and what is late. Each question finds no row when all is well. */
import type { Invariant } from './invariant.ts'

export const LIMIT_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I2',
    name: 'no attempt was captured above its amount, and none gives back more than was captured',
    query: `
      select provider_payment_id || ' captured ' || captured_amount || ' of ' || amount || ', gives back ' || refunding_amount
      from payment_attempts
      where captured_amount > amount or refunding_amount > captured_amount or refunded_amount > refunding_amount`,
  },
  {
    id: 'I3',
    name: 'every transfer moves an amount between two accounts of its currency that were opened',
    query: `
      select t.id || ' ' || t.debit_account_id || ' → ' || t.credit_account_id || ' ' || t.amount || ' ' || t.currency
      from ledger_transfers t
      left join ledger_accounts d on d.id = t.debit_account_id
      left join ledger_accounts c on c.id = t.credit_account_id
      where t.amount <= 0 or t.debit_account_id = t.credit_account_id
        or d.currency is distinct from t.currency or c.currency is distinct from t.currency`,
  },
  {
    id: 'I3',
    name: 'the totals of closed days are those of their transfers',
    query: `
      select coalesce(t.account_id, s.account_id) || ' on ' || coalesce(t.day, s.day) from (
        select account_id, day, debits, credits, debits_to_date, credits_to_date,
          sum(debits) over up_to_here as all_debits, sum(credits) over up_to_here as all_credits
        from ledger_day_totals window up_to_here as (partition by account_id order by day)
      ) t full join (
        -- First by both accounts, in one pass; what that leaves is little.
        select account_id, day, sum(debit) as debits, sum(credit) as credits from (
          select debit_account_id, credit_account_id, (created_at at time zone 'UTC')::date as day, sum(amount) as amount
          from ledger_transfers
          -- By the day, because nearly all are of closed days: by their time they would be looked up.
          where (created_at at time zone 'UTC')::date < (select (totalled_until at time zone 'UTC')::date from ledger_closing)
          group by 1, 2, 3
        ) moved cross join lateral (
          values (debit_account_id, amount, 0), (credit_account_id, 0, amount)) as side (account_id, debit, credit)
        group by 1, 2
      ) s on s.account_id = t.account_id and s.day = t.day
      where t.debits is distinct from s.debits or t.credits is distinct from s.credits
        or t.debits_to_date <> t.all_debits or t.credits_to_date <> t.all_credits`,
  },
  {
    id: 'I5',
    name: "of each difference that the last comparison with a provider's books left, a person is asked",
    query: `
      select r.provider || ' ' || l.subject || ' ' || l.provider_ref || ': ' || l.outcome || ', ' || l.detail
      from (
        select distinct on (provider) id, provider from reconciliation_runs where status = 'completed'
        order by provider, started_at desc
      ) r join reconciliation_lines l on l.run_id = r.id
      where l.outcome = 'healing'
        -- What we have and they do not is a difference where money stands behind it.
        or (l.outcome in ('unknown_here', 'differs', 'unreadable') or l.outcome = 'unknown_there' and l.our_amount is not null)
          and not exists (select from review_items i where i.id = l.review_item_id)`,
  },
  {
    id: 'I7',
    name: 'a wallet holds what its transfers have left in it, and never less than nothing',
    query: `
      select coalesce(w.account, l.account) || ' holds ' || coalesce(w.balance, 0) || ', transfers say ' || coalesce(l.balance, 0)
      from (select 'wallet:' || user_id || ':' || currency as account, balance from wallets) w
      full join (
        select account, sum(amount) as balance from (
          select credit_account_id as account, amount from ledger_transfers where credit_account_id like 'wallet:%'
          union all
          select debit_account_id, -amount from ledger_transfers where debit_account_id like 'wallet:%'
        ) moved group by account
      ) l on l.account = w.account
      where coalesce(w.balance, 0) <> coalesce(l.balance, 0) or w.balance < 0`,
  },
  {
    id: 'I7',
    name: 'no part of an order gives back more than it sold, and no line puts back more units than it took',
    query: `
      select o.number || ' gives back ' || p.returned_amount || ' of ' || p.total from shop_orders p join orders o on o.id = p.order_id
      where p.returned_amount not between 0 and p.total
      union all
      select o.number || ' puts back ' || i.restocked || ' of ' || i.quantity from order_items i join orders o on o.id = i.order_id
      where i.restocked not between 0 and i.quantity`,
  },
  {
    id: 'I7',
    name: 'what two people must agree to was agreed to by two',
    query: `
      select id || ' of ' || amount || ' ' || currency from refunds
      where approval = 'approved' and (approved_by is null or approved_by = requested_by)
        or approval = 'pending' and status <> 'requested'
        or approval = 'declined' and status <> 'failed'`,
  },
  {
    id: 'I10',
    name: 'what belongs together belongs to one order',
    query: `
      select 'attempt ' || a.provider_payment_id from payment_attempts a join payments p on p.id = a.payment_id
        where a.order_id <> p.order_id or a.provider <> p.provider
      union all
      select 'refund ' || r.id from refunds r join payment_attempts a on a.id = r.attempt_id
        where r.order_id <> a.order_id or r.payment_id <> a.payment_id or r.provider <> a.provider or r.currency <> a.currency
      union all
      select 'wallet payment ' || a.id from payment_attempts a join orders o on o.id = a.order_id
        left join ledger_transfers t on t.cause = 'capture:' || a.id
        where a.provider = 'wallet' and a.captured_amount > 0
          and t.debit_account_id is distinct from 'wallet:' || o.user_id || ':' || a.currency
      union all
      select 'wallet refund ' || t.id from ledger_transfers t join orders o on o.id = t.order_id
        where t.kind = 'refund_to_wallet' and t.credit_account_id is distinct from 'wallet:' || o.user_id || ':' || t.currency`,
  },
  {
    id: 'I12',
    name: 'nothing that fell due was forgotten for a day',
    query: `
      select 'payment ' || id || ' since ' || next_look_at from payments where next_look_at < now() - interval '1 day'
      union all select 'refund ' || id || ' since ' || next_look_at from refunds where next_look_at < now() - interval '1 day'
      union all select 'event ' || event_id || ' since ' || next_attempt_at from webhook_events
        where next_attempt_at < now() - interval '1 day'
      union all select 'order ' || number || ' since ' || expires_at from orders
        where status = 'pending' and payment_status <> 'verified' and expires_at < now() - interval '1 day'
      union all select 'comparison of books ' || id || ' since ' || next_step_at from reconciliation_runs run
        where next_step_at < now() - interval '1 day' and not exists (
          select from reconciliation_runs earlier where earlier.provider = run.provider and earlier.next_step_at is not null
            and (earlier.started_at, earlier.id) < (run.started_at, run.id))
      union all select name || ' since ' || due_at from timetable where due_at < now() - interval '1 day'`,
  },
]
