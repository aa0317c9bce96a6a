/**
 * People: who a request comes from, and what they may do. Guarantees that a role, a ban, an ended session or a changed
 * password takes effect with the next request, because each request reads them anew, in one statement.
 */
import { createSecretKey } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import type { PatchUserBody, Role, User, UserListQuery } from '../../shared/contract/accounts.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import { inTransaction, violatedConstraint, type Db } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { cleanLine } from '../../shared/text.ts'
import { cleanEmail, type Principal } from './account.ts'
import { openLibrary } from './library.ts'
import * as queries from './queries.ts'
import { carriedToken, verifyToken } from './session-token.ts'

export type { Principal } from './account.ts'
export { deleteEndedSessions, hasAdmin, isCodTrusted, listPeople } from './queries.ts'

export interface NewUser {
  email: string
  password: string
  name: string
  role: Role
  /** For sellers: the shop they work for. */
  shopId?: string
}

export interface Accounts {
  /** Who is asking, by cookie or bearer token; undefined when nobody is signed in, or no longer. Read once per request. */
  find(request: FastifyRequest): Promise<Principal | undefined>
  /** Who is asking. Throws `unauthenticated` (401) when nobody is signed in. */
  require(request: FastifyRequest): Promise<Principal>
  /** Who is asking, in one of these roles. Throws `unauthenticated` (401) or `forbidden` (403). */
  requireRole(request: FastifyRequest, ...roles: Role[]): Promise<Principal>
  /** Makes this user when its address is not taken; a user that is there stays as it is. Gives the user's id. */
  ensureUser(user: NewUser): Promise<{ id: string }>
  /**
   * Makes sure that there is an admin: nothing when one exists. A user who already has this address becomes the admin
   * with this password, and all its sessions end, because whoever signed up first need not be the operator.
   */
  ensureAdmin(admin: { email: string; password: string; name?: string }): Promise<{ id: string } | undefined>
}

export interface AccountsOptions {
  databaseUrl: string
  /** How long the auth library may wait for a free connection; two seconds when not given. */
  acquireTimeoutMs?: number
  secret: string
  publicUrl: string
  /** Origins whose pages may sign in: our own and CORS_ORIGINS. */
  trustedOrigins: string[]
}

export interface OpenAccounts extends Accounts {
  /** The auth library's own routes under /api/auth. */
  handler(request: Request): Promise<Response>
  close(): Promise<void>
}

export async function createAccounts(deps: Deps, options: AccountsOptions): Promise<OpenAccounts> {
  const library = await openLibrary(deps, options)
  const secret = createSecretKey(Buffer.from(library.secret))
  const found = new WeakMap<FastifyRequest, Promise<Principal | undefined>>()

  async function read(request: FastifyRequest): Promise<Principal | undefined> {
    const signed = carriedToken(request.headers, library.cookieName)
    if (signed === undefined) return undefined
    const token = verifyToken(signed, secret)
    return token === undefined ? undefined : queries.findPrincipal(deps.db, token, deps.ports.clock.now())
  }

  function find(request: FastifyRequest): Promise<Principal | undefined> {
    let principal = found.get(request)
    if (principal === undefined) {
      principal = read(request)
      found.set(request, principal)
    }
    return principal
  }

  async function requireSignedIn(request: FastifyRequest): Promise<Principal> {
    const principal = await find(request)
    if (principal === undefined) throw new AppError('unauthenticated', 'Sign in first.')
    return principal
  }

  async function ensureUser(user: NewUser): Promise<{ id: string }> {
    const email = cleanEmail(user.email)
    const known = await queries.findUserByEmail(deps.db, email)
    if (known !== undefined) return { id: known.id }
    const passwordHash = await library.hashPassword(user.password)
    const made = await queries.insertUser(deps.db.alone, {
      id: deps.ports.ids.uuid(),
      accountId: deps.ports.ids.uuid(),
      email,
      name: cleanLine(user.name),
      role: user.role,
      shopId: user.shopId ?? null,
      passwordHash,
      now: deps.ports.clock.now(),
    })
    if (made !== undefined) return made
    // Another process made it between our two statements.
    const other = await queries.findUserByEmail(deps.db, email)
    if (other === undefined) throw new Error('a user vanished while it was being made')
    return { id: other.id }
  }

  return {
    find,
    require: requireSignedIn,
    async requireRole(request, ...roles) {
      const principal = await requireSignedIn(request)
      if (!roles.includes(principal.role)) throw new AppError('forbidden', 'Your account may not do this.')
      return principal
    },
    ensureUser,
    async ensureAdmin(admin) {
      if (await queries.hasAdmin(deps.db)) return undefined
      const email = cleanEmail(admin.email)
      const before = await queries.findUserByEmail(deps.db, email)
      if (before === undefined) {
        return ensureUser({ ...admin, name: admin.name ?? 'Admin', role: 'admin' })
      }
      await queries.takeOverAsAdmin(deps.db.alone, {
        id: before.id,
        accountId: deps.ports.ids.uuid(),
        passwordHash: await library.hashPassword(admin.password),
        now: deps.ports.clock.now(),
      })
      return { id: before.id }
    },
    handler: library.handler,
    close: library.close,
  }
}

