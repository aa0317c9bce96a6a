/** What an admin does with payments by hand, and what a seller does with a part: each asks first, and leaves its reason. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { balance } from '../../server/ledger/service.ts'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  paidOnce,
  pay,
  place,
  strayOrder,
  providerTimePasses,
  stockOf,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { deskOf } from '../reviews.ts'
import { orderBody, stockedShop, type Answer, type Shop } from '../shop.ts'

const PRICE = 24_500
const HOUR = 3_600_000

let shop: Shop
let admin: { id: string; authorization: string }
let productId: string

before(async () => {
  ;({ shop, admin, productId } = await stockedShop({ price: PRICE, stock: 1_000 }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

function act(path: string, body: Record<string, unknown>, key?: string): Promise<Answer> {
  return shop.call('POST', path, {
    as: admin,
    body: { reason: 'As agreed by phone', ...body },
    ...(key === undefined ? {} : { key }),
  })
}

/** The notes that stand in an order's timeline, with who made them. */
async function notes(orderId: string): Promise<string[]> {
  const rows = await shop.db.many<{ text: string }>(
    'test.notes',
    sql`select type || ' by ' || actor || ': ' || (data->>'note') as text from events
        where order_id = ${orderId} and data ? 'note' order by seq`,
  )
  return rows.map((row) => row.text)
}

describe('capture by hand', () => {
  const capture = (placed: Placed, key?: string) => act(`/api/payments/${placed.paymentId}/capture`, {}, key)

  test('takes what the bank has authorized, once, and says who asked', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'authorized')
    await shop.settled()
    const answer = await capture(placed)
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.equal(answer.body.data.payment.status, 'paid')
    assert.equal((await capture(placed)).status, 200, 'what is captured stays captured')
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    assert.deepEqual(await notes(placed.orderId), ['payment.capture_requested by admin: As agreed by phone'])
  })

  test('whose answer is lost is asked about, and found done', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'authorized')
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'POST .*/capture$', kind: 'effect-then-drop' })
    assert.equal((await capture(placed)).status, 200)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
  })

  test('is refused while the provider does not answer, and nothing was asked of it', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'authorized')
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'GET .*/payments', kind: 'reset', times: 2 })
    const answer = await capture(placed)
    assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_state_unknown'])
    assert.deepEqual(await notes(placed.orderId), [])
    await atRest(shop, 10_000)
    assert.deepEqual((await written(shop.db, placed.orderId)).order, 'confirmed/paid', 'the worker goes on by itself')
  })

  test('of nothing, of a cancelled order, of no payment: refused', async () => {
    const unpaid = await place(shop, productId)
    const nothing = await capture(unpaid)
    assert.deepEqual([nothing.status, nothing.body.error.code], [409, 'invalid_transition'])
    const cancelled = await place(shop, productId)
    await pay(shop, cancelled, 'authorized')
    await shop.call('POST', `/api/orders/${cancelled.orderId}/cancel`, { guestToken: cancelled.guestToken, body: {} })
    const late = await capture(cancelled)
    assert.deepEqual([late.status, late.body.error.code], [409, 'order_cancelled'])
    const none = await act('/api/payments/0199a1c2-7b3d-7e4f-8a5b-6c7d8e9f0a1b/capture', {})
    assert.deepEqual([none.status, none.body.error.code], [404, 'payment_not_found'])
    await atRest(shop)
  })

  test('P14 capture × cancel at once: confirmed and kept, or cancelled and sent back', async () => {
    for (let round = 0; round < 5; round += 1) {
      const placed = await place(shop, productId)
      await pay(shop, placed, 'authorized')
      await Promise.all([
        capture(placed),
        shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { guestToken: placed.guestToken, body: {} }),
        capture(placed),
      ])
      await atRest(shop)
      await atRest(shop, 10_000)
      const end = (await written(shop.db, placed.orderId)).order
      assert.match(end, /^(confirmed\/paid|cancelled\/refunded shopper|cancelled\/(verified|failed) shopper)$/)
      if (!end.startsWith('cancelled/refunded')) continue
      assert.deepEqual((await written(shop.db, placed.orderId)).payments, [`refunded ${PRICE}/${PRICE}`])
    }
  })
})

