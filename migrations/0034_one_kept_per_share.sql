-- concurrently: Each share of an order is paid by one capture.
create unique index concurrently payment_attempts_one_kept_per_share on payment_attempts (order_id, (provider = 'wallet'))
  where disposition = 'kept';
drop index concurrently payment_attempts_one_kept;
-- And a decision takes from each of them once.
create unique index concurrently refunds_decision on refunds (decision_id, attempt_id) where decision_id is not null;