/** Users, newest first. */
export async function listUsers(deps: Deps, query: UserListQuery) {
  const limit = query.limit ?? 24
  const [before] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['text'])
  const rows = await queries.listUsers(deps.db, {
    search: query.search,
    role: query.role,
    before: before as string | undefined,
    limit: limit + 1,
  })
  const page = cutPage(rows, limit, (row) => [row.id])
  return { users: page.rows.map(toUser), pagination: page.pagination }
}

/**
 * Changes a user's role, shop or trust for cash on delivery. Only sellers and admins have a shop: another role loses it.
 *
 * @throws AppError not_found; validation_failed for a shop that does not exist; invalid_transition for the last admin
 */
export async function changeUser(deps: Deps, id: string, change: PatchUserBody): Promise<User> {
  try {
    await inTransaction(deps.db, 'accounts.changeUser', async (tx) => {
      // Admins first, then the user: every change locks in this order.
      const admins = change.role === undefined || change.role === 'admin' ? undefined : await queries.lockAdmins(tx)
      const user = await queries.lockUser(tx, id)
      if (user === undefined) throw new AppError('not_found', 'There is no such user.')
      if (admins !== undefined && user.role === 'admin' && admins.every((admin) => admin === id)) {
        throw new AppError('invalid_transition', 'This is the last admin. Make another one first.')
      }
      const role = change.role ?? user.role
      const shopId = change.shopId === undefined ? user.shop_id : change.shopId
      if (role === 'customer' && change.shopId != null) throw invalidField('shopId', 'a customer works for no shop')
      await queries.updateUser(tx, id, {
        role,
        shopId: role === 'customer' ? null : shopId,
        codTrusted: change.codTrusted,
        now: deps.ports.clock.now(),
      })
    })
  } catch (error) {
    if (violatedConstraint(error) === 'users_shop') throw invalidField('shopId', 'there is no such shop')
    throw error
  }
  const user = await queries.findUser(deps.db, id)
  if (user === undefined) throw new AppError('not_found', 'There is no such user.')
  return toUser(user)
}

/** The id of the user with this address, if there is one. */
export async function findUserId(db: Db, email: string): Promise<string | undefined> {
  return (await queries.findUserByEmail(db, cleanEmail(email)))?.id
}

/** Ends every session of a user. */
export async function signOutEverywhere(deps: Deps, userId: string): Promise<void> {
  await queries.deleteSessions(deps.db.alone, userId)
}

function toUser(row: queries.UserRow): User {
  return {
    id: row.id,
    name: row.name,
    email: row.email,
    role: row.role,
    shopId: row.shop_id,
    shopName: row.shop_name,
    codTrusted: row.cod_trusted,
    banned: row.banned,
    createdAt: row.created_at.toISOString(),
  }
}
