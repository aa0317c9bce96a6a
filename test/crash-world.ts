/**
 * The surroundings of crash tests: a database and a provider that outlive the servers, one server that answers requests
 * and is never killed, and what every order must have become in the end.
 */
import assert from 'node:assert/strict'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSandbox, type RunningSandbox } from '../sandbox/sandbox.ts'
import { openDatabase, sql, type Database } from '../server/platform/database.ts'
import { systemPorts } from '../server/platform/ports.ts'
import {
  count,
  paidAndSentBack,
  paidAnswer,
  paidOnce,
  placedBy,
  written,
  type Brought,
  type Placed,
  type Written,
} from './buyer.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { checkInvariants, compareWithProvider, type ProviderBooks } from './invariants.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { orderBody, send, TEST_SECRET, type Answer } from './shop.ts'
import { PATIENCE_MS } from './until.ts'

export const PRICE = 24_500

/** How often each point is gone through; CRASH_ROUNDS=20 for a thorough run. */
export const ROUNDS = Array.from({ length: Number(process.env['CRASH_ROUNDS'] ?? 1) }, (_, at) =>
  at === 0 ? '' : ` (round ${at + 1})`,
)

/** Around a transaction: before its commit is sent, and after it is known. */
export const commitOf = (name: string) => [`tx:${name}:commit`, `tx:${name}:committed`]
/** Around a provider call: before it is made, and after its answer has come. */
export const callOf = (operation: string) => [
  `provider:razorpay.${operation}`,
  `provider:razorpay.${operation}:answered`,
]

export interface StoredEvent {
  id: string
  type: string
  body: string
}

export type CrashWorld = Awaited<ReturnType<typeof openCrashWorld>>

