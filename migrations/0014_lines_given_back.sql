-- A line of an order knows its whole price, who gets what of it, and what of it was given back; delivery is a line as the
-- goods are; and a refund names the lines that it takes back. What is there already is shared out over its lines.

alter table order_items
  -- Tax that is not in the price: the line costs its total and this. Tax that is in it.
  add column tax bigint not null default 0 check (tax >= 0),
  add column tax_included bigint not null default 0 check (tax_included >= 0),
  -- Our share. The lines of a part share what the part bears, to the last minor unit.
  add column commission bigint not null default 0,
  -- Units that were given back, whatever becomes of their money, and what of the price went back.
  add column returned_quantity integer not null default 0,
  add column returned_amount bigint not null default 0;
alter table order_items drop constraint order_items_kind_check;
alter table order_items add constraint order_items_kind_check check (kind in ('product', 'membership', 'top_up', 'delivery'));

-- What a refund takes back of which line: [{"itemId", "quantity", "amount"}]. Empty for money that never paid for anything.
-- `parts` said it of parts before; nothing reads it any more.
alter table refunds add column lines jsonb not null default '[]';

-- Every unit was given back: nothing is left to send.
alter table orders add column given_back boolean not null default false;

-- What was included in prices: gross × rate ÷ (1 + rate), rounded half up.
create function pg_temp.included_tax(gross bigint, rate_bps integer) returns bigint language sql immutable as $$
  select div(2::numeric * gross * rate_bps + 10000 + rate_bps, 2::numeric * (10000 + rate_bps))::bigint $$;

-- An amount over weights so that of more no part gets less: each part is rounded half up of what those before it have left.
create function pg_temp.spread(amount numeric, weights numeric[]) returns bigint[] language plpgsql immutable as $$
declare
  whole numeric := (select coalesce(sum(weight), 0) from unnest(weights) as weight);
  parts bigint[] := '{}';
  part bigint;
  weight numeric;
begin
  amount := least(amount, whole);
  foreach weight in array weights loop
    part := case when whole = 0 then 0 else div(2 * amount * weight + whole, 2 * whole) end;
    parts := parts || part;
    amount := amount - part;
    whole := whole - weight;
  end loop;
  return parts;
end $$;

-- Delivery, after the goods. It is one supply with them, and carries the tax rate of the part's dearest line.
insert into order_items (id, order_id, shop_order_id, position, kind, title, unit_price, quantity, discount, tax_rate_bps,
  total, tax_included)
select gen_random_uuid(), p.order_id, p.id, last.position + row_number() over (partition by p.order_id order by p.id),
  'delivery', 'Delivery', p.delivery_fee, 1, 0, dearest.tax_rate_bps, p.delivery_fee,
  pg_temp.included_tax(p.delivery_fee, dearest.tax_rate_bps)
from shop_orders p
cross join lateral (select max(i.position) as position from order_items i where i.order_id = p.order_id) last
cross join lateral (
  select i.tax_rate_bps from order_items i where i.order_id = p.order_id and i.shop_order_id = p.id
  order by i.total desc, i.position limit 1
) dearest
where p.delivery_fee > 0;

-- What the part's commission, rounded down, comes to for each line: by largest remainder, of equal ones to the earlier line.
with shares as (
  select i.id, i.position, i.shop_order_id, part.commission as whole,
    div(part.commission * (i.unit_price * i.quantity), greatest(p.subtotal, 1)) as share,
    mod(part.commission * (i.unit_price * i.quantity), greatest(p.subtotal, 1)) as remainder
  from order_items i join shop_orders p on p.id = i.shop_order_id
  cross join lateral (select div(p.subtotal::numeric * p.commission_bps, 10000) as commission) part
  where i.kind <> 'delivery'
), ranked as (
  select id, share, whole - sum(share) over (partition by shop_order_id) as rest,
    row_number() over (partition by shop_order_id order by remainder desc, position) as rank
  from shares
)
update order_items i
set commission = ranked.share + (ranked.rank <= ranked.rest)::int, tax_included = pg_temp.included_tax(i.total, i.tax_rate_bps)
from ranked where ranked.id = i.id;

do $$
declare
  part record;
  refund record;
  difference record;
  ids uuid[];
  gross bigint[];
  units integer[];
  before bigint[];
  after bigint[];
  done bigint;
  returned integer[];
  given integer[];
  named integer;
  is_over boolean;
  taken jsonb;
