-- A payment that is to be closed, because another way to pay was chosen, says so before its provider is asked.

alter table payments add column close_requested_at timestamptz;
