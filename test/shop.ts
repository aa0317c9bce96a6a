/**
 * A whole shop for tests: the real application on real PostgreSQL, listening on a real port, with the sandbox as its
 * provider on another. Only the clock can be moved, and the workers run when a test says so.
 */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { startSandbox, type RunningSandbox } from '../sandbox/sandbox.ts'
import type { NewUser, OpenAccounts } from '../server/accounts/service.ts'
import type { CheckoutDeps } from '../server/checkout/service.ts'
import type { Receiver } from '../server/inbox/receive.ts'
import { openDatabase, sql, type Database } from '../server/platform/database.ts'
import { runPassesUntilIdle, type Pass } from '../server/platform/passes.ts'
import { systemPorts, type Points } from '../server/platform/ports.ts'
import { assemble } from './assembly.ts'
import { createTestDatabase, EMPTY, type Template, type TestDatabase } from './database.ts'
import { limitAnswers, limitCalls } from './limits.ts'
import { bearer, signIn, type SignedIn } from './people.ts'
import { PATIENCE_MS, until } from './until.ts'

export const TEST_SECRET = 'only-for-tests-7f1c0f0b5d3a4e6c9b8a'

export interface ShopOptions {
  /** Requests per client and minute; 0 (the default here) switches limits off. */
  perMinute?: number
  orderTtlS?: number
  /** What one client may keep from others; no limits when not given. */
  caps?: Partial<CheckoutDeps['caps']>
  /** Whose days are counted; those of India when not given. */
  timeZone?: string
  mismatch?: 'hold' | 'refund'
  /** Above this a second admin must agree to a refund by hand. */
  refundApprovalAbove?: number
  /** False: the sandbox tells us nothing by itself. */
  webhooks?: boolean
  /** The secrets that we accept, made from the one that the sandbox signs with; only that one when not given. */
  webhookSecrets?: (signedWith: string) => string[]
  /** How much faster than at the provider the sandbox's own delays pass. */
  timeScale?: number
  points?: Points
  /** When the books are compared with the provider's by themselves, UTC; never when not given. */
  reconcileAt?: { hour: number; minute: number }
  /** How long a call to the provider may take, asked for each call; very long when not given. */
  callLimitMs?: () => number
  /** Leads the shop's connections another way than straight to its database. */
  through?: (databaseUrl: string) => Promise<string>
  /** How long the database may leave a statement unanswered, asked for each statement; very long when not given. */
  answerLimitMs?: () => number
  /** Where its data are; an empty database when not given. The shop takes it away when it closes. */
  database?: TestDatabase
}

export interface Answer {
  status: number
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of a body by its assertions
  body: any
  headers: Headers
}

export interface CallOptions {
  body?: unknown
  /** Sent as it is, with its own content type. */
  raw?: { content: string | Uint8Array<ArrayBuffer>; type: string }
  as?: { authorization: string }
  guestToken?: string
  key?: string
  headers?: Record<string, string>
}

export interface Shop {
  url: string
  sandbox: RunningSandbox
  deps: CheckoutDeps
  db: Database
  accounts: OpenAccounts
  receiver: Receiver
  /** How far the clock of the system under test is ahead of the real one. */
  clock: { aheadMs: number }
  passes: Pass[]
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, options?: CallOptions): Promise<Answer>
  /** Calls the sandbox's control API. */
  control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer>
  /** Makes a user and gives the header that signs its requests; with a password, through the library's own sign-in. */
  signedIn(user: Partial<NewUser> & { role: NewUser['role'] }): Promise<SignedIn>
  /** Runs the workers until nothing is due. */
  work(): Promise<void>
  /** Waits until the sandbox has told us everything it has to tell now, and we have processed it. */
  settled(): Promise<void>
  close(): Promise<void>
}

