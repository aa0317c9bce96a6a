-- Money in every direction: what refunds take back of a sale, who agreed to them, and where else they can go.

-- What of a part's sale was given back. What the shop has earned is the rest.
alter table shop_orders
  add column returned_amount bigint not null default 0,
  add constraint shop_orders_returned check (returned_amount between 0 and total);

-- Units of a line that went back into stock while their order stands.
alter table order_items
  add column restocked integer not null default 0,
  add constraint order_items_restocked check (restocked between 0 and quantity);

alter table refunds
  -- Above a limit a second person must agree before anybody is asked for money.
  add column approval text not null default 'none' check (approval in ('none', 'pending', 'approved', 'declined')),
  add column approved_by text,
  -- What it takes back of which part's sale: [{"shopOrderId", "amount"}]. Empty for money that never paid for anything.
  add column parts jsonb not null default '[]',
  -- Units to put back into stock once it is agreed to: [{"itemId", "quantity"}].
  add column restock jsonb not null default '[]',
  -- The provider's own time of it, by which its books are compared with ours.
  add column provider_created_at timestamptz,
  add constraint refunds_second_person check (approval <> 'approved' or (approved_by is not null and approved_by <> requested_by)),
  add constraint refunds_waiting check (approval <> 'pending' or status = 'requested');
-- One that waits for a person has no due time: its review item is what waits.
alter table refunds drop constraint refunds_check;
alter table refunds add constraint refunds_due check (status in ('processed', 'failed') or approval = 'pending' or next_look_at is not null);

-- `elsewhere`: paid back by a person, outside of what the provider can do.
alter table refunds drop constraint refunds_destination_check;
alter table refunds add constraint refunds_destination_check check (destination in ('source', 'wallet', 'elsewhere'));

alter table payment_attempts
  add column provider_created_at timestamptz,
  -- What a person has decided to keep: nobody could be found to give it back to.
  add column written_off_amount bigint not null default 0 check (written_off_amount >= 0),
  add constraint payment_attempts_promised_once check (refunding_amount + written_off_amount <= captured_amount);
create index payment_attempts_provider_time on payment_attempts (provider, provider_created_at, id);
create index refunds_provider_time on refunds (provider, provider_created_at, id) where provider_created_at is not null;

-- Money that we hold for a person. The check is what makes overdrawing impossible; the ledger says how it came about.
create table wallets (
  user_id text not null references users (id),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  balance bigint not null check (balance >= 0),
  updated_at timestamptz not null,
  primary key (user_id, currency)
);

alter table ledger_accounts drop constraint ledger_accounts_kind_check;
alter table ledger_accounts add constraint ledger_accounts_kind_check check (kind in (
  'provider_clearing', 'bank', 'customer_funds', 'wallet', 'seller_payable', 'commission', 'delivery', 'tax', 'discounts',
  'cod_receivable', 'provider_fees', 'provider_fee_tax', 'refunds_owed', 'chargebacks', 'write_offs', 'suspense'));

-- Questions for a person: who has taken it, and how it was answered.
alter table review_items
  -- What the question is about, when it is about an amount.
  add column amount bigint,
  add column currency text check (currency ~ '^[A-Z]{3}$'),
  -- The provider's own name for the thing, for money that is no payment of ours.
  add column provider text,
  add column provider_ref text,
  add column refund_id uuid,
  add column owner_id text,
  add column resolved_by text,
  add column reason text,
  add constraint review_items_resolved check ((resolved_at is null) = (resolution is null));
create index review_items_kind on review_items (kind, created_at, id);
create index review_items_resolved_at on review_items (resolved_at desc, id desc) where resolved_at is not null;

-- A shop that does not take its part can be the last of an order.
alter table orders drop constraint orders_cancel_reason_check;
alter table orders add constraint orders_cancel_reason_check
  check (cancel_reason in ('expired', 'shopper', 'admin', 'late_payment', 'seller'));
