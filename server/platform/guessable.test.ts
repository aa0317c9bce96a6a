import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { isGuessable } from './guessable.ts'

for (const text of [
  '1',
  'C3',
  'order-1',
  'checkout',
  'my-shop-idempotency-key-for-checkout',
  'guest-checkout-1787923803123',
  'order-2026-11-21-000042',
  '00000000-0000-4000-8000-000000000000',
  '11111111111111111111111111111111',
  'abababababababababababababababab',
  '1787923803123',
  'x'.repeat(200),
]) {
  test(`FX7 ${text.slice(0, 40)} can be guessed`, () => assert.equal(isGuessable(text), true))
}

/** Of ten thousand drawn, at most so many. What is taken for a guess by mistake costs a guest no more than a new order. */
const DRAWN: [what: string, draw: () => string, most: number][] = [
  ['a UUID', () => randomUUID(), 0],
  ['a UUID in capitals', () => randomUUID().toUpperCase(), 0],
  ['128 bits in hexadecimal', () => randomBytes(16).toString('hex'), 0],
  ['a UUID behind a word', () => `order-${randomUUID()}`, 0],
  ['128 bits in base64', () => randomBytes(16).toString('base64url'), 60],
]

for (const [what, draw, most] of DRAWN) {
  test(`FX7 ${what} is not taken for a guess`, () => {
    const mistaken = Array.from({ length: 10_000 }, draw).filter((text) => isGuessable(text))
    assert.ok(mistaken.length <= most, `${mistaken.length}: ${mistaken.slice(0, 5).join(' ')}`)
  })
}
