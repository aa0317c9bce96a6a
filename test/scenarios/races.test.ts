/** Many at once on real connections: buyers, clicks, returns and webhooks, workers. One winner each, and nothing lost. */
import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidAnswer,
  paidOnce,
  pay,
  place,
  placedBy,
  rowCounts,
  stockOf,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { ADDRESS, orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const PRICE = 24_500
const SECOND = 1_000
const ORDER_TTL = 1_800 * SECOND
/** A provider sends so many webhooks at the same time. */
const PROVIDER_IN_FLIGHT = 128

let shop: Shop
let productId: string
let shopId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, shopId, admin } = await stockedShop({ price: PRICE, stock: 5_000 }))
})
afterEach(async () => assert.deepEqual(await checkInvariants(shop.db), []))
after(() => shop.close())

const times = <T>(n: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, at) => work(at)))

function statuses(answers: readonly Answer[]): Record<string, number> {
  const counted: Record<string, number> = {}
  for (const { status } of answers) counted[status] = (counted[status] ?? 0) + 1
  return counted
}

async function newProduct(stock: number): Promise<string> {
  const made = await shop.call('POST', '/api/admin/products', {
    as: admin,
    body: { title: 'Cardamom', price: PRICE, currency: 'INR', shopId, stock, taxRateBps: 500 },
  })
  assert.equal(made.status, 201)
  return made.body.data.product.id
}

test('W5 return and webhooks at the same moment, fifty orders: each is confirmed once', async () => {
  const before = await stockOf(shop.db, productId)
  const orders = await times(50, () => place(shop, productId))
  const answers = await times(50, async (at) => {
    const placed = orders[at] as Placed
    return verify(shop, placed, await pay(shop, placed))
  })
  assert.deepEqual(
    answers.map((answer) => answer.body.data),
    orders.map(({ orderId }) => paidAnswer(orderId)),
  )
  await atRest(shop)
  for (const { orderId } of orders) assert.deepEqual(await written(shop.db, orderId), paidOnce(PRICE))
  assert.deepEqual(await stockOf(shop.db, productId), { ...before, onHand: before.onHand - 50 })
  assert.equal(await count(shop.db, sql`webhook_events where status <> 'processed'`), 0)
  await assertAllWell(shop)
})

test('W5 fifty returns of one order at once, with its webhooks: one order, one answer', async () => {
  const before = await stockOf(shop.db, productId)
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed)
  const answers = await times(50, () => verify(shop, placed, brought))
  for (const answer of answers) assert.deepEqual(answer.body.data, paidAnswer(placed.orderId))
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.deepEqual(await stockOf(shop.db, productId), { ...before, onHand: before.onHand - 1 })
  assert.equal(
    await count(shop.db, sql`events where order_id = ${placed.orderId} and type = 'payment.signature_verified'`),
    1,
  )
  await assertAllWell(shop)
})

test('the last unit and twenty buyers: one order, nineteen are told that it is gone', async () => {
  const last = await newProduct(1)
  const answers = await times(20, () => shop.call('POST', '/api/orders', { body: orderBody(last) }))
  assert.deepEqual(statuses(answers), { 201: 1, 409: 19 })
  for (const { status, body } of answers) {
    if (status === 409) {
      assert.equal(body.error.code, 'out_of_stock')
      assert.deepEqual(body.error.details.items, [{ productId: last, available: 0 }])
    }
  }
  assert.deepEqual(await stockOf(shop.db, last), { onHand: 1, reserved: 1 })
  assert.equal(await count(shop.db, sql`order_items where product_id = ${last}`), 1)
  const winner = placedBy(answers.find((answer) => answer.status === 201) as Answer)
  await pay(shop, winner)
  await atRest(shop)
  assert.deepEqual(await stockOf(shop.db, last), { onHand: 0, reserved: 0 })
})

test('two products ordered in opposite sequence by forty buyers: no deadlock, all that fits is sold', async () => {
  const pair = [await newProduct(30), await newProduct(30)]
  const answers = await times(40, (at) =>
    shop.call('POST', '/api/orders', {
      body: {
        ...orderBody(''),
        items: (at % 2 === 0 ? pair : pair.toReversed()).map((id) => ({ productId: id, quantity: 1 })),
      },
    }),
  )
  assert.deepEqual(statuses(answers), { 201: 30, 409: 10 })
  for (const id of pair) assert.deepEqual(await stockOf(shop.db, id), { onHand: 30, reserved: 30 })
})

