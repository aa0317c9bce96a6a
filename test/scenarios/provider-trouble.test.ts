/**
 * The call that opens a payment goes wrong, with and without effect at the provider. The order is kept; the same request
 * again, the payment's own route, or a worker alone finish it; nobody is ever shown two provider orders.
 */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { guestTokenFor } from '../../server/orders/access.ts'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, placedBy, verify, written, type Placed } from '../buyer.ts'
import { orderBody, stockedShop, TEST_SECRET, type Answer, type Shop } from '../shop.ts'
import { PATIENCE_MS, until } from '../until.ts'

const PRICE = 24_500
const SECOND = 1_000
/** For the answer that never comes. */
const SILENCE_MS = 600

let shop: Shop
let productId: string
let shopId: string
let admin: { id: string; authorization: string }
let isSilent = false

before(async () => {
  const callLimitMs = () => (isSilent ? SILENCE_MS : PATIENCE_MS)
  ;({ shop, productId, shopId, admin } = await stockedShop({ price: PRICE, stock: 1_000, callLimitMs }))
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

const freshKey = () => randomUUID()

async function fault(rule: Record<string, unknown>): Promise<void> {
  const answer = await shop.control('POST', '/razorpay/_sandbox/faults', rule)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

/** The provider orders that carry this payment as their receipt. */
async function providerOrders(paymentId: string): Promise<string[]> {
  const { body } = await shop.control('GET', '/razorpay/_sandbox/state?limit=1000')
  return body.orders
    .filter((order: { receipt: string }) => order.receipt === paymentId)
    .map((order: { id: string }) => order.id)
}

async function onlyPayment(orderId: string): Promise<{ id: string; status: string; provider_order_id: string | null }> {
  return shop.db.one(
    'test.payment',
    sql`select id, status, provider_order_id from payments where order_id = ${orderId}`,
  )
}

/** The refusal of a request whose provider call did not succeed; gives the order that was kept. */
function keptOrder(answer: Answer): { orderId: string; guestToken: string } {
  assert.equal(answer.status, 502, JSON.stringify(answer.body))
  assert.equal(answer.body.error.code, 'provider_unavailable')
  const { orderId } = answer.body.error.details
  return { orderId, guestToken: guestTokenFor(TEST_SECRET, orderId) }
}

/** The payment can be paid, and the order is then confirmed by it. */
async function payToTheEnd(placed: Placed): Promise<void> {
  const { paymentId, providerOrderId, orderId } = placed
  const payment = await onlyPayment(orderId)
  assert.deepEqual(payment, { id: paymentId, status: 'created', provider_order_id: providerOrderId })
  const verified = await verify(shop, placed, await pay(shop, placed))
  assert.equal(verified.body.data.isConfirmed, true)
  await atRest(shop)
  assert.deepEqual(await written(shop.db, orderId), paidOnce(PRICE))
}

const FAULTS = [
  { name: 'P1 reset before it was heard', rule: { kind: 'reset' }, effect: false },
  { name: 'P1 no answer, nothing done', rule: { kind: 'hang' }, effect: false },
  { name: 'P2 no answer, but done', rule: { kind: 'effect-then-hang' }, effect: true },
  { name: 'P2 done, then reset', rule: { kind: 'effect-then-drop' }, effect: true },
  { name: 'P3 done, then half an answer', rule: { kind: 'effect-then-truncate' }, effect: true },
  { name: 'P3 HTML instead of JSON, nothing done', rule: { kind: 'html' }, effect: false },
  { name: 'P3 HTML instead of JSON, but done', rule: { kind: 'effect-then-html' }, effect: true },
  { name: 'P4 503, nothing done', rule: { kind: 'status', status: 503 }, effect: false },
  { name: 'P4 500, but done', rule: { kind: 'effect-then-status', status: 500 }, effect: true },
  { name: 'P5 429', rule: { kind: 'status', status: 429, retryAfter: 1 }, effect: false },
  { name: 'P6 401 after a key rotation', rule: { kind: 'status', status: 401 }, effect: false },
  { name: 'P10 an answer with another amount', rule: { kind: 'effect-then-alter', set: { amount: 1 } }, effect: true },
]

for (const { name, rule, effect } of FAULTS) {
  describe(name, () => {
    async function troubled(key: string): Promise<{ orderId: string; guestToken: string }> {
      await fault({ match: 'POST /v1/orders$', ...rule })
      isSilent = rule.kind.endsWith('hang')
      const kept = keptOrder(await shop.call('POST', '/api/orders', { body: orderBody(productId), key }))
      isSilent = false
      const payment = await onlyPayment(kept.orderId)
      assert.deepEqual({ ...payment, id: '' }, { id: '', status: 'creating', provider_order_id: null })
      if (effect) await until('it is done', async () => (await providerOrders(payment.id)).length > 0)
      assert.equal((await providerOrders(payment.id)).length, effect ? 1 : 0)
      return kept
    }

    test('the same request again finishes it', async () => {
      const key = freshKey()
      const kept = await troubled(key)
      const again = await shop.call('POST', '/api/orders', { body: orderBody(productId), key })
      assert.equal(again.status, 201, JSON.stringify(again.body))
      const placed = placedBy(again)
      assert.equal(placed.orderId, kept.orderId)
      assert.equal(placed.guestToken, kept.guestToken)
      assert.deepEqual(await providerOrders(placed.paymentId), [placed.providerOrderId])
      const third = await shop.call('POST', '/api/orders', { body: orderBody(productId), key })
      assert.equal(third.headers.get('idempotency-replayed'), 'true')
      assert.deepEqual(third.body, again.body)
      await payToTheEnd(placed)
    })

    test('the payment route finishes it', async () => {
      const kept = await troubled(freshKey())
      const opened = await shop.call('POST', '/api/payments/create', {
        guestToken: kept.guestToken,
        body: { orderId: kept.orderId },
      })
      assert.equal(opened.status, 201, JSON.stringify(opened.body))
      const { paymentId, providerOrderId } = opened.body.data
      assert.deepEqual(await providerOrders(paymentId), [providerOrderId])
      await payToTheEnd({ ...kept, paymentId, providerOrderId, total: PRICE })
    })

    test('a worker alone finishes it', async () => {
      const kept = await troubled(freshKey())
      await atRest(shop, 6 * SECOND)
      const opened = await shop.call('POST', '/api/payments/create', {
        guestToken: kept.guestToken,
        body: { orderId: kept.orderId },
      })
      assert.equal(opened.status, 200, JSON.stringify(opened.body))
      const { paymentId, providerOrderId } = opened.body.data
      assert.deepEqual(await providerOrders(paymentId), [providerOrderId])
      await payToTheEnd({ ...kept, paymentId, providerOrderId, total: PRICE })
    })
  })
}

test('C6 the same key after the order was paid by another way: its order, and nothing to pay', async () => {
  const key = freshKey()
  await fault({ match: 'POST /v1/orders$', kind: 'reset' })
  const kept = keptOrder(await shop.call('POST', '/api/orders', { body: orderBody(productId), key }))
  const opened = await shop.call('POST', '/api/payments/create', {
    guestToken: kept.guestToken,
    body: { orderId: kept.orderId },
  })
  await pay(shop, opened.body.data)
  await atRest(shop)
  const again = await shop.call('POST', '/api/orders', { body: orderBody(productId), key })
  assert.equal(again.status, 201, JSON.stringify(again.body))
  assert.equal(again.body.data.order.id, kept.orderId)
  assert.equal(again.body.data.order.status, 'confirmed')
  assert.equal(again.body.data.payment, undefined)
  assert.equal(again.body.data.guestToken, kept.guestToken)
})

describe('FX7 a key that can be guessed, after the provider did not answer', () => {
  const send = (key: string) => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
  const told = (key: string) =>
    until(
      'the token is noted as told',
      async () => (await count(shop.db, sql`idempotency_keys where key = ${key} and told`)) === 1,
    )

  test('FX7 a stranger with the same key gets neither the token nor how it was paid since', async () => {
    await fault({ match: 'POST /v1/orders$', kind: 'reset' })
    const kept = keptOrder(await send('trouble-7'))
    await told('trouble-7')
    const opened = await shop.call('POST', '/api/payments/create', {
      guestToken: kept.guestToken,
      body: { orderId: kept.orderId },
    })
    await pay(shop, opened.body.data)
    await atRest(shop)
    const stranger = await send('trouble-7')
    assert.equal(stranger.status, 201, JSON.stringify(stranger.body))
    const { order, payment, guestToken } = stranger.body.data
    assert.deepEqual([order.id, order.status, order.payments], [kept.orderId, 'confirmed', []])
    assert.deepEqual([payment, guestToken], [undefined, undefined])
  })

  for (const { key, again } of [
    { key: 'trouble-8', again: false },
    { key: randomUUID(), again: true },
  ]) {
    test(`FX7 refused twice under ${again ? 'a key that was drawn' : key}: ${again ? 'the token again' : 'the token once'}`, async () => {
      await fault({ match: 'POST /v1/orders$', kind: 'reset' })
      await fault({ match: 'GET /v1/orders', kind: 'reset', times: 2 })
      const first = await send(key)
      assert.equal(typeof first.body.error.details.guestToken, 'string')
      if (!again) await told(key)
      const second = await send(key)
      assert.equal(second.status, 502, JSON.stringify(second.body))
      const { guestToken, ...rest } = first.body.error.details
      assert.deepEqual(second.body.error.details, again ? { guestToken, ...rest } : rest)
      await atRest(shop, 6 * SECOND)
    })
  }
})

test('P9 a shopper and a worker open one payment at once: one provider order is shown to both', async () => {
  await fault({ match: 'POST /v1/orders$', kind: 'reset' })
  const key = freshKey()
  const kept = keptOrder(await shop.call('POST', '/api/orders', { body: orderBody(productId), key }))
  shop.clock.aheadMs += 6 * SECOND
  const create = () =>
    shop.call('POST', '/api/payments/create', { guestToken: kept.guestToken, body: { orderId: kept.orderId } })
  const [first, second, third] = await Promise.all([create(), create(), create(), shop.work()])
  const shown = [first, second, third].map((answer) => answer.body.data.providerOrderId)
  const payment = await onlyPayment(kept.orderId)
  assert.deepEqual(new Set(shown), new Set([payment.provider_order_id]))
  await payToTheEnd({
    ...kept,
    paymentId: payment.id,
    providerOrderId: payment.provider_order_id ?? '',
    total: PRICE,
  })
})

test('P21 the answer is lost and the list of orders is late: a second provider order, and only that one is shown', async () => {
  await shop.control('POST', '/razorpay/_sandbox/settings', { listLagMs: 60_000 })
  try {
    const key = freshKey()
    await fault({ match: 'POST /v1/orders$', kind: 'effect-then-drop' })
    const kept = keptOrder(await shop.call('POST', '/api/orders', { body: orderBody(productId), key }))
    const placed = placedBy(await shop.call('POST', '/api/orders', { body: orderBody(productId), key }))
    assert.equal(placed.orderId, kept.orderId)
    const made = await providerOrders(placed.paymentId)
    assert.equal(made.length, 2)
    assert.ok(made.includes(placed.providerOrderId))
    await payToTheEnd(placed)
  } finally {
    await shop.control('POST', '/razorpay/_sandbox/settings', { listLagMs: 0 })
  }
})

describe('R6 the provider refuses to open a payment', () => {
  const TOO_MUCH = 'Amount exceeds maximum amount allowed.'
  const refuse = (description: string, times = 1) =>
    fault({ match: 'POST /v1/orders$', kind: 'error', status: 400, code: 'BAD_REQUEST_ERROR', description, times })
  const press = (kept: { orderId: string; guestToken: string }) =>
    shop.call('POST', '/api/payments/create', { guestToken: kept.guestToken, body: { orderId: kept.orderId } })
  const placing = (key = freshKey()) => shop.call('POST', '/api/orders', { body: orderBody(productId), key })
  const reviews = async (orderId: string) => (await written(shop.db, orderId)).reviews

  /** The order of a refusal, with what it says. */
  function unpayable(answer: Answer): { orderId: string; guestToken: string; message: string; reason: string } {
    assert.deepEqual([answer.status, answer.body.error?.code], [409, 'payment_refused'], JSON.stringify(answer.body))
    return { ...answer.body.error.details, message: answer.body.error.message }
  }

  test('P8 R6 pressed five times: one question, honest words, and the question is answered when a payment opens', async () => {
    await refuse(TOO_MUCH, 5)
    const key = freshKey()
    const kept = unpayable(await placing(key))
    assert.equal(
      kept.message,
      "This shop's Razorpay account does not take INR 245.00 in one payment. Order less at a time, or ask the shop. " +
        'Trying again does not help. Nothing was charged.',
    )
    assert.equal(kept.reason, 'amount_too_large')
    assert.equal(kept.guestToken, guestTokenFor(TEST_SECRET, kept.orderId))
    const again = unpayable(await placing(key))
    assert.deepEqual(again, kept)
    for (let time = 3; time <= 5; time += 1) {
      const answer = await press(kept)
      assert.equal(answer.body.error.code, 'payment_refused')
      assert.equal(answer.body.error.message, kept.message)
    }
    const { events } = (await shop.call('GET', `/api/orders/${kept.orderId}/events`, { guestToken: kept.guestToken }))
      .body.data
    const told = events.filter((event: { type: string }) => event.type === 'payment.refused')
    assert.deepEqual([told.length, told[0].data], [5, { reason: 'amount_too_large' }])
    const refused = await written(shop.db, kept.orderId)
    assert.deepEqual(
      refused.payments,
      Array.from({ length: 5 }, () => 'abandoned 0/0'),
    )
    assert.deepEqual(refused.reviews, ['payment_refused open'])

    // Somebody has raised the account's limit.
    const opened = await press(kept)
    assert.equal(opened.status, 201, JSON.stringify(opened.body))
    assert.deepEqual(await reviews(kept.orderId), ['payment_refused resolved'])
    await pay(shop, opened.body.data)
    await atRest(shop)
    const paid = await written(shop.db, kept.orderId)
    assert.deepEqual([paid.order, paid.reviews], ['confirmed/paid', ['payment_refused resolved']])
  })

  test('R6 each reason is a question of its own; one that had answered itself is asked again', async () => {
    await refuse(TOO_MUCH)
    const kept = unpayable(await placing())
    await refuse('Currency is not supported')
    const other = await press(kept)
    assert.equal(other.body.error.details.reason, 'currency_not_enabled')
    await refuse('Something else.')
    assert.match((await press(kept)).body.error.message, /^Razorpay does not take this payment\. Ask the shop\./)
    assert.deepEqual(await reviews(kept.orderId), [
      'payment_refused open',
      'payment_refused open',
      'payment_refused open',
    ])
    const opened = await press(kept)
    assert.equal(opened.status, 201)
    const closed = await shop.call('POST', `/api/payments/${opened.body.data.paymentId}/resolve`, {
      as: admin,
      body: { status: 'abandoned', reason: 'The account was lowered again' },
    })
    assert.equal(closed.status, 200, JSON.stringify(closed.body))
    await refuse(TOO_MUCH)
    assert.equal((await press(kept)).status, 409)
    assert.deepEqual(await reviews(kept.orderId), [
      'payment_refused open',
      'payment_refused resolved',
      'payment_refused resolved',
    ])
  })

  test('R6 a question that a person has answered is not asked again; one of an order that ended is no question', async () => {
    await refuse(TOO_MUCH)
    const answered = unpayable(await placing())
    await shop.db.alone.run(
      'test.dismiss',
      sql`update review_items set resolved_at = now(), resolution = 'dismiss', resolved_by = ${admin.id}, reason = 'known'
          where order_id = ${answered.orderId}`,
    )
    await refuse(TOO_MUCH)
    await press(answered)
    assert.deepEqual(await reviews(answered.orderId), ['payment_refused resolved'])

    await refuse(TOO_MUCH)
    const cancelled = unpayable(await placing())
    const { orderId, guestToken } = cancelled
    assert.equal((await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })).status, 200)
    assert.deepEqual(await reviews(orderId), ['payment_refused resolved'])

    await refuse(TOO_MUCH)
    const expired = unpayable(await placing())
    await atRest(shop, 1_801 * SECOND)
    const ended = await written(shop.db, expired.orderId)
    assert.deepEqual([ended.order, ended.reviews], ['cancelled/pending expired', ['payment_refused resolved']])
  })

  test('R6 a worker that is refused closes the payment and asks once; the shopper’s next press hears why', async () => {
    await fault({ match: 'POST /v1/orders$', kind: 'reset' })
    const kept = keptOrder(await placing())
    await refuse(TOO_MUCH, 2)
    await atRest(shop, 6 * SECOND)
    const refused = await written(shop.db, kept.orderId)
    assert.deepEqual([refused.payments, refused.reviews], [['abandoned 0/0'], ['payment_refused open']])
    assert.equal((await press(kept)).body.error.code, 'payment_refused')
    assert.deepEqual(await reviews(kept.orderId), ['payment_refused open'])
  })

  test('R6 the provider’s own limit: more than it takes at once', async () => {
    const made = await shop.call('POST', '/api/admin/products', {
      as: admin,
      body: { title: 'A ship', price: 200_000_000_000, currency: 'INR', shopId, stock: 1 },
    })
    const answer = await shop.call('POST', '/api/orders', { body: orderBody(made.body.data.product.id) })
    assert.match(unpayable(answer).message, /does not take INR 2000000000\.00 in one payment/)
    // Without a key each press is a new wish, and this guest would be left with nothing to go on with.
    assert.equal(typeof answer.body.error.details.guestToken, 'string')
  })
})

test('P8 a refusal that comes when somebody else has opened the payment closes nothing', async () => {
  await fault({ match: 'POST /v1/orders$', kind: 'reset' })
  const kept = keptOrder(await shop.call('POST', '/api/orders', { body: orderBody(productId), key: freshKey() }))
  await fault({ match: 'POST /v1/orders$', kind: 'delay', delayMs: 150 })
  await fault({ match: 'POST /v1/orders$', kind: 'error', status: 400, code: 'BAD_REQUEST_ERROR', description: 'No.' })
  const create = () =>
    shop.call('POST', '/api/payments/create', { guestToken: kept.guestToken, body: { orderId: kept.orderId } })
  const answers = await Promise.all([create(), create()])
  const payment = await onlyPayment(kept.orderId)
  const shown = answers.filter((answer) => answer.status === 201).map((answer) => answer.body.data.providerOrderId)
  for (const providerOrderId of shown) assert.equal(providerOrderId, payment.provider_order_id)
  assert.ok(
    answers.every((answer) => answer.status === 201 || answer.status === 502 || answer.status === 409),
    JSON.stringify(answers),
  )
  await atRest(shop)
})

test('P6 the provider answers no question for a while: looks go on, nothing fails, then it is found', async () => {
  await fault({ match: 'POST /v1/orders$', kind: 'effect-then-drop' })
  const kept = keptOrder(await shop.call('POST', '/api/orders', { body: orderBody(productId), key: freshKey() }))
  await fault({ match: '^GET ', kind: 'status', status: 503, times: 6 })
  for (const seconds of [6, 16]) {
    await atRest(shop, seconds * SECOND)
    assert.equal((await onlyPayment(kept.orderId)).status, 'creating')
  }
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  // The circuit may have opened, and stays so for ten seconds of real time: the test does not wait for them.
  shop.deps.breaker.report('razorpay', true)
  await atRest(shop, 61 * SECOND)
  const payment = await onlyPayment(kept.orderId)
  assert.equal(payment.status, 'created')
  assert.deepEqual(await providerOrders(payment.id), [payment.provider_order_id])
  await payToTheEnd({
    ...kept,
    paymentId: payment.id,
    providerOrderId: payment.provider_order_id ?? '',
    total: PRICE,
  })
})

test('every call that was made is on record with its outcome', async () => {
  const unknown = await count(shop.db, sql`provider_calls where operation = 'createOrder' and outcome = 'unknown'`)
  assert.ok(unknown >= FAULTS.length * 3, `${unknown} unknown outcomes`)
  assert.equal(await count(shop.db, sql`payments where status = 'creating'`), 0)
})
