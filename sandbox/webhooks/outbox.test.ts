/** Deliveries: who is told, how often, when, and when it ends. Time is simulated; the schedule is Razorpay's. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import test from 'node:test'
import { type Bench, bench, eventTypes, type Json, RECEIVER } from '../test-bench.ts'

const DAY = 86_400_000
const LADDER = [6, 19, 40, 83, 165, 327, 650, 1293, 2576, 5140, 10_267, 20_508, 40_989, 81_953]

/** One failing event alone, so that each POST can be told by its time. */
async function onlyFailedPayment(stand: Bench): Promise<number> {
  await stand.pay(await stand.order(), 'failed')
  await stand.ports.pass(0)
  return stand.ports.delivered[0]?.at ?? 0
}

test('an event has the provider’s shape, headers and signature', async () => {
  await using stand = await bench()
  const orderId = await stand.order()
  const { sandbox } = await stand.pay(orderId, 'captured')
  await stand.ports.pass(10)
  const captured = stand.ports.delivered[1]?.request
  assert.ok(captured)
  const { payload, ...envelope } = JSON.parse(captured.body)
  assert.match(envelope.account_id, /^acc_[A-Za-z0-9]{14}$/)
  assert.deepEqual(envelope, {
    entity: 'event',
    account_id: envelope.account_id,
    event: 'payment.captured',
    contains: ['payment'],
    created_at: Math.floor((stand.ports.now() - 10) / 1000),
  })
  assert.equal(payload.payment.entity.id, sandbox.paymentId)
  assert.deepEqual(payload.payment.entity.notes, [])
  const { 'x-razorpay-event-id': eventId, 'x-razorpay-signature': signature, ...headers } = captured.headers
  assert.match(String(eventId), /^[A-Za-z0-9]{14}$/)
  assert.deepEqual(headers, {
    'content-type': 'application/json',
    'user-agent': 'Razorpay-Webhook/v1',
    'request-id': eventId,
    'accept-encoding': 'gzip',
  })
  const { webhookSecret } = stand.sandbox.keys.razorpay
  assert.equal(signature, createHmac('sha256', webhookSecret).update(captured.body).digest('hex'))
  const authorized = JSON.parse(stand.ports.delivered[0]?.request.body ?? '').payload.payment.entity
  assert.deepEqual([authorized.status, authorized.captured, authorized.fee], ['authorized', false, null])
  const paid = JSON.parse(stand.ports.delivered[2]?.request.body ?? '')
  assert.deepEqual([paid.contains, paid.payload.order.entity.status], [['payment', 'order'], 'paid'])
})

test('a 4xx is retried by the measured schedule, byte for byte, and given up after its last rung', async () => {
  await using stand = await bench()
  stand.ports.answer(() => ({ status: 400, body: 'no' }))
  const start = await onlyFailedPayment(stand)
  await stand.ports.pass(DAY - 1)
  const offsets = stand.ports.delivered.map(({ at }) => (at - start) / 1000)
  assert.deepEqual(offsets, [0, ...LADDER])
  const [first] = stand.ports.delivered
  for (const { request } of stand.ports.delivered) assert.deepEqual(request, first?.request)
  const { body } = await stand.control('/razorpay/_sandbox/state')
  const [event] = body.webhooks as Array<{ deliveries: Array<{ status: string; attempts: number }> }>
  assert.deepEqual([event?.deliveries[0]?.status, event?.deliveries[0]?.attempts], ['given_up', 15])
})

test('after a 5xx a captured payment is told again within a fifth of a second: sixteen deliveries in all', async () => {
  await using stand = await bench()
  stand.ports.answer(() => ({ status: 503, body: '' }))
  await stand.pay(await stand.order(), 'captured')
  await stand.ports.pass(DAY - 1)
  const ofOne = stand.ports.delivered.filter(({ request }) => request.body.includes('"payment.captured"'))
  const start = ofOne[0]?.at ?? 0
  assert.deepEqual(
    ofOne.map(({ at }) => (at - start) / 1000),
    [0, 0.2, ...LADDER],
  )
})

