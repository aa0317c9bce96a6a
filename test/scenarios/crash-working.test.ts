/**
 * S1: a worker is killed at every point of what it does in the background: before and after each commit and each provider
 * call. The next one goes on from what was committed; each order ends as if nothing had happened, once. The workers are
 * real processes; see test/crash-world.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  callOf,
  cancelledAfterPaying,
  commitOf,
  openCrashWorld,
  paid,
  ROUNDS,
  type CrashWorld,
  type StoredEvent,
} from '../crash-world.ts'

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

const DEATHS: readonly { what: string; points: readonly string[]; prepare(): Promise<void> }[] = [
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
  { what: 'ending an order in time', points: commitOf('expireOrder'), prepare: outOfTime },
  { what: 'processing what was stored', points: ['sql:webhook_events.claimDue'], prepare: storedOnly },
]

for (const round of ROUNDS) {
  for (const { what, points, prepare } of DEATHS) {
    describe(`S1 killed while ${what}${round}`, () => {
      for (const point of points) {
        test(point, async () => {
          await prepare()
          await world.hoursPass()
          const worker = await world.start('worker', point)
          await worker.crashed()
        })
      }
    })
  }
}

test('S1 a worker that is left alone brings all of them to their end', () => world.bringToEnd())
