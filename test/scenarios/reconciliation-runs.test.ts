/** How runs go on: through lists that change, whoever dies or sleeps, in constant memory, each day once. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, count, paidOnce, pay, place, written } from '../buyer.ts'
import { bookedPayment, writeOrders } from '../many-payments.ts'
import { providerOf, startProviderBooks, type ProviderBooksServer } from '../provider-books.ts'
import { LATER_MS, passOf, ranAs, reconcile, startRun, workThrough } from '../reconciling.ts'
import { stockedShop, type Shop, type ShopOptions } from '../shop.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const AMOUNT = 24_500

describe('many payments', () => {
  let world: Awaited<ReturnType<typeof stockedShop>>
  let books: ProviderBooksServer
  const statements: string[] = []
  before(async () => {
    const points = { reach: async (point: string) => void statements.push(point) }
    world = await stockedShop({ webhooks: false, stock: 1_000_000, points })
    books = await startProviderBooks()
    ;(world.shop.deps.providers as Map<string, unknown>).set('razorpay', providerOf(books.url))
  })
  after(async () => {
    await world.shop.close()
    await books.close()
  })

  /** Writes payments on both sides, some of which we have not heard of. */
  async function both(many: { from: number; until: number; startMs: number; everyMs: number }, unheard: number[] = []) {
    const { shop, shopId, productId } = world
    const all = { ...many, amount: AMOUNT, shopId, productId }
    for (let n = many.from; n < many.until; n += 1) books.payments.push(bookedPayment(all, n))
    await writeOrders(shop.db, all, unheard)
    const missed = unheard.length
    if (missed > 0) {
      await shop.db.alone.run('test.reserve', sql`update inventory set reserved = reserved + ${missed}`)
    }
  }

  test('are compared in constant memory, in slices that follow how many there are', async () => {
    const { shop, admin } = world
    const now = Date.now()
    // A day with one payment every 18 s, and ten minutes in it with 16 every second.
    await both({ from: 1, until: 4_001, startMs: now - DAY_MS, everyMs: 18_000 })
    await both({ from: 10_001, until: 20_001, startMs: now - 3 * HOUR_MS - 10_001 * 60, everyMs: 60 })
    books.payments.sort((a, b) => a.created_at - b.created_at)
    const id = await startRun(shop, admin, 2 * DAY_MS)
    await workThrough(shop)
    const { outcomes, lines, status } = await ranAs(shop, admin, id)
    assert.deepEqual([status, outcomes, lines], ['completed', [`payment matched 14000 ${14_000 * AMOUNT} INR`], []])
    const { most_rows: mostRows } = await shop.db.one<{ most_rows: number }>(
      'test.rows',
      sql`select most_rows from reconciliation_runs where id = ${id}`,
    )
    assert.ok(mostRows > 1_000 && mostRows <= 5_000, `${mostRows} rows at once`)
  })

  test('P21 a list that shifts while it is read counts each payment once and misses none', async () => {
    const { shop, admin } = world
    await shop.db.alone.run('test.empty', sql`truncate orders, payments, payment_attempts cascade`)
    books.payments.length = 0
    const startMs = Math.floor(Date.now() / 1_000) * 1_000 - HOUR_MS / 2
    const many = { startMs, everyMs: 500 }
    await both({ ...many, from: 1, until: 1_051 })
    // Known here, and shown there one by one while the pages are read: each pushes the others on.
    const { shopId, productId } = world
    const late = { from: 1_051, until: 1_059, ...many, amount: AMOUNT, shopId, productId }
    await writeOrders(shop.db, late)
    let shown = late.from
    books.onList = () => {
      if (shown >= late.until) return
      books.payments.push(bookedPayment(late, shown))
      shown += 1
    }
    const { outcomes, lines } = await reconcile(shop, admin, 2 * HOUR_MS)
    books.onList = () => {}
    assert.equal(shown, late.until)
    assert.deepEqual([outcomes, lines], [[`payment matched 1058 ${1_058 * AMOUNT} INR`], []])
  })

  test('with one statement for each slice, not for each payment', async () => {
    const { shop, admin } = world
    books.asked.clear()
    const id = await startRun(shop, admin, 2 * HOUR_MS)
    statements.length = 0
    await workThrough(shop)
    const asked = statements.filter((name) => /^sql:(attempts|payments|orders)\./.test(name))
    const { outcomes } = await ranAs(shop, admin, id)
    assert.deepEqual(outcomes, [`payment matched 1058 ${1_058 * AMOUNT} INR`])
    const slices = asked.filter((name) => name === 'sql:attempts.booked').length
    assert.ok(slices <= 4, `${slices} slices`)
    assert.deepEqual(asked, Array(slices).fill('sql:attempts.booked'))
    assert.equal(books.asked.get('fetchPayment'), undefined)
    assert.ok((books.asked.get('listPayments') ?? 0) < 25, `${books.asked.get('listPayments')} pages`)
  })

  test('S2 two workers at once: each step is made by one of them, and nothing is counted twice', async () => {
    const { shop, admin } = world
    await shop.db.alone.run('test.empty', sql`truncate orders, payments, payment_attempts cascade`)
    books.payments.length = 0
    const missed = Array.from({ length: 40 }, (_, at) => 100 + at * 70)
    await both({ from: 1, until: 6_001, startMs: Date.now() - 4 * HOUR_MS, everyMs: 2_000 }, missed)
    const id = await startRun(shop, admin)
    await Promise.all([workThrough(shop), workThrough(shop), workThrough(shop)])
    const { outcomes, lines, interruptions } = await ranAs(shop, admin, id)
    assert.deepEqual(outcomes, [`payment healed 40 ${40 * AMOUNT} INR`, `payment matched 5960 ${5_960 * AMOUNT} INR`])
    assert.equal(lines.length, 40)
    assert.equal(interruptions, 0)
    assert.equal(await count(shop.db, sql`orders where status = 'confirmed'`), 6_000)
    assert.equal(await count(shop.db, sql`ledger_transfers where kind = 'capture'`), 40)
  })
})

