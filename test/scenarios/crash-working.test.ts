/**
 * S1: a worker is killed at every point of what it does in the background. The next one goes on from what was committed;
 * each order ends as if nothing had happened, once.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { guestTokenFor } from '../../server/orders/access.ts'
import { sql } from '../../server/platform/database.ts'
import type { Written } from '../buyer.ts'
import { cancelledAfterPaying, paid, PRICE } from '../crash-trade.ts'
import { openMortalWorld, walk, type MortalWorld, type Occasion } from '../mortal-world.ts'
import { orderBody, TEST_SECRET } from '../shop.ts'

let world: MortalWorld

before(async () => {
  world = await openMortalWorld()
})
after(() => world.close())

/** A worker that does what is due of one kind, and another that goes on when hours have passed. */
function working(pass: string, after: Occasion['after'] = async () => {}): Occasion {
  return {
    die: (worker) => worker.pass(pass),
    async after(reached, died) {
      await after(reached, died)
      await world.hoursPass()
      await world.steady.pass(pass)
    },
  }
}

/** Paid, and nobody was told. */
async function neverTold(): Promise<Occasion> {
  const placed = await world.place()
  await world.pay(placed)
  world.expected.set(placed.orderId, paid())
  await world.hoursPass()
  return working('payments.poll')
}

async function authorizedOnly(): Promise<Occasion> {
  const placed = await world.place()
  await world.pay(placed, 'authorized')
  world.expected.set(placed.orderId, paid())
  await world.hoursPass()
  return working('payments.poll')
}

async function owedBack(): Promise<Occasion> {
  const placed = await world.placeAndPay()
  await world.cancel(placed)
  world.expected.set(placed.orderId, cancelledAfterPaying())
  return working('refunds.send')
}

/** The provider makes the refund and its answer is lost; the next time its list is read. */
async function sentUnanswered(): Promise<Occasion> {
  const placed = await world.placeAndPay()
  await world.cancel(placed)
  world.expected.set(placed.orderId, cancelledAfterPaying())
  await world.fault({ match: 'POST .*/refund$', kind: 'effect-then-drop' })
  await world.steady.pass('refunds.send')
  await world.hoursPass()
  return working('refunds.send')
}

/** A refund that the provider will refuse once. If that is not noted down, the next one to ask is not refused. */
async function refused(): Promise<Occasion> {
  const placed = await world.place()
  const brought = await world.pay(placed)
  await world.verifyAt(world.steady, placed, brought)
  await world.fault({
    match: `POST /v1/payments/${brought.razorpay_payment_id}/refund$`,
    kind: 'error',
    status: 400,
    code: 'BAD_REQUEST_ERROR',
    description: 'Not enough balance.',
  })
  await world.cancel(placed)
  return working('refunds.send', async (reached) => {
    await world.calm()
    const noted = reached.includes('tx:refundRefused:committed')
    world.expected.set(placed.orderId, noted ? owedAfterCancelling() : cancelledAfterPaying())
  })
}

/** The end of an order whose money the provider would not send back: a person decides. */
function owedAfterCancelling(): Written {
  return {
    order: 'cancelled/paid shopper',
    payments: [`paid ${PRICE}/0`],
    attempts: [`captured kept ${PRICE}/0`],
    refunds: [`failed ${PRICE} order_cancelled`],
    reviews: ['refund_failed open'],
    ledger: [
      `capture ${PRICE} INR`,
      `refund_given_up ${PRICE} INR`,
      `refund_owed ${PRICE} INR`,
      `sale ${PRICE} INR`,
      `sale_reversed ${PRICE} INR`,
    ],
  }
}

/**
 * A refund that the provider does not speak of for two weeks: a person is asked. Whether that was noted or not, it is
 * found when the provider speaks again.
 */
async function undecided(): Promise<Occasion> {
  const placed = await world.placeAndPay()
  await world.cancel(placed)
  await world.fault({ match: 'POST .*/refund$', kind: 'effect-then-drop' })
  await world.steady.pass('refunds.send')
  await world.calm()
  await world.db.alone.run(
    'test.weeks',
    sql`update refunds set created_at = created_at - interval '15 days' where order_id = ${placed.orderId}`,
  )
  await world.fault({ match: 'GET .*/refunds', kind: 'status', status: 503, times: 100 })
  await world.hoursPass()
  return working('refunds.send', async (reached) => {
    await world.calm()
    const noted = reached.includes('tx:refundUndecided:committed')
    const end = cancelledAfterPaying()
    world.expected.set(placed.orderId, noted ? { ...end, reviews: ['refund_undecided resolved'] } : end)
  })
}

/** Cancelled while its payment was still being opened: nobody can ever pay it. */
async function neverOpened(): Promise<Occasion> {
  await world.fault({ match: 'POST /v1/orders$', kind: 'reset' })
  const answer = await world.steady.call('POST', '/api/orders', { body: orderBody(world.productId) })
  assert.equal(answer.status, 502)
  await world.calm()
  const { orderId } = answer.body.error.details
  await world.cancel({ orderId, guestToken: guestTokenFor(TEST_SECRET, orderId) })
  world.expected.set(orderId, {
    order: 'cancelled/pending shopper',
    payments: ['abandoned 0/0'],
    attempts: [],
    refunds: [],
    reviews: [],
    ledger: [],
  })
  await world.hoursPass()
  return working('payments.poll')
}

async function outOfTime(): Promise<Occasion> {
  const { orderId } = await world.place()
  await world.db.alone.run('test.time', sql`update orders set expires_at = now() where id = ${orderId}`)
  world.expected.set(orderId, {
    order: 'cancelled/pending expired',
    payments: ['created 0/0'],
    attempts: [],
    refunds: [],
    reviews: [],
    ledger: [],
  })
  return working('orders.expire')
}

/** Its time is over, and it was paid in the last moment: the last look finds that. */
async function paidInTime(): Promise<Occasion> {
  const placed = await world.place()
  await world.pay(placed)
  await world.db.alone.run('test.time', sql`update orders set expires_at = now() where id = ${placed.orderId}`)
  world.expected.set(placed.orderId, paid())
  return working('orders.expire')
}

/** Stored by a server that did not live to process it. */
async function storedOnly(): Promise<Occasion> {
  const placed = await world.place()
  await world.pay(placed)
  const event = await world.eventOf(placed)
  const receiver = await world.start('webhook:stored')
  await assert.rejects(world.deliver(receiver, event), { message: 'webhook:stored' })
  await world.buried(receiver)
  world.expected.set(placed.orderId, paid())
  await world.hoursPass()
  return working('webhooks.process')
}

walk('S1 killed while asking about a payment', () => world, neverTold)
walk('S1 killed while capturing', () => world, authorizedOnly)
walk('S1 killed while sending a refund', () => world, owedBack)
walk('S1 killed while looking for a refund that was asked for', () => world, sentUnanswered)
walk('S1 killed while noting that a refund was refused', () => world, refused)
walk('S1 killed while noting that nobody knows of a refund', () => world, undecided)
walk('S1 killed while closing a payment that nobody opened', () => world, neverOpened)
walk('S1 killed while ending an order in time', () => world, outOfTime)
walk('S1 killed while keeping an order that was paid in time', () => world, paidInTime)
walk('S1 killed while processing what was stored', () => world, storedOnly)

test('S1 a worker that is left alone brings all of them to their end', () => world.bringToEnd())
