/**
 * Orders of every kind, made as people make them: over HTTP, on a whole shop, with the sandbox as provider. Each is a
 * story of which many copies can be made (order-copies.ts), so that a database of any size holds what the system itself
 * writes, whatever its tables look like by then.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { atRest, pay, placedBy, providerTimePasses, type Placed } from './buyer.ts'
import { passOf, reconcile } from './reconciling.ts'
import { ADDRESS, openShop, type Shop } from './shop.ts'
import type { TestDatabase } from './database.ts'

/** Whoever buys in a story; copies get names of their own. */
export const STAND_IN = { name: 'Qadira Quaynor', email: 'qadira@stories.test', phone: '+919800000001' } as const

/**
 * How often a kind occurs among a hundred paid orders, or how many of it there are at any time whatever the number of
 * orders (`always`).
 */
export const STORY_KINDS = {
  guest: { share: 30 },
  customer: { share: 42 },
  two_shops: { share: 10 },
  three_shops: { share: 2 },
  failed_first: { share: 8 },
  part_refunded: { share: 2 },
  lines_returned: { share: 1.5 },
  cancelled: { share: 2 },
  to_wallet: { share: 0.5 },
  double_capture: { share: 0.4 },
  mismatch_accepted: { share: 0.1 },
  // Not among the hundred: nobody paid them.
  expired: { share: 15 },
  came_late: { share: 0.3 },
  // Not shipped yet: the orders of the last days.
  fresh: { always: 0 },
  waiting: { always: 200 },
  held: { always: 20 },
} as const satisfies Record<string, { share: number } | { always: number }>

export type StoryKind = keyof typeof STORY_KINDS

export interface Story {
  kind: StoryKind
  orderId: string
}

interface Cast {
  shop: Shop
  admin: { authorization: string }
  customer: { id: string; authorization: string }
  /** Products by their shop. */
  products: string[][]
}

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/**
 * Plays every kind of story `times` over and leaves the database at rest: all is told, settled and paid out.
 *
 * @param database migrated and empty; it is left open
 */
export async function playStories(database: TestDatabase, times: number, shops: number): Promise<Story[]> {
  const shop = await openShop({ database: { url: database.url, drop: async () => {} } })
  try {
    const cast = await castOf(shop, shops)
    const stories: Story[] = []
    const play = async (kind: StoryKind, story: (cast: Cast, at: number) => Promise<Placed>) => {
      for (let at = 0; at < times; at += 1) stories.push({ kind, orderId: (await story(cast, at)).orderId })
    }
    await play('guest', (c, at) => delivered(c, bought(c, basket(c, at, 1, 1 + (at % 2)))))
    await play('customer', (c, at) => delivered(c, bought(c, basket(c, at, 1, 1 + (at % 3)), { asCustomer: true })))
    await play('two_shops', (c, at) => delivered(c, bought(c, basket(c, at, 2, 2 + (at % 2)), { asCustomer: true })))
    await play('three_shops', (c, at) => delivered(c, bought(c, basket(c, at, 3, 3), { asCustomer: at % 2 === 0 })))
    await play('failed_first', (c, at) =>
      delivered(c, bought(c, basket(c, at, 1, 1), { outcome: 'failed_then_captured' })),
    )
    await play('part_refunded', partRefunded)
    await play('lines_returned', linesReturned)
    await play('cancelled', cancelled)
    await play('to_wallet', toWallet)
    await play('double_capture', (c, at) => bought(c, basket(c, at, 1, 1), { outcome: 'double_capture' }))
    await play('mismatch_accepted', mismatchAccepted)
    await play('fresh', (c, at) => bought(c, basket(c, at, 1 + (at % 2), 2), { asCustomer: at % 2 === 0 }))
    await paidOut(cast)
    await play('expired', expired)
    await play('came_late', cameLate)
    await play('held', (c, at) => bought(c, basket(c, at, 1, 1), { outcome: 'short_capture' }))
    await play('waiting', (c, at) => placed(c, basket(c, at, 1, 1), at % 2 === 0))
    return stories
  } finally {
    await shop.close()
  }
}

