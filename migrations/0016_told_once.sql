-- An answer may hold what is told once only. Whether it has been: an answer with it was sent to the end.
alter table idempotency_keys add column told boolean not null default false;
