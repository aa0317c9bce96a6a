/** What clients may ask for and what they may not: prices, quantities, keys. A refusal leaves nothing behind. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { assertAllWell, placedBy, rowCounts, stockOf } from '../buyer.ts'
import { ADDRESS, orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

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

async function newProduct(stock: number, price = PRICE): Promise<string> {
  const made = await shop.call('POST', '/api/admin/products', {
    as: admin,
    body: { title: 'Cardamom', price, currency: 'INR', shopId, stock, taxRateBps: 500 },
  })
  assert.equal(made.status, 201)
  return made.body.data.product.id
}

/** Expects a refusal that writes nothing at all. */
async function refused(send: () => Promise<Answer>, status: number, code: string): Promise<Answer> {
  const before = await rowCounts(shop.db)
  const answer = await send()
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  assert.equal(answer.body.success, false)
  assert.equal(answer.body.error.code, code)
  assert.match(answer.body.error.requestId, /^[0-9a-f-]{36}$/)
  assert.deepEqual(await rowCounts(shop.db), before)
  return answer
}

/** A body in which the quantity is written as it stands here. */
function rawBody(quantity: string): string {
  return JSON.stringify({ ...orderBody(productId), items: [{ productId, quantity: '@' }] }).replace('"@"', quantity)
}

const BAD_QUANTITIES =
  '-1 0 -0 1.5 0.1 1e3 1e-1 1000 2147483648 9007199254740993 1e400 "1" "0x10" "" null true false [5] [] {} {"$gt":0}'

for (const quantity of BAD_QUANTITIES.split(' ')) {
  test(`A4 a quantity of ${quantity}: refused`, async () => {
    await refused(
      () => shop.call('POST', '/api/orders', { raw: { content: rawBody(quantity), type: 'application/json' } }),
      400,
      'validation_failed',
    )
  })
}

for (const quantity of ['NaN', 'Infinity', '0x10', '01', '+1', '1_0', "'1'", 'undefined']) {
  test(`A4 a quantity of ${quantity} is no JSON: refused`, async () => {
    await refused(
      () => shop.call('POST', '/api/orders', { raw: { content: rawBody(quantity), type: 'application/json' } }),
      400,
      'validation_failed',
    )
  })
}

for (const [what, id] of [
  ['nobody', '01890000-0000-7000-8000-000000000000'],
  ['nothing', ''],
  ['a number', 7],
  ['SQL', "' or 1=1 --"],
  ['a list', ['a']],
  ['null', null],
  ['NUL inside', '\0'],
  ['half a surrogate pair', '\uD800'],
] as const) {
  test(`A4 a product id that is ${what}: refused`, async () => {
    await refused(
      () =>
        shop.call('POST', '/api/orders', {
          body: { ...orderBody(productId), items: [{ productId: id, quantity: 1 }] },
        }),
      400,
      'validation_failed',
    )
  })
}

test('A4 no lines, or a hundred and one', async () => {
  for (const items of [[], Array.from({ length: 101 }, () => ({ productId, quantity: 1 })), undefined, 'all']) {
    await refused(
      () => shop.call('POST', '/api/orders', { body: { ...orderBody(productId), items } }),
      400,
      'validation_failed',
    )
  }
})

test('A1 X1 a price, a total, a status or an owner from the client: refused', async () => {
  for (const extra of [
    { total: 1 },
    { price: 1 },
    { currency: 'USD' },
    { discount: 24_400 },
    { status: 'confirmed' },
    { paymentStatus: 'paid' },
    { userId: 'somebody' },
    { isPaid: true },
  ]) {
    await refused(
      () => shop.call('POST', '/api/orders', { body: { ...orderBody(productId), ...extra } }),
      400,
      'validation_failed',
    )
  }
  await refused(
    () =>
      shop.call('POST', '/api/orders', {
        body: { ...orderBody(productId), items: [{ productId, quantity: 1, unitPrice: 1 }] },
      }),
    400,
    'validation_failed',
  )
})

test('A4 an order that costs more than a safe integer can hold', async () => {
  const dear = await newProduct(999, 1_000_000_000_000)
  await refused(() => shop.call('POST', '/api/orders', { body: orderBody(dear, 999) }), 400, 'validation_failed')
})

