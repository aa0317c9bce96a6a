/** Every named scenario: what the browser gets, what webhooks tell, and what the API answers, at once and later. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { SCENARIOS } from '../scenarios.ts'
import { bench, eventTypes, type Json } from '../test-bench.ts'

const PAID = ['payment.authorized', 'payment.captured', 'order.paid']
const HOUR = 3_600_000

interface Expected {
  browser: 'success' | 'failure' | 'nothing' | 'forged'
  hooksAtOnce: string[]
  hooksWithinHour?: string[]
  /** Status of each payment, oldest first, at once; and after an hour where it differs. */
  payments: string[]
  paymentsLater?: string[]
  order: string
  orderLater?: string
}

const EXPECTED: Record<string, Expected> = {
  captured: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  failed: { browser: 'failure', hooksAtOnce: ['payment.failed'], payments: ['failed'], order: 'attempted' },
  closed: { browser: 'nothing', hooksAtOnce: [], payments: [], order: 'created' },
  captured_webhook_late: {
    browser: 'success',
    hooksAtOnce: [],
    hooksWithinHour: PAID,
    payments: ['captured'],
    order: 'paid',
  },
  never_told: { browser: 'nothing', hooksAtOnce: [], payments: ['captured'], order: 'paid' },
  failed_then_authorized_late: {
    browser: 'failure',
    hooksAtOnce: ['payment.failed'],
    hooksWithinHour: PAID,
    payments: ['failed'],
    paymentsLater: ['captured'],
    order: 'attempted',
    orderLater: 'paid',
  },
  authorized: {
    browser: 'success',
    hooksAtOnce: ['payment.authorized'],
    payments: ['authorized'],
    order: 'attempted',
  },
  authorized_then_captured: {
    browser: 'success',
    hooksAtOnce: ['payment.authorized'],
    hooksWithinHour: ['payment.captured', 'order.paid'],
    payments: ['authorized'],
    paymentsLater: ['captured'],
    order: 'attempted',
    orderLater: 'paid',
  },
  pending: {
    browser: 'nothing',
    hooksAtOnce: [],
    hooksWithinHour: ['payment.failed'],
    payments: ['created'],
    paymentsLater: ['failed'],
    order: 'attempted',
  },
  pending_then_captured: {
    browser: 'nothing',
    hooksAtOnce: [],
    hooksWithinHour: PAID,
    payments: ['created'],
    paymentsLater: ['captured'],
    order: 'attempted',
    orderLater: 'paid',
  },
  captured_webhook_lost: { browser: 'success', hooksAtOnce: [], payments: ['captured'], order: 'paid' },
  captured_handler_lost: { browser: 'nothing', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  failed_then_captured: {
    browser: 'success',
    hooksAtOnce: ['payment.failed', ...PAID],
    payments: ['failed', 'captured'],
    order: 'paid',
  },
  double_capture: {
    browser: 'success',
    hooksAtOnce: [...PAID, 'payment.authorized', 'payment.captured'],
    payments: ['captured', 'captured'],
    order: 'paid',
  },
  short_capture: {
    browser: 'success',
    hooksAtOnce: ['payment.authorized', 'payment.captured'],
    payments: ['captured'],
    order: 'attempted',
  },
  over_capture: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  wrong_currency: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  captured_webhook_twice: {
    browser: 'success',
    hooksAtOnce: PAID.flatMap((type) => [type, type]),
    payments: ['captured'],
    order: 'paid',
  },
  captured_webhook_reversed: {
    browser: 'success',
    hooksAtOnce: ['order.paid', 'payment.captured', 'payment.authorized'],
    payments: ['captured'],
    order: 'paid',
  },
  forged_page: { browser: 'forged', hooksAtOnce: [], payments: [], order: 'created' },
  forged_webhook: { browser: 'nothing', hooksAtOnce: ['payment.captured'], payments: [], order: 'created' },
  captured_then_refunded: {
    browser: 'success',
    hooksAtOnce: PAID,
    hooksWithinHour: ['refund.created', 'refund.processed'],
    payments: ['captured'],
    paymentsLater: ['refunded'],
    order: 'paid',
  },
  captured_then_part_refunded: {
    browser: 'success',
    hooksAtOnce: PAID,
    hooksWithinHour: ['refund.created', 'refund.processed'],
    payments: ['captured'],
    order: 'paid',
  },
  refund_fails: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  refund_late: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  refund_fails_late: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
  refund_refused: { browser: 'success', hooksAtOnce: PAID, payments: ['captured'], order: 'paid' },
}

test('every scenario has its expectation here', () => {
  assert.deepEqual(Object.keys(EXPECTED).sort(), SCENARIOS.map(({ name }) => name).sort())
})

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(`${name}: browser, webhooks and API are told as it says`, async () => {
    await using stand = await bench()
    const { keySecret, webhookSecret } = stand.sandbox.keys.razorpay
    const orderId = await stand.order()
    const answer = await stand.pay(orderId, name)
    const statuses = async () => {
      const { items } = await stand.razorpay.orders.fetchPayments(orderId)
      return items.map(({ status }) => status).reverse()
    }
    await stand.ports.pass(1000)

    assert.equal(browserOf(answer, orderId, keySecret), expected.browser)
    assert.deepEqual(eventTypes(stand.ports), expected.hooksAtOnce)
    assert.deepEqual(await statuses(), expected.payments)
    assert.equal((await stand.razorpay.orders.fetch(orderId)).status, expected.order)
    for (const { request } of stand.ports.delivered) {
      const genuine = createHmac('sha256', webhookSecret).update(request.body).digest('hex')
      assert.equal(request.headers['x-razorpay-signature'] === genuine, name !== 'forged_webhook')
    }

    await stand.ports.pass(HOUR)
    assert.deepEqual(eventTypes(stand.ports), [...expected.hooksAtOnce, ...(expected.hooksWithinHour ?? [])])
    assert.deepEqual(await statuses(), expected.paymentsLater ?? expected.payments)
    assert.equal((await stand.razorpay.orders.fetch(orderId)).status, expected.orderLater ?? expected.order)
  })
}

