/**
 * S1: real servers are really killed, once in each kind of what they do, and others go on. That every point survives is
 * shown by servers that die in the tests' own process (the other crash-*.test.ts); what only a process can show is shown
 * here: nothing that matters was in its memory, its files or its ports.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, paidAnswer, paidOnce, placedBy } from '../buyer.ts'
import { cancelledAfterPaying, paid, PRICE, type Server } from '../crash-trade.ts'
import { openCrashWorld, type CrashWorld } from '../crash-world.ts'
import { createTestDatabase } from '../database.ts'
import { startServer, type ServerProcess } from '../server-process.ts'
import { orderBody, TEST_SECRET, type Answer } from '../shop.ts'
import { until } from '../until.ts'

let world: CrashWorld

before(async () => {
  world = await openCrashWorld()
})
after(() => world.close())

type Asking = (server: Server) => Promise<Answer>

/** Sends a request to a server that dies of it, and then to another one; gives the other's answer. */
async function killed(point: string, ask: Asking): Promise<Answer> {
  const server = await world.start('api', point)
  await assert.rejects(ask(server), TypeError)
  await server.crashed()
  await world.hoursPass()
  return ask(world.steady)
}

async function killedWorker(point: string): Promise<void> {
  await world.hoursPass()
  const worker = await world.start('worker', point)
  await worker.crashed()
}

describe('S1 killed as kill -9 does it', () => {
  test('in a request that places an order', async () => {
    const { db, steady, productId, verifyAt, pay, expected } = world
    const key = world.freshKey()
    const order: Asking = (server) => server.call('POST', '/api/orders', { body: orderBody(productId), key })
    const before = await count(db, sql`orders`)
    const again = await killed('provider:razorpay.createOrder:answered', order)
    assert.equal(again.status, 201, JSON.stringify(again.body))
    assert.equal(await count(db, sql`orders`), before + 1)
    const placed = placedBy(again)
    assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
    expected.set(placed.orderId, paid())
  })

  test('when a shopper brings back a signature', async () => {
    const placed = await world.place()
    const brought = await world.pay(placed)
    const again = await killed('tx:settle:committed', (server) => world.verifyAt(server, placed, brought))
    assert.deepEqual(again.body.data, paidAnswer(placed.orderId))
    world.expected.set(placed.orderId, paid())
  })

  test('when a webhook is stored', async () => {
    const placed = await world.place()
    await world.pay(placed)
    const event = await world.eventOf(placed)
    const server = await world.start('api', 'webhook:stored')
    await assert.rejects(world.deliver(server, event), TypeError)
    await server.crashed()
    assert.equal((await world.deliver(world.steady, event)).status, 200)
    assert.equal(await count(world.db, sql`webhook_events where event_id = ${event.id}`), 1)
    world.expected.set(placed.orderId, paid())
  })

  test('when a shopper cancels', async () => {
    const { orderId, guestToken } = await world.placeAndPay()
    const key = world.freshKey()
    const again = await killed('tx:cancelOrder:committed', (server) =>
      server.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {}, key }),
    )
    assert.equal(again.body.data?.order.status, 'cancelled', JSON.stringify(again.body))
    world.expected.set(orderId, cancelledAfterPaying())
  })

  test('when an admin refunds by hand', async () => {
    const { orderId, paymentId } = await world.placeAndPay()
    const key = world.freshKey()
    const body = { paymentId, amount: 4_500, reason: 'A gesture' }
    const again = await killed('tx:refundByHand:committed', (server) =>
      server.call('POST', '/api/payments/refund', { as: world.admin, key, body }),
    )
    assert.equal(again.status, 202, JSON.stringify(again.body))
    const once = paidOnce(PRICE)
    world.expected.set(orderId, {
      ...once,
      order: 'confirmed/partially_refunded',
      payments: [`partially_refunded ${PRICE}/4500`],
      attempts: [`captured kept ${PRICE}/4500`],
      refunds: ['processed 4500 A gesture'],
      ledger: [
        `capture ${PRICE} INR`,
        'refund 4500 INR',
        'refund_owed 4500 INR',
        `sale ${PRICE} INR`,
        'sale_reversed 4500 INR',
      ],
    })
  })

  test('when an admin decides about a question', async () => {
    const placed = await world.place()
    await world.verifyAt(world.steady, placed, await world.pay(placed, 'short_capture'))
    const item = await world.db.one<{ id: string }>(
      'test.item',
      sql`select id from review_items where order_id = ${placed.orderId} and resolved_at is null`,
    )
    const key = world.freshKey()
    const body = { action: 'confirm', reason: 'As agreed by phone' }
    const again = await killed('tx:acceptCapture:commit', (server) =>
      server.call('POST', `/api/admin/reviews/${item.id}/actions`, { as: world.admin, key, body }),
    )
    assert.equal(again.body.data?.item.resolution, 'confirm', JSON.stringify(again.body))
    const short = PRICE - 100
    world.expected.set(placed.orderId, {
      order: 'confirmed/paid',
      payments: [`paid ${short}/0`],
      attempts: [`captured kept ${short}/0`],
      refunds: [],
      reviews: ['amount_differs resolved'],
      ledger: [`capture ${short} INR`, `sale ${PRICE} INR`, 'write_off 100 INR'],
    })
  })

  test('in a worker that asks about a payment', async () => {
    const placed = await world.place()
    await world.pay(placed)
    world.expected.set(placed.orderId, paid())
    await killedWorker('tx:settle:commit')
  })

  test('in a worker that sends a refund', async () => {
    const placed = await world.placeAndPay()
    await world.cancel(placed)
    world.expected.set(placed.orderId, cancelledAfterPaying())
    await killedWorker('provider:razorpay.refund:answered')
  })

  test('in a worker that compares our books with the provider’s', async () => {
    const from = new Date(Date.now() - 86_400_000).toISOString()
    const asked = await world.steady.call('POST', '/api/admin/reconciliation/runs', { as: world.admin, body: { from } })
    assert.equal(asked.status, 202, JSON.stringify(asked.body))
    await killedWorker('tx:reconcileStep:committed#2')
    await world.db.alone.run(
      'test.lapse',
      sql`update reconciliation_runs set next_step_at = now() where next_step_at > now()`,
    )
    const other = await world.start('worker')
    await until('the comparison is completed', async () => {
      return (await count(world.db, sql`reconciliation_runs where status = 'completed'`)) === 1
    })
    await other.stop()
  })

  test('a worker that is left alone brings all of them to their end', () => world.bringToEnd())

  test('in its first start, with the same folder and the same port: the demo is whole, once', async () => {
    const database = await createTestDatabase()
    const env = { SEED_DEMO: '1' }
    const options = { role: 'api' as const, databaseUrl: database.url, sandboxUrl: world.sandbox.url, env }
    let last: ServerProcess | undefined
    try {
      for (const crashAt of ['tx:shops.create:committed#2', 'tx:products.create:commit#7', undefined]) {
        const { dataDir } = world
        last = await startServer({ ...options, dataDir, secret: TEST_SECRET, ...(crashAt && { crashAt }) })
        if (crashAt !== undefined) await last.crashed()
      }
      const answer = await last?.call('GET', '/api/products?limit=100')
      assert.equal(answer?.body.data.products.length, 15)
    } finally {
      await last?.stop()
      await database.drop()
    }
  })
})
