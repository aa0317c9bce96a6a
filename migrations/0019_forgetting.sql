-- What grows with every order and is read no more has an end, and tables that change much are swept more often.

-- Work by the clock: answers of requests are emptied, events of providers forgotten, look-ups at providers forgotten.
insert into timetable (name) values ('empty_answers');

-- A fifth of a table of millions of rows is too much to leave dead before it is swept.
alter table idempotency_keys set (autovacuum_vacuum_scale_factor = 0.02);
alter table orders set (autovacuum_vacuum_scale_factor = 0.02);
alter table payments set (autovacuum_vacuum_scale_factor = 0.02);
alter table webhook_events set (autovacuum_vacuum_scale_factor = 0.02);
