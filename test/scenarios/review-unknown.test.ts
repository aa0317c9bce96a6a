/** Money at the provider that belongs to nothing of ours: found by reconciliation, held in suspense, and decided by a person. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidOnce,
  pay,
  place,
  rowCounts,
  unpaid,
  written,
  type Placed,
  strayOrder,
} from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { LATER_MS, providerBalances, reconcile } from '../reconciling.ts'
import { credited, deskOf, type Desk } from '../reviews.ts'
import { stockedShop } from '../shop.ts'

const PRICE = 24_500
const DAY_MS = 86_400_000

type World = Awaited<ReturnType<typeof stockedShop>>
let world: World
let desk: Desk

beforeEach(async () => {
  world = await stockedShop({ webhooks: false, price: PRICE })
  desk = deskOf(world.shop, world.admin)
})
afterEach(async () => {
  assert.deepEqual(await checkInvariants(world.shop.db), [])
  await world.shop.close()
})

/** A payment on an order that somebody made with our keys and not through us. */
async function stray(amount = PRICE): Promise<string> {
  const { shop } = world
  return (await pay(shop, { providerOrderId: await strayOrder(shop.sandbox, amount) })).sandbox.paymentId
}

async function sentBackAtProvider(providerPaymentId: string, amount?: number): Promise<void> {
  const body = amount === undefined ? {} : { amount }
  const answer = await world.shop.control('POST', `/razorpay/_sandbox/payments/${providerPaymentId}/refund`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

/** Found by reconciliation, which asks a person. */
async function found(providerPaymentId: string) {
  await reconcile(world.shop, world.admin)
  const { body } = await world.shop.call('GET', '/api/admin/reviews?kind=unknown_payment', { as: world.admin })
  const [item] = body.data.items
  assert.deepEqual([body.data.items.length, item.providerRef, item.orderId], [1, providerPaymentId, null])
  return item
}

describe('P24 a payment of nothing of ours', () => {
  test('attached to an order: it pays it, and suspense is clear', async () => {
    const { shop, admin, productId } = world
    const ref = await stray()
    const item = await found(ref)
    assert.deepEqual([item.amount, item.actions], [PRICE, ['attach', 'write_off', 'ask']])
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE, suspense: -PRICE })
    const placed = await place(shop, productId)
    const done = await desk.decided(item.id, { action: 'attach', orderId: placed.orderId, reason: 'Paid by link' })
    assert.equal(done.resolution, 'attach')
    const once = paidOnce(PRICE)
    assert.deepEqual(await written(shop.db, placed.orderId), {
      ...once,
      payments: ['created 0/0', ...once.payments],
      ledger: [...once.ledger, `unknown_explained ${PRICE} INR`],
    })
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE })
    const events = await shop.call('GET', `/api/orders/${placed.orderId}/events`, { as: admin })
    const told = events.body.data.events.filter((event: { type: string }) => event.type === 'review.resolved')
    assert.deepEqual(
      told.map((event: { data: unknown }) => event.data),
      [{ kind: 'unknown_payment', action: 'attach', note: 'Paid by link' }],
    )
    const again = await reconcile(shop, admin)
    assert.deepEqual([again.outcomes, again.lines], [[`payment matched 1 ${PRICE} INR`], []])
    await assertAllWell(shop)
  })

  test('attached by its own route: suspense is clear all the same, and the question answered', async () => {
    const { shop, admin, productId } = world
    const ref = await stray()
    const item = await found(ref)
    const placed = await place(shop, productId)
    const attached = await shop.call('POST', '/api/admin/payments/attach', {
      as: admin,
      body: { provider: 'razorpay', providerPaymentId: ref, orderId: placed.orderId, reason: 'Paid by link' },
    })
    assert.equal(attached.status, 200, JSON.stringify(attached.body))
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE })
    const now = (await desk.detail(item.id)).item
    assert.deepEqual([now.resolution, now.resolvedBy], ['attach', null])
    await assertAllWell(shop)
  })

  test('attached to an order that asks for another amount: a new question, about a capture of that order', async () => {
    const { shop, productId } = world
    const item = await found(await stray(PRICE - 500))
    const placed = await place(shop, productId)
    await desk.decided(item.id, { action: 'attach', orderId: placed.orderId })
    const next = await desk.theOpen(placed.orderId, 'amount_differs')
    assert.deepEqual(next.actions, ['confirm', 'refund', 'ask'])
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE - 500 })
    await desk.decided(next.id, { action: 'confirm' })
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
    await assertAllWell(shop)
  })

  test('attached after a part of it had gone back: that part is a refund of the order, and counted once', async () => {
    const { shop, productId } = world
    const ref = await stray()
    await sentBackAtProvider(ref, 500)
    const item = await found(ref)
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE - 500, suspense: 500 - PRICE })
    const placed = await place(shop, productId)
    await desk.decided(item.id, { action: 'attach', orderId: placed.orderId })
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/partially_refunded')
    assert.deepEqual(end.refunds, ['processed 500 made_at_provider'])
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE - 500 })
    await assertAllWell(shop)
  })

  test('has gone back: nothing can be attached, and asking closes it', async () => {
    const { shop, productId } = world
    const ref = await stray()
    const item = await found(ref)
    await sentBackAtProvider(ref)
    const placed = await place(shop, productId)
    const refused = await desk.decide(item.id, { action: 'attach', orderId: placed.orderId })
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolution, 'ask')
    assert.deepEqual(await providerBalances(shop.db), {})
    const { lastLook } = (await desk.detail(item.id)).evidence as { lastLook: { refundedAmount: number } }
    assert.equal(lastLook.refundedAmount, PRICE)
    await reconcile(shop, world.admin)
    assert.deepEqual(await providerBalances(shop.db), {})
    assert.equal(await count(shop.db, sql`review_items where resolved_at is null`), 0)
  })

  test('asked about, and it is there still: it stays open', async () => {
    const item = await found(await stray())
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolvedAt, null)
    assert.equal((await desk.decide(item.id, { action: 'dismiss' })).body.error.code, 'invalid_transition')
  })

  test('written off: suspense is clear, and the house has it; no order is touched', async () => {
    const { shop } = world
    const ref = await stray()
    await sentBackAtProvider(ref, 500)
    const item = await found(ref)
    await desk.decided(item.id, { action: 'write_off', reason: 'Nobody has asked for it in a year' })
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE - 500 })
    assert.equal(await credited(shop.db, 'write_offs:hundi:INR'), PRICE - 500)
    assert.equal(await count(shop.db, sql`events`), 0)
  })

  test('written off, and then somebody asks for it: attaching takes it back from the write-offs', async () => {
    const { shop, admin, productId } = world
    const ref = await stray()
    const item = await found(ref)
    await desk.decided(item.id, { action: 'write_off' })
    const placed = await place(shop, productId)
    const attached = await shop.call('POST', '/api/admin/payments/attach', {
      as: admin,
      body: { provider: 'razorpay', providerPaymentId: ref, orderId: placed.orderId, reason: 'Here they are' },
    })
    assert.equal(attached.status, 200, JSON.stringify(attached.body))
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE })
    assert.equal(await credited(shop.db, 'write_offs:hundi:INR'), 0)
    await assertAllWell(shop)
  })

  test('is of an order of ours after all, whose opening nobody had answered: asking explains it', async () => {
    const { shop, productId } = world
    // As after a restored backup: the payment's opening is not known yet when the money is found.
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    await shop.db.alone.run(
      'test.unopen',
      sql`update payments set provider_order_id = null, status = 'creating' where id = ${placed.paymentId}`,
    )
    const item = await found(sandbox.paymentId)
    await shop.db.alone.run(
      'test.reopen',
      sql`update payments set provider_order_id = ${placed.providerOrderId}, status = 'created', next_look_at = now()
          where id = ${placed.paymentId}`,
    )
    await atRest(shop, 61_000)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
    assert.deepEqual((await desk.detail(item.id)).item.actions, ['ask'])
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolution, 'ask')
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE })
    await assertAllWell(shop)
  })

  test('is of an order of ours after all, and a part had gone back: asking explains the part too', async () => {
    const { shop, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    await sentBackAtProvider(sandbox.paymentId, 500)
    await shop.db.alone.run(
      'test.unopen',
      sql`update payments set provider_order_id = null, status = 'creating' where id = ${placed.paymentId}`,
    )
    const item = await found(sandbox.paymentId)
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE - 500, suspense: 500 - PRICE })
    await shop.db.alone.run(
      'test.reopen',
      sql`update payments set provider_order_id = ${placed.providerOrderId}, status = 'created', next_look_at = now()
          where id = ${placed.paymentId}`,
    )
    await atRest(shop, 61_000)
    const bound = await written(shop.db, placed.orderId)
    assert.deepEqual([bound.order, bound.refunds], ['confirmed/partially_refunded', ['processed 500 made_at_provider']])
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolution, 'ask')
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE - 500 })
    await assertAllWell(shop)
  })

  test('P2 nothing is decided while the provider says nothing', async () => {
    const { shop, productId } = world
    const item = await found(await stray())
    const placed = await place(shop, productId)
    const before = await rowCounts(shop.db)
    const faulty = { match: 'GET .*', kind: 'status', status: 503, times: 1_000 }
    await shop.control('POST', '/razorpay/_sandbox/faults', faulty)
    for (const body of [{ action: 'attach', orderId: placed.orderId }, { action: 'write_off' }, { action: 'ask' }]) {
      const answer = await desk.decide(item.id, body)
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_state_unknown'], body.action)
    }
    assert.deepEqual(await rowCounts(shop.db), before)
  })

  test('A11 two people attach it to two orders at once: it pays one of them', async () => {
    const { shop, productId } = world
    const item = await found(await stray())
    const orders: Placed[] = []
    for (let at = 0; at < 4; at += 1) orders.push(await place(shop, productId))
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        desk.decide(item.id, { action: 'attach', orderId: orders[at % orders.length]?.orderId }),
      ),
    )
    assert.equal(answers.filter((answer) => answer.status === 200).length, 1)
    for (const answer of answers) {
      if (answer.status !== 200) assert.equal(answer.body.error.code, 'already_resolved', JSON.stringify(answer.body))
    }
    assert.equal(await count(shop.db, sql`orders where status = 'confirmed'`), 1)
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: PRICE })
    await assertAllWell(shop)
  })

  test('attached to an order that is none, or without one', async () => {
    const item = await found(await stray())
    const without = await desk.decide(item.id, { action: 'attach' })
    assert.deepEqual([without.status, without.body.error.details.fields[0].field], [400, 'orderId'])
    const none = await desk.decide(item.id, { action: 'attach', orderId: '01890000-0000-7000-8000-000000000000' })
    assert.deepEqual([none.status, none.body.error.code], [404, 'order_not_found'])
    assert.equal((await desk.detail(item.id)).item.resolvedAt, null)
  })
})