export async function openShop(options: ShopOptions = {}): Promise<Shop> {
  const database = options.database ?? (await createTestDatabase())
  const sandbox = await startSandbox({ dataDir: ':memory:', port: 0, timeScale: options.timeScale ?? 1 })
  const clock = { aheadMs: 0 }
  const ports = systemPorts(options.points)
  ports.clock = { now: () => new Date(Date.now() + clock.aheadMs), monotonicMs: () => performance.now() }
  ports.network = limitCalls(ports.network, options.callLimitMs ?? (() => PATIENCE_MS))
  const databaseUrl = (await options.through?.(database.url)) ?? database.url
  const parts = await assemble({ databaseUrl, sandbox, ports, secret: TEST_SECRET }, options)
  const { deps, accounts, receiver, db, workDb } = parts
  for (const { pool } of [db, workDb]) limitAnswers(pool, options.answerLimitMs ?? (() => PATIENCE_MS))
  const app = await parts.app()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`

  const control: Shop['control'] = (method, path, body) =>
    send(sandbox.url, method, path, body === undefined ? {} : { body })
  if (options.webhooks !== false)
    await control('POST', '/razorpay/_sandbox/webhook-urls', { url: `${url}/api/payments/webhook/razorpay` })

  let people = 0
  return {
    url,
    sandbox,
    deps,
    db,
    accounts,
    receiver,
    clock,
    passes: parts.passes,
    call: (method, path, callOptions = {}) => send(url, method, path, callOptions),
    control,
    async signedIn(user) {
      people += 1
      const named = { email: `person-${people}@example.test`, name: `Person ${people}`, ...user }
      if (user.password === undefined) return signIn(deps, TEST_SECRET, named)
      const { email, password } = { ...named, password: user.password }
      const { id } = await accounts.ensureUser({ ...named, password })
      const answer = await send(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } })
      return { id, authorization: `Bearer ${answer.body.token}` }
    },
    work: () => runPassesUntilIdle(parts.passes),
    async settled() {
      await until('what the sandbox has to tell', async () => {
        await receiver.idle()
        const { body } = await control('GET', '/razorpay/_sandbox/webhooks')
        const { body: clock } = await control('GET', '/_sandbox/clock')
        // What is due later (a retry, a late event) is not waited for.
        const waiting = (body as { deliveries?: { status: string; dueAt: number }[] }[])
          .flatMap((event) => event.deliveries ?? [])
          .filter((delivery) => delivery.status === 'waiting' && delivery.dueAt < clock.now + 300)
        return waiting.length === 0
      })
      await receiver.idle()
    },
    async close() {
      await app.close()
      await receiver.idle()
      await sandbox.close()
      await accounts.close()
      // Whatever a test did, nobody kept a connection.
      const kept = [db, workDb].map(({ pool }) => pool.totalCount - pool.idleCount)
      await db.close()
      await workDb.close()
      await database.drop()
      assert.deepEqual(kept, [0, 0])
    },
  }
}

/** Sends a request and reads the answer, whatever its status. Rejects when there is none. */
export async function send(base: string, method: string, path: string, asked: CallOptions): Promise<Answer> {
  const { headers, body } = messageOf(asked)
  const response = await fetch(`${base}${path}`, {
    method,
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, body: parsed(await response.text()), headers: response.headers }
}

/** The headers and the body of a request. */
export function messageOf(asked: CallOptions): {
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer> | undefined
} {
  const headers: Record<string, string> = { ...asked.headers }
  if (asked.as !== undefined) headers['authorization'] = asked.as.authorization
  if (asked.guestToken !== undefined) headers['x-guest-token'] = asked.guestToken
  if (asked.key !== undefined) headers['idempotency-key'] = asked.key
  if (asked.raw !== undefined)
    return { headers: { ...headers, 'content-type': asked.raw.type }, body: asked.raw.content }
  if (asked.body === undefined) return { headers, body: undefined }
  return { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(asked.body) }
}

/** What an answer says: JSON, or text where pages and redirects answer text. */
export function parsed(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const PRICE = 24_500
const STOCK = 100

/** A shop with an admin who is signed in, and one product in stock, made as people make them. */
const STOCKED: Template = {
  name: 'stocked',
  from: EMPTY,
  madeOf: ['server', 'shared', 'test/shop.ts', 'test/assembly.ts', 'test/people.ts'],
  async fill(url) {
    const shop = await openShop({ database: { url, drop: async () => {} } })
    const password = 'a long enough password'
    const admin = await shop.signedIn({ role: 'admin', email: 'admin@example.test', name: 'Person 1', password })
    const made = await shop.call('POST', '/api/admin/shops', { as: admin, body: { name: 'Malabar Pepper House' } })
    const title = 'Tellicherry pepper'
    const goods = {
      title,
      price: PRICE,
      currency: 'INR',
      shopId: made.body.data.shop.id,
      stock: STOCK,
      taxRateBps: 500,
    }
    const product = await shop.call('POST', '/api/admin/products', { as: admin, body: goods })
    assert.equal(product.status, 201, JSON.stringify(product.body))
    // A server for tests may be kept for longer than a session lasts.
    await shop.db.alone.run('test.sessions', sql`update sessions set expires_at = now() + interval '1 year'`)
    await shop.close()
  },
}

export interface Stock {
  stock?: number
  price?: number
}

/** A database with a shop, its admin and one product in stock, and what is needed to use them. */
export async function createStockedDatabase({ price = PRICE, stock = STOCK }: Stock = {}) {
  const database = await createTestDatabase(STOCKED)
  const db = openDatabase({ url: database.url, max: 1, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
  const found = await db.alone.one<{ shopId: string; productId: string; adminId: string; token: string }>(
    'test.stocked',
    sql`with priced as (update products set price = ${price} returning id, shop_id),
          counted as (update inventory set on_hand = ${stock}),
          moved as (update inventory_movements set quantity = ${stock})
        select p.id as "productId", p.shop_id as "shopId", s.user_id as "adminId", s.token
        from priced p, sessions s`,
  )
  await db.close()
  const { shopId, productId, adminId, token } = found
  return { database, shopId, productId, admin: { id: adminId, authorization: bearer(token, TEST_SECRET) } }
}

/** A shop with one product in stock; what most flows need. */
export async function stockedShop(options: ShopOptions & Stock = {}) {
  const { database, ...stocked } = await createStockedDatabase(options)
  return { shop: await openShop({ ...options, database }), ...stocked }
}

export const ADDRESS = {
  name: 'Ananya Deshpande',
  phone: '+919812345210',
  line1: '14 Prabhat Road, Lane 9',
  city: 'Pune',
  state: 'Maharashtra',
  postalCode: '411004',
  country: 'IN',
}

export function orderBody(productId: string, quantity = 1) {
  return {
    items: [{ productId, quantity }],
    shippingAddress: ADDRESS,
    email: 'ananya@example.test',
    paymentMethod: 'online',
  }
}