describe('marking by hand', () => {
  const mark = (placed: Placed, body: Record<string, unknown>) => act(`/api/payments/${placed.paymentId}/resolve`, body)

  test('paid by a bank transfer confirms the order; the reference pays once', async () => {
    const placed = await place(shop, productId)
    const reference = 'UTR 2026/11-0042'
    const answers = await Promise.all(Array.from({ length: 6 }, () => mark(placed, { status: 'paid', reference })))
    assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]), JSON.stringify(answers[0]?.body))
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/paid')
    assert.deepEqual(end.payments.toSorted(), ['abandoned 0/0', `paid ${PRICE}/0`])
    assert.deepEqual(end.ledger, [`capture ${PRICE} INR`, `sale ${PRICE} INR`])
    const other = await place(shop, productId)
    const again = await mark(other, { status: 'paid', reference })
    assert.deepEqual([again.status, again.body.error.details.fields[0].field], [400, 'reference'])
    const twice = await mark(placed, { status: 'paid', reference: 'ANOTHER-1' })
    assert.deepEqual([twice.status, twice.body.error.code], [409, 'order_already_paid'])
  })

  test('of a payment that was made at the provider all the same: the provider is believed, and nothing is paid twice', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'never_told')
    const answer = await mark(placed, { status: 'paid', reference: 'UTR-NEVER-SENT' })
    assert.deepEqual([answer.status, answer.body.error.code], [409, 'order_already_paid'])
    assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
  })

  test('that was paid by transfer and cancelled is paid back by hand: a person is asked', async () => {
    const placed = await place(shop, productId)
    await mark(placed, { status: 'paid', reference: 'UTR-BACK-1' })
    await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [`processing ${PRICE} order_cancelled`])
    assert.deepEqual(end.reviews, ['refund_by_hand open'])
  })

  test('that was paid by transfer is in our bank account until it is paid back from there', async () => {
    const placed = await place(shop, productId)
    const inBank = () => balance(shop.db, 'bank:manual:INR')
    const before = await inBank()
    await mark(placed, { status: 'paid', reference: 'UTR-BACK-2' })
    assert.equal(await inBank(), before + PRICE)
    await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    await atRest(shop)
    const desk = deskOf(shop, admin)
    const item = await desk.theOpen(placed.orderId, 'refund_by_hand')
    await desk.decided(item.id, { action: 'paid_back_elsewhere', reference: 'UTR-BACK-3' })
    assert.equal(await inBank(), before)
    assert.equal(await balance(shop.db, 'provider_clearing:bank:INR'), 0)
  })

  test('abandoned closes a payment that nobody will make, and the next try opens another', async () => {
    const placed = await place(shop, productId)
    const answer = await mark(placed, { status: 'abandoned' })
    assert.equal(answer.status, 200, JSON.stringify(answer.body))
    assert.deepEqual((await written(shop.db, placed.orderId)).payments, ['abandoned 0/0'])
    assert.deepEqual(await notes(placed.orderId), ['payment.abandoned by admin: As agreed by phone'])
    const again = await mark(placed, { status: 'abandoned' })
    assert.deepEqual([again.status, again.body.error.code], [409, 'invalid_transition'])
    const next = await shop.call('POST', '/api/payments/create', {
      guestToken: placed.guestToken,
      body: { orderId: placed.orderId },
    })
    assert.equal(next.status, 201)
    // The closed one is paid all the same, by a window that was still open: it confirms, and the new one is not paid.
    await verify(shop, placed, await pay(shop, placed))
    await atRest(shop)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/paid')
  })

  test('abandoned is refused for a payment that was made, also when only the provider knows of it, or a part went back', async () => {
    const known = await place(shop, productId)
    await verify(shop, known, await pay(shop, known))
    await atRest(shop)
    const untold = await place(shop, productId)
    await pay(shop, untold, 'never_told')
    const partly = await place(shop, productId)
    await verify(shop, partly, await pay(shop, partly))
    await act('/api/payments/refund', { orderId: partly.orderId, amount: 500 })
    await atRest(shop)
    const back = await written(shop.db, partly.orderId)
    for (const placed of [known, untold, partly]) {
      const answer = await mark(placed, { status: 'abandoned' })
      assert.deepEqual([answer.status, answer.body.error?.code], [409, 'order_already_paid'])
    }
    for (const placed of [known, untold]) assert.deepEqual(await written(shop.db, placed.orderId), paidOnce(PRICE))
    assert.deepEqual(await written(shop.db, partly.orderId), back)
  })

  test('needs a reference that is one', async () => {
    const placed = await place(shop, productId)
    for (const reference of [undefined, '', 'a', ' x1', '=1+1', 'x'.repeat(61)]) {
      const answer = await mark(placed, { status: 'paid', ...(reference === undefined ? {} : { reference }) })
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'validation_failed'], String(reference))
    }
  })
})

