-- Balances and statements without a hot row: what each account moved is added up per day once the day can no longer
-- change, so that a balance is one row of these totals and what came after them.

-- The only new index that every transfer pays for. By time alone: the few transfers of one moment are sorted by id when
-- they are read, and the index is a quarter of what it would be with the id in it. Statements of the house's and the
-- shops' accounts need none: the totals below say on which days an account moved, and only those days are read.
create index ledger_transfers_time on ledger_transfers (created_at);

-- Customers look at their wallets themselves, and often; few orders touch one.
create index ledger_transfers_from_wallet on ledger_transfers (debit_account_id, created_at) where debit_account_id like 'wallet:%';
create index ledger_transfers_to_wallet on ledger_transfers (credit_account_id, created_at) where credit_account_id like 'wallet:%';

-- Accounts are opened once and never changed, so these cost nothing.
create index ledger_accounts_owner on ledger_accounts (owner, kind);
create index ledger_accounts_kind on ledger_accounts (kind, id);

-- One row, for ever.
create table ledger_closing (
  single boolean primary key default true check (single),
  -- No transfer that is posted from now on is dated before this: one that comes later is booked in the open day.
  closed_until timestamptz not null default 'epoch',
  -- Days before this have their totals.
  totalled_until timestamptz not null default 'epoch',
  check (totalled_until <= closed_until)
);
insert into ledger_closing default values;

-- One row per account and day (UTC) on which it moved.
create table ledger_day_totals (
  account_id text not null,
  day date not null,
  debits bigint not null check (debits >= 0),
  credits bigint not null check (credits >= 0),
  -- Of this day and all before it.
  debits_to_date bigint not null check (debits_to_date >= debits),
  credits_to_date bigint not null check (credits_to_date >= credits),
  primary key (account_id, day),
  check (debits + credits > 0)
);
