/** What an alert tells of and what a list shows under it are the same rows. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { evaluateAlerts } from '../../server/operations/alerts.ts'
import { sql } from '../../server/platform/database.ts'
import { atRest, pay, place, strayOrder, verify, type Placed } from '../buyer.ts'
import { reconcile } from '../reconciling.ts'
import { stockedShop } from '../shop.ts'

const MINUTE_MS = 60_000
type World = Awaited<ReturnType<typeof stockedShop>>
let world: World

before(async () => {
  world = await stockedShop({ webhooks: false, stock: 1_000 })
})
after(() => world.shop.close())

async function get(path: string, query: Record<string, string> = {}) {
  const answer = await world.shop.call('GET', `${path}?${new URLSearchParams(query)}`, { as: world.admin })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}

async function ordersShown(query: Record<string, string>): Promise<string[]> {
  const body = await get('/api/orders/admin/all', query)
  const ids: string[] = body.data.orders.map((order: { id: string }) => order.id)
  assert.equal(body.pagination.total, ids.length)
  return ids.sort()
}

async function summaryOf(kind: string): Promise<string | undefined> {
  await evaluateAlerts(world.shop.deps)
  const body = await get('/api/admin/alerts')
  return body.data.alerts.find((alert: { kind: string }) => alert.kind === kind)?.summary
}

const ids = (placed: Placed[]) => placed.map((each) => each.orderId).sort()

async function placeSome(count: number): Promise<Placed[]> {
  const placed: Placed[] = []
  for (let n = 0; n < count; n += 1) placed.push(await place(world.shop, world.productId))
  return placed
}

test('FW4 orders that are paid and not confirmed', async () => {
  const { shop } = world
  const [promised, held, young, open] = (await placeSome(4)) as [Placed, Placed, Placed, Placed]
  const set = (placed: Placed, status: string, minutes: number, captured: number) =>
    shop.db.alone.run(
      'test.payment',
      sql`update payments set status = ${status}, captured_amount = ${captured}, next_look_at = now() + interval '1 hour',
            updated_at = ${new Date(Date.now() - minutes * MINUTE_MS)} where order_id = ${placed.orderId}`,
    )
  await set(promised, 'verified', 11, 0)
  await set(held, 'paid', 12, 24_500)
  await set(young, 'authorized', 9, 0)
  await set(open, 'created', 60, 0)
  assert.deepEqual(await ordersShown({ needs: 'confirmation' }), ids([promised, held]))
  assert.match((await summaryOf('paid_not_confirmed')) ?? '', /^2 orders wait .*: H-\w{4}-\w{4}, H-\w{4}-\w{4}\.$/)
  // The other filters narrow it further.
  assert.deepEqual(await ordersShown({ needs: 'confirmation', status: 'delivered' }), [])
  assert.deepEqual(await ordersShown({ needs: 'confirmation', search: promised.orderId }), [promised.orderId])
  for (const placed of [promised, held, young]) await set(placed, 'created', 0, 0)
  assert.deepEqual(await ordersShown({ needs: 'confirmation' }), [])
})

test('FW4 orders whose payments only failed, in the time of the alert and by its provider', async () => {
  const { shop } = world
  const tried = await placeSome(22)
  const since = new Date(Date.now() - MINUTE_MS).toISOString()
  const failing = tried.slice(0, 2)
  for (const placed of failing) {
    await pay(shop, placed, 'failed')
    await shop.call('GET', `/api/payments/${placed.orderId}/status`, { guestToken: placed.guestToken })
  }
  for (const placed of tried.slice(2)) await verify(shop, placed, await pay(shop, placed))
  // The provider is asked about those whose shoppers went away.
  await atRest(shop, 2 * MINUTE_MS)
  const about = { needs: 'another_try', provider: 'razorpay' }
  assert.deepEqual(await ordersShown(about), ids(failing))
  assert.equal(await summaryOf('payment_failures'), '2 of 22 payments with razorpay in half an hour only failed.')
  const until = new Date(Date.now() + shop.clock.aheadMs).toISOString()
  assert.deepEqual(await ordersShown({ ...about, since, until }), ids(failing))
  assert.deepEqual(await ordersShown({ ...about, since: '2026-01-01T00:00:00Z', until: since }), [])
  assert.deepEqual(await ordersShown({ ...about, provider: 'stripe' }), [])
  for (const bad of [{ since: 'soon' }, { until: '2026-02-30T00:00:00Z' }]) {
    const query = new URLSearchParams(Object.entries({ needs: 'another_try', ...bad }))
    const answer = await shop.call('GET', `/api/orders/admin/all?${query}`, { as: world.admin })
    assert.equal(answer.status, 400)
    assert.equal(answer.body.error.details.fields[0].field, Object.keys(bad)[0])
  }
})

test('FW4 orders about whose money nobody has asked in time', async () => {
  const { shop } = world
  const [late, soon] = (await placeSome(2)) as [Placed, Placed]
  const due = (placed: Placed, minutes: number) =>
    shop.db.alone.run(
      'test.due',
      sql`update payments set next_look_at = ${new Date(Date.now() + shop.clock.aheadMs - minutes * MINUTE_MS)}
          where order_id = ${placed.orderId}`,
    )
  await due(late, 6)
  await due(soon, 4)
  assert.deepEqual(await ordersShown({ needs: 'payment_work' }), [late.orderId])
  assert.match((await summaryOf('queue_lag')) ?? '', /^Work on payments is 6 minutes late/)
  assert.deepEqual(await ordersShown({ needs: 'refund_work' }), [])
  await shop.work()
  assert.deepEqual(await ordersShown({ needs: 'payment_work' }), [])
})

test('FW4 comparisons, and lines of one, that wait for a person', async () => {
  const { shop, admin } = world
  await pay(shop, { providerOrderId: await strayOrder(shop.sandbox, 24_500) })
  await reconcile(shop, admin)
  const open = await get('/api/admin/reconciliation/runs', { provider: 'razorpay', open: 'true' })
  assert.equal(open.data.runs.length, 1)
  const runId: string = open.data.runs[0].id
  const lines = await get(`/api/admin/reconciliation/runs/${runId}/lines`, { open: 'true' })
  assert.deepEqual(
    lines.data.lines.map((line: { outcome: string }) => line.outcome),
    ['unknown_here'],
  )
  assert.match((await summaryOf('reconciliation_mismatch')) ?? '', /^1 difference /)
  assert.deepEqual((await get('/api/admin/reconciliation/runs', { provider: 'stripe' })).data.runs, [])
  const [line] = lines.data.lines
  const answered = await shop.call('POST', `/api/admin/reviews/${line.reviewItemId}/actions`, {
    as: admin,
    body: { action: 'write_off', reason: 'Nobody claims it' },
  })
  assert.equal(answered.status, 200, JSON.stringify(answered.body))
  assert.deepEqual((await get('/api/admin/reconciliation/runs', { open: 'true' })).data.runs, [])
  assert.deepEqual((await get(`/api/admin/reconciliation/runs/${runId}/lines`, { open: 'true' })).data.lines, [])
  assert.equal((await get('/api/admin/reconciliation/runs', { provider: 'razorpay' })).data.runs.length >= 1, true)
})

test('FW4 questions that have waited for more than a day', async () => {
  const { shop } = world
  const short = await place(shop, world.productId)
  await verify(shop, short, await pay(shop, short, 'short_capture'))
  const dayAgo = () => new Date(Date.now() + shop.clock.aheadMs - 24 * 60 * MINUTE_MS).toISOString()
  const waiting = async () => (await get('/api/admin/reviews', { createdBefore: dayAgo() })).data.items.length
  assert.equal(await waiting(), 0)
  assert.equal(await summaryOf('review_overdue'), undefined)
  shop.clock.aheadMs += 25 * 60 * MINUTE_MS
  assert.equal(await waiting(), 1)
  assert.equal(await summaryOf('review_overdue'), '1 questions have waited for a person for more than a day.')
})
