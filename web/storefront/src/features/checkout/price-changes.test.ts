import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Quote } from '../../../../../client/shapes.ts'
import { isSameBox, priceChanges } from './price-changes.ts'

function quoteOf(...items: [productId: string, unitPrice: number, quantity?: number][]): Quote {
  return {
    currency: 'INR',
    items: items.map(([productId, unitPrice, quantity = 1]) => ({ productId, title: productId, unitPrice, quantity })),
  } as Quote
}

test('only what costs something else is named, whatever its quantity', () => {
  const before = quoteOf(['pepper', 24_500], ['honey', 52_000])
  assert.deepEqual(priceChanges(before, quoteOf(['pepper', 24_500, 3], ['honey', 54_000])), [
    { title: 'honey', before: 52_000, after: 54_000 },
  ])
  assert.deepEqual(priceChanges(before, before), [])
  assert.deepEqual(priceChanges(before, quoteOf(['tea', 37_500])), [])
})

test('a box is the same when things, quantities and currency are', () => {
  const box = quoteOf(['pepper', 24_500, 2], ['honey', 52_000])
  assert.ok(isSameBox(box, quoteOf(['pepper', 1, 2], ['honey', 2])))
  assert.ok(!isSameBox(box, quoteOf(['pepper', 24_500, 3], ['honey', 52_000])))
  assert.ok(!isSameBox(box, quoteOf(['pepper', 24_500, 2])))
  assert.ok(!isSameBox(box, { ...box, currency: 'USD' }))
})