test('two lines of one product together above stock: refused; up to stock: taken together', async () => {
  const five = await newProduct(5)
  const lines = (first: number, second: number) => ({
    ...orderBody(five),
    items: [
      { productId: five, quantity: first },
      { productId: five, quantity: second },
    ],
  })
  const answer = await refused(() => shop.call('POST', '/api/orders', { body: lines(3, 3) }), 409, 'out_of_stock')
  assert.deepEqual(answer.body.error.details.items, [{ productId: five, available: 5 }])
  const placed = await shop.call('POST', '/api/orders', { body: lines(3, 2) })
  assert.equal(placed.status, 201)
  assert.equal(placed.body.data.order.total, 5 * PRICE)
  assert.deepEqual(await stockOf(shop.db, five), { onHand: 5, reserved: 5 })
})

test('one line of several is short: none is reserved', async () => {
  const gone = await newProduct(0)
  await refused(
    () =>
      shop.call('POST', '/api/orders', {
        body: {
          ...orderBody(productId),
          items: [
            { productId, quantity: 1 },
            { productId: gone, quantity: 1 },
          ],
        },
      }),
    409,
    'out_of_stock',
  )
})

test('C9 the total that was shown is not what it costs now: refused with the new one', async () => {
  for (const expectedTotal of [PRICE - 1, PRICE + 1, 0]) {
    const answer = await refused(
      () => shop.call('POST', '/api/orders', { body: { ...orderBody(productId), expectedTotal } }),
      409,
      'price_changed',
    )
    assert.equal(answer.body.error.details.total, PRICE)
  }
  const placed = await shop.call('POST', '/api/orders', { body: { ...orderBody(productId), expectedTotal: PRICE } })
  assert.equal(placed.status, 201)
})

test('C9 the price is raised between quote and order', async () => {
  const rising = await newProduct(10)
  const quote = await shop.call('POST', '/api/orders/quote', { body: { items: [{ productId: rising, quantity: 2 }] } })
  assert.equal(quote.body.data.quote.total, 2 * PRICE)
  const changed = await shop.call('PATCH', `/api/admin/products/${rising}`, { as: admin, body: { price: PRICE + 100 } })
  assert.equal(changed.status, 200, JSON.stringify(changed.body))
  const answer = await refused(
    () => shop.call('POST', '/api/orders', { body: { ...orderBody(rising, 2), expectedTotal: 2 * PRICE } }),
    409,
    'price_changed',
  )
  assert.equal(answer.body.error.details.total, 2 * (PRICE + 100))
})

test('C3 a key reused with another body: 422, nothing done; with the same body in another spelling: the same answer', async () => {
  const body = orderBody(productId, 2)
  const key = randomUUID()
  const first = await shop.call('POST', '/api/orders', { body, key })
  assert.equal(first.status, 201)
  for (const other of [
    orderBody(productId, 3),
    { ...body, expectedTotal: 2 * PRICE },
    { ...body, email: 'b@b.test' },
  ]) {
    await refused(() => shop.call('POST', '/api/orders', { body: other, key }), 422, 'idempotency_key_reused')
  }
  const reordered = Object.fromEntries(Object.entries(body).toReversed())
  const before = await rowCounts(shop.db)
  const again = await shop.call('POST', '/api/orders', { body: reordered, key })
  const aliased = await shop.call('POST', '/api/orders/checkout', { body, key })
  for (const answer of [again, aliased]) {
    assert.equal(answer.status, 201)
    assert.equal(answer.headers.get('idempotency-replayed'), 'true')
    assert.deepEqual(answer.body, first.body)
  }
  assert.deepEqual(await rowCounts(shop.db), before)
})

test('C2 a refusal is repeated too', async () => {
  const two = await newProduct(2)
  const order = () => shop.call('POST', '/api/orders', { body: orderBody(two, 3), key: 'C2-refused' })
  const first = await refused(order, 409, 'out_of_stock')
  const second = await refused(order, 409, 'out_of_stock')
  assert.deepEqual(second.body.error.details, first.body.error.details)
})

