/** Providers with other manners than Razorpay's, behind the same interface: what the core does with what they tell. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import type { PaymentProvider, WebhookContent } from '../../server/payments/providers/provider.ts'
import { sql } from '../../server/platform/database.ts'
import { anotherProvider, type Manners } from '../another-provider.ts'
import {
  assertAllWell,
  count,
  paidAnswer,
  paidOnce,
  pay,
  place,
  rowCounts,
  unpaid,
  written,
  type Placed,
} from '../buyer.ts'
import { reconcile } from '../reconciling.ts'
import { stockedShop, type Answer, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const OTHER = 'otherpay'

let shop: Shop
let productId: string
let admin: { authorization: string }
let razorpay: PaymentProvider

before(async () => {
  ;({ shop, productId, admin } = await stockedShop({ stock: 1_000 }))
  razorpay = shop.deps.providers.get('razorpay') as PaymentProvider
})
afterEach(async () => {
  const providers = shop.deps.providers as Map<string, PaymentProvider>
  providers.clear()
  providers.set(razorpay.name, razorpay)
  await assertAllWell(shop, [razorpay.name, OTHER])
})
after(() => shop.close())

/** Orders are paid with this one from now on, until the test ends. */
function payWith(manners: Manners): void {
  const providers = shop.deps.providers as Map<string, PaymentProvider>
  providers.clear()
  providers.set(OTHER, anotherProvider(OTHER, razorpay, manners))
}

describe('a provider with a page of its own', () => {
  const CLOSES_AT = new Date('2099-01-01T00:00:00Z')
  const pageOf = (providerOrderId: string) => `https://pay.example/c/${providerOrderId}`

  test('tells its address once: it is kept, and told again to whoever pays later', async () => {
    const asked: Parameters<PaymentProvider['createOrder']>[0][] = []
    payWith({
      async createOrder(request) {
        asked.push(request)
        const made = await razorpay.createOrder(request)
        if (made.outcome !== 'accepted') return made
        const checkout = { url: pageOf(made.value.providerOrderId), token: ['é', { nested: null }] }
        return { ...made, value: { ...made.value, checkout, openUntil: CLOSES_AT } }
      },
      checkout({ kept }) {
        assert.deepEqual(kept?.['token'], ['é', { nested: null }])
        return { keyId: null, checkout: { kind: 'redirect', url: String(kept?.['url']) } }
      },
    })
    const placed = await place(shop, productId)
    const again = await shop.call('POST', '/api/payments/create', {
      guestToken: placed.guestToken,
      body: { orderId: placed.orderId },
    })
    const url = pageOf(placed.providerOrderId)
    assert.deepEqual([again.status, again.body.data.checkout], [200, { kind: 'redirect', url }])

    const [request] = asked
    assert.equal(asked.length, 1)
    const { orderId, paymentId } = placed
    const order = await shop.db.one<{ expires_at: Date }>(
      'test.order',
      sql`select expires_at from orders where id = ${orderId}`,
    )
    assert.deepEqual(
      [request?.paymentId, request?.openUntil, request?.returnUrl, request?.cancelUrl],
      [
        paymentId,
        order.expires_at,
        `http://127.0.0.1:3000/api/payments/return/${orderId}`,
        `http://127.0.0.1:3000/orders/${orderId}`,
      ],
    )
    const rows = await shop.db.many<{ open_until: Date; request: Record<string, unknown> }>(
      'test.kept',
      sql`select p.open_until, c.request from payments p join provider_calls c on c.payment_id = p.id where p.id = ${paymentId}`,
    )
    assert.deepEqual(
      rows.map((row) => row.open_until),
      [CLOSES_AT],
    )
    assert.equal(request?.email, 'ananya@example.test')
    assert.ok(!JSON.stringify(rows[0]?.request).includes('ananya'), 'the record of the call names nobody')
  })
})

