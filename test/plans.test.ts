/**
 * Every statement of the system, as it would be planned for ten million orders: none reads a large table from end to end
 * because somebody looks at one order, or because a second has passed. The questions of `npm run check` are about whole
 * tables; those read each of them once, and do nothing again for each row that reads more than it looks for.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { evaluateAlerts } from '../server/operations/alerts.ts'
import { QUESTIONS } from '../server/operations/invariants.ts'
import { createTestDatabase, EMPTY, type Template, type TestDatabase } from './database.ts'
import { fillDatabase } from './filled-database.ts'
import { pretendTenMillion, tell, type Plan, type Told } from './plans.ts'
import { openShop, orderBody } from './shop.ts'
import { playStories } from './stories.ts'

const FILLED: Template = {
  name: 'filled',
  from: EMPTY,
  madeOf: ['server', 'shared', 'sandbox', 'test/stories.ts', 'test/order-copies.ts', 'test/filled-database.ts'],
  fill: (url) => fillDatabase({ url, drop: async () => {} }, { paidOrders: 2_000, days: 60, times: 1, shops: 3 }),
}

let database: TestDatabase
let client: pg.Client
let large: Set<string>
let isOld = false
const NO_STATISTICS = 'a server before 18 cannot be told statistics'
/** The statements that were asked, with their names. */
const asked = new Map<string, string>()

before(async () => {
  database = await createTestDatabase(FILLED)
  const stop = listen()
  await everything()
  stop()
  client = new pg.Client({
    connectionString: database.url,
    // As the server's own sessions plan; the check has its own settings.
    options: '-c random_page_cost=1.1 -c jit=off -c work_mem=64MB',
  })
  await client.connect()
  const { rows } = await client.query(`select current_setting('server_version_num')::int as version`)
  isOld = rows[0].version < 180_000
  if (isOld) return
  large = await pretendTenMillion(client)
})
after(async () => {
  await client.end()
  await database.drop()
})

/** Notes down what is asked of any database from now on, until the function that it gives is called. */
function listen(): () => void {
  const { query } = pg.Client.prototype
  const noting = function (this: pg.Client, ...args: unknown[]) {
    const [config] = args as [{ name?: string; text?: string } | undefined]
    if (typeof config === 'object' && config.name !== undefined && config.text !== undefined) {
      asked.set(config.text, config.name.replace(/_\d+$/, ''))
    }
    return (query as (...all: unknown[]) => unknown).apply(this, args)
  }
  pg.Client.prototype.query = noting as typeof query
  return () => {
    pg.Client.prototype.query = query
  }
}

