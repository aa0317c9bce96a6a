/**
 * Everything at once: orders are paid in every way while shoppers cancel, admins refund, capture and decide, somebody
 * works at the provider's dashboard, calls fail, the database cuts its connections, and three workers run. Then the weather
 * calms down, and all books must agree. fast-check draws the weather and prints the seed of one that was too much.
 * STORMS=200 draws more of them.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { setTimeout as sleep } from 'node:timers/promises'
import { asOutage, openDatabase, sql, type Database } from '../../server/platform/database.ts'
import { systemPorts } from '../../server/platform/ports.ts'
import {
  assertAllWell,
  atRest,
  count,
  pay,
  place,
  providerTimePasses,
  verify,
  type Brought,
  type Placed,
} from '../buyer.ts'
import { reconcile } from '../reconciling.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'
import { PATIENCE_MS } from '../until.ts'

/** Two units each, so that they are counted too. */
const [UNIT, UNITS] = [12_250, 2]
const PART = 7_000
const MINUTE = 61_000
const HOUR = 60 * MINUTE
const STORMS = Number(process.env['STORMS'] ?? 6)
const ORDERS = 6

const OUTCOMES = [
  'captured',
  'captured_webhook_lost',
  'captured_webhook_twice',
  'captured_webhook_reversed',
  'captured_handler_lost',
  'never_told',
  'authorized',
  'authorized_then_captured',
  'failed_then_captured',
  'double_capture',
  'pending_then_captured',
  'short_capture',
  'over_capture',
  'wrong_currency',
  'refund_late',
  'refund_fails',
  'refund_refused',
] as const

const DEEDS = [
  'verify',
  'cancel',
  'refund all',
  'refund a part',
  'refund a unit',
  'ship',
  'refund all at the dashboard',
  'refund a part at the dashboard',
  'capture',
  'capture at the dashboard',
  'decide a question',
  'nothing',
] as const

/** What can happen to the next call of its kind. */
const FAULTS = [
  { match: 'POST .*/refund$', kind: 'effect-then-drop' },
  { match: 'POST .*/refund$', kind: 'reset' },
  { match: 'POST .*/capture$', kind: 'effect-then-drop' },
  { match: 'GET .*/refunds', kind: 'status', status: 503 },
  { match: 'GET .*/payments', kind: 'html' },
  { match: 'GET .*/payments', kind: 'delay', delayMs: 150 },
] as const

interface Weather {
  outcomes: (typeof OUTCOMES)[number][]
  /** For each round, what is done to each order, which calls fail meanwhile, whether the database cuts all connections, and how much time passes after it. */
  rounds: { deeds: (typeof DEEDS)[number][]; faults: (typeof FAULTS)[number][]; cut: boolean; minutes: number }[]
}

const WEATHER: fc.Arbitrary<Weather> = fc.record({
  outcomes: fc.array(fc.constantFrom(...OUTCOMES), { minLength: ORDERS, maxLength: ORDERS }),
  rounds: fc.array(
    fc.record({
      deeds: fc.array(fc.constantFrom(...DEEDS), { minLength: ORDERS, maxLength: ORDERS }),
      faults: fc.array(fc.constantFrom(...FAULTS), { maxLength: 2 }),
      cut: fc.boolean(),
      // Orders wait for half an hour.
      minutes: fc.constantFrom(1, 2, 31),
    }),
    { minLength: 2, maxLength: 4 },
  ),
})

let shop: Shop
let productId: string
let admin: { authorization: string }
/** A way to the database of its own, by which the others are cut. */
let operator: Database

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({
    price: UNIT,
    stock: 100_000,
    through: async (url) => {
      operator = openDatabase({ url, max: 1, name: 'operator', acquireTimeoutMs: PATIENCE_MS }, systemPorts())
      return url
    },
  }))
  // Each storm lasts for hours, and nobody signs in anew.
  await shop.db.alone.run('test.session', sql`update sessions set expires_at = now() + interval '10 years'`)
})
after(async () => {
  await operator.close()
  await shop.close()
})

interface Paid extends Placed {
  brought: Brought
  providerPaymentId: string
}

