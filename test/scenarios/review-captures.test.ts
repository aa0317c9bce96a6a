/** Questions about captures, answered by an admin: each action, and what the books say after it. */
import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { sql } from '../../server/platform/database.ts'
import { assertAllWell, atRest, count, paidOnce, pay, place, providerTimePasses, written } from '../buyer.ts'
import { openReviewWorld, credited, deskOf, placeAs, PRICE, SHORT, OVER } from '../reviews.ts'
import { ADDRESS, stockedShop } from '../shop.ts'
import { deliver, paymentEvent, signed } from '../webhooks.ts'

const SECOND = 1_000
/** Razorpay tells of refunds six seconds after they were made. */
const REFUND_NEWS = 7 * SECOND

const { admin, cancel, customer, desk, differing, eventsOf, fault, hooks, productId, second, shop } =
  await openReviewWorld()
afterEach(() => assertAllWell(shop))
after(() => shop.close())

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
