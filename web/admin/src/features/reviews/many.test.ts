import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReviewItem, ReviewResult } from '../../../../../shared/contract/reviews.ts'
import { allOfKind, canChoose, chosenOf, leftOpen, manyWords, portionsOf } from './many.ts'

const item = (id: string, fields: Partial<ReviewItem> = {}) =>
  ({
    id,
    kind: 'unknown_payment',
    amount: 24_500,
    currency: 'INR',
    actions: ['attach', 'write_off', 'ask'],
    resolvedAt: null,
    ...fields,
  }) as ReviewItem

test('L7 what is offered is what every one of them offers, but for what is one question’s own', () => {
  const shown = [item('a'), item('b', { actions: ['ask', 'write_off'], amount: 500, currency: 'USD' }), item('c')]
  assert.deepEqual(chosenOf(shown, new Set(['a', 'b'])).actions, ['write_off', 'ask'])
  assert.deepEqual(chosenOf(shown, new Set(['a', 'b', 'c'])).sums, [
    { currency: 'INR', amount: 49_000 },
    { currency: 'USD', amount: 500 },
  ])
  const none = [item('a', { actions: ['attach'], amount: null }), item('b')]
  assert.deepEqual(chosenOf(none, new Set(['a', 'b'])).actions, [])
  // What somebody else has answered meanwhile is not there any more.
  assert.deepEqual(chosenOf([item('a')], new Set(['a', 'gone'])).items.length, 1)
})

test('L7 questions of another kind cannot be chosen beside, nor more than a hundred', () => {
  const chosen = chosenOf([item('a')], new Set(['a']))
  assert.equal(canChoose(item('b'), chosen), true)
  assert.equal(canChoose(item('b', { kind: 'amount_differs' }), chosen), false)
  const many = Array.from({ length: 120 }, (_, n) => item(`i${n}`))
  const hundred = chosenOf(many, allOfKind(many, 'unknown_payment'))
  assert.equal(hundred.items.length, 100)
  assert.equal(canChoose(item('i7'), hundred), true)
  assert.equal(canChoose(item('i110'), hundred), false)
})

test('L7 they are sent a few at a time, each once', () => {
  const ids = Array.from({ length: 12 }, (_, n) => String(n))
  assert.deepEqual(
    portionsOf(ids).map((portion) => portion.length),
    [5, 5, 2],
  )
  assert.deepEqual(portionsOf(ids).flat(), ids)
  assert.deepEqual(portionsOf([]), [])
})

test('L7 every answer has words for one and for many', () => {
  for (const action of [
    'refund',
    'refund_to_wallet',
    'confirm',
    'write_off',
    'approve',
    'decline',
    'ask',
    'dismiss',
  ] as const) {
    const { label, consequence } = manyWords(action, 8)
    assert.ok(label !== '' && consequence.endsWith('.'))
    assert.match(manyWords(action, 8).confirm, /8 (questions|orders|decisions)/)
    assert.match(manyWords(action, 1).confirm, /1 (question|order|decision)\b/)
  }
})

test('L7 what stays open is told with its reason', () => {
  const results = [
    { id: 'a', item: item('a', { resolvedAt: '2026-11-21T08:00:00Z' }), error: null },
    { id: 'b', item: item('b'), error: { code: 'payment_state_unknown', message: 'Razorpay does not answer.' } },
    { id: 'c', item: item('c', { waitsFor: null }), error: null },
    { id: 'd', item: item('d', { waitsFor: { reviewItemId: 'e' } as ReviewItem['waitsFor'] }), error: null },
  ] as ReviewResult[]
  assert.deepEqual(leftOpen(results), [
    { id: 'b', why: 'Razorpay does not answer.', isOffered: true },
    { id: 'c', why: 'The provider’s answer does not settle it.', isOffered: true },
    { id: 'd', why: 'Asked for. It is done when a second person agrees.', isOffered: false },
  ])
})