test('an answer that takes more than five seconds is a failure, whatever it says', async () => {
  await using stand = await bench()
  stand.ports.answer(() => 'silence')
  await onlyFailedPayment(stand)
  await stand.ports.pass(5000)
  stand.ports.answer(() => ({ status: 200, body: 'ok' }))
  assert.equal(stand.ports.delivered.length, 1)
  await stand.ports.pass(1000)
  assert.equal(stand.ports.delivered.length, 2)
  await stand.ports.pass(DAY)
  assert.equal(stand.ports.delivered.length, 2)
})

test('a receiver that fails for a day is disabled until someone enables it again', async () => {
  await using stand = await bench()
  stand.ports.answer(() => 'refused')
  await onlyFailedPayment(stand)
  for (let hour = 0; hour < 25; hour++) {
    await stand.pay(await stand.order(), 'failed')
    await stand.ports.pass(3_600_000)
  }
  const before = stand.ports.delivered.length
  await stand.pay(await stand.order(), 'failed')
  await stand.ports.pass(3_600_000)
  assert.equal(stand.ports.delivered.length, before)
  const { body } = await stand.control('/razorpay/_sandbox/webhook-urls')
  assert.deepEqual(
    (body as unknown as Json[]).map(({ url, enabled }) => ({ url, enabled })),
    [{ url: RECEIVER, enabled: false }],
  )
  stand.ports.answer(() => ({ status: 204, body: '' }))
  await stand.control('/razorpay/_sandbox/webhook-urls', { url: RECEIVER })
  await stand.pay(await stand.order(), 'failed')
  await stand.ports.pass(10)
  assert.equal(stand.ports.delivered.length, before + 1)
})

test('a retry of an event older than a new secret keeps the old signature', async () => {
  await using stand = await bench()
  stand.ports.answer(() => ({ status: 500, body: '' }))
  await onlyFailedPayment(stand)
  await stand.control('/razorpay/_sandbox/keys', { webhookSecret: 'the-new-secret' })
  stand.ports.answer(() => ({ status: 200, body: '' }))
  await stand.ports.pass(6000)
  await stand.pay(await stand.order(), 'failed')
  await stand.ports.pass(10)
  const signatures = stand.ports.delivered.map(({ request }) => request.headers['x-razorpay-signature'])
  assert.equal(signatures[1], signatures[0])
  const newest = stand.ports.delivered[2]?.request.body ?? ''
  assert.equal(signatures[2], createHmac('sha256', 'the-new-secret').update(newest).digest('hex'))
})

test('every receiver gets the same event, signed with its own secret', async () => {
  await using stand = await bench()
  await stand.control('/razorpay/_sandbox/webhook-urls', { url: 'http://second.test/', secret: 'second-secret' })
  await onlyFailedPayment(stand)
  const [first, second] = stand.ports.delivered.map(({ request }) => request)
  assert.deepEqual([first?.url, second?.url], [RECEIVER, 'http://second.test/'])
  assert.equal(first?.headers['x-razorpay-event-id'], second?.headers['x-razorpay-event-id'])
  assert.equal(first?.body, second?.body)
  const own = createHmac('sha256', 'second-secret')
    .update(second?.body ?? '')
    .digest('hex')
  assert.equal(second?.headers['x-razorpay-signature'], own)
  await stand.control('/razorpay/_sandbox/webhook-urls', { url: 'http://second.test/' }, 'DELETE')
  await onlyFailedPayment(stand)
  assert.equal(stand.ports.delivered.length, 3)
})

test('a resent event has the same id; an altered one keeps the true signature, which then does not fit', async () => {
  await using stand = await bench()
  await onlyFailedPayment(stand)
  const [original] = stand.ports.delivered
  const eventId = original?.request.headers['x-razorpay-event-id']
  const again = await stand.control(`/razorpay/_sandbox/webhooks/${eventId}/resend`, {})
  assert.deepEqual(again.body, { eventId, deliveries: [{ url: RECEIVER, status: 200, answer: 'ok' }] })
  assert.deepEqual(stand.ports.delivered[1]?.request, original?.request)
  stand.ports.answer(() => ({ status: 400, body: 'invalid_signature' }))
  const altered = await stand.control(`/razorpay/_sandbox/webhooks/${eventId}/resend`, { body: '{"event":"x"}' })
  assert.deepEqual(altered.body.deliveries, [{ url: RECEIVER, status: 400, answer: 'invalid_signature' }])
  const sent = stand.ports.delivered[2]?.request
  assert.equal(sent?.body, '{"event":"x"}')
  assert.deepEqual(sent?.headers, original?.request.headers)
  await stand.ports.pass(DAY)
  assert.equal(stand.ports.delivered.length, 3)
  assert.equal((await stand.control('/razorpay/_sandbox/webhooks/nothing/resend', {})).status, 404)
})

