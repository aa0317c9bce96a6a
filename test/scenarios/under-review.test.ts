/**
 * Money that we hold is not asked for again: while captured money of an order waits for a person, or the bank holds
 * another amount than was asked for, the order is not payable, whoever asks and however. What a person decides ends it.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, pay, place, rowCounts, sums, verify, written, type Placed } from '../buyer.ts'
import { openReviewWorld, OVER, placeAs, PRICE, SHORT, type ReviewWorld } from '../reviews.ts'
import type { Answer } from '../shop.ts'

const SECOND = 1_000
const HOUR = 3_600 * SECOND
const ORDER_TTL = 1_800 * SECOND

let world: ReviewWorld
let shop: ReviewWorld['shop']
let productId: string

before(async () => {
  world = await openReviewWorld()
  ;({ shop, productId } = world)
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

/** As the order's customer, or the guest who holds its token. */
const owner = (placed: Placed) =>
  placed.guestToken === undefined ? { as: world.customer } : { guestToken: placed.guestToken }

async function shown(placed: Placed) {
  const order = await shop.call('GET', `/api/orders/${placed.orderId}`, owner(placed))
  assert.equal(order.status, 200, JSON.stringify(order.body))
  const state = await shop.call('GET', `/api/payments/${placed.orderId}/status`, owner(placed))
  assert.equal(state.status, 200, JSON.stringify(state.body))
  return { order: order.body.data.order, state: state.body.data }
}

const PATHS = ['/api/payments/create', '/api/payments/create-order']
const create = (placed: Placed, path = PATHS[0] ?? ''): Promise<Answer> =>
  shop.call('POST', path, { ...owner(placed), body: { orderId: placed.orderId } })

/** Asking to pay is refused on every way, says how much we have, and leaves nothing. */
async function assertNotPayable(placed: Placed, held: { amount: number; currency: string }[]): Promise<void> {
  const before = await rowCounts(shop.db)
  const calls = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  for (const path of PATHS) {
    const refused = await create(placed, path)
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'payment_under_review'])
    assert.deepEqual(refused.body.error.details, { orderId: placed.orderId, held, authorized: [] })
    assert.match(refused.body.error.message, /Do not pay again\.$/)
  }
  assert.deepEqual(await rowCounts(shop.db), before)
  const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  assert.equal(body.orders.length, calls.body.orders.length, 'nothing was opened at the provider')
}

