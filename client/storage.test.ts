import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claims } from './claims.ts'
import { guestTokens } from './guest-tokens.ts'
import { browserStorage, memoryStorage, readJson } from './storage.ts'

/** A browser's storage over a map; it can be told to refuse everything, as private windows and full disks do. */
function fakeStorage() {
  const entries = new Map<string, string>()
  const state = { refuses: false }
  const guard = <T>(work: () => T): T => {
    if (state.refuses) throw new Error('QuotaExceededError')
    return work()
  }
  const storage = {
    getItem: (key: string) => guard(() => entries.get(key) ?? null),
    setItem: (key: string, value: string) => guard(() => void entries.set(key, value)),
    removeItem: (key: string) => guard(() => void entries.delete(key)),
  } as unknown as Storage
  return { storage, state, entries }
}

test('what is stored is found again, and gone once removed', () => {
  const { storage, entries } = fakeStorage()
  const texts = browserStorage(() => storage)
  texts.set('a', '1')
  assert.equal(entries.get('a'), '1')
  assert.equal(texts.get('a'), '1')
  texts.remove('a')
  assert.equal(texts.get('a'), null)
})

test('a storage that refuses is replaced by memory, so that paying still works', () => {
  const { storage, state } = fakeStorage()
  state.refuses = true
  const texts = browserStorage(() => storage)
  texts.set('a', '1')
  assert.equal(texts.get('a'), '1')
  state.refuses = false
  assert.equal(texts.get('a'), '1')
  texts.remove('a')
  assert.equal(texts.get('a'), null)
  const forbidden = browserStorage(() => {
    throw new Error('SecurityError')
  })
  forbidden.set('b', '2')
  assert.equal(forbidden.get('b'), '2')
})

test('what cannot be read as JSON counts as nothing', () => {
  const texts = memoryStorage()
  assert.equal(readJson(texts, 'a'), undefined)
  texts.set('a', '{"broken')
  assert.equal(readJson(texts, 'a'), undefined)
  texts.set('a', '[1]')
  assert.deepEqual(readJson(texts, 'a'), [1])
})

test('guest tokens: newest first, one for each order, and no more than fifty', () => {
  const texts = memoryStorage()
  const tokens = guestTokens(texts)
  for (let index = 0; index < 60; index += 1) tokens.keep(`order-${index}`, `token-${index}`)
  tokens.keep('order-30', 'newer')
  assert.equal(tokens.list().length, 50)
  assert.deepEqual(tokens.list().slice(0, 2), ['order-30', 'order-59'])
  assert.equal(tokens.find('order-30'), 'newer')
  assert.equal(tokens.find('order-0'), undefined)
  texts.set('hundi.guest-orders', '[["a","b"],["c"],5,null]')
  assert.deepEqual(tokens.list(), ['a'])
})

test('a claim is kept for its own order until it is forgotten', () => {
  const texts = memoryStorage()
  const kept = claims(texts)
  const claim = { orderId: 'order-1', razorpayPaymentId: 'pay_1', razorpayOrderId: 'order_1', razorpaySignature: 's' }
  kept.keep(claim)
  assert.deepEqual(claims(texts).find('order-1'), claim)
  assert.equal(kept.find('order-2'), undefined)
  texts.set('hundi.claim.order-2', JSON.stringify(claim))
  assert.equal(kept.find('order-2'), undefined)
  kept.forget('order-1')
  assert.equal(kept.find('order-1'), undefined)
})