describe('P24 a settled line that nothing of ours explains', () => {
  async function unexplained() {
    const { shop, admin } = world
    const ref = await stray()
    const opened = await shop.control('POST', `/razorpay/_sandbox/payments/${ref}/dispute`, { amount: 5_000 })
    await shop.control('POST', `/razorpay/_sandbox/disputes/${opened.body.id}/advance`, { to: 'lost' })
    await shop.control('POST', '/_sandbox/clock/advance', { ms: 5 * DAY_MS })
    shop.clock.aheadMs = 5 * DAY_MS + LATER_MS
    await reconcile(shop, admin, 7 * DAY_MS)
    const { body } = await shop.call('GET', '/api/admin/reviews?kind=settlement_unexplained', { as: admin })
    return body.data.items[0]
  }

  test('written off: what suspense had paid for nobody is borne', async () => {
    const { shop } = world
    const item = await unexplained()
    assert.deepEqual([item.amount, item.actions], [5_000, ['write_off', 'dismiss']])
    const before = await credited(shop.db, 'suspense:razorpay:INR')
    await desk.decided(item.id, { action: 'write_off', reason: 'The bank took it, and we cannot say for what' })
    assert.equal(await credited(shop.db, 'suspense:razorpay:INR'), before + 5_000)
    assert.equal(await credited(shop.db, 'write_offs:hundi:INR'), -5_000)
  })

  test('dismissed with a reason: the books stay as they are', async () => {
    const { shop } = world
    const item = await unexplained()
    const before = await count(shop.db, sql`ledger_transfers`)
    const done = await desk.decided(item.id, { action: 'dismiss', reason: 'Explained by the letter of 3 November' })
    assert.deepEqual([done.resolution, done.reason], ['dismiss', 'Explained by the letter of 3 November'])
    assert.equal(await count(shop.db, sql`ledger_transfers`), before)
  })
})

describe('P24 what the two books say differently', () => {
  test('a capture in our books alone stays open while the provider does not know it, and closes when it does', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    await atRest(shop, 61_000)
    const fault = (rule: Record<string, unknown>) => shop.control('POST', '/razorpay/_sandbox/faults', rule)
    const empty = { items: [], count: 0 }
    await fault({ match: 'GET /v1/payments$', kind: 'effect-then-alter', set: empty, times: 100 })
    await fault({
      match: `GET /v1/payments/${sandbox.paymentId}$`,
      kind: 'error',
      status: 400,
      code: 'BAD_REQUEST_ERROR',
      description: 'The id provided does not exist',
      times: 100,
    })
    await reconcile(shop, admin)
    const item = await desk.theOpen(placed.orderId, 'payment_unknown_there')
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolvedAt, null)
    await shop.control('DELETE', '/razorpay/_sandbox/faults')
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolution, 'ask')
    await assertAllWell(shop)
  })
})
