import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ATTEMPT_LIFE_MS, orderAttempts } from './order-attempt.ts'
import type { PlaceOrderBody } from './shapes.ts'
import { memoryStorage } from './storage.ts'

const body: PlaceOrderBody = {
  items: [{ productId: '0190a0a0-0000-7000-8000-000000000001', quantity: 2 }],
  shippingAddress: {
    name: 'Ananya Deshpande',
    phone: '+919812345210',
    line1: '14 Prabhat Road',
    city: 'Pune',
    state: 'Maharashtra',
    postalCode: '411004',
    country: 'IN',
  },
  paymentMethod: 'online',
  expectedTotal: 270_900,
}

test('C1 a second click, a reload and another tab find the same key', () => {
  const storage = memoryStorage()
  const key = orderAttempts(storage, () => 1_000).begin(body, null)
  assert.match(key, /^[0-9a-f]{32}$/)
  assert.equal(orderAttempts(storage, () => 2_000).begin({ ...body }, null), key)
})

test('another body or another person gets another key', () => {
  const changes: [string, PlaceOrderBody, string | null][] = [
    ['total', { ...body, expectedTotal: 272_900 }, null],
    ['coupon', { ...body, couponCode: 'DIWALI10' }, null],
    ['address', { ...body, shippingAddress: { ...body.shippingAddress, line1: '15 Prabhat Road' } }, null],
    ['person', body, 'user-1'],
  ]
  for (const [what, changed, person] of changes) {
    const attempts = orderAttempts(memoryStorage(), () => 0)
    assert.notEqual(attempts.begin(body, null), attempts.begin(changed, person), what)
  }
})

test('nothing of the address is left in storage', () => {
  const storage = memoryStorage()
  orderAttempts(storage, () => 0).begin(body, 'ananya@example.com')
  const stored = storage.get('hundi.order-attempt') ?? ''
  assert.doesNotMatch(stored, /Ananya|Prabhat|9812345210|example/)
})

test('an old key is not used again', () => {
  const storage = memoryStorage()
  const key = orderAttempts(storage, () => 0).begin(body, null)
  assert.equal(orderAttempts(storage, () => ATTEMPT_LIFE_MS).begin(body, null), key)
  assert.notEqual(orderAttempts(storage, () => ATTEMPT_LIFE_MS + 1).begin(body, null), key)
})

test('the order that came of it is remembered until it is forgotten', () => {
  const attempts = orderAttempts(memoryStorage(), () => 0)
  attempts.placed('nothing was begun')
  assert.equal(attempts.find(), null)
  attempts.begin(body, null)
  attempts.placed('order-1')
  assert.equal(attempts.find()?.orderId, 'order-1')
  attempts.forget()
  assert.equal(attempts.find(), null)
})

test('a storage with nonsense in it counts as empty', () => {
  const storage = memoryStorage()
  for (const nonsense of ['{', 'null', '[]', '{"key":1}', '{"key":"k","fingerprint":"f","startedAt":"x"}']) {
    storage.set('hundi.order-attempt', nonsense)
    assert.equal(orderAttempts(storage, () => 0).find(), null, nonsense)
  }
})
