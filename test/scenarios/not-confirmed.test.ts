/** News that does not confirm an order, and what must stay as it was beside it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  paidOnce,
  pay,
  place,
  sentBack,
  stockOf,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { openGates } from '../gates.ts'
import { passOf } from '../reconciling.ts'
import { placeAs } from '../reviews.ts'
import { stockedShop, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const PRICE = 24_500
const SECOND = 1_000
const ORDER_TTL = 1_800 * SECOND

const gates = openGates()
let shop: Shop
let productId: string
let shopId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, shopId, admin } = await stockedShop({ price: PRICE, stock: 1_000, points: gates.points }))
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

async function calls(orderId: string, operation: string): Promise<number> {
  const rows = await shop.db.many(
    'test.calls',
    sql`select 1 as one from provider_calls where order_id = ${orderId} and operation = ${operation}`,
  )
  return rows.length
}

describe('T2 an authorization in other terms than asked is never captured by itself', () => {
  for (const [what, terms] of [
    ['one paisa less', { amount: PRICE - 1 }],
    ['one paisa more', { amount: PRICE + 1 }],
    ['another currency, the same number', { currency: 'USD' }],
  ] as const) {
    test(`T2 ${what}`, async () => {
      const placed = await place(shop, productId)
      const brought = await pay(shop, placed, 'authorized', terms)
      await verify(shop, placed, brought)
      await atRest(shop, 61 * SECOND)
      await atRest(shop, 300 * SECOND)
      assert.equal(await calls(placed.orderId, 'capture'), 0)
      const { order, attempts, ledger } = await written(shop.db, placed.orderId)
      assert.deepEqual([attempts, ledger], [['authorized none 0/0'], []])
      assert.ok(order.startsWith('pending/'), order)
    })
  }

  test('T2 and in the very terms it is', async () => {
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'authorized')
    await verify(shop, placed, brought)
    await atRest(shop, 61 * SECOND)
    assert.equal(await calls(placed.orderId, 'capture'), 1)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })
})

describe('T4 news that arrives between the last question and the end of an order by time', () => {
  async function atItsEnd(news: (placed: Placed) => Promise<unknown>): Promise<Placed> {
    const placed = await place(shop, productId)
    // The provider has answered the last question, and the transaction that ends the order has not begun.
    const held = gates.holdNext('provider:razorpay.fetchOrderPayments:answered')
    shop.clock.aheadMs += ORDER_TTL + SECOND
    const ending = passOf(shop, 'orders.expire').runOnce()
    await held.arrived
    await news(placed)
    held.release()
    assert.equal(await ending, 0)
    return placed
  }

  test('T4 a capture keeps the order', async () => {
    const placed = await atItsEnd(async (each) => verify(shop, each, await pay(shop, each, 'captured_webhook_lost')))
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('T4 a signature keeps it, until the provider is sure', async () => {
    const placed = await atItsEnd(async (each) => {
      const brought = await pay(shop, each, 'captured_webhook_lost')
      await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'GET /v1/payments/', kind: 'status', times: 9 })
      await verify(shop, each, brought)
      assert.equal((await written(shop.db, each.orderId)).order, 'pending/verified')
    })
    assert.equal((await written(shop.db, placed.orderId)).order, 'pending/verified')
    await shop.control('DELETE', '/razorpay/_sandbox/faults')
    await atRest(shop, 901 * SECOND)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })
})

describe('T6 a customer’s cart', () => {
  const ITEMS = () => ({ items: [{ productId, quantity: 3 }] })

  async function cartOf(as: { authorization: string }): Promise<number> {
    const { body } = await shop.call('GET', '/api/cart', { as })
    return (body.data.cart.items as { quantity: number }[]).reduce((sum, item) => sum + item.quantity, 0)
  }

  for (const [what, news] of [
    ['a failed try', (placed: Placed) => pay(shop, placed, 'failed')],
    ['an authorization in other terms', (placed: Placed) => pay(shop, placed, 'authorized', { amount: PRICE + 1 })],
    ['a capture of another amount', (placed: Placed) => pay(shop, placed, 'short_capture')],
    ['a capture in another currency', (placed: Placed) => pay(shop, placed, 'wrong_currency')],
    ['a bank that does not answer', (placed: Placed) => pay(shop, placed, 'pending')],
    ['a forged webhook', (placed: Placed) => pay(shop, placed, 'forged_webhook')],
  ] as const) {
    test(`T6 is still full after ${what}`, async () => {
      const as = await shop.signedIn({ role: 'customer' })
      assert.equal((await shop.call('PUT', '/api/cart', { as, body: ITEMS() })).status, 200)
      const placed = await placeAs(shop, as, productId)
      await news(placed)
      await atRest(shop)
      assert.equal(await cartOf(as), 3)
    })
  }

  test('T6 is still full after a late capture that goes back, and after the order’s end by time', async () => {
    const as = await shop.signedIn({ role: 'customer' })
    await shop.call('PUT', '/api/cart', { as, body: ITEMS() })
    const placed = await placeAs(shop, as, productId)
    await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as, body: {} })
    assert.equal(await cartOf(as), 3)
    await pay(shop, placed)
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).order, 'cancelled/refunded shopper')
    assert.equal(await cartOf(as), 3)
    await placeAs(shop, as, productId)
    await atRest(shop, ORDER_TTL + SECOND)
    assert.equal(await cartOf(as), 3)
  })

  test('T6 is emptied by the capture that confirms', async () => {
    const as = await shop.signedIn({ role: 'customer' })
    await shop.call('PUT', '/api/cart', { as, body: ITEMS() })
    const placed = await placeAs(shop, as, productId)
    await pay(shop, placed)
    await atRest(shop)
    assert.equal(await cartOf(as), 0)
  })
})

describe('T7 late money revives an order when exactly its units are free', () => {
  async function lastUnits(stock: number): Promise<string> {
    const made = await shop.call('POST', '/api/admin/products', {
      as: admin,
      body: { title: 'The last of it', price: PRICE, currency: 'INR', shopId, stock, taxRateBps: 500 },
    })
    return made.body.data.product.id
  }

  test('T7 two units wanted, two free: revived, and nothing is left', async () => {
    const last = await lastUnits(2)
    const placed = await place(shop, last, 2)
    await atRest(shop, ORDER_TTL + SECOND)
    assert.deepEqual(await stockOf(shop.db, last), { onHand: 2, reserved: 0 })
    await pay(shop, placed)
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(2 * PRICE))
    assert.deepEqual(await stockOf(shop.db, last), { onHand: 0, reserved: 0 })
  })

  test('T7 two units wanted, one free because another order holds it: the money goes back', async () => {
    const last = await lastUnits(2)
    const placed = await place(shop, last, 2)
    await atRest(shop, ORDER_TTL + SECOND)
    await place(shop, last, 1)
    await pay(shop, placed)
    await atRest(shop, 7 * SECOND)
    assert.deepEqual(await written(shop.db, placed.orderId), sentBack(2 * PRICE, 'late_payment', 'stock_gone'))
    assert.deepEqual(await stockOf(shop.db, last), { onHand: 2, reserved: 1 })
  })
})

describe('T11 an event that cannot be applied yet, beside one that can', () => {
  async function inboxOf(ids: readonly string[]): Promise<string[]> {
    const rows = await shop.db.many<{ text: string }>(
      'test.inbox',
      sql`select event_id || ' ' || status || case when next_attempt_at is null then '' else ' due' end as text
          from webhook_events where event_id = any (${ids}::text[]) order by event_id`,
    )
    return rows.map(({ text }) => text)
  }

  test('T11 a refund of an attempt that we do not know waits by the inbox’s own state, and is applied later', async () => {
    const placed = await place(shop, productId)
    const other = await place(shop, productId)
    const brought = await pay(shop, placed, 'captured_webhook_lost')
    const id = brought.razorpay_payment_id
    const payment = {
      id,
      orderId: placed.providerOrderId,
      amount: PRICE,
      status: 'captured',
      amountRefunded: 100,
    } as const
    const refund = {
      id: 'rfnd_EarlyNews0001',
      paymentId: 'pay_NotKnownYet001',
      amount: 100,
      status: 'processed',
    } as const
    const early = paymentEvent('refund.processed', { ...payment, id: 'pay_NotKnownYet001', status: 'created' }, refund)
    const applied = await pay(shop, other, 'captured_webhook_lost')
    const good = paymentEvent('payment.captured', {
      id: applied.razorpay_payment_id,
      orderId: other.providerOrderId,
      amount: PRICE,
      status: 'captured',
    })
    for (const [body, eventId] of [
      [early, 'evt_t11_early'],
      [good, 'evt_t11_good'],
    ] as const) {
      assert.equal((await deliver(shop, signed(shop, body, eventId))).status, 200)
    }
    await shop.settled()
    assert.deepEqual(await inboxOf(['evt_t11_early', 'evt_t11_good']), [
      'evt_t11_early received due',
      'evt_t11_good processed',
    ])
    await verify(shop, placed, brought)
    await atRest(shop)
    assert.deepEqual(await written(shop.db, other.orderId), paidOnce(PRICE))
  })
})

describe('ending orders by time', () => {
  /** How many orders one run looks at. */
  const BATCH = 20

  test('those whose signature waits for the provider’s word do not keep the ones behind them from ending', async () => {
    // Orders of the tests before this one have their end first.
    await atRest(shop, ORDER_TTL + SECOND)
    const first: Placed[] = []
    for (let at = 0; at < BATCH; at += 1) first.push(await place(shop, productId))
    const ids = first.map(({ orderId }) => orderId)
    const behind = await place(shop, productId)
    const claimed = (status: string) =>
      shop.db.alone.run(
        'test.claimed',
        sql`update orders set payment_status = ${status} where id = any(${ids}::uuid[]) and status = 'pending'`,
      )
    const states = () =>
      shop.db.many(
        'test.states',
        sql`select status, count(*) as count from orders where id = any(${ids}::uuid[]) group by status`,
      )
    await claimed('verified')
    shop.clock.aheadMs += ORDER_TTL + SECOND
    assert.equal(await passOf(shop, 'orders.expire').runOnce(), 1)
    assert.equal((await written(shop.db, behind.orderId)).order, 'cancelled/pending expired')
    assert.deepEqual(await states(), [{ status: 'pending', count: BATCH }])
    assert.equal(await passOf(shop, 'orders.expire').runOnce(), 0, 'they are not ended by time')

    // The provider knows of no payment for them after all.
    await claimed('pending')
    assert.equal(await passOf(shop, 'orders.expire').runOnce(), BATCH)
    assert.deepEqual(await states(), [{ status: 'cancelled', count: BATCH }])
  })
})
