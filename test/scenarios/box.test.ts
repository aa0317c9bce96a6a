/** What is in the box: its things, their prices and their shops, as they are when it is priced and when it is ordered. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { assertAllWell, atRest, pay, placedBy, rowCounts, verify } from '../buyer.ts'
import { orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

const PRICE = 24_500

let shop: Shop
let productId: string
let shopId: string
let admin: { authorization: string }

before(async () => {
  ;({ shop, productId, shopId, admin } = await stockedShop({ price: PRICE, stock: 100 }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function made(path: string, body: Record<string, unknown>): Promise<string> {
  const answer = await shop.call('POST', `/api/admin/${path}`, { as: admin, body })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return (answer.body.data.product ?? answer.body.data.shop).id
}

const newProduct = (body: Record<string, unknown> = {}) =>
  made('products', { title: 'Cardamom', price: PRICE, currency: 'INR', shopId, stock: 100, ...body })

async function change(path: string, body: Record<string, unknown>): Promise<void> {
  const answer = await shop.call('PATCH', `/api/admin/${path}`, { as: admin, body })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

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

test('R7 a thing that left the shelf is a problem of its own: the rest is priced, and the order says its title', async () => {
  const gone = await newProduct({ title: 'Saffron, 1 g' })
  const UNKNOWN = '01890000-0000-7000-8000-000000000000'
  await change(`products/${gone}`, { active: false })
  const message = 'Saffron, 1 g is no longer sold.'
  const problem = { code: 'product_unavailable', message, productId: gone, title: 'Saffron, 1 g', shopId }
  const { body } = await quote(gone, productId)
  assert.equal(body.data.quote.total, PRICE)
  assert.deepEqual(
    body.data.quote.items.map((item: { productId: string }) => item.productId),
    [productId],
  )
  assert.deepEqual(body.data.quote.problems, [problem])
  const answer = await refused(() => order([productId, gone]), 409, 'product_unavailable')
  assert.equal(answer.body.error.message, message)
  assert.deepEqual(answer.body.error.details, { items: [{ productId: gone, title: 'Saffron, 1 g' }] })

  const alone = (await quote(gone)).body.data.quote
  assert.deepEqual([alone.total, alone.currency, alone.items, alone.problems], [0, 'INR', [], [problem]])

  const unknown = (await quote(productId, UNKNOWN)).body.data.quote
  assert.deepEqual([unknown.total, unknown.problems.length, unknown.problems[0].productId], [PRICE, 1, UNKNOWN])
  const never = await refused(() => order([productId, UNKNOWN]), 400, 'validation_failed')
  assert.equal(never.body.error.details.fields[0].field, 'items.1.productId')
  assert.equal((await quote(UNKNOWN)).status, 400)

  await change(`products/${gone}`, { active: true })
  assert.deepEqual((await quote(gone, productId)).body.data.quote.problems, [])
})

test('R7 things of a closed shop are told by its name, and nothing is ordered', async () => {
  const closed = await made('shops', { name: 'Rann Karigar', acceptingOrders: false })
  const stole = await newProduct({ title: 'Stole', shopId: closed })
  const { quote: priced } = (await quote(productId, stole)).body.data
  const message = 'Rann Karigar takes no orders now.'
  assert.deepEqual(priced.problems, [{ code: 'shop_closed', message, shopId: closed }])
  assert.equal(priced.total, 2 * PRICE)
  const answer = await refused(() => order([productId, stole]), 409, 'shop_closed')
  assert.deepEqual([answer.body.error.message, answer.body.error.details], [message, { shopId: closed }])
})

test('R8 a fee of 40 rupees is never 4,000 yen: other currencies have their own, or are not sold', async () => {
  const exporting = await made('shops', { name: 'Exporter', deliveryFee: 4_000, freeDeliveryAbove: 100_000 })
  const yen = await newProduct({ title: 'Tea, for Japan', price: 1_500, currency: 'JPY', shopId: exporting })
  const dinar = await newProduct({ title: 'Tea, for Kuwait', price: 4_250, currency: 'KWD', shopId: exporting })
  const rupee = await newProduct({ title: 'Tea', price: 20_000, shopId: exporting })
  const told = (await quote(yen)).body.data.quote
  assert.deepEqual(told.items, [])
  assert.deepEqual(told.problems, [
    {
      code: 'currency_not_supported',
      message: 'Tea, for Japan cannot be ordered: Exporter does not deliver what is sold in JPY.',
      productId: yen,
      title: 'Tea, for Japan',
      shopId: exporting,
    },
  ])
  await refused(() => order([yen]), 409, 'currency_not_supported')
  assert.equal((await quote(rupee)).body.data.quote.total, 24_000)

  const fees = [
    { currency: 'JPY', fee: 800, freeAbove: 3_000 },
    { currency: 'KWD', fee: 1_250, freeAbove: null },
  ]
  const patched = await shop.call('PATCH', `/api/admin/shops/${exporting}`, { as: admin, body: { deliveryFees: fees } })
  assert.deepEqual(patched.body.data.shop.deliveryFees, fees)
  const shown = (await shop.call('GET', `/api/shops/${exporting}`)).body.data.shop
  assert.deepEqual([shown.deliveryFee, shown.deliveryCurrency, shown.deliveryFees], [4_000, 'INR', fees])
  for (const [ids, currency, fee, total] of [
    [[yen], 'JPY', 800, 2_300],
    [[dinar], 'KWD', 1_250, 5_500],
    [[rupee], 'INR', 4_000, 24_000],
  ] as const) {
    const { quote: priced } = (await quote(...ids)).body.data
    assert.deepEqual([priced.currency, priced.deliveryFee, priced.total, priced.problems], [currency, fee, total, []])
    const placed = await order([...ids], { expectedTotal: total, expectedCurrency: currency })
    assert.deepEqual(
      [placed.status, placed.body.data.order.total, placed.body.data.payment.currency],
      [201, total, currency],
    )
  }
  const free = await shop.call('POST', '/api/orders/quote', { body: { items: [{ productId: yen, quantity: 2 }] } })
  assert.deepEqual([free.body.data.quote.deliveryFee, free.body.data.quote.total], [0, 3_000])
})

test('R8 delivery that is free is free in every currency', async () => {
  const yen = await newProduct({ title: 'Pepper, for Japan', price: 900, currency: 'JPY' })
  const placed = await order([yen])
  assert.deepEqual([placed.status, placed.body.data.order.total, placed.body.data.order.deliveryFee], [201, 900, 0])
})

test('R8 no amount passes into another currency by itself', async () => {
  const id = await made('shops', { name: 'Mover', deliveryFee: 4_000, freeDeliveryAbove: 50_000 })
  const patch = (body: object) => shop.call('PATCH', `/api/admin/shops/${id}`, { as: admin, body })
  for (const [field, body] of [
    ['deliveryFee', { deliveryCurrency: 'JPY' }],
    ['freeDeliveryAbove', { deliveryCurrency: 'JPY', deliveryFee: 500 }],
    ['deliveryCurrency', { deliveryCurrency: 'ZZZ', deliveryFee: 500, freeDeliveryAbove: null }],
    ['deliveryFees.0.currency', { deliveryFees: [{ currency: 'INR', fee: 1 }] }],
    ['deliveryFees.0.currency', { deliveryFees: [{ currency: 'QQQ', fee: 1 }] }],
    [
      'deliveryFees.1.currency',
      {
        deliveryFees: [
          { currency: 'USD', fee: 1 },
          { currency: 'USD', fee: 2 },
        ],
      },
    ],
  ] as const) {
    const answer = await patch(body)
    assert.deepEqual([answer.status, answer.body.error?.details.fields[0].field], [400, field], JSON.stringify(body))
  }
  const kept = (await shop.call('GET', `/api/shops/${id}`)).body.data.shop
  assert.deepEqual([kept.deliveryFee, kept.freeDeliveryAbove, kept.deliveryCurrency], [4_000, 50_000, 'INR'])
  const moved = await patch({ deliveryCurrency: 'JPY', deliveryFee: 500, freeDeliveryAbove: null })
  assert.deepEqual([moved.status, moved.body.data.shop.deliveryCurrency], [200, 'JPY'])
})

test('A2 things of two currencies: the first is priced, the other needs an order of its own', async () => {
  const yen = await newProduct({ title: 'Cup', price: 900, currency: 'JPY' })
  const { quote: priced } = (await quote(productId, yen)).body.data
  assert.deepEqual([priced.currency, priced.total], ['INR', PRICE])
  assert.deepEqual(
    priced.problems.map(({ code, title }: { code: string; title: string }) => [code, title]),
    [['currencies_differ', 'Cup']],
  )
  const answer = await refused(() => order([productId, yen]), 400, 'validation_failed')
  assert.equal(answer.body.error.details.fields[0].field, 'items')
})

test('R10 the same number in another currency is another price', async () => {
  const moving = await newProduct({ title: 'Bowl', price: 5_000 })
  const shown = { expectedTotal: 5_000, expectedCurrency: 'INR' }
  assert.equal((await order([moving], shown)).status, 201)
  // Its maker means yen; a page still shows rupees.
  await change(`products/${moving}`, { currency: 'JPY' })
  const answer = await refused(() => order([moving], shown), 409, 'price_changed')
  assert.deepEqual(answer.body.error.details, { ...shown, total: 5_000, currency: 'JPY' })
  // A client that sends the number alone cannot have meant it in a currency that is so young.
  const alone = await refused(() => order([moving], { expectedTotal: 5_000 }), 409, 'price_changed')
  assert.match(alone.body.error.message, /expectedCurrency/)
  await refused(() => order([moving], { expectedCurrency: 'INR' }), 409, 'price_changed')
  const agreed = await order([moving], { expectedTotal: 5_000, expectedCurrency: 'JPY' })
  assert.deepEqual([agreed.status, agreed.body.data.order.currency], [201, 'JPY'])
  assert.equal((await order([moving])).status, 201)

  shop.clock.aheadMs += 3_601_000
  assert.equal((await order([moving], { expectedTotal: 5_000 })).status, 201)
  await change(`products/${moving}`, { currency: 'JPY', price: 6_000 })
  assert.equal((await order([moving], { expectedTotal: 6_000 })).status, 201)
})
