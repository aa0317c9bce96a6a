-- What pays an order, in shares that are fixed when it is placed: the customer's wallet, and the rest.

-- A default that is a constant rewrites no row.
alter table orders add column wallet_amount bigint not null default 0;
-- Asked of rows from now on, and of those that are there by the next migration: looking at all of them keeps others waiting.
alter table orders
  add constraint orders_wallet_share check (wallet_amount between 0 and total) not valid,
  add constraint orders_wallet_pays_all
    check ((payment_method = 'wallet') = (wallet_amount = total and total > 0)) not valid;

-- A wallet pays at once or not at all, so its payment is never open.
alter table payments add constraint payments_wallet_never_open
  check (provider <> 'wallet' or status in ('abandoned', 'paid', 'partially_refunded', 'refunded')) not valid;

-- Refunds that were decided together: one row for each capture that they are taken from. Null: decided by itself.
alter table refunds add column decision_id uuid;
