-- Money that a customer sent to our own bank account was booked as if a provider called "bank" held it and would pay it
-- out one day. It is in the account that we pay back from, and is moved there: one transfer for each such capture.

insert into ledger_accounts (id, kind, owner, currency)
select distinct 'bank:manual:' || currency, 'bank', 'manual', currency from payment_attempts
where provider = 'bank' and captured_amount > 0
on conflict (id) do nothing;

insert into ledger_transfers (id, kind, debit_account_id, credit_account_id, amount, currency, order_id, cause, created_at)
select gen_random_uuid(), 'capture_moved', 'bank:manual:' || t.currency, t.debit_account_id, t.amount, t.currency, t.order_id,
  'capture_moved:' || a.id, greatest(now(), (select closed_until from ledger_closing))
from payment_attempts a join ledger_transfers t on t.cause = 'capture:' || a.id
where a.provider = 'bank' and t.debit_account_id = 'provider_clearing:bank:' || t.currency;