describe('M1 an order of which captured money waits for a person', () => {
  for (const { outcome, amount, currency, by } of [
    { outcome: 'over_capture', amount: OVER, currency: 'INR', by: 'verify' },
    { outcome: 'short_capture', amount: SHORT, currency: 'INR', by: 'webhook' },
    { outcome: 'wrong_currency', amount: PRICE, currency: 'USD', by: 'verify' },
  ] as const) {
    test(`M1 ${outcome}, heard of by ${by}: not payable, and told on every way`, async () => {
      const placed = await placeAs(shop, world.customer, productId)
      assert.equal((await create(placed)).status, 200, 'it can be paid before')
      const brought = await pay(shop, placed, outcome)
      const money = [sums({ currency, captured: amount, heldForReview: amount })]
      if (by === 'verify') {
        const body = { orderId: placed.orderId, ...brought }
        for (let time = 0; time < 2; time += 1) {
          const verified = await shop.call('POST', '/api/payments/verify', { as: world.customer, body })
          assert.deepEqual(verified.body.data, {
            orderId: placed.orderId,
            status: 'created',
            orderStatus: 'pending',
            paymentStatus: 'under_review',
            isConfirmed: false,
            money,
          })
        }
      }
      await atRest(shop)
      const { order, state } = await shown(placed)
      assert.deepEqual(
        [order.status, order.paymentStatus, order.canPay, order.isConfirmed, order.money],
        ['pending', 'under_review', false, false, money],
      )
      assert.deepEqual(
        [state.status, state.orderStatus, state.paymentStatus, state.canPay, state.money],
        ['created', 'pending', 'under_review', false, money],
      )
      const mine = await shop.call('GET', '/api/orders/user/my-orders?limit=1', { as: world.customer })
      const [row] = mine.body.data.orders
      assert.deepEqual([row.id, row.paymentStatus, row.money], [placed.orderId, 'under_review', money])
      const listed = await shop.call('GET', '/api/orders/admin/all?paymentStatus=under_review', { as: world.admin })
      const found = listed.body.data.orders.find((each: { id: string }) => each.id === placed.orderId)
      assert.deepEqual([found.paymentStatus, found.money, found.openReviewItems], ['under_review', money, 1])
      await assertNotPayable(placed, [{ amount, currency }])
      // Time does not end it while nobody has decided, and gives it no time to be paid.
      await atRest(shop, ORDER_TTL + SECOND)
      assert.equal((await written(shop.db, placed.orderId)).order, 'pending/under_review')
      assert.equal((await shown(placed)).order.canPay, false)
      await assertNotPayable(placed, [{ amount, currency }])
    })
  }

  test('M1 twenty ask to pay while the capture is heard of: whoever is let in came before it', async () => {
    const placed = await place(shop, productId)
    const [, ...answers] = await Promise.all([
      pay(shop, placed, 'short_capture'),
      ...Array.from({ length: 20 }, () => create(placed)),
    ])
    for (const answer of answers) {
      if (answer.status === 200) assert.equal(answer.body.data.paymentId, placed.paymentId)
      else assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_under_review'])
    }
    await atRest(shop)
    await assertNotPayable(placed, [{ amount: SHORT, currency: 'INR' }])
    const payments = sql`select count(*) as count from payments where order_id = ${placed.orderId}`
    assert.deepEqual(await shop.db.one('test.payments', payments), { count: 1 })
  })

  test('M1 what is authorized in the right amount is not captured while other money of the order waits', async () => {
    const placed = await place(shop, productId)
    await shop.control('DELETE', `/razorpay/_sandbox/webhook-urls?url=${encodeURIComponent(world.hooks())}`)
    const held = await pay(shop, placed, 'authorized')
    await pay(shop, placed, 'short_capture', { allowPaid: true })
    await atRest(shop, 61 * SECOND)
    await atRest(shop, 10 * SECOND)
    const waiting = await written(shop.db, placed.orderId)
    assert.equal(waiting.order, 'pending/under_review')
    assert.deepEqual(waiting.attempts, ['authorized none 0/0', `captured review ${SHORT}/0`])
    // The person sends the other money back: now nothing is in the way.
    await world.desk.decided((await world.desk.theOpen(placed.orderId, 'amount_differs')).id, { action: 'refund' })
    await atRest(shop, HOUR)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/paid')
    assert.deepEqual(end.attempts, [`captured kept ${PRICE}/0`, `refunded surplus ${SHORT}/${SHORT}`])
    assert.ok(held.sandbox.paymentId)
    await shop.control('POST', '/razorpay/_sandbox/webhook-urls', { url: world.hooks() })
    await atRest(shop)
  })
})

