/** Orders: units of stock, and prices. Each question finds no row when all is well. */
import type { Invariant } from './invariant.ts'

export const ORDER_INVARIANTS: readonly Invariant[] = [
  {
    id: 'I6',
    name: 'stock: 0 <= reserved <= on hand, on hand is the sum of movements, reserved that of waiting orders',
    query: `
      select i.product_id || ' on hand ' || i.on_hand || ', reserved ' || i.reserved from inventory i
      left join (
        select product_id, sum(quantity) as quantity from inventory_movements group by 1
      ) moved on moved.product_id = i.product_id
      left join (
        select l.product_id, sum(l.quantity) as quantity from order_items l join orders o on o.id = l.order_id
        where o.stock = 'reserved' group by 1
      ) waiting on waiting.product_id = i.product_id
      where i.reserved < 0 or i.reserved > i.on_hand
        or i.on_hand <> coalesce(moved.quantity, 0) or i.reserved <> coalesce(waiting.quantity, 0)`,
  },
  {
    id: 'I6',
    name: 'what an order took from stock is what its lines say while it stands, and nothing when it does not',
    query: `
      select coalesce(o.number, each.order_id::text) || ' took ' || took || ' of ' || sold || ' of product ' || product_id from (
        select order_id, product_id, sum(took) as took, sum(sold) as sold from (
          select l.order_id, l.product_id, 0 as took, case when o.stock = 'deducted' then l.quantity - l.restocked else 0 end as sold
          from order_items l join orders o on o.id = l.order_id where l.product_id is not null
          union all
          select order_id, product_id, -quantity, 0 from inventory_movements where order_id is not null
        ) sides group by 1, 2 having sum(took) <> sum(sold)
      ) each left join orders o on o.id = each.order_id`,
  },
  {
    id: 'I6',
    name: 'units are reserved while an order waits, taken while it stands, given back when it is cancelled',
    query: `
      select o.number || ' ' || o.status || ' with units ' || o.stock from orders o
      where o.stock <> case when o.status = 'pending' then 'reserved' when o.status = 'cancelled' then 'released'
        else 'deducted' end`,
  },
  {
    id: 'I8',
    name: 'the payments of an order ask for what their share of it costs',
    query: `
      select o.number from orders o join payments p on p.order_id = o.id
      where p.amount <> case when p.provider = 'wallet' then o.wallet_amount else o.total - o.wallet_amount end
        or p.currency <> o.currency`,
  },
]