test('webhook faults lose, double, delay, reverse and forge, as often as asked', async () => {
  await using stand = await bench()
  const fault = (kind: string, more: Json = {}) =>
    stand.control('/razorpay/_sandbox/faults', { kind, match: 'payment\\.captured', ...more })
  const typesOfOnePayment = async () => {
    stand.ports.delivered.length = 0
    await stand.pay(await stand.order(), 'captured')
    await stand.ports.pass(1000)
    return eventTypes(stand.ports)
  }
  await fault('webhook-drop')
  assert.deepEqual(await typesOfOnePayment(), ['payment.authorized', 'order.paid'])
  await fault('webhook-duplicate')
  const doubled = ['payment.authorized', 'payment.captured', 'payment.captured', 'order.paid']
  assert.deepEqual(await typesOfOnePayment(), doubled)
  await fault('webhook-delay', { delayMs: 500 })
  assert.deepEqual(await typesOfOnePayment(), ['payment.authorized', 'order.paid', 'payment.captured'])
  await fault('webhook-reorder')
  assert.deepEqual(await typesOfOnePayment(), ['order.paid', 'payment.captured', 'payment.authorized'])
  await fault('webhook-forge')
  assert.equal((await typesOfOnePayment()).filter((type) => type === 'payment.captured').length, 2)
  const { webhookSecret } = stand.sandbox.keys.razorpay
  const genuine = stand.ports.delivered.filter(({ request }) => {
    const expected = createHmac('sha256', webhookSecret).update(request.body).digest('hex')
    return request.headers['x-razorpay-signature'] === expected
  })
  assert.equal(genuine.length, 3)
  assert.deepEqual(await typesOfOnePayment(), ['payment.authorized', 'payment.captured', 'order.paid'])
})

test('timeScale shortens the schedule, not the five seconds', async () => {
  await using stand = await bench({ timeScale: 10 })
  stand.ports.answer(() => ({ status: 400, body: '' }))
  const start = await onlyFailedPayment(stand)
  await stand.ports.pass(4000)
  assert.deepEqual(
    stand.ports.delivered.map(({ at }) => at - start),
    [0, 600, 1900, 4000],
  )
})

test('skipping time makes what is due happen', async () => {
  await using stand = await bench()
  await stand.pay(await stand.order(), 'captured_webhook_late')
  await stand.ports.pass(1000)
  assert.deepEqual(eventTypes(stand.ports), [])
  await stand.control('/_sandbox/clock/advance', { seconds: 90 })
  await stand.ports.pass(0)
  assert.deepEqual(eventTypes(stand.ports), ['payment.authorized', 'payment.captured', 'order.paid'])
})

test('a reset forgets what is on its way; a new event is not taken for it', async () => {
  await using stand = await bench()
  stand.ports.answer(() => 'silence')
  await onlyFailedPayment(stand)
  await stand.control('/_sandbox/reset', {})
  stand.ports.answer(() => ({ status: 500, body: '' }))
  stand.ports.delivered.length = 0
  await onlyFailedPayment(stand)
  await stand.ports.pass(20_000)
  assert.equal(stand.ports.delivered.length, 3)
  const { body } = await stand.control('/razorpay/_sandbox/state')
  const [event, ...others] = body.webhooks as Array<{ deliveries: Array<{ status: string; tries: Json[] }> }>
  assert.deepEqual([event?.deliveries[0]?.status, event?.deliveries[0]?.tries.length], ['waiting', 3])
  assert.equal(others.length, 0)
  assert.equal((body.webhookUrls as Json[]).length, 1)
})
