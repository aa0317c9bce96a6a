import type { Role } from '../../shared/contract/accounts.ts'
import { containing } from '../platform/cursor.ts'
import { empty, sql, type Db, type Sql, type Tx } from '../platform/database.ts'
import type { Principal } from './account.ts'

export interface UserRow {
  id: string
  name: string
  email: string
  role: Role
  shop_id: string | null
  shop_name: string | null
  cod_trusted: boolean
  banned: boolean
  created_at: Date
}

/** The person behind a session that has not ended at `now` and who is not banned then. */
export async function findPrincipal(db: Db, token: string, now: Date): Promise<Principal | undefined> {
  return db.maybeOne<Principal>(
    'accounts.findPrincipal',
    sql`select u.id as "userId", u.role, u.email, u.name, u.shop_id as "shopId"
        from sessions s join users u on u.id = s.user_id
        where s.token = ${token} and s.expires_at > ${now}::timestamptz
          and (not u.banned or u.ban_expires <= ${now}::timestamptz)`,
  )
}

const USER = sql`select u.id, u.name, u.email, u.role, u.shop_id, s.name as shop_name, u.cod_trusted, u.banned, u.created_at
  from users u left join shops s on s.id = u.shop_id`

/** Newest first; `before` is the id of the last row of the page before. */
export async function listUsers(
  db: Db,
  filter: { search: string | undefined; role: Role | undefined; before: string | undefined; limit: number },
): Promise<UserRow[]> {
  const pattern = filter.search === undefined ? undefined : containing(filter.search)
  return db.many(
    'accounts.listUsers',
    sql`${USER} where true
        ${pattern === undefined ? empty : sql`and (u.email ilike ${pattern} or u.name ilike ${pattern})`}
        ${filter.role === undefined ? empty : sql`and u.role = ${filter.role}`}
        ${filter.role === undefined || filter.role === 'customer' ? empty : sql`and u.role <> 'customer'`}
        ${filter.before === undefined ? empty : sql`and u.id < ${filter.before}`}
        order by u.id desc limit ${filter.limit}`,
  )
}

export async function findUser(db: Db, id: string): Promise<UserRow | undefined> {
  return db.maybeOne('accounts.findUser', sql`${USER} where u.id = ${id}`)
}

/** Names and roles of people, by their ids. */
export async function listPeople(db: Db, ids: readonly string[]): Promise<Map<string, { name: string; role: Role }>> {
  if (ids.length === 0) return new Map()
  const rows = await db.many<{ id: string; name: string; role: Role }>(
    'accounts.people',
    sql`select id, name, role from users where id = any(${[...ids]}::text[])`,
  )
  return new Map(rows.map(({ id, name, role }) => [id, { name, role }]))
}

export async function findUserByEmail(
  db: Db,
  email: string,
): Promise<{ id: string; role: Role; banned: boolean } | undefined> {
  return db.maybeOne('accounts.findUserByEmail', sql`select id, role, banned from users where email = ${email}`)
}

/** The hashed passwords of those of these addresses who have one. */
export async function listPasswords(
  db: Db,
  emails: readonly string[],
): Promise<{ id: string; email: string; hash: string }[]> {
  return db.many(
    'accounts.passwords',
    sql`select u.id, u.email, a.password as hash from users u join auth_accounts a on a.user_id = u.id
        where u.email = any(${[...emails]}::text[]) and a.provider_id = 'credential' and a.password is not null`,
  )
}

/** Shuts a user out for good, with the password and all sessions, unless the password is another one by now. */
export async function shutOutWithPassword(
  tx: Tx,
  id: string,
  hash: string,
  reason: string,
  now: Date,
): Promise<boolean> {
  const touched = await tx.run(
    'accounts.shutOut',
    sql`with forgotten as (
          delete from auth_accounts where user_id = ${id} and password = ${hash} returning user_id
        ), signed_out as (
          delete from sessions where user_id in (select user_id from forgotten)
        )
        update users set banned = true, ban_reason = ${reason}, ban_expires = null, updated_at = ${now}::timestamptz
        where id in (select user_id from forgotten)`,
  )
  return touched === 1
}

export async function isCodTrusted(db: Db, userId: string): Promise<boolean> {
  const row = await db.maybeOne<{ cod_trusted: boolean }>(
    'accounts.isCodTrusted',
    sql`select cod_trusted from users where id = ${userId}`,
  )
  return row?.cod_trusted ?? false
}

/**
 * Locks every admin, in the order of their ids, so that two changes of the last two admins come one after the other.
 * Tells which of them can sign in: who is shut out for some time cannot.
 */
export async function lockAdmins(tx: Tx, now: Date): Promise<{ id: string; canSignIn: boolean }[]> {
  return tx.many(
    'accounts.lockAdmins',
    sql`select id, ${canSignIn(now)} as "canSignIn" from users where role = 'admin' order by id for update`,
  )
}

/** Whether there is an admin who can sign in. */
export async function hasAdmin(db: Db, now: Date): Promise<boolean> {
  const { found } = await db.one<{ found: boolean }>(
    'accounts.hasAdmin',
    sql`select exists (select from users where role = 'admin' and ${canSignIn(now)}) as found`,
  )
  return found
}

/** The very condition under which a session opens something; see findPrincipal. */
function canSignIn(now: Date): Sql {
  return sql`(not banned or coalesce(ban_expires <= ${now}::timestamptz, false))`
}

export interface LockedUser {
  id: string
  name: string
  email: string
  role: Role
  shop_id: string | null
  banned: boolean
}

/** Locks a user; undefined when there is none. Whoever also locks the admins has done that before. */
export async function lockUser(tx: Tx, id: string): Promise<LockedUser | undefined> {
  return tx.maybeOne(
    'accounts.lockUser',
    sql`select id, name, email, role, shop_id, banned from users where id = ${id} for update`,
  )
}

