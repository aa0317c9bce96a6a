/**
 * Servers that die in this process, at each of their points in turn: the 1st, the 2nd, the 3rd … until one lives to the
 * end of what it does. See test/mortal.ts for what such a death is like.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startSandbox } from '../sandbox/sandbox.ts'
import { openDatabase, sql, type Db } from '../server/platform/database.ts'
import { httpNetwork } from '../server/platform/network.ts'
import { systemPorts } from '../server/platform/ports.ts'
import type { Settings } from './assembly.ts'
import { PRICE, ROUNDS, tradeWith } from './crash-trade.ts'
import { limitCalls } from './limits.ts'
import { Died, startLife, type Life } from './mortal.ts'
import { createStockedDatabase, TEST_SECRET } from './shop.ts'
import { PATIENCE_MS, until } from './until.ts'

export type MortalWorld = Awaited<ReturnType<typeof openMortalWorld>>

export async function openMortalWorld(settings: Settings = {}) {
  const { database, productId, shopId, admin } = await createStockedDatabase({ price: PRICE, stock: 100_000 })
  // The provider tells nothing by itself: a webhook is delivered by hand to the server that it will kill.
  const sandbox = await startSandbox({ dataDir: ':memory:', port: 0 })
  const db = openDatabase({ url: database.url, max: 4, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
  const clock = { aheadMs: 0 }
  const network = limitCalls(httpNetwork(), () => PATIENCE_MS)
  const around = { databaseUrl: database.url, sandbox, secret: TEST_SECRET, network, clock }
  const start = (dyingAt?: number | string) => startLife(around, { pollAfterS: 1, ...settings }, dyingAt)
  const steady = await start()
  const trade = tradeWith({ db, sandbox, productId, steady })
  return {
    ...trade,
    steady,
    admin,
    shopId,
    clock,
    /** Starts a server that dies at its n-th point, or at one of a name. */
    start,
    buried: (server: Life) => buried(db, server),
    /** The provider is well again, and who stopped asking it need not wait until that is noticed. */
    async calm(): Promise<void> {
      await trade.control('DELETE', '/faults')
      await steady.doing(async ({ deps }) => deps.breaker.report('razorpay', true))
    },
    bringToEnd: () => trade.bringToEnd(() => steady.work()),
    async close(): Promise<void> {
      await steady.end()
      await db.close()
      await sandbox.close()
      await database.drop()
    },
  }
}

/** Waits until the database has noticed that the server is gone: until then its locks are held. */
export async function buried(db: Db, server: Life): Promise<void> {
  const pids = server.sessions()
  await until('the sessions of the dead end', async () => {
    const left = await db.many('test.sessions', sql`select pid from pg_stat_activity where pid = any(${pids})`)
    return left.length === 0
  })
}

/** One occasion for a server to die: what it does, and what is asked of the others afterwards. */
export interface Occasion {
  die(server: Life): Promise<unknown>
  /** @param reached the points that it came to, the last of them being where it died, unless it lived */
  after(reached: readonly string[], died: boolean): Promise<void>
}

/** More points than anything here has: a walk that comes so far goes in a circle. */
const MOST_POINTS = 300

/**
 * Declares a test that goes through all points of something that servers do. Each point is a test of its own; the first
 * server lives, and tells what the points are called.
 *
 * @param prepare makes a fresh occasion
 */
export function walk(name: string, world: () => MortalWorld, prepare: () => Promise<Occasion>): void {
  for (const round of ROUNDS) {
    void test(`${name}${round}`, async (t) => {
      let names: readonly string[] = []
      await t.test('and nobody dies', async () => {
        names = await live(world(), await prepare(), Infinity)
      })
      for (let nth = 1, lives = false; !lives; nth += 1) {
        assert.ok(nth < MOST_POINTS, 'a walk has an end')
        lives = nth > names.length
        await t.test(`${nth} ${names[nth - 1] ?? ''}`, async () => {
          const reached = await live(world(), await prepare(), nth)
          lives = reached.length < nth
        })
      }
    })
  }
}

/** Lets one server live until its n-th point, and gives the points that it came to. */
async function live(world: MortalWorld, occasion: Occasion, nth: number): Promise<readonly string[]> {
  const server = await world.start(nth)
  try {
    await occasion.die(server).catch((error: unknown) => {
      if (!(error instanceof Died)) throw error
    })
    const reached = [...server.reached]
    if (server.isDead) await world.buried(server)
    await occasion.after(reached, server.isDead)
    if (!server.isDead) await server.end()
    return reached
  } catch (error) {
    const points = server.reached.join(', ')
    if (error instanceof Error) error.message += `\n${server.isDead ? 'killed' : 'lived'} after ${points}`
    throw error
  }
}
