/** A death in this process is what a death is: what was committed stands, what was not is gone, and nothing is done after. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inTransaction, sql } from '../server/platform/database.ts'
import { count, rowCounts } from './buyer.ts'
import { Died } from './mortal.ts'
import { openMortalWorld, type MortalWorld } from './mortal-world.ts'
import { orderBody } from './shop.ts'

/** Longer than anything would need that still went on. */
const A_WHILE_MS = 300

let world: MortalWorld

before(async () => {
  world = await openMortalWorld()
})
after(() => world.close())

async function ordersAtProvider(): Promise<number> {
  return (await world.control('GET', '/state?limit=1000')).body.orders.length
}

/** Places an order at a server that dies of it, and gives what that has changed, then and a while later. */
async function placedBy(dyingAt: string) {
  const before = await rowCounts(world.db)
  const made = await ordersAtProvider()
  const server = await world.start(dyingAt)
  const order = server.call('POST', '/api/orders', { body: orderBody(world.productId), key: world.freshKey() })
  await assert.rejects(order, (error: Error) => error instanceof Died && error.message === dyingAt.split('#')[0])
  assert.ok(server.isDead)
  await world.buried(server)
  const now = await rowCounts(world.db)
  await sleep(A_WHILE_MS)
  assert.deepEqual(await rowCounts(world.db), now)
  const changed = Object.entries(now).filter(([table, rows]) => rows !== before[table])
  return {
    changed: Object.fromEntries(changed.map(([table, rows]) => [table, rows - (before[table] ?? 0)])),
    atProvider: (await ordersAtProvider()) - made,
  }
}

test('before a commit: nothing is there, and the provider was not asked', async () => {
  assert.deepEqual(await placedBy('tx:placeOrder:commit'), { changed: {}, atProvider: 0 })
})

test('after a commit: it stands, and the provider was not asked', async () => {
  const { changed, atProvider } = await placedBy('tx:placeOrder:committed')
  assert.deepEqual([changed['orders'], changed['payments'], changed['events'], atProvider], [1, 1, 1, 0])
})

test('after a call: the provider has done it, and nobody notes that it failed', async () => {
  const { changed, atProvider } = await placedBy('provider:razorpay.createOrder:answered')
  assert.deepEqual([changed['orders'], atProvider], [1, 1])
  assert.equal(await count(world.db, sql`payments where status <> 'creating'`), 0)
  assert.equal(await count(world.db, sql`provider_calls`), 0)
})

test('in the middle of a transaction: its locks are free, and whoever waits for the dead waits on', async () => {
  const placed = await world.place()
  const server = await world.start('sql:test.die')
  const died = server.doing(({ deps }) =>
    inTransaction(deps.db, 'test', async (tx) => {
      await tx.run('test.lock', sql`select from orders where id = ${placed.orderId} for update`)
      await tx.run('test.write', sql`update orders set expires_at = now() where id = ${placed.orderId}`)
      await tx.run('test.die', sql`select 1`)
    }),
  )
  await assert.rejects(died, Died)
  await world.buried(server)
  assert.equal(await count(world.db, sql`orders where id = ${placed.orderId} and expires_at > now()`), 1)
  let heard = false
  const asked = server.doing(async ({ deps }) => {
    await deps.db.alone.run('test.late', sql`update orders set expires_at = now()`).finally(() => (heard = true))
  })
  await assert.rejects(asked, Died)
  await sleep(A_WHILE_MS)
  assert.equal(heard, false)
  assert.equal(await count(world.db, sql`orders where expires_at <= now()`), 0)
})