test('FX7 two guests who happen upon one key: the second is answered with the order, and its token is told once', async () => {
  const body = orderBody(productId)
  const first = await shop.call('POST', '/api/orders', { body, key: 'order-1' })
  assert.equal(first.status, 201)
  const { guestToken, ...rest } = first.body.data
  assert.match(guestToken, /^[\w-]{43}$/)
  for (const path of ['/api/orders', '/api/orders/checkout']) {
    const second = await shop.call('POST', path, { body, key: 'order-1' })
    assert.equal(second.headers.get('idempotency-replayed'), 'true')
    assert.deepEqual([second.status, second.body.data], [201, rest])
    assert.doesNotMatch(JSON.stringify(second.body), /guestToken/)
  }
  // Two at the same moment: one of them has placed it.
  const both = await Promise.all([1, 2].map(() => shop.call('POST', '/api/orders', { body, key: 'order-2' })))
  assert.equal(both[0]?.body.data.order.id, both[1]?.body.data.order.id)
  assert.equal(both.filter((answer) => answer.body.data.guestToken !== undefined).length, 1)
})

test('FX7 an honest guest whose answer was lost gets the token again by the key that was drawn for it', async () => {
  const key = randomUUID()
  const send = () => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
  const [first, again] = [await send(), await send()]
  assert.deepEqual(again.body, first.body)
  const { guestToken, order } = again.body.data
  assert.equal((await shop.call('GET', `/api/orders/${order.id}`, { guestToken })).status, 200)
})

test('FX7 somebody who is signed in may count keys: nobody else can send them', async () => {
  const as = await shop.signedIn({ role: 'customer' })
  const send = () => shop.call('POST', '/api/orders', { as, body: orderBody(productId), key: '1' })
  const [first, again] = [await send(), await send()]
  assert.deepEqual(again.body, first.body)
})

test('C4 one key at two endpoints: independent', async () => {
  const placed = placedBy(await shop.call('POST', '/api/orders', { body: orderBody(productId), key: 'C4' }))
  const opened = await shop.call('POST', '/api/payments/create', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId },
    key: 'C4',
  })
  assert.equal(opened.status, 200)
  assert.equal(opened.body.data.providerOrderId, placed.providerOrderId)
})

for (const [what, key] of [
  ['empty', ''],
  ['too long', 'k'.repeat(201)],
  ['with a space', 'a b'],
] as const) {
  test(`C5 a key that is ${what}: refused`, async () => {
    await refused(() => shop.call('POST', '/api/orders', { body: orderBody(productId), key }), 400, 'validation_failed')
  })
}

test('X2 keys that reach a prototype, and a body that is no object', async () => {
  const proto = JSON.stringify(orderBody(productId)).replace('{', '{"__proto__":{"isAdmin":true},')
  for (const content of [proto, 'null', '[]', '"order"', '{', '']) {
    const before = await rowCounts(shop.db)
    const answer = await shop.call('POST', '/api/orders', { raw: { content, type: 'application/json' } })
    assert.equal(answer.status, 400, `${content.slice(0, 30)}: ${JSON.stringify(answer.body)}`)
    assert.deepEqual(await rowCounts(shop.db), before)
  }
})

test('X5 a form post, which a foreign page could make: refused', async () => {
  const content = JSON.stringify(orderBody(productId))
  for (const [type, status, code] of [
    ['text/plain', 415, 'unsupported_media_type'],
    ['application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['multipart/form-data; boundary=x', 415, 'unsupported_media_type'],
  ] as const) {
    await refused(() => shop.call('POST', '/api/orders', { raw: { content, type } }), status, code)
  }
})

test('an address that cannot be delivered to: refused', async () => {
  for (const change of [
    { postalCode: '012345' },
    { postalCode: '41100' },
    { country: 'India' },
    { phone: 'call me' },
  ]) {
    await refused(
      () =>
        shop.call('POST', '/api/orders', {
          body: { ...orderBody(productId), shippingAddress: { ...ADDRESS, ...change } },
        }),
      400,
      'validation_failed',
    )
  }
})
