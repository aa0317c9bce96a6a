/** The figures of the dashboard: one definition of revenue, days of the shop, and totals that add up after any story. */
import assert from 'node:assert/strict'
import { after, before, describe, test, type TestContext } from 'node:test'
import fc from 'fast-check'
import type { DashboardStats } from '../../shared/contract/orders.ts'
import { addDays, dayIn, startOfDay } from '../../shared/day.ts'
import { figuresPass } from '../../server/operations/figures.ts'
import { sql } from '../../server/platform/database.ts'
import { atRest, pay, placedBy, verify, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'

const ZONE = 'Asia/Kolkata'
const HOUR_MS = 3_600_000
const STORIES = Number(process.env['STORIES'] ?? 4)

type World = Awaited<ReturnType<typeof open>>

/** A shop with a product in each of two currencies. */
async function open(options: Parameters<typeof stockedShop>[0] = {}) {
  const world = await stockedShop({ price: 50_000, stock: 10_000, ...options })
  const made = await world.shop.call('POST', '/api/admin/products', {
    as: world.admin,
    body: { title: 'Pashmina', price: 12_000, currency: 'USD', shopId: world.shopId, stock: 10_000, taxRateBps: 0 },
  })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const dollarProductId: string = made.body.data.product.id
  return { ...world, dollarProductId }
}

async function openFor(t: TestContext, options: Parameters<typeof open>[0] = {}): Promise<World> {
  const world = await open(options)
  t.after(() => world.shop.close())
  return world
}

function bringTo(shop: Shop, moment: Date): void {
  shop.clock.aheadMs = moment.getTime() - Date.now()
}

const now = (shop: Shop) => new Date(Date.now() + shop.clock.aheadMs)

async function stats({ shop, admin }: Pick<World, 'shop' | 'admin'>): Promise<DashboardStats> {
  const answer = await shop.call('GET', '/api/orders/admin/dashboard-stats', { as: admin })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body.data.stats
}

async function buy({ shop }: Pick<World, 'shop'>, productId: string, quantity = 1): Promise<Placed> {
  const answer = await shop.call('POST', '/api/orders', { body: orderBody(productId, quantity) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return placedBy(answer)
}

async function buyAndPay(world: Pick<World, 'shop'>, productId: string): Promise<Placed> {
  const placed = await buy(world, productId)
  const verified = await verify(world.shop, placed, await pay(world.shop, placed))
  assert.equal(verified.body.data.isConfirmed, true)
  return placed
}

async function refund(
  { shop, admin }: Pick<World, 'shop' | 'admin'>,
  orderId: string,
  amount: number,
): Promise<number> {
  const body = { orderId, amount, reason: 'A dent' }
  return (await shop.call('POST', '/api/payments/refund', { as: admin, body })).status
}

/** Whether every figure is the sum of what it is made of, and what orders and books say. */
async function assertAddsUp(world: Pick<World, 'shop' | 'admin'>): Promise<DashboardStats> {
  const { db } = world.shop
  const all = await stats(world)
  const stages = await db.many<{ stage: string; orders: number }>(
    'test.stages',
    sql`select case when status = 'confirmed' and given_back then 'given_back' else status end as stage, count(*) as orders
        from orders group by 1`,
  )
  const inStage = (stage: string) => stages.find((row) => row.stage === stage)?.orders ?? 0
  const { pendingOrders, confirmedOrders, givenBackOrders, shippedOrders, deliveredOrders, cancelledOrders } = all
  const counted = [pendingOrders, confirmedOrders, givenBackOrders, shippedOrders, deliveredOrders, cancelledOrders]
  assert.deepEqual(counted, ['pending', 'confirmed', 'given_back', 'shipped', 'delivered', 'cancelled'].map(inStage))
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0)
  assert.equal(all.totalOrders, sum(counted))
  assert.equal(all.totalOrders, sum(all.byCurrency.map((each) => each.orders)))
  assert.equal(all.totalOrders, sum(all.ordersByDay.map((day) => day.orders)))
  assert.equal(all.paidOrders, sum(all.byCurrency.map((each) => each.paidOrders)))
  assert.equal(all.paidOrders, sum(all.ordersByDay.map((day) => day.paidOrders)))
  assert.equal(
    all.paidOrders,
    (
      await db.one<{ paid: number }>(
        'test.paid',
        sql`select count(*) as paid from orders where confirmed_at is not null`,
      )
    ).paid,
  )
  assert.deepEqual(
    all.ordersByDay.map((day) => day.orders),
    all.ordersByDay.map(({ day }, at) => {
      assert.equal(
        all.byCurrency.every((each) => each.ordersByDay[at]?.day === day),
        true,
      )
      return sum(all.byCurrency.map((each) => each.ordersByDay[at]?.orders ?? 0))
    }),
  )
  for (const each of all.byCurrency) {
    const booked = await db.one<{ revenue: number }>(
      'test.booked',
      sql`select coalesce(sum(case when debit_account_id like 'customer\\_funds:%' then amount else -amount end), 0)::bigint as revenue
          from ledger_transfers where currency = ${each.currency}
            and (kind in ('sale', 'commission', 'delivery', 'tax') or kind like '%\\_reversed' or kind like '%\\_restored')
            and (debit_account_id like 'customer\\_funds:%' or credit_account_id like 'customer\\_funds:%')`,
    )
    assert.equal(each.revenue, booked.revenue, `${each.currency} and the ledger`)
    assert.equal(each.revenue, each.soldAmount - each.refundedAmount)
    assert.equal(each.revenue, sum(each.ordersByDay.map((day) => day.revenue)), `${each.currency} and its days`)
    assert.equal(each.orders, sum(each.ordersByDay.map((day) => day.orders)))
    assert.equal(each.paidOrders, sum(each.ordersByDay.map((day) => day.paidOrders)))
  }
  const [main] = all.byCurrency
  if (main !== undefined) {
    assert.deepEqual(
      [all.currency, all.totalRevenue, all.soldAmount, all.refundedAmount, all.averageOrderValue],
      [main.currency, main.revenue, main.soldAmount, main.refundedAmount, main.averageOrderValue],
    )
    assert.deepEqual(
      all.ordersByDay.map((day) => day.revenue),
      main.ordersByDay.map((day) => day.revenue),
    )
  }
  assert.equal(all.countedSince, null)
  // These shops live in days of which the real clock says that they are long over.
  const wrong = (await checkInvariants(db)).filter((line) => !line.startsWith('nothing that fell due was forgotten'))
  assert.deepEqual(wrong, [])
  return all
}

describe('L4 revenue', () => {
  let world: World
  let placed: Placed
  const soldOn = addDays(dayIn(new Date(), ZONE), -10)
  const returnedOn = addDays(soldOn, 3)
  before(async () => {
    world = await open()
    bringTo(world.shop, new Date(startOfDay(soldOn, ZONE).getTime() + 12 * HOUR_MS))
    placed = await buyAndPay(world, world.productId)
    await buy(world, world.productId)
  })
  after(() => world.shop.close())

  test('L4 an order of 500 is sold on the day on which it is confirmed', async () => {
    const all = await assertAddsUp(world)
    assert.deepEqual([all.totalOrders, all.paidOrders, all.totalRevenue, all.averageOrderValue], [2, 1, 50_000, 50_000])
    assert.deepEqual(all.ordersByDay.at(-1), { day: soldOn, orders: 2, paidOrders: 1, revenue: 50_000 })
  })

  test('L4 200 of it are taken back three days later: 300 in all, 500 that day, 200 less on this', async () => {
    bringTo(world.shop, new Date(startOfDay(returnedOn, ZONE).getTime() + 12 * HOUR_MS))
    assert.equal(await refund(world, placed.orderId, 20_000), 202)
    await atRest(world.shop)
    const all = await assertAddsUp(world)
    assert.deepEqual([all.totalRevenue, all.soldAmount, all.refundedAmount], [30_000, 50_000, 20_000])
    assert.equal(all.ordersByDay.find(({ day }) => day === soldOn)?.revenue, 50_000)
    assert.deepEqual(all.ordersByDay.at(-1), { day: returnedOn, orders: 0, paidOrders: 0, revenue: -20_000 })
  })

  test('L4 the rest goes back with the order: nothing is left, and it was one sale', async () => {
    const cancelled = await world.shop.call('PUT', `/api/orders/${placed.orderId}/status`, {
      as: world.admin,
      body: { status: 'cancelled' },
    })
    assert.equal(cancelled.status, 200)
    await atRest(world.shop)
    const all = await assertAddsUp(world)
    assert.deepEqual([all.totalRevenue, all.refundedAmount, all.paidOrders, all.cancelledOrders], [0, 50_000, 1, 2])
  })

  test('L4 money that pays nothing is no revenue', async () => {
    const twice = await buy(world, world.productId)
    await verify(world.shop, twice, await pay(world.shop, twice, 'double_capture'))
    const short = await buy(world, world.productId)
    await pay(world.shop, short, 'captured', { amount: 45_000 })
    await atRest(world.shop, HOUR_MS)
    const all = await assertAddsUp(world)
    assert.deepEqual([all.totalRevenue, all.paidOrders], [50_000, 2])
  })
})

test('L3 an order in the first seconds of the first day that is shown is counted on it', async (t) => {
  const world = await openFor(t)
  const today = dayIn(new Date(), ZONE)
  const first = addDays(today, -29)
  bringTo(world.shop, new Date(startOfDay(first, ZONE).getTime() - 10_000))
  await buyAndPay(world, world.productId)
  bringTo(world.shop, new Date(startOfDay(first, ZONE).getTime() + 5_000))
  await buyAndPay(world, world.productId)
  // Shown at the first and at the last moment of a day, which are days apart in UTC.
  for (const moment of [startOfDay(today, ZONE), new Date(startOfDay(addDays(today, 1), ZONE).getTime() - 60_000)]) {
    bringTo(world.shop, moment)
    const all = await stats(world)
    assert.equal(all.ordersByDay.length, 30)
    assert.deepEqual(all.ordersByDay[0], { day: first, orders: 1, paidOrders: 1, revenue: 50_000 })
    assert.deepEqual(all.ordersByDay.at(-1)?.day, today)
    assert.deepEqual([all.totalOrders, all.totalRevenue], [2, 100_000])
  }
})

test('L3 the days are those of the zone that is set, and are counted anew when another is', async (t) => {
  const world = await openFor(t, { timeZone: 'America/New_York' })
  const { shop } = world
  // Ten in the evening there is the next day in India.
  const evening = new Date(startOfDay('2026-07-10', 'America/New_York').getTime() + 22 * HOUR_MS)
  bringTo(shop, evening)
  await buyAndPay(world, world.productId)
  const placed = await buyAndPay(world, world.productId)
  assert.equal(await refund(world, placed.orderId, 20_000), 202)
  const soldIn = (all: DashboardStats) =>
    all.ordersByDay.filter((day) => day.orders > 0).map(({ day, orders, revenue }) => [day, orders, revenue])
  assert.deepEqual(soldIn(await assertAddsUp(world)), [['2026-07-10', 2, 80_000]])
  await atRest(shop)
  assert.deepEqual(soldIn(await assertAddsUp(world)), [['2026-07-10', 2, 80_000]])

  const elsewhere = { ...shop.deps, timeZone: ZONE }
  const pass = figuresPass(elsewhere)
  while ((await pass.runOnce()) > 0);
  const { dashboardStats } = await import('../../server/operations/service.ts')
  bringTo(shop, new Date(evening.getTime() + HOUR_MS))
  assert.deepEqual(soldIn(await dashboardStats(elsewhere)), [['2026-07-11', 2, 80_000]])
  // A process that is left with the old zone keeps its hands off.
  for (const old of shop.passes) await old.runOnce()
  assert.deepEqual(soldIn(await dashboardStats(elsewhere)), [['2026-07-11', 2, 80_000]])
})

test('L8 each currency has its own figures', async (t) => {
  const world = await openFor(t)
  await buyAndPay(world, world.productId)
  await buy(world, world.productId)
  const dollars = await buyAndPay(world, world.dollarProductId)
  assert.equal(await refund(world, dollars.orderId, 2_000), 202)
  await atRest(world.shop)
  const all = await assertAddsUp(world)
  const figures = all.byCurrency.map((each) => ({ ...each, ordersByDay: [] }))
  assert.deepEqual(figures, [
    {
      currency: 'INR',
      orders: 2,
      paidOrders: 1,
      soldAmount: 50_000,
      refundedAmount: 0,
      revenue: 50_000,
      averageOrderValue: 50_000,
      ordersByDay: [],
    },
    {
      currency: 'USD',
      orders: 1,
      paidOrders: 1,
      soldAmount: 12_000,
      refundedAmount: 2_000,
      revenue: 10_000,
      averageOrderValue: 12_000,
      ordersByDay: [],
    },
  ])
  assert.deepEqual([all.currency, all.totalOrders, all.paidOrders, all.totalRevenue], ['INR', 3, 2, 50_000])
})

test('L4 orders from before there were totals are counted day by day, while others are sold and refunded', async (t) => {
  const world = await openFor(t)
  const { shop } = world
  const old: Placed[] = []
  for (const ago of [20, 12, 12, 4]) {
    bringTo(shop, new Date(startOfDay(addDays(dayIn(new Date(), ZONE), -ago), ZONE).getTime() + 9 * HOUR_MS))
    old.push(await buyAndPay(world, ago === 4 ? world.dollarProductId : world.productId))
    await buy(world, world.productId)
  }
  const [first, second] = old as [Placed, Placed]
  assert.equal(await refund(world, first.orderId, 10_000), 202)
  await atRest(shop, HOUR_MS)
  bringTo(shop, new Date())
  const before = await assertAddsUp(world)
  // As the migration leaves a shop that has orders.
  await shop.db.alone.run('test.uncount', sql`truncate order_totals, sales_totals, order_moves`)
  await shop.db.alone.run(
    'test.uncount',
    sql`update figures set counted_from = (select max(created_at) + interval '1 millisecond' from orders)`,
  )
  const nothing = await stats(world)
  assert.deepEqual([nothing.totalOrders, nothing.totalRevenue], [0, 0])
  assert.notEqual(nothing.countedSince, null)
  const pass = figuresPass(shop.deps)
  // A day is counted; then things happen to orders that are counted, to one that is not, and to a new one.
  await pass.runOnce()
  assert.equal(await refund(world, second.orderId, 5_000), 202)
  await buyAndPay(world, world.productId)
  await pass.runOnce()
  await pass.runOnce()
  assert.equal(await refund(world, second.orderId, 5_000), 202)
  await atRest(shop)
  const counted = await assertAddsUp(world)
  assert.equal(counted.totalOrders, before.totalOrders + 1)
  assert.equal(counted.soldAmount, before.soldAmount + 50_000)
  assert.equal(counted.refundedAmount, before.refundedAmount + 10_000)
  const dayOf = (all: DashboardStats, ago: number) => all.ordersByDay.at(-1 - ago)
  for (const ago of [20, 12, 4]) assert.deepEqual(dayOf(counted, ago), dayOf(before, ago))
})

test('L4 whatever happens to orders, figures, orders and ledger tell the same', async (t) => {
  const world = await openFor(t, { orderTtlS: 1_800 })
  const { shop, admin } = world
  const someOrder = fc.nat({ max: 100 })
  const step = fc.oneof(
    fc.record({ kind: fc.constant('buy'), dollars: fc.boolean(), quantity: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      kind: fc.constantFrom('pay', 'pay', 'fail', 'cancel', 'ship', 'deliver', 'give back'),
      order: someOrder,
    }),
    fc.record({ kind: fc.constant('refund'), order: someOrder, amount: fc.integer({ min: 100, max: 60_000 }) }),
    fc.record({ kind: fc.constant('wait'), hours: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant('add up') }),
  )
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never
  const begin = startOfDay(addDays(dayIn(new Date(), ZONE), -28), ZONE)
  bringTo(shop, begin)
  const placed = [await buy(world, world.productId), await buy(world, world.dollarProductId)]
  // The zone's first pass begins anew and counts what is there; from then on nothing may ever be uncounted.
  const first = figuresPass(shop.deps)
  while ((await first.runOnce()) > 0);
  const take = async (each: Step) => {
    const order = 'order' in each ? placed.at(each.order % placed.length) : undefined
    switch (each.kind) {
      case 'buy': {
        const { dollars, quantity } = each as { dollars: boolean; quantity: number }
        placed.push(await buy(world, dollars ? world.dollarProductId : world.productId, quantity))
        return
      }
      case 'wait': {
        const { hours } = each as { hours: number }
        const next = new Date(now(shop).getTime() + hours * HOUR_MS)
        if (next < new Date()) bringTo(shop, next)
        await shop.work()
        return
      }
      case 'add up':
        await figuresPass(shop.deps).runOnce()
        return
    }
    if (order === undefined) return
    if (each.kind === 'pay' || each.kind === 'fail') {
      // What is paid or over already, the provider's window does not take.
      const outcome = each.kind === 'pay' ? 'captured' : 'failed'
      await shop.control('POST', '/razorpay/_sandbox/pay', { orderId: order.providerOrderId, outcome })
      await shop.settled()
    } else if (each.kind === 'give back') {
      const body = { orderId: order.orderId, reason: 'Not liked' }
      await shop.call('POST', '/api/payments/refund', { as: admin, body })
    } else if (each.kind === 'refund') {
      await refund(world, order.orderId, (each as { amount: number }).amount)
    } else {
      const status = { cancel: 'cancelled', ship: 'shipped', deliver: 'delivered' }[
        each.kind as 'cancel' | 'ship' | 'deliver'
      ]
      await shop.call('PUT', `/api/orders/${order.orderId}/status`, { as: admin, body: { status } })
    }
  }
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 25 }), async (story) => {
      for (const each of story) await take(each)
      await shop.settled()
      await assertAddsUp(world)
    }),
    { numRuns: STORIES, endOnFailure: true },
  )
  await shop.work()
  const kept = await assertAddsUp(world)
  // Counted anew from the orders and the books, day by day, it is the same.
  await shop.db.alone.run('test.uncount', sql`update figures set time_zone = 'UTC'`)
  const pass = figuresPass(shop.deps)
  while ((await pass.runOnce()) > 0);
  assert.deepEqual(await stats(world), kept)
})

test('L4 two workers add up while orders are placed and paid, and nothing is counted twice', async (t) => {
  const world = await openFor(t)
  const { shop } = world
  const passes = [figuresPass(shop.deps), figuresPass(shop.deps)]
  const selling = new AbortController()
  const adding = passes.map(async (pass) => {
    while (!selling.signal.aborted) await pass.runOnce()
  })
  const reading = (async () => {
    while (!selling.signal.aborted) {
      const all = await stats(world)
      const { pendingOrders, confirmedOrders, totalOrders } = all
      assert.equal(pendingOrders + confirmedOrders, totalOrders)
      assert.equal(all.paidOrders, confirmedOrders)
      assert.equal(all.totalRevenue, all.paidOrders * 50_000)
    }
  })()
  await Promise.all(Array.from({ length: 12 }, () => buyAndPay(world, world.productId))).finally(() => selling.abort())
  await Promise.all([...adding, reading])
  await shop.settled()
  const all = await assertAddsUp(world)
  assert.deepEqual([all.totalOrders, all.paidOrders, all.totalRevenue], [12, 12, 600_000])
})
