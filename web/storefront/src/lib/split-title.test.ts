import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitTitle } from './split-title.ts'

test('a title is split at its last comma', () => {
  assert.deepEqual(splitTitle('Tellicherry pepper, 100 g'), { name: 'Tellicherry pepper', detail: '100 g' })
  assert.deepEqual(splitTitle('Red, blue and green, set of six'), { name: 'Red, blue and green', detail: 'set of six' })
  assert.deepEqual(splitTitle('Honey'), { name: 'Honey', detail: null })
  assert.deepEqual(splitTitle(', odd'), { name: ', odd', detail: null })
})
