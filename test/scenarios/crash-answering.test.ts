/**
 * S1: a server that answers requests is killed at every point on the way: before and after each commit and each provider
 * call. The same request again, sent to another server, goes on from what was committed; each order ends as if nothing
 * had happened, once. The servers are real processes; see test/crash-world.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, paidAnswer, placedBy } from '../buyer.ts'
import {
  callOf,
  cancelledAfterPaying,
  commitOf,
  openCrashWorld,
  paid,
  ROUNDS,
  type CrashWorld,
  type StoredEvent,
} from '../crash-world.ts'
import type { ServerProcess } from '../server-process.ts'
import { orderBody, type Answer } from '../shop.ts'

let world: CrashWorld

before(async () => {
  world = await openCrashWorld()
})
after(() => world.close())

/** Sends a request to a server that will not live to answer it. */
async function kill(point: string, request: (server: ServerProcess) => Promise<Answer>): Promise<void> {
  const server = await world.start('api', point)
  await assert.rejects(request(server), TypeError)
  await server.crashed()
}

async function placing(point: string): Promise<void> {
  const { db, steady, productId, verifyAt, pay, expected } = world
  const key = world.freshKey()
  const order = (server: ServerProcess) => server.call('POST', '/api/orders', { body: orderBody(productId), key })
  const before = await count(db, sql`orders`)
  await kill(point, order)
  await world.hoursPass()
  const again = await order(steady)
  assert.equal(again.status, 201, JSON.stringify(again.body))
  assert.equal(await count(db, sql`orders`), before + 1)
  const placed = placedBy(again)
  assert.deepEqual((await order(steady)).body, again.body)
  assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
  expected.set(placed.orderId, paid())
}

async function unanswered(point: string): Promise<void> {
  const { control, steady, productId, verifyAt, pay, expected } = world
  await control('POST', '/faults', { match: 'POST /v1/orders$', kind: 'reset' })
  const key = world.freshKey()
  const order = (server: ServerProcess) => server.call('POST', '/api/orders', { body: orderBody(productId), key })
  await kill(point, order)
  await world.hoursPass()
  const placed = placedBy(await order(steady))
  assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
  expected.set(placed.orderId, paid())
}

async function reopening(point: string): Promise<void> {
  const { control, steady, productId, verifyAt, pay, expected } = world
  await control('POST', '/faults', { match: 'POST /v1/orders$', kind: 'effect-then-drop' })
  const key = world.freshKey()
  const order = (server: ServerProcess) => server.call('POST', '/api/orders', { body: orderBody(productId), key })
  assert.equal((await order(steady)).status, 502)
  await kill(point, order)
  await world.hoursPass()
  const placed = placedBy(await order(steady))
  const { body: books } = await control('GET', '/state?limit=1000')
  const made = books.orders.filter((each: { receipt: string }) => each.receipt === placed.paymentId)
  assert.deepEqual(
    made.map((each: { id: string }) => each.id),
    [placed.providerOrderId],
  )
  assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
  expected.set(placed.orderId, paid())
}

async function verifying(point: string): Promise<void> {
  const { steady, verifyAt, place, pay, expected } = world
  const placed = await place()
  const brought = await pay(placed)
  await kill(point, (server) => verifyAt(server, placed, brought))
  assert.deepEqual((await verifyAt(steady, placed, brought)).body.data, paidAnswer(placed.orderId))
  expected.set(placed.orderId, paid())
}

async function receiving(point: string): Promise<void> {
  const { db, control, place, pay, deliver, expected } = world
  const placed = await place()
  await pay(placed)
  const { body: events } = await control('GET', `/webhooks?orderId=${placed.providerOrderId}`)
  const event: StoredEvent = events.find(({ type }: StoredEvent) => type === 'payment.captured')
  const server = await world.start('api', point)
  // It may answer before it dies: an event is processed after it was answered.
  const answered = await deliver(server, event).then(
    (answer) => answer.status,
    () => 'nothing',
  )
  await server.crashed()
  if (answered === 200) assert.equal(await count(db, sql`webhook_events where event_id = ${event.id}`), 1)
  else {
    assert.equal(answered, 'nothing')
    // The provider sends again what was not answered.
    assert.equal((await deliver(world.steady, event)).status, 200)
  }
  assert.equal(await count(db, sql`webhook_events where event_id = ${event.id}`), 1)
  expected.set(placed.orderId, paid())
}

async function cancelling(point: string): Promise<void> {
  const { steady, expected } = world
  const { orderId, guestToken } = await world.placeAndPay()
  const key = world.freshKey()
  const cancel = (server: ServerProcess) =>
    server.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {}, key })
  await kill(point, cancel)
  await world.hoursPass()
  const again = await cancel(steady)
  assert.equal(again.status, 200, JSON.stringify(again.body))
  assert.equal(again.body.data.order.status, 'cancelled')
  assert.deepEqual((await cancel(steady)).body, again.body)
  expected.set(orderId, cancelledAfterPaying())
}

const DEATHS: readonly { ids?: string; what: string; points: readonly string[]; die(point: string): Promise<void> }[] =
  [
    {
      what: 'placing an order',
      points: [
        'sql:idempotency_keys.claim',
        ...commitOf('placeOrder'),
        ...callOf('createOrder'),
        ...commitOf('openPayment'),
      ],
      die: placing,
    },
    { what: 'noting that the provider gave no answer', points: commitOf('openPaymentFailed'), die: unanswered },
    {
      what: 'opening a payment whose first call had no answer',
      points: [...commitOf('createPayment'), ...callOf('findOrder')],
      die: reopening,
    },
    { what: 'verifying', points: [...callOf('fetchPayment'), ...commitOf('settle')], die: verifying },
    {
      ids: 'S1 W14',
      what: 'receiving a webhook',
      points: ['webhook:authenticated', 'webhook:stored', ...commitOf('settle')],
      die: receiving,
    },
    {
      what: 'cancelling a paid order',
      points: [...commitOf('cancelOrder'), 'sql:idempotency_keys.finish'],
      die: cancelling,
    },
  ]

for (const round of ROUNDS) {
  for (const { ids = 'S1', what, points, die } of DEATHS) {
    describe(`${ids} killed while ${what}${round}`, () => {
      for (const point of points) test(point, () => die(point))
    })
  }
}

test('S1 a worker brings all of them to their end', () => world.bringToEnd())
