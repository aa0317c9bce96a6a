/**
 * Money: captures and what became of them, and the ledger that tells the same. Each question finds no row when all is
 * well. Sums are taken in one pass over a table and then joined: a sum that is asked for each order anew takes a look-up
 * each, and there are millions.
 */
import { CONFIRMED, EARNED, isOf, LIVE_REFUNDS, type Invariant } from './invariant.ts'

/** What a transfer moves into accounts of some kinds, or out of them. */
const movedInto = (...kinds: string[]) =>
  `((${isOf('credit_account_id', kinds)})::int - (${isOf('debit_account_id', kinds)})::int) * amount`

/** In words, when an amount is not what it has to be. */
const differs = (what: string, amount: string) =>
  `case when ${amount} <> 0 then '${what} ' || abs(${amount}) || case when ${amount} > 0 then ' too much' else ' too little' end end`

export const MONEY_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    name: 'a captured payment has an outcome: a confirmed order, a refund, an open review item, or, from a wallet, an order that waits for its rest',
    query: `
      select a.provider_payment_id || ' captured ' || a.captured_amount || ', order ' || o.status
      from payment_attempts a join orders o on o.id = a.order_id
      left join (
        select attempt_id, sum(amount) as amount from refunds where status in ${LIVE_REFUNDS} group by 1
      ) back on back.attempt_id = a.id
      where a.captured_amount > 0
        and not (a.disposition = 'kept' and (o.status in ${CONFIRMED} or a.provider = 'wallet' and o.status = 'pending'))
        and a.captured_amount - a.written_off_amount > coalesce(back.amount, 0)
        and not exists (select from review_items i where i.attempt_id = a.id and i.resolved_at is null)`,
  },
  {
    id: 'I1',
    name: 'each share of a confirmed order, but cash, has one capture of exactly its amount, or of another that a person accepted',
    query: `
      select o.number from orders o
      left join payment_attempts a on a.order_id = o.id and a.disposition = 'kept' and a.currency = o.currency
      left join (
        select order_id, sum(amount) as amount from ledger_transfers
        where kind = 'write_off' and credit_account_id like 'customer_funds:%' group by 1
      ) lacked on lacked.order_id = o.id
      where o.status in ${CONFIRMED} and o.payment_method <> 'cod'
      group by o.id having count(a.id) filter (where a.provider = 'wallet' and a.captured_amount = o.wallet_amount)
          <> (o.wallet_amount > 0)::int
        or count(a.id) filter (where a.provider <> 'wallet' and (a.captured_amount = o.total - o.wallet_amount
          -- A person accepted another amount: what it lacked was written off, what was over goes back.
          or o.total - o.wallet_amount - a.captured_amount = lacked.amount
          or a.captured_amount > o.total - o.wallet_amount
            and a.id in (select attempt_id from refunds where reason = 'over_payment'))) <> (o.total > o.wallet_amount)::int`,
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
    name: 'of each order and currency the ledger holds what was captured, less what goes back and what is sold',
    query: `
      with told as (
        -- What is too much. All sums are of one type, or the tables would be read one after the other.
        select order_id, currency,
          -- Written off is into what is held, or else out of it: what did neither is found, because nothing left.
          ${movedInto('customer_funds')} - case when kind <> 'write_off' then 0
            when ${isOf('credit_account_id', ['customer_funds'])} then amount else -amount end as held,
          -- At the provider, in our bank account, or out of the wallet.
          case when kind in ('capture', 'refund', 'refund_returned')
            then -${movedInto('provider_clearing', 'bank:manual', 'wallet')} else 0 end as there,
          ${movedInto(...EARNED)} as earned
        from ledger_transfers where order_id is not null
        union all
        select order_id, currency, refunding_amount - captured_amount, -captured_amount, 0::bigint from payment_attempts
        union all
        select order_id, currency, 0::bigint, amount, 0::bigint from refunds
        where status = 'processed' and destination = 'source'
        union all
        select p.order_id, o.currency, p.total - p.returned_amount, 0::bigint, p.returned_amount - p.total
        from shop_orders p join orders o on o.id = p.order_id where o.status in ${CONFIRMED}
      ), sums as (
        select order_id, currency, sum(held) as held, sum(there) as there, sum(earned) as earned
        from told group by 1, 2 having sum(held) <> 0 or sum(there) <> 0 or sum(earned) <> 0
      )
      select o.number || ' ' || s.currency || ': ' || concat_ws(', ', ${differs('held for it', 's.held')},
        ${differs('at the provider or the bank', 's.there')}, ${differs('earned', 's.earned')})
      from sums s join orders o on o.id = s.order_id`,
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
