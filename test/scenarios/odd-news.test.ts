/** News that is strange: of another payment, in words that we do not know, of another time, old, replayed, or misdirected. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import type { PaymentProvider } from '../../server/payments/providers/provider.ts'
import { createRazorpay } from '../../server/payments/providers/razorpay/adapter.ts'
import { sql } from '../../server/platform/database.ts'
import { anotherProvider } from '../another-provider.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidOnce,
  pay,
  place,
  rowCounts,
  unpaid,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed, type SignedEvent } from '../webhooks.ts'

const PRICE = 24_500
const SECOND = 1_000
const DAY = 86_400 * SECOND

let shop: Shop
let productId: string

before(async () => {
  ;({ shop, productId } = await stockedShop({ price: PRICE }))
})
afterEach(async () => {
  await shop.control('DELETE', '/razorpay/_sandbox/faults')
  await assertAllWell(shop)
})
after(() => shop.close())

/** The next answer to this question has other values than the true one. */
async function altered(match: string, set: Record<string, unknown>): Promise<void> {
  const answer = await shop.control('POST', '/razorpay/_sandbox/faults', { match, kind: 'effect-then-alter', set })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

async function cancel({ orderId, guestToken }: Placed): Promise<void> {
  const answer = await shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

/** The events that the provider has written about an order, as it signed them. */
async function eventsOf(placed: Placed): Promise<Map<string, SignedEvent>> {
  const { body } = await shop.control('GET', `/razorpay/_sandbox/webhooks?orderId=${placed.providerOrderId}`)
  return new Map(
    body.map((event: { id: string; type: string; body: string }) => [event.type, signed(shop, event.body, event.id)]),
  )
}

describe('P12 an answer that belongs to another order', () => {
  test('P12 verify asks about a payment and is told of another order’s: no money for either', async () => {
    const [mine, other] = [await place(shop, productId), await place(shop, productId)]
    const brought = await pay(shop, mine, 'captured_webhook_lost')
    await altered(`GET /v1/payments/${brought.razorpay_payment_id}`, { order_id: other.providerOrderId })
    const verified = await verify(shop, mine, brought)
    assert.deepEqual([verified.status, verified.body.data.isConfirmed], [200, false])
    assert.deepEqual(await written(shop.db, other.orderId), unpaid())
    await atRest(shop, 61 * SECOND)
    assert.deepEqual(await written(shop.db, mine.orderId), paidOnce(PRICE))
    assert.deepEqual(await written(shop.db, other.orderId), unpaid())
  })

  test('P12 the list of an order’s payments shows another order’s: it is not taken for this one', async () => {
    const [mine, other] = [await place(shop, productId), await place(shop, productId)]
    await pay(shop, other, 'captured_webhook_lost')
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${other.providerOrderId}`)
    await altered(`GET /v1/orders/${mine.providerOrderId}/payments`, { items: books.body.payments, count: 1 })
    await atRest(shop, 61 * SECOND)
    assert.deepEqual(await written(shop.db, mine.orderId), unpaid())
    await atRest(shop, 61 * SECOND)
    assert.deepEqual(await written(shop.db, other.orderId), paidOnce(PRICE))
  })

  test('P12 a refund is answered with one of another payment: not taken for ours, asked about, and found', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    await cancel(placed)
    await altered('POST .*/refund$', { payment_id: 'pay_SomebodyElse1', receipt: null })
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
    await atRest(shop, 6 * SECOND)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  })
})

describe('P22 words that we do not know', () => {
  test('P22 a status of a payment: no fact, asked again', async () => {
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'captured_webhook_lost')
    await altered(`GET /v1/payments/${brought.razorpay_payment_id}`, { status: 'on_hold', held_by: 'bank' })
    const verified = await verify(shop, placed, brought)
    assert.deepEqual([verified.body.data.status, verified.body.data.isConfirmed], ['verified', false])
    await atRest(shop, 61 * SECOND)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('P22 a status of a refund: not failed, not processed, asked again', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    await cancel(placed)
    await altered('POST .*/refund$', { status: 'queued' })
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processing ${PRICE} order_cancelled`])
    await atRest(shop, 6 * SECOND)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  })

  test('P22 an event: kept as it came, answered, and without effect', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'captured_webhook_lost')
    const captured = (await eventsOf(placed)).get('payment.captured')
    const strange = signed(shop, (captured?.body ?? '').replace('"payment.captured"', '"payment.frozen"'))
    assert.notEqual(strange.body, captured?.body)
    assert.equal((await deliver(shop, strange)).status, 200)
    await shop.settled()
    const row = await shop.db.one<{ type: string; status: string; raw_body: Buffer }>(
      'test.event',
      sql`select type, status, raw_body from webhook_events where event_id = ${strange.eventId}`,
    )
    assert.deepEqual([row.type, row.raw_body.toString('utf8')], ['payment.frozen', strange.body])
    assert.ok(row.status === 'ignored' || row.status === 'processed', row.status)
    await atRest(shop, 61 * SECOND)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })
})

