/**
 * People: who a request comes from, and what they may do. Guarantees that a role, a ban, an ended session or a changed
 * password takes effect with the next request, because each request reads them anew, in one statement.
 */
import { createSecretKey } from 'node:crypto'
import { availableParallelism } from 'node:os'
import type { FastifyRequest } from 'fastify'
import type { Role, UserListQuery } from '../../shared/contract/accounts.ts'
import { cleanLine } from '../../shared/text.ts'
import { createBoundedQueue, type BoundedQueue, type QueueLimits } from '../platform/bounded-queue.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Db } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import { cleanEmail, type Principal } from './account.ts'
import { toUser } from './admins.ts'
import { openLibrary } from './library.ts'
import * as queries from './queries.ts'
import { carriedToken, verifyToken } from './session-token.ts'

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
   * Makes sure that there is an admin who can sign in: nothing when one exists. A user who already has this address becomes
   * the admin with this password, and all its sessions end, because whoever signed up first need not be the operator.
   *
   * @returns the admin that was made; `there` when this very address is an admin's; `others` when only other addresses are
   */
  ensureAdmin(admin: {
    email: string
    password: string
    name?: string
  }): Promise<{ outcome: 'made'; id: string } | { outcome: 'there' | 'others' }>
  /**
   * Shuts out whoever of these still has this password, which is no secret: nobody can sign in, every session ends, and the
   * password is gone, so that letting them in again takes a new one.
   *
   * @returns the addresses of those that it has shut out
   */
  shutOutByPassword(emails: readonly string[], password: string, reason: string): Promise<string[]>
}

export interface AccountsOptions {
  databaseUrl: string
  /** How long the auth library may wait for a free connection; two seconds when not given. */
  acquireTimeoutMs?: number
  secret: string
  publicUrl: string
  /** Origins whose pages may sign in: our own and CORS_ORIGINS. */
  trustedOrigins: string[]
  /** Is no password in this shop. */
  shopName?: string
  /** How many passwords are hashed at once and how many wait; what suits this machine when not given. */
  hashing?: Partial<QueueLimits>
}

/**
 * Hashing a password takes a core for some 70 ms. One core is left for everybody else; a person waits three seconds at
 * most, and one address cannot make others wait.
 */
const HASHING: QueueLimits = {
  atOnce: Math.max(1, Math.min(4, availableParallelism() - 1)),
  waiting: 40,
  waitingPerClient: 10,
  retryAfterS: 5,
}

export interface OpenAccounts extends Accounts {
  /** The auth library's own routes under /api/auth. */
  handler(request: Request): Promise<Response>
  /** Whatever hashes a password for somebody outside runs here. */
  hashing: BoundedQueue
  hashPassword(password: string): Promise<string>
  shopName: string | undefined
  /** Loads the auth library, which is otherwise done when it is first needed. */
  load(): Promise<void>
  close(): Promise<void>
}

export async function createAccounts(deps: Deps, options: AccountsOptions): Promise<OpenAccounts> {
  const library = openLibrary(deps, options)
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
      const email = cleanEmail(admin.email)
      const now = deps.ports.clock.now()
      const before = await queries.findUserByEmail(deps.db, email)
      if (await queries.hasAdmin(deps.db, now)) return { outcome: before?.role === 'admin' ? 'there' : 'others' }
      if (before === undefined) {
        const { id } = await ensureUser({ ...admin, name: admin.name ?? 'Admin', role: 'admin' })
        return { outcome: 'made', id }
      }
      await queries.takeOverAsAdmin(deps.db.alone, {
        id: before.id,
        accountId: deps.ports.ids.uuid(),
        passwordHash: await library.hashPassword(admin.password),
        now,
      })
      return { outcome: 'made', id: before.id }
    },
    async shutOutByPassword(emails, password, reason) {
      const shutOut: string[] = []
      for (const { id, email, hash } of await queries.listPasswords(deps.db, emails.map(cleanEmail))) {
        if (!(await library.verifyPassword(hash, password))) continue
        const now = deps.ports.clock.now()
        if (await queries.shutOutWithPassword(deps.db.alone, id, hash, reason, now)) shutOut.push(email)
      }
      return shutOut
    },
    handler: library.handler,
    hashing: createBoundedQueue({ ...HASHING, ...options.hashing }),
    hashPassword: library.hashPassword,
    shopName: options.shopName,
    load: library.load,
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

/** The user with this address, if there is one, and whether that person is shut out. */
export async function findByEmail(db: Db, email: string): Promise<{ id: string; banned: boolean } | undefined> {
  return queries.findUserByEmail(db, cleanEmail(email))
}

/** Whether there is an admin who can sign in. */
export function hasAdmin(deps: Deps): Promise<boolean> {
  return queries.hasAdmin(deps.db, deps.ports.clock.now())
}
