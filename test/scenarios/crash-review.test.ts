/**
 * S1: a server is killed at every point of deciding about a question, the second look at the provider included. The same
 * request again gives the one answer, and each order ends like a twin whose servers nobody killed.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { count, placedBy, strayOrder, written, type Placed } from '../buyer.ts'
import { PRICE, type Server } from '../crash-trade.ts'
import { openMortalWorld, walk, type MortalWorld, type Occasion } from '../mortal-world.ts'
import { signIn } from '../people.ts'
import { LATER_MS, providerBalances } from '../reconciling.ts'
import { orderBody, TEST_SECRET } from '../shop.ts'

let world: MortalWorld
/** A second admin, without whom no refund is agreed to. */
let second: { authorization: string }
/** Somebody whose wallet can take money. */
let customer: { authorization: string }

before(async () => {
  // One thing may one person decide about alone, two of them not.
  world = await openMortalWorld({ refundApprovalAbove: PRICE })
  // Long enough for what was paid by then to be on the provider's lists.
  world.clock.aheadMs = LATER_MS
  const person = (role: 'admin' | 'customer', name: string) =>
    world.steady.doing(({ deps }) => signIn(deps, TEST_SECRET, { role, name, email: `${name}@example.test` }))
  second = await person('admin', 'second')
  customer = await person('customer', 'customer')
})
after(() => world.close())

