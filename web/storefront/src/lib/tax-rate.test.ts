import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taxRate } from './tax-rate.ts'

test('a rate has no digits that say nothing', () => {
  assert.deepEqual([0, 500, 1250, 1800, 25].map(taxRate), ['0 %', '5 %', '12.5 %', '18 %', '0.25 %'])
})
