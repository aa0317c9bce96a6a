-- Every way by which money leaves on an admin's word counts towards REFUND_APPROVAL_ABOVE: what one person decided alone,
-- and what waits for a second person to agree to that very decision.

create table money_decisions (
  id uuid primary key,
  action text not null check (action in
    ('cancel', 'mark_paid', 'confirm', 'refund', 'refund_to_wallet', 'paid_back_elsewhere', 'write_off')),
  -- Null for money that is no order's.
  order_id uuid references orders (id),
  -- The question that it answers, or the payment that it marks as paid.
  review_item_id uuid,
  payment_id uuid,
  -- What is let go, in the order's currency or that of the money.
  amount bigint not null check (amount > 0),
  currency text not null check (currency ~ '^[A-Z]{3}$'),
  reason text not null,
  -- The reference of a bank transfer.
  reference text,
  status text not null check (status in ('waiting', 'made', 'declined')),
  requested_by text not null,
  -- Who agreed or declined. Null while it waits, and for what one person could decide alone.
  decided_by text,
  created_at timestamptz not null,
  decided_at timestamptz,
  check ((status = 'waiting') = (decided_at is null)),
  check (status <> 'declined' or decided_by is not null),
  -- Whoever asked can take it back, and cannot agree to it.
  constraint money_decisions_second_person check (status <> 'made' or decided_by is null or decided_by <> requested_by)
);
-- One at a time about the same thing.
create unique index money_decisions_waiting on money_decisions
  (coalesce(review_item_id, order_id), (case when review_item_id is null then action else 'answer' end))
  where status = 'waiting';
create index money_decisions_order on money_decisions (order_id) where order_id is not null;
