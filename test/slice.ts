/** An app with accounts and the routes that a test asks for, on a database of its own, with a clock that a test can move. */
import { registerAccountRoutes } from '../server/accounts/routes.ts'
import { createAccounts, type AccountsOptions, type NewUser, type OpenAccounts } from '../server/accounts/service.ts'
import { openDatabase } from '../server/platform/database.ts'
import type { Deps } from '../server/platform/deps.ts'
import { createHttp, type App } from '../server/platform/http.ts'
import { createLog } from '../server/platform/log.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { createRateLimiter } from '../server/platform/rate-limit.ts'
import { createTestDatabase } from './database.ts'
import { signIn, type SignedIn } from './people.ts'
import { PATIENCE_MS } from './until.ts'

export const TEST_SECRET = 'only-for-tests-7f1c0f0b5d3a4e6c9b8a'

export interface SliceApp {
  app: App
  deps: Deps
  accounts: OpenAccounts
  /** How far the clock of the system under test is ahead of the real one, or when it stands still. */
  clock: { aheadMs: number; stoppedAt?: Date }
  /** Makes a user and gives the header that signs its requests; with a password, through the library's own sign-in. */
  signedIn(user: Partial<NewUser> & { role: NewUser['role'] }): Promise<SignedIn>
  /** Sends a request and gives status and parsed body. */
  call(
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    options?: { body?: unknown; as?: { authorization: string }; headers?: Record<string, string> },
    // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of a body by its assertions
  ): Promise<{ status: number; body: any; headers: Record<string, string | string[] | number | undefined> }>
  close(): Promise<void>
}

export async function openSliceApp(
  register: (app: App, deps: Deps, accounts: OpenAccounts) => void,
  options: { perMinute?: number; publicUrl?: string; hashing?: AccountsOptions['hashing'] } = {},
): Promise<SliceApp> {
  const database = await createTestDatabase()
  const clock: SliceApp['clock'] = { aheadMs: 0 }
  const ports = systemPorts()
  ports.clock = {
    now: () => clock.stoppedAt ?? new Date(Date.now() + clock.aheadMs),
    monotonicMs: () => performance.now(),
  }
  const db = openDatabase({ url: database.url, max: 8, acquireTimeoutMs: PATIENCE_MS }, ports)
  const log = createLog('silent')
  const deps: Deps = {
    db,
    ports,
    log,
    limiter: createRateLimiter(db, options.perMinute ?? 0),
    timeZone: 'Asia/Kolkata',
  }
  const publicUrl = options.publicUrl ?? 'http://127.0.0.1:3000'
  const accounts = await createAccounts(deps, {
    databaseUrl: database.url,
    acquireTimeoutMs: PATIENCE_MS,
    secret: TEST_SECRET,
    publicUrl,
    trustedOrigins: [publicUrl],
    shopName: 'The Tea House',
    ...(options.hashing === undefined ? {} : { hashing: options.hashing }),
  })
  const app = await createHttp({ log, ports, publicUrl, corsOrigins: [], trustProxyHops: 0 })
  registerAccountRoutes(app, deps, accounts)
  register(app, deps, accounts)
  await app.ready()

  const call: SliceApp['call'] = async (method, url, { body, as, headers } = {}) => {
    const response = await app.inject({
      method,
      url,
      headers: { ...(as === undefined ? {} : { authorization: as.authorization }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return {
      status: response.statusCode,
      body: response.body === '' ? undefined : response.json(),
      headers: response.headers,
    }
  }

  let people = 0
  return {
    app,
    deps,
    accounts,
    clock,
    call,
    async signedIn(user) {
      people += 1
      const email = user.email ?? `person-${people}@example.test`
      const name = user.name ?? `Person ${people}`
      if (user.password !== undefined) {
        const { id } = await accounts.ensureUser({ ...user, email, name, password: user.password })
        const answer = await call('POST', '/api/auth/sign-in/email', { body: { email, password: user.password } })
        return { id, authorization: `Bearer ${answer.body.token}` }
      }
      return signIn(deps, TEST_SECRET, { ...user, email, name })
    },
    async close() {
      await app.close()
      await accounts.close()
      await db.close()
      await database.drop()
    },
  }
}
