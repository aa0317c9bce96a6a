/**
 * S1: a server is killed at every point of deciding about a question: agree, decline, confirm, send back, pay back, write
 * off, dismiss. The same request again gives the one answer, and each order ends like a twin whose servers nobody killed.
 * The servers are real processes, and a worker goes on beside them; see test/crash-world.ts.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, written, type Placed } from '../buyer.ts'
import { commitOf, openCrashWorld, ROUNDS, type CrashWorld } from '../crash-world.ts'
import type { ServerProcess } from '../server-process.ts'
import { orderBody, type Answer } from '../shop.ts'
import { until } from '../until.ts'

let world: CrashWorld
/** A second admin, without whom no refund is agreed to. */
let second: { authorization: string }

before(async () => {
  world = await openCrashWorld({ env: { REFUND_APPROVAL_ABOVE: '0' } })
  second = await secondAdmin()
  await world.start('worker')
})
after(() => world.close())

async function secondAdmin(): Promise<{ authorization: string }> {
  const { db, steady } = world
  const person = { email: 'second@example.test', password: 'a long enough password' }
  const made = await steady.call('POST', '/api/auth/sign-up/email', { body: { ...person, name: 'Second' } })
  assert.equal(made.status, 200, JSON.stringify(made.body))
  await db.alone.run('test.admin', sql`update users set role = 'admin' where email = ${person.email}`)
  const session = await steady.call('POST', '/api/auth/sign-in/email', { body: person })
  return { authorization: `Bearer ${session.body.token}` }
}

/** A paid order whose refund waits for a second person. */
async function refundAskedFor(): Promise<string> {
  const { admin, steady } = world
  const { orderId, paymentId } = await world.placeAndPay()
  const body = { paymentId, amount: 4_500, reason: 'A gesture' }
  const asked = await steady.call('POST', '/api/payments/refund', { as: admin, body })
  assert.equal(asked.body.data.refund.approval, 'pending', JSON.stringify(asked.body))
  return orderId
}

async function paidAs(outcome: string): Promise<Placed> {
  const placed = await world.place()
  const verified = await world.verifyAt(world.steady, placed, await world.pay(placed, outcome))
  assert.equal(verified.status, 200, JSON.stringify(verified.body))
  return placed
}

async function paidShort(): Promise<string> {
  return (await paidAs('short_capture')).orderId
}

async function paidShortAndCancelled(): Promise<string> {
  const placed = await paidAs('short_capture')
  await cancel(placed)
  return placed.orderId
}

/** A cancelled order whose money the provider refuses to send back. */
async function refundRefused(): Promise<string> {
  const placed = await paidAs('refund_refused')
  await cancel(placed)
  await until('the refund is refused', async () => {
    await world.hoursPass()
    return (await count(world.db, sql`refunds where order_id = ${placed.orderId} and status = 'failed'`)) === 1
  })
  return placed.orderId
}

async function neverOpened(): Promise<string> {
  const refusal = {
    match: 'POST /v1/orders$',
    kind: 'error',
    status: 400,
    code: 'BAD_REQUEST_ERROR',
    description: 'No.',
  }
  await world.control('POST', '/faults', refusal)
  const answer = await world.steady.call('POST', '/api/orders', { body: orderBody(world.productId) })
  assert.equal(answer.status, 502)
  return answer.body.error.details.orderId
}

async function cancel({ orderId, guestToken }: Placed): Promise<void> {
  const answer = await world.steady.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

let references = 0

/** The request that answers the one open question about an order. */
async function decision(orderId: string, action: string): Promise<(server: ServerProcess) => Promise<Answer>> {
  const item = await world.db.one<{ id: string }>(
    'test.item',
    sql`select id from review_items where order_id = ${orderId} and resolved_at is null`,
  )
  references += 1
  const reference = action === 'paid_back_elsewhere' ? { reference: `UTR-${references}` } : {}
  const body = { action, reason: 'As agreed by phone', ...reference }
  const key = world.freshKey()
  return (server) => server.call('POST', `/api/admin/reviews/${item.id}/actions`, { as: second, key, body })
}

const DECISIONS: readonly { action: string; transaction: string; prepare(): Promise<string> }[] = [
  { action: 'approve', transaction: 'approveRefund', prepare: refundAskedFor },
  { action: 'decline', transaction: 'approveRefund', prepare: refundAskedFor },
  { action: 'confirm', transaction: 'acceptCapture', prepare: paidShort },
  { action: 'refund', transaction: 'refundHeld', prepare: paidShort },
  { action: 'write_off', transaction: 'writeOff', prepare: paidShortAndCancelled },
  { action: 'paid_back_elsewhere', transaction: 'payBackElsewhere', prepare: refundRefused },
  { action: 'dismiss', transaction: 'dismissReview', prepare: neverOpened },
]

/** Orders, by the twin that they must end like. */
const twins = new Map<string, string[]>()

for (const { action, transaction, prepare } of DECISIONS) {
  describe(`S1 killed while deciding: ${action}`, () => {
    const alike: string[] = []

    test('a twin whose servers live', async () => {
      const orderId = await prepare()
      const answer = await (await decision(orderId, action))(world.steady)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal(answer.body.data.item.resolution, action)
      twins.set(orderId, alike)
    })

    for (const round of ROUNDS) {
      for (const point of [...commitOf(transaction), 'sql:idempotency_keys.finish']) {
        test(`${point}${round}`, async () => {
          const orderId = await prepare()
          const decide = await decision(orderId, action)
          const mortal = await world.start('api', point)
          await assert.rejects(decide(mortal), TypeError)
          await mortal.crashed()
          await world.hoursPass()
          const answer = await decide(world.steady)
          assert.equal(answer.status, 200, JSON.stringify(answer.body))
          assert.equal(answer.body.data.item.resolution, action)
          assert.deepEqual((await decide(world.steady)).body, answer.body)
          alike.push(orderId)
        })
      }
    }
  })
}

test('S1 each order ends like its twin', async () => {
  const { db, expected } = world
  await until('all refunds are sent', async () => {
    await world.hoursPass()
    return (await count(db, sql`refunds where status in ('requested', 'processing')`)) === 0
  })
  assert.equal(twins.size, DECISIONS.length)
  for (const [twin, alike] of twins) {
    const end = await written(db, twin)
    assert.deepEqual(
      end.reviews.filter((review) => review.endsWith('open')),
      [],
    )
    for (const orderId of [twin, ...alike]) expected.set(orderId, end)
    assert.equal(alike.length, 3 * ROUNDS.length)
  }
  await world.bringToEnd()
})