describe('attaching a payment that came without an order', () => {
  async function strayPayment(amount: number): Promise<string> {
    const brought = await pay(shop, { providerOrderId: await strayOrder(shop.sandbox, amount) })
    await shop.settled()
    return brought.razorpay_payment_id
  }
  const attach = (placed: Placed, providerPaymentId: string) =>
    act('/api/admin/payments/attach', { provider: 'razorpay', providerPaymentId, orderId: placed.orderId })

  test('confirms an order that asks for just that, once, whoever is faster', async () => {
    const placed = await place(shop, productId)
    const stray = await strayPayment(PRICE)
    const answers = await Promise.all(Array.from({ length: 4 }, () => attach(placed, stray)))
    assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]), JSON.stringify(answers[0]?.body))
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/paid')
    assert.deepEqual(end.attempts, [`captured kept ${PRICE}/0`])
    const other = await place(shop, productId)
    const again = await attach(other, stray)
    assert.deepEqual([again.status, again.body.error.details.fields[0].field], [400, 'providerPaymentId'])
    await atRest(shop)
  })

  test('goes back from an order that is paid, and waits on one that asks for something else', async () => {
    const paidOrder = await place(shop, productId)
    await verify(shop, paidOrder, await pay(shop, paidOrder))
    await attach(paidOrder, await strayPayment(PRICE))
    const other = await place(shop, productId)
    await attach(other, await strayPayment(PRICE - 1))
    await atRest(shop)
    const twice = await written(shop.db, paidOrder.orderId)
    assert.equal(twice.order, 'confirmed/paid')
    assert.deepEqual(twice.refunds, [`processed ${PRICE} second_capture`])
    assert.deepEqual((await written(shop.db, other.orderId)).reviews, ['amount_differs open'])
  })

  test('that the provider does not know is refused, as is one that it says nothing about', async () => {
    const placed = await place(shop, productId)
    const unknown = await attach(placed, 'pay_00000000000000')
    assert.deepEqual([unknown.status, unknown.body.error.code], [404, 'payment_not_found'])
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'GET .*/payments', kind: 'reset', times: 2 })
    const silent = await attach(placed, 'pay_00000000000000')
    assert.deepEqual([silent.status, silent.body.error.code], [409, 'payment_state_unknown'])
  })
})

test('an order with a capture that waits for a person is not ended by time, and keeps its units', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'short_capture')
  await atRest(shop)
  await atRest(shop, HOUR)
  await atRest(shop, 2 * HOUR)
  assert.match((await written(shop.db, placed.orderId)).order, /^pending\//)
  const { stock } = await shop.db.one<{ stock: string }>(
    'test.units',
    sql`select stock from orders where id = ${placed.orderId}`,
  )
  assert.equal(stock, 'reserved')
})

