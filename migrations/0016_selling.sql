-- A delivery fee is an amount in a currency; a product may be sold in limited numbers; when its currency changed is known.

alter table shops add column delivery_currency text not null default 'INR' check (delivery_currency ~ '^[A-Z]{3}$');
-- Fees were charged in the currency of whatever was ordered. What a shop sells most of says in which they were meant.
update shops s set delivery_currency = (
  select p.currency from products p where p.shop_id = s.id group by p.currency order by count(*) desc, p.currency limit 1
) where exists (select from products p where p.shop_id = s.id);

-- What delivery costs in a shop's other currencies. One that is not here is not delivered in, unless delivery is free.
create table shop_delivery_fees (
  shop_id uuid not null references shops (id) on delete cascade,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  fee bigint not null check (fee between 0 and 1000000000000),
  free_above bigint check (free_above between 0 and 1000000000000),
  primary key (shop_id, currency)
);

-- Most units of it in one order; null: as many as the installation allows of anything.
alter table products add column max_per_order integer check (max_per_order between 1 and 1000000);
-- A total that was shown before this moment was in another currency.
alter table products add column currency_changed_at timestamptz;
