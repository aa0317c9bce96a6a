/**
 * S1: a server that answers requests is killed at every point on the way. The same request again, sent to another server,
 * goes on from what was committed; each order ends as if nothing had happened, once.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, paidAnswer, placedBy } from '../buyer.ts'
import { cancelledAfterPaying, paid, type Server } from '../crash-trade.ts'
import { openMortalWorld, walk, type MortalWorld, type Occasion } from '../mortal-world.ts'
import { orderBody } from '../shop.ts'

let world: MortalWorld

before(async () => {
  world = await openMortalWorld()
})
after(() => world.close())

/** A request that places an order under a key of its own. */
function ordering(): (server: Server) => ReturnType<Server['call']> {
  const key = world.freshKey()
  return (server) => server.call('POST', '/api/orders', { body: orderBody(world.productId), key })
}

async function placing(): Promise<Occasion> {
  const { db, steady, verifyAt, pay, expected } = world
  const order = ordering()
  const before = await count(db, sql`orders`)
  return {
    die: order,
    async after() {
      await world.hoursPass()
      const again = await order(steady)
      assert.equal(again.status, 201, JSON.stringify(again.body))
      assert.equal(await count(db, sql`orders`), before + 1)
      const placed = placedBy(again)
      assert.deepEqual((await order(steady)).body, again.body)
      assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
      expected.set(placed.orderId, paid())
    },
  }
}

/** The provider's first answer is lost with the connection, and the server notes that. */
async function unanswered(): Promise<Occasion> {
  const { steady, verifyAt, pay, expected } = world
  await world.fault({ match: 'POST /v1/orders$', kind: 'reset' })
  const order = ordering()
  return {
    die: order,
    async after() {
      await world.control('DELETE', '/faults')
      await world.hoursPass()
      const again = await order(steady)
      assert.equal(again.status, 201, JSON.stringify(again.body))
      const placed = placedBy(again)
      assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(placed.orderId))
      expected.set(placed.orderId, paid())
    },
  }
}

/** The provider has made its order, and its answer was lost: it is found, and no second one made. */
async function reopening(): Promise<Occasion> {
  const { control, steady, verifyAt, pay, expected } = world
  await world.fault({ match: 'POST /v1/orders$', kind: 'effect-then-drop' })
  const order = ordering()
  assert.equal((await order(steady)).status, 502)
  return {
    die: order,
    async after() {
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
    },
  }
}

/** An order whose payment was given up, and which is paid by another one. */
async function payingAnew(): Promise<Occasion> {
  const { steady, admin, verifyAt, pay, expected } = world
  const { orderId, paymentId, guestToken } = await world.place()
  const closed = { status: 'abandoned', reason: 'To be paid anew' }
  const answer = await steady.call('POST', `/api/payments/${paymentId}/resolve`, { as: admin, body: closed })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const key = world.freshKey()
  const open = (server: Server) => server.call('POST', '/api/payments/create', { guestToken, body: { orderId }, key })
  return {
    die: open,
    async after() {
      await world.hoursPass()
      const opened = await open(steady)
      assert.ok(opened.status === 200 || opened.status === 201, JSON.stringify(opened.body))
      const { providerOrderId } = opened.body.data
      const placed = { orderId, guestToken, paymentId: opened.body.data.paymentId, providerOrderId, total: 0 }
      assert.deepEqual((await verifyAt(steady, placed, await pay(placed))).body.data, paidAnswer(orderId))
      expected.set(orderId, { ...paid(), payments: ['abandoned 0/0', ...paid().payments] })
    },
  }
}

async function verifying(): Promise<Occasion> {
  const { steady, verifyAt, place, pay, expected } = world
  const placed = await place()
  const brought = await pay(placed)
  return {
    die: (server) => verifyAt(server, placed, brought),
    async after() {
      assert.deepEqual((await verifyAt(steady, placed, brought)).body.data, paidAnswer(placed.orderId))
      expected.set(placed.orderId, paid())
    },
  }
}

async function receiving(): Promise<Occasion> {
  const { db, steady, place, pay, deliver, expected } = world
  const placed = await place()
  await pay(placed)
  const event = await world.eventOf(placed)
  const stored = () => count(db, sql`webhook_events where event_id = ${event.id}`)
  let answered: number | undefined
  return {
    async die(server) {
      answered = (await deliver(server, event)).status
      // It may answer before it dies: an event is processed after it was answered.
      await server.idle()
    },
    async after() {
      if (answered === undefined) {
        // The provider sends again what was not answered.
        assert.equal((await deliver(steady, event)).status, 200)
        await steady.idle()
      } else assert.equal(answered, 200)
      assert.equal(await stored(), 1)
      expected.set(placed.orderId, paid())
    },
  }
}

async function cancelling(): Promise<Occasion> {
  const { steady, expected } = world
  const { orderId, guestToken } = await world.placeAndPay()
  const key = world.freshKey()
  const cancel = (server: Server) => server.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {}, key })
  return {
    die: cancel,
    async after() {
      await world.hoursPass()
      const again = await cancel(steady)
      assert.equal(again.status, 200, JSON.stringify(again.body))
      assert.equal(again.body.data.order.status, 'cancelled')
      assert.deepEqual((await cancel(steady)).body, again.body)
      expected.set(orderId, cancelledAfterPaying())
    },
  }
}

walk('S1 killed while placing an order', () => world, placing)
walk('S1 killed while noting that the provider gave no answer', () => world, unanswered)
walk('S1 killed while opening a payment whose first call had no answer', () => world, reopening)
walk('S1 killed while opening another payment', () => world, payingAnew)
walk('S1 killed while verifying', () => world, verifying)
walk('S1 W14 killed while receiving a webhook', () => world, receiving)
walk('S1 killed while cancelling a paid order', () => world, cancelling)

test('S1 a worker brings all of them to their end', () => world.bringToEnd())
