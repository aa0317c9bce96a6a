-- concurrently: lists that are shown newest first are read from their end, and not sorted whole.

-- A shop's parts of orders.
create index concurrently shop_orders_newest on shop_orders (shop_id, id desc);
-- The few people who are no customers: who may be asked, who did what.
create index concurrently users_staff on users (role, id desc) where role <> 'customer';
