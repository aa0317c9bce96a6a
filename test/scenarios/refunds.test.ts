/** Money on its way back, and what becomes of it when the provider is slow, refuses, or does it by itself. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidAndSentBack,
  paidOnce,
  pay,
  place,
  providerTimePasses,
  written,
  type Placed,
} from '../buyer.ts'
import { stockedShop, type Shop } from '../shop.ts'

const PRICE = 24_500
const SECOND = 1_000
const DAY = 86_400 * SECOND
/** Razorpay tells of refunds six seconds after they were made. */
const REFUND_NEWS = 7 * SECOND

let shop: Shop
let productId: string

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function cancel(placed: Placed): Promise<void> {
  const answer = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, {
    guestToken: placed.guestToken,
    body: {},
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.equal(answer.body.data.order.status, 'cancelled')
}

async function refundNews(): Promise<void> {
  await providerTimePasses(shop, REFUND_NEWS)
  await atRest(shop)
}

test('P20 refunded in full at the provider by hand: taken over, and known once', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'captured_then_refunded')
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  await providerTimePasses(shop, 31 * SECOND)
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)
  assert.deepEqual(end, paidAndSentBack(PRICE, 'confirmed/refunded', 'made_at_provider'))
})

test('P17 a refund that the bank refuses: never shown as refunded, a person is asked', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'refund_fails')
  await atRest(shop)
  await cancel(placed)
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
  await providerTimePasses(shop, 11 * SECOND)
  await atRest(shop, 6 * SECOND)
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'cancelled/paid shopper')
  assert.deepEqual(end.attempts, [`captured kept ${PRICE}/0`])
  assert.deepEqual(end.refunds, [`failed ${PRICE} order_cancelled`])
  assert.equal(end.reviews.length, 1)
})

test('P18 a refund whose answer is lost is looked up and not made again', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  await cancel(placed)
  await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'POST .*/refund$', kind: 'effect-then-drop' })
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
  await atRest(shop, 6 * SECOND)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
  assert.equal(books.body.refunds.length, 1)
})

test('P18 a refund that never reached the provider is sent again under the same key', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  await cancel(placed)
  await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'POST .*/refund$', kind: 'reset' })
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
  await atRest(shop, 6 * SECOND)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
})

test('P16 an authorization that nobody captured goes back by itself: no money, no alarm', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'authorized')
  await atRest(shop)
  await cancel(placed)
  await providerTimePasses(shop, 6 * DAY)
  await providerTimePasses(shop, REFUND_NEWS)
  await atRest(shop)
  for (let look = 0; look < 10; look += 1) await atRest(shop, 7_200 * SECOND)
  const end = await written(shop.db, placed.orderId)
  assert.deepEqual(end, {
    order: 'cancelled/failed shopper',
    payments: ['failed 0/0'],
    attempts: ['refunded none 0/0'],
    refunds: [],
    reviews: [],
    ledger: [],
  })
  assert.equal(await count(shop.db, sql`webhook_events where status = 'failed'`), 0)
  assert.equal(await count(shop.db, sql`alerts where kind = 'webhook_failed'`), 0)
})

test('P16 what is authorized for an order that nobody wants any more is looked at, and never captured', async () => {
  const cancelled = await place(shop, productId)
  await pay(shop, cancelled, 'authorized')
  await atRest(shop)
  await cancel(cancelled)
  const called = (operation: string) =>
    count(shop.db, sql`provider_calls where order_id = ${cancelled.orderId} and operation = ${operation}`)
  const before = await called('fetchOrderPayments')
  for (const aheadS of [6, 16, 61, 301, 901, 3_601]) await atRest(shop, aheadS * SECOND)
  assert.ok((await called('fetchOrderPayments')) > before, 'it is looked at')
  assert.equal(await called('capture'), 0)
  const end = await written(shop.db, cancelled.orderId)
  assert.deepEqual([end.attempts, end.refunds, end.ledger], [['authorized none 0/0'], [], []])
})

test('P19 a refund that succeeded and comes back days later: owed again, a person is asked', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  await cancel(placed)
  await atRest(shop)
  assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/refunded shopper')
  const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
  const [refund] = books.body.refunds
  const failed = await shop.control('POST', `/razorpay/_sandbox/refunds/${refund.id}/advance`, { to: 'failed' })
  assert.equal(failed.status, 200)
  await refundNews()
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'cancelled/paid shopper')
  assert.deepEqual(end.refunds, [`failed ${PRICE} order_cancelled`])
  assert.equal(end.reviews.length, 1)
})

