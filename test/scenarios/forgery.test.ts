/** What is not signed, or is signed for something else, changes nothing; what is signed is taken byte for byte. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, place, rowCounts, unpaid, verify, written } from '../buyer.ts'
import { checkInvariants } from '../invariants.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const PRICE = 24_500

let shop: Shop
let productId: string

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE }))
})
after(() => shop.close())

/** False from the first test on that signs events itself: they tell of payments which the provider never had. */
let books = true
afterEach(async () => {
  if (books) await assertAllWell(shop)
  else assert.deepEqual(await checkInvariants(shop.db), [])
})

async function alerts(kind: string, key: string): Promise<number> {
  const row = await shop.db.maybeOne<{ count: number }>(
    'test.alerts',
    sql`select count from alerts where kind = ${kind} and key = ${key} and resolved_at is null`,
  )
  return row?.count ?? 0
}

function assertRefused(answer: Answer, code: string): void {
  assert.equal(answer.status, 400)
  assert.equal(answer.body.success, false)
  assert.equal(answer.body.error.code, code)
}

test('a forged signature at verify: refused; nothing changes but an event and an alert', async () => {
  const placed = await place(shop, productId)
  const forged = await pay(shop, placed, 'forged_page')
  const before = await rowCounts(shop.db)
  const alarms = await alerts('invalid_signature', 'verify')
  const answer = await verify(shop, placed, forged)
  assertRefused(answer, 'invalid_signature')
  assert.deepEqual(await rowCounts(shop.db), { ...before, events: (before['events'] ?? 0) + 1 })
  assert.equal(await alerts('invalid_signature', 'verify'), alarms + 1)
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
})

test('W18 a payment of a cheap order claimed for a dear one: the order id that we stored is what is signed', async () => {
  const cheap = await place(shop, productId, 1)
  const dear = await place(shop, productId, 20)
  const brought = await pay(shop, cheap, 'captured_webhook_lost')
  assertRefused(await verify(shop, dear, brought), 'invalid_signature')
  assertRefused(await verify(shop, dear, { ...brought, razorpay_order_id: dear.providerOrderId }), 'invalid_signature')
  assert.deepEqual(await written(shop.db, dear.orderId), unpaid())
  assert.deepEqual((await verify(shop, cheap, brought)).body.data.isConfirmed, true)
})

test('R11 a return whose two names of one thing differ: refused by field, and nothing changes', async () => {
  const [placed, other] = [await place(shop, productId), await place(shop, productId)]
  const brought = await pay(shop, placed, 'captured_webhook_lost')
  const before = await rowCounts(shop.db)
  for (const [alias, contradiction] of [
    ['order_id', { order_id: other.orderId }],
    ['razorpay_payment_id', { razorpayPaymentId: 'pay_another' }],
    ['razorpay_order_id', { razorpayOrderId: other.providerOrderId }],
    ['razorpay_signature', { razorpaySignature: '0'.repeat(64) }],
  ] as const) {
    const answer = await shop.call('POST', '/api/payments/verify', {
      guestToken: placed.guestToken,
      body: { orderId: placed.orderId, ...brought, ...contradiction },
    })
    assertRefused(answer, 'validation_failed')
    assert.equal(answer.body.error.details.fields[0].field, alias)
  }
  assert.deepEqual(await rowCounts(shop.db), before)
  const agreeing = await shop.call('POST', '/api/payments/verify', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId, order_id: placed.orderId.toUpperCase(), ...brought },
  })
  assert.equal(agreeing.body.data.isConfirmed, true)
})

for (const { what, change } of [
  { what: 'empty', change: () => '' },
  { what: 'one digit off', change: (text: string) => (text.startsWith('0') ? '1' : '0') + text.slice(1) },
  { what: 'a digit short', change: (text: string) => text.slice(1) },
  { what: 'longer by a digit', change: (text: string) => `${text}0` },
  { what: 'not hexadecimal', change: () => 'z'.repeat(64) },
  { what: 'base64 of the right bytes', change: (text: string) => Buffer.from(text, 'hex').toString('base64') },
]) {
  test(`W16 a signature at verify that is ${what}: a plain refusal`, async () => {
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'captured_webhook_lost')
    const answer = await verify(shop, placed, { ...brought, razorpay_signature: change(brought.razorpay_signature) })
    assertRefused(answer, 'invalid_signature')
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
    await verify(shop, placed, brought)
  })
}

test('W8 a forged webhook: refused; no row, only an alert', async () => {
  const placed = await place(shop, productId)
  const before = await rowCounts(shop.db)
  const alarms = await alerts('invalid_signature', 'webhook:razorpay')
  await pay(shop, placed, 'forged_webhook')
  await atRest(shop)
  const told = await shop.control('GET', `/razorpay/_sandbox/webhooks?orderId=${placed.providerOrderId}`)
  assert.deepEqual(
    told.body.flatMap((event: { deliveries: { tries: { status: number }[] }[] }) =>
      event.deliveries.flatMap((delivery) => delivery.tries.map((attempt) => attempt.status)),
    ),
    [400],
  )
  assert.deepEqual(await rowCounts(shop.db), before)
  assert.equal(await alerts('invalid_signature', 'webhook:razorpay'), alarms + 1)
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
})