describe('a provider that signs nothing of what the browser brings', () => {
  /** Names its order in the address that it sends the shopper back to, and in what its script hands over. */
  const readReturn: PaymentProvider['readReturn'] = ({ providerOrderId }, { token, paypalOrderId }) =>
    (token ?? paypalOrderId) === providerOrderId ? { verdict: 'unsigned' } : { verdict: 'notMine' }

  function comeBack(orderId: string, query: string): Promise<Answer> {
    return shop.call('GET', `/api/payments/return/${orderId}${query}`)
  }

  test('the return earns a look at the provider, and no proof: paid, or captured, without a signature', async () => {
    payWith({ readReturn })
    for (const outcome of ['captured_webhook_lost', 'authorized']) {
      const placed = await place(shop, productId)
      await pay(shop, placed, outcome)
      const page = `http://127.0.0.1:3000/orders/${placed.orderId}/result`
      const alerts = await count(shop.db, sql`alerts`)

      const stranger = await comeBack(placed.orderId, '?token=order_of_somebody_else&PayerID=P1')
      assert.deepEqual([stranger.status, stranger.headers.get('location')], [303, page])
      assert.deepEqual(await written(shop.db, placed.orderId), unpaid())

      const answer = await comeBack(placed.orderId, `?token=${placed.providerOrderId}&PayerID=P1`)
      // Anybody could have typed this address: it gives no key to the order.
      assert.deepEqual([answer.status, answer.headers.get('location')], [303, page])
      assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
      const told = await verifyUnsigned(placed)
      assert.deepEqual([told.status, told.body.data], [200, paidAnswer(placed.orderId)])

      const { claimed } = await shop.db.one<{ claimed: number }>(
        'test.claimed',
        sql`select count(*) filter (where claimed) as claimed from payment_attempts where order_id = ${placed.orderId}`,
      )
      assert.deepEqual([claimed, await count(shop.db, sql`alerts`)], [0, alerts])
    }
  })

  test('nothing was paid: verify says so, and an order of another payment is refused', async () => {
    payWith({ readReturn })
    const [placed, other] = [await place(shop, productId), await place(shop, productId)]
    const told = await verifyUnsigned(placed)
    assert.deepEqual([told.status, told.body.data.paymentStatus, told.body.data.isConfirmed], [200, 'pending', false])
    const refused = await verifyUnsigned({ ...placed, providerOrderId: other.providerOrderId })
    assert.deepEqual([refused.status, refused.body.error.code], [400, 'invalid_signature'])
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
  })

  function verifyUnsigned({ orderId, guestToken, providerOrderId }: Placed): Promise<Answer> {
    return shop.call('POST', '/api/payments/verify', { guestToken, body: { orderId, paypalOrderId: providerOrderId } })
  }
})

test('a webhook that cannot be checked now is not stored, not refused, and taken when it comes again', async () => {
  let isDown = true
  payWith({
    readWebhook: async (rawBody, headers, now) =>
      isDown
        ? { verdict: 'unsure', why: 'the certificate cannot be fetched' }
        : razorpay.readWebhook(rawBody, headers, now),
  })
  const placed = await place(shop, productId)
  const { sandbox } = await pay(shop, placed, 'captured_webhook_lost')
  const { providerOrderId: orderId, total: amount } = placed
  const event = signed(
    shop,
    paymentEvent('payment.captured', { id: sandbox.paymentId, orderId, amount, status: 'captured' }),
  )
  const before = await rowCounts(shop.db)

  const first = await deliver(shop, event, OTHER)
  assert.deepEqual([first.status, first.body.error.code], [503, 'unavailable'])
  assert.ok(Number(first.headers.get('retry-after')) > 0)
  assert.deepEqual(await rowCounts(shop.db), before)

  isDown = false
  assert.equal((await deliver(shop, event, OTHER)).status, 200)
  await shop.receiver.idle()
  assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
})