test('C1 C2 one key clicked twenty times at once: one order, the same answer', async () => {
  const before = await rowCounts(shop.db)
  const key = randomUUID()
  const click = () => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
  const answers = await times(20, click)
  const first = answers.find((answer) => answer.status === 201)
  assert.ok(first !== undefined)
  for (const answer of answers) {
    if (answer.status === 201) assert.deepEqual(answer.body, first.body)
    else {
      assert.equal(answer.status, 409)
      assert.equal(answer.body.error.code, 'request_in_progress')
      assert.equal(answer.headers.get('retry-after'), '1')
    }
  }
  const later = await click()
  assert.equal(later.status, 201)
  assert.equal(later.headers.get('idempotency-replayed'), 'true')
  assert.deepEqual(later.body, first.body)
  const now = await rowCounts(shop.db)
  assert.equal(now['orders'], (before['orders'] ?? 0) + 1)
  assert.equal(now['payments'], (before['payments'] ?? 0) + 1)
  assert.equal(now['reserved'], (before['reserved'] ?? 0) + 1)
})

test('C4 one key of four signed-in customers: an order each', async () => {
  const buyers = await times(4, () => shop.signedIn({ role: 'customer' }))
  const answers = await times(4, (at) =>
    shop.call('POST', '/api/orders', {
      as: buyers[at] as { authorization: string },
      body: orderBody(productId),
      key: 'everybodys-key',
    }),
  )
  assert.deepEqual(statuses(answers), { 201: 4 })
  assert.equal(new Set(answers.map((answer) => answer.body.data.order.id)).size, 4)
  assert.deepEqual(
    answers.map((answer) => answer.body.data.order.userId),
    buyers.map((buyer) => buyer.id),
  )
})

test('P14 paid and cancelled at the same moment, twenty orders: kept, or sent back in full', async () => {
  const before = await stockOf(shop.db, productId)
  const orders = await times(20, () => place(shop, productId))
  await times(20, async (at) => {
    const placed = orders[at] as Placed
    const cancel = () =>
      shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { guestToken: placed.guestToken, body: {} })
    const [brought, cancelled] = await Promise.all([pay(shop, placed), cancel()])
    assert.ok(cancelled.status === 200 || cancelled.status === 409, JSON.stringify(cancelled.body))
    const verified = await verify(shop, placed, brought)
    assert.equal(verified.status, 200)
  })
  await atRest(shop)
  const ends = await Promise.all(orders.map(({ orderId }) => written(shop.db, orderId)))
  const allowed = new Set(['cancelled/refunded shopper', 'confirmed/paid'])
  assert.deepEqual(
    ends.filter((end) => !allowed.has(end.order)),
    [],
  )
  for (const end of ends) {
    if (end.order === 'confirmed/paid') assert.deepEqual(end, paidOnce(PRICE))
    else assert.deepEqual(end.refunds, [`processed ${PRICE} order_cancelled`])
  }
  const kept = ends.filter((end) => end.order === 'confirmed/paid').length
  assert.deepEqual(await stockOf(shop.db, productId), { ...before, onHand: before.onHand - kept })
  await assertAllWell(shop)
})

test('P13 time ends twenty orders while their money comes, and stock is short: revived, or sent back in full', async () => {
  const scarce = await newProduct(20)
  const orders = await times(20, () => place(shop, scarce))
  shop.clock.aheadMs += ORDER_TTL + SECOND
  const [, , , others] = await Promise.all([
    shop.work(),
    shop.work(),
    times(20, (at) => pay(shop, orders[at] as Placed)),
    times(12, () => shop.call('POST', '/api/orders', { body: orderBody(scarce) })),
  ])
  await atRest(shop)
  const ends = await Promise.all(orders.map(({ orderId }) => written(shop.db, orderId)))
  for (const end of ends) {
    if (end.order === 'confirmed/paid') assert.deepEqual(end, paidOnce(PRICE))
    else {
      assert.equal(end.order, 'cancelled/refunded late_payment')
      assert.deepEqual(end.refunds, [`processed ${PRICE} stock_gone`])
    }
  }
  const kept = ends.filter((end) => end.order === 'confirmed/paid').length
  const waiting = statuses(others)[201] ?? 0
  assert.ok(kept + waiting <= 20)
  assert.deepEqual(await stockOf(shop.db, scarce), { onHand: 20 - kept, reserved: waiting })
  await assertAllWell(shop)
})

