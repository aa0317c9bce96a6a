/**
 * What a shopper's API answers is written for shoppers: no word of the machine, no note of staff, no reference of their
 * bank, nothing of what the provider keeps. Staff see both.
 */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import type { Order, OrderEvent } from '../../shared/contract/orders.ts'
import { REFUND_CAUSES, type Payment, type Refund } from '../../shared/contract/payments.ts'
import { assertAllWell, atRest, pay, type Placed } from '../buyer.ts'
import { openReviewWorld, placeAs, PRICE, type ReviewWorld } from '../reviews.ts'

let world: ReviewWorld
let shop: ReviewWorld['shop']

before(async () => {
  world = await openReviewWorld()
  shop = world.shop
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

type Person = { authorization: string }

async function get(path: string, as: Person) {
  const answer = await shop.call('GET', path, { as })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body.data
}

/** Everything that an answer about this order can hold. */
async function everything({ orderId }: Placed, as: Person) {
  const { order } = (await get(`/api/orders/${orderId}`, as)) as { order: Order }
  const { events } = (await get(`/api/orders/${orderId}/events`, as)) as { events: OrderEvent[] }
  const { payments } = (await get(`/api/payments?orderId=${orderId}`, as)) as { payments: Payment[] }
  const single = await Promise.all(payments.map(({ id }) => get(`/api/payments/${id}`, as)))
  const state = await get(`/api/payments/${orderId}/status`, as)
  return { order, events, payments, single, state }
}

/** What is written down for staff, as codes or in their own words. */
const NOT_FOR_SHOPPERS = [
  'second_capture',
  'order_cancelled',
  'stock_gone',
  'over_payment',
  'part_rejected',
  'part_cancelled',
  'made_at_provider',
  'amount_differs',
  'currency_differs',
  'unexpected_capture',
  'authorization_differs',
  'kept for good',
  'UTR-',
  'by hand',
  'balance',
  'second person',
  '"fee"',
  '"tax":5',
]

async function assertForShopper(placed: Placed, more: readonly string[] = []): Promise<Refund[]> {
  const told = await everything(placed, world.customer)
  const text = JSON.stringify(told)
  for (const word of [...NOT_FOR_SHOPPERS, ...more]) {
    assert.ok(!text.toLowerCase().includes(word.toLowerCase()), `a shopper reads ${word}: ${text}`)
  }
  const refunds = told.order.payments.flatMap((payment) => payment.refunds)
  for (const refund of refunds) {
    assert.deepEqual([refund.reason, refund.errorDescription, refund.approval], [null, null, 'none'])
    assert.ok(REFUND_CAUSES.includes(refund.cause))
    assert.match(refund.text, /^[A-Z][^_]+\.$/)
  }
  return refunds
}

const told = (refunds: readonly Refund[]) => refunds.map(({ cause, text }) => [cause, text])

test('M4 paid twice: the shopper reads why one goes back, staff the reason and the fee', async () => {
  const placed = await placeAs(shop, world.customer, world.productId)
  await pay(shop, placed, 'double_capture')
  await atRest(shop)
  assert.deepEqual(told(await assertForShopper(placed)), [
    ['paid_twice', 'The order was paid already, so this payment was one too many.'],
  ])
  const { order } = await everything(placed, world.admin)
  const [payment] = order.payments
  assert.deepEqual(
    payment?.refunds.map(({ cause, reason, approval }) => [cause, reason, approval]),
    [['paid_twice', 'second_capture', 'none']],
  )
  assert.deepEqual(
    payment?.attempts.map(({ fee, tax }) => typeof fee === 'number' && typeof tax === 'number'),
    [true, true],
  )
})

for (const { outcome, cause, text } of [
  {
    outcome: 'short_capture',
    cause: 'other_amount',
    text: 'It was not the amount of the order, so it could not pay for it.',
  },
  {
    outcome: 'wrong_currency',
    cause: 'other_currency',
    text: 'It was in another currency than the order, so it could not pay for it.',
  },
] as const) {
  test(`M4 ${outcome}, sent back by a person: ${cause}, and nothing of what that person wrote`, async () => {
    const { placed, item } = await world.differing(outcome)
    await assertForShopper(placed)
    await world.desk.decided(item.id, { action: 'refund', reason: 'Troublemaker, kept for good' })
    await atRest(shop)
    assert.deepEqual(told(await assertForShopper(placed, ['troublemaker'])), [[cause, text]])
  })
}

test('M4 too much, accepted: what is over goes back under its own word', async () => {
  const { placed, item } = await world.differing('over_capture')
  await world.desk.decided(item.id, { action: 'confirm' })
  await atRest(shop)
  assert.deepEqual(told(await assertForShopper(placed)), [
    ['paid_too_much', 'It is what you paid above the price of the order.'],
  ])
})

test('M4 cancelled, also in the answer to the one who cancels', async () => {
  const placed = await placeAs(shop, world.customer, world.productId)
  await pay(shop, placed)
  await atRest(shop)
  const path = `/api/orders/${placed.orderId}/cancel`
  const cancelled = await shop.call('POST', path, { as: world.customer, body: {} })
  assert.equal(cancelled.status, 200)
  const [refund] = cancelled.body.data.order.payments[0].refunds
  assert.deepEqual([refund.cause, refund.text, refund.reason], ['cancelled', 'The order was cancelled.', null])
  await atRest(shop)
  assert.deepEqual(told(await assertForShopper(placed)), [['cancelled', 'The order was cancelled.']])
})

test('M4 sent back at the dashboard: the shop gave it back, and we did not ask for it', async () => {
  const placed = await placeAs(shop, world.customer, world.productId)
  const { sandbox } = await pay(shop, placed)
  await atRest(shop)
  await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/refund`, { amount: 100 })
  await atRest(shop)
  assert.deepEqual(told(await assertForShopper(placed)), [['at_provider', 'The shop gave it back.']])
})

test('M4 given back by hand: the note is for staff, the message for the customer', async () => {
  const placed = await placeAs(shop, world.customer, world.productId)
  await pay(shop, placed)
  await atRest(shop)
  const give = (body: Record<string, unknown>) =>
    shop.call('POST', '/api/payments/refund', { as: world.admin, body: { orderId: placed.orderId, ...body } })
  const plain = await give({ amount: 100, reason: 'order_cancelled, kept for good' })
  assert.deepEqual(
    [plain.status, plain.body.data.refund.reason, plain.body.data.refund.cause],
    [202, 'order_cancelled, kept for good', 'by_shop'],
  )
  // A note that happens to be one of the machine's words is a note all the same.
  await give({ amount: 200, reason: 'second_capture' })
  await give({ amount: 300, reason: 'kept for good', message: ' The jar was cracked. Sorry for that. ' })
  const blank = await give({ amount: 400, reason: 'kept for good', message: '  ' })
  assert.deepEqual([blank.status, blank.body.error.details.fields[0].field], [400, 'message'])
  await atRest(shop)
  assert.deepEqual(told(await assertForShopper(placed)), [
    ['by_shop', 'The shop gave it back.'],
    ['by_shop', 'The shop gave it back.'],
    ['by_shop', 'The jar was cracked. Sorry for that.'],
  ])
  const staff = (await everything(placed, world.admin)).order.payments.flatMap((payment) => payment.refunds)
  assert.deepEqual(
    staff.map(({ reason, text }) => [reason, text]),
    [
      ['order_cancelled, kept for good', 'The shop gave it back.'],
      ['second_capture', 'The shop gave it back.'],
      ['kept for good', 'The jar was cracked. Sorry for that.'],
    ],
  )
})

test('M4 M5 a refund that the provider refuses to us: that it failed, and not what is on our account', async () => {
  const { placed, item } = await world.refundRefused()
  const [failed] = await assertForShopper(placed)
  assert.deepEqual([failed?.status, failed?.cause], ['failed', 'cancelled'])
  const [refund] = (await everything(placed, world.admin)).order.payments.flatMap((payment) => payment.refunds)
  assert.match(refund?.errorDescription ?? '', /enough balance/)
  await world.desk.decided(item.id, { action: 'paid_back_elsewhere', reference: 'UTR-4711', reason: 'kept for good' })
  await atRest(shop)
  const refunds = await assertForShopper(placed)
  assert.deepEqual(
    refunds.map(({ status, destination, providerRefundId }) => [status, destination, providerRefundId]),
    [
      ['failed', 'source', null],
      ['processed', 'elsewhere', null],
    ],
  )
})

test('M4 marked as paid by a bank transfer: the reference is for staff', async () => {
  const placed = await placeAs(shop, world.customer, world.productId)
  const marked = await shop.call('POST', `/api/payments/${placed.paymentId}/resolve`, {
    as: world.admin,
    body: { status: 'paid', reference: 'UTR-0815', reason: 'kept for good' },
  })
  assert.equal(marked.status, 200, JSON.stringify(marked.body))
  assert.deepEqual(await assertForShopper(placed), [])
  const bank = (await everything(placed, world.customer)).order.payments.find(({ provider }) => provider === 'bank')
  assert.deepEqual([bank?.status, bank?.method, bank?.attempts[0]?.methodDetail], ['paid', 'bank_transfer', null])
  const forStaff = (await everything(placed, world.admin)).order.payments.find(({ provider }) => provider === 'bank')
  assert.deepEqual([forStaff?.providerOrderId, forStaff?.attempts[0]?.methodDetail], ['UTR-0815', 'UTR-0815'])
})

test('M4 a refund that waits for a second person, or was declined, is no news for the shopper', async () => {
  const strict = await openReviewWorld({ refundApprovalAbove: 1_000 })
  try {
    const placed = await placeAs(strict.shop, strict.customer, strict.productId)
    await pay(strict.shop, placed)
    await atRest(strict.shop)
    const body = { orderId: placed.orderId, amount: 2_000, reason: 'kept for good' }
    await strict.shop.call('POST', '/api/payments/refund', { as: strict.admin, body })
    const told = async () => {
      const order = await strict.shop.call('GET', `/api/orders/${placed.orderId}`, { as: strict.customer })
      const events = await strict.shop.call('GET', `/api/orders/${placed.orderId}/events`, { as: strict.customer })
      const { payments, money } = order.body.data.order as Order
      const all = events.body.data.events as OrderEvent[]
      return {
        refunds: payments.flatMap((payment) => payment.refunds).length,
        kept: money[0]?.kept,
        events: all.filter(({ subject }) => subject === 'refund').length,
      }
    }
    assert.deepEqual(await told(), { refunds: 0, kept: PRICE, events: 0 })
    const item = await strict.desk.theOpen(placed.orderId, 'refund_approval')
    await strict.desk.decided(item.id, { action: 'decline' }, { as: strict.second })
    assert.deepEqual(await told(), { refunds: 0, kept: PRICE, events: 0 })
    const again = await strict.shop.call('POST', '/api/payments/refund', { as: strict.admin, body })
    assert.equal(again.status, 202)
    const next = await strict.desk.theOpen(placed.orderId, 'refund_approval')
    await strict.desk.decided(next.id, { action: 'approve' }, { as: strict.second })
    await atRest(strict.shop)
    const end = await told()
    assert.deepEqual([end.refunds, end.kept], [1, PRICE - 2_000])
    assert.ok(end.events > 0)
    await assertAllWell(strict.shop)
  } finally {
    await strict.shop.close()
  }
})
