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
      select o.number || ' took ' || coalesce(-m.quantity, 0) from orders o
      join (select order_id, product_id, sum(quantity - restocked) as quantity from order_items
        where product_id is not null group by 1, 2) l on l.order_id = o.id
      left join (select order_id, product_id, sum(quantity) as quantity from inventory_movements group by 1, 2) m
        on m.order_id = o.id and m.product_id = l.product_id
      where coalesce(-m.quantity, 0) <> case when o.stock = 'deducted' then l.quantity else 0 end`,
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
    name: 'an order costs what its lines and its parts cost, and its payments ask for no other amount',
    query: `
      select o.number from orders o
      left join (
        select order_id, sum(subtotal) as subtotal, sum(discount) as discount, sum(delivery_fee) as delivery_fee,
          sum(tax) as tax, sum(total) as total
        from shop_orders group by 1
      ) parts on parts.order_id = o.id
      left join (
        select order_id, sum(unit_price * quantity) as subtotal from order_items where kind <> 'delivery' group by 1
      ) lines on lines.order_id = o.id
      where o.total <> o.subtotal - o.discount + o.delivery_fee + o.tax
        or (o.subtotal, o.discount, o.delivery_fee, o.tax, o.total)
          is distinct from (parts.subtotal, parts.discount, parts.delivery_fee, parts.tax, parts.total)
        or o.subtotal is distinct from lines.subtotal
      union all
      select o.number from orders o join payments p on p.order_id = o.id
      where p.amount <> o.total or p.currency <> o.currency`,
  },
]
