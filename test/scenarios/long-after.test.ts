/** What comes again long after it was done, when the system has forgotten part of it: nothing is done a second time. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, pay, place, placedBy, rowCounts, written } from '../buyer.ts'
import { passOf } from '../reconciling.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'
import { deliver, type SignedEvent } from '../webhooks.ts'

const DAY_MS = 86_400_000

let shop: Shop
let productId: string
let admin: { authorization: string }

beforeEach(async () => {
  ;({ shop, productId, admin } = await stockedShop())
})
afterEach(async () => {
  try {
    await assertAllWell(shop)
  } finally {
    await shop.close()
  }
})

/** Time passes, and what has had its time is removed. */
async function daysPass(days: number): Promise<void> {
  shop.clock.aheadMs += days * DAY_MS
  const cleanup = passOf(shop, 'operations.cleanup')
  for (let batches = 0; (await cleanup.runOnce()) > 0; batches += 1) assert.ok(batches < 100)
}

const answersKept = () => count(shop.db, sql`idempotency_keys where response_body is not null`)

test('C11 an order that is placed again under its key, days later: what was made, as it is by then', async () => {
  const key = randomUUID()
  const send = () => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
  const first = await send()
  assert.equal(first.status, 201)
  const placed = placedBy(first)
  await pay(shop, placed)
  await atRest(shop)
  assert.equal(await answersKept(), 1)

  await daysPass(4)
  assert.equal(await answersKept(), 0)
  const before = await rowCounts(shop.db)
  const again = await send()
  assert.equal(again.status, 201)
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal(again.body.data.order.id, placed.orderId)
  assert.equal(again.body.data.order.status, 'confirmed')
  assert.equal(again.body.data.guestToken, placed.guestToken)
  // It is paid, so there is nothing to open.
  assert.equal(again.body.data.payment, undefined)
  assert.deepEqual(await rowCounts(shop.db), before)

  const other = await shop.call('POST', '/api/orders', { body: orderBody(productId, 2), key })
  assert.deepEqual([other.status, other.body.error.code], [422, 'idempotency_key_reused'])
  assert.deepEqual(await rowCounts(shop.db), before)
})

test('C11 FX7 an order that is placed again under a key that can be guessed, days later: without what was told once', async () => {
  const send = () => shop.call('POST', '/api/orders', { body: orderBody(productId), key: 'order-1' })
  const placed = placedBy(await send())
  await pay(shop, placed)
  await atRest(shop)
  await daysPass(4)
  const again = await send()
  assert.equal(again.status, 201)
  assert.equal(again.body.data.order.id, placed.orderId)
  assert.equal(again.body.data.guestToken, undefined)
  assert.deepEqual(again.body.data.order.payments, [])
})

test('C11 a refund that is asked for again under its key, days later: the refund, and no second', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const send = () =>
    shop.call('POST', '/api/payments/refund', {
      as: admin,
      key: 'the-refund',
      body: { orderId: placed.orderId, amount: 1_000, reason: 'broken on arrival' },
    })
  const first = await send()
  assert.equal(first.status, 202, JSON.stringify(first.body))
  await atRest(shop)
  const end = await written(shop.db, placed.orderId)

  await daysPass(4)
  const again = await send()
  assert.equal(again.status, 202)
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.equal(again.body.data.refund.id, first.body.data.refund.id)
  assert.equal(again.body.data.refund.amount, 1_000)
  assert.deepEqual(await written(shop.db, placed.orderId), end)
})

test('C11 what cannot be made again from what it has done is refused, and nothing is done', async () => {
  const { shopId } = await shop.db.one<{ shopId: string }>('test.shop', sql`select id as "shopId" from shops`)
  const send = () =>
    shop.call('POST', '/api/admin/products', {
      as: admin,
      key: 'the-product',
      body: { title: 'Cardamom', price: 900, currency: 'INR', shopId, stock: 5, taxRateBps: 500 },
    })
  assert.equal((await send()).status, 201)
  const refused = () => shop.call('POST', '/api/orders', { body: orderBody(productId, 999), key: 'too-many' })
  const no = await refused()
  assert.equal(no.status, 409)

  await daysPass(4)
  const products = await count(shop.db, sql`products`)
  const again = await send()
  assert.equal(again.status, 409)
  assert.equal(again.body.error.code, 'answer_not_kept')
  assert.deepEqual(again.body.error.details, { status: 201 })
  assert.equal(await count(shop.db, sql`products`), products)
  // A refusal is short, and is kept as long as its key.
  assert.deepEqual((await refused()).body.error.code, no.body.error.code)
})

test('W10 an event that was forgotten after two years and comes again says nothing new', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed)
  await atRest(shop)
  const event = await shop.db.one<SignedEvent>(
    'test.event',
    sql`select event_id as "eventId", convert_from(raw_body, 'UTF8') as body, headers->>'x-razorpay-signature' as signature
        from webhook_events where type = 'payment.captured'`,
  )
  const end = await written(shop.db, placed.orderId)
  const happened = () => count(shop.db, sql`events`)
  const events = await happened()

  await daysPass(729)
  assert.notEqual(await count(shop.db, sql`webhook_events`), 0)
  await daysPass(2)
  assert.equal(await count(shop.db, sql`webhook_events`), 0)
  assert.equal((await deliver(shop, event)).status, 200)
  await atRest(shop)
  assert.equal(await count(shop.db, sql`webhook_events where status in ('processed', 'ignored')`), 1)
  assert.deepEqual(await written(shop.db, placed.orderId), end)
  assert.equal(await happened(), events)
})
