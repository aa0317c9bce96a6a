/** Parts of orders on their way: what an admin's word moves, what keeps it back, and what of it stands in the timeline. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { ORDER_STAGES } from '../../shared/contract/orders.ts'
import {
  assertAllWell,
  atRest,
  count,
  place,
  placedBy,
  providerTimePasses,
  rowCounts,
  stockOf,
  written,
} from '../buyer.ts'
import { orderBody, type Answer, type Shop } from '../shop.ts'
import { twoShops, type Bought, type TwoShops } from '../two-shops.ts'

const PRICE = 10_000

let world: TwoShops
let shop: Shop
let admin: TwoShops['admin']
let productId: string
let careful: TwoShops['careful']
let seller: TwoShops['seller']

before(async () => {
  world = await twoShops({ price: PRICE, refundApprovalAbove: 40_000 })
  ;({ shop, admin, productId, careful, seller } = world)
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

const bought: TwoShops['bought'] = (...items) => world.bought(...items)
const put: TwoShops['put'] = (order, status) => world.put(order, status)
const refund: TwoShops['refund'] = (order, body) => world.refund(order, body)
const accept = (order: Bought): Promise<Answer> => world.answer(order, 'accept')
const partOf: TwoShops['partOf'] = (order, shopId) => world.partOf(order, shopId)
const shown: TwoShops['shown'] = (order) => world.shown(order)
const states: TwoShops['states'] = (order) => world.states(order)
const moves: TwoShops['moves'] = (order) => world.moves(order)

/** In which lists of orders by their state the order stands. */
async function stagesOf(number: string): Promise<string[]> {
  const found: string[] = []
  for (const status of ORDER_STAGES) {
    const { body } = await shop.call('GET', `/api/orders/admin/all?status=${status}&limit=100`, { as: admin })
    if (body.data.orders.some((order: { number: string }) => order.number === number)) found.push(status)
    const searched = await shop.call('GET', `/api/orders/admin/all?status=${status}&search=${number}`, { as: admin })
    assert.equal(searched.body.data.orders.length, found.at(-1) === status ? 1 : 0, status)
  }
  return found
}

describe('shipping', () => {
  test('R4 sends what may go, and is refused while all that is left waits for its shop, naming its part, and nothing moves', async () => {
    const order = await bought([productId, 1], [careful.productId, 1])
    const sent = await put(order, 'shipped')
    assert.deepEqual([sent.status, sent.body.data.order.status], [200, 'confirmed'])
    assert.equal(await states(order), 'confirmed awaiting_acceptance shipped')
    const before = await moves(order)
    assert.equal(before.at(-1), 'shop_order.shipped: accepted → shipped by admin')
    await assertWaitsFor(order, careful.shopId)
    assert.deepEqual(await moves(order), before)
    assert.equal(await states(order), 'confirmed awaiting_acceptance shipped')
  })

  test('R4 is refused while its only shop has not answered, and nothing moves', async () => {
    const order = await bought([careful.productId, 1])
    const before = await moves(order)
    await assertWaitsFor(order, careful.shopId)
    assert.deepEqual(await moves(order), before)
    assert.equal(await states(order), 'confirmed awaiting_acceptance')
  })

  async function assertWaitsFor(order: Bought, shopId: string): Promise<void> {
    const refused = await put(order, 'shipped')
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
    const { id: shopOrderId } = partOf(order, shopId)
    assert.deepEqual(refused.body.error.details, {
      from: 'confirmed',
      to: 'shipped',
      reason: 'awaiting_acceptance',
      shopOrderId,
      shopName: 'Kutch Looms',
    })
    assert.match(refused.body.error.message, /^Kutch Looms has not accepted its part yet/)
  }

  test('R4 moves each part with an event of its own, in the commit that moves the order', async () => {
    const order = await bought([productId, 1], [careful.productId, 1])
    assert.equal((await accept(order)).status, 200)
    assert.equal((await put(order, 'shipped')).status, 200)
    assert.equal((await put(order, 'delivered')).status, 200)
    assert.equal(await states(order), 'delivered delivered delivered')
    const told = await moves(order)
    assert.deepEqual(told.slice(0, 2), [
      'order.placed → pending by shopper',
      'order.confirmed: pending → confirmed by system',
    ])
    assert.deepEqual(told.slice(2, 4).sort(), [
      'shop_order.accepted: pending → accepted by system',
      'shop_order.awaiting_acceptance: pending → awaiting_acceptance by system',
    ])
    assert.deepEqual(told.slice(4), [
      'shop_order.accepted: awaiting_acceptance → accepted by seller',
      'order.shipped: confirmed → shipped by admin',
      'shop_order.shipped: accepted → shipped by admin',
      'shop_order.shipped: accepted → shipped by admin',
      'order.delivered: shipped → delivered by admin',
      'shop_order.delivered: shipped → delivered by admin',
      'shop_order.delivered: shipped → delivered by admin',
    ])
    const { count } = await shop.db.one<{ count: number }>(
      'test.parts',
      sql`select count(distinct subject_id) as count from events where order_id = ${order.orderId} and type = 'shop_order.shipped'`,
    )
    assert.equal(count, 2, 'one per part')
  })

  test('R4 cancelling ends each part with an event, but what its shop had rejected', async () => {
    const order = await bought([productId, 1], [careful.productId, 1])
    await shop.call('POST', `/api/seller/orders/${partOf(order, careful.shopId).id}/reject`, {
      as: seller,
      body: { reason: 'The loom broke' },
    })
    assert.equal((await put(order, 'cancelled')).status, 200)
    assert.deepEqual((await moves(order)).slice(-3), [
      'shop_order.rejected: awaiting_acceptance → rejected by seller',
      'order.cancelled: confirmed → cancelled by admin',
      'shop_order.cancelled: accepted → cancelled by admin',
    ])
    const unpaid = await place(shop, productId)
    await atRest(shop, 3_600_000)
    assert.deepEqual((await moves(unpaid)).slice(-2), [
      'order.expired: pending → cancelled by system',
      'shop_order.cancelled: pending → cancelled by system',
    ])
    await atRest(shop)
  })
})

