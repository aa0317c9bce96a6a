/** How runs go on: through lists that change, whoever dies or sleeps, in constant memory, each day once. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, count, paidOnce, pay, place, written } from '../buyer.ts'
import { bookedPayment, writeOrders } from '../many-payments.ts'
import { providerOf, startProviderBooks, type ProviderBooksServer } from '../provider-books.ts'
import { LATER_MS, ranAs, reconcile, startRun, workThrough } from '../reconciling.ts'
import { stockedShop, type Shop, type ShopOptions } from '../shop.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const AMOUNT = 24_500

function passOf(shop: Shop, name: string) {
  const pass = shop.passes.find((each) => each.name === name)
  assert.ok(pass !== undefined, name)
  return pass
}

describe('many payments', () => {
  let world: Awaited<ReturnType<typeof stockedShop>>
  let books: ProviderBooksServer
  before(async () => {
    world = await stockedShop({ webhooks: false, stock: 1_000_000 })
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
    // A day with one payment every 9 s, and an hour in it with 16 every second.
    await both({ from: 1, until: 8_001, startMs: now - DAY_MS, everyMs: 9_000 })
    await both({ from: 10_001, until: 30_001, startMs: now - 3 * HOUR_MS - 10_001 * 60, everyMs: 60 })
    books.payments.sort((a, b) => a.created_at - b.created_at)
    const id = await startRun(shop, admin, 2 * DAY_MS)
    await workThrough(shop)
    const { outcomes, lines, status } = await ranAs(shop, admin, id)
    assert.deepEqual([status, outcomes, lines], ['completed', [`payment matched 28000 ${28_000 * AMOUNT} INR`], []])
    const { most_rows: mostRows } = await shop.db.one<{ most_rows: number }>(
      'test.rows',
      sql`select most_rows from reconciliation_runs where id = ${id}`,
    )
    assert.ok(mostRows > 500 && mostRows <= 2_500, `${mostRows} rows at once`)
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
    const statements: string[] = []
    const { pool } = shop.db
    void pool
    books.asked.clear()
    const { outcomes } = await reconcile(shop, admin, 2 * HOUR_MS)
    assert.deepEqual(outcomes, [`payment matched 1058 ${1_058 * AMOUNT} INR`])
    assert.equal(books.asked.get('fetchPayment'), undefined)
    assert.ok((books.asked.get('listPayments') ?? 0) < 25, `${books.asked.get('listPayments')} pages`)
    assert.deepEqual(statements, [])
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

describe('each day', () => {
  const AT = { hour: 2, minute: 30 }
  let world: Awaited<ReturnType<typeof stockedShop>>
  before(async () => {
    world = await stockedShop({ webhooks: false, reconcileAt: AT })
  })
  after(() => world.shop.close())

  /** Sets our clock to a time of day, so many days from today. */
  function at(days: number, time: string): void {
    const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS
    world.shop.clock.aheadMs = midnight + days * DAY_MS + Date.parse(`1970-01-01T${time}Z`) - Date.now()
  }

  async function runs() {
    const rows = await world.shop.db.many<{ day: string; from_at: Date; to_at: Date; status: string }>(
      'test.runs',
      sql`select scheduled_for::text as day, from_at, to_at, status from reconciliation_runs order by scheduled_for`,
    )
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS
    const hours = (moment: Date) => Math.round((moment.getTime() - today) / HOUR_MS)
    return rows.map(
      (row) =>
        `${Math.round((Date.parse(row.day) - today) / DAY_MS)}: ${hours(row.from_at)}h–${hours(row.to_at)}h ${row.status}`,
    )
  }

  const look = () => passOf(world.shop, 'reconciliation.schedule').runOnce()

  test('S11 the books are compared once, however many workers look, and a day that was missed is caught up', async () => {
    const { shop, productId } = world
    assert.equal(await look(), 0)
    at(0, '12:00:00')
    await place(shop, productId)
    assert.equal(await look(), 0, 'what was made after today’s run was due is left to tomorrow’s')
    at(1, '02:29:59')
    assert.equal(await look(), 0)
    at(1, '02:30:00')
    const made = await Promise.all(Array.from({ length: 5 }, look))
    assert.equal(made.filter((started) => started === 1).length, 1)
    assert.deepEqual(await runs(), ['1: -46h–26h running'])
    await workThrough(shop)
    assert.equal(await look(), 0)
    assert.deepEqual(await runs(), ['1: -46h–26h completed'])
    // Nothing runs for a week.
    at(8, '14:00:00')
    assert.equal(await look(), 1)
    assert.equal(await look(), 0)
    assert.deepEqual(await runs(), ['1: -46h–26h completed', '8: 26h–206h running'])
    const alert = await shop.db.one<{ kind: string; key: string }>('test.alert', sql`select kind, key from alerts`)
    assert.deepEqual(alert, { kind: 'reconciliation_missing', key: 'razorpay' })
    await workThrough(shop)
    at(9, '03:00:00')
    assert.equal(await look(), 1)
    assert.deepEqual((await runs()).at(-1), '9: 147h–219h running')
  })
})

