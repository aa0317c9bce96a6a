-- The check of the books asks history only about what has changed since it last found nothing wrong.
alter table check_runs
  -- Since when history was asked about; null: all of it was.
  add column since timestamptz,
  -- All events up to this one have been asked about. Null when the run found something, or could not tell.
  add column events_until bigint;
