-- concurrently: lists of orders that stay quick when there are ten million of them.

-- Found by both states at once. Each pair of states is a stream of its own, newest first; a list of one state merges the
-- few streams that belong to it, so that no combination has to be looked for among rows that are something else.
create index concurrently orders_states on orders (status, payment_status, created_at desc, id desc);
drop index concurrently orders_status;
drop index concurrently orders_payment_status;

-- A UPI address, by how it begins; or the last digits of a card, the newest last.
create index concurrently payment_attempts_method_detail on payment_attempts (lower(method_detail) text_pattern_ops, id)
  where method_detail is not null;

-- Customers are found in order_search.
drop index concurrently orders_customer_name;
drop index concurrently orders_email;
