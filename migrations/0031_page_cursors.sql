-- A page of a provider's report is named by the provider's own cursor; Razorpay's is how many lines to skip.

alter table reconciliation_runs
  -- Which page of the day's report comes next; null for the first.
  add column page_cursor text,
  -- All lines of the day are booked, and its transfers are to be checked.
  add column all_booked boolean not null default false;

-- Runs that are under way go on where they are. Nothing reads page_skip any more.
update reconciliation_runs set page_cursor = case when page_skip > 0 then page_skip::text end, all_booked = page_skip < 0
where status = 'running' and page_skip <> 0;