describe('M1 what a person decides ends the review', () => {
  test('M1 confirmed: the order stands and is paid, and the sums say what is kept and what goes back', async () => {
    const { placed, item } = await world.differing('over_capture')
    await world.desk.decided(item.id, { action: 'confirm' })
    const decided = (await shown(placed)).order
    assert.deepEqual([decided.status, decided.paymentStatus], ['confirmed', 'paid'])
    assert.deepEqual(decided.money, [sums({ captured: OVER, kept: PRICE, goingBack: 100 })])
    await atRest(shop)
    const { order } = await shown(placed)
    assert.deepEqual(order.money, [sums({ captured: OVER, kept: PRICE, goneBack: 100 })])
    assert.equal((await create(placed)).body.error.code, 'order_already_paid')
  })

  test('M1 M7 refunded: the money goes back, and only then can the order be paid again', async () => {
    const { placed, item } = await world.differing('wrong_currency')
    await world.desk.decided(item.id, { action: 'refund' })
    const decided = await shown(placed)
    assert.deepEqual(decided.order.money, [sums({ currency: 'USD', captured: PRICE, goingBack: PRICE })])
    assert.deepEqual([decided.order.paymentStatus, decided.order.canPay, decided.state.canPay], ['paid', true, true])
    await atRest(shop)
    const { order } = await shown(placed)
    assert.deepEqual([order.status, order.paymentStatus, order.canPay], ['pending', 'refunded', true])
    assert.deepEqual(order.money, [sums({ currency: 'USD', captured: PRICE, goneBack: PRICE })])
    assert.equal((await create(placed)).status, 201)
  })

  test('M1 refunded to the wallet: it is there at once, and the order can be paid', async () => {
    const { placed, item } = await world.differing('short_capture')
    await world.desk.decided(item.id, { action: 'refund_to_wallet' })
    const { order } = await shown(placed)
    assert.deepEqual([order.paymentStatus, order.canPay], ['refunded', true])
    assert.deepEqual(order.money, [sums({ captured: SHORT, goneBack: SHORT })])
  })

  test('M1 the order is cancelled while it waits: it is not called never paid, and nobody is told to place a new one', async () => {
    const { placed, item } = await world.differing('short_capture')
    await world.cancel(placed)
    const { order } = await shown(placed)
    assert.deepEqual([order.status, order.paymentStatus, order.canPay], ['cancelled', 'under_review', false])
    await assertNotPayable(placed, [{ amount: SHORT, currency: 'INR' }])
    await world.desk.decided(item.id, { action: 'write_off', reason: 'Nobody to be found' })
    const after = (await shown(placed)).order
    assert.deepEqual([after.status, after.paymentStatus], ['cancelled', 'paid'])
    assert.deepEqual(after.money, [sums({ captured: SHORT, kept: SHORT })])
    assert.equal((await create(placed)).body.error.code, 'order_cancelled')
  })

  test('M1 it came after the order had ended by time: under review, not to be paid, and revived by a person', async () => {
    const placed = await placeAs(shop, world.customer, productId)
    await atRest(shop, ORDER_TTL + SECOND)
    await pay(shop, placed, 'over_capture')
    await atRest(shop)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/under_review expired')
    await assertNotPayable(placed, [{ amount: OVER, currency: 'INR' }])
    const item = await world.desk.theOpen(placed.orderId, 'amount_differs')
    await world.desk.decided(item.id, { action: 'confirm' })
    await atRest(shop)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/partially_refunded')
  })

  test('M1 the refund of it does not go through: it is held again, and the order is not payable', async () => {
    const { placed, item } = await world.differing('short_capture')
    await world.fault({
      match: 'POST .*/refund$',
      kind: 'error',
      status: 400,
      code: 'BAD_REQUEST_ERROR',
      description: 'No.',
    })
    await world.desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const { order } = await shown(placed)
    assert.deepEqual([order.status, order.paymentStatus, order.canPay], ['pending', 'under_review', false])
    assert.deepEqual(order.money, [sums({ captured: SHORT, failedToGoBack: SHORT })])
    await assertNotPayable(placed, [{ amount: SHORT, currency: 'INR' }])
    await world.desk.decided((await world.desk.theOpen(placed.orderId, 'refund_failed')).id, { action: 'refund' })
    await atRest(shop)
    assert.deepEqual((await shown(placed)).order.money, [sums({ captured: SHORT, goneBack: SHORT })])
  })

  test('M1 a part of it is sent back at the dashboard: the rest still waits', async () => {
    const { placed, sandboxId } = await world.differing('over_capture')
    const made = await shop.control('POST', `/razorpay/_sandbox/payments/${sandboxId}/refund`, { amount: 100 })
    assert.equal(made.status, 200, JSON.stringify(made.body))
    await atRest(shop)
    const { order } = await shown(placed)
    assert.deepEqual([order.paymentStatus, order.canPay], ['under_review', false])
    assert.deepEqual(order.money, [sums({ captured: OVER, heldForReview: PRICE, goneBack: 100 })])
    await assertNotPayable(placed, [{ amount: PRICE, currency: 'INR' }])
    await world.desk.decided((await world.desk.theOpen(placed.orderId, 'amount_differs')).id, { action: 'refund' })
    await atRest(shop)
    assert.deepEqual((await shown(placed)).order.money, [sums({ captured: OVER, goneBack: OVER })])
  })
})

