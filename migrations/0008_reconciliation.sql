-- Reconciliation: our books against the provider's own, and what it paid out to our bank account.

-- A run compares [from_at, to_at) of one provider in steps; what a step found is written with where the next one begins.
create table reconciliation_runs (
  id uuid primary key,
  provider text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  trigger text not null check (trigger in ('schedule', 'admin')),
  -- The day that it was due on: one run per provider and day, however many workers look at the clock.
  scheduled_for date,
  started_by text,
  status text not null default 'running' check (status in ('running', 'completed', 'failed')),
  phase text not null default 'payments' check (phase in ('payments', 'refunds', 'settlements')),
  -- Where the next step begins, and how much time it takes on; for settlements the day, and the lines of it that are done.
  cursor_at timestamptz not null,
  slice_s integer not null check (slice_s > 0),
  page_skip integer not null default 0,
  -- A step is committed only by the worker that claimed exactly this one.
  step integer not null default 0,
  -- A worker holds it; one that is found held when its claim has lapsed was interrupted.
  held boolean not null default false,
  next_step_at timestamptz,
  -- Since when the provider has not answered, and how often.
  unanswered_since timestamptz,
  unanswered integer not null default 0,
  interruptions integer not null default 0,
  -- The most rows that one step had in memory.
  most_rows integer not null default 0,
  error text,
  started_at timestamptz not null,
  finished_at timestamptz,
  check (from_at < to_at),
  check ((status = 'running') = (next_step_at is not null)),
  check ((status = 'running') = (finished_at is null)),
  check ((trigger = 'schedule') = (scheduled_for is not null)),
  unique (provider, scheduled_for)
) with (fillfactor = 70);
create index reconciliation_runs_due on reconciliation_runs (next_step_at) where next_step_at is not null;
create index reconciliation_runs_of_provider on reconciliation_runs (provider, started_at desc);

create table reconciliation_outcomes (
  run_id uuid not null references reconciliation_runs (id),
  subject text not null check (subject in ('payment', 'refund', 'settlement')),
  outcome text not null check (outcome in (
    'matched', 'healed', 'booked', 'foreign', 'unknown_here', 'unknown_there', 'differs')),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  count bigint not null check (count >= 0),
  amount bigint not null check (amount >= 0),
  primary key (run_id, subject, outcome, currency)
) with (fillfactor = 50);

-- What was not simply matched or booked.
create table reconciliation_lines (
  id uuid primary key,
  run_id uuid not null references reconciliation_runs (id),
  subject text not null check (subject in ('payment', 'refund', 'settlement')),
  -- `healing`: written before we change anything of ours, so that a run that dies meanwhile still tells what it did.
  outcome text not null check (outcome in ('healing', 'healed', 'foreign', 'unknown_here', 'unknown_there', 'differs')),
  provider_ref text not null,
  order_id uuid,
  our_amount bigint,
  their_amount bigint,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  detail text not null,
  review_item_id uuid,
  -- Its question had no answer when the line was written.
  open boolean not null default false,
  created_at timestamptz not null,
  unique (run_id, subject, provider_ref)
);
create index reconciliation_lines_of_run on reconciliation_lines (run_id, id);
-- Few are open at a time, whatever the number of runs.
create index reconciliation_lines_open on reconciliation_lines (run_id) where open;
create index reconciliation_lines_healing on reconciliation_lines (run_id) where outcome = 'healing';
create index reconciliation_lines_order on reconciliation_lines (order_id) where order_id is not null;

-- The provider's settlement report: each thing that was paid out, kept once and booked with it.
create table settlement_lines (
  id uuid primary key,
  provider text not null,
  entity_id text not null,
  type text not null check (type in ('payment', 'refund', 'adjustment', 'other')),
  amount bigint not null check (amount >= 0),
  debit bigint not null check (debit >= 0),
  credit bigint not null check (credit >= 0),
  fee bigint not null check (fee >= 0),
  tax bigint not null check (tax >= 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  settlement_id text not null,
  utr text,
  settled_at timestamptz not null,
  provider_payment_id text,
  provider_order_id text,
  dispute_id text,
  -- What of ours it is of; none for money that is explained by nothing yet.
  order_id uuid,
  attempt_id uuid,
  refund_id uuid,
  run_id uuid not null references reconciliation_runs (id),
  created_at timestamptz not null,
  unique (provider, entity_id)
);
create index settlement_lines_of_settlement on settlement_lines (provider, settlement_id);
create index settlement_lines_order on settlement_lines (order_id) where order_id is not null;

-- The transfers to our bank account, and whether their lines add up to them.
create table settlements (
  provider text not null,
  settlement_id text not null,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  utr text,
  settled_at timestamptz not null,
  -- What the provider says that it transferred; null until it was asked.
  amount bigint,
  -- What its lines come to, when that was asked.
  lines_amount bigint,
  primary key (provider, settlement_id)
);
create index settlements_unchecked on settlements (provider, settled_at) where amount is null or amount <> lines_amount;