/** Does it, and gives the answer of ours that there was. */
async function doIt(deed: (typeof DEEDS)[number], { brought, providerPaymentId, ...placed }: Paid) {
  const { orderId, paymentId, guestToken } = placed
  const reason = 'In the storm'
  const dashboard = (path: string, body: object) =>
    shop.control('POST', `/razorpay/_sandbox/payments/${providerPaymentId}/${path}`, body).then(() => undefined)
  switch (deed) {
    case 'verify':
      return brought.razorpay_signature === undefined ? undefined : verify(shop, placed, brought)
    case 'cancel':
      return shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
    case 'refund all':
      return shop.call('POST', '/api/payments/refund', { as: admin, body: { paymentId, reason } })
    case 'refund a part':
      return shop.call('POST', '/api/payments/refund', { as: admin, body: { paymentId, amount: PART, reason } })
    case 'refund a unit': {
      const seen = await shop.call('GET', `/api/orders/${orderId}`, { guestToken })
      if (seen.status !== 200) return seen
      const items = [{ itemId: seen.body.data.order.items[0].id, quantity: 1 }]
      return shop.call('POST', '/api/payments/refund', { as: admin, body: { orderId, items, restock: true, reason } })
    }
    case 'ship':
      return shop.call('PUT', `/api/orders/${orderId}/status`, { as: admin, body: { status: 'shipped' } })
    case 'refund all at the dashboard':
      return dashboard('refund', {})
    case 'refund a part at the dashboard':
      return dashboard('refund', { amount: PART })
    case 'capture':
      return shop.call('POST', `/api/payments/${paymentId}/capture`, { as: admin, body: { reason } })
    case 'capture at the dashboard':
      return dashboard('advance', { to: 'captured' })
    case 'decide a question':
      return decide(orderId)
    case 'nothing':
      return undefined
  }
}

/** Answers an open question about an order, when there is one, with what is offered first. */
async function decide(orderId: string): Promise<Answer | undefined> {
  const item = await shop.db.maybeOne<{ id: string }>(
    'test.item',
    sql`select id from review_items where order_id = ${orderId} and resolved_at is null order by created_at limit 1`,
  )
  if (item === undefined) return undefined
  const path = `/api/admin/reviews/${item.id}`
  const detail = await shop.call('GET', path, { as: admin })
  const action: string | undefined = detail.body.data?.item.actions[0]
  if (action === undefined) return detail
  const reference = action === 'paid_back_elsewhere' ? { reference: `UTR ${item.id}` } : {}
  return shop.call('POST', `${path}/actions`, { as: admin, body: { action, reason: 'In the storm', ...reference } })
}

/** A refusal is an answer; a defect is not. */
function assertAnswered(answer: Answer | undefined): void {
  assert.ok(answer === undefined || answer.status < 500 || [502, 503].includes(answer.status), JSON.stringify(answer))
}

/** A pass that met an outage runs again; any other error is a defect. */
function passOver(error: unknown): undefined {
  if (asOutage(error) === undefined) throw error
}

async function cutConnections(): Promise<void> {
  await sleep(15)
  await operator.many(
    'test.cut',
    sql`select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  )
}

async function calm(): Promise<void> {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  for (let look = 0; look < 5; look += 1) {
    // The circuit may be open, and stays so for ten seconds of real time: nobody waits for them.
    shop.deps.breaker.report('razorpay', true)
    await providerTimePasses(shop, 61_000)
    await atRest(shop, 2 * HOUR)
  }
}

async function weather({ outcomes, rounds }: Weather): Promise<void> {
  const orders: Paid[] = await Promise.all(
    outcomes.map(async (outcome) => {
      const placed = await place(shop, productId, UNITS)
      const { sandbox, ...brought } = await pay(shop, placed, outcome)
      return { ...placed, brought, providerPaymentId: sandbox.paymentId }
    }),
  )
  for (const { deeds, faults, cut, minutes } of rounds) {
    for (const fault of faults) await shop.control('POST', '/razorpay/_sandbox/faults', fault)
    const [answers] = await Promise.all([
      Promise.all(orders.map((order, at) => doIt(deeds[at] ?? 'nothing', order).catch(passOver))),
      shop.work().catch(passOver),
      shop.work().catch(passOver),
      shop.work().catch(passOver),
      cut ? cutConnections() : undefined,
    ])
    for (const answer of answers) assertAnswered(answer)
    shop.clock.aheadMs += minutes * MINUTE
  }
  await calm()
  // Tables grow faster in storms than the test server learns their sizes by itself.
  await operator.many('test.analyze', sql`analyze`)
  await assertAllWell(shop)
  const waiting = sql`refunds where status in ('requested', 'processing')`
  assert.equal(await count(shop.db, waiting), 0)
  assert.equal(await count(shop.db, sql`webhook_events where status in ('received', 'failed')`), 0)
  // And the provider's own lists, read line by line, say nothing else.
  const compared = await reconcile(shop, admin, shop.clock.aheadMs + HOUR)
  assert.deepEqual([compared.status, compared.lines], ['completed', []])
}

test('A11 D1 P14 P15 P18 P20 S2 W3 money in every direction at once: in the end no paisa is missing, and none is double', async () => {
  await fc.assert(fc.asyncProperty(WEATHER, weather), { numRuns: STORMS, endOnFailure: true })
})
