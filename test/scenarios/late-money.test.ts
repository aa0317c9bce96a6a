/** Money that an order cannot take as it comes: too late, twice, in another amount, or before we know of it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
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
  sentBack,
  sums,
  stockOf,
  unpaid,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'

const PRICE = 24_500
const SECOND = 1_000
const DAY = 86_400 * SECOND
/** Orders of this shop wait half an hour for their payment. */
const ORDER_TTL = 1_800 * SECOND
/** Razorpay tells of refunds six seconds after they were made. */
const REFUND_NEWS = 7 * SECOND

let shop: Shop
let productId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ price: PRICE, stock: 100 }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function productWith(stock: number): Promise<string> {
  const [row] = await shop.db.many<{ shop_id: string }>(
    'test.shop',
    sql`select shop_id from products where id = ${productId}`,
  )
  const made = await shop.call('POST', '/api/admin/products', {
    as: admin,
    body: { title: 'The last of it', price: PRICE, currency: 'INR', shopId: row?.shop_id, stock, taxRateBps: 500 },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.data.product.id
}

async function expired(): Promise<Placed> {
  const placed = await place(shop, productId)
  await atRest(shop, ORDER_TTL + SECOND)
  assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/pending expired')
  return placed
}

async function cancel(placed: Placed): Promise<void> {
  const answer = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, {
    guestToken: placed.guestToken,
    body: { reason: 'changed my mind' },
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  assert.equal(answer.body.data.order.status, 'cancelled')
}

async function refundNews(): Promise<void> {
  await providerTimePasses(shop, REFUND_NEWS)
  await atRest(shop)
}

test('P13 captured after the order expired, stock still free: revived and confirmed', async () => {
  const before = await stockOf(shop.db, productId)
  const placed = await expired()
  assert.deepEqual(await stockOf(shop.db, productId), before)
  await pay(shop, placed)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.deepEqual(await stockOf(shop.db, productId), { ...before, onHand: before.onHand - 1 })
})

test('P13 captured after the order expired, stock gone: recorded, refunded at once, nothing oversold', async () => {
  const last = await productWith(1)
  const late = await place(shop, last)
  await atRest(shop, ORDER_TTL + SECOND)
  const faster = await place(shop, last)
  await pay(shop, faster)
  await atRest(shop)
  const brought = await pay(shop, late)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, late.orderId), sentBack(PRICE, 'late_payment', 'stock_gone'))
  assert.deepEqual(await written(shop.db, faster.orderId), paidOnce(PRICE))
  assert.deepEqual(await stockOf(shop.db, last), { onHand: 0, reserved: 0 })
  const verified = await verify(shop, late, brought)
  assert.deepEqual(verified.body.data, {
    orderId: late.orderId,
    status: 'refunded',
    orderStatus: 'cancelled',
    paymentStatus: 'refunded',
    isConfirmed: false,
    money: [sums({ captured: PRICE, goneBack: PRICE })],
  })
  await refundNews()
  assert.deepEqual(await written(shop.db, late.orderId), sentBack(PRICE, 'late_payment', 'stock_gone'))
})

test('P13 captured after the shopper cancelled: recorded and refunded', async () => {
  const before = await stockOf(shop.db, productId)
  const placed = await place(shop, productId)
  await cancel(placed)
  await pay(shop, placed)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), sentBack(PRICE, 'shopper', 'order_cancelled'))
  assert.deepEqual(await stockOf(shop.db, productId), before)
  await refundNews()
  assert.deepEqual(await written(shop.db, placed.orderId), sentBack(PRICE, 'shopper', 'order_cancelled'))
})

test('P14 paid before the shopper cancels, and nobody had told us: cancelling asks, and the money goes back', async () => {
  const before = await stockOf(shop.db, productId)
  const placed = await place(shop, productId)
  await pay(shop, placed, 'never_told')
  await cancel(placed)
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)
  assert.deepEqual(end, {
    ...sentBack(PRICE, 'shopper', 'order_cancelled'),
    attempts: [`refunded kept ${PRICE}/${PRICE}`],
    ledger: [
      `capture ${PRICE} INR`,
      `refund ${PRICE} INR`,
      `refund_owed ${PRICE} INR`,
      `sale ${PRICE} INR`,
      `sale_reversed ${PRICE} INR`,
    ],
  })
  assert.deepEqual(await stockOf(shop.db, productId), before)
})

