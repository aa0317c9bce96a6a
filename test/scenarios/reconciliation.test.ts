/** Comparing books: what the provider knows and we missed is settled; what nobody explains is a question for a person. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from '../../server/platform/database.ts'
import {
  atRest,
  assertAllWell,
  count,
  paidOnce,
  pay,
  place,
  placedBy,
  sentBack,
  unpaid,
  verify,
  written,
} from '../buyer.ts'
import { LATER_MS, passOf, providerBalances, questions, ranAs, reconcile, workThrough } from '../reconciling.ts'
import { orderBody, stockedShop } from '../shop.ts'

type World = Awaited<ReturnType<typeof stockedShop>>
let world: World

/** Each test has a shop of its own: nothing of the ones before it lies in the last hours. */
beforeEach(async () => {
  // The provider tells us nothing by itself: what we know of it we were told by the shopper, or have asked.
  world = await stockedShop({ webhooks: false, stock: 1_000 })
})
afterEach(() => world.shop.close())

async function paidOrder() {
  const { shop, productId } = world
  const placed = await place(shop, productId)
  const brought = await pay(shop, placed)
  assert.equal((await verify(shop, placed, brought)).status, 200)
  return { ...placed, ref: brought.sandbox.paymentId }
}

describe('payments', () => {
  test('that both have alike are counted, and nothing is written', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    const ran = await reconcile(shop, admin)
    const { total } = placed
    assert.deepEqual(ran, {
      id: ran.id,
      status: 'completed',
      error: null,
      interruptions: 0,
      outcomes: [`payment matched 1 ${total} INR`],
      lines: [],
    })
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(total))
  })

  test('W7 a capture that nobody told us of is settled, and the order confirmed', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
    const ran = await reconcile(shop, admin)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
    assert.deepEqual(ran.outcomes, [`payment healed 1 ${placed.total} INR`])
    assert.deepEqual(ran.lines, [`payment healed ${sandbox.paymentId} null/${placed.total}`])
    const again = await reconcile(shop, admin)
    assert.deepEqual([again.outcomes, again.lines], [[`payment matched 1 ${placed.total} INR`], []])
    await assertAllWell(shop)
  })

  for (const [outcome, attempt, order] of [
    ['failed', 'failed none 0/0', 'pending/failed'],
    ['authorized', 'authorized none 0/0', 'pending/verified'],
  ] as const) {
    test(`an attempt that was ${outcome} and that we missed is settled`, async () => {
      const { shop, admin, productId } = world
      const placed = await place(shop, productId)
      const { sandbox } = await pay(shop, placed, outcome)
      const ran = await reconcile(shop, admin)
      assert.deepEqual(ran.lines, [`payment healed ${sandbox.paymentId} null/${placed.total}`])
      const { attempts, order: status } = await written(shop.db, placed.orderId)
      assert.deepEqual([attempts, status], [[attempt], order])
    })
  }

  test('P13 a capture of an order that was cancelled meanwhile is settled, and goes back', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const cancelled = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, {
      guestToken: placed.guestToken,
      body: {},
    })
    assert.equal(cancelled.status, 200)
    await pay(shop, placed)
    const ran = await reconcile(shop, admin)
    assert.deepEqual(ran.outcomes, [`payment healed 1 ${placed.total} INR`])
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), {
      ...sentBack(placed.total, 'shopper', 'order_cancelled'),
      payments: [`refunded ${placed.total}/${placed.total}`],
    })
    await assertAllWell(shop)
  })

  test('captured in another amount: recorded, and a person is asked once', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed, 'captured', { amount: 100 })
    const ran = await reconcile(shop, admin)
    assert.deepEqual(ran.lines, [`payment healed ${sandbox.paymentId} null/100`])
    await reconcile(shop, admin)
    assert.deepEqual((await written(shop.db, placed.orderId)).reviews, ['amount_differs open'])
  })

  test('that the provider now reports with another amount than we captured differ', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    await shop.db.alone.run(
      'test.spoil',
      sql`update payment_attempts set captured_amount = captured_amount - 100, amount = amount - 100`,
    )
    const ran = await reconcile(shop, admin)
    const ours = placed.total - 100
    assert.deepEqual(ran.lines, [`payment differs ${placed.ref} ${ours}/${placed.total} asked`])
    assert.deepEqual((await written(shop.db, placed.orderId)).reviews, ['capture_contradicts open'])
    const again = await reconcile(shop, admin)
    assert.deepEqual(again.lines, ran.lines)
    assert.equal(await count(shop.db, sql`review_items`), 1)
  })

  test('D14 P24 captured for an order that we do not have: held in suspense, and a person is asked', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    // The order was forgotten: a backup from before it was restored.
    await forget(placed.orderId)
    const ran = await reconcile(shop, admin)
    const { total } = placed
    assert.deepEqual(ran.outcomes, [`payment unknown_here 1 ${total} INR`])
    assert.deepEqual(ran.lines, [`payment unknown_here ${sandbox.paymentId} null/${total} asked`])
    assert.deepEqual(await questions(shop.db), [`unknown_payment ${sandbox.paymentId} ${total}`])
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: total, suspense: -total })
    const alert = await shop.db.one<{ text: string }>(
      'test.alert',
      sql`select kind || ' ' || key || ': ' || summary as text from alerts`,
    )
    assert.equal(
      alert.text,
      'reconciliation_mismatch razorpay: 1 difference between our books and those of razorpay wait for a person.',
    )
    await reconcile(shop, admin)
    assert.deepEqual(await questions(shop.db), [`unknown_payment ${sandbox.paymentId} ${total}`])
    assert.deepEqual(await providerBalances(shop.db), { provider_clearing: total, suspense: -total })
    assert.equal(await count(shop.db, sql`alerts where resolved_at is null`), 1)
    // Somebody answers it: the next comparison finds it answered.
    await shop.db.alone.run(
      'test.answer',
      sql`update review_items set resolved_at = now(), resolution = 'dismiss', reason = 'r'`,
    )
    const answered = await reconcile(shop, admin)
    assert.deepEqual(answered.outcomes, [`payment unknown_here 1 ${total} INR`])
    shop.clock.aheadMs += 60_000
    await passOf(shop, 'operations.alerts').runOnce()
    assert.equal(await count(shop.db, sql`alerts where resolved_at is null`), 0)
  })

  test('an attempt without money for an order that is not ours is foreign', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed, 'failed')
    await forget(placed.orderId)
    const ran = await reconcile(shop, admin)
    assert.deepEqual(ran.lines, [`payment foreign ${sandbox.paymentId} null/${placed.total}`])
    assert.deepEqual([await questions(shop.db), await providerBalances(shop.db)], [[], {}])
  })

  test('P24 captured here and unknown there, asked twice: a person is asked', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    await shop.db.alone.run('test.rename', sql`update payment_attempts set provider_payment_id = 'pay_00000000000000'`)
    await forgottenByProvider(shop)
    const ran = await reconcile(shop, admin)
    const { total } = placed
    assert.deepEqual(ran.lines, [`payment unknown_there pay_00000000000000 ${total}/null asked`])
    assert.deepEqual(await questions(shop.db), [`payment_unknown_there pay_00000000000000 ${total}`])
    // The order keeps its payment: a person decides.
    assert.deepEqual(await written(shop.db, placed.orderId), {
      ...paidOnce(total),
      reviews: ['payment_unknown_there open'],
    })
  })

  test('P21 one that the list does not show yet is asked for by its id', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    await shop.control('POST', '/razorpay/_sandbox/settings', { listLagMs: 3_600_000 })
    const ran = await reconcile(shop, admin)
    await shop.control('POST', '/razorpay/_sandbox/settings', { listLagMs: 0 })
    assert.deepEqual([ran.outcomes, ran.lines], [[`payment matched 1 ${placed.total} INR`], []])
    const asked = await shop.db.many<{ operation: string; outcome: string; order_id: string }>(
      'test.calls',
      sql`select operation, outcome, order_id from provider_calls order by created_at desc limit 1`,
    )
    assert.deepEqual(asked, [{ operation: 'fetchPayment', outcome: 'accepted', order_id: placed.orderId }])
  })

  test('P21 of ours and younger than answers may lag need not be shown; ten minutes later they must', async () => {
    const { shop, admin } = world
    const { orderId } = await paidOrder()
    const ref = 'pay_NeverMadeThere'
    await shop.db.alone.run(
      'test.renamed',
      sql`update payment_attempts set provider_payment_id = ${ref} where order_id = ${orderId}`,
    )
    shop.clock.aheadMs = 0
    const started = await shop.call('POST', '/api/admin/reconciliation/runs', {
      as: admin,
      body: { from: new Date(Date.now() - 3_600_000).toISOString() },
    })
    await workThrough(shop)
    const young = await ranAs(shop, admin, started.body.data.run.id)
    assert.deepEqual([young.status, young.lines.filter((line) => line.includes(ref))], ['completed', []])
    const later = await reconcile(shop, admin)
    assert.deepEqual(
      later.lines.filter((line) => line.includes(ref)).map((line) => line.split(' ').slice(0, 3)),
      [['payment', 'unknown_there', ref]],
    )
  })
})

