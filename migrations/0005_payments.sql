-- The money side of orders: payments, the shopper's attempts inside them, refunds, and what providers told us.

create table payments (
  id uuid primary key,
  order_id uuid not null references orders (id),
  provider text not null,
  provider_order_id text,
  status text not null check (status in (
    'creating', 'created', 'verified', 'authorized', 'paid', 'partially_refunded', 'refunded', 'failed', 'abandoned')),
  amount bigint not null check (amount between 1 and 1000000000000),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  method text,
  captured_amount bigint not null default 0 check (captured_amount >= 0),
  refunded_amount bigint not null default 0 check (refunded_amount between 0 and captured_amount),
  -- When a worker asks the provider next, and how often it has; null when there is nothing left to ask.
  next_look_at timestamptz,
  looks integer not null default 0,
  -- What the next look follows: a call whose outcome is unknown is asked about sooner than a shopper who takes time.
  look_plan text not null default 'open' check (look_plan in ('open', 'unknown')),
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (status = 'creating' or status = 'abandoned' or provider_order_id is not null),
  check (status not in ('creating', 'created', 'verified', 'authorized') or next_look_at is not null),
  unique (provider, provider_order_id)
) with (fillfactor = 70);
create unique index payments_one_open on payments (order_id)
  where status in ('creating', 'created', 'verified', 'authorized', 'failed');
create index payments_order on payments (order_id);
create index payments_due on payments (next_look_at) where next_look_at is not null;

create table payment_attempts (
  id uuid primary key,
  payment_id uuid not null references payments (id),
  order_id uuid not null,
  provider text not null,
  provider_payment_id text not null,
  status text not null check (status in ('created', 'authorized', 'captured', 'failed', 'refunded')),
  -- The shopper brought a valid signature for it.
  claimed boolean not null default false,
  -- What became of its money: `kept` pays the order, `surplus` goes back, `review` waits for a person.
  disposition text not null default 'none' check (disposition in ('none', 'kept', 'surplus', 'review')),
  amount bigint not null check (amount >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  captured_amount bigint not null default 0 check (captured_amount >= 0),
  -- Money that is decided to go back, whether it has arrived or not; given up again when a refund fails.
  refunding_amount bigint not null default 0 check (refunding_amount between 0 and captured_amount),
  refunded_amount bigint not null default 0 check (refunded_amount between 0 and refunding_amount),
  method text,
  method_detail text,
  fee bigint,
  tax bigint,
  error_code text,
  error_description text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((captured_amount > 0) = (disposition <> 'none')),
  unique (provider, provider_payment_id)
);
create index payment_attempts_payment on payment_attempts (payment_id);
-- An order is paid by one capture and no more, whatever the code above believes.
create unique index payment_attempts_one_kept on payment_attempts (order_id) where disposition = 'kept';

create table refunds (
  id uuid primary key,
  order_id uuid not null references orders (id),
  payment_id uuid not null references payments (id),
  attempt_id uuid not null references payment_attempts (id),
  provider text not null,
  provider_refund_id text,
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  status text not null check (status in ('requested', 'processing', 'processed', 'failed')),
  reason text not null,
  destination text not null default 'source' check (destination in ('source', 'wallet')),
  -- Sent with every try, so that a repeated question moves the money once.
  idempotency_key text not null unique,
  requested_by text,
  next_look_at timestamptz,
  looks integer not null default 0,
  error_description text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  processed_at timestamptz,
  check (status in ('processed', 'failed') or next_look_at is not null),
  unique (provider, provider_refund_id)
);
create index refunds_order on refunds (order_id);
create index refunds_payment on refunds (payment_id);
create index refunds_due on refunds (next_look_at) where next_look_at is not null;

-- The inbox: stored before it is answered, processed from here.
create table webhook_events (
  id uuid primary key,
  provider text not null,
  event_id text not null,
  type text not null,
  raw_body bytea not null,
  headers jsonb not null,
  signature_valid boolean not null,
  status text not null check (status in ('received', 'processed', 'ignored', 'failed')),
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  error text,
  order_id uuid,
  received_at timestamptz not null,
  processed_at timestamptz,
  check ((status = 'received') = (next_attempt_at is not null)),
  unique (provider, event_id)
) with (fillfactor = 80);
create index webhook_events_due on webhook_events (next_attempt_at) where next_attempt_at is not null;
create index webhook_events_order on webhook_events (order_id) where order_id is not null;
create index webhook_events_received on webhook_events (received_at desc);

-- What was asked of a provider and what it said, without secrets.
create table provider_calls (
  id uuid primary key,
  order_id uuid,
  payment_id uuid,
  refund_id uuid,
  provider text not null,
  operation text not null,
  request jsonb not null,
  outcome text not null check (outcome in ('accepted', 'refused', 'unknown')),
  http_status integer,
  reply jsonb,
  duration_ms integer not null,
  created_at timestamptz not null
);
create index provider_calls_order on provider_calls (order_id) where order_id is not null;

-- Questions for a person. A case is a legal resting place; silence is not.
create table review_items (
  id uuid primary key,
  order_id uuid,
  payment_id uuid,
  attempt_id uuid,
  kind text not null,
  summary text not null,
  evidence jsonb not null default '{}',
  -- The same question is asked once.
  cause text not null unique,
  created_at timestamptz not null,
  resolved_at timestamptz,
  resolution text
);
create index review_items_open on review_items (created_at) where resolved_at is null;
create index review_items_order on review_items (order_id) where order_id is not null;
