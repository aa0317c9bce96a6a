import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deliveryIn } from './delivery.ts'

const own = { deliveryFee: 4_000, freeDeliveryAbove: 50_000, deliveryCurrency: 'INR', deliveryFees: [] }
const yen = { currency: 'JPY', fee: 800, freeAbove: null }

test('a fee is told in its own currency, and in another only where the shop has one', () => {
  assert.deepEqual(deliveryIn(own, 'INR'), { fee: 4_000, freeAbove: 50_000 })
  assert.equal(deliveryIn(own, 'JPY'), undefined)
  assert.deepEqual(deliveryIn({ ...own, deliveryFees: [yen] }, 'JPY'), yen)
  assert.deepEqual(deliveryIn({ ...own, deliveryFee: 0 }, 'JPY'), { fee: 0, freeAbove: null })
})
