-- What of a line's discount the house bears. The shop bears the rest, and gets that much less.

-- Nothing could take anything off a price so far. A default that is a constant rewrites no row.
alter table order_items add column house_discount bigint not null default 0;
-- Asked of rows from now on, and of those that are there by the next migration.
alter table order_items add constraint order_items_house_discount check (house_discount between 0 and discount) not valid;
