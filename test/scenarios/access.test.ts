/** A3: somebody else's order, on every route that names one, by everybody who is not its owner. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { assertAllWell, atRest, pay, place, placedBy, rowCounts, written, type Brought, type Placed } from '../buyer.ts'
import { ADDRESS, stockedShop, type Answer, type CallOptions, type Shop } from '../shop.ts'

const NOBODYS_ID = '01890000-0000-7000-8000-000000000000'

type Who = Pick<CallOptions, 'as' | 'guestToken'>

let shop: Shop
let mine: Placed
let brought: Brought
let theirs: Placed
let owner: { authorization: string }
let stranger: { authorization: string }
let admin: { authorization: string }

before(async () => {
  const stocked = await stockedShop()
  ;({ shop, admin } = stocked)
  owner = await shop.signedIn({ role: 'customer' })
  stranger = await shop.signedIn({ role: 'customer' })
  const body = {
    items: [{ productId: stocked.productId, quantity: 1 }],
    shippingAddress: ADDRESS,
    paymentMethod: 'online',
  }
  mine = placedBy(await shop.call('POST', '/api/orders', { as: owner, body }))
  theirs = await place(shop, stocked.productId)
  brought = await pay(shop, mine, 'captured_webhook_lost')
})
after(async () => {
  await atRest(shop, 61_000)
  await assertAllWell(shop)
  await shop.close()
})

interface Route {
  name: string
  send(orderId: string, who: Who): Promise<Answer>
}

const ROUTES: readonly Route[] = [
  { name: 'GET /api/orders/:id', send: (id, who) => shop.call('GET', `/api/orders/${id}`, who) },
  { name: 'GET /api/orders/:id/events', send: (id, who) => shop.call('GET', `/api/orders/${id}/events`, who) },
  {
    name: 'POST /api/orders/:id/cancel',
    send: (id, who) => shop.call('POST', `/api/orders/${id}/cancel`, { ...who, body: {} }),
  },
  {
    name: 'POST /api/payments/create',
    send: (id, who) => shop.call('POST', '/api/payments/create', { ...who, body: { orderId: id } }),
  },
  {
    name: 'POST /api/payments/create-order',
    send: (id, who) => shop.call('POST', '/api/payments/create-order', { ...who, body: { orderId: id } }),
  },
  {
    name: 'POST /api/payments/verify, with a signature that is valid',
    send: (id, who) => shop.call('POST', '/api/payments/verify', { ...who, body: { orderId: id, ...brought } }),
  },
  {
    name: 'POST /api/orders/verify-payment, with a signature that is valid',
    send: (id, who) => shop.call('POST', '/api/orders/verify-payment', { ...who, body: { order_id: id, ...brought } }),
  },
  { name: 'GET /api/payments/:orderId/status', send: (id, who) => shop.call('GET', `/api/payments/${id}/status`, who) },
  { name: 'GET /api/payments?orderId', send: (id, who) => shop.call('GET', `/api/payments?orderId=${id}`, who) },
]

/** Routes that belong to admins, whoever owns the order. */
const ADMIN_ROUTES: readonly Route[] = [
  {
    name: 'PUT /api/orders/:id/status',
    send: (id, who) => shop.call('PUT', `/api/orders/${id}/status`, { ...who, body: { status: 'cancelled' } }),
  },
  {
    name: 'GET /api/admin/orders/:id/story',
    send: (id, who) => shop.call('GET', `/api/admin/orders/${id}/story`, who),
  },
  { name: 'GET /api/orders/admin/all', send: (_id, who) => shop.call('GET', '/api/orders/admin/all', who) },
  {
    name: 'GET /api/orders/admin/dashboard-stats',
    send: (_id, who) => shop.call('GET', '/api/orders/admin/dashboard-stats', who),
  },
]

async function refused(send: () => Promise<Answer>, status: number, code: string): Promise<void> {
  const before = await rowCounts(shop.db)
  const order = await written(shop.db, mine.orderId)
  const answer = await send()
  assert.equal(answer.status, status, JSON.stringify(answer.body))
  assert.equal(answer.body.error.code, code)
  assert.equal(answer.body.data, undefined)
  assert.deepEqual(await rowCounts(shop.db), before)
  assert.deepEqual(await written(shop.db, mine.orderId), order)
}

