/**
 * The auth library as we want it: on our own tables, with our ids, origins and limits. Loading it takes longer than all
 * else of a start, so only library.ts imports this, when it is first needed.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { betterAuth } from 'better-auth'
import { admin, bearer } from 'better-auth/plugins'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { SESSION_LIMITS, setUpSession } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { ADDRESS_HEADER } from './account.ts'

export interface LibraryOptions {
  databaseUrl: string
  acquireTimeoutMs?: number
  secret: string
  publicUrl: string
  trustedOrigins: readonly string[]
}

export interface LoadedLibrary {
  /** Answers whatever the library answers. Throws what made it fail, so that an outage is answered as one. */
  handler(request: Request): Promise<Response>
  hashPassword(password: string): Promise<string>
  verifyPassword(hash: string, password: string): Promise<boolean>
  /** The secret that session tokens are signed with, as the library uses it. */
  secret: string
  /** The name of the session cookie: with a __Secure- prefix when PUBLIC_URL is https. */
  cookieName: string
  close(): Promise<void>
}

/** Signing in is rare beside everything else, and hashing a password takes longer than its statements. */
const MAX_CONNECTIONS = 4
const SESSION_SECONDS = 7 * 24 * 60 * 60

/** The library turns every failure into an empty 500; the error itself is kept here for the request it belongs to. */
const failure = new AsyncLocalStorage<{ error: unknown }>()

const TIMES = { createdAt: 'created_at', updatedAt: 'updated_at' } as const

/** Sets the library up; nothing is asked of the database yet. */
export async function setUpLibrary(deps: Deps, options: LibraryOptions): Promise<LoadedLibrary> {
  // Its own pool: the library's driver awaits each statement and expects a connection that does not pipeline.
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    max: MAX_CONNECTIONS,
    application_name: 'hundi-accounts',
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 2_000,
    // A database that is alive has answered long before; see platform/database.ts.
    query_timeout: 10_000,
    onConnect: (client: pg.ClientBase) => setUpSession(client, SESSION_LIMITS),
  })
  pool.on('error', () => {})
  const auth = betterAuth({
    appName: 'Hundi',
    baseURL: new URL(options.publicUrl).origin,
    basePath: '/api/auth',
    secret: options.secret,
    trustedOrigins: [...options.trustedOrigins],
    telemetry: { enabled: false },
    // A user and its password are written together or not at all.
    database: {
      db: new Kysely<Record<string, never>>({ dialect: new PostgresDialect({ pool }) }),
      type: 'postgres',
      transaction: true,
    },
    logger: {
      // The library logs e-mail addresses at the lower levels; those are no business of a log.
      level: 'error',
      log: (_level, message) => deps.log.error({ library: 'better-auth' }, message),
    },
    emailAndPassword: {
      enabled: true,
      // A session would tell that the address was free; see routes.ts.
      autoSignIn: false,
      minPasswordLength: 8,
      maxPasswordLength: 128,
      revokeSessionsOnPasswordReset: true,
    },
    onAPIError: {
      onError(error) {
        const store = failure.getStore()
        if (store !== undefined) store.error = error
      },
    },
    // Ours counts across processes; see routes.ts.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'hundi',
      useSecureCookies: options.publicUrl.startsWith('https:'),
      // Origins are checked for every route of ours by platform/http.ts, before a request comes here.
      disableCSRFCheck: true,
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
      database: { generateId: () => deps.ports.ids.uuid() },
    },
    session: {
      modelName: 'sessions',
      expiresIn: SESSION_SECONDS,
      // A copy of the session in a cookie would outlive its end on the server.
      cookieCache: { enabled: false },
      fields: {
        userId: 'user_id',
        expiresAt: 'expires_at',
        ipAddress: 'ip_address',
        userAgent: 'user_agent',
        ...TIMES,
      },
    },
    user: {
      modelName: 'users',
      fields: { emailVerified: 'email_verified', ...TIMES },
      additionalFields: {
        shopId: { type: 'string', required: false, input: false, fieldName: 'shop_id' },
      },
    },
    account: {
      modelName: 'auth_accounts',
      fields: {
        accountId: 'account_id',
        providerId: 'provider_id',
        userId: 'user_id',
        accessToken: 'access_token',
        refreshToken: 'refresh_token',
        idToken: 'id_token',
        accessTokenExpiresAt: 'access_token_expires_at',
        refreshTokenExpiresAt: 'refresh_token_expires_at',
        ...TIMES,
      },
    },
    verification: { modelName: 'verifications', fields: { expiresAt: 'expires_at', ...TIMES } },
    plugins: [
      // Without a required signature the token as it stands in the sessions table would open the session.
      bearer({ requireSignature: true }),
      admin({
        defaultRole: 'customer',
        adminRoles: ['admin'],
        schema: {
          user: { fields: { banReason: 'ban_reason', banExpires: 'ban_expires' } },
          session: { fields: { impersonatedBy: 'impersonated_by' } },
        },
      }),
    ],
  })
  const context = await auth.$context
  return {
    handler: (request) =>
      failure.run({ error: undefined }, async () => {
        const response = await auth.handler(request)
        const error = failure.getStore()?.error
        if (response.status >= 500 && error !== undefined) throw error
        return response
      }),
    hashPassword: (password) => context.password.hash(password),
    verifyPassword: (hash, password) => context.password.verify({ hash, password }),
    secret: context.secret,
    cookieName: context.authCookies.sessionToken.name,
    close: () => pool.end(),
  }
}
