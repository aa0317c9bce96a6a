/** Questions about captures and refunds, answered by an admin: each action of each kind, and what the books say after it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidOnce,
  pay,
  place,
  providerTimePasses,
  rowCounts,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { credited, deskOf, placeAs, type Desk } from '../reviews.ts'
import { ADDRESS, stockedShop, type Shop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const PRICE = 24_500
/** The sandbox captures one rupee less, or more. */
const SHORT = PRICE - 100
const OVER = PRICE + 100
const SECOND = 1_000
const DAY = 86_400 * SECOND
const REFUND_NEWS = 7 * SECOND

let shop: Shop
let desk: Desk
let admin: { id: string; authorization: string }
let second: { authorization: string }
let seller: { authorization: string }
let customer: { id: string; authorization: string }
let productId: string

before(async () => {
  ;({ shop, admin, productId } = await stockedShop({ price: PRICE, stock: 1_000 }))
  desk = deskOf(shop, admin)
  customer = await shop.signedIn({ role: 'customer', email: 'customer@example.test' })
  second = await shop.signedIn({ role: 'admin', email: 'second@example.test' })
  seller = await shop.signedIn({ role: 'seller', email: 'seller@example.test' })
  // Weeks pass in these tests.
  await shop.db.alone.run('test.sessions', sql`update sessions set expires_at = now() + interval '1 year'`)
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function fault(rule: Record<string, unknown>): Promise<void> {
  const answer = await shop.control('POST', '/razorpay/_sandbox/faults', rule)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

async function cancel(placed: Placed): Promise<void> {
  const answer = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
}

/** An order of the customer whose capture differs. */
async function differing(outcome: 'short_capture' | 'over_capture' | 'wrong_currency', as = customer) {
  const placed = await placeAs(shop, as, productId)
  const { sandbox } = await pay(shop, placed, outcome)
  await atRest(shop)
  const kind = outcome === 'wrong_currency' ? 'currency_differs' : 'amount_differs'
  return { placed, sandboxId: sandbox.paymentId, item: await desk.theOpen(placed.orderId, kind) }
}

/** A cancelled order whose refund the provider refused. */
async function refundRefused() {
  const placed = await placeAs(shop, customer, productId)
  const { sandbox } = await pay(shop, placed)
  await atRest(shop)
  await cancel(placed)
  await fault({
    match: 'POST .*/refund$',
    kind: 'error',
    status: 400,
    code: 'BAD_REQUEST_ERROR',
    description: 'Your account does not have enough balance to carry out the refund operation.',
  })
  await atRest(shop)
  return { placed, sandboxId: sandbox.paymentId, item: await desk.theOpen(placed.orderId, 'refund_failed') }
}

async function eventsOf(orderId: string, type: string): Promise<{ actor: string; data: Record<string, unknown> }[]> {
  const answer = await shop.call('GET', `/api/orders/${orderId}/events`, { as: admin })
  const events: { type: string; actor: string; data: Record<string, unknown> }[] = answer.body.data.events
  return events.filter((event) => event.type === type)
}

describe('a capture of another amount', () => {
  test('P10 too little, confirmed: the order stands, and what it lacks is written off', async () => {
    const { placed, item } = await differing('short_capture')
    assert.deepEqual(item.actions, ['confirm', 'refund', 'refund_to_wallet', 'ask'])
    const before = await credited(shop.db, 'write_offs:hundi:INR')
    const done = await desk.decided(item.id, { action: 'confirm', reason: ' One rupee is not worth a quarrel ' })
    assert.equal(done.resolution, 'confirm')
    assert.deepEqual(done.resolvedBy, { id: admin.id, name: 'Person 1' })
    assert.equal(done.reason, 'One rupee is not worth a quarrel')
    assert.deepEqual(done.actions, [])
    assert.deepEqual(await written(shop.db, placed.orderId), {
      order: 'confirmed/paid',
      payments: [`paid ${SHORT}/0`],
      attempts: [`captured kept ${SHORT}/0`],
      refunds: [],
      reviews: ['amount_differs resolved'],
      ledger: [`capture ${SHORT} INR`, `sale ${PRICE} INR`, 'write_off 100 INR'],
    })
    assert.equal(await credited(shop.db, 'write_offs:hundi:INR'), before - 100)
    assert.deepEqual(
      (await eventsOf(placed.orderId, 'review.resolved')).map(({ actor, data }) => ({ actor, data })),
      [
        {
          actor: 'admin',
          data: { kind: 'amount_differs', action: 'confirm', note: 'One rupee is not worth a quarrel' },
        },
      ],
    )
  })

  test('what an admin wrote about it is not shown to the shopper', async () => {
    const { placed, item } = await differing('short_capture')
    await desk.decided(item.id, { action: 'confirm', reason: 'Known troublemaker' })
    const answer = await shop.call('GET', `/api/orders/${placed.orderId}/events`, { as: customer })
    assert.equal(answer.status, 200)
    assert.equal(JSON.stringify(answer.body).includes('troublemaker'), false)
  })

  test('P10 too much, confirmed: the order stands, and what is over goes back', async () => {
    const { placed, item } = await differing('over_capture')
    await desk.decided(item.id, { action: 'confirm' })
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), {
      order: 'confirmed/partially_refunded',
      payments: [`partially_refunded ${OVER}/100`],
      attempts: [`captured kept ${OVER}/100`],
      refunds: ['processed 100 over_payment'],
      reviews: ['amount_differs resolved'],
      ledger: [`capture ${OVER} INR`, 'refund 100 INR', 'refund_owed 100 INR', `sale ${PRICE} INR`],
    })
  })

  test('P10 refunded: all of it goes back, and the order can still be paid', async () => {
    const { placed, item } = await differing('short_capture')
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.match(end.order, /^pending\//)
    assert.deepEqual(end.attempts, [`refunded surplus ${SHORT}/${SHORT}`])
    assert.deepEqual(end.refunds, [`processed ${SHORT} amount_differs`])
    assert.deepEqual(end.ledger, [`capture ${SHORT} INR`, `refund ${SHORT} INR`, `refund_owed ${SHORT} INR`])
    assert.deepEqual(end.reviews, ['amount_differs resolved'])
  })

  test('P10 refunded to the wallet: it is there at once', async () => {
    const { placed, item } = await differing('short_capture')
    const account = `wallet:${customer.id}:INR`
    const before = await credited(shop.db, account)
    await desk.decided(item.id, { action: 'refund_to_wallet' })
    assert.equal(await credited(shop.db, account), before + SHORT)
    const wallet = await shop.call('GET', '/api/wallet', { as: customer })
    assert.deepEqual(wallet.body.data.wallet.balances, [{ currency: 'INR', balance: before + SHORT }])
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [`processed ${SHORT} amount_differs`])
    assert.deepEqual(end.ledger, [`capture ${SHORT} INR`, `refund_owed ${SHORT} INR`, `refund_to_wallet ${SHORT} INR`])
  })

  test('P10 written off once the order is cancelled, not while it waits', async () => {
    const { placed, item } = await differing('short_capture')
    const refused = await desk.decide(item.id, { action: 'write_off' })
    assert.deepEqual(
      [refused.status, refused.body.error.code, refused.body.error.details],
      [409, 'invalid_transition', { actions: ['confirm', 'refund', 'refund_to_wallet', 'ask'] }],
    )
    await cancel(placed)
    assert.deepEqual((await desk.detail(item.id)).item.actions, ['refund', 'refund_to_wallet', 'write_off', 'ask'])
    const before = await credited(shop.db, 'write_offs:hundi:INR')
    await desk.decided(item.id, { action: 'write_off', reason: 'The customer is not to be found' })
    assert.equal(await credited(shop.db, 'write_offs:hundi:INR'), before + SHORT)
    assert.deepEqual((await written(shop.db, placed.orderId)).ledger, [
      `capture ${SHORT} INR`,
      `write_off ${SHORT} INR`,
    ])
  })

  test('P10 is not dismissed while its money is held', async () => {
    const { placed, item } = await differing('over_capture')
    const refused = await desk.decide(item.id, { action: 'dismiss' })
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'invalid_transition'])
    assert.deepEqual((await written(shop.db, placed.orderId)).reviews, ['amount_differs open'])
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })

  test('P11 in another currency: it cannot pay the order, nor go to a wallet; it goes back as what it is', async () => {
    const { placed, item } = await differing('wrong_currency')
    assert.deepEqual(item.actions, ['refund', 'ask'])
    for (const action of ['confirm', 'refund_to_wallet', 'write_off', 'dismiss']) {
      assert.equal((await desk.decide(item.id, { action })).body.error.code, 'invalid_transition', action)
    }
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [`processed ${PRICE} currency_differs`])
    assert.deepEqual(end.ledger, [`capture ${PRICE} USD`, `refund ${PRICE} USD`, `refund_owed ${PRICE} USD`])
  })

  test('P10 asked about, and it is as it was: the question stays open', async () => {
    const { placed, item } = await differing('short_capture')
    const asked = await desk.decided(item.id, { action: 'ask' })
    assert.equal(asked.resolvedAt, null)
    assert.equal((await eventsOf(placed.orderId, 'review.resolved')).length, 0)
    await desk.decided(item.id, { action: 'confirm' })
  })

  test('P20 asked about, and somebody has sent it back at the dashboard: the look answers it', async () => {
    const { placed, sandboxId, item } = await differing('short_capture')
    await shop.control('DELETE', `/razorpay/_sandbox/webhook-urls?url=${encodeURIComponent(hooks())}`)
    const dashboard = await shop.control('POST', `/razorpay/_sandbox/payments/${sandboxId}/refund`, {})
    assert.equal(dashboard.status, 200, JSON.stringify(dashboard.body))
    const late = await desk.decide(item.id, { action: 'confirm' })
    assert.equal(late.status, 409, 'what has gone back cannot pay the order')
    assert.equal(late.body.error.code, 'invalid_transition')
    const asked = await desk.decided(item.id, { action: 'ask' })
    assert.equal(asked.resolution, 'ask')
    await shop.control('POST', '/razorpay/_sandbox/webhook-urls', { url: hooks() })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [`processed ${SHORT} made_at_provider`])
    assert.deepEqual(end.reviews, ['amount_differs resolved'])
  })
})

