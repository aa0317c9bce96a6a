-- concurrently: The list of what is to be shipped, without orders of which everything was given back before it was sent.

-- Those stand in the list as if it were a state of its own: server/orders/list-queries.ts says so in the same words.
create index concurrently orders_stages on orders
  ((case when status = 'confirmed' and given_back then 'given_back' else status end), payment_status, created_at desc, id desc);
drop index concurrently orders_states;
drop index concurrently orders_given_back;
