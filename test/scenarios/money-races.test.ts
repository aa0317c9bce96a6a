/** What moves the same money at the same moment, on real connections: one outcome each, in our books and at the provider. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidOnce,
  pay,
  place,
  providerTimePasses,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { passOf, ranAs, startRun, workThrough } from '../reconciling.ts'
import { deskOf, type Desk } from '../reviews.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'

const PRICE = 24_500
const PART = 4_500
const ROUNDS = 6
/** Razorpay tells of refunds six seconds after they were made. */
const REFUND_NEWS = 7_000

let shop: Shop
let productId: string
let admin: { id: string; authorization: string }
let second: { id: string; authorization: string }
let desk: Desk

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ price: PRICE, stock: 1_000, refundApprovalAbove: 10_000 }))
  second = await shop.signedIn({ role: 'admin', email: 'second@example.test' })
  desk = deskOf(shop, second)
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

const times = <T>(n: number, work: (at: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, at) => work(at)))

async function rest(): Promise<void> {
  await providerTimePasses(shop, REFUND_NEWS)
  await atRest(shop, 61_000)
  await providerTimePasses(shop, REFUND_NEWS)
  await atRest(shop, 61_000)
}

async function paid(outcome = 'captured'): Promise<Placed & { providerPaymentId: string }> {
  const placed = await place(shop, productId)
  const { sandbox, ...brought } = await pay(shop, placed, outcome)
  assert.equal((await verify(shop, placed, brought)).status, 200)
  await shop.settled()
  return { ...placed, providerPaymentId: sandbox.paymentId }
}

const refund = ({ paymentId }: Placed, amount: number): Promise<Answer> =>
  shop.call('POST', '/api/payments/refund', { as: admin, body: { paymentId, amount, reason: 'A gesture' } })
const capture = ({ paymentId }: Placed): Promise<Answer> =>
  shop.call('POST', `/api/payments/${paymentId}/capture`, { as: admin, body: { reason: 'At last' } })
const dashboard = (providerPaymentId: string, amount?: number) =>
  shop.control(
    'POST',
    `/razorpay/_sandbox/payments/${providerPaymentId}/refund`,
    amount === undefined ? {} : { amount },
  )

test('A11 P20 refund × refund at the dashboard × refund: parts never come to more than was captured', async () => {
  const orders = await times(ROUNDS, () => paid())
  await times(ROUNDS, async (at) => {
    const order = orders[at] as (typeof orders)[number]
    await Promise.all([
      times(3, () => refund(order, PART)),
      dashboard(order.providerPaymentId, 10_000),
      shop.work(),
      dashboard(order.providerPaymentId, 10_000),
    ])
  })
  await rest()
  for (const { orderId, providerOrderId } of orders) {
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${providerOrderId}`)
    const theirs: number = books.body.payments[0].amount_refunded
    assert.ok(theirs <= PRICE)
    assert.deepEqual((await written(shop.db, orderId)).attempts, [
      `${theirs === PRICE ? 'refunded' : 'captured'} kept ${PRICE}/${theirs}`,
    ])
  }
})

test('A11 P14 refund × capture: a refund is of what was captured, or there was nothing to refund', async () => {
  const orders = await times(ROUNDS, () => paid('authorized'))
  const answers = await times(ROUNDS, async (at) => {
    const order = orders[at] as Placed
    const [captured, refunded] = await Promise.all([capture(order), refund(order, PART), capture(order)])
    assert.equal(captured.status, 200, JSON.stringify(captured.body))
    return refunded
  })
  await rest()
  for (const [at, { orderId }] of orders.entries()) {
    const answer = answers[at] as Answer
    if (answer.status !== 202) {
      assert.equal(answer.body.error.code, 'refund_exceeds_captured')
      assert.deepEqual(await written(shop.db, orderId), paidOnce(PRICE))
    } else assert.deepEqual((await written(shop.db, orderId)).attempts, [`captured kept ${PRICE}/${PART}`])
    const captures = await shop.db.many<{ amount: number }>(
      'test.captures',
      sql`select amount from ledger_transfers where order_id = ${orderId} and kind = 'capture'`,
    )
    assert.deepEqual(captures, [{ amount: PRICE }])
  }
})

test('A17 P20 approve × decline × refund at the dashboard: one decision, and the money goes back once', async () => {
  const orders = await times(ROUNDS, () => paid())
  for (const order of orders) assert.equal((await refund(order, PRICE)).body.data.refund.approval, 'pending')
  const decisions = await times(ROUNDS, async (at) => {
    const order = orders[at] as (typeof orders)[number]
    const { id } = await shop.db.one<{ id: string }>(
      'test.item',
      sql`select id from review_items where order_id = ${order.orderId} and resolved_at is null`,
    )
    const [one, two, three] = await Promise.all([
      desk.decide(id, { action: 'approve' }),
      desk.decide(id, { action: 'decline' }),
      desk.decide(id, { action: 'approve' }),
      at % 2 === 0 ? dashboard(order.providerPaymentId) : undefined,
      shop.work(),
    ])
    return [one, two, three]
  })
  for (const answers of decisions) assert.ok(answers.filter(({ status }) => status === 200).length <= 1)
  await rest()
  for (const [at, { orderId }] of orders.entries()) {
    const { attempts, refunds } = await written(shop.db, orderId)
    const agreed = refunds.some((text) => text.startsWith('processed'))
    assert.deepEqual(attempts, [agreed ? `refunded kept ${PRICE}/${PRICE}` : `captured kept ${PRICE}/0`])
    if (at % 2 === 0) assert.ok(agreed)
  }
})

test('W5 P24 reconciliation × webhook × return × worker: one capture, one confirmation', async () => {
  const orders = await times(ROUNDS, () => place(shop, productId))
  const id = await startRun(shop, admin, shop.clock.aheadMs + 3_600_000)
  await Promise.all([
    workThrough(shop),
    times(ROUNDS, async (at) => {
      const order = orders[at] as Placed
      const { sandbox: _, ...brought } = await pay(shop, order)
      await verify(shop, order, brought)
    }),
    passOf(shop, 'payments.poll').runOnce(),
    workThrough(shop),
  ])
  await workThrough(shop)
  await rest()
  assert.equal((await ranAs(shop, admin, id)).status, 'completed')
  for (const { orderId } of orders) {
    assert.deepEqual(await written(shop.db, orderId), paidOnce(PRICE))
    const confirmed = sql`events where order_id = ${orderId} and type = 'order.confirmed'`
    assert.equal(await count(shop.db, confirmed), 1)
  }
})
