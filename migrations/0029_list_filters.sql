-- concurrently: Lists that are narrowed to one kind, provider or type are read in their own order.
create index concurrently review_items_resolved_kind on review_items (kind, resolved_at desc, id desc)
  where resolved_at is not null;
create index concurrently webhook_events_provider on webhook_events (provider, received_at desc, id desc);
create index concurrently webhook_events_type on webhook_events (type, received_at desc, id desc);