describe('refunds', () => {
  async function refundElsewhere(ref: string, amount?: number): Promise<string> {
    const answer = await world.shop.control('POST', `/razorpay/_sandbox/payments/${ref}/refund`, { amount })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    const { body } = await world.shop.control('GET', '/razorpay/_sandbox/state?limit=1')
    return body.refunds[0].id
  }

  test("P20 made at the provider's dashboard are taken over", async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    const refund = await refundElsewhere(placed.ref, 300)
    const ran = await reconcile(shop, admin)
    assert.deepEqual(ran.outcomes, [`payment healed 1 ${placed.total} INR`, 'refund matched 1 300 INR'])
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, ['processed 300 made_at_provider'])
    assert.match(refund, /^rfnd_/)
    const again = await reconcile(shop, admin)
    assert.deepEqual(again.outcomes, [`payment matched 1 ${placed.total} INR`, 'refund matched 1 300 INR'])
    await assertAllWell(shop)
  })

  test('P20 of a payment that is older than the window are taken over too', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    const since = Math.floor(Date.now() / 1_000) * 1_000 + 1_000
    await sleep(since - Date.now())
    const refund = await refundElsewhere(placed.ref, 300)
    const ran = await reconcile(shop, admin, Date.now() + LATER_MS - since)
    assert.deepEqual(ran.lines, [`refund healed ${refund} null/300`])
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, ['processed 300 made_at_provider'])
  })

  test('P19 one that had arrived and came back is owed again', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    const refund = await refundElsewhere(placed.ref, 300)
    await reconcile(shop, admin)
    const moved = await shop.control('POST', `/razorpay/_sandbox/refunds/${refund}/advance`, { to: 'failed' })
    assert.equal(moved.status, 200)
    const ran = await reconcile(shop, admin)
    assert.deepEqual(ran.lines, [`payment healed ${placed.ref} ${placed.total}/${placed.total}`])
    const { refunds, reviews } = await written(shop.db, placed.orderId)
    assert.deepEqual([refunds, reviews], [['failed 300 made_at_provider'], ['refund_failed open']])
  })

  test('P18 whose answer was lost are found by our id', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    const { orderId, guestToken, total } = placed
    await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
    await shop.control('POST', '/razorpay/_sandbox/faults', {
      kind: 'effect-then-drop',
      match: `POST /v1/payments/${placed.ref}/refund`,
    })
    await passOf(shop, 'refunds.send').runOnce()
    assert.deepEqual((await written(shop.db, orderId)).refunds, [`processing ${total} order_cancelled`])
    const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1')
    const ran = await reconcile(shop, admin)
    assert.deepEqual(ran.lines, [`refund healed ${body.refunds[0].id} ${total}/${total}`])
    assert.deepEqual((await written(shop.db, orderId)).refunds, [`processed ${total} order_cancelled`])
    await assertAllWell(shop)
  })

  test('to a wallet are ours alone: the provider need not know of them', async () => {
    const { shop, admin, productId } = world
    const customer = await shop.signedIn({ role: 'customer' })
    const answer = await shop.call('POST', '/api/orders', { as: customer, body: orderBody(productId) })
    const placed = placedBy(answer)
    const brought = await pay(shop, placed)
    const body = { orderId: placed.orderId, ...brought }
    assert.equal((await shop.call('POST', '/api/payments/verify', { as: customer, body })).status, 200)
    const refund = await shop.call('POST', '/api/payments/refund', {
      as: admin,
      body: { orderId: placed.orderId, amount: 500, reason: 'late', destination: 'wallet' },
    })
    assert.equal(refund.status, 202, JSON.stringify(refund.body))
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, ['processed 500 late'])
    const ran = await reconcile(shop, admin)
    assert.deepEqual([ran.outcomes, ran.lines], [[`payment matched 1 ${placed.total} INR`], []])
  })

  test('here and unknown there: a person is asked', async () => {
    const { shop, admin } = world
    const placed = await paidOrder()
    await refundElsewhere(placed.ref, 300)
    await reconcile(shop, admin)
    await shop.db.alone.run('test.rename', sql`update refunds set provider_refund_id = 'rfnd_00000000000000'`)
    const ran = await reconcile(shop, admin)
    assert.ok(ran.lines.includes('refund unknown_there rfnd_00000000000000 300/null asked'), ran.lines.join('\n'))
  })

  test('of money in suspense take it out again', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    const refund = await refundElsewhere(sandbox.paymentId)
    await forget(placed.orderId)
    const ran = await reconcile(shop, admin)
    const { total } = placed
    assert.deepEqual(ran.lines, [
      `payment unknown_here ${sandbox.paymentId} null/${total} asked`,
      `refund unknown_here ${refund} null/${total} asked`,
    ])
    assert.deepEqual(await providerBalances(shop.db), {})
    assert.equal(await count(shop.db, sql`ledger_transfers`), 2)
    assert.deepEqual(await questions(shop.db), [`unknown_payment ${sandbox.paymentId} ${total}`])
  })

  test('P16 of an authorization that nobody captured are foreign: none of our money moved', async () => {
    const { shop, admin, productId } = world
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed, 'authorized')
    const moved = await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/advance`, {
      to: 'refunded',
    })
    assert.equal(moved.status, 200)
    const ran = await reconcile(shop, admin)
    assert.deepEqual(
      ran.lines.map((line) => line.split(' ').slice(0, 2).join(' ')),
      ['payment healed', 'refund foreign'],
    )
    const { attempts, ledger } = await written(shop.db, placed.orderId)
    assert.deepEqual([attempts, ledger], [['refunded none 0/0'], []])
  })
})

/** Takes an order out of our books, with all that belongs to it. */
async function forget(orderId: string): Promise<void> {
  const { db } = world.shop
  for (const statement of [
    sql`truncate events, refunds, payment_attempts, ledger_transfers, review_items`,
    sql`delete from payments where order_id = ${orderId}`,
    sql`delete from order_items where order_id = ${orderId}`,
    sql`delete from shop_orders where order_id = ${orderId}`,
    sql`delete from orders where id = ${orderId}`,
  ]) {
    await db.alone.run('test.forget', statement)
  }
}

/** The provider knows no payments any more; its keys stay. */
async function forgottenByProvider(shop: World['shop']): Promise<void> {
  const answer = await shop.control('POST', '/_sandbox/reset', {})
  assert.equal(answer.status, 200)
}
