/** What comparing books must not do beside comparing them, and each way of asking by which money's return is noticed. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, paidAnswer, pay, place, providerTimePasses, verify, written } from '../buyer.ts'
import { openGates } from '../gates.ts'
import { passOf, ranAs, reconcile, startRun, workThrough } from '../reconciling.ts'
import { stockedShop } from '../shop.ts'

const PRICE = 24_500
const HOUR = 3_600_000
const DAY = 24 * HOUR

const gates = openGates()
let world: Awaited<ReturnType<typeof stockedShop>>

before(async () => {
  const options = { webhooks: false, price: PRICE, stock: 1_000, points: gates.points }
  world = await stockedShop({ ...options, reconcileAt: { hour: 2, minute: 30 } })
})
afterEach(async () => {
  await world.shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(world.shop)
})
after(() => world.shop.close())

test('T14 trouble that bulk reading meets at a provider does not stop a shopper from paying at the same moment', async () => {
  // A shop of its own: its way of reading in bulk stays closed for a while.
  const { shop, admin, productId } = await stockedShop({ webhooks: false, price: PRICE })
  const id = await startRun(shop, admin)
  await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'GET /v1/payments$', kind: 'status', times: 1_000 })
  // Past what opens a circuit: five unanswered calls in a row.
  for (let step = 0; step < 6; step += 1) {
    await passOf(shop, 'reconciliation.run').runOnce()
    shop.clock.aheadMs += HOUR
  }
  assert.match((await ranAs(shop, admin, id)).error ?? '', /circuit open/)
  const placed = await place(shop, productId)
  const verified = await verify(shop, placed, await pay(shop, placed))
  assert.deepEqual(verified.body.data, paidAnswer(placed.orderId))
  await assertAllWell(shop)
  await shop.close()
})

describe('T15 money that comes back to us after it had gone', () => {
  /** A refund that was processed, and that the bank has returned since. */
  async function returned() {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    await verify(shop, placed, await pay(shop, placed, 'refund_fails_late'))
    const refunded = await shop.call('POST', '/api/payments/refund', {
      as: admin,
      body: { orderId: placed.orderId, amount: 10_000, reason: 'a scratch' },
    })
    assert.equal(refunded.status, 202, JSON.stringify(refunded.body))
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, ['processed 10000 a scratch'])
    await providerTimePasses(shop, 3 * DAY + HOUR)
    return placed
  }
  const HELD_AGAIN = { refunds: ['failed 10000 a scratch'], reviews: ['refund_failed open'], order: 'confirmed/paid' }

  async function heldAgain(orderId: string) {
    const { refunds, reviews, order } = await written(world.shop.db, orderId)
    return { refunds, reviews, order }
  }

  test('T15 is noticed by comparing books', async () => {
    const placed = await returned()
    await reconcile(world.shop, world.admin)
    assert.deepEqual(await heldAgain(placed.orderId), HELD_AGAIN)
  })

  test('T15 is noticed by asking about the payment, as every deed by hand does first', async () => {
    const placed = await returned()
    const path = `/api/payments/${placed.paymentId}/capture`
    await world.shop.call('POST', path, { as: world.admin, body: { reason: 'a look' } })
    assert.deepEqual(await heldAgain(placed.orderId), HELD_AGAIN)
  })
})

describe('T3 a comparison that a person started over a short recent window', () => {
  test('T3 takes nothing from what the next daily one covers, nor from its being started', async () => {
    const { shop, admin, productId } = world
    await place(shop, productId)
    const schedule = passOf(shop, 'reconciliation.schedule')
    const daily = () =>
      shop.db.many<{ from_at: Date; to_at: Date; status: string }>(
        'test.daily',
        sql`select from_at, to_at, status from reconciliation_runs where trigger = 'schedule' order by scheduled_for`,
      )
    shop.clock.aheadMs += DAY
    await schedule.runOnce()
    await workThrough(shop)
    const [first] = (await daily()).slice(-1)
    assert.equal(first?.status, 'completed')
    const before = (await daily()).length

    // Five days of which nobody compared anything but the last half hour.
    shop.clock.aheadMs += 5 * DAY
    await reconcile(shop, admin, HOUR / 2)
    assert.equal(await schedule.runOnce(), 1)
    const [next] = (await daily()).slice(-1)
    assert.equal((await daily()).length, before + 1)
    assert.ok(
      next !== undefined && first !== undefined && next.from_at <= first.to_at,
      `${next?.from_at.toISOString()}`,
    )
    await workThrough(shop)
  })
})

test('T10 a worker that wakes while its successor is in the middle of the run writes nothing', async () => {
  const { shop, admin, productId } = world
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed)
  // The provider's clock is days ahead of ours by now.
  shop.clock.aheadMs += 7 * DAY
  const id = await startRun(shop, admin, 30 * DAY)
  const point = 'provider:razorpay.listPayments:answered'
  const run = () => passOf(shop, 'reconciliation.run').runOnce()
  const state = () =>
    shop.db.one(
      'test.run',
      sql`select step, phase, cursor_at, held, next_step_at, interruptions,
            (select count(*) from reconciliation_lines where run_id = r.id) as lines,
            (select count(*) from reconciliation_outcomes where run_id = r.id) as outcomes
          from reconciliation_runs r where id = ${id}`,
    )

  const sleeper = gates.holdNext(point)
  const asleep = run()
  await sleeper.arrived
  shop.clock.aheadMs += 2 * 60_000
  const successor = gates.holdNext(point)
  const awake = run()
  await successor.arrived
  const held = await state()
  sleeper.release()
  await asleep
  assert.deepEqual(await state(), held)
  successor.release()
  await awake
  await workThrough(shop)
  const { status, lines } = await ranAs(shop, admin, id)
  assert.deepEqual([status, lines], ['completed', [`payment healed ${brought.razorpay_payment_id} null/${PRICE}`]])
})
