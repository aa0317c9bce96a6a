/** The queue itself: what it shows, to whom, and that nothing is decided without a second look. */
import assert from 'node:assert/strict'
import { after, afterEach, describe, test } from 'node:test'
import { assertAllWell, atRest, rowCounts } from '../buyer.ts'
import { openReviewWorld, PRICE, SHORT, OVER } from '../reviews.ts'

const { admin, cancel, customer, desk, differing, fault, seller, shop } = await openReviewWorld()
afterEach(() => assertAllWell(shop))
after(() => shop.close())

describe('the second look', () => {
  test('P2 without an answer nothing is decided, whatever the action, and nothing is changed', async () => {
    const { item } = await differing('over_capture')
    const before = await rowCounts(shop.db)
    for (const action of ['confirm', 'refund', 'refund_to_wallet', 'ask']) {
      // As often as a question is repeated. Were it silent any longer, its circuit would open and answer for it.
      await fault({ match: 'GET .*', kind: 'reset', times: 2 })
      const answer = await desk.decide(item.id, { action }, { key: `silent-${action}` })
      assert.deepEqual([answer.status, answer.body.error.code], [409, 'payment_state_unknown'], action)
      assert.equal((await desk.decided(item.id, { action: 'ask' })).resolvedAt, null)
    }
    assert.deepEqual(await rowCounts(shop.db), before)
    const again = await desk.decide(item.id, { action: 'refund' }, { key: 'silent-refund' })
    assert.equal(again.status, 200, 'the same key may be used again: not knowing is no final answer')
    await atRest(shop)
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
        waitsFor: null,
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
