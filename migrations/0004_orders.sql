-- Orders, their parts per shop, their lines, and the timeline of everything that happened to them.

create table orders (
  id uuid primary key,
  number text not null unique,
  user_id text references users (id),
  -- SHA-256 of the token that a guest got when placing the order.
  guest_token_hash text,
  email text,
  customer_name text,
  status text not null check (status in ('pending', 'confirmed', 'shipped', 'delivered', 'cancelled')),
  payment_status text not null check (payment_status in (
    'pending', 'verified', 'paid', 'partially_refunded', 'refunded', 'failed')),
  payment_method text not null check (payment_method in ('online', 'wallet', 'cod')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  subtotal bigint not null check (subtotal >= 0),
  discount bigint not null check (discount between 0 and subtotal),
  delivery_fee bigint not null check (delivery_fee >= 0),
  tax bigint not null check (tax >= 0),
  tax_included bigint not null check (tax_included >= 0),
  total bigint not null check (total between 0 and 1000000000000),
  coupon_code text,
  shipping_address jsonb,
  -- Where this order's units are: set aside, taken, or given back. Each step happens once.
  stock text not null check (stock in ('none', 'reserved', 'deducted', 'released')),
  cancel_reason text check (cancel_reason in ('expired', 'shopper', 'admin', 'late_payment')),
  expires_at timestamptz,
  confirmed_at timestamptz,
  shipped_at timestamptz,
  delivered_at timestamptz,
  cancelled_at timestamptz,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (total = subtotal - discount + delivery_fee + tax),
  check (user_id is not null or guest_token_hash is not null),
  check ((status = 'cancelled') = (cancelled_at is not null)),
  check ((status = 'cancelled') = (cancel_reason is not null)),
  check (status not in ('confirmed', 'shipped', 'delivered') or (confirmed_at is not null and stock in ('deducted', 'none')))
) with (fillfactor = 70);
create index orders_user on orders (user_id, id desc) where user_id is not null;
create index orders_created on orders (created_at desc, id desc);
create index orders_status on orders (status, created_at desc, id desc);
-- Nearly all orders are pending or paid, and are found by the index on their time; the others would be looked for long.
create index orders_payment_status on orders (payment_status, created_at desc, id desc)
  where payment_status not in ('pending', 'paid');
create index orders_expiring on orders (expires_at) where status = 'pending';
create index orders_email on orders (lower(email) text_pattern_ops) where email is not null;
-- Finds a customer by the beginning of any word of the name.
create index orders_customer_name on orders using gin (to_tsvector('simple', customer_name)) where customer_name is not null;

create table shop_orders (
  id uuid primary key,
  order_id uuid not null references orders (id),
  shop_id uuid not null references shops (id),
  -- As it was called when the order was placed.
  shop_name text not null,
  status text not null check (status in (
    'pending', 'awaiting_acceptance', 'accepted', 'shipped', 'delivered', 'rejected', 'cancelled')),
  -- As the shop had it when the order was placed.
  auto_accept boolean not null,
  commission_bps integer not null,
  subtotal bigint not null check (subtotal >= 0),
  discount bigint not null check (discount between 0 and subtotal),
  delivery_fee bigint not null check (delivery_fee >= 0),
  tax bigint not null check (tax >= 0),
  total bigint not null check (total = subtotal - discount + delivery_fee + tax),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (order_id, shop_id)
) with (fillfactor = 80);
create index shop_orders_shop on shop_orders (shop_id, status, id desc);

create table order_items (
  id uuid primary key,
  order_id uuid not null references orders (id),
  shop_order_id uuid references shop_orders (id),
  position integer not null,
  kind text not null check (kind in ('product', 'membership', 'top_up')),
  product_id uuid references products (id),
  title text not null,
  image text,
  unit_price bigint not null check (unit_price >= 0),
  quantity integer not null check (quantity > 0),
  discount bigint not null check (discount >= 0),
  tax_rate_bps integer not null check (tax_rate_bps between 0 and 10000),
  total bigint not null check (total = unit_price * quantity - discount and total >= 0),
  check ((kind = 'product') = (product_id is not null)),
  unique (order_id, position)
);

-- The audit timeline. A change of state is written here by the transaction that makes it. Changes that depend on one
-- another are made under the order's lock, and `seq` is drawn under it, so it is the order in which they happened.
create table events (
  seq bigint generated always as identity primary key,
  order_id uuid not null,
  type text not null,
  subject text not null check (subject in ('order', 'shop_order', 'payment', 'attempt', 'refund')),
  subject_id uuid,
  from_status text,
  to_status text,
  actor text not null check (actor in ('shopper', 'provider', 'admin', 'seller', 'system')),
  actor_id text,
  source text,
  data jsonb not null default '{}',
  created_at timestamptz not null
);
create index events_order on events (order_id, seq);
create trigger events_append_only before update or delete on events for each row execute function refuse_change();