test('P15 two captures on one order: the first is kept, the second goes back', async () => {
  const placed = await place(shop, productId)
  const verified = await verify(shop, placed, await pay(shop, placed, 'double_capture'))
  // The second capture may have been heard of already, and is on its way back then.
  const { money, ...rest } = verified.body.data
  assert.deepEqual({ ...rest, money: [sums({ captured: PRICE, kept: PRICE })] }, paidAnswer(placed.orderId))
  assert.equal(money[0].kept, PRICE)
  await atRest(shop)
  const end = {
    order: 'confirmed/paid',
    payments: [`paid ${2 * PRICE}/${PRICE}`],
    attempts: [`captured kept ${PRICE}/0`, `refunded surplus ${PRICE}/${PRICE}`],
    refunds: [`processed ${PRICE} second_capture`],
    reviews: [],
    ledger: [
      `capture ${PRICE} INR`,
      `capture ${PRICE} INR`,
      `refund ${PRICE} INR`,
      `refund_owed ${PRICE} INR`,
      `sale ${PRICE} INR`,
    ],
  }
  assert.deepEqual(await written(shop.db, placed.orderId), end)
  await refundNews()
  assert.deepEqual(await written(shop.db, placed.orderId), end)
})

test('P15 a second capture days after the order was delivered goes back too', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  for (const status of ['shipped', 'delivered']) {
    const moved = await shop.call('PUT', `/api/orders/${placed.orderId}/status`, { as: admin, body: { status } })
    assert.equal(moved.status, 200)
  }
  shop.clock.aheadMs += 2 * DAY
  await pay(shop, placed, 'double_capture')
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'delivered/paid')
  assert.deepEqual(end.refunds, [`processed ${PRICE} second_capture`])
})

for (const { outcome, amount, currency, kind } of [
  { outcome: 'short_capture', amount: PRICE - 100, currency: 'INR', kind: 'amount_differs' },
  { outcome: 'over_capture', amount: PRICE + 100, currency: 'INR', kind: 'amount_differs' },
  { outcome: 'wrong_currency', amount: PRICE, currency: 'USD', kind: 'currency_differs' },
]) {
  const id = outcome === 'wrong_currency' ? 'P11' : 'P10'
  test(`${id} ${outcome}: a review item, the order is not confirmed, the money is on record`, async () => {
    const placed = await place(shop, productId)
    const verified = await verify(shop, placed, await pay(shop, placed, outcome))
    assert.equal(verified.status, 200)
    assert.equal(verified.body.data.isConfirmed, false)
    assert.equal(verified.body.data.orderStatus, 'pending')
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), {
      order: 'pending/under_review',
      // Sums of a payment are in its own currency; what came in another is on the attempt.
      payments: [currency === 'INR' ? `created ${amount}/0` : 'created 0/0'],
      attempts: [`captured review ${amount}/0`],
      refunds: [],
      reviews: [`${kind} open`],
      ledger: [`capture ${amount} ${currency}`],
    })
    await atRest(shop, ORDER_TTL + SECOND)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'pending/under_review', 'its units are kept until a person has decided about the money')
    assert.deepEqual(end.reviews, [`${kind} open`])
  })
}

test('W4 the webhooks come before our own call to open the payment has returned', async () => {
  const meeting: { at?: (point: string) => Promise<void> } = {}
  const early = await stockedShop({
    price: PRICE,
    points: { reach: async (point) => meeting.at?.(point) },
  })
  try {
    let waited = 0
    meeting.at = async (point) => {
      if (point !== 'provider:razorpay.createOrder:answered') return
      delete meeting.at
      const books = await early.shop.control('GET', '/razorpay/_sandbox/state')
      await pay(early.shop, { providerOrderId: books.body.orders[0].id })
      await early.shop.settled()
      waited = await count(early.shop.db, sql`webhook_events where status = 'received'`)
    }
    const placed = await place(early.shop, early.productId)
    assert.equal(waited, 3)
    assert.deepEqual(await written(early.shop.db, placed.orderId), unpaid())
    await atRest(early.shop, 2 * SECOND)
    assert.deepEqual(await written(early.shop.db, placed.orderId), paidOnce(PRICE))
    assert.equal(await count(early.shop.db, sql`webhook_events where status <> 'processed'`), 0)
    await assertAllWell(early.shop)
  } finally {
    await early.shop.close()
  }
})

