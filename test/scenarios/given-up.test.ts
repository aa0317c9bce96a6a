/** Writing off: no more than is owed, for every kind of question that offers it; and money given up that moves after all. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAllWell, atRest, pay, place, providerTimePasses, written, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { credited, openReviewWorld, PRICE, SHORT, type ReviewWorld } from '../reviews.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

let world: ReviewWorld

before(async () => {
  world = await openReviewWorld()
})
after(() => world.shop.close())

async function writtenOff(): Promise<number> {
  return credited(world.shop.db, 'write_offs:hundi:INR')
}

/** An order that stands, of which 10,000 was to go back and the bank has refused: a sale stands for the rest. */
async function refusedRefund(scenario: 'refund_fails' | 'refund_fails_late'): Promise<Placed> {
  const { shop, admin, productId } = world
  const placed = await place(shop, productId)
  await pay(shop, placed, scenario)
  await atRest(shop)
  const refunded = await shop.call('POST', '/api/payments/refund', {
    as: admin,
    body: { orderId: placed.orderId, amount: 10_000, reason: 'a scratch' },
  })
  assert.equal(refunded.status, 202, JSON.stringify(refunded.body))
  await atRest(shop)
  await providerTimePasses(shop, scenario === 'refund_fails' ? HOUR : 3 * DAY + HOUR)
  await atRest(shop, 61_000)
  return placed
}

describe('T8 writing off takes no more than is owed', () => {
  afterEach(() => assertAllWell(world.shop))

  for (const scenario of ['refund_fails', 'refund_fails_late'] as const) {
    test(`T8 a refund that ${scenario === 'refund_fails' ? 'failed' : 'came back'}, while a sale stands for the rest`, async () => {
      const placed = await refusedRefund(scenario)
      const item = await world.desk.theOpen(placed.orderId, 'refund_failed')
      const before = await writtenOff()
      await world.desk.decided(item.id, { action: 'write_off' })
      assert.equal((await writtenOff()) - before, 10_000)
      const { order, attempts, reviews } = await written(world.shop.db, placed.orderId)
      assert.deepEqual(
        [order, attempts, reviews],
        ['confirmed/paid', [`captured kept ${PRICE}/0`], ['refund_failed resolved']],
      )
      // What a sale stands for can still go back, and no more than that.
      const more = await world.shop.call('POST', '/api/payments/refund', {
        as: world.admin,
        body: { orderId: placed.orderId, amount: PRICE - 10_000 + 1, reason: 'too much' },
      })
      assert.deepEqual([more.status, more.body.error.code], [409, 'refund_exceeds_captured'])
    })
  }

  test('T8 a capture of another amount, of an order that was cancelled: all of it is owed, and that is taken', async () => {
    const { shop, admin, productId, desk } = world
    const placed = await place(shop, productId)
    await pay(shop, placed, 'short_capture')
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'amount_differs')
    await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    const before = await writtenOff()
    const answer = await desk.decide(item.id, { action: 'write_off' })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.equal((await writtenOff()) - before, SHORT)
    assert.equal((await desk.decide(item.id, { action: 'write_off' })).body.error.code, 'already_resolved')
    assert.equal((await writtenOff()) - before, SHORT)
  })

  test('T8 while the order still waits for its payment nothing of it can be given up', async () => {
    const { shop, productId, desk } = world
    const placed = await place(shop, productId)
    await pay(shop, placed, 'short_capture')
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'amount_differs')
    assert.equal(item.actions.includes('write_off'), false)
    const before = await writtenOff()
    const answer = await desk.decide(item.id, { action: 'write_off' })
    assert.equal(answer.status, 409, JSON.stringify(answer.body))
    assert.equal(await writtenOff(), before)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })
})

describe('T9 a refund made elsewhere of money that was given up here', () => {
  test('T9 becomes a question, and takes nothing from what is held for others', async () => {
    const { shop, admin, productId, desk } = world
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'short_capture')
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'amount_differs')
    await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    await desk.decided(item.id, { action: 'write_off' })
    const funds = await credited(shop.db, 'customer_funds:orders:INR')
    const made = await shop.control('POST', `/razorpay/_sandbox/payments/${brought.razorpay_payment_id}/refund`, {
      amount: SHORT,
    })
    assert.equal(made.status, 200, JSON.stringify(made.body))
    await atRest(shop, 61_000)
    const { refunds, reviews } = await written(shop.db, placed.orderId)
    assert.deepEqual([refunds, reviews], [[], ['amount_differs resolved', 'refund_exceeds_captured open']])
    assert.equal(await credited(shop.db, 'customer_funds:orders:INR'), funds)
    assert.deepEqual(await checkInvariants(shop.db), [])
  })
})