for (const [when, seconds] of [
  ['the year 2000', 946_684_800],
  ['the year 2100', 4_102_444_800],
] as const) {
  test(`P23 the provider's clock shows ${when}: the payment and its refund end as ever`, async () => {
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'captured_webhook_lost')
    for (const event of (await eventsOf(placed)).values()) {
      const dated = event.body.replaceAll(/"created_at":\d+/g, `"created_at":${seconds}`)
      assert.equal((await deliver(shop, signed(shop, dated))).status, 200)
    }
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    assert.equal((await verify(shop, placed, brought)).body.data.isConfirmed, true)
    await cancel(placed)
    await altered('POST .*/refund$', { created_at: seconds })
    await atRest(shop)
    await atRest(shop, DAY)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  })
}

describe('events that are old', () => {
  test('W6 they come five days after the order was paid, cancelled and sent back: nothing changes', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'captured_webhook_lost')
    await atRest(shop, 61 * SECOND)
    await cancel(placed)
    await atRest(shop, 5 * DAY)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'cancelled/refunded shopper')
    const before = await rowCounts(shop.db)
    const late = [...(await eventsOf(placed)).entries()].filter(([type]) => !type.startsWith('refund.'))
    assert.equal(late.length, 3)
    for (const [, event] of late) assert.equal((await deliver(shop, event)).status, 200)
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), end)
    assert.deepEqual(await rowCounts(shop.db), { ...before, webhook_events: (before['webhook_events'] ?? 0) + 3 })
    const done = sql`webhook_events where order_id = ${placed.orderId} and status <> 'processed'`
    assert.equal(await count(shop.db, done), 0)
  })

  test('W10 R15 a genuine one is replayed a year later, under its id or another: nothing is left of it', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed)
    await atRest(shop)
    await cancel(placed)
    await atRest(shop)
    const captured = (await eventsOf(placed)).get('payment.captured')
    assert.ok(captured !== undefined)
    shop.clock.aheadMs += 365 * DAY
    const before = await rowCounts(shop.db)
    assert.equal((await deliver(shop, captured)).status, 200)
    await shop.settled()
    assert.deepEqual(await rowCounts(shop.db), before)
    assert.equal((await deliver(shop, { ...captured, eventId: 'evt_replayed' })).status, 200)
    await shop.settled()
    assert.deepEqual(await rowCounts(shop.db), before)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/refunded shopper')
  })
})

describe('events that come the wrong way', () => {
  function adapter(webhookSecrets: string[]): PaymentProvider {
    const { keyId, keySecret } = shop.sandbox.keys.razorpay
    const baseUrl = `${shop.sandbox.url}/razorpay`
    const checkoutUrl = `${baseUrl}/v1/checkout.js`
    const options = { keyId, keySecret, webhookSecrets, baseUrl, checkoutUrl, shopName: 'Test Shop' }
    return createRazorpay(options, shop.deps.ports.network)
  }
  const providers = () => shop.deps.providers as Map<string, PaymentProvider>

  function signedWith(secret: string, body: string, eventId: string): SignedEvent {
    const keys = shop.sandbox.keys.razorpay
    const stand = { sandbox: { keys: { razorpay: { ...keys, webhookSecret: secret } } } }
    return signed(stand as unknown as Shop, body, eventId)
  }

  function deliverTo(provider: string, { body, eventId, signature }: SignedEvent): Promise<Answer> {
    return shop.call('POST', `/api/payments/webhook/${provider}`, {
      raw: { content: body, type: 'application/json' },
      headers: { 'x-razorpay-event-id': eventId, 'x-razorpay-signature': signature },
    })
  }

  test('W12 another provider tells of a payment that was opened with this one: no effect, whoever signs', async () => {
    const real = adapter(['of the other provider'])
    providers().set('otherpay', anotherProvider('otherpay', real))
    try {
      const placed = await place(shop, productId)
      await pay(shop, placed, 'captured_webhook_lost')
      const body = (await eventsOf(placed)).get('payment.captured')?.body ?? ''
      const theirs = signedWith('of the other provider', body, 'evt_W12')
      assert.equal((await deliverTo('razorpay', theirs)).body.error.code, 'invalid_signature')
      assert.equal((await deliverTo('otherpay', signed(shop, body))).body.error.code, 'invalid_signature')
      assert.equal((await deliverTo('nobody', theirs)).status, 404)
      assert.equal((await deliverTo('otherpay', theirs)).status, 200)
      await shop.settled()
      assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
      await atRest(shop, 61 * SECOND)
      assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    } finally {
      providers().delete('otherpay')
    }
  })

  test("W19 X21 the return leads to the order's own page, whatever it carries", async () => {
    const placed = await place(shop, productId)
    const evil = 'https://evil.example/thanks'
    const page = `http://127.0.0.1:3000/orders/${placed.orderId}/result`
    for (const query of ['', `?next=${evil}&return_to=${evil}&redirect=//evil.example`]) {
      const answer = await shop.call('POST', `/api/payments/return/${placed.orderId}${query}`, {
        raw: {
          content: new URLSearchParams({
            next: evil,
            callback_url: evil,
            razorpay_signature: 'ab'.repeat(32),
          }).toString(),
          type: 'application/x-www-form-urlencoded',
        },
        headers: { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
      })
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, page])
    }
    const nobody = await shop.call('POST', `/api/payments/return/${encodeURIComponent('//evil.example')}`, {
      raw: { content: '', type: 'application/x-www-form-urlencoded' },
    })
    assert.deepEqual([nobody.status, nobody.headers.get('location')], [404, null])
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
  })
})