describe('where what differs is refunded at once', () => {
  let strict: Awaited<ReturnType<typeof stockedShop>>
  before(async () => {
    strict = await stockedShop({ price: PRICE, mismatch: 'refund' })
  })
  after(() => strict.shop.close())

  for (const { outcome, amount, currency, kind } of [
    { outcome: 'short_capture', amount: PRICE - 100, currency: 'INR', kind: 'amount_differs' },
    { outcome: 'over_capture', amount: PRICE + 100, currency: 'INR', kind: 'amount_differs' },
    { outcome: 'wrong_currency', amount: PRICE, currency: 'USD', kind: 'currency_differs' },
  ]) {
    test(`P10 ${outcome}: the money goes back, the order is not confirmed, and its units are given back in time`, async () => {
      const before = await stockOf(strict.shop.db, strict.productId)
      const placed = await place(strict.shop, strict.productId)
      await pay(strict.shop, placed, outcome)
      await atRest(strict.shop)
      const refunded = await written(strict.shop.db, placed.orderId)
      assert.match(refunded.order, /^pending\//)
      assert.deepEqual(refunded.attempts, [`refunded surplus ${amount}/${amount}`])
      assert.deepEqual(refunded.refunds, [`processed ${amount} ${kind}`])
      assert.deepEqual(refunded.ledger, [
        `capture ${amount} ${currency}`,
        `refund ${amount} ${currency}`,
        `refund_owed ${amount} ${currency}`,
      ])
      await atRest(strict.shop, ORDER_TTL + SECOND)
      assert.match((await written(strict.shop.db, placed.orderId)).order, /^cancelled\/\w+ expired$/)
      assert.deepEqual(await stockOf(strict.shop.db, strict.productId), before)
      await assertAllWell(strict.shop)
    })
  }

  test('P10 too much was captured and goes back: what is offered next can really be paid', async () => {
    const placed = await place(strict.shop, strict.productId)
    await pay(strict.shop, placed, 'over_capture')
    await atRest(strict.shop)
    const again = await strict.shop.call('POST', '/api/payments/create', {
      guestToken: placed.guestToken,
      body: { orderId: placed.orderId },
    })
    assert.equal(again.status, 201, JSON.stringify(again.body))
    await pay(strict.shop, { providerOrderId: again.body.data.providerOrderId })
    await atRest(strict.shop)
    const end = await written(strict.shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/paid')
    assert.deepEqual(end.attempts, [`captured kept ${PRICE}/0`, `refunded surplus ${PRICE + 100}/${PRICE + 100}`])
    const { guestToken } = placed
    const state = await strict.shop.call('GET', `/api/payments/${placed.orderId}/status`, { guestToken })
    assert.equal(state.body.data.paymentId, again.body.data.paymentId)
    assert.equal(state.body.data.status, 'paid')
    await assertAllWell(strict.shop)
  })
})

test('an order that expired and was paid late is not offered for payment again', async () => {
  const placed = await expired()
  const again = await shop.call('POST', '/api/payments/create', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId },
  })
  assert.equal(again.status, 409)
  assert.equal(again.body.error.code, 'order_cancelled')
  const fresh = await shop.call('POST', '/api/orders', { body: orderBody(productId) })
  assert.equal(fresh.status, 201)
})

describe('P13 money that comes after the provider has stopped asking its banks', () => {
  const LATE = 3 * DAY + 2 * 3_600 * SECOND

  async function nextLookOf({ orderId }: Placed): Promise<Date | null> {
    const [row] = await shop.db.many<{ next_look_at: Date | null }>(
      'test.look',
      sql`select next_look_at from payments where order_id = ${orderId}`,
    )
    return row?.next_look_at ?? null
  }

  test('P13 nobody tells of it, and the last look on the seventh day finds it', async () => {
    const placed = await expired()
    await atRest(shop, LATE)
    assert.deepEqual((await written(shop.db, placed.orderId)).payments, ['abandoned 0/0'])
    await pay(shop, placed, 'captured_webhook_lost')
    await atRest(shop, 3 * DAY)
    assert.deepEqual((await written(shop.db, placed.orderId)).payments, ['abandoned 0/0'])
    await atRest(shop, DAY)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    assert.equal(await nextLookOf(placed), null)
  })

  test('P13 nobody answers on that day: it is tried again, and ends a day later', async () => {
    const placed = await expired()
    await atRest(shop, LATE)
    const match = `GET /v1/orders/${placed.providerOrderId}/payments`
    await shop.control('POST', '/razorpay/_sandbox/faults', { match, kind: 'status', times: 1_000 })
    await atRest(shop, 4 * DAY)
    const again = await nextLookOf(placed)
    assert.ok(again !== null && again.getTime() > Date.now() + shop.clock.aheadMs)
    await atRest(shop, DAY + 3_600 * SECOND)
    assert.equal(await nextLookOf(placed), null)
    await shop.control('DELETE', '/razorpay/_sandbox/faults')
    assert.deepEqual((await written(shop.db, placed.orderId)).payments, ['abandoned 0/0'])
  })
})
