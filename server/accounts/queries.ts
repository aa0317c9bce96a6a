import type { Role } from '../../shared/contract/accounts.ts'
import { containing } from '../platform/cursor.ts'
import { empty, sql, type Db, type Tx } from '../platform/database.ts'
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

export async function findUserByEmail(db: Db, email: string): Promise<{ id: string; role: Role } | undefined> {
  return db.maybeOne('accounts.findUserByEmail', sql`select id, role from users where email = ${email}`)
}

export async function isCodTrusted(db: Db, userId: string): Promise<boolean> {
  const row = await db.maybeOne<{ cod_trusted: boolean }>(
    'accounts.isCodTrusted',
    sql`select cod_trusted from users where id = ${userId}`,
  )
  return row?.cod_trusted ?? false
}

/** Locks every admin, in the order of their ids, so that two changes of the last two admins come one after the other. */
export async function lockAdmins(tx: Tx): Promise<string[]> {
  const rows = await tx.many<{ id: string }>(
    'accounts.lockAdmins',
    sql`select id from users where role = 'admin' order by id for update`,
  )
  return rows.map((row) => row.id)
}

export async function hasAdmin(db: Db): Promise<boolean> {
  const { found } = await db.one<{ found: boolean }>(
    'accounts.hasAdmin',
    sql`select exists (select from users where role = 'admin') as found`,
  )
  return found
}

/** Locks a user and gives its role and shop, or undefined when there is no such user. */
export async function lockUser(tx: Tx, id: string): Promise<{ role: Role; shop_id: string | null } | undefined> {
  return tx.maybeOne('accounts.lockUser', sql`select role, shop_id from users where id = ${id} for update`)
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
          update users set role = 'admin', shop_id = null, banned = false, updated_at = ${change.now}::timestamptz
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

export async function deleteEndedSessions(tx: Tx, now: Date): Promise<void> {
  await tx.run('accounts.deleteEndedSessions', sql`delete from sessions where expires_at < ${now}`)
}
