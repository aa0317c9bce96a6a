import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { raiseAlert, resolveAlert } from '../platform/alerts.ts'
import { sql } from '../platform/database.ts'
import { alertPass, evaluateAlerts } from './alerts.ts'
import { RULES } from './alert-rules.ts'
import { troublePass } from './troubles.ts'
import { registerWatchRoutes } from './watch-routes.ts'

const MINUTE_MS = 60_000

let slice: SliceApp
let admin: { id: string; authorization: string }

before(async () => {
  slice = await openSliceApp((app, deps, accounts) => registerWatchRoutes(app, deps, accounts))
  admin = await slice.signedIn({ role: 'admin' })
  // Rows that the rules look at, without everything that they would belong to.
  await slice.deps.db.pool.query(`
    do $$ declare wall record; begin
      for wall in select conname, conrelid::regclass as of_table from pg_constraint
        where contype in ('f', 'c') and connamespace = 'public'::regnamespace and conname not like 'alerts%'
      loop execute format('alter table %s drop constraint %I', wall.of_table, wall.conname); end loop;
    end $$`)
})
after(() => slice.close())
afterEach(async () => {
  slice.clock.aheadMs = 0
  await slice.deps.db.pool.query(
    'truncate alerts, orders, payments, payment_attempts, refunds, webhook_events, review_items, process_troubles, check_runs, provider_calls, reconciliation_runs cascade',
  )
  await slice.deps.db.alone.run('clean', sql`update timetable set due_at = null`)
})

const { uuid } = { uuid: () => slice.deps.ports.ids.uuid() }
const ago = (ms: number) => new Date(slice.deps.ports.clock.now().getTime() - ms)

async function open(): Promise<string[]> {
  const rows = await slice.deps.db.many<{ text: string }>(
    'open',
    sql`select kind || ' ' || key || ' ' || severity || ': ' || summary as text from alerts where resolved_at is null order by 1`,
  )
  return rows.map(({ text }) => text.replace(/20\d\d-\S+Z/, 'AT'))
}

async function plantOrder(number: string, more: { paymentStatus?: string; expiresAt?: Date } = {}): Promise<string> {
  const id = uuid()
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into orders (id, number, guest_token_hash, status, payment_status, payment_method, currency, subtotal, discount,
          delivery_fee, tax, tax_included, total, stock, expires_at, created_at, updated_at)
        values (${id}, ${number}, 'x', 'pending', ${more.paymentStatus ?? 'pending'}, 'online', 'INR', 100, 0, 0, 0, 0, 100,
          'reserved', ${more.expiresAt ?? ago(-MINUTE_MS * 30)}, ${ago(0)}, ${ago(0)})`,
  )
  return id
}

async function plantPayment(
  orderId: string,
  status: string,
  updatedAt: Date,
  more: { captured?: number; lookAt?: Date } = {},
) {
  const id = uuid()
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into payments (id, order_id, provider, provider_order_id, status, amount, currency, captured_amount, next_look_at,
          created_at, updated_at)
        values (${id}, ${orderId}, 'razorpay', ${id}, ${status}, 100, 'INR', ${more.captured ?? 0}, ${more.lookAt ?? null},
          ${updatedAt}, ${updatedAt})`,
  )
  return id
}

async function plantAttempts(
  count: number,
  status: 'captured' | 'failed',
  createdAt: Date,
  paymentId?: string,
): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    const id = uuid()
    await slice.deps.db.alone.run(
      'plant',
      sql`insert into payment_attempts (id, payment_id, order_id, provider, provider_payment_id, status, disposition, amount,
            currency, captured_amount, created_at, updated_at)
          values (${id}, ${paymentId ?? id}, ${id}, 'razorpay', ${id}, ${status}, 'none', 100, 'INR',
            ${status === 'captured' ? 100 : 0}, ${createdAt}, ${createdAt})`,
    )
  }
}

