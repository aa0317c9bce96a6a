import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseShelfSearch, shelfQuery } from './shelf-search.ts'

test('an address is read as far as it makes sense', () => {
  assert.deepEqual(parseShelfSearch({ q: ' pepper ', sort: '-price', available: 'true' }), {
    q: 'pepper',
    sort: '-price',
    available: true,
  })
  assert.deepEqual(parseShelfSearch({ q: '', sort: 'cheap', available: 'no', other: 1 }), {})
  assert.deepEqual(parseShelfSearch({ q: ['a'], sort: 'featured' }), {})
  assert.equal(parseShelfSearch({ q: 108 }).q, '108')
  assert.equal(parseShelfSearch({ q: 'x'.repeat(500) }).q?.length, 100)
})

test('a shelf asks for its place, its words and its order', () => {
  assert.deepEqual(shelfQuery({}), { sort: 'featured', limit: 24 })
  assert.deepEqual(shelfQuery({ q: 'tea', sort: 'price', available: true }, { category: 'pantry' }), {
    search: 'tea',
    available: true,
    category: 'pantry',
    sort: 'price',
    limit: 24,
  })
})
