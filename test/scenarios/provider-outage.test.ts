/** A provider that answers nobody for a minute, and then answers again: what waited is done at once, at its pace. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, pay, place, type Placed } from '../buyer.ts'
import { passOf } from '../reconciling.ts'
import { orderBody, stockedShop, type Shop } from '../shop.ts'
import { PATIENCE_MS } from '../until.ts'

const SECOND = 1_000
const SILENCE_MS = 200
/** One call finds out whether it answers again, each ten seconds. */
const PROBE_S = 10

let shop: Shop
let productId: string
let isSilent = false

beforeEach(async () => {
  ;({ shop, productId } = await stockedShop({ stock: 1_000, callLimitMs: () => (isSilent ? SILENCE_MS : PATIENCE_MS) }))
  const { clock } = shop.deps.ports
  // The circuit's clock goes with the one that a test can move.
  shop.deps.ports.clock = { ...clock, monotonicMs: () => clock.monotonicMs() + shop.clock.aheadMs }
})
afterEach(async () => {
  try {
    await assertAllWell(shop)
  } finally {
    await shop.close()
  }
})

async function falls(): Promise<void> {
  isSilent = true
  await shop.control('POST', '/razorpay/_sandbox/faults', { match: '.*', kind: 'hang', times: 100_000 })
}

async function answersAgain(): Promise<void> {
  isSilent = false
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
}

/** Time passes by the second, and a worker does what is due, until `isDone`; gives how many seconds that took. */
async function seconds(pass: string, most: number, isDone: () => Promise<boolean>): Promise<number> {
  const worker = passOf(shop, pass)
  for (let second = 1; second <= most; second += 1) {
    shop.clock.aheadMs += SECOND
    for (let batches = 0; (await worker.runOnce()) > 0; batches += 1) assert.ok(batches < 100, 'a batch has an end')
    if (await isDone()) return second
  }
  return Number.POSITIVE_INFINITY
}

const never = () => Promise.resolve(false)
const calls = (operation: string, outcome: string) =>
  count(shop.db, sql`provider_calls where operation = ${operation} and outcome = ${outcome}`)

test('R14 120 orders that waited for a hung provider are opened as soon as it answers', async () => {
  const ORDERS = 120
  await falls()
  for (let from = 0; from < ORDERS; from += 10) {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => shop.call('POST', '/api/orders', { body: orderBody(productId) })),
    )
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [502])
  }
  const creating = () => count(shop.db, sql`payments where status = 'creating'`)
  assert.equal(await creating(), ORDERS)

  await seconds('payments.poll', 60, never)
  assert.equal(await creating(), ORDERS)
  const lookedIn = await shop.db.one<{ most: number; sum: number }>(
    'test.looks',
    sql`select max(looks) as most, sum(looks)::int as sum from payments`,
  )
  // Looks that the open circuit turned away use nothing up; those that found out whether it is over are few.
  assert.ok(lookedIn.most <= 1, JSON.stringify(lookedIn))
  const unanswered = await calls('findOrder', 'unknown')
  assert.ok(unanswered <= 60 / PROBE_S + 1, `${unanswered} calls in a minute of silence`)

  await answersAgain()
  const took = await seconds('payments.poll', 60, async () => (await creating()) === 0)
  assert.ok(took <= PROBE_S, `${took} seconds`)
  // Each was made once, whatever was tried before, and none was turned away any more.
  assert.equal(await calls('createOrder', 'accepted'), ORDERS)
  assert.equal(await calls('findOrder', 'unknown'), unanswered)
  const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  assert.equal(body.orders.length, ORDERS)
})

test('R14 what is open stays due while the provider is silent, and nothing is given up meanwhile', async () => {
  const placed: Placed[] = []
  for (let at = 0; at < 8; at += 1) placed.push(await place(shop, productId))
  for (const order of placed) await pay(shop, order, 'never_told')
  await falls()
  // All are due for the first time after a minute, and the provider is silent for an hour more.
  shop.clock.aheadMs += 61 * SECOND
  await seconds('payments.poll', 30, never)
  shop.clock.aheadMs += 3_600 * SECOND
  await seconds('payments.poll', 30, never)
  await answersAgain()
  const paid = () => count(shop.db, sql`orders where payment_status = 'paid'`)
  const took = await seconds('payments.poll', 120, async () => (await paid()) === placed.length)
  assert.ok(took <= PROBE_S, `${took} seconds`)
  await atRest(shop)
})

test('R14 refunds that waited are sent as soon as it answers', async () => {
  const ORDERS = 24
  const placed: Placed[] = []
  for (let at = 0; at < ORDERS; at += 1) placed.push(await place(shop, productId))
  for (const order of placed) await pay(shop, order)
  await atRest(shop)
  for (const { orderId, guestToken } of placed) {
    const cancelled = await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
    assert.equal(cancelled.status, 200)
  }
  await falls()
  await seconds('refunds.send', 60, never)
  assert.equal(await count(shop.db, sql`refunds where status = 'processed'`), 0)

  await answersAgain()
  const processed = () => count(shop.db, sql`refunds where status = 'processed'`)
  const took = await seconds('refunds.send', 120, async () => (await processed()) === ORDERS)
  assert.ok(took <= PROBE_S, `${took} seconds`)
  const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  assert.equal(body.refunds.length, ORDERS)
  await atRest(shop)
})
