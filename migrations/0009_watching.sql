-- Watching: what became of webhooks, alerts that somebody answers, checks of the books, and work that falls due by the
-- clock alone.

-- Each try that did not simply succeed at once, and each replay by hand. An event that is processed at once has no row.
create table webhook_history (
  id uuid primary key,
  webhook_event_id uuid not null references webhook_events (id),
  outcome text not null check (outcome in ('retried', 'ignored', 'failed', 'replayed')),
  error text,
  -- The admin who asked for it.
  actor_id text,
  created_at timestamptz not null
);
create index webhook_history_event on webhook_history (webhook_event_id, created_at);

-- A small sample of deliveries that were refused. Nothing in it is to be believed.
create table webhook_rejections (
  id uuid primary key,
  provider text not null,
  verdict text not null check (verdict in ('missing', 'invalid')),
  headers jsonb not null,
  body_start bytea not null check (octet_length(body_start) <= 4096),
  received_at timestamptz not null
);
create index webhook_rejections_newest on webhook_rejections (provider, received_at desc, id desc);

-- Bodies and replies have their time; ids are kept, because a delivery that comes again must be known for ever.
alter table webhook_events alter column raw_body drop not null;
alter table webhook_events add constraint webhook_events_body check (raw_body is not null or status <> 'received');
-- What an operator looks for among the many that went well.
create index webhook_events_troubled on webhook_events (received_at desc, id desc) where status in ('failed', 'ignored');
-- Found by time: what is old enough to be emptied, and what providers answered of late.
create index provider_calls_created on provider_calls (created_at);
-- How attempts have gone of late.
create index payment_attempts_created on payment_attempts (created_at);

alter table alerts
  add column severity text not null default 'warn' check (severity in ('page', 'warn')),
  add column acknowledged_by text,
  add column acknowledged_at timestamptz,
  -- When it was handed on to people; null until then.
  add column mailed_at timestamptz,
  add constraint alerts_acknowledged check ((acknowledged_by is null) = (acknowledged_at is null));
create index alerts_listed on alerts (first_at desc, id desc);
create index alerts_to_mail on alerts (first_at) where mailed_at is null and resolved_at is null;

-- What one process noticed of itself: slow answers, and a database that did not serve. Only what went wrong has a row.
create table process_troubles (
  id uuid primary key,
  kind text not null check (kind in ('slow_request', 'database')),
  -- The route, or the pass.
  place text not null,
  count bigint not null check (count > 0),
  noticed_at timestamptz not null
);
create index process_troubles_time on process_troubles (noticed_at);

-- Runs of the questions that the books must answer with nothing.
create table check_runs (
  id uuid primary key,
  trigger text not null check (trigger in ('schedule', 'admin')),
  asked_by text,
  ok boolean not null,
  questions jsonb not null,
  started_at timestamptz not null,
  duration_ms integer not null
);
create index check_runs_newest on check_runs (started_at desc, id desc);

-- Work that is due by the clock: one row each, so that any number of workers do it once. Claimed by moving the due time
-- ahead; a worker that dies leaves it due again.
create table timetable (
  name text primary key,
  -- Null until the first worker has planned it.
  due_at timestamptz,
  -- How far it has come, for work that goes through what is old.
  done_until timestamptz
);
insert into timetable (name) values ('alerts'), ('check'), ('empty_webhooks'), ('empty_calls');
