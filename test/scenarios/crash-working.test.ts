/**
 * S1: a worker is killed at every point of what it does in the background: before and after each commit and each provider
 * call. The next one goes on from what was committed; each order ends as if nothing had happened, once. The workers are
 * real processes; see test/crash-world.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { guestTokenFor } from '../../server/orders/access.ts'
import { sql } from '../../server/platform/database.ts'
import type { Written } from '../buyer.ts'
import {
  callOf,
  cancelledAfterPaying,
  commitOf,
  openCrashWorld,
  paid,
  PRICE,
  ROUNDS,
  type CrashWorld,
  type StoredEvent,
} from '../crash-world.ts'
import { orderBody, TEST_SECRET } from '../shop.ts'

let world: CrashWorld

before(async () => {
  world = await openCrashWorld()
})
after(() => world.close())

/** Paid, and nobody was told. */
async function neverTold(): Promise<void> {
  const placed = await world.place()
  await world.pay(placed)
  world.expected.set(placed.orderId, paid())
}

async function authorizedOnly(): Promise<void> {
  const placed = await world.place()
  await world.pay(placed, 'authorized')
  world.expected.set(placed.orderId, paid())
}

async function owedBack(): Promise<void> {
  const { orderId, guestToken } = await world.placeAndPay()
  const answer = await world.steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200)
  world.expected.set(orderId, cancelledAfterPaying())
}

/** A refund that the provider will refuse once. If that is not noted down, the next one to ask is not refused. */
async function refused(point: string): Promise<void> {
  const placed = await world.place()
  const brought = await world.pay(placed)
  await world.verifyAt(world.steady, placed, brought)
  const { orderId, guestToken } = placed
  await world.control('POST', '/faults', {
    match: `POST /v1/payments/${brought.razorpay_payment_id}/refund$`,
    kind: 'error',
    status: 400,
    code: 'BAD_REQUEST_ERROR',
    description: 'Not enough balance.',
  })
  const answer = await world.steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200)
  const noted = point.endsWith(':committed')
  world.expected.set(orderId, noted ? owedAfterCancelling() : cancelledAfterPaying())
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

/** Cancelled while its payment was still being opened: nobody can ever pay it. */
async function neverOpened(): Promise<void> {
  await world.control('POST', '/faults', { match: 'POST /v1/orders$', kind: 'reset' })
  const answer = await world.steady.call('POST', '/api/orders', { body: orderBody(world.productId) })
  assert.equal(answer.status, 502)
  const { orderId } = answer.body.error.details
  const guestToken = guestTokenFor(TEST_SECRET, orderId)
  const cancelled = await world.steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(cancelled.status, 200)
  world.expected.set(orderId, {
    order: 'cancelled/pending shopper',
    payments: ['abandoned 0/0'],
    attempts: [],
    refunds: [],
    reviews: [],
    ledger: [],
  })
}

async function outOfTime(): Promise<void> {
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
}

/** Stored by a server that did not live to process it. */
async function storedOnly(): Promise<void> {
  const placed = await world.place()
  await world.pay(placed)
  const { body: events } = await world.control('GET', `/webhooks?orderId=${placed.providerOrderId}`)
  const event: StoredEvent = events.find(({ type }: StoredEvent) => type === 'payment.captured')
  const server = await world.start('api', 'webhook:stored')
  await assert.rejects(world.deliver(server, event), TypeError)
  await server.crashed()
  world.expected.set(placed.orderId, paid())
}

const DEATHS: readonly { what: string; points: readonly string[]; prepare(point: string): Promise<void> }[] = [
  {
    what: 'asking about a payment',
    points: [
      'sql:payments.claimDue',
      ...callOf('fetchOrderPayments'),
      ...commitOf('settle'),
      'sql:payments.scheduleLook',
    ],
    prepare: neverTold,
  },
  { what: 'capturing', points: callOf('capture'), prepare: authorizedOnly },
  {
    what: 'sending a refund',
    points: [...commitOf('claimRefunds'), ...callOf('refund'), ...callOf('fetchRefunds')],
    prepare: owedBack,
  },
  { what: 'noting that a refund was refused', points: commitOf('refundRefused'), prepare: refused },
  { what: 'closing a payment that nobody opened', points: commitOf('abandonPayment'), prepare: neverOpened },
  { what: 'ending an order in time', points: commitOf('expireOrder'), prepare: outOfTime },
  { what: 'processing what was stored', points: ['sql:webhook_events.claimDue'], prepare: storedOnly },
]

for (const round of ROUNDS) {
  for (const { what, points, prepare } of DEATHS) {
    describe(`S1 killed while ${what}${round}`, () => {
      for (const point of points) {
        test(point, async () => {
          await prepare(point)
          await world.hoursPass()
          const worker = await world.start('worker', point)
          await worker.crashed()
        })
      }
    })
  }
}

test('S1 a worker that is left alone brings all of them to their end', () => world.bringToEnd())