async function castOf(shop: Shop, shops: number): Promise<Cast> {
  const admin = await shop.signedIn({ role: 'admin', email: 'admin@stories.test' })
  const customer = await shop.signedIn({ role: 'customer', name: STAND_IN.name, email: STAND_IN.email })
  const products: string[][] = []
  for (let at = 0; at < shops; at += 1) {
    const made = await shop.call('POST', '/api/admin/shops', {
      as: admin,
      body: { name: `Shop ${at + 1}`, commissionBps: 1_000, deliveryFee: at % 2 === 0 ? 4_000 : 0 },
    })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    const shopId: string = made.body.data.shop.id
    const own: string[] = []
    for (let of = 0; of < 4; of += 1) {
      const product = await shop.call('POST', '/api/admin/products', {
        as: admin,
        body: {
          title: `Product ${of + 1} of shop ${at + 1}`,
          price: 9_900 + 1_000 * ((at * 7 + of * 3) % 40),
          currency: 'INR',
          shopId,
          stock: 100_000_000,
          taxRateBps: 500,
        },
      })
      assert.equal(product.status, 201, JSON.stringify(product.body))
      own.push(product.body.data.product.id)
    }
    products.push(own)
  }
  return { shop, admin, customer, products }
}

/** Lines of as many shops, another choice for each `at`. */
function basket(
  { products }: Cast,
  at: number,
  ofShops: number,
  lines: number,
): { productId: string; quantity: number }[] {
  return Array.from({ length: lines }, (_, line) => {
    const own = products[(at * 5 + (line % ofShops)) % products.length] ?? []
    const productId = own[(at + Math.floor(line / ofShops)) % own.length]
    assert(productId !== undefined)
    return { productId, quantity: 1 + ((at + line) % 3) }
  })
}

async function placed(
  cast: Cast,
  items: readonly { productId: string; quantity: number }[],
  asCustomer: boolean,
): Promise<Placed> {
  const answer = await cast.shop.call('POST', '/api/orders', {
    body: {
      items,
      shippingAddress: { ...ADDRESS, name: STAND_IN.name, phone: STAND_IN.phone },
      email: STAND_IN.email,
      paymentMethod: 'online',
    },
    key: randomUUID(),
    ...(asCustomer ? { as: cast.customer } : {}),
  })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return placedBy(answer)
}

/** Placed, paid, brought back by the shopper and told by webhooks. */
async function bought(
  cast: Cast,
  items: readonly { productId: string; quantity: number }[],
  { asCustomer = false, outcome = 'captured' } = {},
): Promise<Placed> {
  const { shop } = cast
  const order = await placed(cast, items, asCustomer)
  const brought = await pay(shop, order, outcome)
  if (outcome === 'captured') {
    const verified = await shop.call('POST', '/api/payments/verify', {
      ...(asCustomer ? { as: cast.customer } : { guestToken: order.guestToken }),
      body: { orderId: order.orderId, ...brought, sandbox: undefined },
    })
    assert.equal(verified.status, 200, JSON.stringify(verified.body))
  } else {
    await providerTimePasses(shop, 31_000)
  }
  await atRest(shop)
  return order
}

async function delivered(cast: Cast, buying: Promise<Placed>): Promise<Placed> {
  const order = await buying
  for (const status of ['shipped', 'delivered']) {
    const moved = await cast.shop.call('PUT', `/api/orders/${order.orderId}/status`, {
      as: cast.admin,
      body: { status },
    })
    assert.equal(moved.status, 200, JSON.stringify(moved.body))
  }
  return order
}

async function refund(cast: Cast, body: Record<string, unknown>): Promise<void> {
  const answer = await cast.shop.call('POST', '/api/payments/refund', {
    as: cast.admin,
    body: { reason: 'asked for by the customer', ...body },
  })
  assert.equal(answer.status, 202, JSON.stringify(answer.body))
  await atRest(cast.shop)
  await providerTimePasses(cast.shop, 7_000)
  await atRest(cast.shop)
}

