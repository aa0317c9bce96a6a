/**
 * What somebody has read is old by the time when he acts on it: each decision is made anew under the order's lock, what
 * is told late changes nothing, and who comes second gives the result of who came first.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidAndSentBack,
  paidOnce,
  pay,
  place,
  placedBy,
  rowCounts,
  stockOf,
  written,
  type Placed,
} from '../buyer.ts'
import { openGates } from '../gates.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'
import { until } from '../until.ts'

const PRICE = 24_500
const SECOND = 1_000
const ORDER_TTL = 1_800 * SECOND
/** A claim on a key lapses after this time. */
const CLAIM = 15 * SECOND

const { points, holdNext } = openGates()
let shop: Shop
let productId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ price: PRICE, points }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

const cancel = ({ orderId, guestToken }: Placed) =>
  shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })

describe('S4 decided on what is true under the lock', () => {
  test('S4 the order is paid while its cancellation waits for the lock: cancelled, and the money goes back', async () => {
    const stock = await stockOf(shop.db, productId)
    const placed = await place(shop, productId)
    const gate = holdNext('sql:orders.lock')
    const cancelling = cancel(placed)
    await gate.arrived
    await pay(shop, placed)
    await shop.settled()
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    gate.release()
    assert.equal((await cancelling).body.data.order.status, 'cancelled')
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end, paidAndSentBack(PRICE, 'cancelled/refunded shopper', 'order_cancelled'))
    assert.deepEqual(await stockOf(shop.db, productId), stock)
  })

  test('S4 the order is shipped while its cancellation waits for the lock: refused, and nothing changes', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    const gate = holdNext('sql:orders.lock')
    const cancelling = cancel(placed)
    await gate.arrived
    const path = `/api/orders/${placed.orderId}/status`
    assert.equal((await shop.call('PUT', path, { as: admin, body: { status: 'shipped' } })).status, 200)
    const shipped = await rowCounts(shop.db)
    gate.release()
    const refused = await cancelling
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
    assert.deepEqual(await rowCounts(shop.db), shipped)
    assert.deepEqual(await written(shop.db, placed.orderId), { ...paidOnce(PRICE), order: 'shipped/paid' })
  })

  test('S4 the order is paid while a worker is about to end it: it is not ended', async () => {
    const placed = await place(shop, productId)
    shop.clock.aheadMs += ORDER_TTL + SECOND
    const gate = holdNext('sql:orders.lock')
    const working = shop.work()
    await gate.arrived
    await pay(shop, placed)
    await shop.settled()
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    gate.release()
    await working
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('S4 two cancel at once and both have read that they may: one does, the other is refused', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    const gate = holdNext('sql:orders.lock')
    const first = cancel(placed)
    await gate.arrived
    assert.equal((await cancel(placed)).status, 200)
    gate.release()
    assert.equal((await first).body.error.code, 'invalid_transition')
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end, paidAndSentBack(PRICE, 'cancelled/refunded shopper', 'order_cancelled'))
  })
})

describe('S4 shipped while somebody else holds the order', () => {
  const ship = ({ orderId }: Placed) =>
    shop.call('PUT', `/api/orders/${orderId}/status`, { as: admin, body: { status: 'shipped' } })
  const somebodyWaits = () =>
    until('a connection waits for another one’s lock', async () => {
      const waiting = sql`pg_stat_activity
        where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0`
      return (await count(shop.db, waiting)) > 0
    })

  test('S4 its cancellation holds the order and is not committed yet: shipping waits, and is then refused', async () => {
    const stock = await stockOf(shop.db, productId)
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    const gate = holdNext('tx:cancelOrder:commit')
    const cancelling = cancel(placed)
    await gate.arrived
    const shipping = ship(placed)
    await somebodyWaits()
    gate.release()
    assert.equal((await cancelling).status, 200)
    const refused = await shipping
    assert.deepEqual([refused.status, refused.body.error?.code], [409, 'invalid_transition'])
    assert.deepEqual(refused.body.error.details, { from: 'cancelled', to: 'shipped' })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end, paidAndSentBack(PRICE, 'cancelled/refunded shopper', 'order_cancelled'))
    assert.deepEqual(await stockOf(shop.db, productId), stock)
    const shipped = sql`events where order_id = ${placed.orderId} and type like '%.shipped'`
    assert.equal(await count(shop.db, shipped), 0)
  })

  test('S4 all of it is being given back with its units: shipping waits, and nothing is left to send', async () => {
    const stock = await stockOf(shop.db, productId)
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    const gate = holdNext('tx:refundByHand:commit')
    const body = { orderId: placed.orderId, reason: 'Sold out', restock: true }
    const refunding = shop.call('POST', '/api/payments/refund', { as: admin, body })
    await gate.arrived
    const shipping = ship(placed)
    await somebodyWaits()
    gate.release()
    assert.equal((await refunding).status, 202)
    const refused = await shipping
    assert.deepEqual([refused.status, refused.body.error?.details.reason], [409, 'nothing_left'])
    await atRest(shop)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/refunded')
    assert.deepEqual(await stockOf(shop.db, productId), stock)
  })
})

