/** Questions about refunds, answered by an admin: each action, and what the books say after it. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, test } from 'node:test'
import { assertAllWell, atRest, pay, place, providerTimePasses, stockOf, verify, written } from '../buyer.ts'
import { openReviewWorld, credited, deskOf, placeAs, PRICE, type Desk } from '../reviews.ts'
import { stockedShop } from '../shop.ts'

const SECOND = 1_000
const DAY = 86_400 * SECOND
/** Razorpay tells of refunds six seconds after they were made. */
const REFUND_NEWS = 7 * SECOND

const { admin, cancel, customer, desk, fault, hooks, productId, refundRefused, shop } = await openReviewWorld()
afterEach(() => assertAllWell(shop))
after(() => shop.close())

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

  test('P17 of a part, some of which another refund has paid meanwhile: only the rest goes back', async () => {
    const placed = await placeAs(shop, customer, productId)
    await pay(shop, placed)
    await atRest(shop)
    await fault({ match: 'POST .*/refund$', kind: 'error', status: 400, code: 'BAD_REQUEST_ERROR', description: 'No.' })
    const refund = (amount: number) =>
      shop.call('POST', '/api/payments/refund', {
        as: admin,
        body: { orderId: placed.orderId, amount, reason: 'One jar broke' },
      })
    assert.equal((await refund(500)).status, 202)
    await atRest(shop)
    const item = await desk.theOpen(placed.orderId, 'refund_failed')
    assert.equal((await refund(300)).status, 202)
    await atRest(shop)
    await desk.decided(item.id, { action: 'refund' })
    await atRest(shop)
    const end = await written(shop.db, placed.orderId)
    assert.deepEqual(end.refunds, [
      'failed 500 One jar broke',
      'processed 200 One jar broke',
      'processed 300 One jar broke',
    ])
    assert.deepEqual(end.attempts, [`captured kept ${PRICE}/500`])
  })

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

  test('A17 what the second person writes is for colleagues, not for the shopper', async () => {
    for (const action of ['approve', 'decline']) {
      const { placed, item } = await waiting()
      await first.decided(item.id, { action, reason: 'Third time this month' }, { as: other })
      await atRest(strict.shop)
      for (const path of [`/api/orders/${placed.orderId}/events`, `/api/payments?orderId=${placed.orderId}`]) {
        const shown = await strict.shop.call('GET', path, { guestToken: placed.guestToken })
        assert.equal(shown.status, 200)
        assert.equal(JSON.stringify(shown.body).includes('Third time'), false, `${action} ${path}`)
      }
    }
  })

  test('A17 agreed to after the order was cancelled: its units come back once', async () => {
    const { shop: there, productId: of } = strict
    const before = await stockOf(there.db, of)
    const placed = await place(there, of)
    await verify(there, placed, await pay(there, placed))
    await atRest(there)
    const body = { orderId: placed.orderId, reason: 'Broken', restock: true }
    assert.equal((await there.call('POST', '/api/payments/refund', { as: strict.admin, body })).status, 202)
    await there.call('POST', `/api/orders/${placed.orderId}/cancel`, { as: strict.admin, body: {} })
    const item = await first.theOpen(placed.orderId, 'refund_approval')
    await first.decided(item.id, { action: 'approve' }, { as: other })
    await atRest(there)
    assert.deepEqual(await stockOf(there.db, of), before)
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
