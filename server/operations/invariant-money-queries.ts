/** Money: captures and what became of them, and the ledger that tells the same. Each question finds no row when all is well. */
import { CONFIRMED, LIVE_REFUNDS, type Invariant } from './invariant.ts'

export const MONEY_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    name: 'a captured payment has an outcome: a confirmed order, a refund, or an open review item',
    query: `
      select a.provider_payment_id || ' captured ' || a.captured_amount || ', order ' || o.status
      from payment_attempts a join orders o on o.id = a.order_id
      where a.captured_amount > 0
        and not (a.disposition = 'kept' and o.status in ${CONFIRMED})
        and a.captured_amount - a.written_off_amount > coalesce((
          select sum(r.amount) from refunds r where r.attempt_id = a.id and r.status in ${LIVE_REFUNDS}), 0)
        and not exists (select from review_items i where i.attempt_id = a.id and i.resolved_at is null)`,
  },
  {
    id: 'I1',
    name: 'a confirmed order that is paid online has one capture of exactly its total, or of another amount that a person accepted',
    query: `
      select o.number from orders o where o.status in ${CONFIRMED} and o.payment_method = 'online' and 1 <> (
        select count(*) from payment_attempts a where a.order_id = o.id and a.disposition = 'kept'
          and a.currency = o.currency
          and (a.captured_amount = o.total
            -- A person accepted another amount: what it lacked was written off, what was over goes back.
            or a.captured_amount < o.total and o.total - a.captured_amount = (
              select sum(t.amount) from ledger_transfers t
              where t.order_id = o.id and t.kind = 'write_off' and t.credit_account_id like 'customer_funds:%')
            or a.captured_amount > o.total and exists (
              select from refunds r where r.attempt_id = a.id and r.reason = 'over_payment')))`,
  },
  {
    id: 'I2',
    name: 'no order keeps more captured money than its total, but what a person is asked about',
    query: `
      select o.number || ' keeps ' || k.kept || ' of ' || o.total from orders o join (
        select a.order_id, sum(a.captured_amount - a.refunding_amount - a.written_off_amount) as kept from payment_attempts a
        where a.disposition = 'kept' or a.disposition = 'surplus' and not exists (
          select from review_items i where i.attempt_id = a.id and i.resolved_at is null)
        group by a.order_id
      ) k on k.order_id = o.id where k.kept > o.total`,
  },
  {
    id: 'I2',
    name: 'the amounts of an attempt are those of its refunds, and of a payment those of its attempts',
    query: `
      select a.provider_payment_id from payment_attempts a
      where a.refunding_amount <> coalesce((
          select sum(r.amount) from refunds r where r.attempt_id = a.id and r.status in ${LIVE_REFUNDS}), 0)
        or a.refunded_amount <> coalesce((
          select sum(r.amount) from refunds r where r.attempt_id = a.id and r.status = 'processed'), 0)
      union all
      select p.id::text from payments p
      where (p.captured_amount, p.refunded_amount) <> (
        select coalesce(sum(a.captured_amount), 0), coalesce(sum(a.refunded_amount), 0)
        from payment_attempts a where a.payment_id = p.id and a.currency = p.currency)`,
  },
  {
    id: 'I3',
    name: 'what is held for an order in every currency is what was captured or written off, less what goes back and what is sold',
    query: `
      select o.number || ' ' || l.currency || ' holds ' || l.held from orders o join (
        select order_id, currency, sum(
          (credit_account_id like 'customer_funds:%')::int * amount
          - (debit_account_id like 'customer_funds:%')::int * amount) as held
        from ledger_transfers group by 1, 2
      ) l on l.order_id = o.id
      where l.held <> coalesce((
          select sum(a.captured_amount - a.refunding_amount) from payment_attempts a
          where a.order_id = o.id and a.currency = l.currency), 0)
        - case when o.status in ${CONFIRMED} and l.currency = o.currency
            then (select sum(p.total - p.returned_amount) from shop_orders p where p.order_id = o.id) else 0 end
        + coalesce((
          select sum(case when t.credit_account_id like 'customer_funds:%' then t.amount else -t.amount end)
          from ledger_transfers t where t.order_id = o.id and t.currency = l.currency and t.kind = 'write_off'), 0)`,
  },
  {
    id: 'I3',
    name: "per order, the provider's clearing account, or our bank account, holds what was captured less what went back",
    query: `
      select o.number || ' ' || l.currency || ' ' || l.held from orders o join (
        select order_id, currency, sum(
          (debit_account_id ~ '^(provider_clearing|bank:manual):')::int * amount
          - (credit_account_id ~ '^(provider_clearing|bank:manual):')::int * amount) as held
        from ledger_transfers where kind in ('capture', 'refund', 'refund_returned') group by 1, 2
      ) l on l.order_id = o.id
      where l.held <> coalesce((
          select sum(a.captured_amount) from payment_attempts a where a.order_id = o.id and a.currency = l.currency), 0)
        - coalesce((
          select sum(r.amount) from refunds r where r.order_id = o.id and r.currency = l.currency
            and r.status = 'processed' and r.destination = 'source'), 0)`,
  },
  {
    id: 'I3',
    name: 'what shops and we have earned of an order is its total less what was given back, and nothing when it does not stand',
    query: `
      select o.number || ' ' || coalesce(l.earned, 0) from orders o left join (
        select order_id, sum(case when credit_account_id ~ '^(seller_payable|commission|delivery|tax|discounts):' then amount else 0 end
          - case when debit_account_id ~ '^(seller_payable|commission|delivery|tax|discounts):' then amount else 0 end) as earned
        from ledger_transfers group by 1
      ) l on l.order_id = o.id
      where coalesce(l.earned, 0) <> case when o.status in ${CONFIRMED}
        then (select sum(p.total - p.returned_amount) from shop_orders p where p.order_id = o.id) else 0 end`,
  },
  {
    id: 'I4',
    name: 'captures and processed refunds have one transfer each, and no such transfer is without its cause',
    query: `
      select coalesce(s.cause, t.cause) || ' ' || coalesce(s.amount, 0) || ' / ' || coalesce(t.amount, 0) from (
        select 'capture:' || id as cause, captured_amount as amount, currency from payment_attempts where captured_amount > 0
        union all select 'refund_owed:' || id, amount, currency from refunds
        union all select 'refund:' || id, amount, currency from refunds where status = 'processed'
        union all select 'refund_given_up:' || id, amount, currency from refunds where status = 'failed'
      ) s full join (
        select cause, amount, currency from ledger_transfers
        where kind in ('capture', 'refund_owed', 'refund_given_up')
          or (kind in ('refund', 'refund_to_wallet', 'refund_by_hand') and not exists (
            select from ledger_transfers back where back.cause = 'refund_returned:' || substr(ledger_transfers.cause, 8)))
      ) t on t.cause = s.cause
      where s.amount is distinct from t.amount or s.currency is distinct from t.currency`,
  },
]