begin
  -- Tax that is not in prices, where a part has some.
  for part in select * from shop_orders where tax > 0 loop
    select array_agg(id order by position), array_agg(total order by position) into ids, gross
    from order_items where order_id = part.order_id and shop_order_id = part.id;
    after := pg_temp.spread(least(part.tax, (select sum(g) from unnest(gross) g)), gross);
    for n in 1..cardinality(ids) loop
      update order_items set tax = after[n], tax_included = 0 where id = ids[n];
    end loop;
  end loop;

  for part in
    select p.*, o.status as order_status, o.confirmed_at from shop_orders p join orders o on o.id = p.order_id
    where p.returned_amount > 0 or p.status = 'rejected' or p.status = 'cancelled' and o.confirmed_at is not null
      or p.order_id in (select order_id from refunds where restock <> '[]')
  loop
    select array_agg(id order by position), array_agg(total + tax order by position),
      array_agg(quantity order by position)
    into ids, gross, units from order_items where order_id = part.order_id and shop_order_id = part.id;
    after := pg_temp.spread(part.returned_amount, gross);
    -- Of a part that ended after it was sold every unit came back; so did those of a line whose money went back whole.
    returned := units;
    is_over := part.returned_amount = part.total or part.status = 'rejected'
      or part.status = 'cancelled' and part.confirmed_at is not null;
    for n in 1..cardinality(ids) loop
      select least(units[n], coalesce(sum((unit->>'quantity')::integer), 0)) into named
      from refunds r cross join lateral jsonb_array_elements(r.restock) unit
      where r.order_id = part.order_id and r.approval <> 'declined' and (unit->>'itemId')::uuid = ids[n];
      returned[n] := case when is_over or gross[n] > 0 and after[n] = gross[n] then units[n] else named end;
      update order_items set returned_amount = after[n], returned_quantity = returned[n] where id = ids[n];
    end loop;

    -- Refund by refund, each what it adds to those before it. Those that were declined, or made at the provider's
    -- dashboard and failed, had put the sale back.
    done := 0;
    given := array_fill(0, array[cardinality(ids)]);
    for refund in
      select r.id, r.restock, (taking->>'amount')::bigint as amount
      from refunds r cross join lateral jsonb_array_elements(r.parts) taking
      where r.order_id = part.order_id and (taking->>'shopOrderId')::uuid = part.id
        and r.approval <> 'declined' and not (r.status = 'failed' and r.reason = 'made_at_provider')
      order by r.created_at, r.id
    loop
      before := pg_temp.spread(done, gross);
      done := done + refund.amount;
      after := pg_temp.spread(done, gross);
      taken := '[]';
      for n in 1..cardinality(ids) loop
        select coalesce(sum((unit->>'quantity')::integer), 0) into named
        from jsonb_array_elements(refund.restock) unit where (unit->>'itemId')::uuid = ids[n];
        named := least(named, returned[n] - given[n]);
        -- The last money of a line, or of its part, brings the rest of its units.
        if after[n] = gross[n] and (after[n] > before[n] or done >= part.total) then
          named := returned[n] - given[n];
        end if;
        given[n] := given[n] + named;
        if named > 0 or after[n] > before[n] then
          taken := taken || jsonb_build_object('itemId', ids[n], 'quantity', named, 'amount', after[n] - before[n]);
        end if;
      end loop;
      update refunds set lines = lines || taken where id = refund.id;
    end loop;

    -- What the accounts have of a part that stands was shrunk over all of it; now each share shrinks with its own line.
    continue when part.order_status not in ('confirmed', 'shipped', 'delivered')
      or part.status in ('rejected', 'cancelled') or part.returned_amount in (0, part.total);
    for difference in
      with left_of as (
        select kind, total + tax - returned_amount as kept,
          div(commission::numeric * (total + tax - returned_amount), greatest(total + tax, 1)) as commission,
          div(tax::numeric * (total + tax - returned_amount), greatest(total + tax, 1)) as tax,
          div(discount::numeric * (total + tax - returned_amount), greatest(total + tax, 1)) as discount
        from order_items where order_id = part.order_id and shop_order_id = part.id
      ), wanted as (
        select 'commission' as kind, 'commission:hundi' as account, sum(commission) as amount from left_of
        union all select 'tax', 'tax:' || part.shop_id, sum(tax) from left_of
        union all select 'discount', 'discounts:hundi', -sum(discount) from left_of
        union all select 'delivery', 'delivery:' || part.shop_id, coalesce(sum(kept - tax + discount), 0)
          from left_of where left_of.kind = 'delivery'
      ), posted as (
        select t.currency, side.account, sum(side.amount) as amount
        from ledger_transfers t
        cross join lateral (values (t.credit_account_id, t.amount), (t.debit_account_id, -t.amount)) as side (account, amount)
        where t.order_id = part.order_id and split_part(t.cause, ':', 2) = part.id::text
          and split_part(t.cause, ':', 1) in ('sale', 'commission', 'delivery', 'tax', 'discount')
        group by 1, 2
      )
      select w.kind, w.account || ':' || o.currency as account, o.currency, w.amount - coalesce(p.amount, 0) as amount
      from wanted w join orders o on o.id = part.order_id
      left join posted p on p.account = w.account || ':' || o.currency
      where w.amount <> coalesce(p.amount, 0)
    loop
      insert into ledger_accounts (id, kind, owner, currency)
      select difference.account, split_part(difference.account, ':', 1), split_part(difference.account, ':', 2), difference.currency
      on conflict (id) do nothing;
      insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
      select gen_random_uuid(), 'sale_reshared',
        case when difference.amount > 0 then payable else difference.account end,
        case when difference.amount > 0 then difference.account else payable end,
        abs(difference.amount), difference.currency, part.order_id, 'reshared:' || part.id || ':' || difference.kind,
        greatest(now(), (select closed_until from ledger_closing))
      from (select 'seller_payable:' || part.shop_id || ':' || difference.currency as payable) shop;
    end loop;
  end loop;

  update orders o set given_back = true
  from (
    select order_id from order_items where order_id in (select order_id from order_items where returned_quantity > 0)
    group by order_id having bool_and(kind = 'delivery' or returned_quantity = quantity)
  ) back where back.order_id = o.id;
end $$;

alter table order_items
  add constraint order_items_commission check (commission between 0 and total + discount),
  add constraint order_items_returned check (
    returned_quantity between 0 and quantity and returned_amount between 0 and total + tax);
alter table order_items drop constraint order_items_restocked;
alter table order_items add constraint order_items_restocked check (restocked between 0 and returned_quantity);

-- Few orders stand although all of them was given back, and the list would look for them long.
create index orders_given_back on orders (created_at desc, id desc) where given_back and status = 'confirmed';