for (const { name, send } of ROUTES) {
  describe(`A3 ${name}`, () => {
    test('another customer', () => refused(() => send(mine.orderId, { as: stranger }), 403, 'not_your_order'))
    test('a guest with the token of another order', () =>
      refused(() => send(mine.orderId, { guestToken: theirs.guestToken }), 403, 'not_your_order'))
    test('a guest with a made-up token', () =>
      refused(() => send(mine.orderId, { guestToken: 'x'.repeat(43) }), 403, 'not_your_order'))
    test("a signed-in customer at a guest's order", () =>
      refused(() => send(theirs.orderId, { as: owner }), 403, 'not_your_order'))
    test('without credentials', () => refused(() => send(mine.orderId, {}), 401, 'unauthenticated'))
    test('with a session that does not exist', () =>
      refused(() => send(mine.orderId, { as: { authorization: 'Bearer of-nothing' } }), 401, 'unauthenticated'))
    test('an order that does not exist', () =>
      refused(() => send(NOBODYS_ID, { as: stranger }), 404, 'order_not_found'))
  })
}

for (const { name, send } of ADMIN_ROUTES) {
  describe(`A17 ${name}`, () => {
    test('the owner of the order, who is no admin', () =>
      refused(() => send(mine.orderId, { as: owner }), 403, 'forbidden'))
    test('without credentials', () => refused(() => send(mine.orderId, {}), 401, 'unauthenticated'))
    test("the guest's token of an order", () =>
      refused(() => send(theirs.orderId, { guestToken: theirs.guestToken }), 401, 'unauthenticated'))
  })
}

test('A3 GET /api/payments/:id, by those who do not own the payment', async () => {
  const path = `/api/payments/${mine.paymentId}`
  await refused(() => shop.call('GET', path, { as: stranger }), 403, 'not_your_order')
  await refused(() => shop.call('GET', path, { guestToken: theirs.guestToken }), 403, 'not_your_order')
  await refused(() => shop.call('GET', path), 401, 'unauthenticated')
  await refused(() => shop.call('GET', `/api/payments/${NOBODYS_ID}`, { as: stranger }), 404, 'payment_not_found')
  const own = await shop.call('GET', path, { as: owner })
  assert.equal(own.status, 200)
  assert.equal(own.body.data.payment.id, mine.paymentId)
})

test('A3 lists show only what is one’s own', async () => {
  const orders = await shop.call('GET', '/api/orders/user/my-orders', { as: stranger })
  assert.deepEqual(orders.body.data.orders, [])
  const payments = await shop.call('GET', '/api/payments', { as: stranger })
  assert.deepEqual(payments.body.data.payments, [])
  const own = await shop.call('GET', '/api/orders/user/my-orders', { as: owner })
  assert.deepEqual(
    own.body.data.orders.map((order: { id: string }) => order.id),
    [mine.orderId],
  )
  assert.deepEqual((await shop.call('GET', '/api/orders/user/my-orders')).body.data.orders, [])
})

test('the owner, the guest and an admin see their order on every route that only shows', async () => {
  for (const { name, send } of ROUTES.filter((route) => route.name.startsWith('GET'))) {
    for (const [id, who] of [
      [mine.orderId, { as: owner }],
      [mine.orderId, { as: admin }],
      [theirs.orderId, { guestToken: theirs.guestToken }],
    ] as const) {
      assert.equal((await send(id, who)).status, 200, name)
    }
  }
})

test('A16 an order is not confirmed by asking for it', async () => {
  const answer = await shop.call('PUT', `/api/orders/${mine.orderId}/status`, {
    as: admin,
    body: { status: 'confirmed' },
  })
  assert.equal(answer.status, 409)
  assert.equal(answer.body.error.code, 'invalid_transition')
  assert.equal((await written(shop.db, mine.orderId)).order, 'pending/pending')
})
