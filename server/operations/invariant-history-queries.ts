/** Effects, owners, histories, and what still waits. Each question finds no row when all is well. */
import { CONFIRMED, type HistoryMark, type Invariant } from './invariant.ts'

const newEvents = ({ seq }: HistoryMark) => `select order_id from events where seq > ${seq}`

/**
 * Orders of which anything has changed. A row that changed without an event is found by its own time; a transaction that
 * was open when the mark was made may have a time that is a little before it.
 */
const changedOrders = (mark: HistoryMark) => {
  const since = `'${new Date(mark.at.getTime() - OPEN_AT_MOST_MS).toISOString()}'`
  return `${newEvents(mark)}
    union select id from orders where updated_at >= ${since}
    union select order_id from shop_orders where updated_at >= ${since}
    union select order_id from payments where updated_at >= ${since}
    union select order_id from refunds where updated_at >= ${since}`
}
/** Far longer than any transaction of ours is open, and clocks of servers differ. */
const OPEN_AT_MOST_MS = 3_600_000

/**
 * Parts wrote no events of all their changes before this migration: the history of those that were placed since is whole,
 * and begins with their order's confirmation or its end.
 */
const PARTS_SINCE = `(select applied_at from schema_migrations where name = '0014_lines_given_back.sql')`

/**
 * Both in one pass over the events, which are most of the database.
 *
 * @param orders which orders it is asked about, as a selection of their ids; all when empty
 */
const legalAndWhole = (orders: string) => {
  const those = (id: string) => (orders === '' ? '' : `and ${id} in (select order_id from changed)`)
  return `
      with ${orders === '' ? '' : `changed (order_id) as materialized (${orders}),`} steps as (
        select order_id, subject, subject_id, from_status, to_status, first_value(from_status) over steps as beginning,
          coalesce(lag(to_status) over steps, case subject when 'payment' then 'creating' when 'shop_order' then 'pending' end) as before,
          lead(seq) over steps is null as is_last
        from events where subject in ('order', 'shop_order', 'payment', 'refund') and to_status is not null ${those('order_id')}
        window steps as (partition by order_id, subject, subject_id order by seq)
      ), changes as (
        select *, from_status is distinct from before and (subject <> 'shop_order' or beginning = 'pending') as is_illegal from steps
      ), present as (
        select 'order' as subject, id, id as order_id, status, true as is_last from orders where true ${those('id')}
        union all select 'shop_order', id, order_id, status, true from shop_orders
          where status <> 'pending' and created_at > ${PARTS_SINCE} ${those('order_id')}
        union all select 'payment', id, order_id, status, true from payments where status <> 'creating' ${those('order_id')}
        union all select 'refund', id, order_id, status, true from refunds where true ${those('order_id')}
      )
      select coalesce(c.subject, p.subject) || ' ' || coalesce(c.subject_id, p.id) || concat(
        case when c.is_illegal
          then ': ' || coalesce(c.before, 'nothing') || ' then ' || coalesce(c.from_status, 'nothing') || ' → ' || c.to_status end,
        case when p.status is distinct from c.to_status
          then ' is ' || p.status || ', last event says ' || coalesce(c.to_status, 'nothing') end)
      from (select * from changes where is_last or is_illegal) c full join present p
        on p.order_id = c.order_id and p.subject = c.subject and p.id = c.subject_id and p.is_last = c.is_last
      where c.is_illegal or p.id is not null and p.status is distinct from c.to_status`
}

/**
 * The table of `foldOrder` (orders/parts.ts). Of a part that was not sent its lines tell whether it is waited for.
 *
 * @param orders which orders it is asked about, as a selection of their ids; all when empty
 */
const foldedFromParts = (orders: string) => {
  const those = (id: string) => (orders === '' ? '' : `and ${id} in (select order_id from changed)`)
  return `
      with ${orders === '' ? '' : `changed (order_id) as materialized (${orders}),`} given_back as (
        select p.id from shop_orders p
        join order_items i on i.order_id = p.order_id and i.shop_order_id = p.id and i.kind <> 'delivery'
        where p.status in ('awaiting_acceptance', 'accepted') ${those('p.order_id')}
        group by 1 having bool_and(i.returned_quantity = i.quantity)
      ), parts as (
        select p.order_id, p.status, p.status not in ('rejected', 'cancelled') as is_living,
          p.status in ('shipped', 'delivered') as is_sent, g.id is not null as is_given_back
        from shop_orders p left join given_back g on g.id = p.id where true ${those('p.order_id')}
      ), folded as (
        select order_id, case when not bool_or(is_living) then 'cancelled'
          when bool_or(status = 'pending') then 'pending'
          when not bool_or(is_sent) or bool_or(is_living and not is_sent and not is_given_back) then 'confirmed'
          when bool_or(status = 'shipped') then 'shipped' else 'delivered' end as status
        from parts group by 1
      )
      select o.number || ' is ' || o.status || ', its parts make it ' || coalesce(f.status, 'nothing')
      from orders o left join folded f on f.order_id = o.id where o.status is distinct from f.status ${those('o.id')}`
}

