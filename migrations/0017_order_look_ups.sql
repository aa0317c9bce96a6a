-- concurrently: what is looked up by order or by attempt is found by an index and not by reading all there is.

-- What was captured for an order.
create index concurrently payment_attempts_order on payment_attempts (order_id);
-- What of an attempt goes back.
create index concurrently refunds_attempt on refunds (attempt_id);
-- Who is asked about an attempt, and about a refund.
create index concurrently review_items_attempt on review_items (attempt_id) where attempt_id is not null;
create index concurrently review_items_refund on review_items (refund_id) where refund_id is not null;
-- Sessions that have ended are removed each hour.
create index concurrently sessions_expires on sessions (expires_at);