async function partRefunded(cast: Cast, at: number): Promise<Placed> {
  const order = await delivered(cast, bought(cast, basket(cast, at, 1, 2)))
  await refund(cast, { orderId: order.orderId, amount: 1_000 + 100 * at })
  return order
}

async function linesReturned(cast: Cast, at: number): Promise<Placed> {
  const order = await delivered(cast, bought(cast, basket(cast, at, 1, 2), { asCustomer: true }))
  const { body } = await cast.shop.call('GET', `/api/orders/${order.orderId}`, { as: cast.admin })
  await refund(cast, {
    orderId: order.orderId,
    items: [{ itemId: body.data.order.items[0].id, quantity: 1 }],
    restock: true,
  })
  return order
}

async function cancelled(cast: Cast, at: number): Promise<Placed> {
  const order = await bought(cast, basket(cast, at, 1, 1))
  const answer = await cast.shop.call('POST', `/api/orders/${order.orderId}/cancel`, {
    guestToken: order.guestToken,
    body: {},
  })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  await atRest(cast.shop)
  await providerTimePasses(cast.shop, 7_000)
  await atRest(cast.shop)
  return order
}

async function toWallet(cast: Cast, at: number): Promise<Placed> {
  const order = await bought(cast, basket(cast, at, 1, 1), { asCustomer: true })
  await refund(cast, { orderId: order.orderId, amount: 2_000, destination: 'wallet' })
  return order
}

/** Paid more than was asked; a person accepts it, and what was over goes back. */
async function mismatchAccepted(cast: Cast, at: number): Promise<Placed> {
  const { shop, admin } = cast
  const order = await bought(cast, basket(cast, at, 1, 1), { outcome: 'over_capture' })
  const { body } = await shop.call('GET', '/api/admin/reviews?limit=50', { as: admin })
  const item = body.data.items.find((each: { orderId: string }) => each.orderId === order.orderId)
  assert(item !== undefined, JSON.stringify(body))
  const answered = await shop.call('POST', `/api/admin/reviews/${item.id}/actions`, {
    as: admin,
    body: { action: 'confirm', reason: 'the customer agrees' },
  })
  assert.equal(answered.status, 200, JSON.stringify(answered.body))
  await atRest(shop)
  await providerTimePasses(shop, 7_000)
  await atRest(shop)
  return order
}

/** The provider pays out what it holds, and its report is read. */
async function paidOut({ shop, admin }: Cast): Promise<void> {
  const advanced = await shop.control('POST', '/_sandbox/clock/advance', { ms: 5 * DAY_MS })
  assert.equal(advanced.status, 200)
  shop.clock.aheadMs += 5 * DAY_MS + 20 * MINUTE_MS
  const ran = await reconcile(shop, admin, 8 * DAY_MS)
  assert.equal(ran.status, 'completed', JSON.stringify(ran))
}

/** Nobody paid it in its time, and nobody will. */
async function expired(cast: Cast, at: number): Promise<Placed> {
  const { shop } = cast
  const order = await placed(cast, basket(cast, at, 1, 1 + (at % 2)), at % 2 === 0)
  shop.clock.aheadMs += 31 * MINUTE_MS
  await passOf(shop, 'orders.expire').runOnce()
  // The looks in between find nothing; the last one gives up.
  shop.clock.aheadMs += 3 * DAY_MS
  await shop.work()
  return order
}

/** Paid after it was cancelled: the money goes back. */
async function cameLate(cast: Cast, at: number): Promise<Placed> {
  const { shop } = cast
  const order = await placed(cast, basket(cast, at, 1, 1), false)
  await shop.call('POST', `/api/orders/${order.orderId}/cancel`, { guestToken: order.guestToken, body: {} })
  await pay(shop, order)
  await atRest(shop)
  await providerTimePasses(shop, 7_000)
  await atRest(shop)
  return order
}
