-- What comes in is told apart: one signed body under many made-up ids, and one client behind many unpaid orders.

-- A signature covers the body and not the event's id, which stands in a header: the same bytes under another id are the
-- same news. A table of its own, because the bodies of years need not be read again to begin; a row goes when its body does.
create table webhook_bodies (
  provider text not null,
  -- SHA-256 of the body.
  digest bytea not null check (octet_length(digest) = 32),
  primary key (provider, digest)
);

-- Who placed which order, for a day: a user's id, or a guest's network address. What it limits may be lost with the server.
create unlogged table order_clients (
  order_id uuid primary key,
  client text not null,
  placed_at timestamptz not null
);
create index order_clients_client on order_clients (client, placed_at);
