/**
 * The surroundings of real servers that are killed, paused or left without a database: a database and a provider that
 * outlive them, and one server that stays.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realPorts } from '../sandbox/ports.ts'
import { startSandbox } from '../sandbox/sandbox.ts'
import { openDatabase } from '../server/platform/database.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { PRICE, tradeWith } from './crash-trade.ts'
import type { TestDatabase } from './database.ts'
import { startServer, type ServerProcess } from './server-process.ts'
import { createStockedDatabase, TEST_SECRET } from './shop.ts'
import { PATIENCE_MS, until } from './until.ts'

const STOCK = 100_000
/** A delay that lasts until it is released. */
const HELD_MS = 86_399_999

export type CrashWorld = Awaited<ReturnType<typeof openCrashWorld>>

/** @param options.database where the servers keep their data; a fresh test database when not given */
export async function openCrashWorld(options: { database?: TestDatabase; env?: Record<string, string> } = {}) {
  const stocked =
    options.database === undefined ? await createStockedDatabase({ price: PRICE, stock: STOCK }) : undefined
  const database = options.database ?? stocked?.database
  if (database === undefined) throw new Error('there is no database')
  // The provider tells nothing by itself: a webhook is delivered by hand to the server that it will kill.
  const held: (() => void)[] = []
  const { after } = realPorts()
  const sandbox = await startSandbox({
    dataDir: ':memory:',
    port: 0,
    ports: {
      after(ms, work) {
        if (ms !== HELD_MS) return after(ms, work)
        held.push(work)
        return () => {}
      },
    },
  })
  const db = openDatabase({ url: database.url, max: 4, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
  const dataDir = mkdtempSync(join(tmpdir(), 'hundi-crash-'))
  const servers: ServerProcess[] = []

  async function start(role: 'all' | 'api' | 'worker', crashAt?: string, env: Record<string, string> = {}) {
    const server = await startServer({
      role,
      databaseUrl: database?.url ?? '',
      sandboxUrl: sandbox.url,
      dataDir,
      secret: TEST_SECRET,
      env: { POLL_AFTER_S: '1', ...options.env, ...env },
      ...(crashAt === undefined ? {} : { crashAt }),
    })
    servers.push(server)
    return server
  }

  const owner = { email: 'admin@example.test', password: 'a long enough password' }
  const steady = await start(
    'api',
    undefined,
    stocked === undefined ? { ADMIN_EMAIL: owner.email, ADMIN_PASSWORD: owner.password } : {},
  )
  const { productId, admin } = stocked ?? (await openForBusiness(steady, owner))
  const trade = tradeWith({ db, sandbox, productId, steady })
  return {
    ...trade,
    steady,
    databaseUrl: database.url,
    dataDir,
    admin,
    start,
    /** Holds up the provider's answer to the next call that matches, from when it is asked until it is released. */
    async holdAnswer(match: string): Promise<{ asked: Promise<void>; release(): void }> {
      await trade.fault({ match, kind: 'delay', delayMs: HELD_MS })
      return {
        asked: until('the provider is asked', () => held.length > 0),
        release: () => held.shift()?.(),
      }
    },
    /** A worker that nobody kills brings every order to its end; then everything must hold. */
    async bringToEnd(): Promise<void> {
      const worker = await start('worker')
      await trade.bringToEnd(async () => {})
      await worker.stop()
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

/** Puts a product on the shelf of a shop that has nothing. */
async function openForBusiness(
  steady: ServerProcess,
  owner: { email: string; password: string },
): Promise<{ productId: string; admin: { authorization: string } }> {
  const session = await steady.call('POST', '/api/auth/sign-in/email', { body: owner })
  const admin = { authorization: `Bearer ${session.body.token}` }
  const shop = await steady.call('POST', '/api/admin/shops', { as: admin, body: { name: 'Malabar Pepper House' } })
  const goods = {
    title: 'Pepper',
    price: PRICE,
    currency: 'INR',
    shopId: shop.body.data.shop.id,
    stock: STOCK,
    taxRateBps: 500,
  }
  const product = await steady.call('POST', '/api/admin/products', { as: admin, body: goods })
  return { productId: product.body.data.product.id, admin }
}
