-- Who was made an admin, or given a password, by another admin, and since when: such a person is no second person for a
-- day. And what refused deliveries carried of credentials is forgotten: admins are shown their headers.

alter table users
  -- When another admin made this person an admin, or let an admin who was shut out in again. Null for an admin that the
  -- operator made at the start, and for whoever was one before this was noted.
  add column admin_since timestamptz,
  add column admin_by text,
  -- When somebody else last set this person's password. One's own change of it leaves both as they are.
  add column password_set_at timestamptz,
  add column password_set_by text,
  add constraint users_admin_by check ((admin_since is null) = (admin_by is null)),
  add constraint users_password_set_by check ((password_set_at is null) = (password_set_by is null));

-- Some fifty rows per provider.
update webhook_rejections set headers = headers - array(
    select name from jsonb_object_keys(headers) as name
    where name ~ 'authorization|cookie|token|secret|password|session|api-?key'
  )
  where headers::text ~ 'authorization|cookie|token|secret|password|session|api-?key';
