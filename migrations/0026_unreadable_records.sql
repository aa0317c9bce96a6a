-- Reconciliation sets aside what a provider lists and nobody can read, as a question, and goes on.
alter table reconciliation_outcomes drop constraint reconciliation_outcomes_outcome_check;
alter table reconciliation_outcomes add constraint reconciliation_outcomes_outcome_check check (outcome in (
  'matched', 'healed', 'booked', 'foreign', 'unknown_here', 'unknown_there', 'differs', 'unreadable'));
alter table reconciliation_lines drop constraint reconciliation_lines_outcome_check;
alter table reconciliation_lines add constraint reconciliation_lines_outcome_check check (outcome in (
  'healing', 'healed', 'foreign', 'unknown_here', 'unknown_there', 'differs', 'unreadable'));
