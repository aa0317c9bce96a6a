import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { rowCounts } from '../buyer.ts'
import { orderBody, stockedShop } from '../shop.ts'

type Stocked = Awaited<ReturnType<typeof stockedShop>>
let stocked: Stocked

before(async () => {
  stocked = await stockedShop()
})
after(() => stocked.shop.close())

async function place() {
  const placed = await stocked.shop.call('POST', '/api/orders', { body: orderBody(stocked.productId) })
  assert.equal(placed.status, 201)
  const { order, payment, guestToken } = placed.body.data
  return {
    id: order.id as string,
    providerOrderId: payment.providerOrderId as string,
    guestToken: guestToken as string,
  }
}

async function available(): Promise<number> {
  const { body } = await stocked.shop.call('GET', `/api/products/${stocked.productId}`)
  return body.data.product.available
}

describe('cancelling', () => {
  const bodies: [string, { body?: unknown; raw?: { content: string; type: string } }][] = [
    ['without a body', {}],
    ['with an empty body that is said to be JSON', { raw: { content: '', type: 'application/json' } }],
    ['with an empty object', { body: {} }],
    ['with a reason', { body: { reason: 'Bought by mistake' } }],
  ]
  for (const [name, sent] of bodies) {
    test(`${name} ends an unpaid order and frees its stock`, async () => {
      const free = await available()
      const order = await place()
      assert.equal(await available(), free - 1)
      const answer = await stocked.shop.call('POST', `/api/orders/${order.id}/cancel`, {
        guestToken: order.guestToken,
        ...sent,
      })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      assert.equal(answer.body.data.order.status, 'cancelled')
      assert.equal(answer.body.data.order.cancelReason, 'shopper')
      assert.equal(await available(), free)
    })
  }

  test('a paid order sends its money back and restocks', async () => {
    const { shop } = stocked
    const free = await available()
    const order = await place()
    const paid = await shop.control('POST', '/razorpay/_sandbox/pay', {
      orderId: order.providerOrderId,
      outcome: 'captured',
    })
    await shop.call('POST', '/api/payments/verify', {
      guestToken: order.guestToken,
      body: { orderId: order.id, ...paid.body },
    })
    assert.equal(await available(), free - 1)
    const cancelled = await shop.call('POST', `/api/orders/${order.id}/cancel`, { guestToken: order.guestToken })
    assert.equal(cancelled.status, 200, JSON.stringify(cancelled.body))
    assert.equal(await available(), free)
    await shop.work()
    await shop.settled()
    const shown = await shop.call('GET', `/api/orders/${order.id}`, { guestToken: order.guestToken })
    assert.deepEqual(
      [shown.body.data.order.status, shown.body.data.order.paymentStatus, shown.body.data.order.refundedAmount],
      ['cancelled', 'refunded', 24_500],
    )
    const story = await shop.call('GET', `/api/admin/orders/${order.id}/story`, { as: stocked.admin })
    assert.deepEqual(
      story.body.data.story.ledger.map((row: { kind: string; amount: number }) => [row.kind, row.amount]),
      [
        ['capture', 24_500],
        ['sale', 24_500],
        ['sale_reversed', 24_500],
        ['refund_owed', 24_500],
        ['refund', 24_500],
      ],
    )
  })

  test('twice is refused the second time, and a repeat under one key gets the first answer', async () => {
    const { shop } = stocked
    const order = await place()
    const first = await shop.call('POST', `/api/orders/${order.id}/cancel`, {
      guestToken: order.guestToken,
      key: 'cancel-1',
    })
    const again = await shop.call('POST', `/api/orders/${order.id}/cancel`, {
      guestToken: order.guestToken,
      key: 'cancel-1',
    })
    assert.equal(again.status, 200)
    assert.deepEqual(again.body, first.body)
    const other = await shop.call('POST', `/api/orders/${order.id}/cancel`, { guestToken: order.guestToken })
    assert.equal(other.status, 409)
    assert.equal(other.body.error.code, 'invalid_transition')
  })

  test('an order on its way is refused', async () => {
    const { shop, admin } = stocked
    const order = await place()
    const paid = await shop.control('POST', '/razorpay/_sandbox/pay', {
      orderId: order.providerOrderId,
      outcome: 'captured',
    })
    await shop.call('POST', '/api/payments/verify', {
      guestToken: order.guestToken,
      body: { orderId: order.id, ...paid.body },
    })
    const shipped = await shop.call('PUT', `/api/orders/${order.id}/status`, {
      as: admin,
      body: { status: 'shipped', order_status: 'shipped' },
    })
    assert.equal(shipped.body.data.order.status, 'shipped')
    const answer = await shop.call('POST', `/api/orders/${order.id}/cancel`, { guestToken: order.guestToken })
    assert.equal(answer.body.error.code, 'invalid_transition')
    const delivered = await shop.call('PUT', `/api/orders/${order.id}/status`, {
      as: admin,
      body: { order_status: 'delivered' },
    })
    assert.equal(delivered.body.data.order.status, 'delivered')
    const back = await shop.call('PUT', `/api/orders/${order.id}/status`, { as: admin, body: { status: 'pending' } })
    assert.equal(back.body.error.code, 'invalid_transition')
  })

  test('R11 two names of the new status that say different things: refused, and nothing moves', async () => {
    const { shop, admin } = stocked
    const order = await place()
    const before = await rowCounts(shop.db)
    for (const body of [
      { status: 'shipped', order_status: 'cancelled' },
      { status: 'cancelled', order_status: 'shipped' },
    ]) {
      const answer = await shop.call('PUT', `/api/orders/${order.id}/status`, { as: admin, body })
      assert.deepEqual([answer.status, answer.body.error.code], [400, 'validation_failed'])
      assert.equal(answer.body.error.details.fields[0].field, 'order_status')
    }
    assert.deepEqual(await rowCounts(shop.db), before)
    const agreeing = { status: 'cancelled', order_status: 'cancelled' }
    const answer = await shop.call('PUT', `/api/orders/${order.id}/status`, { as: admin, body: agreeing })
    assert.equal(answer.body.data.order.status, 'cancelled')
  })
})
