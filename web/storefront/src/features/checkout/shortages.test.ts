import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../../../../../client/api-error.ts'
import type { Quote } from '../../../../../client/shapes.ts'
import { shortages } from './shortages.ts'

const QUOTE = {
  items: [
    { productId: 'p', title: 'Tellicherry pepper, 100 g' },
    { productId: 'h', title: 'Wild forest honey, 400 g' },
  ],
} as Quote

function refusal(details: unknown, code = 'out_of_stock'): ApiError {
  return new ApiError({ code, status: 409, message: 'There is not enough left.', details })
}

test('each thing of which there is too little is named, with how many are left', () => {
  const error = refusal({
    items: [
      { productId: 'p', available: 2 },
      { productId: 'h', available: 0 },
    ],
  })
  assert.deepEqual(shortages(error, QUOTE), [
    { code: 'out_of_stock', message: 'Only 2 left of Tellicherry pepper, 100 g.', productId: 'p' },
    { code: 'out_of_stock', message: 'Wild forest honey, 400 g is sold out.', productId: 'h' },
  ])
})

test('what is not in the box is not spoken of', () => {
  assert.deepEqual(shortages(refusal({ items: [{ productId: 'x', available: 1 }] }), QUOTE), [])
})

test('other refusals, and details of another shape, name nothing', () => {
  const items = [{ productId: 'p', available: 2 }]
  assert.deepEqual(shortages(refusal({ items }, 'price_changed'), QUOTE), [])
  for (const details of [undefined, null, 'p', {}, { items: 2 }, { items: [null, 'p', { productId: 'p' }] }]) {
    assert.deepEqual(shortages(refusal(details), QUOTE), [])
  }
})
