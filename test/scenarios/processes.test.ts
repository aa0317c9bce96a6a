/**
 * Real processes that are stopped: paused past their lease and let go on, asked to end with work in hand, or left without
 * anybody who reads their log.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from '../../server/platform/database.ts'
import { count, paidAnswer, placedBy, written, type Placed } from '../buyer.ts'
import { cancelledAfterPaying, paid } from '../crash-trade.ts'
import { openCrashWorld, type CrashWorld } from '../crash-world.ts'
import { orderBody } from '../shop.ts'
import { until } from '../until.ts'

/** A call to the provider is given up after this time. */
const CALL_DEADLINE_MS = 5_000

let world: CrashWorld

before(async () => {
  world = await openCrashWorld()
})
after(() => world.close())

async function owedBack(): Promise<Placed> {
  const placed = await world.placeAndPay()
  const { orderId, guestToken } = placed
  const answer = await world.steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200)
  world.expected.set(orderId, cancelledAfterPaying())
  return placed
}

async function refundsAtProvider(placed: Placed): Promise<number> {
  const { body } = await world.control('GET', `/state?orderId=${placed.providerOrderId}`)
  return body.refunds.length
}

async function assertSentBackOnce(placed: Placed): Promise<void> {
  assert.deepEqual(await written(world.db, placed.orderId), cancelledAfterPaying())
  assert.equal(await refundsAtProvider(placed), 1)
}

for (const { what, pausedMs } of [
  { what: 'and finds its answer', pausedMs: 0 },
  { what: 'and finds that its call was given up', pausedMs: CALL_DEADLINE_MS + 500 },
]) {
  test(`S3 a worker is paused in the middle of a refund, another takes over, the first goes on ${what}`, async () => {
    const { db, start } = world
    const placed = await owedBack()
    const answer = await world.holdAnswer('POST .*/refund$')
    const paused = await start('worker')
    await answer.asked
    const askedAt = performance.now()
    paused.pause()
    answer.release()
    await until('the provider has made it', async () => (await refundsAtProvider(placed)) === 1)
    // Its lease lapses; the other one finds a refund that was asked for, and nobody knows what became of it.
    await world.hoursPass()
    const other = await start('worker')
    await until('the other one has sent it', async () => {
      await world.hoursPass()
      return (await count(db, sql`refunds where order_id = ${placed.orderId} and status = 'processed'`)) === 1
    })
    await assertSentBackOnce(placed)
    await sleep(Math.max(0, askedAt + pausedMs - performance.now()))
    const calls = () => count(db, sql`provider_calls where order_id = ${placed.orderId} and operation = 'refund'`)
    const known = await calls()
    paused.resume()
    await until('the first has noted what it was told', async () => (await calls()) === known + 1)
    await sleep(200)
    await assertSentBackOnce(placed)
    assert.equal(await count(db, sql`refunds where order_id = ${placed.orderId} and next_look_at is not null`), 0)
    await Promise.all([paused.stop(), other.stop()])
  })
}

test('S3 a worker is paused with an old answer in hand: the order was paid and cancelled since, and stays so', async () => {
  const { db, start, steady } = world
  const placed = await world.place()
  const brought = await world.pay(placed)
  const answer = await world.holdAnswer(`GET .*/${placed.providerOrderId}/payments`)
  await world.hoursPass()
  const paused = await start('worker')
  await answer.asked
  paused.pause()
  answer.release()
  assert.deepEqual((await world.verifyAt(steady, placed, brought)).body.data, paidAnswer(placed.orderId))
  const { orderId, guestToken } = placed
  assert.equal((await steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })).status, 200)
  const other = await start('worker')
  await until('the money went back', async () => {
    await world.hoursPass()
    return (await count(db, sql`refunds where order_id = ${orderId} and status = 'processed'`)) === 1
  })
  const asked = () => count(db, sql`provider_calls where order_id = ${orderId} and operation = 'fetchOrderPayments'`)
  const known = await asked()
  paused.resume()
  await until('the first has noted what it was told', async () => (await asked()) === known + 1)
  await sleep(200)
  assert.deepEqual(await written(db, orderId), cancelledAfterPaying())
  world.expected.set(orderId, cancelledAfterPaying())
  await Promise.all([paused.stop(), other.stop()])
})

test('S7 a server is asked to end while an order waits for the provider: it is answered, and ends with 0', async () => {
  const { start, productId, verifyAt, steady, pay } = world
  const server = await start('api')
  const held = await world.holdAnswer('POST /v1/orders$')
  const key = world.freshKey()
  const ordering = server.call('POST', '/api/orders', { body: orderBody(productId), key })
  await held.asked
  const ending = server.stop()
  const isRefused = () =>
    server.call('GET', '/healthz').then(
      () => false,
      () => true,
    )
  await until('it takes no more requests', isRefused)
  held.release()
  const answer = await ordering
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  assert.equal(await ending, 'code 0')
  await assert.rejects(server.call('GET', '/api/products'), TypeError)
  const placed = placedBy(answer)
  assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
  world.expected.set(placed.orderId, paid())
})

test('S7 a worker is asked to end in the middle of a refund: it is recorded first', async () => {
  const { db, start } = world
  const placed = await owedBack()
  const answer = await world.holdAnswer('POST .*/refund$')
  const worker = await start('worker')
  await answer.asked
  const ending = worker.stop()
  // It has no port that would tell when it has heard of it.
  await sleep(100)
  answer.release()
  assert.equal(await ending, 'code 0')
  assert.equal(await count(db, sql`refunds where order_id = ${placed.orderId} and status = 'processed'`), 1)
  await assertSentBackOnce(placed)
})

test('S13 nobody reads the log any more: orders are placed, paid and sent back as ever', async () => {
  const { start, productId, pay, verifyAt, db } = world
  const server = await start('all', undefined, { LOG_LEVEL: 'debug' })
  server.ignoreOutput()
  for (let order = 0; order < 3; order += 1) {
    const placed = placedBy(await server.call('POST', '/api/orders', { body: orderBody(productId) }))
    assert.deepEqual((await verifyAt(server, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
    world.expected.set(placed.orderId, paid())
    if (order > 0) continue
    const { orderId, guestToken } = placed
    assert.equal((await server.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })).status, 200)
    world.expected.set(orderId, cancelledAfterPaying())
    await until('the money went back', async () => {
      return (await count(db, sql`refunds where order_id = ${orderId} and status = 'processed'`)) === 1
    })
  }
  assert.equal(await server.stop(), 'code 0')
})

test('all orders come to their end', () => world.bringToEnd())
