-- What only a provider's answer tells of the shopper's way to pay, kept with the payment; and when the provider closes it.

alter table payments
  -- Read by the adapter that wrote it. Null where the provider order's id says enough, as for all payments from before.
  add column checkout jsonb,
  -- Null where the provider closes nothing by itself.
  add column open_until timestamptz;