/** What the shopper's page could conclude from its answer. */
function browserOf(answer: Json, orderId: string, keySecret: string): Expected['browser'] {
  if (answer.error !== undefined) return 'failure'
  if (answer.razorpay_payment_id === undefined) return 'nothing'
  assert.equal(answer.razorpay_order_id, orderId)
  const message = `${orderId}|${answer.razorpay_payment_id}`
  const genuine = createHmac('sha256', keySecret).update(message).digest('hex')
  return answer.razorpay_signature === genuine ? 'success' : 'forged'
}

test('short, over and other-currency captures differ by one unit or by currency alone', async () => {
  await using stand = await bench()
  const paid = async (outcome: string, more?: Json) => {
    const { sandbox } = await stand.pay(await stand.order(), outcome, more)
    const { amount, currency } = await stand.payment(sandbox.paymentId)
    return [amount, currency]
  }
  assert.deepEqual(await paid('short_capture'), [49_900, 'INR'])
  assert.deepEqual(await paid('over_capture'), [50_100, 'INR'])
  assert.deepEqual(await paid('wrong_currency'), [50_000, 'USD'])
  assert.deepEqual(await paid('captured', { amount: 12_345 }), [12_345, 'INR'])
  assert.deepEqual(await paid('captured', { currency: 'EUR' }), [50_000, 'EUR'])
})

test('an order that is paid or held takes no other payment, unless a test insists', async () => {
  await using stand = await bench()
  const orderId = await stand.order()
  const tryAgain = async (more: Json = {}) =>
    (await stand.control('/razorpay/_sandbox/pay', { orderId, ...more })).status
  await stand.pay(orderId, 'authorized')
  assert.equal(await tryAgain(), 409)
  const { items } = await stand.razorpay.orders.fetchPayments(orderId)
  await stand.razorpay.payments.capture(items[0]?.id ?? '', 50_000, 'INR')
  assert.equal(await tryAgain(), 409)
  assert.equal((await stand.razorpay.orders.fetch(orderId)).attempts, 1)
  assert.equal(await tryAgain({ allowPaid: true }), 200)
  assert.equal(await tryAgain({ outcome: 'double_capture' }), 200)
  const order = await stand.razorpay.orders.fetch(orderId)
  assert.deepEqual([order.attempts, order.amount_paid, order.amount_due], [3, 150_000, 0])
  assert.equal((await stand.control('/razorpay/_sandbox/pay', { orderId: 'order_AAAAAAAAAAAAAA' })).status, 404)
  assert.equal(await tryAgain({ outcome: 'no-such-outcome' }), 400)
})

test('a late yes for an order that another attempt has paid goes back at once, uncaptured', async () => {
  await using stand = await bench()
  const orderId = await stand.order()
  const first = await stand.pay(orderId, 'failed_then_authorized_late')
  await stand.pay(orderId, 'captured')
  await stand.ports.pass(1000)
  stand.ports.delivered.length = 0
  await stand.ports.pass(600_000)
  const late = await stand.payment(first.sandbox.paymentId)
  assert.deepEqual([late.status, late.captured, late.amount_refunded], ['refunded', false, 50_000])
  assert.deepEqual(eventTypes(stand.ports), ['payment.authorized', 'refund.created', 'refund.processed'])
})

test('a payment can be moved by hand, as the bank would', async () => {
  await using stand = await bench()
  const orderId = await stand.order()
  const { sandbox } = await stand.pay(orderId, 'failed', { failure: 'insufficient_fund', method: 'card' })
  const failed = await stand.payment(sandbox.paymentId)
  assert.deepEqual([failed.error_code, failed.error_reason], ['BAD_REQUEST_ERROR', 'insufficient_fund'])
  const move = (to: string) => stand.control(`/razorpay/_sandbox/payments/${sandbox.paymentId}/advance`, { to })
  assert.equal((await move('authorized')).body.status, 'authorized')
  assert.equal((await stand.payment(sandbox.paymentId)).error_reason, null)
  assert.equal((await move('failed')).status, 409)
  assert.equal((await move('captured')).body.status, 'captured')
  assert.equal((await move('refunded')).body.status, 'refunded')
  assert.equal((await move('captured')).status, 409)
})
