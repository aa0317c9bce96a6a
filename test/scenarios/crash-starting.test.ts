/**
 * S1: a server is killed at every point of its first start, again and again, each time a little further on. The next start
 * goes on where it was; in the end the demo shop is whole, with one admin, and nothing is there twice.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startSandbox, type RunningSandbox } from '../../sandbox/sandbox.ts'
import { seedDemo } from '../../server/demo/seed.ts'
import { openDatabase, sql } from '../../server/platform/database.ts'
import { httpNetwork } from '../../server/platform/network.ts'
import { systemPorts } from '../../server/platform/ports.ts'
import { createTestDatabase, type TestDatabase } from '../database.ts'
import { Died, startLife } from '../mortal.ts'
import { TEST_SECRET } from '../shop.ts'
import { PATIENCE_MS } from '../until.ts'

const ADMIN = { email: 'owner@example.test', password: 'a long enough password' }

let database: TestDatabase
let sandbox: RunningSandbox

before(async () => {
  database = await createTestDatabase()
  sandbox = await startSandbox({ dataDir: ':memory:', port: 0 })
})
after(async () => {
  await sandbox.close()
  await database.drop()
})

/** What is there, as the tables have it. */
async function tally(): Promise<unknown> {
  const db = openDatabase({ url: database.url, max: 1, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
  const found = await db.one(
    'test.tally',
    sql`select (select count(*) from shops) as shops, (select count(*) from categories) as categories,
          (select count(*) from products) as products, (select count(*) from inventory_movements) as movements,
          (select count(*) from users) as users, (select count(*) from auth_accounts) as passwords,
          (select count(*) from users where role = 'admin') as admins`,
  )
  await db.close()
  return found
}

test('S1 each start is killed a point later than the one before, until one lives: the shop is whole, once', async () => {
  const network = httpNetwork()
  const around = { databaseUrl: database.url, sandbox, secret: TEST_SECRET, network, clock: { aheadMs: 0 } }
  const deaths: string[] = []
  try {
    for (let nth = 1, lives = false; !lives; nth += 1) {
      const server = await startLife(around, {}, nth)
      // What server/main.ts does before it listens.
      const starting = server.doing(async ({ deps, accounts }) => {
        await accounts.ensureAdmin(ADMIN)
        return seedDemo(deps, accounts)
      })
      lives = await starting.then(
        () => true,
        (error: unknown) => {
          assert.ok(error instanceof Died, String(error))
          return false
        },
      )
      if (lives) await server.end()
      else deaths.push(server.reached.at(-1) ?? '')
    }
    // The admin is the owner; the demo has three sellers and a customer.
    assert.deepEqual(await tally(), {
      shops: 3,
      categories: 7,
      products: 15,
      movements: 15,
      users: 5,
      passwords: 5,
      admins: 1,
    })
  } catch (error) {
    if (error instanceof Error) error.message += `\nkilled at ${deaths.join(', ')}`
    throw error
  }
  assert.ok(deaths.length > 30, `${deaths.length} deaths`)
})