/** What people, providers and the clock do: orders of every kind, every page, every pass. */
async function everything(): Promise<void> {
  await playStories(database, 1, 3)
  const shop = await openShop({ database: { url: database.url, drop: async () => {} } })
  try {
    const admin = await shop.signedIn({ role: 'admin', email: 'admin@plans.test' })
    const { rows } = await shop.db.pool.query(
      `select o.id, o.number, s.shop_id, p.id as payment_id, i.product_id from orders o join shop_orders s on s.order_id = o.id
       join payments p on p.order_id = o.id join order_items i on i.order_id = o.id and i.product_id is not null
       where o.status = 'delivered' order by o.created_at limit 1`,
    )
    const [one] = rows
    const seller = await shop.signedIn({ role: 'seller', shopId: one.shop_id, email: 'seller@plans.test' })
    const customer = await shop.signedIn({ role: 'customer', email: 'customer@plans.test' })
    const list = '/api/orders/admin/all?limit=25'
    const pages: [as: { authorization: string }, path: string][] = [
      [admin, list],
      [admin, `${list}&page=100`],
      [admin, `${list}&status=confirmed`],
      ...['confirmation', 'another_try', 'another_try&provider=razorpay', 'payment_work', 'refund_work'].map(
        (needs): [{ authorization: string }, string] => [admin, `${list}&needs=${needs}`],
      ),
      [admin, `${list}&status=cancelled&paymentStatus=refunded`],
      [admin, `${list}&paymentStatus=failed&from=2026-01-01&to=2026-02-01`],
      ...[one.number, 'ananya desh', 'customer.1@mail.test', 'pay_123', '98000', 'pune', one.id].map(
        (text): [{ authorization: string }, string] => [admin, `${list}&search=${encodeURIComponent(text)}`],
      ),
      [admin, '/api/orders/admin/dashboard-stats'],
      [admin, `/api/orders/${one.id}`],
      [admin, `/api/orders/${one.id}/events`],
      [admin, `/api/admin/orders/${one.id}/story`],
      [admin, `/api/payments/${one.payment_id}`],
      [admin, `/api/payments/${one.id}/status`],
      [admin, '/api/admin/reviews?limit=25'],
      [admin, '/api/admin/reviews?limit=25&status=resolved'],
      [admin, '/api/admin/reviews?limit=25&createdBefore=2026-06-01'],
      [admin, '/api/admin/reviews?limit=25&kind=unknown_payment'],
      [admin, '/api/admin/reviews?limit=25&kind=unknown_payment&status=resolved'],
      [admin, '/api/admin/reviews/counts'],
      [admin, '/api/admin/webhooks?limit=25'],
      [admin, '/api/admin/webhooks?limit=25&status=failed'],
      [admin, `/api/admin/webhooks?limit=25&orderId=${one.id}`],
      [admin, '/api/admin/webhooks?limit=25&provider=razorpay'],
      [admin, '/api/admin/webhooks?limit=25&type=payment.captured&status=processed'],
      [admin, '/api/admin/webhooks?limit=25&provider=razorpay&type=payment.captured'],
      [admin, '/api/admin/alerts'],
      [admin, '/api/admin/checks'],
      [admin, '/api/admin/reconciliation/runs'],
      [admin, '/api/admin/reconciliation/runs?provider=razorpay&open=true'],
      [admin, '/api/admin/ledger/accounts'],
      [admin, `/api/admin/ledger/transfers?orderId=${one.id}`],
      [admin, '/api/admin/ledger/transfers?account=commission:hundi:INR'],
      [admin, `/api/admin/ledger/transfers?shopId=${one.shop_id}&day=2026-06-01`],
      [admin, '/api/admin/users?limit=25'],
      [admin, '/api/admin/users?limit=25&search=customer.12'],
      [admin, `/api/admin/inventory/${one.product_id}`],
      [admin, '/api/admin/products?limit=25'],
      [seller, '/api/seller/orders?limit=25'],
      [seller, '/api/seller/orders?limit=25&status=delivered'],
      [customer, '/api/orders/user/my-orders'],
      [customer, '/api/wallet'],
      [customer, '/api/cart'],
    ]
    for (const [as, path] of pages) {
      const answer = await shop.call('GET', path, { as })
      assert.equal(answer.status, 200, `${path}: ${JSON.stringify(answer.body)}`)
    }
    const order = { body: orderBody(one.product_id), key: 'asked-twice' }
    for (let time = 0; time < 2; time += 1) assert.equal((await shop.call('POST', '/api/orders', order)).status, 201)
    for (const pass of shop.passes) await pass.runOnce()
    // Whatever they have emptied and forgotten by then: the clean-up does something of everything.
    shop.clock.aheadMs += 800 * 86_400_000
    for (const pass of shop.passes) await pass.runOnce()
    await evaluateAlerts(shop.deps)
    await shop.call('GET', '/metrics')
  } finally {
    await shop.close()
  }
}

async function told(statement: string): Promise<Told> {
  const { rows } = await client.query(`explain (generic_plan, format json) ${statement}`)
  return tell(rows[0]['QUERY PLAN'][0]['Plan'] as Plan, large)
}

/** What is told of a plan that cannot use this index. */
async function without(index: string, statement: string): Promise<Told> {
  await client.query('begin')
  try {
    await client.query(`drop index ${index}`)
    return await told(statement)
  } finally {
    await client.query('rollback')
  }
}

/** What must be among what was asked, so that silence means that all is well and not that nobody looked. */
const ASKED = `payments.claimDue refunds.claimDue webhook_events.claimDue reconciliation.claimDue orders.expired
  ledger.claimClosing idempotency_keys.empty idempotency_keys.deleteOld webhook_events.empty webhook_events.delete
  provider_calls.empty accounts.deleteEndedSessions timetable.take watch.deletePast watch.queues payments.paidNotConfirmed payments.onlyFailed payments.overdue refunds.overdue
  watch.triedPayments watch.silentProviders watch.reviews watch.lastEvents watch.lastCheckedAt orders.listPage orders.countUpTo
  orders.searchWords orders.ofUser orders.ofShop orders.find orders.items orders.saleLines orders.lock events.ofOrder
  payments.withAttempts payments.lockWithAttempts refunds.ofOrders attempts.ofOrders attempts.booked refunds.booked
  review_items.listOpen review_items.listResolved review_items.countByKind webhook_events.list provider_calls.ofOrder
  ledger.listOfOrder idempotency_keys.claim idempotency_keys.find`
  .trim()
  .split(/\s+/)

