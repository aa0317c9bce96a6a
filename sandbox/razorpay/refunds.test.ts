/** Refunds: amounts, idempotency keys, and how they end. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Bench, bench, eventTypes, type Json, refusal } from '../test-bench.ts'

const DAY_MS = 86_400_000
const BAD = { statusCode: 400, code: 'BAD_REQUEST_ERROR' }

async function captured(stand: Bench, outcome = 'captured') {
  const orderId = await stand.order()
  const { sandbox } = await stand.pay(orderId, outcome)
  return { orderId, id: sandbox.paymentId }
}

function refund(stand: Bench, id: string, body: Json, key: string) {
  const headers = { 'X-Refund-Idempotency': key }
  return stand.http.post(`/v1/payments/${id}/refund`, body, { headers, validateStatus: () => true })
}

const idsOf = (list: { items: Array<{ id: string }> }) => list.items.map(({ id }) => id)
const description = (data: Json) => (data.error as Json).description

test('a partial refund leaves the payment captured, a full one makes it refunded, the order stays paid', async () => {
  await using stand = await bench()
  const { orderId, id } = await captured(stand)
  const { razorpay } = stand
  const state = async () => {
    const {
      status,
      amount_refunded: amount,
      refund_status: refundStatus,
      captured: isCaptured,
    } = await stand.payment(id)
    return { status, amount, refundStatus, isCaptured }
  }
  const first = await razorpay.payments.refund(id, { amount: 20_000, notes: { why: 'torn' }, receipt: 'c1' })
  assert.deepEqual(
    { ...first, id: '', created_at: 0 },
    {
      id: '',
      entity: 'refund',
      amount: 20_000,
      currency: 'INR',
      payment_id: id,
      notes: { why: 'torn' },
      receipt: 'c1',
      acquirer_data: { arn: '10000000000000' },
      created_at: 0,
      batch_id: null,
      status: 'processed',
      speed_processed: 'normal',
      speed_requested: 'normal',
    },
  )
  assert.deepEqual(await state(), { status: 'captured', amount: 20_000, refundStatus: 'partial', isCaptured: true })
  const second = await razorpay.payments.refund(id, { amount: 30_000 })
  assert.deepEqual(await state(), { status: 'refunded', amount: 50_000, refundStatus: 'full', isCaptured: true })
  assert.equal((await razorpay.orders.fetch(orderId)).status, 'paid')

  assert.deepEqual(idsOf(await razorpay.payments.fetchMultipleRefund(id)), [second.id, first.id])
  assert.deepEqual(idsOf(await razorpay.refunds.all()), [second.id, first.id])
  assert.deepEqual(await razorpay.refunds.fetch(first.id), first)
  assert.deepEqual(await razorpay.payments.fetchRefund(id, first.id), first)
})

test('refunds are refused with the provider’s words and change nothing', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  const { razorpay } = stand
  const over = 'The refund amount provided is greater than amount captured.'
  assert.deepEqual(await refusal(razorpay.payments.refund(id, { amount: 50_001 })), { ...BAD, description: over })
  const little = await refusal(razorpay.payments.refund(id, { amount: 99 }))
  assert.deepEqual(little, { ...BAD, description: 'The amount must be at least INR 1.00' })
  await razorpay.payments.refund(id, { amount: 10_000 })
  assert.deepEqual(await refusal(razorpay.payments.refund(id, {})), { ...BAD, description: over })
  await razorpay.payments.refund(id, { amount: 40_000 })
  const spent = await refusal(razorpay.payments.refund(id, { amount: 100 }))
  assert.deepEqual(spent, { ...BAD, description: 'The payment has been fully refunded already.' })
  assert.equal((await razorpay.refunds.all()).count, 2)
  const failed = await captured(stand, 'failed')
  assert.equal((await refusal(razorpay.payments.refund(failed.id, { amount: 100 }))).statusCode, 400)
})

test('one key refunds once: the same request replays, another one is refused', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  const first = await refund(stand, id, { amount: 10_000 }, 'refund-key-1')
  const again = await refund(stand, id, { amount: 10_000 }, 'refund-key-1')
  assert.equal(first.status, 200)
  assert.deepEqual([again.status, again.data], [200, first.data])
  const other = await refund(stand, id, { amount: 10_100 }, 'refund-key-1')
  assert.deepEqual(
    [other.status, description(other.data)],
    [409, 'Different request with the same idempotency key has already been processed.'],
  )
  assert.equal((await stand.payment(id)).amount_refunded, 10_000)
})

test('a key that is too short or has other characters is 400', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  assert.equal((await refund(stand, id, { amount: 100 }, 'short')).status, 400)
  assert.equal((await refund(stand, id, { amount: 100 }, 'with spaces in it')).status, 400)
  assert.equal((await stand.payment(id)).amount_refunded, 0)
})

test('a refusal frees the key, and a key is forgotten after a day', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  assert.equal((await refund(stand, id, { amount: 60_000 }, 'refund-key-2')).status, 400)
  assert.equal((await refund(stand, id, { amount: 20_000 }, 'refund-key-2')).status, 200)
  await stand.ports.pass(86_400_001)
  assert.equal((await refund(stand, id, { amount: 20_000 }, 'refund-key-2')).status, 200)
  assert.equal((await stand.payment(id)).amount_refunded, 40_000)
})

test('while the first request is under way the same key answers 409', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  await stand.control('/razorpay/_sandbox/faults', { kind: 'delay', match: 'refund', delayMs: 500 })
  const first = refund(stand, id, { amount: 10_000 }, 'refund-key-3')
  // The claim is a row, so it is there as soon as the first request has been read.
  let second = await refund(stand, id, { amount: 99_999 }, 'refund-key-9')
  second = await refund(stand, id, { amount: 10_000 }, 'refund-key-3')
  assert.deepEqual(
    [second.status, description(second.data)],
    [409, 'Another request with the same idempotency key is still in progress.'],
  )
  await stand.ports.pass(500)
  assert.equal((await first).status, 200)
  assert.equal((await stand.payment(id)).amount_refunded, 10_000)
})

test('a refund that fails gives the money back to the payment and tells so', async () => {
  await using stand = await bench()
  const { id } = await captured(stand, 'refund_fails')
  await stand.ports.pass(100)
  stand.ports.delivered.length = 0
  const made = await stand.razorpay.payments.refund(id, { amount: 50_000 })
  assert.equal(made.status, 'pending')
  assert.equal((await stand.payment(id)).status, 'refunded')
  await stand.ports.pass(10_000)
  assert.equal((await stand.razorpay.refunds.fetch(made.id)).status, 'failed')
  const payment = await stand.payment(id)
  assert.deepEqual([payment.status, payment.amount_refunded, payment.refund_status], ['captured', 0, null])
  assert.deepEqual(eventTypes(stand.ports), ['refund.created', 'refund.failed'])
})

test('a processed refund can come back days later', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  const made = await stand.razorpay.payments.refund(id, { amount: 20_000 })
  const { body } = await stand.control(`/razorpay/_sandbox/refunds/${made.id}/advance`, { to: 'failed' })
  assert.equal(body.status, 'failed')
  assert.equal((await stand.payment(id)).amount_refunded, 0)
  const again = await stand.control(`/razorpay/_sandbox/refunds/${made.id}/advance`, { to: 'processed' })
  assert.equal(again.status, 409)
})

test('refund webhooks come six seconds later, with sorted keys and the payment as it is then', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  await stand.ports.pass(100)
  stand.ports.delivered.length = 0
  await stand.razorpay.payments.refund(id, { amount: 50_000 })
  await stand.ports.pass(5900)
  assert.deepEqual(eventTypes(stand.ports), [])
  await stand.ports.pass(200)
  assert.deepEqual(eventTypes(stand.ports), ['refund.created', 'refund.processed'])
  const body = stand.ports.delivered[0]?.request.body ?? ''
  const event = JSON.parse(body)
  assert.deepEqual(Object.keys(event), Object.keys(event).sort())
  assert.deepEqual(event.contains, ['refund', 'payment'])
  assert.deepEqual(
    [event.payload.payment.entity.status, event.payload.payment.entity.refund_status],
    ['refunded', 'full'],
  )
})

test('a refund is processed and comes back three days later: the money is with the payment again', async () => {
  await using stand = await bench()
  const { id } = await captured(stand, 'refund_fails_late')
  await stand.ports.pass(100)
  stand.ports.delivered.length = 0
  const made = await stand.razorpay.payments.refund(id, { amount: 20_000 })
  assert.equal(made.status, 'processed')
  await stand.ports.pass(3 * DAY_MS - 1)
  assert.equal((await stand.razorpay.refunds.fetch(made.id)).status, 'processed')
  assert.deepEqual(eventTypes(stand.ports), ['refund.created', 'refund.processed'])
  await stand.ports.pass(1)
  assert.equal((await stand.razorpay.refunds.fetch(made.id)).status, 'failed')
  const payment = await stand.payment(id)
  assert.deepEqual([payment.status, payment.amount_refunded, payment.refund_status], ['captured', 0, null])
  assert.deepEqual(eventTypes(stand.ports), ['refund.created', 'refund.processed', 'refund.failed'])
})

test('a refund without the balance for it is refused in the provider’s words, and nothing is made', async () => {
  await using stand = await bench()
  const { id } = await captured(stand, 'refund_refused')
  const refused = await refusal(stand.razorpay.payments.refund(id, { amount: 20_000 }))
  assert.deepEqual(refused, {
    ...BAD,
    description: 'Your account does not have enough balance to carry out the refund operation.',
  })
  assert.equal((await stand.razorpay.refunds.all()).count, 0)
  assert.equal((await stand.payment(id)).amount_refunded, 0)
})

test('refunds at the dashboard carry no reference of the merchant: half by a scenario, the rest by hand', async () => {
  await using stand = await bench()
  const { id } = await captured(stand, 'captured_then_part_refunded')
  await stand.ports.pass(30_000)
  const payment = await stand.payment(id)
  assert.deepEqual([payment.status, payment.amount_refunded, payment.refund_status], ['captured', 25_000, 'partial'])
  const byHand = (amount: number) => stand.control(`/razorpay/_sandbox/payments/${id}/refund`, { amount })
  assert.equal((await byHand(25_001)).status, 400)
  assert.equal((await byHand(25_000)).body.status, 'refunded')
  assert.equal((await byHand(1)).status, 409)
  const { items } = await stand.razorpay.refunds.all()
  assert.deepEqual(
    items.map(({ amount, receipt, speed_requested: speed }) => [amount, receipt, speed]),
    [
      [25_000, null, 'normal'],
      [25_000, null, 'normal'],
    ],
  )
})

test('the list of all refunds can lag; that of a payment does not', async () => {
  await using stand = await bench()
  const { id } = await captured(stand)
  await stand.control('/razorpay/_sandbox/settings', { listLagMs: 60_000 })
  const made = await stand.razorpay.payments.refund(id, { amount: 20_000 })
  assert.deepEqual(idsOf(await stand.razorpay.refunds.all()), [])
  assert.deepEqual(idsOf(await stand.razorpay.payments.fetchMultipleRefund(id)), [made.id])
  await stand.ports.pass(60_000)
  assert.deepEqual(idsOf(await stand.razorpay.refunds.all()), [made.id])
})

test('an authorization that nobody captures goes back after three days at normal speed, uncaptured', async () => {
  await using stand = await bench()
  const orderId = await stand.order({ payment: { capture: 'manual', capture_options: { refund_speed: 'optimum' } } })
  const { sandbox } = await stand.pay(orderId, 'captured')
  await stand.ports.pass(100)
  stand.ports.delivered.length = 0
  await stand.ports.pass(3 * DAY_MS - 200)
  assert.equal((await stand.payment(sandbox.paymentId)).status, 'authorized')
  await stand.ports.pass(200)
  assert.deepEqual(eventTypes(stand.ports), ['refund.created', 'refund.processed'])
  const { payload } = JSON.parse(stand.ports.delivered[1]?.request.body ?? '')
  const { amount, receipt, status, speed_requested: speed } = payload.refund.entity
  assert.deepEqual([amount, receipt, status, speed], [50_000, null, 'processed', 'normal'])
  const told = payload.payment.entity
  assert.deepEqual([told.status, told.captured, told.amount_refunded, told.fee], ['refunded', false, 50_000, null])
})

test('an authorization that nobody captures goes back after the order’s period', async () => {
  await using stand = await bench()
  const orderId = await stand.order({
    payment: { capture: 'manual', capture_options: { manual_expiry_period: 30, refund_speed: 'normal' } },
  })
  const { sandbox } = await stand.pay(orderId, 'captured')
  await stand.ports.pass(29 * 60_000)
  assert.equal((await stand.payment(sandbox.paymentId)).status, 'authorized')
  await stand.ports.pass(60_000)
  const payment = await stand.payment(sandbox.paymentId)
  assert.deepEqual([payment.status, payment.captured, payment.amount_refunded], ['refunded', false, 50_000])
  assert.equal((await stand.razorpay.orders.fetch(orderId)).status, 'attempted')
})
