import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageNumbers } from './page-numbers.ts'

test('first, last and neighbours are shown, and a gap never hides a single page', () => {
  const cases: [number, number, (number | 'gap')[]][] = [
    [1, 1, [1]],
    [1, 3, [1, 2, 3]],
    [1, 9, [1, 2, 3, 4, 'gap', 9]],
    [4, 9, [1, 2, 3, 4, 5, 'gap', 9]],
    [5, 9, [1, 'gap', 4, 5, 6, 'gap', 9]],
    [6, 9, [1, 'gap', 5, 6, 7, 8, 9]],
    [9, 9, [1, 'gap', 6, 7, 8, 9]],
    [250, 500, [1, 'gap', 249, 250, 251, 'gap', 500]],
  ]
  for (const [current, total, pages] of cases) assert.deepEqual(pageNumbers(current, total), pages)
})