test('P17 the provider refuses a refund outright: owed no more in that way, a person is asked', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  await cancel(placed)
  await shop.control('POST', '/razorpay/_sandbox/faults', {
    match: 'POST .*/refund$',
    kind: 'error',
    status: 400,
    code: 'BAD_REQUEST_ERROR',
    description: 'Your account does not have enough balance to carry out the refund operation.',
  })
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'cancelled/paid shopper')
  assert.deepEqual(end.refunds, [`failed ${PRICE} order_cancelled`])
  assert.equal(end.reviews.length, 1)
  assert.ok(end.ledger.includes(`refund_given_up ${PRICE} INR`))
  // And it stays so: nobody sends it again by himself.
  await atRest(shop, DAY)
  assert.deepEqual(await written(shop.db, placed.orderId), end)
})

test('P20 refunded in part at the provider by hand, twice', async () => {
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed)
  await atRest(shop)
  for (const amount of [500, 1_000]) {
    const answer = await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/refund`, { amount })
    assert.equal(answer.status, 200)
  }
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'confirmed/partially_refunded')
  assert.deepEqual(end.attempts, [`captured kept ${PRICE}/1500`])
  assert.deepEqual(end.refunds, ['processed 1000 made_at_provider', 'processed 500 made_at_provider'])
})

test('A11 refunded at the provider by hand, then cancelled here: only what is left goes back', async () => {
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed)
  await atRest(shop)
  await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/refund`, { amount: 500 })
  await atRest(shop)
  await cancel(placed)
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'cancelled/refunded shopper')
  assert.deepEqual(end.refunds, [`processed ${PRICE - 500} order_cancelled`, 'processed 500 made_at_provider'])
})

async function fault(rule: Record<string, unknown>): Promise<void> {
  const answer = await shop.control('POST', '/razorpay/_sandbox/faults', rule)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

async function refundsAtProvider(placed: Placed): Promise<number> {
  const { body } = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
  return body.refunds.length
}

test('P21 the answer is lost and the list of refunds is late: the same key makes no second refund', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  await cancel(placed)
  await fault({ match: 'POST .*/refund$', kind: 'effect-then-drop' })
  await fault({ match: 'GET .*/refunds$', kind: 'effect-then-alter', set: { items: [], count: 0 } })
  await atRest(shop)
  await atRest(shop, 6 * SECOND)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  assert.equal(await refundsAtProvider(placed), 1)
})

test('P21 a refund that the provider has named is not asked for again, however long its list does not show it', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'refund_late')
  await atRest(shop)
  await cancel(placed)
  await atRest(shop)
  const named = sql`refunds where order_id = ${placed.orderId} and status = 'processing' and provider_refund_id is not null`
  assert.equal(await count(shop.db, named), 1, 'its name is kept as soon as it is told')
  const asked = sql`provider_calls where order_id = ${placed.orderId} and operation = 'refund'`
  const looks = sql`provider_calls where order_id = ${placed.orderId} and operation = 'fetchRefunds'`
  const before = await count(shop.db, looks)
  await fault({ match: 'GET .*/refunds$', kind: 'effect-then-alter', set: { items: [], count: 0 }, times: 3 })
  for (const aheadS of [6, 16, 61]) await atRest(shop, aheadS * SECOND)
  assert.ok((await count(shop.db, looks)) >= before + 3, 'it was looked for')
  assert.equal(await count(shop.db, asked), 1, 'and sent once')
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
  const { body } = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
  await shop.control('POST', `/razorpay/_sandbox/refunds/${body.refunds[0].id}/advance`, { to: 'processed' })
  await atRest(shop, 3_600 * SECOND)
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  assert.equal(await count(shop.db, asked), 1)
  assert.equal(await refundsAtProvider(placed), 1)
})

test('P7 the answer is lost and the provider has forgotten the key: the refund is found, not made again', async () => {
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed)
  await atRest(shop)
  await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/refund`, { amount: PRICE - 500 })
  await atRest(shop)
  await cancel(placed)
  await fault({ match: 'POST .*/refund$', kind: 'effect-then-drop' })
  await atRest(shop)
  await shop.control('DELETE', `/razorpay/_sandbox/webhook-urls?url=${encodeURIComponent(hooks())}`)
  await providerTimePasses(shop, DAY + SECOND)
  await atRest(shop, DAY)
  assert.equal(
    await count(
      shop.db,
      sql`provider_calls where order_id = ${placed.orderId} and operation = 'refund' and outcome <> 'unknown'`,
    ),
    0,
  )
  assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [
    'processed 24000 made_at_provider',
    'processed 500 order_cancelled',
  ])
  assert.equal(await refundsAtProvider(placed), 2)
})

function hooks(): string {
  return `${shop.url}/api/payments/webhook/razorpay`
}
