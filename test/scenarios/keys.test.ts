/** Idempotency keys beside each other: of two people, on two things, and on answers that keep something for a guest. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { atRest, assertAllWell, count, pay, place, placedBy, rowCounts, written } from '../buyer.ts'
import { sql } from '../../server/platform/database.ts'
import { deskOf, placeAs } from '../reviews.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'

let shop: Shop
let productId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ stock: 1_000 }))
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

describe('T1 a key that somebody else uses too', () => {
  test('T1 the first one’s repeat still gets the first answer, after the other has used the key on the same endpoint', async () => {
    const [one, other] = [await shop.signedIn({ role: 'customer' }), await shop.signedIn({ role: 'customer' })]
    const send = (as: { authorization: string }) =>
      shop.call('POST', '/api/orders', { as, key: 'the-same-key', body: orderBody(productId) })
    const first = await send(one)
    const second = await send(other)
    assert.deepEqual([first.status, second.status], [201, 201])
    assert.notEqual(first.body.data.order.id, second.body.data.order.id)
    const before = await rowCounts(shop.db)
    for (const [as, answer] of [
      [one, first],
      [other, second],
      [one, first],
    ] as const) {
      const again = await send(as)
      assert.equal(again.headers.get('idempotency-replayed'), 'true')
      assert.equal(again.body.data.order.id, answer.body.data.order.id)
    }
    assert.deepEqual(await rowCounts(shop.db), before)
  })
})

describe('T12 one key on two things of the same kind has two effects', () => {
  test('T12 cancelling two orders of one customer', async () => {
    const as = await shop.signedIn({ role: 'customer' })
    const [a, b] = [await placeAs(shop, as, productId), await placeAs(shop, as, productId)]
    for (const { orderId } of [a, b]) {
      const answer = await shop.call('POST', `/api/orders/${orderId}/cancel`, { as, key: 'cancel-both', body: {} })
      assert.deepEqual([answer.status, answer.body.data.order.id], [200, orderId])
      assert.equal((await written(shop.db, orderId)).order, 'cancelled/pending shopper')
    }
  })

  test('T12 capturing two payments', async () => {
    for (const placed of [await place(shop, productId), await place(shop, productId)]) {
      await pay(shop, placed, 'authorized')
      await shop.settled()
      const path = `/api/payments/${placed.paymentId}/capture`
      const answer = await shop.call('POST', path, { as: admin, key: 'capture-both', body: { reason: 'we send it' } })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
    }
  })

  test('T12 closing two payments that nobody will make', async () => {
    for (const placed of [await place(shop, productId), await place(shop, productId)]) {
      const path = `/api/payments/${placed.paymentId}/resolve`
      const body = { status: 'abandoned', reason: 'asked by telephone' }
      assert.equal((await shop.call('POST', path, { as: admin, key: 'close-both', body })).status, 200)
      assert.deepEqual((await written(shop.db, placed.orderId)).payments, ['abandoned 0/0'])
    }
  })

  test('T12 answering two questions', async () => {
    const desk = deskOf(shop, admin)
    for (const placed of [await place(shop, productId), await place(shop, productId)]) {
      await pay(shop, placed, 'short_capture')
      await atRest(shop)
      const item = await desk.theOpen(placed.orderId, 'amount_differs')
      await desk.decided(item.id, { action: 'refund', reason: 'wrong amount' }, { key: 'answer-both' })
      await atRest(shop)
      assert.deepEqual((await written(shop.db, placed.orderId)).reviews, ['amount_differs resolved'])
    }
  })

  test('T12 refunding two orders under one key is refused for the second, and nothing goes back of it', async () => {
    const [a, b] = [await place(shop, productId), await place(shop, productId)]
    for (const placed of [a, b]) await pay(shop, placed)
    await atRest(shop)
    const refund = (orderId: string) =>
      shop.call('POST', '/api/payments/refund', {
        as: admin,
        key: 'refund-both',
        body: { orderId, amount: 500, reason: 'a scratch' },
      })
    assert.equal((await refund(a.orderId)).status, 202)
    const second = await refund(b.orderId)
    assert.deepEqual([second.status, second.body.error.code], [422, 'idempotency_key_reused'])
    assert.deepEqual((await written(shop.db, b.orderId)).refunds, [])
    await atRest(shop)
  })
})

describe('T13 a refused answer that keeps something for a guest', () => {
  test('T13 the order that the provider did not open carries the token that opens it', async () => {
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'POST /v1/orders', kind: 'status', times: 1 })
    const refused = await shop.call('POST', '/api/orders', { body: orderBody(productId) })
    assert.deepEqual([refused.status, refused.body.error.code], [502, 'provider_unavailable'])
    const { orderId, guestToken } = refused.body.error.details as { orderId: string; guestToken: string }
    const stranger = await shop.call('GET', `/api/orders/${orderId}`)
    assert.equal(stranger.status, 401)
    const opened = await shop.call('GET', `/api/orders/${orderId}`, { guestToken })
    assert.deepEqual([opened.status, opened.body.data.order.id], [200, orderId])
    const paid = await shop.call('POST', '/api/payments/create', { guestToken, body: { orderId } })
    assert.equal(paid.status, 201, JSON.stringify(paid.body))
    assert.equal(await count(shop.db, sql`payments where order_id = ${orderId}`), 1)
  })

  test('T13 an accepted order’s token opens that order and no other', async () => {
    const [mine, other] = [await place(shop, productId), await place(shop, productId)]
    const { guestToken } = placedBy(await shop.call('POST', '/api/orders', { body: orderBody(productId) }))
    for (const { orderId } of [mine, other]) {
      assert.equal((await shop.call('GET', `/api/orders/${orderId}`, { guestToken })).status, 403)
    }
    assert.equal((await shop.call('GET', `/api/orders/${mine.orderId}`, { guestToken: mine.guestToken })).status, 200)
  })
})