describe('a provider that names payments by our id, and refunds by their capture alone', () => {
  /** Our payments by the provider's orders, as it has them in its notes: only we, with our key, can have written there. */
  const ours = new Map<string, string>()
  const manners: Manners = {
    async createOrder(request) {
      const made = await razorpay.createOrder(request)
      if (made.outcome === 'accepted') ours.set(made.value.providerOrderId, request.paymentId)
      return made
    },
    retell(fact) {
      if (fact.kind === 'refund') return { ...fact, of: { providerPaymentId: fact.providerPaymentId } }
      const paymentId = 'providerOrderId' in fact.of ? ours.get(fact.of.providerOrderId) : undefined
      return fact.kind === 'signature' || paymentId === undefined ? fact : { ...fact, of: { paymentId } }
    },
    // An event of a refund names no payment but in the refund.
    readEvent: (rawBody) => onlyRefunds(razorpay.readEvent(rawBody)),
    async readWebhook(...delivery) {
      const reading = await razorpay.readWebhook(...delivery)
      if (reading.verdict !== 'signed' || reading.content instanceof Error) return reading
      return { ...reading, content: onlyRefunds(reading.content) }
    },
  }

  function onlyRefunds(content: WebhookContent): WebhookContent {
    const refunds = content.facts.filter((fact) => fact.kind === 'refund')
    return refunds.length === 0 ? content : { ...content, facts: refunds }
  }

  async function bought() {
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed, 'captured_webhook_lost')
    return { placed, paymentId: sandbox.paymentId }
  }

  function tell(body: string): Promise<Answer> {
    return deliver(shop, signed(shop, body), OTHER)
  }

  test('its news finds the order, whichever comes first: paid, and given back', async () => {
    payWith(manners)
    const { placed, paymentId } = await bought()
    const [amount, back] = [placed.total, 4_500]
    await shop.control('POST', `/razorpay/_sandbox/payments/${paymentId}/refund`, { amount: back })
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    const payment = { id: paymentId, orderId: placed.providerOrderId, amount, status: 'captured' } as const
    const refund = { id: books.body.refunds[0].id, paymentId, amount: back, status: 'processed' } as const

    // Of a capture that we have not heard of: it waits, and nothing is written of it.
    assert.equal((await tell(paymentEvent('refund.processed', payment, refund))).status, 200)
    await shop.receiver.idle()
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())

    assert.equal((await tell(paymentEvent('payment.captured', payment))).status, 200)
    await shop.receiver.idle()
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(amount))
    shop.clock.aheadMs += 5_000
    await shop.work()
    const { order, payments, refunds } = await written(shop.db, placed.orderId)
    assert.deepEqual(
      [order, payments, refunds],
      [
        'confirmed/partially_refunded',
        [`partially_refunded ${amount}/${back}`],
        [`processed ${back} made_at_provider`],
      ],
    )
  })

  test('asked about it is found; the books compare as the same; and a refund of ours goes back', async () => {
    payWith(manners)
    const { placed } = await bought()
    shop.clock.aheadMs += 61_000
    await shop.work()
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(placed.total))
    const { outcomes, lines } = await reconcile(shop, admin)
    assert.ok(outcomes.length > 0 && outcomes.every((row) => row.includes(' matched ')), outcomes.join())
    assert.deepEqual(lines, [])
    const { guestToken } = placed
    const body = { reason: 'Changed my mind' }
    const cancelled = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { guestToken, body })
    assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body))
    await shop.work()
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/refunded shopper')
  })

  test('another amount under our id waits for a person, and an id that is none of ours is nobody', async () => {
    payWith(manners)
    const placed = await place(shop, productId)
    const payment = { id: 'pay_of_somebody', orderId: placed.providerOrderId, amount: 100, status: 'failed' } as const
    for (const stranger of [randomUUID(), 'order_1', '']) {
      ours.set(placed.providerOrderId, stranger)
      assert.equal((await tell(paymentEvent('payment.failed', payment))).status, 200)
    }
    await shop.receiver.idle()
    assert.deepEqual(await written(shop.db, placed.orderId), unpaid())
    ours.set(placed.providerOrderId, placed.paymentId)
    const { sandbox } = await pay(shop, placed, 'short_capture')
    shop.clock.aheadMs += 61_000
    await shop.work()
    const { order, reviews } = await written(shop.db, placed.orderId)
    assert.deepEqual([order, reviews], ['pending/under_review', ['amount_differs open']])
    assert.ok(sandbox.paymentId)
  })
})

test('a provider that shows one of its books, page by page, is compared in that and in nothing else', async () => {
  const { payments } = razorpay.books
  assert.ok(payments !== null)
  const cursors: (string | null)[] = []
  payWith({
    books: {
      payments: {
        // Two at once, and each page alone tells the next, in words of its own.
        async list(window, { cursor }) {
          cursors.push(cursor)
          const page = await payments.list(window, { cursor: cursor?.slice('after '.length) ?? null, count: 2 })
          if (page.outcome !== 'accepted' || page.value.nextCursor === null) return page
          return { ...page, value: { ...page.value, nextCursor: `after ${page.value.nextCursor}` } }
        },
        pagesAhead: null,
      },
      refunds: null,
      settlements: null,
    },
  })
  const placed: Placed[] = []
  for (let made = 0; made < 5; made += 1) {
    placed.push(await place(shop, productId))
    await pay(shop, placed.at(-1) as Placed, 'captured_webhook_lost')
  }
  const { status, error, outcomes } = await reconcile(shop, admin)
  assert.deepEqual([status, error], ['completed', null])
  const healed = outcomes.find((row) => row.startsWith('payment healed'))
  assert.equal(healed, `payment healed 5 ${5 * (placed[0]?.total ?? 0)} INR`)
  assert.ok(
    outcomes.every((row) => row.startsWith('payment ')),
    outcomes.join(),
  )
  for (const { orderId, total } of placed) assert.deepEqual(await written(shop.db, orderId), paidOnce(total))
  const followed = cursors.filter((cursor) => cursor !== null)
  assert.deepEqual(followed.slice(0, 2), ['after 2', 'after 4'])
  assert.equal(new Set(followed).size, followed.length)
})

test('a payment from before anything was kept is handed over all the same', async () => {
  const placed = await place(shop, productId)
  const kept = await shop.db.one<{ checkout: unknown; open_until: unknown }>(
    'test.kept',
    sql`select checkout, open_until from payments where id = ${placed.paymentId}`,
  )
  assert.deepEqual(kept, { checkout: null, open_until: null })
  const again = await shop.call('POST', '/api/payments/create', {
    guestToken: placed.guestToken,
    body: { orderId: placed.orderId },
  })
  const { checkout } = again.body.data
  assert.deepEqual([again.status, checkout.kind, checkout.options.order_id], [200, 'razorpay', placed.providerOrderId])
})