function hooks(): string {
  return `${shop.url}/api/payments/webhook/razorpay`
}

describe('a refund that failed', () => {
  test('P17 is sent again, and arrives', async () => {
    const { placed, item } = await refundRefused()
    assert.deepEqual(item.actions, ['refund', 'refund_to_wallet', 'paid_back_elsewhere', 'write_off', 'ask'])
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'cancelled/refunded admin')
    assert.deepEqual(end.refunds, [`failed ${PRICE} order_cancelled`, `processed ${PRICE} order_cancelled`])
    assert.deepEqual(end.reviews, ['refund_failed resolved'])
  })

  test('P17 is sent again, and fails again: the debt has an open item once more', async () => {
    const { placed, item } = await refundRefused()
    await fault({ match: 'POST .*/refund$', kind: 'error', status: 400, code: 'BAD_REQUEST_ERROR', description: 'No.' })
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const again = await desk.theOpen(placed.orderId, 'refund_failed')
    assert.notEqual(again.id, item.id)
    await desk.decided(again.id, { action: 'refund_to_wallet' })
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/refunded admin')
    assert.equal((await desk.openOf(placed.orderId)).length, 0)
  })

  test('P17 of a part is about that part: the rest of the order stands', async () => {
    const placed = await placeAs(shop, customer, productId)
    await pay(shop, placed)
    await atRest(shop)
    await fault({ match: 'POST .*/refund$', kind: 'error', status: 400, code: 'BAD_REQUEST_ERROR', description: 'No.' })
    const body = { orderId: placed.orderId, amount: 500, reason: 'One jar broke' }
    assert.equal((await shop.call('POST', '/api/payments/refund', { as: admin, body })).status, 202)
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'refund_failed')
    assert.equal(item.amount, 500)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/partially_refunded')
    assert.deepEqual(end.attempts, [`captured kept ${PRICE}/500`])
    assert.deepEqual(end.refunds, ['failed 500 One jar broke', 'processed 500 One jar broke'])
    assert.equal(end.ledger.filter((line) => line.startsWith('sale_reversed')).join(), 'sale_reversed 500 INR')
  })

  for (const action of ['write_off', 'paid_back_elsewhere', 'refund_to_wallet'] as const) {
    test(`P17 of a part is about that part, also by ${action}`, async () => {
      const placed = await placeAs(shop, customer, productId)
      await pay(shop, placed)
      await atRest(shop)
      await fault({
        match: 'POST .*/refund$',
        kind: 'error',
        status: 400,
        code: 'BAD_REQUEST_ERROR',
        description: 'No.',
      })
      const body = { orderId: placed.orderId, amount: 500, reason: 'One jar broke' }
      assert.equal((await shop.call('POST', '/api/payments/refund', { as: admin, body })).status, 202)
      await atRest(shop)
      const item = await desk.theOpen(placed.orderId, 'refund_failed')
      await desk.decided(item.id, { action, reference: `UTR-PART-${action}` })
      const moved = {
        write_off: 'write_off 500 INR',
        paid_back_elsewhere: 'refund_by_hand 500 INR',
        refund_to_wallet: 'refund_to_wallet 500 INR',
      }
      assert.ok((await written(shop.db, placed.orderId)).ledger.includes(moved[action]))
    })
  }

  test('P17 is paid back by a transfer: once per reference', async () => {
    const { placed, item } = await refundRefused()
    const without = await desk.decide(item.id, { action: 'paid_back_elsewhere' })
    assert.deepEqual(
      [without.status, without.body.error.details],
      [400, { fields: [{ field: 'reference', message: 'is required for paid_back_elsewhere' }] }],
    )
    const bank = await credited(shop.db, 'bank:manual:INR')
    await desk.decided(item.id, { action: 'paid_back_elsewhere', reference: 'UTR 2026-11-21/7' })
    assert.equal(await credited(shop.db, 'bank:manual:INR'), bank + PRICE)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/refunded admin')

    const other = await refundRefused()
    const twice = await desk.decide(other.item.id, { action: 'paid_back_elsewhere', reference: 'UTR 2026-11-21/7' })
    assert.deepEqual([twice.status, twice.body.error.code], [400, 'validation_failed'])
    assert.equal((await desk.theOpen(other.placed.orderId, 'refund_failed')).resolvedAt, null)
    await desk.decided(other.item.id, { action: 'paid_back_elsewhere', reference: 'UTR 2026-11-21/8' })
  })

  test('P17 is written off, because nobody can be found to give it to', async () => {
    const { placed, item } = await refundRefused()
    await desk.decided(item.id, { action: 'write_off', reason: 'The account is closed and nobody answers' })
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'cancelled/paid admin')
    assert.ok(end.ledger.includes(`write_off ${PRICE} INR`))
    assert.deepEqual(end.reviews, ['refund_failed resolved'])
  })

  test('P17 is not dismissed while its money is owed', async () => {
    const { item } = await refundRefused()
    assert.equal((await desk.decide(item.id, { action: 'dismiss' })).body.error.code, 'invalid_transition')
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })

  test('P19 days after it had arrived: the debt is open again, and is paid another way', async () => {
    const placed = await placeAs(shop, customer, productId)
    await pay(shop, placed)
    await atRest(shop)
    await cancel(placed)
    await atRest(shop)
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    const [refund] = books.body.refunds
    await shop.control('POST', `/razorpay/_sandbox/refunds/${refund.id}/advance`, { to: 'failed' })
    await providerTimePasses(shop, REFUND_NEWS)
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'refund_failed')
    await desk.decided(item.id, { action: 'refund_to_wallet' })
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'cancelled/refunded admin')
    assert.deepEqual(end.refunds, [`failed ${PRICE} order_cancelled`, `processed ${PRICE} order_cancelled`])
  })

  test('P20 was meanwhile made at the dashboard: the look before the decision finds it, and nothing is paid twice', async () => {
    const { placed, sandboxId, item } = await refundRefused()
    await shop.control('DELETE', `/razorpay/_sandbox/webhook-urls?url=${encodeURIComponent(hooks())}`)
    await shop.control('POST', `/razorpay/_sandbox/payments/${sandboxId}/refund`, {})
    const late = await desk.decide(item.id, { action: 'refund' })
    assert.deepEqual(
      [late.status, late.body.error.code, late.body.error.details],
      [409, 'already_resolved', { resolution: 'refunded by another refund', resolvedBy: null }],
    )
    await shop.control('POST', '/razorpay/_sandbox/webhook-urls', { url: hooks() })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [`failed ${PRICE} order_cancelled`, `processed ${PRICE} made_at_provider`])
  })
})