const confirmedTwice = (orders: string) => `
      select order_id::text from events where subject = 'order' and to_status = 'confirmed'
        -- One that is to be sent after all was confirmed before.
        and type <> 'order.reopened'
        ${orders === '' ? '' : `and order_id in (${orders})`}
      group by order_id having count(*) > 1`

export const HISTORY_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I9',
    name: 'an order is confirmed once, and once more only after it was revived',
    query: confirmedTwice(''),
    querySince: (mark) => confirmedTwice(newEvents(mark)),
  },
  {
    id: 'I9',
    name: 'a request with a key made one order and has its answer when it is done',
    query: `
      -- Answers are emptied after some days; up to where is noted with the clean-up's place.
      select key from idempotency_keys where status = 'done' and response_body is null and created_at > (
        select coalesce(done_until, '-infinity') from timetable where name = 'empty_answers')
      union all select k.key from idempotency_keys k where k.status = 'done' and k.response_status = 201
        and k.endpoint = 'POST /api/orders' and not exists (select from orders o where o.id = k.effect_id)`,
  },
  {
    id: 'I10',
    name: 'ids that others gave us are known once',
    query: `
      select 'provider order ' || provider_order_id from payments where provider_order_id is not null
        group by provider, provider_order_id having count(*) > 1
      union all select 'attempt ' || provider_payment_id from payment_attempts
        group by provider, provider_payment_id having count(*) > 1
      union all select 'refund ' || provider_refund_id from refunds where provider_refund_id is not null
        group by provider, provider_refund_id having count(*) > 1
      union all select 'event ' || event_id from webhook_events group by provider, event_id having count(*) > 1
      union all select 'open payments of ' || order_id from payments
        where status in ('creating', 'created', 'verified', 'authorized', 'failed') group by order_id having count(*) > 1`,
  },
  {
    id: 'I11',
    name: "an order's status is what its parts make of it",
    query: foldedFromParts(''),
    querySince: (mark) => foldedFromParts(changedOrders(mark)),
  },
  {
    id: 'I11',
    name: "an order's payment status is that of its money",
    query: `
      select o.number || ' ' || o.status || '/' || o.payment_status from orders o
      where o.status in ${CONFIRMED} and o.payment_status not in ('paid', 'partially_refunded', 'refunded')
      union all
      select o.number || ' ' || o.status || '/' || o.payment_status from orders o join payment_attempts a on a.order_id = o.id
      where o.payment_status = 'refunded' and a.disposition = 'kept' and a.refunded_amount < a.captured_amount`,
  },
  {
    id: 'I11',
    name: 'an order that does not stand is under review while money of it waits for a person, and only then',
    query: `
      select distinct o.number || ' is ' || o.payment_status || ' while ' || a.provider_payment_id || ' waits'
      from payment_attempts a join orders o on o.id = a.order_id
      where (a.disposition = 'review' and a.captured_amount > a.written_off_amount
          or a.disposition = 'surplus' and a.captured_amount > a.refunding_amount + a.written_off_amount)
        and o.status not in ${CONFIRMED} and o.payment_status <> 'under_review'
      union all
      select o.number || ' is under review, and nothing waits' from orders o
      where o.payment_status = 'under_review' and not exists (
        select from payment_attempts a where a.order_id = o.id
          and (a.disposition = 'review' and a.captured_amount > a.written_off_amount
            or a.disposition = 'surplus' and a.captured_amount > a.refunding_amount + a.written_off_amount
            -- What the bank holds in another amount or currency than was asked for waits too.
            or a.status = 'authorized' and (a.amount <> o.total or a.currency <> o.currency)))`,
  },
  {
    id: 'I11',
    name: 'history is legal and whole: every change of an order, part, payment or refund starts where the last one ended, and the last led to its present status',
    query: legalAndWhole(''),
    querySince: (mark) => legalAndWhole(changedOrders(mark)),
  },
  {
    id: 'I12',
    name: 'nothing waits in silence: what is undecided has a due time or an open review item',
    query: `
      select 'payment ' || p.id from payments p
        where p.status in ('creating', 'created', 'verified', 'authorized') and p.next_look_at is null
      union all select 'refund ' || id from refunds r where status in ('requested', 'processing') and next_look_at is null
        and not (approval = 'pending' and exists (select from review_items i where i.refund_id = r.id and i.resolved_at is null))
      union all select 'event ' || event_id from webhook_events where status = 'received' and next_attempt_at is null
      union all select 'order ' || o.number from orders o where o.status = 'pending' and (o.expires_at is null
        -- Time ends every order but one whose shopper brought a signature; that one is asked about.
        or o.payment_status = 'verified' and not exists (
          select from payments p where p.order_id = o.id and p.status in ('verified', 'authorized') and p.next_look_at is not null))
      union all select 'failed refund ' || r.id from refunds r where r.status = 'failed' and r.approval <> 'declined' and not exists (
        select from review_items i where i.attempt_id = r.attempt_id)`,
  },
]
