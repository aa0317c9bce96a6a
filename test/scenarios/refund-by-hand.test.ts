/** Money that an admin sends back: in full, in part, of lines, to the wallet, with a second person; and what may not be. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import {
  assertAllWell,
  atRest,
  count,
  paidAndSentBack,
  pay,
  place,
  providerTimePasses,
  stockOf,
  verify,
  written,
  type Placed,
} from '../buyer.ts'
import { orderBody, send, stockedShop, type Answer, type Shop } from '../shop.ts'

const PRICE = 24_500

let shop: Shop
let admin: { id: string; authorization: string }
let productId: string
let shopId: string

before(async () => {
  ;({ shop, admin, productId, shopId } = await stockedShop({ price: PRICE, stock: 1_000 }))
})
afterEach(() => assertAllWell(shop))
after(() => shop.close())

async function paid(quantity = 1): Promise<Placed> {
  const placed = await place(shop, productId, quantity)
  await verify(shop, placed, await pay(shop, placed))
  await atRest(shop)
  return placed
}

function refund(
  body: Record<string, unknown>,
  more: { key?: string; as?: { authorization: string } } = {},
): Promise<Answer> {
  return shop.call('POST', '/api/payments/refund', { as: admin, body: { reason: 'A gesture', ...body }, ...more })
}

async function itemsOf(placed: Placed): Promise<{ id: string; quantity: number; restocked: number }[]> {
  const answer = await shop.call('GET', `/api/orders/${placed.orderId}`, { as: admin })
  return answer.body.data.order.items
}

/** What the shop has earned and not given back, in minor units. */
async function earned(orderId: string): Promise<number> {
  const row = await shop.db.one<{ earned: number }>(
    'test.earned',
    sql`select coalesce(sum(case when credit_account_id like 'seller_payable:%' then amount else -amount end), 0)::bigint as earned
        from ledger_transfers
        where order_id = ${orderId} and (credit_account_id like 'seller_payable:%' or debit_account_id like 'seller_payable:%')`,
  )
  return row.earned
}