describe('M2 the bank holds another amount than was asked for', () => {
  async function held(): Promise<{ placed: Placed; sandboxId: string }> {
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'authorized', { amount: OVER })
    assert.equal((await verify(shop, placed, brought)).status, 200)
    await atRest(shop, 6 * SECOND)
    return { placed, sandboxId: brought.sandbox.paymentId }
  }

  test('M2 it is not captured, a person is asked once, and the order is not payable', async () => {
    const { placed, sandboxId } = await held()
    const { order, state } = await shown(placed)
    assert.deepEqual(
      [order.status, order.paymentStatus, order.canPay, state.status],
      ['pending', 'under_review', false, 'authorized'],
    )
    assert.deepEqual(order.money, [sums({ authorized: OVER })])
    const item = await world.desk.theOpen(placed.orderId, 'authorization_differs')
    assert.deepEqual([item.amount, item.currency, item.providerRef], [OVER, 'INR', sandboxId])
    assert.deepEqual(item.actions, ['ask', 'dismiss'])
    assert.equal((await world.desk.decided(item.id, { action: 'ask' })).resolvedAt, null, 'it is as it was')
    const refused = await create(placed)
    assert.deepEqual(
      [refused.status, refused.body.error.code, refused.body.error.details],
      [
        409,
        'payment_under_review',
        { orderId: placed.orderId, held: [], authorized: [{ amount: OVER, currency: 'INR' }] },
      ],
    )
    assert.match(refused.body.error.message, /^Your bank holds INR 246\.00 /)
    // Time neither captures nor forgets it, nor ends the order.
    await atRest(shop, ORDER_TTL + SECOND)
    const waiting = await written(shop.db, placed.orderId)
    assert.deepEqual(
      [waiting.order, waiting.attempts, waiting.reviews],
      ['pending/under_review', ['authorized none 0/0'], ['authorization_differs open']],
    )
    const opened = await world.eventsOf(placed.orderId, 'review.opened')
    assert.deepEqual(
      opened.map(({ data }) => data),
      [{ reason: 'authorization_differs' }],
    )
  })

  test('M2 it lapses: the question is answered, nothing was taken, and the order ends by time', async () => {
    const { placed, sandboxId } = await held()
    const given = await shop.control('POST', `/razorpay/_sandbox/payments/${sandboxId}/advance`, { to: 'refunded' })
    assert.equal(given.status, 200, JSON.stringify(given.body))
    await atRest(shop)
    const { order } = await shown(placed)
    assert.deepEqual([order.paymentStatus, order.canPay, order.money], ['failed', true, []])
    assert.deepEqual((await written(shop.db, placed.orderId)).reviews, ['authorization_differs resolved'])
    await atRest(shop, ORDER_TTL + SECOND)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/failed expired')
  })

  test('M2 somebody captures it by hand: then it is money in review, and a person decides', async () => {
    const { placed } = await held()
    const captured = await shop.call('POST', `/api/payments/${placed.paymentId}/capture`, {
      as: world.admin,
      body: { reason: 'The customer wants it so' },
    })
    assert.equal(captured.status, 200, JSON.stringify(captured.body))
    await atRest(shop)
    const waiting = await written(shop.db, placed.orderId)
    assert.deepEqual(
      [waiting.order, waiting.reviews],
      ['pending/under_review', ['amount_differs open', 'authorization_differs resolved']],
    )
    await world.desk.decided((await world.desk.theOpen(placed.orderId, 'amount_differs')).id, { action: 'confirm' })
    await atRest(shop)
    assert.deepEqual((await shown(placed)).order.money, [sums({ captured: OVER, kept: PRICE, goneBack: 100 })])
  })

  test('M2 nobody decides for three days: it is given up as ever, and the order ends', async () => {
    const { placed } = await held()
    await atRest(shop, 73 * HOUR)
    await atRest(shop, HOUR)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'cancelled/failed expired')
    assert.deepEqual(end.payments, ['abandoned 0/0'])
    assert.deepEqual(end.reviews, ['authorization_differs open', 'payment_undecided open'])
  })

  test('M2 closed by hand: the order is not left waiting for it', async () => {
    const { placed } = await held()
    const closed = await shop.call('POST', `/api/payments/${placed.paymentId}/resolve`, {
      as: world.admin,
      body: { status: 'abandoned', reason: 'It is let go' },
    })
    assert.equal(closed.status, 200, JSON.stringify(closed.body))
    assert.equal((await written(shop.db, placed.orderId)).order, 'pending/failed')
    assert.equal((await shown(placed)).order.canPay, true)
    assert.equal((await create(placed)).status, 201, 'a person has let it go')
    await atRest(shop, ORDER_TTL + SECOND)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/failed expired')
  })
})