test('W8 a webhook without a signature, with one of another key, of another algorithm', async () => {
  const placed = await place(shop, productId)
  const body = paymentEvent('payment.captured', {
    id: 'pay_forged',
    orderId: placed.providerOrderId,
    amount: PRICE,
    status: 'captured',
  })
  const { webhookSecret, keySecret } = shop.sandbox.keys.razorpay
  const before = await rowCounts(shop.db)
  const event = { eventId: 'evt_forged', body }
  assertRefused(await deliver(shop, event), 'signature_missing')
  assertRefused(await deliver(shop, { ...event, signature: '' }), 'signature_missing')
  for (const signature of [
    createHmac('sha256', keySecret).update(body).digest('hex'),
    createHmac('sha256', '').update(body).digest('hex'),
    createHmac('sha512', webhookSecret).update(body).digest('hex'),
    createHmac('sha256', webhookSecret).update(body).digest('base64'),
    webhookSecret,
  ]) {
    assertRefused(await deliver(shop, { ...event, signature }), 'invalid_signature')
  }
  assert.deepEqual(await rowCounts(shop.db), before)
})

test('W13 the body is changed by one byte after signing: refused', async () => {
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed, 'captured_webhook_lost')
  const [event] = (await shop.control('GET', `/razorpay/_sandbox/webhooks?orderId=${placed.providerOrderId}`)).body
  const before = await rowCounts(shop.db)
  for (const body of [
    event.body.replace('"currency":"INR"', '"currency":"INS"'),
    `${event.body} `,
    event.body.replace('":', '": '),
    `\uFEFF${event.body}`,
    JSON.stringify(JSON.parse(event.body), null, 1),
  ]) {
    assert.notEqual(body, event.body)
    const resent = await shop.control('POST', `/razorpay/_sandbox/webhooks/${event.id}/resend`, { body })
    assert.deepEqual(
      resent.body.deliveries.map((delivery: { status: number }) => delivery.status),
      [400],
    )
  }
  assert.deepEqual(await rowCounts(shop.db), before)
  const resent = await shop.control('POST', `/razorpay/_sandbox/webhooks/${event.id}/resend`)
  assert.equal(resent.body.deliveries[0].status, 200)
  await atRest(shop, 61_000)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.ok(sandbox.paymentId)
})

test('W11 a genuine event that names our order in its notes, for a provider order that is not ours: no effect', async () => {
  const placed = await place(shop, productId)
  const body = JSON.parse(
    paymentEvent('payment.captured', {
      id: 'pay_W11',
      orderId: 'order_W11ofSomebody',
      amount: PRICE,
      status: 'captured',
    }),
  )
  body.payload.payment.entity.notes = { order: placed.orderId, receipt: placed.paymentId }
  const event = signed(shop, JSON.stringify(body))
  assert.equal((await deliver(shop, event)).status, 200)
  for (let look = 0; look < 8; look += 1) await atRest(shop, 7_201_000)
  const row = await shop.db.one<{ status: string; order_id: string | null }>(
    'test.event',
    sql`select status, order_id from webhook_events where event_id = ${event.eventId}`,
  )
  assert.deepEqual(row, { status: 'ignored', order_id: null })
  // Meanwhile its time to pay has passed.
  const end = await written(shop.db, placed.orderId)
  assert.equal(end.order, 'cancelled/pending expired')
  assert.deepEqual(end.attempts, [])
})

for (const [what, respell] of [
  ['unicode as it is', (body: string) => body],
  ['unicode as escapes', (body: string) => body.replace(/[^\x20-\x7e]/g, escaped)],
  ['escaped slashes', (body: string) => body.replaceAll('/', '\\/')],
  ['spaces and line breaks', (body: string) => JSON.stringify(JSON.parse(body), null, 2)],
  ['a key twice, the last one counts', (body: string) => body.replace('{"entity"', '{"event":"nothing","entity"')],
] as const) {
  test(`W13 ${what}: the signature is over the raw bytes, which are kept`, async () => {
    books = false
    const placed = await place(shop, productId)
    const id = `pay_${createHmac('sha256', 'id').update(what).digest('hex').slice(0, 14)}`
    const event = JSON.parse(
      paymentEvent('payment.captured', { id, orderId: placed.providerOrderId, amount: PRICE, status: 'captured' }),
    )
    event.payload.payment.entity.notes = { for: 'हुंडी – ₹245 / “काली मिर्च” 🌶' }
    const body = respell(JSON.stringify(event))
    const { eventId, signature } = signed(shop, body)
    assert.equal((await deliver(shop, { eventId, body, signature })).status, 200)
    await shop.settled()
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    const row = await shop.db.one<{ raw_body: Buffer; status: string }>(
      'test.raw',
      sql`select raw_body, status from webhook_events where event_id = ${eventId}`,
    )
    assert.equal(row.raw_body.toString('utf8'), body)
    assert.equal(row.status, 'processed')
  })
}

test('W2 the same fact in two events: two rows, one effect', async () => {
  books = false
  const placed = await place(shop, productId)
  const body = paymentEvent('payment.captured', {
    id: 'pay_W2',
    orderId: placed.providerOrderId,
    amount: PRICE,
    status: 'captured',
  })
  const answers = await Promise.all([body, `${body}\n`].map((each) => deliver(shop, signed(shop, each))))
  assert.deepEqual(
    answers.map((answer) => [answer.status, answer.body.received]),
    [
      [200, true],
      [200, true],
    ],
  )
  await atRest(shop)
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  assert.equal(await count(shop.db, sql`webhook_events where order_id = ${placed.orderId} and status = 'processed'`), 2)
})

test('P25 amounts that are no integers in minor units are refused, not repaired', async () => {
  books = false
  const placed = await place(shop, productId)
  for (const amount of ['24500', 24_500.5, -24_500, null, true, 2 ** 53]) {
    const event = JSON.parse(
      paymentEvent('payment.captured', {
        id: 'pay_P25',
        orderId: placed.providerOrderId,
        amount: 1,
        status: 'captured',
      }),
    )
    event.payload.payment.entity.amount = amount
    assert.equal((await deliver(shop, signed(shop, JSON.stringify(event)))).status, 200)
  }
  await shop.settled()
  assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
})

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('')
}