describe('an order of which everything was given back', () => {
  const lines = (order: Bought, ...units: [at: number, quantity: number][]) => ({
    items: units.map(([at, quantity]) => ({ itemId: order.items[at]?.id, quantity })),
  })

  /** Nothing of it can be sent, nobody says that it is being packed, and the list of what is to be shipped is without it. */
  async function assertNothingLeft(order: Bought): Promise<void> {
    const before = await moves(order)
    for (const [status, reason] of [
      ['shipped', 'nothing_left'],
      ['delivered', undefined],
    ] as const) {
      const refused = await put(order, status)
      assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
      assert.equal(refused.body.error.details.reason, reason)
    }
    assert.deepEqual(await moves(order), before)
    const { status, isGivenBack, shopOrders, number } = await shown(order)
    assert.deepEqual([status, isGivenBack], ['confirmed', true])
    for (const part of shopOrders) assert.equal(part.isGivenBack, true)
    assert.deepEqual(await stagesOf(number), ['given_back'])
  }

  const WAYS: readonly [string, (order: Bought) => Promise<unknown>][] = [
    [
      'line by line, back on the shelf',
      async (order) => {
        for (const [at, quantity] of [
          [0, 1],
          [1, 1],
          [0, 1],
        ] as const) {
          assert.equal((await refund(order, { ...lines(order, [at, quantity]), restock: true })).status, 202)
          await atRest(shop)
        }
      },
    ],
    [
      'line by line, while it is still under way',
      async (order) => {
        await refund(order, { ...lines(order, [0, 2], [1, 1]), restock: true })
      },
    ],
    ['at once, back on the shelf', async (order) => refund(order, { restock: true }).then(() => atRest(shop))],
    ['at once, and it waits for a second person', async (order) => refund(order, { restock: true })],
    ['by its whole amount', async (order) => refund(order, { amount: order.total }).then(() => atRest(shop))],
    [
      "all at the provider's dashboard",
      async (order) => {
        await shop.control('POST', `/razorpay/_sandbox/payments/${order.providerPaymentId}/refund`, {})
        await providerTimePasses(shop, 7_000)
        await atRest(shop)
      },
    ],
  ]
  for (const [how, giveBack] of WAYS) {
    test(`R3 ${how}: cannot be shipped, nor delivered`, async () => {
      const order = await bought([productId, 2], [careful.productId, 1])
      await giveBack(order)
      await assertNothingLeft(order)
      const late = await accept(order)
      assert.deepEqual([late.status, late.body.error.details.reason], [409, 'nothing_left'])
      await atRest(shop)
    })
  }

  test('R3 leaves what is to be shipped, and comes back to it when a second person declines', async () => {
    const order = await bought([productId, 5])
    const asked = await refund(order)
    assert.equal(asked.body.data.refund.approval, 'pending')
    await assertNothingLeft(order)
    const second = await shop.signedIn({ role: 'admin' })
    const { id } = await shop.db.one<{ id: string }>(
      'test.item',
      sql`select id from review_items where order_id = ${order.orderId} and resolved_at is null`,
    )
    // Who was made an admin today may not agree yet; saying no is open to everybody.
    const declined = await shop.call('POST', `/api/admin/reviews/${id}/actions`, {
      as: second,
      body: { action: 'decline', reason: 'The photo shows another product' },
    })
    assert.equal(declined.status, 200, JSON.stringify(declined.body))
    const { isGivenBack, number } = await shown(order)
    assert.equal(isGivenBack, false)
    assert.deepEqual(await stagesOf(number), ['confirmed'])
    assert.equal((await put(order, 'shipped')).status, 200)
    assert.deepEqual(await stagesOf(number), ['shipped'])
    await atRest(shop)
  })

  test('R3 in one of its parts: the rest is shipped without waiting for that part', async () => {
    const order = await bought([productId, 1], [careful.productId, 2])
    assert.equal((await refund(order, { ...lines(order, [1, 2]), restock: true })).status, 202)
    const { isGivenBack, shopOrders } = await shown(order)
    assert.equal(isGivenBack, false)
    assert.deepEqual(
      shopOrders.map((part: { shopId: string; isGivenBack: boolean }) => [
        part.shopId === careful.shopId,
        part.isGivenBack,
      ]),
      order.parts.map(({ shopId }) => [shopId === careful.shopId, shopId === careful.shopId]),
    )
    assert.equal((await put(order, 'shipped')).status, 200)
    assert.equal(await states(order), 'shipped awaiting_acceptance shipped')
    assert.equal((await put(order, 'delivered')).status, 200)
    assert.equal(await states(order), 'delivered awaiting_acceptance delivered')
    await atRest(shop)
  })

  test('R3 can still be cancelled: what is left of the money goes back, and the units are on the shelf once', async () => {
    const before = await stockOf(shop.db, careful.productId)
    const order = await bought([careful.productId, 2])
    await refund(order, { ...lines(order, [0, 2]) })
    await atRest(shop)
    await assertNothingLeft(order)
    // By the shopper: what an admin lets go beyond the limit of one person would wait for a second.
    const path = `/api/orders/${order.orderId}/cancel`
    const cancelled = await shop.call('POST', path, { guestToken: order.guestToken, body: {} })
    assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body))
    await atRest(shop)
    assert.deepEqual(await stockOf(shop.db, careful.productId), before)
    const { status, paymentStatus } = await shown(order)
    assert.deepEqual([status, paymentStatus], ['cancelled', 'refunded'], 'the delivery too')
  })

  test('R3 is counted apart, so that the figures of all states add up', async () => {
    const stats = async () => {
      const { body } = await shop.call('GET', '/api/orders/admin/dashboard-stats', { as: admin })
      const { totalOrders, pendingOrders, shippedOrders, deliveredOrders, cancelledOrders, ...more } = body.data.stats
      const { confirmedOrders, givenBackOrders } = more
      const others = pendingOrders + shippedOrders + deliveredOrders + cancelledOrders
      assert.equal(others + confirmedOrders + givenBackOrders, totalOrders)
      return { confirmedOrders, givenBackOrders }
    }
    const before = await stats()
    const order = await bought([productId, 1])
    assert.deepEqual(await stats(), { ...before, confirmedOrders: before.confirmedOrders + 1 })
    await refund(order)
    assert.deepEqual(await stats(), { ...before, givenBackOrders: before.givenBackOrders + 1 })
    await atRest(shop)
  })

  test('what is on its way arrives, also when all of it is paid back meanwhile', async () => {
    const order = await bought([productId, 1])
    assert.equal((await put(order, 'shipped')).status, 200)
    assert.equal((await refund(order)).status, 202)
    assert.equal((await put(order, 'delivered')).status, 200)
    await atRest(shop)
  })

  test('R3 refund × shipped at the same moment: nothing is on the shelf and on the road', async () => {
    for (let round = 0; round < 6; round += 1) {
      const order = await bought([productId, 1])
      const [back, sent] = await Promise.all([refund(order, { restock: true }), put(order, 'shipped')])
      assert.equal(back.status, 202)
      // Either it was sent first, and was then given back; or it stays.
      assert.equal(await states(order), sent.status === 200 ? 'shipped shipped' : 'confirmed accepted')
      assert.equal((await shown(order)).isGivenBack, true)
      await atRest(shop)
    }
  })
})

