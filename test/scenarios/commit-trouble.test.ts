/**
 * D2: the connection to the database breaks around a COMMIT, so that nobody knows whether it happened. Whoever asked is
 * told to ask again, and asking again, or a worker alone, brings each order to the end that it would have had, once.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, place, placedBy, verify, written, type Placed } from '../buyer.ts'
import { openDatabaseRelay, type CommitTrouble, type DatabaseRelay } from '../database-relay.ts'
import { orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'
import { PATIENCE_MS, until } from '../until.ts'

const PRICE = 24_500
const MINUTE = 60_000
/** For the answer that never comes. */
const SILENCE_MS = 300

let shop: Shop
let productId: string
let admin: { authorization: string }
let relay: DatabaseRelay
/** The transaction whose COMMIT is broken next, and how. */
let broken: { name: string; trouble: CommitTrouble } | undefined

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({
    price: PRICE,
    answerLimitMs: () => (relay.idle ? PATIENCE_MS : SILENCE_MS),
    through: async (url) => {
      relay = await openDatabaseRelay(url)
      return relay.url
    },
    points: {
      reach: async (point) => {
        if (broken === undefined || point !== `tx:${broken.name}:commit`) return
        relay.plan(broken.trouble)
        broken = undefined
      },
    },
  }))
})
afterEach(async () => {
  await assertAllWell(shop)
})
after(async () => {
  await shop.close()
  await relay.close()
})

function assertAskAgain(answer: Answer): void {
  assert.equal(answer.status, 503, JSON.stringify(answer.body))
  assert.equal(answer.body.error.code, 'unavailable')
  assert.equal(answer.headers.get('retry-after'), '1')
}

/** Sends a request whose transaction breaks at its commit, and then the same one again. */
async function sentTwice(name: string, trouble: CommitTrouble, request: () => Promise<Answer>): Promise<Answer> {
  broken = { name, trouble }
  assertAskAgain(await request())
  await happened()
  return request()
}

async function happened(): Promise<void> {
  assert.equal(broken, undefined)
  await until('the database has heard of it', () => relay.idle)
}

async function paidToTheEnd(): Promise<Placed> {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  return placed
}

function cancel({ orderId, guestToken }: Placed, key?: string): Promise<Answer> {
  return shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {}, ...(key && { key }) })
}

async function assertSentBackOnce(placed: Placed): Promise<void> {
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'cancelled/refunded shopper')
  assert.deepEqual(end.refunds, [`processed ${PRICE} order_cancelled`])
  const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
  assert.deepEqual(
    books.body.refunds.map((refund: { amount: number }) => refund.amount),
    [PRICE],
  )
}

for (const trouble of ['cut before', 'cut after', 'silence after'] as const) {
  describe(`D2 ${trouble} the commit`, () => {
    for (const name of ['placeOrder', 'openPayment']) {
      test(`of ${name}: the same request again gives the one order`, async () => {
        const key = randomUUID()
        const orders = await count(shop.db, sql`orders`)
        const order = () => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
        const answer = await sentTwice(name, trouble, order)
        assert.equal(answer.status, 201, JSON.stringify(answer.body))
        assert.deepEqual((await order()).body, answer.body)
        assert.equal(await count(shop.db, sql`orders`), orders + 1)
        const placed = placedBy(answer)
        const verified = await verify(shop, placed, await pay(shop, placed))
        assert.equal(verified.body.data.isConfirmed, true)
        await atRest(shop)
        assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
      })
    }

    test('of what the shopper brought back: the same return again confirms, once', async () => {
      const placed = await place(shop, productId)
      const brought = await pay(shop, placed, 'captured_webhook_lost')
      const verified = await sentTwice('settle', trouble, () => verify(shop, placed, brought))
      assert.equal(verified.body.data.isConfirmed, true)
      assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    })

    test('of what a webhook told: it was answered, so a worker goes on', async () => {
      const placed = await place(shop, productId)
      broken = { name: 'settle', trouble }
      await pay(shop, placed, 'captured_handler_lost')
      await atRest(shop)
      await happened()
      await atRest(shop, MINUTE)
      assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
      assert.equal(await count(shop.db, sql`webhook_events where status <> 'processed'`), 0)
    })

    test('of a cancellation: the same request again says that it is cancelled, and the money goes back once', async () => {
      const placed = await paidToTheEnd()
      const key = randomUUID()
      const answer = await sentTwice('cancelOrder', trouble, () => cancel(placed, key))
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal(answer.body.data.order.status, 'cancelled')
      await atRest(shop)
      await assertSentBackOnce(placed)
    })

    test('of a refund by hand: the same request again gives the one refund, and it is sent once', async () => {
      const { orderId, paymentId } = await paidToTheEnd()
      const key = randomUUID()
      const body = { paymentId, amount: 4_500, reason: 'A gesture' }
      const refund = () => shop.call('POST', '/api/payments/refund', { as: admin, key, body })
      const answer = await sentTwice('refundByHand', trouble, refund)
      assert.equal(answer.status, 202, JSON.stringify(answer.body))
      assert.deepEqual((await refund()).body, answer.body)
      await atRest(shop)
      const end = await written(shop.db, orderId)
      assert.deepEqual(end.refunds, ['processed 4500 A gesture'])
      assert.deepEqual(end.attempts, [`captured kept ${PRICE}/4500`])
    })

    for (const { what, name } of [
      { what: 'that takes a refund to be sent', name: 'claimRefunds' },
      { what: 'of what became of a refund', name: 'settle' },
    ]) {
      test(`${what}: the next pass goes on, and the money goes back once`, async () => {
        const placed = await paidToTheEnd()
        assert.equal((await cancel(placed)).status, 200)
        broken = { name, trouble }
        await shop.work().catch((error: unknown) => assert.equal(name, 'claimRefunds', String(error)))
        await happened()
        await atRest(shop, 2 * MINUTE)
        await assertSentBackOnce(placed)
      })
    }
  })
}