describe('a shop that must accept', () => {
  let seller: { id: string; authorization: string }
  let careful: { shopId: string; productId: string }
  before(async () => {
    const made = await shop.call('POST', '/api/admin/shops', {
      as: admin,
      body: { name: 'Kutch Looms', autoAccept: false, deliveryFee: 4_900, commissionBps: 1_000 },
    })
    const shopId: string = made.body.data.shop.id
    const product = await shop.call('POST', '/api/admin/products', {
      as: admin,
      body: { title: 'Stole', price: 80_001, currency: 'INR', shopId, stock: 50, taxRateBps: 500 },
    })
    careful = { shopId, productId: product.body.data.product.id }
    seller = await shop.signedIn({ role: 'seller', shopId })
  })

  async function paidFor(
    items: { productId: string; quantity: number }[],
  ): Promise<{ orderId: string; partId: string }> {
    const answer = await shop.call('POST', '/api/orders', { body: { ...orderBody(productId), items } })
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    const { order, payment, guestToken } = answer.body.data
    const brought = await pay(shop, { providerOrderId: payment.providerOrderId })
    await verify(shop, { orderId: order.id, guestToken }, brought)
    const part = order.shopOrders.find((each: { shopId: string }) => each.shopId === careful.shopId)
    return { orderId: order.id, partId: part.id }
  }
  const decide = (partId: string, what: string, as = seller) =>
    shop.call('POST', `/api/seller/orders/${partId}/${what}`, {
      as,
      ...(what === 'reject' ? { body: { reason: 'The loom broke' } } : {}),
    })

  test('rejects its part: that part goes back to the paisa, is restocked, and the rest goes on', async () => {
    const before = await stockOf(shop.db, careful.productId)
    const { orderId, partId } = await paidFor([
      { productId, quantity: 1 },
      { productId: careful.productId, quantity: 2 },
    ])
    const listed = await shop.call('GET', '/api/seller/orders', { as: seller })
    assert.deepEqual(
      listed.body.data.orders.map((order: { id: string; status: string; items: { title: string }[] }) => [
        order.id,
        order.status,
        order.items.map((item) => item.title),
      ])[0],
      [partId, 'awaiting_acceptance', ['Stole']],
    )
    const answers = await Promise.all([decide(partId, 'reject'), decide(partId, 'accept'), decide(partId, 'reject')])
    const winners = answers.filter((answer) => answer.status === 200)
    assert.equal(winners.length, 1)
    await atRest(shop)
    const end = await written(shop.db, orderId)
    if (winners[0]?.body.data.order.status === 'accepted') return
    assert.equal(end.order, 'confirmed/partially_refunded')
    assert.deepEqual(end.refunds, [`processed ${2 * 80_001 + 4_900} part_rejected`])
    assert.deepEqual(await stockOf(shop.db, careful.productId), before)
    assert.deepEqual(
      end.ledger.filter((line) => !/^(capture|refund)/.test(line)),
      [
        'commission 16000 INR',
        'commission_reversed 16000 INR',
        'delivery 4900 INR',
        'delivery_reversed 4900 INR',
        'sale 144002 INR',
        `sale ${PRICE} INR`,
        'sale_reversed 144002 INR',
      ].sort(),
    )
  })

  test('rejects all there is: the order is cancelled and all of it goes back', async () => {
    const { orderId, partId } = await paidFor([{ productId: careful.productId, quantity: 1 }])
    assert.equal((await decide(partId, 'reject')).body.data.order.status, 'rejected')
    await atRest(shop)
    const end = await written(shop.db, orderId)
    assert.equal(end.order, 'cancelled/refunded seller')
    assert.deepEqual(end.refunds, [`processed ${80_001 + 4_900} order_cancelled`])
    assert.deepEqual([(await decide(partId, 'accept')).status, (await decide(partId, 'reject')).status], [409, 409])
  })

  test('accepts, and can then not reject; other shops and people do not see the part', async () => {
    const { partId } = await paidFor([{ productId: careful.productId, quantity: 1 }])
    const customer = await shop.signedIn({ role: 'customer' })
    const stranger = await shop.signedIn({ role: 'seller', shopId: await otherShop() })
    const homeless = await shop.signedIn({ role: 'seller' })
    assert.equal((await decide(partId, 'reject', customer)).status, 403)
    assert.equal((await decide(partId, 'reject', homeless)).status, 403)
    assert.equal((await decide(partId, 'reject', stranger)).status, 404)
    assert.deepEqual((await shop.call('GET', '/api/seller/orders', { as: stranger })).body.data.orders, [])
    assert.equal((await decide(partId, 'accept')).body.data.order.status, 'accepted')
    assert.equal((await decide(partId, 'reject')).status, 409)
    await atRest(shop)
  })

  async function otherShop(): Promise<string> {
    const made = await shop.call('POST', '/api/admin/shops', { as: admin, body: { name: 'Pahadi Pantry' } })
    return made.body.data.shop.id
  }
})

test('P16 what was authorized and nobody captured lapses: the order does not stand on it', async () => {
  const placed = await place(shop, productId)
  await pay(shop, placed, 'authorized')
  await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { guestToken: placed.guestToken, body: {} })
  await providerTimePasses(shop, 4 * 24 * HOUR)
  await atRest(shop, 4 * 24 * HOUR)
  const end = await written(shop.db, placed.orderId)
  assert.deepEqual([end.order, end.ledger], ['cancelled/failed shopper', []])
})