/** @param options.database where the servers keep their data; a fresh test database when not given */
export async function openCrashWorld(options: { database?: TestDatabase; env?: Record<string, string> } = {}) {
  const database = options.database ?? (await createTestDatabase())
  // The provider tells nothing by itself: a webhook is delivered by hand to the server that it will kill.
  const sandbox: RunningSandbox = await startSandbox({ dataDir: ':memory:', port: 0 })
  const db: Database = openDatabase({ url: database.url, max: 4, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
  const dataDir = mkdtempSync(join(tmpdir(), 'hundi-crash-'))
  const servers: ServerProcess[] = []
  const expected = new Map<string, Written>()

  async function start(role: 'all' | 'api' | 'worker', crashAt?: string, env: Record<string, string> = {}) {
    const server = await startServer({
      role,
      databaseUrl: database.url,
      sandboxUrl: sandbox.url,
      dataDir,
      secret: TEST_SECRET,
      env: { POLL_AFTER_S: '1', ...options.env, ...env },
      ...(crashAt === undefined ? {} : { crashAt }),
    })
    servers.push(server)
    return server
  }

  const { steady, productId, admin } = await openForBusiness(start)

  function control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    return send(sandbox.url, method, `/razorpay/_sandbox${path}`, body === undefined ? {} : { body })
  }

  async function place(): Promise<Placed> {
    const answer = await steady.call('POST', '/api/orders', { body: orderBody(productId) })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    return placedBy(answer)
  }

  async function pay(placed: Pick<Placed, 'providerOrderId'>, outcome = 'captured'): Promise<Brought> {
    const answer = await control('POST', '/pay', { orderId: placed.providerOrderId, outcome })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    return answer.body
  }

  function verifyAt(server: ServerProcess, placed: Placed, brought: Brought): Promise<Answer> {
    const { orderId, guestToken } = placed
    return server.call('POST', '/api/payments/verify', { guestToken, body: { orderId, ...brought } })
  }

  return {
    db,
    databaseUrl: database.url,
    sandbox,
    expected,
    steady,
    productId,
    admin,
    start,
    control,
    place,
    pay,
    verifyAt,
    freshKey: () => randomUUID(),
    async placeAndPay(): Promise<Placed> {
      const placed = await place()
      assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
      return placed
    },
    /** Delivers an event that the provider has written, with its bytes and a signature over them. */
    deliver(server: ServerProcess, event: StoredEvent): Promise<Answer> {
      const signature = createHmac('sha256', sandbox.keys.razorpay.webhookSecret).update(event.body).digest('hex')
      return server.call('POST', '/api/payments/webhook/razorpay', {
        raw: { content: event.body, type: 'application/json' },
        headers: { 'x-razorpay-event-id': event.id, 'x-razorpay-signature': signature },
      })
    },
    hoursPass: () => hoursPass(db),
    /** A worker that nobody kills brings every order to its end; then everything must hold. */
    async bringToEnd(): Promise<void> {
      const worker = await start('worker')
      const end = performance.now() + PATIENCE_MS
      for (;;) {
        await hoursPass(db)
        const open = await unfinished(db, expected)
        if (open.length === 0) break
        if (performance.now() > end) assert.deepEqual(open, [])
        await sleep(100)
      }
      await worker.stop()
      assert.equal(await count(db, sql`orders`), expected.size)
      assert.equal(await count(db, sql`webhook_events where status <> 'processed'`), 0)
      assert.deepEqual(await checkInvariants(db), [])
      const { body } = await control('GET', '/state?limit=1000')
      assert.deepEqual(await compareWithProvider(db, body as ProviderBooks), [])
    },
    async close(): Promise<void> {
      await Promise.all(servers.map((server) => server.stop()))
      await db.close()
      await sandbox.close()
      await database.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Starts the server that stays, and puts a product on its shelf. */
async function openForBusiness(
  start: (role: 'api', crashAt: undefined, env: Record<string, string>) => Promise<ServerProcess>,
): Promise<{ steady: ServerProcess; productId: string; admin: { authorization: string } }> {
  const admin = { email: 'admin@example.test', password: 'a long enough password' }
  const steady = await start('api', undefined, { ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password })
  const session = await steady.call('POST', '/api/auth/sign-in/email', { body: admin })
  const as = { authorization: `Bearer ${session.body.token}` }
  const shop = await steady.call('POST', '/api/admin/shops', { as, body: { name: 'Malabar Pepper House' } })
  const shopId: string = shop.body.data.shop.id
  const product = await steady.call('POST', '/api/admin/products', {
    as,
    body: { title: 'Pepper', price: PRICE, currency: 'INR', shopId, stock: 100_000, taxRateBps: 500 },
  })
  return { steady, productId: product.body.data.product.id, admin: as }
}

/** Hours pass: claims of the dead lapse, and everything that waits is due. Orders keep their time to pay. */
async function hoursPass(db: Database): Promise<void> {
  for (const statement of [
    sql`update payments set next_look_at = now() where next_look_at > now()`,
    sql`update refunds set next_look_at = now() where next_look_at > now()`,
    sql`update webhook_events set next_attempt_at = now() where next_attempt_at > now()`,
    sql`update idempotency_keys set locked_until = now() where status = 'running'`,
  ]) {
    await db.alone.run('test.hours', statement)
  }
}

/** The orders that have not become what they must, as they are now. */
async function unfinished(db: Database, expected: ReadonlyMap<string, Written>): Promise<unknown[]> {
  const ends = await Promise.all(
    [...expected].map(async ([orderId, end]) => ({ orderId, end, now: await written(db, orderId) })),
  )
  return ends.filter(({ end, now }) => JSON.stringify(end) !== JSON.stringify(now))
}

/** The end of an order that was paid. */
export function paid(): Written {
  return paidOnce(PRICE)
}

/** The end of an order that was paid, then cancelled, and whose money went back. */
export function cancelledAfterPaying(): Written {
  return paidAndSentBack(PRICE, 'cancelled/refunded shopper', 'order_cancelled')
}
