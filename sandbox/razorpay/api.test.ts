/** The official package against the simulator: every call, and the texts of refusals. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { bench, refusal, type Json } from '../test-bench.ts'

const idsOf = (list: { items: Array<{ id: string }> }) => list.items.map(({ id }) => id)

const BAD = { statusCode: 400, code: 'BAD_REQUEST_ERROR' }

test('an order is created as the documentation shows it', async () => {
  await using stand = await bench()
  const order = await stand.razorpay.orders.create({ amount: 50_000, currency: 'INR', receipt: 'r1' })
  const { id, created_at, ...rest } = order
  assert.match(id, /^order_[A-Za-z0-9]{14}$/)
  assert.equal(created_at, Math.floor(stand.ports.now() / 1000))
  assert.deepEqual(rest, {
    entity: 'order',
    amount: 50_000,
    amount_paid: 0,
    amount_due: 50_000,
    currency: 'INR',
    receipt: 'r1',
    offer_id: null,
    status: 'created',
    attempts: 0,
    notes: [],
  })
  assert.deepEqual(await stand.razorpay.orders.fetch(id), order)
})

test('orders are refused with the provider’s words', async () => {
  await using stand = await bench()
  const cases: Array<[Record<string, unknown>, string]> = [
    [{ currency: 'INR' }, 'The amount field is required.'],
    [{ amount: 10.5, currency: 'INR' }, 'The amount must be an integer.'],
    [{ amount: 99, currency: 'INR' }, 'Order amount less than minimum amount allowed'],
    [{ amount: 100_000_000_001, currency: 'INR' }, 'Amount exceeds maximum amount allowed.'],
    [{ amount: 295_991, currency: 'KWD' }, 'The last digit of an amount in this currency must be 0.'],
    [{ amount: 100 }, 'The currency field is required.'],
    [{ amount: 100, currency: 'INR', colour: 'red' }, 'colour is/are not required and should not be sent'],
    [{ amount: 100, currency: 'INR', receipt: 'x'.repeat(41) }, 'The receipt may not be greater than 40 characters.'],
  ]
  for (const [body, description] of cases) {
    const { status, data } = await stand.http.post('/v1/orders', body, { validateStatus: () => true })
    assert.equal(status, 400)
    assert.equal((data.error as { description: string }).description, description)
  }
  assert.equal((await stand.razorpay.orders.all()).count, 0)
})

test('a form body, as in curl examples, is read like JSON', async () => {
  await using stand = await bench()
  const body = new URLSearchParams({ amount: '700', currency: 'INR', 'notes[a]': 'b', constructor: 'x' })
  const { data } = await stand.http.post('/v1/orders', body.toString(), {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    validateStatus: () => true,
  })
  assert.deepEqual([data.amount, data.notes], [700, { a: 'b' }])
  const broken = await stand.http.post('/v1/orders', '{"amount":', {
    headers: { 'content-type': 'application/json' },
    transformRequest: (text: string) => text,
    validateStatus: () => true,
  })
  assert.deepEqual([broken.status, (broken.data.error as { code: string }).code], [400, 'BAD_REQUEST_ERROR'])
})

test('a receipt may be used twice, and finds both orders', async () => {
  await using stand = await bench()
  const first = await stand.order({ receipt: 'same' })
  const second = await stand.order({ receipt: 'same' })
  await stand.order({ receipt: 'other' })
  const found = await stand.razorpay.orders.all({ receipt: 'same' })
  assert.deepEqual(
    found.items.map(({ id }) => id),
    [second, first],
  )
})

test('lists are newest first and obey count, skip, from and to', async () => {
  await using stand = await bench()
  const ids: string[] = []
  for (let at = 0; at < 12; at++) {
    ids.unshift(await stand.order())
    await stand.ports.pass(1000)
  }
  assert.deepEqual(idsOf(await stand.razorpay.orders.all()), ids.slice(0, 10))
  assert.deepEqual(idsOf(await stand.razorpay.orders.all({ count: 3, skip: 2 })), ids.slice(2, 5))
  const seconds = Math.floor(stand.ports.now() / 1000)
  assert.deepEqual(idsOf(await stand.razorpay.orders.all({ from: seconds - 3, to: seconds - 2 })), ids.slice(1, 3))
  const tooMany = await refusal(stand.razorpay.orders.all({ count: 101 }))
  assert.deepEqual(tooMany, { ...BAD, description: 'The count may not be greater than 100.' })
  const tooEarly = await stand.http.get('/v1/orders?from=5', { validateStatus: () => true })
  assert.equal(tooEarly.status, 400)
})

test('orders can carry their payments, however the client writes expand', async () => {
  await using stand = await bench()
  const orderId = await stand.order()
  const { sandbox } = await stand.pay(orderId, 'captured', { method: 'card' })
  for (const spelling of ['expand[]=payments', 'expand[expand]=payments', 'expand[0]=payments', 'expand=payments']) {
    const { data } = await stand.http.get(`/v1/orders/${orderId}?${spelling}`)
    const payments = data.payments as { count: number; items: Array<{ id: string; card?: unknown }> }
    assert.equal(payments.count, 1, spelling)
    assert.equal(payments.items[0]?.id, sandbox.paymentId, spelling)
    assert.equal(payments.items[0]?.card, undefined, spelling)
  }
  const { data } = await stand.http.get(`/v1/orders/${orderId}?expand[]=payments.card`)
  const [payment] = (data.payments as { items: Array<{ card: { last4: string } }> }).items
  assert.equal(payment?.card.last4, '1007')
})

test('notes of orders, payments and refunds can be changed, and nothing else', async () => {
  await using stand = await bench()
  const orderId = await stand.order()
  const { sandbox } = await stand.pay(orderId, 'captured')
  const refund = await stand.razorpay.payments.refund(sandbox.paymentId, { amount: 100 })
  assert.deepEqual((await stand.razorpay.orders.edit(orderId, { notes: { a: 'b' } })).notes, { a: 'b' })
  assert.deepEqual((await stand.razorpay.payments.edit(sandbox.paymentId, { notes: { c: 'd' } })).notes, { c: 'd' })
  assert.deepEqual((await stand.razorpay.refunds.edit(refund.id, { notes: { e: 'f' } })).notes, { e: 'f' })
  const { data } = await stand.http.patch(`/v1/orders/${orderId}`, { notes: {} })
  assert.deepEqual(data.notes, [])
  const call = stand.razorpay.orders.edit(orderId, { amount: 1 } as never)
  assert.deepEqual(await refusal(call), { ...BAD, description: 'amount is/are not required and should not be sent' })
})

test('a captured payment has fee, tax, references and no error', async () => {
  await using stand = await bench()
  const orderId = await stand.order({ amount: 150_000 })
  const answer = await stand.pay(orderId, 'captured')
  const payment = await stand.payment(answer.sandbox.paymentId)
  const { id, acquirer_data: acquirer, created_at: createdAt, ...rest } = payment
  assert.equal(id, answer.razorpay_payment_id)
  assert.equal(createdAt, Math.floor(stand.ports.now() / 1000))
  assert.match(String(acquirer.rrn), /^\d{12}$/)
  assert.deepEqual(rest, {
    entity: 'payment',
    amount: 150_000,
    currency: 'INR',
    status: 'captured',
    order_id: orderId,
    invoice_id: null,
    international: false,
    method: 'upi',
    amount_refunded: 0,
    refund_status: null,
    captured: true,
    description: null,
    card_id: null,
    bank: null,
    wallet: null,
    vpa: 'success@razorpay',
    email: 'void@razorpay.com',
    contact: '+919876543210',
    notes: [],
    fee: 3540,
    tax: 540,
    error_code: null,
    error_description: null,
    error_source: null,
    error_step: null,
    error_reason: null,
    upi: { vpa: 'success@razorpay', flow: 'intent', payer_account_type: 'bank_account' },
  })
  const order = await stand.razorpay.orders.fetch(orderId)
  assert.deepEqual([order.status, order.amount_paid, order.amount_due, order.attempts], ['paid', 150_000, 0, 1])
  assert.deepEqual((await stand.razorpay.orders.fetchPayments(orderId)).items, [payment])
  assert.deepEqual((await stand.razorpay.payments.all()).items, [payment])
})

test('capture takes the whole authorized amount, once', async () => {
  await using stand = await bench()
  const orderId = await stand.order({ payment: { capture: 'manual' } })
  const { sandbox } = await stand.pay(orderId, 'captured')
  const id = sandbox.paymentId
  assert.equal((await stand.payment(id)).status, 'authorized')
  const { razorpay } = stand
  const less = await refusal(razorpay.payments.capture(id, 49_900, 'INR'))
  assert.deepEqual(less, { ...BAD, description: 'Capture amount must be equal to the amount authorized' })
  const fraction = await refusal(razorpay.payments.capture(id, 49_900.5, 'INR'))
  assert.deepEqual(fraction, { ...BAD, description: 'The amount must be an integer.' })
  assert.equal((await stand.payment(id)).status, 'authorized')
  assert.equal((await razorpay.payments.capture(id, 50_000, 'INR')).status, 'captured')
  const twice = await refusal(razorpay.payments.capture(id, 50_000, 'INR'))
  assert.deepEqual(twice, { ...BAD, description: 'This payment has already been captured' })
  assert.equal((await razorpay.orders.fetch(orderId)).status, 'paid')
})

test('the order’s capture setting wins over the account’s', async () => {
  await using stand = await bench()
  const statusAfter = async (fields: Record<string, unknown>) => {
    const { sandbox } = await stand.pay(await stand.order(fields), 'captured')
    return (await stand.payment(sandbox.paymentId)).status
  }
  assert.equal(await statusAfter({}), 'captured')
  assert.equal(await statusAfter({ payment_capture: 0 }), 'authorized')
  await stand.control('/razorpay/_sandbox/settings', { autoCapture: false })
  assert.equal(await statusAfter({}), 'authorized')
  assert.equal(await statusAfter({ payment_capture: 1 }), 'captured')
  const automatic = { capture: 'automatic', capture_options: { automatic_expiry_period: 12, refund_speed: 'normal' } }
  assert.equal(await statusAfter({ payment: automatic }), 'captured')
})

test('unknown ids and paths are 400, and wrong keys 401', async () => {
  await using stand = await bench()
  const { razorpay, http } = stand
  const unknown = { ...BAD, description: 'The id provided does not exist' }
  assert.deepEqual(await refusal(razorpay.payments.fetch('pay_AAAAAAAAAAAAAA')), unknown)
  assert.deepEqual(await refusal(razorpay.orders.fetch('order_AAAAAAAAAAAAAA')), unknown)
  assert.deepEqual(await refusal(razorpay.refunds.fetch('rfnd_AAAAAAAAAAAAAA')), unknown)
  assert.deepEqual(await refusal(razorpay.payments.fetch('abc')), { ...BAD, description: 'abc is not a valid id' })
  assert.deepEqual(await refusal(razorpay.customers.all()), {
    ...BAD,
    description: 'The requested URL was not found on the server.',
  })
  const { keyId, keySecret } = stand.sandbox.keys.razorpay
  const asked = async (username: string, password: string) => {
    const { status, data } = await http.get('/v1/orders', { auth: { username, password }, validateStatus: () => true })
    return [status, (data.error as { description: string }).description]
  }
  assert.deepEqual(await asked(keyId, 'wrong'), [401, 'Authentication failed'])
  assert.deepEqual(await asked('rzp_test_other', keySecret), [401, 'The api key provided is invalid'])
})

test('lists can lag behind while orders and their payments do not', async () => {
  await using stand = await bench()
  await stand.control('/razorpay/_sandbox/settings', { listLagMs: 60_000 })
  const orderId = await stand.order({ receipt: 'late' })
  const { sandbox } = await stand.pay(orderId, 'captured')
  const counts = async () => {
    const { razorpay } = stand
    const lists = [
      razorpay.orders.all({ receipt: 'late' }),
      razorpay.payments.all(),
      razorpay.orders.fetchPayments(orderId),
    ]
    return (await Promise.all(lists)).map((list) => list.items.length)
  }
  assert.deepEqual(await counts(), [0, 0, 1])
  assert.equal((await stand.payment(sandbox.paymentId)).status, 'captured')
  await stand.ports.pass(60_000)
  assert.deepEqual(await counts(), [1, 1, 1])
})

test('settlements add up to what was captured less fees and refunds', async () => {
  await using stand = await bench()
  const orderId = await stand.order({ receipt: 'r7' })
  const { sandbox } = await stand.pay(orderId, 'captured')
  const refund = await stand.razorpay.payments.refund(sandbox.paymentId, { amount: 10_000 })
  await stand.order()
  const report = async (of: string) =>
    (await stand.http.get(`/v1/settlements/recon/combined?year=2026&month=1${of}`)).data.items as Json[]
  assert.deepEqual(await report(''), [])
  assert.equal((await stand.http.get('/v1/settlements')).data.count, 0)
  await stand.ports.pass(3 * 86_400_000)
  const settlements = (await stand.http.get('/v1/settlements')).data.items as Array<Record<string, unknown>>
  assert.equal(settlements.length, 1)
  assert.equal(settlements[0]?.amount, 38_820)
  assert.equal(settlements[0]?.fees, 1180)
  const one = await stand.http.get(`/v1/settlements/${settlements[0]?.id}`)
  assert.deepEqual(one.data, settlements[0])
  const lines = await report('')
  const shown = lines.map(({ entity_id: id, type, credit, debit, settled, settlement_id: settlement }) => {
    return { id, type, credit, debit, settled, settlement }
  })
  const paidOut = { settled: true, settlement: settlements[0]?.id }
  assert.deepEqual(
    new Set(shown),
    new Set([
      { id: sandbox.paymentId, type: 'payment', credit: 48_820, debit: 0, ...paidOut },
      { id: refund.id, type: 'refund', credit: 0, debit: 10_000, ...paidOut },
    ]),
  )
  // A day's report holds what was settled on it, whenever it was made.
  const settledOn = new Date(Number(settlements[0]?.created_at) * 1000).getUTCDate()
  assert.deepEqual(await report(`&day=${settledOn}`), lines)
  for (const day of [settledOn - 2, settledOn - 1, settledOn + 1]) assert.deepEqual(await report(`&day=${day}`), [])
  const { status } = await stand.http.get('/v1/settlements/recon/combined?year=2026&month=13', {
    validateStatus: () => true,
  })
  assert.equal(status, 400)
})
