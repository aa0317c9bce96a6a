/** The lines of orders: what they cost, who has what of it, and what was given back. Each question finds no row when all is well. */
import { CONFIRMED, type Invariant } from './invariant.ts'

/** A part that was sold and then ended: all of it is given back. */
const ENDED = `p.status in ('rejected', 'cancelled') and o.confirmed_at is not null`

/** A line's share, rounded down, of what is left of it. Nearly all of them are left whole. */
const shareOf = (amount: string) =>
  `case when part = whole then ${amount} else div(${amount}::numeric * part, whole)::bigint end`

export const LINE_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I3',
    name: 'each account has of an order its shares of what is left of the lines, and nothing of one that does not stand',
    query: `
      with lines as (
        select i.order_id, i.kind, p.shop_id, o.currency, i.total + i.tax - i.returned_amount as kept, i.commission, i.tax,
          i.discount,
          -- A line that cost nothing has shares all the same, where a discount took off all of its price.
          case when i.total + i.tax > 0 then i.total + i.tax - i.returned_amount else i.quantity - i.returned_quantity end as part,
          case when i.total + i.tax > 0 then i.total + i.tax else i.quantity end as whole
        from order_items i join shop_orders p on p.id = i.shop_order_id join orders o on o.id = i.order_id
        where o.status in ${CONFIRMED}
      ), shares as (
        select order_id, kind, shop_id, currency, kept, ${shareOf('commission')} as commission, ${shareOf('tax')} as tax,
          ${shareOf('discount')} as discount
        from lines
      ), parts as (
        select order_id, shop_id, currency, sum(commission) as commission, sum(tax) as tax, sum(discount) as discount,
          sum(kept - commission - tax + discount) filter (where kind <> 'delivery') as goods,
          sum(kept - commission - tax + discount) filter (where kind = 'delivery') as delivery
        from shares group by 1, 2, 3
      ), wanted as (
        select order_id, share.account, sum(share.amount) as amount from parts cross join lateral (values
          ('seller_payable:' || shop_id || ':' || currency, goods), ('delivery:' || shop_id || ':' || currency, delivery),
          ('tax:' || shop_id || ':' || currency, tax), ('commission:hundi:' || currency, commission),
          ('discounts:hundi:' || currency, -discount)
        ) as share (account, amount) where share.amount <> 0 group by 1, 2
      ), posted as (
        select t.order_id, side.account, sum(side.amount) as amount from ledger_transfers t cross join lateral (values
          (t.credit_account_id, t.amount), (t.debit_account_id, -t.amount)
        ) as side (account, amount)
        where side.account ~ '^(seller_payable|commission|delivery|tax|discounts):' group by 1, 2
      )
      select coalesce(w.order_id, p.order_id) || ' ' || coalesce(w.account, p.account) || ' has ' || coalesce(p.amount, 0)
        || ' of ' || coalesce(w.amount, 0)
      from wanted w full join posted p on p.order_id = w.order_id and p.account = w.account
      where coalesce(p.amount, 0) <> coalesce(w.amount, 0)`,
  },
  {
    id: 'I7',
    name: 'what was given back of a line is what refunds take back of it, and all of it where its part has ended',
    query: `
      select o.number || ' ' || i.title || ' gave back ' || i.returned_quantity || ' for ' || i.returned_amount
        || ', refunds take back ' || coalesce(t.quantity, 0) || ' for ' || coalesce(t.amount, 0)
      from order_items i join shop_orders p on p.id = i.shop_order_id join orders o on o.id = i.order_id
      left join (
        select (line->>'itemId')::uuid as item_id, sum((line->>'quantity')::bigint) as quantity,
          sum((line->>'amount')::bigint) as amount
        from refunds r cross join lateral jsonb_array_elements(r.lines) line where r.lines <> '[]' group by 1
      ) t on t.item_id = i.id
      where i.returned_quantity <> case when ${ENDED} then i.quantity else coalesce(t.quantity, 0) end
        or i.returned_amount <> case when ${ENDED} then i.total + i.tax else coalesce(t.amount, 0) end`,
  },
  {
    id: 'I7',
    name: 'what was given back of a part is what was given back of its lines, and no unit is back in stock that was not',
    query: `
      select o.number || ' gave back ' || p.returned_amount || ', its lines ' || l.amount || ', ' || l.unreturned || ' units too many in stock'
      from shop_orders p join orders o on o.id = p.order_id join (
        select shop_order_id, sum(returned_amount) as amount, sum(greatest(restocked - returned_quantity, 0)) as unreturned
        from order_items group by 1
      ) l on l.shop_order_id = p.id
      where p.returned_amount <> l.amount or l.unreturned > 0`,
  },
  {
    id: 'I7',
    name: 'an order has something left to send unless every unit of it was given back',
    query: `
      select o.number from orders o join (
        select order_id, bool_and(returned_quantity = quantity) as given_back from order_items where kind <> 'delivery' group by 1
      ) l on l.order_id = o.id where o.given_back <> l.given_back`,
  },
  {
    id: 'I8',
    name: 'an order, and each part of it, costs what its lines cost, and the lines of a part share its commission',
    query: `
      select o.number || ' of ' || p.shop_name from shop_orders p join orders o on o.id = p.order_id left join (
        select shop_order_id, coalesce(sum(unit_price * quantity) filter (where kind <> 'delivery'), 0) as subtotal,
          coalesce(sum(unit_price * quantity) filter (where kind = 'delivery'), 0) as delivery_fee,
          sum(discount) as discount, sum(tax) as tax, sum(total + tax) as total, sum(commission) as commission
        from order_items group by 1
      ) l on l.shop_order_id = p.id
      where (p.subtotal, p.delivery_fee, p.discount, p.tax, p.total)
          is distinct from (l.subtotal, l.delivery_fee, l.discount, l.tax, l.total)
        or l.commission <> div(p.subtotal::numeric * p.commission_bps, 10000)
      union all
      select o.number || ' with tax in its prices' from orders o join (
        select order_id, sum(tax_included) as tax_included from order_items group by 1
      ) l on l.order_id = o.id where o.tax_included <> l.tax_included`,
  },
]
