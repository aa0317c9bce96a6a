-- The rules of shares hold for all orders. Looked at in a transaction of its own, which keeps nobody from writing.

alter table orders validate constraint orders_wallet_share;
alter table orders validate constraint orders_wallet_pays_all;
alter table payments validate constraint payments_wallet_never_open;
