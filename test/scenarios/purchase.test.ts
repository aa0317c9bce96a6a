import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { paidAnswer } from '../buyer.ts'
import { orderBody, stockedShop } from '../shop.ts'

type Stocked = Awaited<ReturnType<typeof stockedShop>>
let stocked: Stocked

before(async () => {
  stocked = await stockedShop()
})
after(() => stocked.shop.close())

test('a guest buys: order, window, verify, confirmed', async () => {
  const { shop, productId } = stocked
  const placed = await shop.call('POST', '/api/orders', { body: orderBody(productId, 2), key: 'first-purchase' })
  assert.equal(placed.status, 201, JSON.stringify(placed.body))
  const { order, payment, guestToken } = placed.body.data
  const paid = await shop.control('POST', '/razorpay/_sandbox/pay', {
    orderId: payment.providerOrderId,
    outcome: 'captured',
  })
  assert.equal(paid.status, 200, JSON.stringify(paid.body))
  const verified = await shop.call('POST', '/api/payments/verify', {
    guestToken,
    body: { orderId: order.id, ...paid.body },
  })
  assert.deepEqual(verified.body.data, paidAnswer(order.id, 49_000))
  await shop.settled()
  const shown = await shop.call('GET', `/api/orders/${order.id}`, { guestToken })
  assert.equal(shown.body.data.order.status, 'confirmed')
  assert.equal(shown.body.data.order.capturedAmount, 49_000)
  const story = await shop.call('GET', `/api/admin/orders/${order.id}/story`, { as: stocked.admin })
  assert.deepEqual(
    story.body.data.story.ledger.map((row: { kind: string; amount: number }) => [row.kind, row.amount]),
    [
      ['capture', 49_000],
      ['sale', 49_000],
    ],
  )
})
