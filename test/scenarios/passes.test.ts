/** The background under bad conditions: a clock that jumps, work that always throws, a day without any pass, too many. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, place, unpaid, verify, written, type Placed } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { stockedShop, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const PRICE = 24_500
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

let shop: Shop
let productId: string

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE }))
})
after(() => shop.close())

async function cancel({ orderId, guestToken }: Placed): Promise<void> {
  const answer = await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

async function refundsOf(placed: Placed): Promise<string[]> {
  return (await written(shop.db, placed.orderId)).refunds
}

const SENT_BACK = [`processed ${PRICE} order_cancelled`]

describe('S9 the wall clock jumps', () => {
  afterEach(async () => {
    shop.clock.aheadMs = 0
    await assertAllWell(shop)
  })

  test('S9 forward, so that an order ends early, and back: money that comes in time finds its order all the same', async () => {
    const placed = await place(shop, productId)
    await atRest(shop, HOUR)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/pending expired')
    shop.clock.aheadMs = 0
    await pay(shop, placed)
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('S9 back by an hour: what is asked for is done, and what was due is done later', async () => {
    const lost = await place(shop, productId)
    await pay(shop, lost, 'never_told')
    shop.clock.aheadMs = -HOUR
    const placed = await place(shop, productId)
    const verified = await verify(shop, placed, await pay(shop, placed))
    assert.equal(verified.body.data.isConfirmed, true)
    await cancel(placed)
    await atRest(shop)
    assert.deepEqual(await refundsOf(placed), SENT_BACK)
    assert.deepEqual(await written(shop.db, lost.orderId), unpaid())
    shop.clock.aheadMs = 2 * MINUTE
    await atRest(shop)
    assert.deepEqual(await written(shop.db, lost.orderId), paidOnce(PRICE))
  })

  test('S9 forward by a day in the middle of a refund: asked about at once, and sent once', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    await cancel(placed)
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'POST .*/refund$', kind: 'effect-then-drop' })
    await shop.work()
    await atRest(shop, DAY)
    assert.deepEqual(await refundsOf(placed), SENT_BACK)
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    assert.equal(books.body.refunds.length, 1)
  })
})

describe('S10 work that always throws', () => {
  test('S10 a payment that cannot be asked about holds up none of the others, and is done when it can be', async () => {
    const [bad, ...good] = await Promise.all([1, 2, 3, 4].map(() => place(shop, productId)))
    assert.ok(bad !== undefined)
    for (const placed of [bad, ...good]) await pay(shop, placed, 'never_told')
    const nameProvider = (name: string) =>
      shop.db.alone.run('test.provider', sql`update payments set provider = ${name} where id = ${bad.paymentId}`)
    await nameProvider('nobody')
    await atRest(shop, 61 * SECOND)
    for (const placed of good) assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    for (let look = 0; look < 3; look += 1) await atRest(shop, 61 * SECOND)
    assert.deepEqual(await written(shop.db, bad.orderId), unpaid())
    await nameProvider('razorpay')
    // Nobody answered about it four times: the next look is a quarter of an hour away at most.
    await atRest(shop, 901 * SECOND)
    assert.deepEqual(await written(shop.db, bad.orderId), paidOnce(PRICE))
    await assertAllWell(shop)
  })

  test('S10 a refund that cannot be sent holds up none of the others, and is sent when it can be', async () => {
    const [bad, ...good] = await Promise.all([1, 2, 3].map(() => place(shop, productId)))
    assert.ok(bad !== undefined)
    for (const placed of [bad, ...good]) await pay(shop, placed)
    await atRest(shop)
    for (const placed of [bad, ...good]) await cancel(placed)
    const nameProvider = (name: string) =>
      shop.db.alone.run('test.provider', sql`update payments set provider = ${name} where id = ${bad.paymentId}`)
    await nameProvider('nobody')
    await atRest(shop)
    for (const placed of good) assert.deepEqual(await refundsOf(placed), SENT_BACK)
    assert.deepEqual(await refundsOf(bad), [`processing ${PRICE} order_cancelled`])
    await nameProvider('razorpay')
    await atRest(shop, 61 * SECOND)
    assert.deepEqual(await refundsOf(bad), SENT_BACK)
    await assertAllWell(shop)
  })
})

describe('S11 a timer that does not fire, or fires twice', () => {
  test('S11 nothing ran for a day, then four workers at once: everything that was due is done, once', async () => {
    const lost = await place(shop, productId)
    await pay(shop, lost, 'never_told')
    const owed = await place(shop, productId)
    await pay(shop, owed)
    await shop.settled()
    await cancel(owed)
    const left = await place(shop, productId)
    const unanswered = await place(shop, productId)
    const captured = paymentEvent('payment.captured', {
      id: 'pay_S11',
      orderId: unanswered.providerOrderId,
      amount: PRICE,
      status: 'captured',
    })
    const event = signed(shop, captured)
    assert.equal((await deliver(shop, event)).status, 200)
    await shop.receiver.idle()
    // As a process leaves it that dies before it has processed what it stored.
    await shop.db.alone.run(
      'test.stored',
      sql`update webhook_events set status = 'received', processed_at = null, next_attempt_at = received_at
          where event_id = ${event.eventId}`,
    )
    shop.clock.aheadMs += DAY
    await Promise.all([shop.work(), shop.work(), shop.work(), shop.work()])
    await shop.settled()
    assert.deepEqual(await written(shop.db, lost.orderId), paidOnce(PRICE))
    assert.deepEqual(await refundsOf(owed), SENT_BACK)
    assert.equal((await written(shop.db, left.orderId)).order, 'cancelled/pending expired')
    assert.deepEqual(await written(shop.db, unanswered.orderId), paidOnce(PRICE))
    const calls = sql`provider_calls where order_id = ${owed.orderId} and operation = 'refund'`
    assert.equal(await count(shop.db, calls), 1)
    assert.deepEqual(await checkInvariants(shop.db), [])
    const before = await count(shop.db, sql`events`)
    await Promise.all([shop.work(), shop.work()])
    assert.equal(await count(shop.db, sql`events`), before)
  })
})
