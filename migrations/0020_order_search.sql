-- The words by which an order is found, in a table of its own: orders change state several times, and each change would
-- write them, and their index, anew. Written when the order is placed, never changed. What the words are is said in
-- server/orders/order-words.ts; orders that were placed before get theirs from a pass.
create table order_search (
  order_id uuid primary key,
  words tsvector not null,
  -- The whole address in small letters: most of them end in words that a great many orders have.
  email text
);
-- What is not yet sorted in is read by every search, so it is sorted in early.
create index order_search_words on order_search using gin (words) with (gin_pending_list_limit = 512);
create index order_search_email on order_search (email text_pattern_ops) where email is not null;

-- How far the pass has come that makes the words of orders placed before they had any: it goes from the newest to the
-- oldest. Null when it has ended.
create table order_search_backfill (
  single boolean primary key default true check (single),
  placed_before timestamptz,
  order_before uuid
);
insert into order_search_backfill (placed_before, order_before)
  select max(created_at) + interval '1 millisecond', '00000000-0000-0000-0000-000000000000' from orders;
