-- What a customer is told of a refund, apart from the note that staff wrote for themselves.

alter table refunds
  -- Why it was made, as a word of a closed list. Empty for refunds from before; then it is read from their reason.
  add column cause text check (cause in ('cancelled', 'paid_twice', 'sold_out', 'paid_too_much', 'part_not_sent',
    'other_amount', 'other_currency', 'not_expected', 'by_shop', 'at_provider')),
  -- What somebody wrote for the customer, where they did.
  add column message text check (length(message) <= 300);

-- Looks at all orders without keeping anybody from writing.
alter table orders validate constraint orders_payment_status_check;
alter table orders validate constraint orders_under_review;
