/** One client that orders and does not pay must not keep a shop's shelves empty, and must not keep honest ones from buying. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { assertAllWell, atRest, pay, placedBy, rowCounts, stockOf } from '../buyer.ts'
import { orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** As an installation has them that says nothing. */
const USUAL = { perProduct: 100, unpaidOrders: 50, unpaidUnits: 200 }

let shop: Shop
let shopId: string
let admin: { authorization: string }
let productId: string

before(async () => {
  ;({ shop, shopId, admin } = await stockedShop({ caps: USUAL }))
})
beforeEach(async () => {
  // What the test before has left counts no more.
  shop.clock.aheadMs += 7 * HOUR
  await shop.work()
  shop.deps.caps = USUAL
  productId = await newProduct(1_000)
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function newProduct(stock: number, more: Record<string, unknown> = {}): Promise<string> {
  const body = { title: 'Cardamom', price: 24_500, currency: 'INR', shopId, stock, ...more }
  const made = await shop.call('POST', '/api/admin/products', { as: admin, body })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.data.product.id
}

const order = (id: string, quantity: number, more: Record<string, unknown> = {}) =>
  shop.call('POST', '/api/orders', { body: orderBody(id, quantity), ...more })

async function taken(id: string, quantity: number, more: Record<string, unknown> = {}) {
  const answer = await order(id, quantity, more)
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return placedBy(answer)
}

async function refused(send: () => Promise<Answer>, code: string): Promise<Answer> {
  const before = await rowCounts(shop.db)
  const answer = await send()
  assert.deepEqual([answer.status, answer.body.error?.code], [409, code], JSON.stringify(answer.body))
  assert.deepEqual(await rowCounts(shop.db), before)
  return answer
}

const TOO_MANY = 'too_many_unpaid_orders'

test('FX5 two lines of one product count together: all of a thousand in one order is refused', async () => {
  const items = [999, 1].map((quantity) => ({ productId, quantity }))
  const answer = await refused(
    () => shop.call('POST', '/api/orders', { body: { ...orderBody(productId), items } }),
    'quantity_limited',
  )
  assert.equal(answer.body.error.message, 'At most 100 of Cardamom in one order.')
  assert.deepEqual(answer.body.error.details, { items: [{ productId, title: 'Cardamom', most: 100 }] })
  const quoted = await shop.call('POST', '/api/orders/quote', { body: { items } })
  assert.deepEqual(quoted.body.data.quote.problems, [
    { code: 'quantity_limited', message: 'At most 100 of Cardamom in one order.', productId, title: 'Cardamom' },
  ])
  assert.equal(quoted.body.data.quote.items[0].most, 100)
})

test('FX5 a product has a limit of its own, above the usual one or below it', async () => {
  const [few, many] = [await newProduct(1_000, { maxPerOrder: 2 }), await newProduct(1_000, { maxPerOrder: 150 })]
  await refused(() => order(few, 3), 'quantity_limited')
  await taken(few, 2)
  await taken(many, 150)
  await shop.call('PATCH', `/api/admin/products/${few}`, { as: admin, body: { maxPerOrder: null } })
  const shown = await shop.call('GET', `/api/products/${few}`)
  assert.equal(shown.body.data.product.maxPerOrder, null)
})

test('A13 FX5 a guest who orders again and again keeps a bounded number of units, for a bounded time', async () => {
  await taken(productId, 100)
  await taken(productId, 100)
  const answer = await refused(() => order(productId, 1), TOO_MANY)
  assert.match(answer.body.error.message, /Pay or cancel one of them, or try again in 30 minutes\.$/)
  assert.deepEqual(answer.body.error.details, {
    unpaidOrders: 2,
    most: { unpaidOrders: 50, unpaidUnits: 200 },
  })
  const waitS = Number(answer.headers.get('retry-after'))
  assert.ok(waitS > 1_700 && waitS <= 1_800, String(waitS))
  assert.deepEqual(await stockOf(shop.db, productId), { onHand: 1_000, reserved: 200 })
  // Somebody who is signed in is somebody else, from the same network too.
  const customer = await shop.signedIn({ role: 'customer' })
  await taken(productId, 5, { as: customer })

  // Their time passes, and the units are everybody's again; but not at once this guest's.
  shop.clock.aheadMs += 31 * MINUTE
  await shop.work()
  assert.deepEqual(await stockOf(shop.db, productId), { onHand: 1_000, reserved: 0 })
  await refused(() => order(productId, 1), TOO_MANY)
  shop.clock.aheadMs += 6 * HOUR
  await taken(productId, 100)
})

test('FX5 a scarce thing cannot be kept from others time after time', async () => {
  const scarce = await newProduct(10)
  for (let time = 1; time <= 3; time += 1) {
    await taken(scarce, 10)
    shop.clock.aheadMs += 31 * MINUTE
    await shop.work()
  }
  await refused(() => order(scarce, 10), TOO_MANY)
  await taken(productId, 10)
  const customer = await shop.signedIn({ role: 'customer' })
  await taken(scarce, 10, { as: customer })
})

test('FX5 paying or cancelling makes room at once, and a refusal is not the last word of its key', async () => {
  shop.deps.caps = { ...USUAL, unpaidOrders: 2 }
  const first = await taken(productId, 1)
  const second = await taken(productId, 1)
  const key = randomUUID()
  await refused(() => order(productId, 1, { key }), TOO_MANY)
  await pay(shop, first)
  await atRest(shop)
  const third = await taken(productId, 1, { key })
  const again = await order(productId, 1, { key })
  assert.equal(again.headers.get('idempotency-replayed'), 'true')
  assert.deepEqual(placedBy(again), third)
  await refused(() => order(productId, 1), TOO_MANY)
  const { orderId, guestToken } = second
  assert.equal((await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })).status, 200)
  await taken(productId, 1)
})

test('FX5 many at once are counted together: no more than allowed get through', async () => {
  shop.deps.caps = { ...USUAL, unpaidOrders: 3 }
  const things = await Promise.all(Array.from({ length: 8 }, () => newProduct(10)))
  const customer = await shop.signedIn({ role: 'customer' })
  for (const who of [{}, { as: customer }]) {
    const answers = await Promise.all(things.map((id) => order(id, 1, who)))
    const outcomes = answers.map((answer) => answer.body.error?.code ?? 'taken').sort()
    assert.deepEqual(outcomes, ['taken', 'taken', 'taken', ...Array.from({ length: 5 }, () => TOO_MANY)].sort())
  }
})

test('FX5 without limits nobody is counted, and nobody’s address is kept', async () => {
  shop.deps.caps = { perProduct: null, unpaidOrders: null, unpaidUnits: null }
  const clients = async () => (await shop.db.pool.query('select from order_clients')).rowCount
  const before = await clients()
  await taken(productId, 500)
  await taken(productId, 500)
  assert.equal(await clients(), before)
})
