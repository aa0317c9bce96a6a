/** The ways in which one payment of one order becomes known, from the commonest to the rarest: the end is always the same. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
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
  providerTimePasses,
  stockOf,
  sums,
  unpaid,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { stockedShop, type Shop } from '../shop.ts'

const PRICE = 24_500
const SECOND = 1_000
const DAY = 86_400 * SECOND

let shop: Shop
let productId: string

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

/** The inbox rows of an order: type and status. */
async function inbox(orderId: string): Promise<string[]> {
  const rows = await shop.db.many<{ text: string }>(
    'test.inbox',
    sql`select type || ' ' || status as text from webhook_events where order_id = ${orderId} order by 1`,
  )
  return rows.map((row) => row.text)
}

const ALL_THREE = ['order.paid processed', 'payment.authorized processed', 'payment.captured processed']

test('the shopper closes the window: nothing was paid, the order stays payable, and is paid later', async () => {
  const before = await stockOf(shop.db, productId)
  const placed = await place(shop, productId)
  await pay(shop, placed, 'closed')
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
  assert.deepEqual(await stockOf(shop.db, productId), { ...before, reserved: before.reserved + 1 })

  const again = await shop.call('POST', '/api/payments/create', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId },
  })
  assert.equal(again.status, 200)
  assert.equal(again.body.data.providerOrderId, placed.providerOrderId)
  const verified = await verify(shop, placed, await pay(shop, placed))
  assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.deepEqual(await stockOf(shop.db, productId), { onHand: before.onHand - 1, reserved: before.reserved })
})

test('the tab is gone after paying: the webhook alone confirms the order', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'captured_handler_lost')
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.deepEqual(await inbox(placed.orderId), ALL_THREE)
})

test('W5 the webhook comes first: verify answers with the result that it finds', async () => {
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  const verified = await verify(shop, placed, brought)
  assert.equal(verified.status, 200)
  assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('W5 the return comes first: verify asks the provider and confirms, the webhooks change nothing', async () => {
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed, 'captured_webhook_late')
  const verified = await verify(shop, placed, brought)
  assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
  const once = await written(shop.db, placed.orderId)
  assert.deepEqual(once, paidOnce(PRICE))
  assert.deepEqual(await inbox(placed.orderId), [])
  await providerTimePasses(shop, 91 * SECOND)
  await atRest(shop)
  assert.deepEqual(await inbox(placed.orderId), ALL_THREE)
  assert.deepEqual(await written(shop.db, placed.orderId), once)
})

test('verify is repeated: the same answer, and nothing more is written', async () => {
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed, 'captured_webhook_lost')
  const first = await verify(shop, placed, brought)
  const events = await count(shop.db, sql`events where order_id = ${placed.orderId}`)
  for (let repeat = 0; repeat < 3; repeat += 1) {
    const again = await verify(shop, placed, brought)
    assert.equal(again.status, 200)
    assert.deepEqual(again.body.data, first.body.data)
  }
  assert.equal(await count(shop.db, sql`events where order_id = ${placed.orderId}`), events)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('W1 each webhook comes three times, twice at the same moment: one row each, one effect', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'captured_webhook_twice')
  await atRest(shop)
  const events = await shop.control('GET', `/razorpay/_sandbox/webhooks?orderId=${placed.providerOrderId}`)
  assert.equal(events.body.length, 3)
  for (const event of events.body) {
    const third = await shop.control('POST', `/razorpay/_sandbox/webhooks/${event.id}/resend`)
    assert.deepEqual(
      third.body.deliveries.map((delivery: { status: number }) => delivery.status),
      [200],
    )
  }
  await atRest(shop)
  assert.deepEqual(await inbox(placed.orderId), ALL_THREE)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('W3 the webhooks come in reverse', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'captured_webhook_reversed')
  await providerTimePasses(shop, SECOND)
  await atRest(shop)
  assert.deepEqual(await inbox(placed.orderId), ALL_THREE)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('W7 webhook lost and tab gone: asking the provider finds the payment', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'never_told')
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
  await atRest(shop, 61 * SECOND)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('W7 everything is lost and the first look comes after the time to pay: the order is paid, not expired', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'never_told')
  await atRest(shop, 1_801 * SECOND)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('declined once, then paid on the same provider order: one payment with two attempts', async () => {
  const placed = await place(shop, productId)
  const verified = await verify(shop, placed, await pay(shop, placed, 'failed_then_captured'))
  assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
  await atRest(shop)
  const once = paidOnce(PRICE)
  assert.deepEqual(await written(shop.db, placed.orderId), {
    ...once,
    attempts: [...once.attempts, 'failed none 0/0'],
  })
})

test('declined: the order waits, its payment can be tried again', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'failed')
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), {
    ...unpaid(),
    order: 'pending/failed',
    payments: ['failed 0/0'],
    attempts: ['failed none 0/0'],
  })
  const again = await shop.call('POST', '/api/payments/create', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId },
  })
  assert.equal(again.status, 200)
  assert.equal(again.body.data.providerOrderId, placed.providerOrderId)
})