describe('R15 an event that is written oddly', () => {
  const capturedBy = (placed: Placed, paymentId: string) =>
    paymentEvent('payment.captured', {
      id: paymentId,
      orderId: placed.providerOrderId,
      amount: PRICE,
      status: 'captured',
    })
  for (const [what, odd] of [
    ['a byte order mark in front', (body: string) => `\uFEFF${body}`],
    ['its currency in small letters', (body: string) => body.replace('"INR"', '"inr"')],
    ['NUL in its name', (body: string) => body.replace('"payment.captured"', '"payment.captured\\u0000"')],
    ['NUL in what it says for people', (body: string) => body.replace('"ananya@okbank"', '"ananya\\u0000@okbank"')],
    [
      'half a surrogate pair in what it says',
      (body: string) => body.replace('"ananya@okbank"', '"ananya\\ud800@okbank"'),
    ],
  ] as const) {
    test(`R15 ${what}: stored, read, and confirms the order`, async () => {
      const placed = await place(shop, productId)
      const { razorpay_payment_id } = await pay(shop, placed, 'captured_webhook_lost')
      const body = odd(capturedBy(placed, razorpay_payment_id))
      assert.notEqual(body, capturedBy(placed, razorpay_payment_id))
      assert.equal((await deliver(shop, signed(shop, body))).status, 200)
      await shop.receiver.idle()
      assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
      const event = await shop.db.one(
        'test.event',
        sql`select type, status from webhook_events where order_id = ${placed.orderId}`,
      )
      assert.deepEqual(event, { type: 'payment.captured', status: 'processed' })
    })
  }

  test('R15 one signed body under two hundred made-up ids, at once and one by one: stored once, answered 200', async () => {
    const placed = await place(shop, productId)
    const { razorpay_payment_id } = await pay(shop, placed, 'captured_webhook_lost')
    const body = capturedBy(placed, razorpay_payment_id)
    const statuses = new Set<number>()
    for (let batch = 0; batch < 10; batch += 1) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => deliver(shop, signed(shop, body))))
      for (const answer of answers) statuses.add(answer.status)
    }
    await shop.receiver.idle()
    assert.deepEqual(statuses, new Set([200]))
    assert.equal(await count(shop.db, sql`webhook_events where raw_body = ${Buffer.from(body)}`), 1)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('R15 the same id twice with other bytes is the same event: the first counts', async () => {
    const placed = await place(shop, productId)
    const { razorpay_payment_id } = await pay(shop, placed, 'captured_webhook_lost')
    const body = capturedBy(placed, razorpay_payment_id)
    const event = signed(shop, body)
    assert.equal((await deliver(shop, event)).status, 200)
    assert.equal((await deliver(shop, signed(shop, `${body} `, event.eventId))).status, 200)
    await shop.receiver.idle()
    assert.equal(await count(shop.db, sql`webhook_events where event_id = ${event.eventId}`), 1)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('R15 an answer with NUL in it is recorded without, and counts', async () => {
    const placed = await place(shop, productId)
    const brought = await pay(shop, placed, 'captured_webhook_lost')
    await altered(`GET /v1/payments/${brought.razorpay_payment_id}`, { vpa: 'a\0b@okbank', currency: 'inr' })
    assert.equal((await verify(shop, placed, brought)).body.data.isConfirmed, true)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })
})