describe('the routes', () => {
  let world: Awaited<ReturnType<typeof stockedShop>>
  before(async () => {
    world = await stockedShop({ webhooks: false })
    world.shop.clock.aheadMs = LATER_MS
  })
  after(() => world.shop.close())

  const start = (body: unknown, key?: string) =>
    world.shop.call('POST', '/api/admin/reconciliation/runs', {
      as: world.admin,
      body,
      ...(key === undefined ? {} : { key }),
    })

  test('days stand for their beginning and their end', async () => {
    const { body, status } = await start({ from: '2026-01-05', to: '2026-01-06' })
    assert.equal(status, 202)
    const { from, to, provider, trigger, phase, startedBy } = body.data.run
    assert.deepEqual(
      { from, to, provider, trigger, phase },
      {
        from: '2026-01-05T00:00:00.000Z',
        to: '2026-01-07T00:00:00.000Z',
        provider: 'razorpay',
        trigger: 'admin',
        phase: 'payments',
      },
    )
    const admin = await world.shop.db.one<{ id: string }>('test.admin', sql`select id from users where role = 'admin'`)
    assert.equal(startedBy, admin.id)
  })

  test('the same key gives the same run', async () => {
    const body = { from: '2026-01-05T10:00:00+05:30', to: '2026-01-06T00:00:00Z' }
    const [one, other] = [await start(body, 'once'), await start(body, 'once')]
    assert.deepEqual([one.status, other.status], [202, 202])
    assert.equal(one.body.data.run.id, other.body.data.run.id)
    assert.equal(one.body.data.run.from, '2026-01-05T04:30:00.000Z')
    assert.equal(other.headers.get('idempotency-replayed'), 'true')
  })

  for (const [what, body, field] of [
    ['a window that ends before it begins', { from: '2026-01-06', to: '2026-01-04' }, 'from'],
    ['a time to come', { from: '2126-01-06' }, 'from'],
    ['a day that no month has', { from: '2026-02-30' }, 'from'],
    ['text', { from: 'yesterday' }, 'from'],
    ['a time without its offset', { from: '2026-01-05', to: '2026-01-05T10:00:00' }, 'to'],
    ['more than a year', { from: '2024-01-01', to: '2026-01-01' }, 'from'],
    ['a provider that is not set up', { from: '2026-01-05', provider: 'stripe' }, 'provider'],
  ] as const) {
    test(`${what} is refused`, async () => {
      const { status, body: answer } = await start(body)
      assert.equal(status, 400)
      assert.deepEqual(
        [answer.error.code, answer.error.details.fields.map((each: { field: string }) => each.field)],
        ['validation_failed', [field]],
      )
    })
  }

  test('lists go on where they stopped', async () => {
    const { shop, admin, productId } = world
    for (let n = 0; n < 3; n += 1) await pay(shop, await place(shop, productId))
    const { id, lines } = await reconcile(shop, admin)
    assert.equal(lines.length, 3)
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const after: string = cursor === '' ? '' : `&cursor=${cursor}`
      const { body } = await shop.call('GET', `/api/admin/reconciliation/runs/${id}/lines?limit=2${after}`, {
        as: admin,
      })
      seen.push(...body.data.lines.map((line: { id: string }) => line.id))
      cursor = body.pagination.nextCursor
    }
    assert.equal(new Set(seen).size, 3)
    const healed = await shop.call('GET', `/api/admin/reconciliation/runs/${id}/lines?outcome=differs`, { as: admin })
    assert.deepEqual(healed.body.data.lines, [])
    const { body } = await shop.call('GET', '/api/admin/reconciliation/runs?limit=1', { as: admin })
    assert.equal(body.data.runs[0].id, id)
    const next = await shop.call('GET', `/api/admin/reconciliation/runs?limit=1&cursor=${body.pagination.nextCursor}`, {
      as: admin,
    })
    assert.notEqual(next.body.data.runs[0].id, id)
    const missing = await shop.call('GET', '/api/admin/reconciliation/runs/x', { as: admin })
    assert.deepEqual([missing.status, missing.body.error.code], [404, 'not_found'])
  })
})

async function fault(shop: Shop, rule: Record<string, unknown>): Promise<void> {
  const { status, body } = await shop.control('POST', '/razorpay/_sandbox/faults', rule)
  assert.equal(status, 200, JSON.stringify(body))
}