async function plantEvent(receivedAt: Date, nextAttemptAt: Date | null = null): Promise<void> {
  const id = uuid()
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into webhook_events (id, provider, event_id, type, raw_body, headers, signature_valid, status, next_attempt_at, received_at)
        values (${id}, 'razorpay', ${id}, 'payment.captured', '{}', '{}', true, ${nextAttemptAt === null ? 'processed' : 'received'},
          ${nextAttemptAt}, ${receivedAt})`,
  )
}

async function plantCheck(startedAt: Date): Promise<void> {
  await slice.deps.db.alone.run(
    'plant',
    sql`insert into check_runs (id, trigger, ok, questions, started_at, duration_ms)
        values (${uuid()}, 'schedule', true, '[]', ${startedAt}, 1)`,
  )
}

interface Case {
  name: string
  /** Makes it so; the alerts that this must raise. */
  plant(): Promise<void>
  raises: string[]
  /** Makes it end. */
  mend(): Promise<unknown>
}

const CASES: readonly Case[] = [
  {
    name: 'payment_failures: more than one in twenty who tried only failed',
    async plant() {
      await plantAttempts(19, 'captured', ago(MINUTE_MS))
      await plantAttempts(2, 'failed', ago(MINUTE_MS))
      // Who failed first and paid then has not failed.
      const paid = uuid()
      await plantAttempts(3, 'failed', ago(MINUTE_MS), paid)
      await plantAttempts(1, 'captured', ago(MINUTE_MS), paid)
      await plantAttempts(50, 'failed', ago(31 * MINUTE_MS))
    },
    raises: ['payment_failures razorpay warn: 2 of 22 payments with razorpay in half an hour only failed.'],
    mend: () => plantAttempts(19, 'captured', ago(0)),
  },
  {
    name: 'payment_failures: a third is an emergency',
    async plant() {
      await plantAttempts(13, 'captured', ago(MINUTE_MS))
      await plantAttempts(7, 'failed', ago(MINUTE_MS))
      await plantEvent(ago(0))
    },
    raises: ['payment_failures razorpay page: 7 of 20 payments with razorpay in half an hour only failed.'],
    mend: async () => (slice.clock.aheadMs += 31 * MINUTE_MS),
  },
  {
    name: 'paid_not_confirmed: money that is here, or was promised, for ten minutes',
    async plant() {
      await plantPayment(await plantOrder('H-1'), 'verified', ago(11 * MINUTE_MS))
      await plantPayment(await plantOrder('H-2'), 'paid', ago(11 * MINUTE_MS), { captured: 100 })
      await plantPayment(await plantOrder('H-3'), 'authorized', ago(9 * MINUTE_MS))
      await plantPayment(await plantOrder('H-4'), 'created', ago(20 * MINUTE_MS))
      const asked = await plantOrder('H-5')
      await plantPayment(asked, 'paid', ago(20 * MINUTE_MS), { captured: 100 })
      await slice.deps.db.alone.run(
        'plant',
        sql`insert into review_items (id, order_id, kind, summary, cause, created_at) values (${uuid()}, ${asked}, 'k', 's', 'c', ${ago(0)})`,
      )
    },
    raises: [
      'paid_not_confirmed orders page: 2 orders wait although their money is here or was promised ten minutes ago: H-1, H-2.',
    ],
    mend: () => slice.deps.db.alone.run('mend', sql`update orders set status = 'confirmed'`),
  },
  {
    name: 'database_trouble: five times in five minutes, by all processes together',
    async plant() {
      for (const by of [2, 3]) {
        const process = {
          ...slice.deps,
          ports: { ...slice.deps.ports, metrics: (await import('../platform/metrics.ts')).createMetrics() },
        }
        process.ports.metrics.count('hundi_outages_total', { where: 'api' }, by)
        const pass = troublePass(process)
        await pass.runOnce()
        // What was told is not told again.
        await pass.runOnce()
      }
    },
    raises: ['database_trouble database page: The database did not serve 5 requests or passes in five minutes: api.'],
    mend: async () => (slice.clock.aheadMs += 6 * MINUTE_MS),
  },
  {
    name: 'slow_api: the same route three times in ten minutes',
    async plant() {
      const { metrics } = slice.deps.ports
      metrics.count('hundi_slow_requests_total', { route: '/api/orders' }, 3)
      metrics.count('hundi_slow_requests_total', { route: '/api/products' }, 2)
      await troublePass(slice.deps).runOnce()
    },
    raises: ['slow_api /api/orders warn: /api/orders took more than five seconds 3 times in ten minutes.'],
    mend: async () => (slice.clock.aheadMs += 11 * MINUTE_MS),
  },
  {
    name: 'queue_lag: work that fell due more than five minutes ago, of every kind',
    async plant() {
      await plantPayment(await plantOrder('H-1'), 'created', ago(0), { lookAt: ago(6 * MINUTE_MS) })
      await plantOrder('H-2', { expiresAt: ago(7 * MINUTE_MS) })
      // Time does not end an order whose shopper brought a signature.
      await plantOrder('H-3', { expiresAt: ago(70 * MINUTE_MS), paymentStatus: 'verified' })
      await plantEvent(ago(0), ago(4 * MINUTE_MS))
      await slice.deps.db.alone.run(
        'plant',
        sql`insert into refunds (id, order_id, payment_id, attempt_id, provider, amount, currency, status, reason, idempotency_key,
              next_look_at, created_at, updated_at)
            values (${uuid()}, ${uuid()}, ${uuid()}, ${uuid()}, 'razorpay', 100, 'INR', 'processing', 'r', 'k', ${ago(8 * MINUTE_MS)},
              ${ago(0)}, ${ago(0)})`,
      )
      await slice.deps.db.alone.run(
        'plant',
        sql`update timetable set due_at = ${ago(9 * MINUTE_MS)} where name = 'check'`,
      )
    },
    raises: [
      'queue_lag orders page: Work on orders is 7 minutes late; 1 due. Is a worker running?',
      'queue_lag payments page: Work on payments is 6 minutes late; 1 due. Is a worker running?',
      'queue_lag refunds page: Work on refunds is 8 minutes late; 1 due. Is a worker running?',
      'queue_lag timetable page: Work on timetable is 9 minutes late; 1 due. Is a worker running?',
    ],
    async mend() {
      await slice.deps.db.pool.query('truncate orders, payments, refunds cascade')
      await slice.deps.db.alone.run('mend', sql`update timetable set due_at = null`)
    },
  },
  {
    name: 'webhook_silence: payments are taken, and nobody tells of them',
    async plant() {
      await plantAttempts(3, 'captured', ago(30 * MINUTE_MS))
      await plantEvent(ago(61 * MINUTE_MS))
    },
    raises: [
      'webhook_silence razorpay warn: razorpay took 3 payments in an hour and told us of none. Is the webhook still enabled there?',
    ],
    mend: () => plantEvent(ago(0)),
  },
  {
    name: 'review_overdue: questions that wait for more than a day',
    plant: async () => {
      for (const hours of [23, 25, 26]) {
        await slice.deps.db.alone.run(
          'plant',
          sql`insert into review_items (id, kind, summary, cause, created_at)
              values (${uuid()}, 'k', 's', ${`c${hours}`}, ${ago(hours * 60 * MINUTE_MS)})`,
        )
      }
    },
    raises: ['review_overdue review warn: 2 questions have waited for a person for more than a day.'],
    mend: () => slice.deps.db.alone.run('mend', sql`update review_items set resolved_at = now(), resolution = 'done'`),
  },
  {
    name: 'check_missing: the books were not checked for more than a day',
    plant: () => plantCheck(new Date(ago(0).getTime() - 27 * 60 * MINUTE_MS)),
    raises: ['check_missing books warn: Nobody has asked since AT whether the books are right.'],
    mend: () => plantCheck(ago(0)),
  },
]

describe('a rule raises its alert once, and ends it by itself', () => {
  for (const { name, plant, raises, mend } of CASES) {
    test(name, async () => {
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), [])
      await plant()
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), raises)
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), raises)
      await mend()
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), [])
    })
  }

  test('every rule is shown here', () => {
    const shown = new Set(CASES.map(({ name }) => name.split(':')[0]))
    assert.deepEqual(
      RULES.map(({ kind }) => kind).filter((kind) => !shown.has(kind)),
      [],
    )
  })
})

describe('an alert that is raised where something happens', () => {
  const raise = (kind: string, key: string) =>
    raiseAlert(slice.deps.db.alone, slice.deps.ports, { kind, key, summary: 's' })

  test('invalid_signature ends after half an hour of quiet', async () => {
    await raise('invalid_signature', 'verify')
    slice.clock.aheadMs += 20 * MINUTE_MS
    await raise('invalid_signature', 'verify')
    slice.clock.aheadMs += 20 * MINUTE_MS
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await open(), ['invalid_signature verify warn: s'])
    slice.clock.aheadMs += 11 * MINUTE_MS
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await open(), [])
  })

  test('provider_unreachable ends when that provider answers, with a refusal as well', async () => {
    await raise('provider_unreachable', 'razorpay')
    const call = (provider: string, outcome: string) =>
      slice.deps.db.alone.run(
        'plant',
        sql`insert into provider_calls (id, provider, operation, request, outcome, duration_ms, created_at)
            values (${uuid()}, ${provider}, 'fetchPayment', '{}', ${outcome}, 1, ${ago(-1_000)})`,
      )
    await call('razorpay', 'unknown')
    await call('stripe', 'accepted')
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await open(), ['provider_unreachable razorpay warn: s'])
    await call('razorpay', 'refused')
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await open(), [])
  })

  test('T14 ends alone: neither one of its kind about something else, nor another kind about the same', async () => {
    for (const kind of ['provider_unreachable', 'webhook_failed']) {
      for (const key of ['razorpay', 'stripe']) await raise(kind, key)
    }
    await resolveAlert(slice.deps.db.alone, 'provider_unreachable', 'razorpay', ago(0))
    assert.deepEqual((await open()).sort(), [
      'provider_unreachable stripe warn: s',
      'webhook_failed razorpay warn: s',
      'webhook_failed stripe warn: s',
    ])
    for (const [kind, key] of [
      ['provider_unreachable', 'stripe'],
      ['webhook_failed', 'razorpay'],
      ['webhook_failed', 'stripe'],
    ] as const) {
      await resolveAlert(slice.deps.db.alone, kind, key, ago(0))
    }
    assert.deepEqual(await open(), [])
  })

  /** A comparison that ended at that moment, with one difference. */
  async function plantRun(status: 'completed' | 'failed', finishedAt: Date): Promise<string> {
    const [run, item] = [uuid(), uuid()]
    await slice.deps.db.alone.run(
      'plant',
      sql`insert into reconciliation_runs (id, provider, from_at, to_at, trigger, status, cursor_at, slice_s, started_at, finished_at)
          values (${run}, 'razorpay', ${ago(MINUTE_MS)}, ${ago(0)}, 'admin', ${status}, ${ago(0)}, 60, ${finishedAt}, ${finishedAt})`,
    )
    await slice.deps.db.alone.run(
      'plant',
      sql`insert into review_items (id, kind, summary, cause, created_at) values (${item}, 'unknown_payment', 's', ${item}, ${ago(0)})`,
    )
    await slice.deps.db.alone.run(
      'plant',
      sql`insert into reconciliation_lines (id, run_id, subject, outcome, provider_ref, currency, detail, review_item_id, open, created_at)
          values (${uuid()}, ${run}, 'payment', 'unknown_here', 'pay_x', 'INR', 'd', ${item}, true, ${ago(0)})`,
    )
    return item
  }

  test('reconciliation_mismatch ends when every difference of the last comparison is answered', async () => {
    await raise('reconciliation_mismatch', 'razorpay')
    const item = await plantRun('completed', ago(0))
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await open(), ['reconciliation_mismatch razorpay warn: s'])
    await slice.deps.db.alone.run(
      'answer',
      sql`update review_items set resolved_at = now(), resolution = 'attach' where id = ${item}`,
    )
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await open(), [])
  })

  for (const kind of ['reconciliation_failed', 'reconciliation_missing']) {
    test(`${kind} ends with the next comparison that is completed`, async () => {
      await plantRun('completed', ago(MINUTE_MS))
      await raise(kind, 'razorpay')
      await plantRun('failed', ago(-1_000))
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), [`${kind} razorpay warn: s`])
      await plantRun('completed', ago(-1_000))
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), [])
    })
  }

  test('FX6 admin_made and password_set end when somebody has seen them, and not within a day', async () => {
    for (const kind of ['admin_made', 'password_set']) await raise(kind, 'a person')
    const { alerts } = (await slice.call('GET', '/api/admin/alerts', { as: admin })).body.data
    for (const { id } of alerts) await slice.call('POST', `/api/admin/alerts/${id}/acknowledge`, { as: admin })
    slice.clock.aheadMs += 24 * 3_600_000 - 1_000
    await evaluateAlerts(slice.deps)
    const kinds = async () => (await open()).filter((text) => text.includes('a person'))
    assert.deepEqual(await kinds(), ['admin_made a person warn: s', 'password_set a person warn: s'])
    slice.clock.aheadMs += 2_000
    await evaluateAlerts(slice.deps)
    assert.deepEqual(await kinds(), [])
  })

  for (const kind of ['webhook_failed', 'unknown_status']) {
    test(`${kind} ends when somebody has seen it`, async () => {
      await raise(kind, 'an event')
      await evaluateAlerts(slice.deps)
      const [alert] = (await slice.call('GET', '/api/admin/alerts', { as: admin })).body.data.alerts
      await slice.call('POST', `/api/admin/alerts/${alert.id}/acknowledge`, { as: admin })
      await evaluateAlerts(slice.deps)
      assert.deepEqual(await open(), [])
    })
  }
})

test('alerts are listed open or resolved, page by page, and acknowledged by the first who says so', async () => {
  for (const key of ['a', 'b', 'c']) {
    await raiseAlert(slice.deps.db.alone, slice.deps.ports, {
      kind: 'review_overdue',
      key,
      summary: key,
      severity: 'page',
    })
    slice.clock.aheadMs += 1_000
  }
  const first = await slice.call('GET', '/api/admin/alerts?limit=2', { as: admin })
  const second = await slice.call('GET', `/api/admin/alerts?limit=2&cursor=${first.body.pagination.nextCursor}`, {
    as: admin,
  })
  const listed = [...first.body.data.alerts, ...second.body.data.alerts]
  assert.deepEqual(
    listed.map(({ key, severity, count, resolvedAt }) => ({ key, severity, count, resolvedAt })),
    ['c', 'b', 'a'].map((key) => ({ key, severity: 'page', count: 1, resolvedAt: null })),
  )
  assert.equal(second.body.pagination.nextCursor, null)

  const other = await slice.signedIn({ role: 'admin' })
  const path = `/api/admin/alerts/${listed[0].id}/acknowledge`
  const seen = await slice.call('POST', path, { as: admin })
  assert.equal(seen.body.data.alert.acknowledgedBy, admin.id)
  const again = await slice.call('POST', path, { as: other })
  assert.deepEqual(again.body.data.alert, seen.body.data.alert)
  assert.equal((await slice.call('POST', `/api/admin/alerts/${uuid()}/acknowledge`, { as: admin })).status, 404)

  await evaluateAlerts(slice.deps)
  assert.deepEqual((await slice.call('GET', '/api/admin/alerts', { as: admin })).body.data.alerts, [])
  const resolved = (await slice.call('GET', '/api/admin/alerts?status=resolved', { as: admin })).body.data.alerts
  assert.deepEqual(
    resolved.map(({ key }: { key: string }) => key),
    ['c', 'b', 'a'],
  )
})

test('S11 of many workers one asks the rules, each half minute', async () => {
  await plantOrder('H-1', { expiresAt: ago(10 * MINUTE_MS) })
  const seen = async () =>
    (await slice.deps.db.maybeOne<{ count: number }>('seen', sql`select count from alerts where kind = 'queue_lag'`))
      ?.count ?? 0
  await Promise.all(Array.from({ length: 4 }, () => alertPass(slice.deps).runOnce()))
  assert.equal(await seen(), 1)
  slice.clock.aheadMs += 20_000
  await alertPass(slice.deps).runOnce()
  assert.equal(await seen(), 1)
  slice.clock.aheadMs += 11_000
  await alertPass(slice.deps).runOnce()
  assert.equal(await seen(), 2)
})
