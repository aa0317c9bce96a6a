-- Double entry: every movement of money is a transfer from one account to another, appended and never edited.
-- Balances are sums, so no account row is ever updated and none can become hot.

create table ledger_accounts (
  -- A readable code that says all there is to know: kind, owner, currency, joined by colons.
  id text primary key,
  kind text not null check (kind in (
    'provider_clearing', 'customer_funds', 'seller_payable', 'commission', 'refunds_owed', 'suspense')),
  owner text,
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz not null default now()
);

create table ledger_transfers (
  id uuid primary key,
  -- No foreign keys: each would lock the same few account rows from every order at once, and accounts are opened by the
  -- very statement that uses them for the first time.
  debit_account_id text not null,
  credit_account_id text not null,
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  kind text not null,
  order_id uuid,
  -- What caused this transfer ("capture:<attempt>", "refund:<refund>"): the same cause can never be booked twice.
  cause text not null unique,
  created_at timestamptz not null,
  check (debit_account_id <> credit_account_id),
  -- An account holds one currency, and its code ends in it.
  check (split_part(debit_account_id, ':', 3) = currency and split_part(credit_account_id, ':', 3) = currency)
);
create index ledger_transfers_order on ledger_transfers (order_id) where order_id is not null;

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% rows are appended, never changed', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger ledger_transfers_append_only before update or delete on ledger_transfers
  for each row execute function refuse_change();