describe('S5 an old answer comes late', () => {
  test('S5 the provider said "authorized", and it is captured by the time the answer is settled', async () => {
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed, 'authorized')
    await atRest(shop)
    shop.clock.aheadMs += 6 * SECOND
    const gate = holdNext('provider:razorpay.fetchOrderPayments:answered')
    const working = shop.work()
    await gate.arrived
    await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/advance`, { to: 'captured' })
    await shop.settled()
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    const events = await count(shop.db, sql`events where order_id = ${placed.orderId}`)
    gate.release()
    await working
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    assert.equal(await count(shop.db, sql`events where order_id = ${placed.orderId}`), events)
    const captures = sql`provider_calls where order_id = ${placed.orderId} and operation = 'capture'`
    assert.equal(await count(shop.db, captures), 0)
  })

  test('S5 the provider said "captured", and it was cancelled and sent back by the time the answer is settled', async () => {
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed, 'captured_webhook_lost')
    shop.clock.aheadMs += 61 * SECOND
    const gate = holdNext('provider:razorpay.fetchOrderPayments:answered')
    const working = shop.work()
    await gate.arrived
    assert.equal((await cancel(placed)).status, 200)
    await shop.work()
    const before = await written(shop.db, placed.orderId)
    assert.deepEqual(before.refunds, [`processed ${PRICE} order_cancelled`])
    gate.release()
    await working
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), before)
    assert.ok(sandbox.paymentId)
  })

  test('S5 a refund was under way when asked about, and has come back by the time the answer is settled', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'refund_late')
    await atRest(shop)
    assert.equal((await cancel(placed)).status, 200)
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
    shop.clock.aheadMs += 6 * SECOND
    const gate = holdNext('provider:razorpay.fetchRefunds:answered')
    const working = shop.work()
    await gate.arrived
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    const [refund] = books.body.refunds
    await shop.control('POST', `/razorpay/_sandbox/refunds/${refund.id}/advance`, { to: 'processed' })
    await shop.settled()
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
    gate.release()
    await working
    await atRest(shop, 7_200 * SECOND)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  })
})

describe('D5 two write the same', () => {
  test('D5 a request is overtaken by its own repetition: both answer with the one order', async () => {
    const orders = await count(shop.db, sql`orders`)
    const key = randomUUID()
    const order = () => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
    const gate = holdNext('sql:products.listForPricing')
    const first = order()
    await gate.arrived
    shop.clock.aheadMs += CLAIM + SECOND
    const second = await order()
    assert.equal(second.status, 201, JSON.stringify(second.body))
    gate.release()
    const overtaken = await first
    assert.equal(overtaken.status, 201, JSON.stringify(overtaken.body))
    const placed = placedBy(second)
    assert.deepEqual(placedBy(overtaken), placed)
    assert.equal(await count(shop.db, sql`orders`), orders + 1)
    await pay(shop, placed)
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('D5 both repetitions open the payment: the provider shows one order to both', async () => {
    const key = randomUUID()
    const gate = holdNext('provider:razorpay.createOrder')
    const first = shop.call('POST', '/api/orders', { body: orderBody(productId), key })
    await gate.arrived
    shop.clock.aheadMs += CLAIM + SECOND
    const second = await shop.call('POST', '/api/orders', { body: orderBody(productId), key })
    assert.equal(second.status, 201, JSON.stringify(second.body))
    gate.release()
    const overtaken = await first
    assert.equal(overtaken.status, 201, JSON.stringify(overtaken.body))
    assert.deepEqual(placedBy(overtaken), placedBy(second))
    await pay(shop, placedBy(second))
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placedBy(second).orderId), paidOnce(PRICE))
  })
})
