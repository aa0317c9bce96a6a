-- concurrently: The streams of lists are read from their index alone; one over an expression has each order fetched as well.
create index concurrently orders_streams on orders (status, payment_status, given_back, created_at desc, id desc);
drop index concurrently orders_stages;
