/** What is in the box: its things, their prices and their shops, as they are when it is priced and when it is ordered. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { assertAllWell, atRest, pay, placedBy, rowCounts, verify } from '../buyer.ts'
import { orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

const PRICE = 24_500

let shop: Shop
let productId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ price: PRICE, stock: 100 }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

const box = (...ids: string[]) => ids.map((id) => ({ productId: id, quantity: 1 }))
const quote = (...ids: string[]) => shop.call('POST', '/api/orders/quote', { body: { items: box(...ids) } })
const order = (ids: string[], more: Record<string, unknown> = {}) =>
  shop.call('POST', '/api/orders', { body: { ...orderBody(productId), items: box(...ids), ...more } })

/** Expects a refusal that writes nothing at all. */
async function refused(send: () => Promise<Answer>, status: number, code: string): Promise<Answer> {
  const before = await rowCounts(shop.db)
  const answer = await send()
  assert.deepEqual([answer.status, answer.body.error?.code], [status, code], JSON.stringify(answer.body))
  assert.deepEqual(await rowCounts(shop.db), before)
  return answer
}

test('R9 an id in capitals is the same id: in cart, price, order, its key, its payment and every path', async () => {
  const LOUD = productId.toUpperCase()
  const customer = await shop.signedIn({ role: 'customer' })
  const cart = await shop.call('PUT', '/api/cart', { as: customer, body: { items: box(LOUD) } })
  assert.deepEqual([cart.status, cart.body.data.cart.items[0].productId], [200, productId])
  const twice = await shop.call('PUT', '/api/cart', { as: customer, body: { items: box(LOUD, productId) } })
  assert.equal(twice.status, 400)
  const priced = await quote(LOUD, productId)
  assert.deepEqual(
    [priced.status, priced.body.data.quote.items.length, priced.body.data.quote.total],
    [200, 1, 2 * PRICE],
  )
  const key = randomUUID()
  const send = (id: string) => shop.call('POST', '/api/orders', { body: orderBody(id), key })
  const first = await send(LOUD)
  assert.equal(first.status, 201, JSON.stringify(first.body))
  assert.equal(first.body.data.order.items[0].productId, productId)
  const again = await send(productId)
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.deepEqual(again.body, first.body)

  const placed = placedBy(first)
  const { orderId, guestToken } = placed
  const ORDER = orderId.toUpperCase()
  for (const path of [
    `orders/${ORDER}`,
    `orders/${ORDER}/events`,
    `payments/${ORDER}/status`,
    `payments?orderId=${ORDER}`,
  ]) {
    const answer = await shop.call('GET', `/api/${path}`, { guestToken })
    assert.equal(answer.status, 200, path)
    assert.doesNotMatch(JSON.stringify(answer.body), new RegExp(ORDER))
  }
  const open = (id: string) =>
    shop.call('POST', '/api/payments/create', { guestToken, body: { orderId: id }, key: 'R9-open' })
  assert.deepEqual((await open(ORDER)).body, (await open(orderId)).body)
  assert.equal((await shop.call('GET', `/api/payments/${placed.paymentId.toUpperCase()}`, { guestToken })).status, 200)
  const verified = await verify(shop, { orderId: ORDER, guestToken }, await pay(shop, placed))
  assert.deepEqual([verified.status, verified.body.data.orderId], [200, orderId])
  await atRest(shop)

  assert.equal((await shop.call('GET', `/api/products/${LOUD}`)).body.data.product.id, productId)
  const refund = (id: string, key: string) =>
    shop.call('POST', '/api/payments/refund', { as: admin, body: { orderId: id, amount: 100, reason: 'R9' }, key })
  const refundKey = randomUUID()
  const one = await refund(ORDER, refundKey)
  assert.equal(one.status, 202, JSON.stringify(one.body))
  assert.deepEqual((await refund(orderId, refundKey)).body, one.body)
  await atRest(shop)
})

test('R9 what only looks like an id is none, before any of it reaches the database', async () => {
  for (const id of [`urn:uuid:${productId}`, `{${productId}}`, productId.replaceAll('-', ''), `${productId} `]) {
    const answer = await refused(() => order([id]), 400, 'validation_failed')
    assert.match(answer.body.error.details.fields[0].field, /^items\.0\.productId$/)
  }
})
