-- Figures of orders and sales that take the same small time to read however many orders there are: totals per day, and
-- what has moved since they were added up. A pass adds up what has moved and deletes it in one transaction, so nothing is
-- counted twice or left out, whatever commits late and whoever dies; whoever reads adds up both, in one statement.

-- What moved: a new order, an order in another state, a sale, something taken back of one. Written by triggers, so that no
-- statement that changes an order can forget it. No index: it holds seconds of work, and is read as a whole.
create table order_moves (
  -- When the order was placed.
  placed_at timestamptz not null,
  currency text not null,
  payment_method text not null,
  -- The states that it left and came to; null for a new order, and for one that stays where it is. A stage is a status, or
  -- `given_back` for a confirmed order of which nothing is left to send.
  from_stage text,
  from_payment_status text,
  to_stage text,
  to_payment_status text,
  -- What was sold, or taken back of a sale; below zero when it was not taken back after all. And when.
  sales integer not null default 0,
  sold bigint not null default 0,
  returned bigint not null default 0,
  moved_at timestamptz
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 100000);

create function order_stage(status text, given_back boolean) returns text language sql immutable as $$
  select case when status = 'confirmed' and given_back then 'given_back' else status end $$;

create function note_order_move() returns trigger language plpgsql as $$
begin
  insert into order_moves (placed_at, currency, payment_method, from_stage, from_payment_status, to_stage,
    to_payment_status, sales, sold, moved_at)
  values (new.created_at, new.currency, new.payment_method,
    case when tg_op = 'UPDATE' then order_stage(old.status, old.given_back) end,
    case when tg_op = 'UPDATE' then old.payment_status end,
    order_stage(new.status, new.given_back), new.payment_status,
    -- An order is sold when it is confirmed, which happens once.
    case when new.confirmed_at is not null and (tg_op = 'INSERT' or old.confirmed_at is null) then 1 else 0 end,
    case when new.confirmed_at is not null and (tg_op = 'INSERT' or old.confirmed_at is null) then new.total else 0 end,
    new.confirmed_at);
  return null;
end $$;
create trigger orders_placed after insert on orders for each row execute function note_order_move();
create trigger orders_moved after update of status, payment_status, given_back, confirmed_at on orders for each row
  when (old.status <> new.status or old.payment_status <> new.payment_status or old.given_back <> new.given_back
    or old.confirmed_at is distinct from new.confirmed_at)
  execute function note_order_move();

create function note_return() returns trigger language plpgsql as $$
begin
  insert into order_moves (placed_at, currency, payment_method, returned, moved_at)
  select created_at, currency, payment_method,
    new.returned_amount - case when tg_op = 'UPDATE' then old.returned_amount else 0 end, new.updated_at
  from orders where id = new.order_id;
  return null;
end $$;
create trigger shop_orders_returned after update of returned_amount on shop_orders for each row
  when (old.returned_amount <> new.returned_amount) execute function note_return();
create trigger shop_orders_placed_returned after insert on shop_orders for each row
  when (new.returned_amount <> 0) execute function note_return();

-- How many of the orders that were placed on a day of the shop are in which states now.
create table order_totals (
  day date not null,
  currency text not null,
  payment_method text not null,
  stage text not null,
  payment_status text not null,
  -- Below zero for a moment, when of two moves of an order the later one is added up first.
  orders bigint not null,
  primary key (day, currency, payment_method, stage, payment_status)
);

-- What was sold on a day of the shop, and what was taken back on it of sales of whatever day.
create table sales_totals (
  day date not null,
  currency text not null,
  payment_method text not null,
  sales bigint not null,
  sold bigint not null,
  returned bigint not null,
  primary key (day, currency, payment_method)
);

-- One row, for ever.
create table figures (
  single boolean primary key default true check (single),
  -- Whose days the totals are of. Null until the first pass.
  time_zone text,
  -- Orders placed before this are not in the totals yet, nor is what has moved of them: a pass counts them day by day, from
  -- the newest on. What moved of them before they were counted is in what was counted.
  counted_from timestamptz not null
);
insert into figures (counted_from) select coalesce(max(created_at) + interval '1 millisecond', '-infinity') from orders;
