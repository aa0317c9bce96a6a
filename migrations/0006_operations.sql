-- What keeps the service itself honest: idempotency keys, rate limits, alerts.

create table idempotency_keys (
  -- Who asked, of what: keys of different people and endpoints never meet.
  principal text not null,
  endpoint text not null,
  key text not null,
  request_hash text not null,
  status text not null check (status in ('running', 'done')),
  -- A request that died holds its key no longer than this; the next one takes over and goes on.
  locked_until timestamptz not null,
  -- The id of what the request makes, chosen before it is made, so that a repeat finds it or makes it under the same id.
  effect_id uuid not null,
  response_status integer,
  response_body text,
  created_at timestamptz not null,
  primary key (principal, endpoint, key),
  check ((status = 'done') = (response_status is not null))
)
-- Answers are some 3 KiB: kept in the row as they are, they cost no compressing and no second table.
with (toast_tuple_target = 8160);
create index idempotency_keys_created on idempotency_keys (created_at);

-- Counters that may be lost with the server: they only slow people down.
create unlogged table rate_limits (
  key text primary key,
  window_start timestamptz not null,
  count integer not null
);

create table alerts (
  id uuid primary key,
  kind text not null,
  key text not null,
  summary text not null,
  count bigint not null default 1,
  first_at timestamptz not null,
  last_at timestamptz not null,
  resolved_at timestamptz
);
create unique index alerts_open on alerts (kind, key) where resolved_at is null;