describe('what a shop may answer', () => {
  const answer = (partId: string, what: 'accept' | 'reject', as = seller): Promise<Answer> =>
    shop.call('POST', `/api/seller/orders/${partId}/${what}`, {
      as,
      ...(what === 'reject' ? { body: { reason: 'The loom broke' } } : {}),
    })

  test('a part of an order that was never paid is not there for its shop, neither while it waits nor when it has ended', async () => {
    const made = await shop.call('POST', '/api/orders', { body: orderBody(careful.productId) })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const placed = placedBy(made)
    const [{ id: partId }] = made.body.data.order.shopOrders

    async function assertNotThere(): Promise<void> {
      const before = await rowCounts(shop.db)
      for (const what of ['accept', 'reject'] as const) {
        const refused = await answer(partId, what)
        assert.deepEqual([refused.status, refused.body.error.code], [404, 'not_found'], what)
        assert.doesNotMatch(JSON.stringify(refused.body), /pending|cancelled/, 'nor is its state told')
      }
      const listed = await shop.call('GET', '/api/seller/orders?limit=100', { as: seller })
      assert.equal(
        listed.body.data.orders.some((part: { id: string }) => part.id === partId),
        false,
      )
      assert.deepEqual(await rowCounts(shop.db), before)
    }
    await assertNotThere()
    const { orderId, guestToken } = placed
    assert.equal((await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })).status, 200)
    await assertNotThere()
  })

  test('a part of which everything was given back cannot be accepted, also beside parts that stand', async () => {
    const order = await bought([productId, 1], [careful.productId, 1])
    const { id: itemId } = order.items[1] ?? {}
    assert.equal((await refund(order, { items: [{ itemId, quantity: 1 }] })).status, 202)
    await atRest(shop)
    const before = await moves(order)
    const refused = await accept(order)
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
    assert.equal(refused.body.error.details.reason, 'nothing_left')
    assert.deepEqual(await moves(order), before)
    assert.equal(await states(order), 'confirmed accepted awaiting_acceptance')
  })

  test('a part that still has units can be accepted, also when all of the parts beside it was given back', async () => {
    const order = await bought([productId, 1], [careful.productId, 1])
    const { id: itemId } = order.items[0] ?? {}
    assert.equal((await refund(order, { items: [{ itemId, quantity: 1 }] })).status, 202)
    await atRest(shop)
    assert.equal((await accept(order)).status, 200)
    assert.equal(await states(order), 'confirmed accepted accepted')
  })

  test('a rejected part of which no money is left, only units, is undone whole: units too, and no second refund', async () => {
    const made = await shop.call('POST', '/api/admin/shops', { as: admin, body: { name: 'Toda', autoAccept: false } })
    const shopId: string = made.body.data.shop.id
    const goods = { title: 'Shawl', price: PRICE, currency: 'INR', shopId, stock: 50, taxRateBps: 500 }
    const product = await shop.call('POST', '/api/admin/products', { as: admin, body: goods })
    const shawl: string = product.body.data.product.id
    const weaver = await shop.signedIn({ role: 'seller', shopId })
    const onShelf = await stockOf(shop.db, shawl)
    const order = await bought([productId, 1], [shawl, 2])
    // Half of everything, for no line in particular; then one of the two: the other has cost nothing by now.
    assert.equal((await refund(order, { amount: order.total / 2 })).status, 202)
    const { id: itemId } = order.items[1] ?? {}
    assert.equal((await refund(order, { items: [{ itemId, quantity: 1 }] })).status, 202)
    await atRest(shop)
    const lineOf = () =>
      shop.db.one<{ returned_quantity: number; returned_amount: number; restocked: number }>(
        'test.line',
        sql`select returned_quantity, returned_amount, restocked from order_items where id = ${itemId}`,
      )
    assert.deepEqual(await lineOf(), { returned_quantity: 1, returned_amount: 2 * PRICE, restocked: 0 })
    const { refunds } = await written(shop.db, order.orderId)

    const rejected = await answer(partOf(order, shopId).id, 'reject', weaver)
    assert.equal(rejected.status, 200, JSON.stringify(rejected.body))
    assert.equal(rejected.body.data.order.isGivenBack, true)
    await atRest(shop)
    assert.deepEqual(await lineOf(), { returned_quantity: 2, returned_amount: 2 * PRICE, restocked: 2 })
    assert.deepEqual(await stockOf(shop.db, shawl), onShelf)
    const after = await written(shop.db, order.orderId)
    assert.deepEqual([after.order, after.refunds], ['confirmed/partially_refunded', refunds])
    const earnings = sql`ledger_transfers where order_id = ${order.orderId}
      and (credit_account_id like ${`seller_payable:${shopId}%`} or debit_account_id like ${`seller_payable:${shopId}%`})`
    assert.ok((await count(shop.db, earnings)) > 0)
    const { earned } = await shop.db.one<{ earned: number }>(
      'test.earned',
      sql`select sum(case when credit_account_id like 'seller_payable:%' then amount else -amount end)::bigint as earned
          from ${earnings}`,
    )
    assert.equal(earned, 0, 'and its shop has earned nothing')
  })
})