describe('a run', () => {
  async function opened<T>(options: ShopOptions, work: (world: Awaited<ReturnType<typeof stockedShop>>) => Promise<T>) {
    const world = await stockedShop({ webhooks: false, ...options })
    try {
      return await work(world)
    } finally {
      await world.shop.close()
    }
  }

  test('that the provider does not answer waits, asks again, and goes on where it was', () =>
    opened({}, async ({ shop, admin, productId }) => {
      const placed = await place(shop, productId)
      await pay(shop, placed)
      await fault(shop, { match: 'GET /v1/payments', kind: 'status', status: 503, times: 2 })
      const id = await startRun(shop, admin)
      await workThrough(shop)
      const waiting = await ranAs(shop, admin, id)
      assert.deepEqual([waiting.status, waiting.interruptions], ['running', 1])
      assert.match(waiting.error ?? '', /^listPayments: HTTP 503/)
      shop.clock.aheadMs += 5_000
      await workThrough(shop)
      const { status, interruptions, error, outcomes } = await ranAs(shop, admin, id)
      assert.deepEqual([status, interruptions, error], ['completed', 1, null])
      assert.deepEqual(outcomes, [`payment healed 1 ${placed.total} INR`])
      await assertAllWell(shop)
    }))

  test('that is not answered for a day fails, and an operator hears of it', () =>
    opened({}, async ({ shop, admin }) => {
      await fault(shop, { match: '.*', kind: 'status', status: 503, times: 1_000 })
      const id = await startRun(shop, admin)
      await workThrough(shop)
      shop.clock.aheadMs += 23 * HOUR_MS
      await workThrough(shop)
      assert.equal((await ranAs(shop, admin, id)).status, 'running')
      shop.clock.aheadMs += HOUR_MS
      await workThrough(shop)
      const { status, interruptions } = await ranAs(shop, admin, id)
      assert.deepEqual([status, interruptions], ['failed', 2])
      assert.equal(await count(shop.db, sql`alerts where kind = 'reconciliation_failed' and key = 'razorpay'`), 1)
    }))

  test('S3 of a worker that slept through its lease is taken over; what the sleeper found is thrown away', async () => {
    const asleep = Promise.withResolvers<void>()
    const awake = Promise.withResolvers<void>()
    let first = true
    const points = {
      async reach(point: string) {
        if (point !== 'provider:razorpay.listPayments:answered' || !first) return
        first = false
        asleep.resolve()
        await awake.promise
      },
    }
    await opened({ points }, async ({ shop, admin, productId }) => {
      const placed = await place(shop, productId)
      await pay(shop, placed)
      const id = await startRun(shop, admin)
      const sleeper = passOf(shop, 'reconciliation.run').runOnce()
      await asleep.promise
      await workThrough(shop)
      assert.equal((await ranAs(shop, admin, id)).status, 'running', 'nobody else has it while the lease lasts')
      shop.clock.aheadMs += 61_000
      await workThrough(shop)
      const done = await ranAs(shop, admin, id)
      assert.deepEqual([done.status, done.interruptions], ['completed', 1])
      assert.deepEqual(done.outcomes, [`payment healed 1 ${placed.total} INR`])
      awake.resolve()
      await sleeper
      assert.deepEqual(await ranAs(shop, admin, id), done)
      assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
    })
  })

  test('of one provider waits for the one before it', () =>
    opened({}, async ({ shop, admin }) => {
      const first = await startRun(shop, admin)
      const second = await startRun(shop, admin)
      const pass = passOf(shop, 'reconciliation.run')
      await pass.runOnce()
      const [one, other] = [await ranAs(shop, admin, first), await ranAs(shop, admin, second)]
      assert.deepEqual([one.status, other.status], ['running', 'running'])
      const steps = await shop.db.many<{ step: number }>(
        'test.steps',
        sql`select step from reconciliation_runs order by id`,
      )
      assert.deepEqual(
        steps.map(({ step }) => step),
        [1, 0],
      )
      await workThrough(shop)
      assert.equal((await ranAs(shop, admin, second)).status, 'completed')
    }))

  test('beside a webhook of the same capture ends in one capture', () =>
    opened({ webhooks: true }, async ({ shop, admin, productId }) => {
      for (let round = 0; round < 8; round += 1) {
        const placed = await place(shop, productId)
        shop.clock.aheadMs = LATER_MS
        const id = await startRun(shop, admin)
        await Promise.all([pay(shop, placed), workThrough(shop), workThrough(shop)])
        await workThrough(shop)
        await shop.settled()
        assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
        assert.equal((await ranAs(shop, admin, id)).status, 'completed')
      }
      await assertAllWell(shop)
    }))
})

async function fault(shop: Shop, rule: Record<string, unknown>): Promise<void> {
  const { status, body } = await shop.control('POST', '/razorpay/_sandbox/faults', rule)
  assert.equal(status, 200, JSON.stringify(body))
}