/** A paid order whose refund waits for a second person. */
async function refundAskedFor(): Promise<string> {
  const { admin, steady } = world
  const { orderId, paymentId } = await world.placeAndPay(2)
  const body = { paymentId, amount: PRICE + 1, reason: 'A gesture' }
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

async function paidShortByCustomer(): Promise<string> {
  const { email: _, ...body } = orderBody(world.productId)
  const placed = placedBy(await world.steady.call('POST', '/api/orders', { as: customer, body }))
  const brought = await world.pay(placed, 'short_capture')
  const verified = await world.steady.call('POST', '/api/payments/verify', {
    as: customer,
    body: { orderId: placed.orderId, ...brought },
  })
  assert.equal(verified.status, 200, JSON.stringify(verified.body))
  return placed.orderId
}

async function paidShortAndCancelled(): Promise<string> {
  const placed = await paidAs('short_capture')
  await world.cancel(placed)
  return placed.orderId
}

/** A cancelled order whose money the provider refuses to send back. */
async function refundRefused(): Promise<string> {
  const placed = await paidAs('refund_refused')
  await world.cancel(placed)
  await world.steady.pass('refunds.send')
  assert.equal(await count(world.db, sql`refunds where order_id = ${placed.orderId} and status = 'failed'`), 1)
  return placed.orderId
}

async function neverOpened(): Promise<string> {
  const refusal = { status: 400, code: 'BAD_REQUEST_ERROR', description: 'No.' }
  await world.fault({ match: 'POST /v1/orders$', kind: 'error', ...refusal })
  const answer = await world.steady.call('POST', '/api/orders', { body: orderBody(world.productId) })
  assert.equal(answer.body.error.code, 'payment_refused', JSON.stringify(answer.body))
  return answer.body.error.details.orderId
}

/** An order with money that waits for a person, and which somebody gives back at the provider. */
async function paidShortAndSentBack(): Promise<string> {
  const placed = await world.place()
  const brought = await world.pay(placed, 'short_capture')
  await world.verifyAt(world.steady, placed, brought)
  await world.control('POST', `/payments/${brought.razorpay_payment_id}/refund`, {})
  return placed.orderId
}

let references = 0

/** Decides the one open question that `item` finds, and what is to hold afterwards. */
async function deciding(itemId: string, body: Record<string, unknown>, after: () => Promise<void>): Promise<Occasion> {
  const key = world.freshKey()
  const decide = (server: Server) =>
    server.call('POST', `/api/admin/reviews/${itemId}/actions`, {
      as: second,
      key,
      body: { reason: 'As agreed by phone', ...body },
    })
  return {
    die: decide,
    async after() {
      await world.hoursPass()
      const answer = await decide(world.steady)
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal(answer.body.data.item.resolution, body['action'])
      assert.deepEqual((await decide(world.steady)).body, answer.body)
      await after()
    },
  }
}

const DECISIONS: readonly { action: string; prepare(): Promise<string> }[] = [
  { action: 'approve', prepare: refundAskedFor },
  { action: 'decline', prepare: refundAskedFor },
  { action: 'confirm', prepare: paidShort },
  { action: 'refund', prepare: paidShort },
  { action: 'refund_to_wallet', prepare: paidShortByCustomer },
  { action: 'write_off', prepare: paidShortAndCancelled },
  { action: 'paid_back_elsewhere', prepare: refundRefused },
  { action: 'ask', prepare: paidShortAndSentBack },
  { action: 'dismiss', prepare: neverOpened },
]

/** Orders, by the decision that was taken about them; the first of each is the one whose server lived. */
const alike = new Map<string, string[]>()

for (const { action, prepare } of DECISIONS) {
  alike.set(action, [])
  walk(
    `S1 killed while deciding: ${action}`,
    () => world,
    async () => {
      const orderId = await prepare()
      const item = await world.db.one<{ id: string }>(
        'test.item',
        sql`select id from review_items where order_id = ${orderId} and resolved_at is null`,
      )
      references += 1
      const reference = action === 'paid_back_elsewhere' ? { reference: `UTR-${references}` } : {}
      return deciding(item.id, { action, ...reference }, async () => void alike.get(action)?.push(orderId))
    },
  )
}

/** Money at the provider that belongs to nothing of ours, found by a comparison, and the question about it. */
async function unknownMoney(): Promise<{ providerPaymentId: string; itemId: string }> {
  const { admin, steady, db } = world
  const { razorpay_payment_id: id } = await world.pay({ providerOrderId: await strayOrder(world.sandbox, PRICE) })
  const from = new Date(Date.now() - 60_000).toISOString()
  const started = await steady.call('POST', '/api/admin/reconciliation/runs', { as: admin, body: { from } })
  assert.equal(started.status, 202, JSON.stringify(started.body))
  await steady.pass('reconciliation.run')
  const item = await db.one<{ id: string }>(
    'test.item',
    sql`select id from review_items where provider_ref = ${id} and kind = 'unknown_payment' and resolved_at is null`,
  )
  return { providerPaymentId: id, itemId: item.id }
}

/** What suspense holds for all questions together: nothing, when each was decided once. */
async function heldInSuspense(): Promise<number> {
  return (await providerBalances(world.db))['suspense'] ?? 0
}

walk(
  'S1 killed while deciding: attach',
  () => world,
  async () => {
    const { itemId } = await unknownMoney()
    const { orderId } = await world.place()
    return deciding(itemId, { action: 'attach', orderId }, async () => {
      const end = await written(world.db, orderId)
      assert.deepEqual([end.order, end.payments], ['confirmed/paid', ['created 0/0', `paid ${PRICE}/0`]])
      assert.equal(await heldInSuspense(), 0)
      world.expected.set(orderId, end)
    })
  },
)

walk(
  'S1 killed while deciding: ask, of money that has gone back',
  () => world,
  async () => {
    const { itemId, providerPaymentId } = await unknownMoney()
    await world.control('POST', `/payments/${providerPaymentId}/refund`, {})
    world.strays.add(providerPaymentId)
    return deciding(itemId, { action: 'ask' }, async () => assert.equal(await heldInSuspense(), 0))
  },
)

walk(
  'S1 killed while deciding: write_off, of money of nobody',
  () => world,
  async () => {
    const { itemId, providerPaymentId } = await unknownMoney()
    world.strays.add(providerPaymentId)
    return deciding(itemId, { action: 'write_off' }, async () => assert.equal(await heldInSuspense(), 0))
  },
)

test('S1 each order ends like its twin, and each decision was taken once', async () => {
  const { db, expected } = world
  await world.hoursPass()
  await world.steady.work()
  assert.equal(await count(db, sql`refunds where status in ('requested', 'processing')`), 0)
  for (const [action, [twin = '', ...others]] of alike) {
    assert.ok(others.length > 2, action)
    const end = await written(db, twin)
    assert.deepEqual(
      end.reviews.filter((review) => review.endsWith('open')),
      [],
    )
    for (const orderId of [twin, ...others]) expected.set(orderId, end)
  }
  await world.bringToEnd()
  const [twice] = await db.many(
    'test.twice',
    sql`select order_id from events where type = 'review.resolved' group by order_id having count(*) > 1`,
  )
  assert.equal(twice, undefined)
})