test('S2 three workers at once: each of twenty refunds is made once', async () => {
  const orders = await times(20, () => place(shop, productId))
  await times(20, (at) => pay(shop, orders[at] as Placed))
  await atRest(shop)
  await times(20, async (at) => {
    const { orderId, guestToken } = orders[at] as Placed
    assert.equal((await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })).status, 200)
  })
  await Promise.all([shop.work(), shop.work(), shop.work()])
  for (const { orderId } of orders) {
    const end = await written(shop.db, orderId)
    assert.equal(end.order, 'cancelled/refunded shopper')
    assert.deepEqual(end.refunds, [`processed ${PRICE} order_cancelled`])
    assert.equal(await count(shop.db, sql`provider_calls where order_id = ${orderId} and operation = 'refund'`), 1)
  }
  await assertAllWell(shop)
})

test('S2 one order cancelled ten times at once: one refund', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const { orderId, guestToken } = placed
  const answers = await times(10, () => shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} }))
  assert.deepEqual(statuses(answers), { 200: 1, 409: 9 })
  await Promise.all([shop.work(), shop.work()])
  assert.deepEqual((await written(shop.db, orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  await assertAllWell(shop)
})

test('two captures of one order told at the same moment: one is kept, one goes back', async () => {
  const orders = await times(10, () => place(shop, productId))
  await times(10, (at) => pay(shop, orders[at] as Placed, 'double_capture'))
  await atRest(shop)
  for (const { orderId } of orders) {
    const end = await written(shop.db, orderId)
    assert.equal(end.order, 'confirmed/paid')
    assert.deepEqual(end.attempts, [`captured kept ${PRICE}/0`, `refunded surplus ${PRICE}/${PRICE}`])
  }
  await assertAllWell(shop)
})

test('W17 a burst of a thousand webhooks: all stored and answered, all processed, none lost', async () => {
  const orders = await times(50, () => place(shop, productId))
  const events = Array.from({ length: 1_000 }, (_, at) => {
    const { providerOrderId } = orders[at % orders.length] as Placed
    const turn = Math.floor(at / orders.length)
    const id = `pay_burst${providerOrderId.slice(6)}`
    const type = turn % 2 === 0 ? 'captured' : 'authorized'
    const body = paymentEvent(`payment.${type}`, { id, orderId: providerOrderId, amount: PRICE, status: type })
    return signed(
      shop,
      // Each is another message, though it may say the same.
      body.replace('"event":', `"turn":${turn},"event":`),
      `evt_burst_${randomBytes(6).toString('hex')}`,
    )
  })
  const waiting = [...events]
  const answered: number[] = []
  await times(PROVIDER_IN_FLIGHT, async () => {
    for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) {
      answered.push((await deliver(shop, event)).status)
    }
  })
  assert.deepEqual(answered, Array(1_000).fill(200))
  const ids = events.map((event) => event.eventId)
  assert.equal(await count(shop.db, sql`webhook_events where event_id = any(${ids})`), 1_000)
  await shop.receiver.idle()
  shop.clock.aheadMs += 6 * SECOND
  await shop.work()
  assert.equal(await count(shop.db, sql`webhook_events where event_id = any(${ids}) and status = 'processed'`), 1_000)
  for (const { orderId } of orders) assert.deepEqual(await written(shop.db, orderId), paidOnce(PRICE))
})

test('four signed-in shoppers buy their carts, which are empty afterwards', async () => {
  const buyers = await times(4, () => shop.signedIn({ role: 'customer' }))
  await times(4, async (at) => {
    const as = buyers[at] as { authorization: string }
    const items = [{ productId, quantity: 2 }]
    assert.equal((await shop.call('PUT', '/api/cart', { as, body: { items } })).status, 200)
    const placed = placedBy(
      await shop.call('POST', '/api/orders', {
        as,
        body: { items, shippingAddress: ADDRESS, paymentMethod: 'online' },
      }),
    )
    const brought = await pay(shop, placed)
    const verified = await shop.call('POST', '/api/payments/verify', {
      as,
      body: { orderId: placed.orderId, ...brought },
    })
    assert.deepEqual(verified.body.data, paidAnswer(placed.orderId, placed.total))
  })
  await atRest(shop)
  const kept = await count(
    shop.db,
    sql`cart_items where user_id = any(${buyers.map((buyer) => (buyer as unknown as { id: string }).id)})`,
  )
  assert.equal(kept, 0)
})