describe('a refund by hand', () => {
  test('of everything: a goodwill refund needs no cancelled order, and the shop gives back what it had earned', async () => {
    const placed = await paid()
    const answer = await refund({ paymentId: placed.paymentId })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    const { id, attemptId, ...said } = answer.body.data.refund
    assert.deepEqual([typeof id, typeof attemptId], ['string', 'string'])
    assert.deepEqual(
      { ...said, createdAt: null },
      {
        paymentId: placed.paymentId,
        providerRefundId: null,
        amount: PRICE,
        currency: 'INR',
        status: 'requested',
        cause: 'by_shop',
        text: 'The shop gave it back.',
        reason: 'A gesture',
        destination: 'source',
        approval: 'none',
        errorDescription: null,
        createdAt: null,
        processedAt: null,
      },
    )
    await atRest(shop)
    assert.deepEqual(await written(shop.db, placed.orderId), paidAndSentBack(PRICE, 'confirmed/refunded', 'A gesture'))
    assert.equal(await earned(placed.orderId), 0)
  })

  test('in pieces: each counts at once against what is left, and the last paisa can go, not one more', async () => {
    const placed = await paid()
    assert.equal((await refund({ orderId: placed.orderId, amount: 10_001 })).status, 202)
    assert.equal(await earned(placed.orderId), PRICE - 10_001)
    const tooMuch = await refund({ orderId: placed.orderId, amount: PRICE - 10_000 })
    assert.equal(tooMuch.status, 409)
    assert.deepEqual(
      [tooMuch.body.error.code, tooMuch.body.error.details],
      ['refund_exceeds_captured', { refundable: PRICE - 10_001 }],
    )
    await atRest(shop)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/partially_refunded')
    assert.equal((await refund({ orderId: placed.orderId })).status, 202)
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/refunded')
    assert.deepEqual(end.refunds, [`processed ${PRICE - 10_001} A gesture`, 'processed 10001 A gesture'].sort())
    const empty = await refund({ orderId: placed.orderId, amount: 1 })
    assert.deepEqual([empty.status, empty.body.error.code], [409, 'refund_exceeds_captured'])
  })

  test('of lines takes what they cost, and puts back the units when asked', async () => {
    const placed = await paid(3)
    const [line] = await itemsOf(placed)
    const before = await stockOf(shop.db, productId)
    const answer = await refund({
      orderId: placed.orderId,
      items: [{ itemId: line?.id, quantity: 2 }],
      restock: true,
    })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    assert.equal(answer.body.data.refund.amount, 2 * PRICE)
    assert.deepEqual(await stockOf(shop.db, productId), { onHand: before.onHand + 2, reserved: before.reserved })
    assert.deepEqual(
      (await itemsOf(placed)).map(({ quantity, restocked }) => ({ quantity, restocked })),
      [{ quantity: 3, restocked: 2 }],
      'the page that refunds can see what is left of the line',
    )
    const again = await refund({ orderId: placed.orderId, items: [{ itemId: line?.id, quantity: 2 }], restock: true })
    assert.equal(again.status, 400)
    assert.deepEqual(again.body.error.details.fields, [{ field: 'items.0.quantity', message: 'must not be above 1' }])
    await atRest(shop)
    // Cancelling takes back the rest, and no more units than are still out.
    const cancelled = await shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} })
    assert.equal(cancelled.status, 200)
    await atRest(shop)
    assert.deepEqual(await stockOf(shop.db, productId), { onHand: before.onHand + 3, reserved: before.reserved })
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'cancelled/refunded admin')
    assert.deepEqual(end.refunds, [`processed ${2 * PRICE} A gesture`, `processed ${PRICE} order_cancelled`].sort())
  })

  test('of everything restocks everything; of an amount nothing can be restocked', async () => {
    const placed = await paid(2)
    const before = await stockOf(shop.db, productId)
    const vague = await refund({ orderId: placed.orderId, amount: 100, restock: true })
    assert.deepEqual([vague.status, vague.body.error.details.fields[0].field], [400, 'restock'])
    assert.equal((await refund({ orderId: placed.orderId, restock: true })).status, 202)
    assert.deepEqual(await stockOf(shop.db, productId), { onHand: before.onHand + 2, reserved: before.reserved })
    await atRest(shop)
  })

  test('to the wallet is there at once, and the provider is not asked', async () => {
    const customer = await shop.signedIn({ role: 'customer' })
    const ordered = await shop.call('POST', '/api/orders', { as: customer, body: orderBody(productId) })
    const { order, payment } = ordered.body.data
    const brought = await pay(shop, { providerOrderId: payment.providerOrderId })
    await shop.call('POST', '/api/payments/verify', { as: customer, body: { orderId: order.id, ...brought } })
    const answer = await refund({ orderId: order.id, amount: 5_000, destination: 'wallet' })
    assert.equal(answer.body.data.refund.status, 'processed', JSON.stringify(answer.body))
    const wallet = await shop.call('GET', '/api/wallet', { as: customer })
    assert.deepEqual(wallet.body.data.wallet.balances, [{ currency: 'INR', balance: 5_000 }])
    assert.deepEqual(
      wallet.body.data.wallet.transfers.map((row: { kind: string; amount: number; orderId: string }) => [
        row.kind,
        row.amount,
        row.orderId,
      ]),
      [['refund_to_wallet', 5_000, order.id]],
    )
    await atRest(shop)
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${payment.providerOrderId}`)
    assert.deepEqual(books.body.refunds, [])
    // What went to the wallet cannot go to the source again.
    const rest = await refund({ orderId: order.id, amount: PRICE - 4_999 })
    assert.deepEqual([rest.status, rest.body.error.details], [409, { refundable: PRICE - 5_000 }])
    assert.equal((await written(shop.db, order.id)).order, 'confirmed/partially_refunded')
    const strangers = await shop.call('GET', '/api/wallet')
    assert.equal(strangers.status, 401)
  })

  test('of a guest cannot go to a wallet', async () => {
    const placed = await paid()
    const answer = await refund({ orderId: placed.orderId, destination: 'wallet' })
    assert.deepEqual([answer.status, answer.body.error.details.fields[0].field], [400, 'destination'])
  })

  test('under one key is one refund, however often it is asked for and by how many at once', async () => {
    const placed = await paid()
    const ask = () => refund({ orderId: placed.orderId, amount: 100 }, { key: `refund-${placed.orderId}` })
    const answers = await Promise.all(Array.from({ length: 8 }, ask))
    assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([202]))
    assert.equal(new Set(answers.map((answer) => answer.body.data.refund.id)).size, 1)
    const other = await refund({ orderId: placed.orderId, amount: 200 }, { key: `refund-${placed.orderId}` })
    assert.deepEqual([other.status, other.body.error.code], [422, 'idempotency_key_reused'])
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, ['processed 100 A gesture'])
  })

  test('is for admins, of orders that there are, with a reason, of an amount that is one', async () => {
    const placed = await paid()
    const customer = await shop.signedIn({ role: 'customer' })
    const seller = await shop.signedIn({ role: 'seller', shopId })
    const rows: [Record<string, unknown>, { authorization: string } | undefined, number, string][] = [
      [{ orderId: placed.orderId }, undefined, 401, 'unauthenticated'],
      [{ orderId: placed.orderId }, customer, 403, 'forbidden'],
      [{ orderId: placed.orderId }, seller, 403, 'forbidden'],
      [{}, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, reason: '   ' }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, amount: 0 }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, amount: -1 }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, amount: 1.5 }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, amount: '100' }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, amount: 2 ** 53 }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, destination: 'elsewhere' }, admin, 400, 'validation_failed'],
      [{ orderId: placed.orderId, status: 'processed' }, admin, 400, 'validation_failed'],
      [{ orderId: placed.paymentId }, admin, 404, 'order_not_found'],
      [{ paymentId: placed.orderId }, admin, 404, 'payment_not_found'],
      [{ orderId: placed.orderId, items: [{ itemId: placed.orderId, quantity: 1 }] }, admin, 400, 'validation_failed'],
    ]
    for (const [body, as, status, code] of rows) {
      const answer = await send(shop.url, 'POST', '/api/payments/refund', {
        body: { reason: 'because', ...body },
        ...(as === undefined ? {} : { as }),
      })
      assert.deepEqual([answer.status, answer.body.error.code], [status, code], JSON.stringify(body))
    }
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [])
  })
})

describe('what is not known for sure', () => {
  test('is asked about before it is refunded: a payment that arrived unheard is found, and goes back', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'never_told')
    const answer = await refund({ orderId: placed.orderId })
    assert.equal(answer.status, 202, JSON.stringify(answer.body))
    await atRest(shop)
    assert.equal((await written(shop.db, placed.orderId)).order, 'confirmed/refunded')
  })

  test('and stays unknown is refused with a code of its own, and nothing is done', async () => {
    const placed = await place(shop, productId)
    await pay(shop, placed, 'never_told')
    await shop.control('POST', '/razorpay/_sandbox/faults', { match: 'GET .*/payments', kind: 'reset', times: 2 })
    const answer = await refund({ orderId: placed.orderId })
    assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_state_unknown'])
    assert.equal(await count(shop.db, sql`refunds where order_id = ${placed.orderId}`), 0)
    assert.equal((await written(shop.db, placed.orderId)).order, 'pending/pending')
    assert.equal((await refund({ orderId: placed.orderId })).status, 202)
    await atRest(shop)
  })

  test('of an order that nobody paid there is nothing to refund', async () => {
    const placed = await place(shop, productId)
    const answer = await refund({ orderId: placed.orderId })
    assert.deepEqual(
      [answer.status, answer.body.error.code, answer.body.error.details],
      [409, 'refund_exceeds_captured', { refundable: 0 }],
    )
  })
})

describe('at the same moment', () => {
  test('A11 refund × refund: twenty ask for all of it, one gets it', async () => {
    const placed = await paid()
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => refund({ orderId: placed.orderId, amount: PRICE })),
    )
    assert.deepEqual(answers.map((answer) => answer.status).sort(), [202, ...Array.from({ length: 19 }, () => 409)])
    await atRest(shop)
    assert.deepEqual((await written(shop.db, placed.orderId)).refunds, [`processed ${PRICE} A gesture`])
  })

  test('A11 refund × cancel: what was captured goes back once, whoever was faster', async () => {
    for (let round = 0; round < 5; round += 1) {
      const placed = await paid()
      await Promise.all([
        refund({ orderId: placed.orderId, amount: 10_000 }),
        shop.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: admin, body: {} }),
        refund({ orderId: placed.orderId, amount: 10_000 }),
      ])
      await atRest(shop)
      const end = await written(shop.db, placed.orderId)
      assert.equal(end.order, 'cancelled/refunded admin')
      assert.deepEqual(end.payments, [`refunded ${PRICE}/${PRICE}`])
    }
  })

  test('P20 refund × refund at the dashboard: the provider takes one, and nobody is left to be asked', async () => {
    const placed = await paid()
    const books = await shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    const providerPaymentId: string = books.body.payments[0].id
    assert.equal((await refund({ orderId: placed.orderId })).status, 202)
    // Somebody sends all of it back at the dashboard before our worker asks.
    const dashboard = await shop.control('POST', `/razorpay/_sandbox/payments/${providerPaymentId}/refund`, {})
    assert.equal(dashboard.status, 200, JSON.stringify(dashboard.body))
    await atRest(shop)
    await providerTimePasses(shop, 7_000)
    await atRest(shop, 15_000)
    const end = await written(shop.db, placed.orderId)
    assert.equal(end.order, 'confirmed/refunded')
    assert.deepEqual(end.refunds, [`failed ${PRICE} A gesture`, `processed ${PRICE} made_at_provider`])
    assert.deepEqual(end.reviews, ['refund_failed resolved'])
    assert.equal(await earned(placed.orderId), 0)
  })
})

describe('above a limit', () => {
  let strict: Awaited<ReturnType<typeof stockedShop>>
  let second: { id: string; authorization: string }
  before(async () => {
    strict = await stockedShop({ price: PRICE, refundApprovalAbove: 10_000 })
    second = await strict.shop.signedIn({ role: 'admin', email: 'second@example.test' })
  })
  afterEach(() => assertAllWell(strict.shop))
  after(() => strict.shop.close())

  async function paidThere(): Promise<Placed> {
    const placed = await place(strict.shop, strict.productId)
    await verify(strict.shop, placed, await pay(strict.shop, placed))
    await atRest(strict.shop)
    return placed
  }
  const ask = (body: Record<string, unknown>) =>
    strict.shop.call('POST', '/api/payments/refund', { as: strict.admin, body: { reason: 'Broken', ...body } })

  /** What one person can still give back of an order, as its story says. */
  async function leftAlone(placed: Placed): Promise<number | null> {
    const answer = await strict.shop.call('GET', `/api/admin/orders/${placed.orderId}/story`, { as: strict.admin })
    return answer.body.data.story.refundableAlone
  }

  test('A17 a refund waits, counts already, and a small one passes; small ones together do not', async () => {
    const placed = await paidThere()
    const large = await ask({ orderId: placed.orderId, amount: 10_001 })
    assert.deepEqual([large.status, large.body.data.refund.approval], [202, 'pending'])
    await atRest(strict.shop, 3_600_000)
    assert.deepEqual((await written(strict.shop.db, placed.orderId)).refunds, ['requested 10001 Broken'])
    const rest = await ask({ orderId: placed.orderId, amount: PRICE - 10_000 })
    assert.deepEqual([rest.status, rest.body.error.details], [409, { refundable: PRICE - 10_001 }])
    const small = await ask({ orderId: placed.orderId, amount: 100 })
    assert.equal(small.body.data.refund.approval, 'pending', 'with the one that waits it is above the limit')
    assert.equal(await leftAlone(placed), 0, 'and the page that asks can say so beforehand')
    const other = await paidThere()
    assert.equal(await leftAlone(other), 10_000)
    assert.equal((await ask({ orderId: other.orderId, amount: 6_000 })).body.data.refund.approval, 'none')
    assert.equal(await leftAlone(other), 4_000)
    assert.equal((await ask({ orderId: other.orderId, amount: 6_000 })).body.data.refund.approval, 'pending')
    await atRest(strict.shop)
    assert.equal(second.id === strict.admin.id, false)
  })

  test('A17 what two have agreed to takes nothing from what one may give back alone, and who agreed is told', async () => {
    const placed = await paidThere()
    const large = await ask({ orderId: placed.orderId, amount: 10_001 })
    assert.equal(await leftAlone(placed), 0)
    const second = await strict.shop.signedIn({ role: 'admin' })
    const item = await strict.shop.db.one<{ id: string }>(
      'test.item',
      sql`select id from review_items where refund_id = ${large.body.data.refund.id}`,
    )
    const body = { action: 'approve', reason: 'Seen the photograph' }
    const agreed = await strict.shop.call('POST', `/api/admin/reviews/${item.id}/actions`, { as: second, body })
    assert.equal(agreed.status, 200, JSON.stringify(agreed.body))
    assert.equal(await leftAlone(placed), 10_000)
    const small = await ask({ orderId: placed.orderId, amount: 10_000 })
    assert.equal(small.body.data.refund.approval, 'none')
    const events = await strict.shop.db.many(
      'test.approved',
      sql`select actor, actor_id, subject_id from events where order_id = ${placed.orderId} and type = 'refund.approved'`,
    )
    assert.deepEqual(events, [{ actor: 'admin', actor_id: second.id, subject_id: large.body.data.refund.id }])
    await atRest(strict.shop)
  })

  test('A17 what did not go through, or was declined, takes nothing from what one may give back alone', async () => {
    const placed = await paidThere()
    await strict.shop.control('POST', '/razorpay/_sandbox/faults', {
      match: 'POST .*/refund$',
      kind: 'error',
      status: 400,
      code: 'BAD_REQUEST_ERROR',
      description: 'Your account does not have enough balance to carry out the refund operation.',
    })
    assert.equal((await ask({ orderId: placed.orderId, amount: 6_000 })).body.data.refund.approval, 'none')
    assert.equal(await leftAlone(placed), 4_000)
    await atRest(strict.shop)
    assert.deepEqual((await written(strict.shop.db, placed.orderId)).refunds, ['failed 6000 Broken'])
    assert.equal(await leftAlone(placed), 10_000)

    const large = await ask({ orderId: placed.orderId, amount: 10_001 })
    assert.equal(large.body.data.refund.approval, 'pending')
    assert.equal(await leftAlone(placed), 0)
    const item = await strict.shop.db.one<{ id: string }>(
      'test.item',
      sql`select id from review_items where refund_id = ${large.body.data.refund.id}`,
    )
    const body = { action: 'decline', reason: 'The photograph shows another product' }
    const declined = await strict.shop.call('POST', `/api/admin/reviews/${item.id}/actions`, { as: second, body })
    assert.equal(declined.status, 200, JSON.stringify(declined.body))
    assert.equal(await leftAlone(placed), 10_000)

    // And so it is when it is asked for: all of it by one person, and not one paisa more.
    assert.equal((await ask({ orderId: placed.orderId, amount: 10_000 })).body.data.refund.approval, 'none')
    assert.equal(await leftAlone(placed), 0)
    assert.equal((await ask({ orderId: placed.orderId, amount: 100 })).body.data.refund.approval, 'pending')
    await atRest(strict.shop)
  })

  test('a refund at the dashboard goes before one that waits', async () => {
    const placed = await paidThere()
    await ask({ orderId: placed.orderId })
    const books = await strict.shop.control('GET', `/razorpay/_sandbox/state?orderId=${placed.providerOrderId}`)
    await strict.shop.control('POST', `/razorpay/_sandbox/payments/${books.body.payments[0].id}/refund`, {})
    await providerTimePasses(strict.shop, 7_000)
    await atRest(strict.shop)
    const end = await written(strict.shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [`failed ${PRICE} Broken`, `processed ${PRICE} made_at_provider`])
    assert.deepEqual(end.reviews, ['refund_approval resolved'])
    assert.equal(end.order, 'confirmed/refunded')
  })
})
