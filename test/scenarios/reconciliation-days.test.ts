/** When runs begin: each day once, and whenever an admin asks; and how what they found is read. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { paidOnce, pay, place, written } from '../buyer.ts'
import { LATER_MS, passOf, reconcile, workThrough } from '../reconciling.ts'
import { stockedShop } from '../shop.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

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

  test('a run without an end goes up to this second: what was paid a moment ago and told to nobody is found', async () => {
    const { shop, admin, productId } = world
    shop.clock.aheadMs = 0
    const placed = await place(shop, productId)
    await pay(shop, placed)
    const { body } = await start({ from: new Date(Date.now() - HOUR_MS).toISOString() })
    await workThrough(shop)
    const run = await shop.call('GET', `/api/admin/reconciliation/runs/${body.data.run.id}`, { as: admin })
    shop.clock.aheadMs = LATER_MS
    assert.deepEqual(
      run.body.data.run.outcomes.map((row: { subject: string; outcome: string; count: number }) => [
        row.subject,
        row.outcome,
        row.count,
      ]),
      [['payment', 'healed', 1]],
    )
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
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