/** What goes through a table in its order until it has found enough, with the reason why that is borne. */
const GO_THROUGH = new Set([
  // People by any part of a name or an address: for admins, who have the time; there are fewer people than orders.
  'accounts.listUsers',
])

describe('requests and passes', () => {
  test('nothing reads a large table whole, or for each row of something else', async (t) => {
    if (isOld) return t.skip(NO_STATISTICS)
    const names = new Set(asked.values())
    assert.deepEqual(
      ASKED.filter((name) => !names.has(name)),
      [],
    )
    const bad: Record<string, Told> = {}
    for (const [text, name] of asked) {
      // The check's own questions are asked below.
      if (
        name === 'operations.invariant' ||
        GO_THROUGH.has(name) ||
        !/^\s*(select|insert|update|delete|with|\()/i.test(text)
      )
        continue
      const { whole, repeated } = await told(text)
      if (whole.length + repeated.length > 0) bad[`${name}: ${text}`] = { whole, repeated }
    }
    assert.deepEqual(bad, {})
  })

  for (const [index, name] of [
    ['payments_due', 'payments.claimDue'],
    ['refunds_due', 'refunds.claimDue'],
    ['webhook_events_due', 'webhook_events.claimDue'],
    ['events_order', 'events.ofOrder'],
    ['orders_user', 'orders.ofUser'],
    ['shop_orders_newest', 'orders.ofShop'],
    ['idempotency_keys_created', 'idempotency_keys.deleteOld'],
    ['payment_attempts_created', 'watch.triedPayments'],
    ['provider_calls_order', 'provider_calls.ofOrder'],
    ['ledger_transfers_order', 'ledger.listOfOrder'],
  ] as const) {
    test(`without ${index} it is seen that ${name} reads all there is`, async (t) => {
      if (isOld) return t.skip(NO_STATISTICS)
      const [text] = [...asked].find(([, each]) => each === name) ?? assert.fail(name)
      assert.deepEqual(await told(text), { whole: [], repeated: [] })
      const { whole, repeated } = await without(index, text)
      assert.notDeepEqual([...whole, ...repeated], [])
    })
  }
})

/** Questions that go to what they ask about, however much there is beside it. */
const LOOK_UPS = [
  'a transfer to our bank account is the sum of its lines, or a person is asked',
  "of each difference that the last comparison with a provider's books left, a person is asked",
  'nothing that fell due was forgotten for a day',
]
/** Of history since a mark: rows that changed without an event are found by their time, in one pass over each table. */
const BY_TIME = ['orders', 'payments', 'refunds', 'shop_orders'].map((table) => `Seq Scan on ${table}`)

describe('the questions of the check', () => {
  test('do nothing again for each row that reads more than it looks for; those that are about few read few', async (t) => {
    if (isOld) return t.skip(NO_STATISTICS)
    const lookUps: string[] = []
    for (const { name, query } of QUESTIONS) {
      const { whole, repeated } = await told(query)
      assert.deepEqual({ name, repeated }, { name, repeated: [] })
      if (whole.length === 0) lookUps.push(name)
    }
    assert.deepEqual(lookUps.sort(), LOOK_UPS.toSorted())
  })

  test('about history since a mark read no old event', async (t) => {
    if (isOld) return t.skip(NO_STATISTICS)
    const mark = { seq: 80_000_000, at: new Date() }
    for (const { name, querySince } of QUESTIONS) {
      if (querySince === undefined) continue
      const { whole, repeated } = await told(querySince(mark))
      const others = whole.filter((each) => !BY_TIME.includes(each))
      assert.deepEqual({ name, others, repeated }, { name, others: [], repeated: [] })
    }
  })

  /** As the questions were before: a sum for each attempt, which is found by an index, or by reading all refunds each time. */
  const SUM_FOR_EACH = `select a.provider_payment_id from payment_attempts a where a.refunding_amount <> coalesce((
    select sum(r.amount) from refunds r where r.attempt_id = a.id), 0)`

  test('without its index it is seen that a sum for each attempt reads all refunds each time', async (t) => {
    if (isOld) return t.skip(NO_STATISTICS)
    assert.deepEqual((await told(SUM_FOR_EACH)).repeated, [])
    assert.deepEqual((await without('refunds_attempt', SUM_FOR_EACH)).repeated, ['Seq Scan on refunds'])
  })
})
