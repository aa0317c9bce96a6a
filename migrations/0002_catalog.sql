-- What is sold, by whom, and how much of it there is.

create table shops (
  id uuid primary key,
  slug text not null unique,
  name text not null,
  description text,
  image text,
  city text,
  state text,
  gstin text,
  delivery_fee bigint not null default 0 check (delivery_fee between 0 and 1000000000000),
  free_delivery_above bigint check (free_delivery_above between 0 and 1000000000000),
  commission_bps integer not null default 0 check (commission_bps between 0 and 10000),
  auto_accept boolean not null default true,
  accepting_orders boolean not null default true,
  -- { "mon": [["09:00", "21:00"]], … } in the shop's time zone; null: always open.
  opening_hours jsonb,
  time_zone text not null default 'Asia/Kolkata',
  cod_allowed boolean not null default false,
  position integer not null default 0,
  created_at timestamptz not null default now()
);

alter table users add constraint users_shop foreign key (shop_id) references shops (id);

create table categories (
  id uuid primary key,
  slug text not null unique,
  name text not null,
  image text,
  position integer not null default 0
);

create table products (
  id uuid primary key,
  slug text not null unique,
  title text not null,
  description text,
  image text,
  shop_id uuid not null references shops (id),
  category_id uuid references categories (id),
  -- Prices include tax.
  price bigint not null check (price between 1 and 1000000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  tax_rate_bps integer not null default 0 check (tax_rate_bps between 0 and 10000),
  hsn text,
  active boolean not null default true,
  position integer not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index products_category on products (category_id, position, id) where active;
create index products_shop on products (shop_id, position, id) where active;
create index products_featured on products (position, id) where active;
create index products_price on products (price, id) where active;

-- Reserved units belong to orders that await payment. The checks are what makes overselling impossible: every change is
-- one conditional UPDATE, and one that would break them is refused by the database itself.
create table inventory (
  product_id uuid primary key references products (id),
  on_hand bigint not null check (on_hand >= 0),
  reserved bigint not null default 0 check (reserved >= 0),
  constraint inventory_not_oversold check (reserved <= on_hand)
) with (fillfactor = 50);

-- on_hand is the sum of these; reservations are not movements, the goods are still there.
create table inventory_movements (
  id bigint generated always as identity primary key,
  product_id uuid not null,
  order_id uuid,
  kind text not null check (kind in ('opening', 'sale', 'restock', 'adjustment')),
  quantity bigint not null check (quantity <> 0),
  reason text,
  created_at timestamptz not null
);
create index inventory_movements_product on inventory_movements (product_id, id);
create index inventory_movements_order on inventory_movements (order_id) where order_id is not null;

create table carts (
  user_id text primary key references users (id) on delete cascade,
  updated_at timestamptz not null
);

create table cart_items (
  user_id text not null references carts (user_id) on delete cascade,
  product_id uuid not null references products (id),
  quantity integer not null check (quantity between 1 and 999),
  position integer not null,
  primary key (user_id, product_id)
);