test('P13 declined, and two days later authorized and captured: the expired order is revived while stock lasts', async () => {
  const stock = await stockOf(shop.db, productId)
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed, 'failed')
  await atRest(shop, 2 * DAY)
  assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/failed expired')

  const advance = (to: string) =>
    shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/advance`, { to })
  assert.equal((await advance('authorized')).status, 200)
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).payments, ['authorized 0/0'])
  assert.equal((await advance('captured')).status, 200)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  // Whatever other tests' orders gave back by expiring in these two days.
  const { onHand } = await stockOf(shop.db, productId)
  assert.equal(onHand, stock.onHand - 1)
})

test('P13 the bank answers after a minute: pending, then captured', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'pending_then_captured')
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).order, 'pending/pending')
  await providerTimePasses(shop, 61 * SECOND)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('authorized and not captured: verify says so, our worker captures', async () => {
  const placed = await place(shop, productId)
  const verified = await verify(shop, placed, await pay(shop, placed, 'authorized'))
  assert.deepEqual(verified.body.data, {
    orderId: placed.orderId,
    status: 'authorized',
    orderStatus: 'pending',
    paymentStatus: 'verified',
    isConfirmed: false,
    money: [sums({ authorized: PRICE })],
  })
  await atRest(shop)
  assert.deepEqual((await written(shop.db, placed.orderId)).attempts, ['authorized none 0/0'])
  await atRest(shop, 6 * SECOND)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.equal(
    await count(shop.db, sql`provider_calls where order_id = ${placed.orderId} and operation = 'capture'`),
    1,
  )
})

test('authorized, and captured by the provider itself at the moment when our worker captures', async () => {
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed, 'authorized')
  await atRest(shop)
  shop.clock.aheadMs += 6 * SECOND
  await Promise.all([
    shop.work(),
    shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/advance`, { to: 'captured' }),
  ])
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('C8 a second window on an order that is paid: nothing more can be paid, and create says so', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const again = await shop.call('POST', '/api/payments/create', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId },
  })
  assert.equal(again.status, 409)
  assert.equal(again.body.error.code, 'order_already_paid')
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

test('P2 the provider does not answer when verify asks: verified, and found by asking again', async () => {
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed, 'captured_webhook_lost')
  await shop.control('POST', '/razorpay/_sandbox/faults', { match: '^GET /v1/payments', kind: 'status', times: 2 })
  const verified = await verify(shop, placed, brought)
  assert.equal(verified.status, 200)
  assert.deepEqual(verified.body.data, {
    orderId: placed.orderId,
    status: 'verified',
    orderStatus: 'pending',
    paymentStatus: 'verified',
    isConfirmed: false,
    money: [],
  })
  assert.deepEqual((await written(shop.db, placed.orderId)).attempts, ['created none 0/0'])
  await atRest(shop, 6 * SECOND)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
})

/** A return for a payment of which the bank has not said anything yet. */
async function returnOfPending(placed: Placed): Promise<string> {
  const { sandbox } = await pay(shop, placed, 'pending')
  const signature = createHmac('sha256', shop.sandbox.keys.razorpay.keySecret)
    .update(`${placed.providerOrderId}|${sandbox.paymentId}`)
    .digest('hex')
  const verified = await verify(shop, placed, {
    razorpay_payment_id: sandbox.paymentId,
    razorpay_order_id: placed.providerOrderId,
    razorpay_signature: signature,
  })
  assert.equal(verified.body.data.status, 'verified')
  return sandbox.paymentId
}

test('a signature is not a payment: verified, then declined by the bank; the order ends in time', async () => {
  const placed = await place(shop, productId)
  await returnOfPending(placed)
  await atRest(shop, 1_801 * SECOND)
  // Not ended by time while the provider is not sure.
  assert.equal((await written(shop.db, placed.orderId)).order, 'pending/verified')
  await providerTimePasses(shop, 601 * SECOND)
  await atRest(shop)
  assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/failed expired')
})

test('the provider is never sure: after three days a person is asked, and money that comes then is still taken', async () => {
  const placed = await place(shop, productId)
  const paymentId = await returnOfPending(placed)
  await atRest(shop, 3 * DAY + 3_600 * SECOND)
  const given = await written(shop.db, placed.orderId)
  assert.equal(given.order, 'cancelled/failed expired')
  assert.deepEqual(given.payments, ['abandoned 0/0'])
  assert.deepEqual(given.reviews, ['payment_undecided open'])
  await shop.control('POST', `/razorpay/_sandbox/payments/${paymentId}/advance`, { to: 'captured' })
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), {
    ...paidOnce(PRICE),
    reviews: ['payment_undecided resolved'],
  })
})
