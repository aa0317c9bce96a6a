import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { containing, cutPage, decodeCursor, encodeCursor } from './cursor.ts'

const ID = '01a1fdcf-ebc6-77b8-8ec8-94a6bfe04637'
const refused = { code: 'validation_failed' }

describe('a cursor', () => {
  test('gives back what it was made of', () => {
    for (const [values, kinds] of [
      [[ID], ['uuid']],
      [
        [24_500, ID],
        ['integer', 'uuid'],
      ],
      [
        ['आम', -1, ID],
        ['text', 'integer', 'uuid'],
      ],
    ] as const) {
      assert.deepEqual(decodeCursor(encodeCursor(values), kinds), values)
    }
  })

  test('of another list is refused: with fewer values, with more, or with others', () => {
    for (const values of [[], [1], [ID], [1, ID, 1], [1, ID, ID], [ID, 1], ['1', ID], [1, 'x'], [1, null]]) {
      const cursor = encodeCursor(values as string[])
      assert.throws(() => decodeCursor(cursor, ['integer', 'uuid']), refused, JSON.stringify(values))
    }
  })

  test('that nobody gave out is refused before it reaches SQL', () => {
    const forged = (json: string) => Buffer.from(json).toString('base64url')
    for (const cursor of [
      '',
      'x',
      '%%%',
      forged('{}'),
      forged('null'),
      forged('"a"'),
      forged('[1e400]'),
      forged('[1.5]'),
    ]) {
      assert.throws(() => decodeCursor(cursor, ['integer']), refused, cursor)
    }
    for (const text of ['\0', 'a\0b', '\ud800']) {
      assert.throws(() => decodeCursor(encodeCursor([text]), ['text']), refused, JSON.stringify(text))
    }
    assert.throws(() => decodeCursor(encodeCursor([`${ID}'`]), ['uuid']), refused)
    assert.throws(() => decodeCursor(encodeCursor([Number.MAX_SAFE_INTEGER + 1]), ['integer']), refused)
  })
})

test('a page ends where its limit says, and only one that has more after it has a cursor: that of its own last row', () => {
  const key = (row: number) => [row]
  const cut = (rows: number) => {
    const page = cutPage(
      Array.from({ length: rows }, (_, at) => at),
      3,
      key,
    )
    return [page.rows, page.pagination.nextCursor]
  }
  assert.deepEqual(cut(0), [[], null])
  assert.deepEqual(cut(2), [[0, 1], null])
  assert.deepEqual(cut(3), [[0, 1, 2], null])
  assert.deepEqual(cut(4), [[0, 1, 2], encodeCursor([2])])
})

test('what is searched for is looked for as it stands', () => {
  assert.equal(containing('50%_\\'), '%50\\%\\_\\\\%')
})
