/** The lines of orders: what they cost, who has what of it, and what was given back. Each question finds no row when all is well. */
import { CONFIRMED, EARNED, isOf, type Invariant } from './invariant.ts'

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
          i.house_discount,
          -- A line that cost nothing has shares all the same, where a discount took off all of its price.
          case when i.total + i.tax > 0 then i.total + i.tax - i.returned_amount else i.quantity - i.returned_quantity end as part,
          case when i.total + i.tax > 0 then i.total + i.tax else i.quantity end as whole
        from order_items i join shop_orders p on p.id = i.shop_order_id join orders o on o.id = i.order_id
        where o.status in ${CONFIRMED}
      ), shares as (
        select order_id, kind, shop_id, currency, kept, ${shareOf('commission')} as commission, ${shareOf('tax')} as tax,
          ${shareOf('house_discount')} as discount
        from lines
      ), told (order_id, account, amount) as (
        -- Arrays, because a list of values is made ready anew for each line, which takes longer than all the rest.
        select order_id, kind || ':' || case when kind in ('commission', 'discounts') then 'hundi' else shop_id::text end
          || ':' || currency, -amount
        from (
          select order_id, shop_id, currency,
            unnest(array[case when kind = 'delivery' then 'delivery' else 'seller_payable' end, 'tax', 'commission', 'discounts']) as kind,
            unnest(array[kept - commission - tax + discount, tax, commission, -discount]) as amount
          from shares
        ) share where amount <> 0
        union all
        select order_id, credit_account_id, amount from ledger_transfers where ${isOf('credit_account_id', EARNED)}
        union all
        select order_id, debit_account_id, -amount from ledger_transfers where ${isOf('debit_account_id', EARNED)}
      )
      select coalesce(order_id::text, 'no order') || ' ' || account || ' has ' || abs(sum(amount))
        || case when sum(amount) > 0 then ' too much' else ' too little' end
      from told group by order_id, account having sum(amount) <> 0`,
  },
  {
    id: 'I7',
    name: 'what was given back of a line is what refunds take back of it, and all of it where its part has ended',
    query: `
      with back as (
        select (line->>'itemId')::uuid as item_id, sum((line->>'quantity')::bigint) as quantity,
          sum((line->>'amount')::bigint) as amount
        from refunds r cross join lateral jsonb_array_elements(r.lines) line where r.lines <> '[]' group by 1
      ), ended as (
        select p.id from shop_orders p join orders o on o.id = p.order_id
        where p.status in ('rejected', 'cancelled') and o.confirmed_at is not null
      ), touched as (
        -- Of all others nothing was given back, and nothing takes anything back.
        select i.id, i.order_id, i.title, i.returned_quantity, i.returned_amount, coalesce(back.quantity, 0) as quantity,
          coalesce(back.amount, 0) as amount
        from order_items i left join back on back.item_id = i.id left join ended on ended.id = i.shop_order_id
        where ended.id is null and (i.returned_quantity <> 0 or i.returned_amount <> 0 or back.item_id is not null)
        union all
        select i.id, i.order_id, i.title, i.returned_quantity, i.returned_amount, i.quantity, i.total + i.tax
        from order_items i join ended on ended.id = i.shop_order_id
      )
      select o.number || ' ' || t.title || ' gave back ' || t.returned_quantity || ' for ' || t.returned_amount
        || ', refunds take back ' || t.quantity || ' for ' || t.amount
      from touched t join orders o on o.id = t.order_id
      where t.returned_quantity <> t.quantity or t.returned_amount <> t.amount`,
  },
  {
    id: 'I8',
    name: 'an order, its parts and their lines say the same of what they cost and what was given back',
    query: `
      with lines as (
        select order_id, shop_order_id,
          coalesce(sum(unit_price * quantity) filter (where kind <> 'delivery'), 0) as subtotal,
          coalesce(sum(unit_price * quantity) filter (where kind = 'delivery'), 0) as delivery_fee,
          sum(discount) as discount, sum(tax) as tax, sum(tax_included) as tax_included, sum(total + tax) as total,
          sum(commission) as commission, sum(returned_amount) as returned,
          sum(greatest(restocked - returned_quantity, 0)) as unreturned,
          bool_and(returned_quantity = quantity) filter (where kind <> 'delivery') as given_back
        from order_items group by 1, 2
      ), parts as (
        -- Lines of a part of another order, or of none, stay alone here.
        select coalesce(p.order_id, l.order_id) as order_id, p.subtotal, p.discount, p.delivery_fee, p.tax, p.total,
          l.tax_included, l.given_back,
          case when p.id is null then 'it has lines that are of no part of it' else nullif(concat_ws(', ',
            case when (p.subtotal, p.delivery_fee, p.discount, p.tax, p.total)
                is distinct from (l.subtotal, l.delivery_fee, l.discount, l.tax, l.total)
              then p.shop_name || ' costs another amount than its lines' end,
            case when l.commission <> div(p.subtotal::numeric * p.commission_bps, 10000)
              then p.shop_name || ' bears another commission than its lines' end,
            case when p.returned_amount <> l.returned
              then p.shop_name || ' gave back ' || p.returned_amount || ', its lines ' || l.returned end,
            case when l.unreturned > 0
              then p.shop_name || ' has units back in stock that were not given back: ' || l.unreturned end), '')
          end as problem
        from shop_orders p full join lines l on l.shop_order_id = p.id and l.order_id = p.order_id
      ), sums as (
        select order_id, sum(subtotal) as subtotal, sum(discount) as discount, sum(delivery_fee) as delivery_fee,
          sum(tax) as tax, sum(total) as total, sum(tax_included) as tax_included, bool_and(given_back) as given_back,
          string_agg(problem, ', ') as problems
        from parts group by 1
      ), found as (
        select o.number, s.problems,
          o.total <> o.subtotal - o.discount + o.delivery_fee + o.tax
            or (o.subtotal, o.discount, o.delivery_fee, o.tax, o.total)
              is distinct from (s.subtotal, s.discount, s.delivery_fee, s.tax, s.total) as costs_other,
          o.tax_included is distinct from s.tax_included as includes_other,
          o.given_back is distinct from s.given_back as left_other
        from orders o left join sums s on s.order_id = o.id
      )
      select number || ': ' || concat_ws(', ', problems, case when costs_other then 'its price does not add up, or is not that of its parts' end,
        case when includes_other then 'it has other tax in its prices than its lines' end,
        case when left_other then 'it and its lines disagree on whether anything is left to send' end)
      from found where problems is not null or costs_other or includes_other or left_other`,
  },
]