/** Notes who has made this person an admin now, or has let this admin in again. */
export async function noteAdmin(tx: Tx, id: string, by: string, now: Date): Promise<void> {
  await tx.run(
    'accounts.noteAdmin',
    sql`update users set admin_since = ${now}::timestamptz, admin_by = ${by} where id = ${id}`,
  )
}

/** Since when a person is an admin by an admin's word, and has a password that somebody else has set; null: never. */
export async function findStanding(
  db: Db,
  id: string,
): Promise<{ admin_since: Date | null; password_set_at: Date | null } | undefined> {
  return db.maybeOne('accounts.findStanding', sql`select admin_since, password_set_at from users where id = ${id}`)
}

/** Shuts a user out, until `until` or for good, and ends all sessions. */
export async function banUser(
  tx: Tx,
  id: string,
  ban: { reason: string | null; until: Date | null; now: Date },
): Promise<void> {
  await tx.run(
    'accounts.ban',
    sql`with signed_out as (delete from sessions where user_id = ${id})
        update users set banned = true, ban_reason = ${ban.reason}, ban_expires = ${ban.until}::timestamptz,
          updated_at = ${ban.now}::timestamptz
        where id = ${id}`,
  )
}

export async function unbanUser(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.run(
    'accounts.unban',
    sql`update users set banned = false, ban_reason = null, ban_expires = null, updated_at = ${now}::timestamptz
        where id = ${id}`,
  )
}

/** Gives a user a password that somebody else has chosen, and ends all sessions. */
export async function setPassword(
  tx: Tx,
  id: string,
  change: { accountId: string; passwordHash: string; by: string; now: Date },
): Promise<void> {
  const { accountId, passwordHash, by, now } = change
  await tx.run(
    'accounts.setPassword',
    sql`with signed_out as (
          delete from sessions where user_id = ${id}
        ), changed as (
          update auth_accounts set password = ${passwordHash}, updated_at = ${now}::timestamptz
          where user_id = ${id} and provider_id = 'credential' returning id
        ), made as (
          insert into auth_accounts (id, account_id, provider_id, user_id, password, created_at, updated_at)
          select ${accountId}, ${id}, 'credential', ${id}, ${passwordHash}, ${now}::timestamptz, ${now}::timestamptz
          where not exists (select from changed)
        )
        update users set password_set_at = ${now}::timestamptz, password_set_by = ${by}, updated_at = ${now}::timestamptz
        where id = ${id}`,
  )
}

/** Sets the given columns and leaves the others; `shopId: null` takes the shop away. */
export async function updateUser(
  tx: Tx,
  id: string,
  change: { role: Role; shopId: string | null; codTrusted: boolean | undefined; now: Date },
): Promise<void> {
  await tx.run(
    'accounts.updateUser',
    sql`update users set role = ${change.role}, shop_id = ${change.shopId}::uuid,
          cod_trusted = coalesce(${change.codTrusted ?? null}::boolean, cod_trusted), updated_at = ${change.now}::timestamptz
        where id = ${id}`,
  )
}

/**
 * A user with a password, or undefined when the address is taken. The layout of the password row is the library's: its
 * account id is the user's own id and its provider is "credential".
 */
export async function insertUser(
  tx: Tx,
  user: {
    id: string
    accountId: string
    email: string
    name: string
    role: Role
    shopId: string | null
    passwordHash: string
    now: Date
  },
): Promise<{ id: string } | undefined> {
  return tx.maybeOne(
    'accounts.insertUser',
    sql`with made as (
          insert into users (id, name, email, role, shop_id, created_at, updated_at)
          values (${user.id}, ${user.name}, ${user.email}, ${user.role}, ${user.shopId}::uuid, ${user.now}::timestamptz, ${user.now}::timestamptz)
          on conflict (email) do nothing
          returning id
        ), password as (
          insert into auth_accounts (id, account_id, provider_id, user_id, password, created_at, updated_at)
          select ${user.accountId}, id, 'credential', id, ${user.passwordHash}, ${user.now}::timestamptz, ${user.now}::timestamptz from made
        )
        select id from made`,
  )
}

/** Makes an existing user an admin with a new password and ends its sessions. */
export async function takeOverAsAdmin(
  tx: Tx,
  change: { id: string; accountId: string; passwordHash: string; now: Date },
): Promise<void> {
  await tx.run(
    'accounts.takeOver',
    sql`with promoted as (
          update users set role = 'admin', shop_id = null, banned = false, ban_reason = null, ban_expires = null,
            admin_since = null, admin_by = null, password_set_at = null, password_set_by = null,
            updated_at = ${change.now}::timestamptz
          where id = ${change.id}
        ), signed_out as (
          delete from sessions where user_id = ${change.id}
        ), forgotten as (
          delete from auth_accounts where user_id = ${change.id}
        )
        insert into auth_accounts (id, account_id, provider_id, user_id, password, created_at, updated_at)
        values (${change.accountId}, ${change.id}, 'credential', ${change.id}, ${change.passwordHash}, ${change.now}::timestamptz, ${change.now}::timestamptz)`,
  )
}

export async function deleteSessions(tx: Tx, userId: string): Promise<void> {
  await tx.run('accounts.deleteSessions', sql`delete from sessions where user_id = ${userId}`)
}

export async function deleteEndedSessions(tx: Tx, now: Date, limit: number): Promise<number> {
  return tx.run(
    'accounts.deleteEndedSessions',
    sql`delete from sessions where id = any(array(
          select id from sessions where expires_at < ${now} order by expires_at limit ${limit}))`,
  )
}
