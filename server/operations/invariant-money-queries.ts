/**
 * Money: captures and what became of them, and the ledger that tells the same. Each question finds no row when all is
 * well. Sums are taken in one pass over a table and then joined: a sum that is asked for each order anew takes a look-up
 * each, and there are millions.
 */
import { CONFIRMED, LIVE_REFUNDS, type Invariant } from './invariant.ts'

/** What the parts of each order cost, less what was given back of them. */
const SOLD = 'select order_id, sum(total - returned_amount) as amount from shop_orders group by 1'

/** The kinds of accounts that hold what an order was sold for. */
const EARNED = `('seller_payable', 'commission', 'delivery', 'tax', 'discounts')`

export const MONEY_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    name: 'a captured payment has an outcome: a confirmed order, a refund, or an open review item',
    query: `
      select a.provider_payment_id || ' captured ' || a.captured_amount || ', order ' || o.status
      from payment_attempts a join orders o on o.id = a.order_id
      left join (
        select attempt_id, sum(amount) as amount from refunds where status in ${LIVE_REFUNDS} group by 1
      ) back on back.attempt_id = a.id
      where a.captured_amount > 0
        and not (a.disposition = 'kept' and o.status in ${CONFIRMED})
        and a.captured_amount - a.written_off_amount > coalesce(back.amount, 0)
        and not exists (select from review_items i where i.attempt_id = a.id and i.resolved_at is null)`,
  },
  {
    id: 'I1',
    name: 'a confirmed order that is paid online has one capture of exactly its total, or of another amount that a person accepted',
    query: `
      with accepted as (
        -- A person accepted another amount: what it lacked was written off, what was over goes back.
        select a.id from payment_attempts a join orders o on o.id = a.order_id
        left join (
          select order_id, sum(amount) as amount from ledger_transfers
          where kind = 'write_off' and credit_account_id like 'customer_funds:%' group by 1
        ) lacked on lacked.order_id = a.order_id
        where a.disposition = 'kept' and a.captured_amount <> o.total
          and (o.total - a.captured_amount = lacked.amount or a.captured_amount > o.total
            and a.id in (select attempt_id from refunds where reason = 'over_payment'))
      )
      select o.number from orders o
      left join payment_attempts a on a.order_id = o.id and a.disposition = 'kept' and a.currency = o.currency
        and (a.captured_amount = o.total or a.id in (select id from accepted))
      where o.status in ${CONFIRMED} and o.payment_method = 'online'
      group by o.id having count(a.id) <> 1`,
  },
  {
    id: 'I2',
    name: 'no order keeps more captured money than its total, but what a person is asked about',
    query: `
      select o.number || ' keeps ' || k.kept || ' of ' || o.total from orders o join (
        select a.order_id, sum(a.captured_amount - a.refunding_amount - a.written_off_amount) as kept from payment_attempts a
        left join (
          select distinct attempt_id from review_items where attempt_id is not null and resolved_at is null
        ) asked on asked.attempt_id = a.id
        where a.disposition = 'kept' or a.disposition = 'surplus' and asked.attempt_id is null
        group by a.order_id
      ) k on k.order_id = o.id where k.kept > o.total`,
  },
  {
    id: 'I2',
    name: 'the amounts of an attempt are those of its refunds, and of a payment those of its attempts',
    query: `
      select a.provider_payment_id from payment_attempts a left join (
        select attempt_id, sum(amount) filter (where status in ${LIVE_REFUNDS}) as refunding,
          sum(amount) filter (where status = 'processed') as refunded
        from refunds group by 1
      ) back on back.attempt_id = a.id
      where a.refunding_amount <> coalesce(back.refunding, 0) or a.refunded_amount <> coalesce(back.refunded, 0)
      union all
      select p.id::text from payments p left join (
        select payment_id, currency, sum(captured_amount) as captured, sum(refunded_amount) as refunded
        from payment_attempts group by 1, 2
      ) tried on tried.payment_id = p.id and tried.currency = p.currency
      where p.captured_amount <> coalesce(tried.captured, 0) or p.refunded_amount <> coalesce(tried.refunded, 0)`,
  },
  {
    id: 'I3',
    name: 'what is held for an order in every currency is what was captured or written off, less what goes back and what is sold',
    query: `
      select o.number || ' ' || l.currency || ' holds ' || l.held from orders o join (
        select order_id, currency, sum(
          (credit_account_id like 'customer_funds:%')::int * amount
          - (debit_account_id like 'customer_funds:%')::int * amount) as held,
          sum(case when credit_account_id like 'customer_funds:%' then amount else -amount end)
            filter (where kind = 'write_off') as written_off
        from ledger_transfers where order_id is not null group by 1, 2
      ) l on l.order_id = o.id
      left join (
        select order_id, currency, sum(captured_amount - refunding_amount) as amount from payment_attempts group by 1, 2
      ) captured on captured.order_id = o.id and captured.currency = l.currency
      left join (${SOLD}) sold on sold.order_id = o.id
      where l.held <> coalesce(captured.amount, 0)
        - case when o.status in ${CONFIRMED} and l.currency = o.currency then sold.amount else 0 end
        + coalesce(l.written_off, 0)`,
  },
  {
    id: 'I3',
    name: "per order, the provider's clearing account, or our bank account, holds what was captured less what went back",
    query: `
      select o.number || ' ' || l.currency || ' ' || l.held from orders o join (
        select order_id, currency, sum(
          (debit_account_id like 'provider_clearing:%' or debit_account_id like 'bank:manual:%')::int * amount
          - (credit_account_id like 'provider_clearing:%' or credit_account_id like 'bank:manual:%')::int * amount) as held
        from ledger_transfers where order_id is not null and kind in ('capture', 'refund', 'refund_returned') group by 1, 2
      ) l on l.order_id = o.id
      left join (
        select order_id, currency, sum(captured_amount) as amount from payment_attempts group by 1, 2
      ) captured on captured.order_id = o.id and captured.currency = l.currency
      left join (
        select order_id, currency, sum(amount) as amount from refunds
        where status = 'processed' and destination = 'source' group by 1, 2
      ) back on back.order_id = o.id and back.currency = l.currency
      where l.held <> coalesce(captured.amount, 0) - coalesce(back.amount, 0)`,
  },
  {
    id: 'I3',
    name: 'what shops and we have earned of an order is its total less what was given back, and nothing when it does not stand',
    query: `
      select o.number || ' ' || coalesce(l.earned, 0) from orders o left join (
        select order_id, sum(
          (split_part(credit_account_id, ':', 1) in ${EARNED})::int * amount
          - (split_part(debit_account_id, ':', 1) in ${EARNED})::int * amount) as earned
        from ledger_transfers where order_id is not null group by 1
      ) l on l.order_id = o.id
      left join (${SOLD}) sold on sold.order_id = o.id
      where coalesce(l.earned, 0) <> case when o.status in ${CONFIRMED} then sold.amount else 0 end`,
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
        union all
        select sent.cause, sent.amount, sent.currency from ledger_transfers sent
        left join ledger_transfers back on back.kind = 'refund_returned'
          and back.cause = 'refund_returned:' || substr(sent.cause, 8)
        where sent.kind in ('refund', 'refund_to_wallet', 'refund_by_hand') and back.id is null
      ) t on t.cause = s.cause
      where s.amount is distinct from t.amount or s.currency is distinct from t.currency`,
  },
]