describe('a refund without an answer', () => {
  test('P18 asked about after two weeks, while the provider still works on it: it stays open, and closes when it arrives', async () => {
    const placed = await placeAs(shop, customer, productId)
    await pay(shop, placed, 'refund_late')
    await atRest(shop)
    await cancel(placed)
    await atRest(shop)
    for (let day = 0; day < 16 && (await desk.openOf(placed.orderId)).length === 0; day += 1) await atRest(shop, DAY)
    const item = await desk.theOpen(placed.orderId, 'refund_undecided')
    assert.deepEqual(item.actions, ['ask'])
    const elsewhere = await desk.decide(item.id, { action: 'paid_back_elsewhere', reference: 'UTR-EARLY' })
    assert.equal(elsewhere.body.error.code, 'invalid_transition', 'the provider may still make it')
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolvedAt, null)
    await shop.control('DELETE', `/razorpay/_sandbox/webhook-urls?url=${encodeURIComponent(hooks())}`)
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    await shop.control('POST', `/razorpay/_sandbox/refunds/${books.body.refunds[0].id}/advance`, { to: 'processed' })
    const asked = await desk.decided(item.id, { action: 'ask' })
    assert.notEqual(asked.resolvedAt, null)
    await shop.control('POST', '/razorpay/_sandbox/webhook-urls', { url: hooks() })
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} order_cancelled`])
  })

  for (const action of ['paid_back_elsewhere', 'refund_to_wallet'] as const) {
    test(`of a payment that no provider made: ${action}`, async () => {
      const placed = await placeAs(shop, customer, productId)
      const marked = await shop.call('POST', `/api/payments/${placed.paymentId}/resolve`, {
        as: admin,
        body: { status: 'paid', reference: `BANK-${action}`, reason: 'Seen on the statement' },
      })
      assert.equal(marked.status, 200, JSON.stringify(marked.body))
      await cancel(placed)
      await atRest(shop)
      const item = await desk.theOpen(placed.orderId, 'refund_by_hand')
      assert.deepEqual(item.actions, ['paid_back_elsewhere', 'refund_to_wallet'])
      await desk.decided(item.id, { action, reference: `UTR-${action}` })
      await atRest(shop, 2 * DAY)
      const end = await written(shop.db, placed.orderId)
      assert.equal(end.order, 'cancelled/refunded admin')
      assert.deepEqual(end.refunds, [`processed ${PRICE} order_cancelled`])
      assert.equal((await desk.openOf(placed.orderId)).length, 0)
    })
  }
})

describe('a payment', () => {
  test('P13 that was never decided: asked about, and closed when the money arrives all the same', async () => {
    const placed = await placeAs(shop, customer, productId)
    const { sandbox } = await pay(shop, placed, 'authorized')
    await atRest(shop)
    await fault({ match: '/capture$', kind: 'reset', times: 1_000 })
    for (let look = 0; look < 90 && (await desk.openOf(placed.orderId)).length === 0; look += 1) {
      await atRest(shop, 3_600 * SECOND)
    }
    const item = await desk.theOpen(placed.orderId, 'payment_undecided')
    assert.deepEqual(item.actions, ['ask', 'dismiss'])
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolvedAt, null, 'it is authorized still')
    await shop.control('DELETE', '/razorpay/_sandbox/faults')
    await shop.control('POST', `/razorpay/_sandbox/payments/${sandbox.paymentId}/advance`, { to: 'captured' })
    await atRest(shop)
    const [closed] = await shop.db.many<{ resolution: string }>(
      'test.item',
      sql`select resolution from review_items where id = ${item.id}`,
    )
    assert.equal(closed?.resolution, 'the money arrived')
    const late = await desk.decide(item.id, { action: 'dismiss' })
    assert.deepEqual(late.body.error.details, { resolution: 'the money arrived', resolvedBy: null })
    await atRest(shop)
  })

  test('P8 that the provider refused to open: dismissed', async () => {
    await fault({
      match: 'POST /v1/orders$',
      kind: 'error',
      status: 400,
      code: 'BAD_REQUEST_ERROR',
      description: 'No.',
    })
    const body = { items: [{ productId, quantity: 1 }], shippingAddress: ADDRESS, paymentMethod: 'online' }
    const refused = await shop.call('POST', '/api/orders', { as: customer, body })
    const orderId: string = refused.body.error.details.orderId
    const item = await desk.theOpen(orderId, 'payment_refused')
    assert.deepEqual(item.actions, ['dismiss'])
    await desk.decided(item.id, { action: 'dismiss', reason: 'Our key had the wrong limits' })
    assert.equal((await desk.openOf(orderId)).length, 0)
  })

  test('P12 that the provider tells differently: asked about, and the books agree with its present word', async () => {
    const placed = await place(shop, productId)
    const { sandbox } = await pay(shop, placed)
    await atRest(shop)
    const event = signed(
      shop,
      paymentEvent('payment.captured', {
        id: sandbox.paymentId,
        orderId: placed.providerOrderId,
        amount: PRICE - 7,
        status: 'captured',
      }),
    )
    assert.equal((await deliver(shop, event)).status, 200)
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'capture_contradicts')
    assert.deepEqual(item.actions, ['ask', 'dismiss'])
    assert.equal((await desk.decided(item.id, { action: 'ask' })).resolution, 'ask')
    assert.deepEqual(await written(shop.db, placed.orderId), {
      ...paidOnce(PRICE),
      reviews: ['capture_contradicts resolved'],
    })
  })
})

describe('above a limit', () => {
  let strict: Awaited<ReturnType<typeof stockedShop>>
  let other: { id: string; authorization: string }
  let first: Desk
  before(async () => {
    strict = await stockedShop({ price: PRICE, refundApprovalAbove: 10_000 })
    other = await strict.shop.signedIn({ role: 'admin', email: 'second@example.test' })
    first = deskOf(strict.shop, strict.admin)
  })
  afterEach(() => assertAllWell(strict.shop))
  after(() => strict.shop.close())

  async function waiting() {
    const placed = await place(strict.shop, strict.productId)
    await verify(strict.shop, placed, await pay(strict.shop, placed))
    await atRest(strict.shop)
    const body = { orderId: placed.orderId, reason: 'Broken' }
    assert.equal((await strict.shop.call('POST', '/api/payments/refund', { as: strict.admin, body })).status, 202)
    return { placed, item: await first.theOpen(placed.orderId, 'refund_approval') }
  }

  test('A17 a second person agrees, the first cannot', async () => {
    const { placed, item } = await waiting()
    assert.deepEqual(item.actions, [], 'the first person has nothing to decide')
    for (const action of ['approve', 'decline']) {
      const own = await first.decide(item.id, { action })
      assert.deepEqual([own.status, own.body.error.code], [409, 'second_person_needed'])
    }
    assert.deepEqual((await written(strict.shop.db, placed.orderId)).refunds, [`requested ${PRICE} Broken`])
    assert.equal((await first.decided(item.id, { action: 'approve' }, { as: other })).resolution, 'approve')
    await atRest(strict.shop)
    const end = await written(strict.shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/refunded')
    assert.deepEqual(end.refunds, [`processed ${PRICE} Broken`])
  })

  test('A17 a second person declines: the sale stands as it was', async () => {
    const { placed, item } = await waiting()
    await first.decided(item.id, { action: 'decline', reason: 'The photo shows another product' }, { as: other })
    await atRest(strict.shop)
    const end = await written(strict.shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/paid')
    assert.deepEqual(end.refunds, [`failed ${PRICE} Broken`])
    assert.deepEqual(end.reviews, ['refund_approval resolved'])
  })

  test('A17 a cancelled order: the refund can be agreed to, not declined', async () => {
    const { placed, item } = await waiting()
    await strict.shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: strict.admin, body: {} })
    const declined = await first.decide(item.id, { action: 'decline' }, { as: other })
    assert.deepEqual(
      [declined.status, declined.body.error.details],
      [409, { actions: ['approve'] }],
      JSON.stringify(declined.body),
    )
    await first.decided(item.id, { action: 'approve' }, { as: other })
    await atRest(strict.shop)
    assert.equal((await written(strict.shop.db, placed.orderId)).order, 'cancelled/refunded admin')
  })
})

describe('the second look', () => {
  test('P2 without an answer nothing is decided, whatever the action, and nothing is changed', async () => {
    const { item } = await differing('over_capture')
    await fault({ match: 'GET .*', kind: 'reset', times: 1_000 })
    const before = await rowCounts(shop.db)
    for (const action of ['confirm', 'refund', 'refund_to_wallet', 'ask']) {
      // A circuit that opens here would only make it faster.
      const answer = await desk.decide(item.id, { action }, { key: `silent-${action}` })
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_state_unknown'], action)
    }
    assert.deepEqual(await rowCounts(shop.db), before)
    assert.equal((await desk.detail(item.id)).item.resolvedAt, null)
    await shop.control('DELETE', '/razorpay/_sandbox/faults')
    await new Promise((resolve) => setTimeout(resolve, 10_500))
    const again = await desk.decide(item.id, { action: 'refund' }, { key: 'silent-refund' })
    assert.equal(again.status, 200, 'the same key may be used again: not knowing is no final answer')
    await atRest(shop)
  })
})

describe('two people at once', () => {
  test('A11 twenty decisions: one is done, the others are told', async () => {
    const { placed, item } = await differing('short_capture')
    const actions = ['confirm', 'refund', 'refund_to_wallet', 'refund']
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        desk.decide(item.id, { action: actions[at % 4] }, { as: at % 2 === 0 ? admin : second }),
      ),
    )
    const taken = answers.filter((answer) => answer.status === 200)
    assert.equal(taken.length, 1, JSON.stringify(answers.map((answer) => answer.body.error?.code ?? 'done')))
    for (const answer of answers) {
      if (answer.status !== 200) assert.equal(answer.body.error.code, 'already_resolved', JSON.stringify(answer.body))
    }
    await atRest(shop)
    assert.equal((await eventsOf(placed.orderId, 'review.resolved')).length, 1)
    assert.equal(
      await count(
        shop.db,
        sql`review_items where id = ${item.id} and resolution = ${taken[0]?.body.data.item.resolution}`,
      ),
      1,
    )
  })

  test('A11 one key is one decision, however often it is sent; another body under it is refused', async () => {
    const { placed, item } = await differing('short_capture')
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => desk.decide(item.id, { action: 'refund_to_wallet' }, { key: 'one-decision' })),
    )
    for (const answer of answers) assert.deepEqual([answer.status, answer.body], [200, answers[0]?.body])
    assert.equal(await count(shop.db, sql`refunds where order_id = ${placed.orderId}`), 1)
    const other = await desk.decide(item.id, { action: 'confirm' }, { key: 'one-decision' })
    assert.deepEqual([other.status, other.body.error.code], [422, 'idempotency_key_reused'])
    const elsewhere = await differing('short_capture')
    const same = await desk.decide(elsewhere.item.id, { action: 'refund_to_wallet' }, { key: 'one-decision' })
    assert.equal(same.body.data.item.id, elsewhere.item.id, 'a key belongs to one question')
  })
})

describe('a decision and what happens at the same moment', () => {
  test('A11 refund × refund at the dashboard: the money goes back once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { placed, sandboxId, item } = await differing('short_capture')
      await Promise.all([
        desk.decide(item.id, { action: 'refund' }),
        shop.control('POST', `/razorpay/_sandbox/payments/${sandboxId}/refund`, {}),
      ])
      await atRest(shop)
      await providerTimePasses(shop, REFUND_NEWS)
      await atRest(shop, 15 * SECOND)
      const end = await written(shop.db, placed.orderId)
      assert.deepEqual(end.attempts, [`refunded surplus ${SHORT}/${SHORT}`])
      const arrived = end.refunds.filter((line) => line.startsWith('processed'))
      assert.equal(arrived.length, 1, end.refunds.join(', '))
      for (const { id } of await desk.openOf(placed.orderId)) await desk.decided(id, { action: 'ask' })
      assert.deepEqual(await desk.openOf(placed.orderId), [])
    }
  })

  test('A11 confirm × cancel: the order stands and is undone, or was cancelled first; the money has one outcome', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { placed, item } = await differing('short_capture')
      const [confirmed, cancelled] = await Promise.all([
        desk.decide(item.id, { action: 'confirm' }),
        shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: customer, body: {} }),
      ])
      assert.equal(cancelled.status, 200)
      await atRest(shop)
      const end = await written(shop.db, placed.orderId)
      if (confirmed.status === 200) {
        assert.equal(end.order, 'cancelled/refunded shopper')
        assert.deepEqual(end.refunds, [`processed ${SHORT} order_cancelled`])
      } else {
        assert.equal(confirmed.body.error.code, 'invalid_transition')
        await desk.decided(item.id, { action: 'refund' })
        await atRest(shop)
      }
    }
  })
})

describe('P13 a capture that differs, and comes after the order has expired', () => {
  async function late(product: string) {
    const placed = await placeAs(shop, customer, product)
    await atRest(shop, 1_801 * SECOND)
    assert.equal((await written(shop.db, placed.orderId)).order, 'cancelled/pending expired')
    await pay(shop, placed, 'short_capture')
    await atRest(shop)
    return { placed, item: await desk.theOpen(placed.orderId, 'amount_differs') }
  }

  test('confirmed: the order is revived from free units', async () => {
    const { placed, item } = await late(productId)
    assert.deepEqual(item.actions, ['confirm', 'refund', 'refund_to_wallet', 'write_off', 'ask'])
    await desk.decided(item.id, { action: 'confirm' })
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
  })

  test('refused when its units are sold, and nothing is changed', async () => {
    const [row] = await shop.db.many<{ shop_id: string }>('test.shop', sql`select shop_id from products limit 1`)
    const made = await shop.call('POST', '/api/admin/products', {
      as: admin,
      body: { title: 'The last of it', price: PRICE, currency: 'INR', shopId: row?.shop_id, stock: 1, taxRateBps: 500 },
    })
    const last: string = made.body.data.product.id
    const { placed, item } = await late(last)
    const faster = await placeAs(shop, customer, last)
    await pay(shop, faster)
    await atRest(shop)
    const before = await written(shop.db, placed.orderId)
    const refused = await desk.decide(item.id, { action: 'confirm' })
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'out_of_stock'])
    assert.deepEqual(await written(shop.db, placed.orderId), before)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })
})

describe('where what differs goes back at once', () => {
  test('P10 the question tells of it, and is closed by asking', async () => {
    const strict = await stockedShop({ price: PRICE, mismatch: 'refund' })
    try {
      const there = deskOf(strict.shop, strict.admin)
      const placed = await place(strict.shop, strict.productId)
      await pay(strict.shop, placed, 'over_capture')
      await atRest(strict.shop)
      const item = await there.theOpen(placed.orderId, 'amount_differs')
      assert.deepEqual(item.actions, ['ask', 'dismiss'])
      assert.equal((await there.decided(item.id, { action: 'ask' })).resolution, 'ask')
      assert.deepEqual((await written(strict.shop.db, placed.orderId)).refunds, [`processed ${OVER} amount_differs`])
      await assertAllWell(strict.shop)
    } finally {
      await strict.shop.close()
    }
  })
})

describe('the queue', () => {
  test('lists open questions oldest first, by kind and owner, page by page; resolved ones newest first', async () => {
    const list = async (query: string) => (await shop.call('GET', `/api/admin/reviews?${query}`, { as: admin })).body
    const made = [await differing('short_capture'), await differing('over_capture'), await differing('wrong_currency')]
    const ids = made.map(({ item }) => item.id)
    const open = await list('limit=100')
    assert.deepEqual(
      open.data.items.map((item: { id: string }) => item.id),
      ids,
    )
    const [item] = open.data.items
    assert.deepEqual(
      { ...item, createdAt: null, orderNumber: null },
      {
        id: ids[0],
        kind: 'amount_differs',
        summary: `Captured INR 244.00 where INR 245.00 was asked for.`,
        amount: SHORT,
        currency: 'INR',
        orderId: made[0]?.placed.orderId,
        orderNumber: null,
        paymentId: made[0]?.placed.paymentId,
        provider: 'razorpay',
        providerRef: made[0]?.sandboxId,
        owner: null,
        actions: ['confirm', 'refund', 'refund_to_wallet', 'ask'],
        createdAt: null,
        resolvedAt: null,
        resolution: null,
        resolvedBy: null,
        reason: null,
      },
    )
    assert.match(item.orderNumber, /^\w[\w-]+$/)
    const first = await list('limit=2')
    assert.equal(first.data.items.length, 2)
    const rest = await list(`limit=2&cursor=${first.pagination.nextCursor}`)
    assert.deepEqual(
      rest.data.items.map((each: { id: string }) => each.id),
      ids.slice(2),
    )
    assert.equal(rest.pagination.nextCursor, null)
    assert.equal((await list('kind=currency_differs')).data.items[0].id, ids[2])
    const counts = (await shop.call('GET', '/api/admin/reviews/counts', { as: admin })).body.data.counts
    assert.deepEqual(
      counts.map(({ kind, count: open }: { kind: string; count: number }) => `${kind} ${open}`),
      ['amount_differs 2', 'currency_differs 1'],
    )

    const own = (id: string | undefined, owner: string | null) =>
      shop.call('POST', `/api/admin/reviews/${id}/owner`, { as: admin, body: { owner } })
    assert.deepEqual((await own(ids[1], 'me')).body.data.item.owner, { id: admin.id, name: 'Person 1' })
    assert.deepEqual(
      (await list('owner=me')).data.items.map((each: { id: string }) => each.id),
      [ids[1]],
    )
    assert.equal((await list('owner=nobody')).data.items.length, 2)
    assert.equal((await own(ids[1], customer.id)).body.error.code, 'validation_failed')
    assert.equal((await own(ids[1], null)).body.data.item.owner, null)

    for (const id of ids) await desk.decided(id, { action: 'refund' })
    await atRest(shop)
    assert.deepEqual(
      (await list('status=resolved&limit=3')).data.items.map((each: { id: string }) => each.id),
      [...ids].reverse(),
    )
    assert.equal((await own(ids[0], 'me')).body.error.code, 'already_resolved')
  })

  test('shows all that is known: what was learned, what the provider said, what money is there', async () => {
    const { placed, item, sandboxId } = await differing('over_capture')
    const detail = await desk.detail(item.id)
    assert.deepEqual(detail.money, [
      {
        providerPaymentId: sandboxId,
        status: 'captured',
        disposition: 'review',
        capturedAmount: OVER,
        refundingAmount: 0,
        refundedAmount: 0,
        currency: 'INR',
      },
    ])
    assert.deepEqual([detail.orderStatus, detail.orderTotal], ['pending', PRICE])
    assert.deepEqual(detail.evidence['expected'], { amount: PRICE, currency: 'INR' })
    await desk.decided(item.id, { action: 'ask' })
    const [call] = (await desk.detail(item.id)).providerCalls
    assert.equal(call?.operation, 'fetchOrderPayments')
    assert.equal(call?.outcome, 'accepted')
    assert.ok(JSON.stringify(call?.reply).includes(sandboxId))
    await cancel(placed)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })

  test('A3 is for admins alone', async () => {
    const { item } = await differing('short_capture')
    const body = { action: 'refund', reason: 'mine' }
    const routes = [
      () => ['GET', '/api/admin/reviews', undefined] as const,
      () => ['GET', '/api/admin/reviews/counts', undefined] as const,
      () => ['GET', `/api/admin/reviews/${item.id}`, undefined] as const,
      () => ['POST', `/api/admin/reviews/${item.id}/owner`, { owner: 'me' }] as const,
      () => ['POST', `/api/admin/reviews/${item.id}/actions`, body] as const,
    ]
    for (const route of routes) {
      const [method, path, sent] = route()
      for (const [as, status] of [
        [undefined, 401],
        [customer, 403],
        [seller, 403],
      ] as const) {
        const answer = await shop.call(method, path, {
          ...(as === undefined ? {} : { as }),
          ...(sent === undefined ? {} : { body: sent }),
        })
        assert.equal(answer.status, status, `${method} ${path}`)
      }
    }
    assert.equal((await desk.detail(item.id)).item.resolvedAt, null)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })

  test('A12 refuses what is no decision', async () => {
    const { item } = await differing('short_capture')
    for (const body of [
      { action: 'refund', reason: '   ' },
      { action: 'refund', reason: '' },
      { action: 'burn' },
      { action: 'attach' },
      { action: 'refund', amount: 1 },
      { action: 'paid_back_elsewhere', reference: "'; drop table" },
    ]) {
      const answer = await desk.decide(item.id, body)
      assert.ok([400, 409].includes(answer.status), JSON.stringify(body))
      assert.ok(['validation_failed', 'invalid_transition'].includes(answer.body.error.code))
    }
    const nobodys = await desk.decide('01890000-0000-7000-8000-000000000000', { action: 'dismiss' })
    assert.deepEqual([nobodys.status, nobodys.body.error.code], [404, 'not_found'])
    assert.equal((await desk.decide('17', { action: 'dismiss' })).status, 400)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
  })
})
