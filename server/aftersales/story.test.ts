import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { beginningOf } from './story.ts'

const LIMIT = 4

/** What the database gives: the newest before a moment, with all that are as old as the last of them. */
function newest(times: readonly number[], before: number, atLeast: number): number[] {
  const found = times.filter((time) => time < before).sort((a, b) => b - a)
  const last = found[atLeast - 1]
  return last === undefined ? found : found.filter((time) => time >= last)
}

test('FX2 whatever happened when, the pages of a story tell each record once and come to an end', () => {
  const times = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 40 })
  fc.assert(
    fc.property(fc.tuple(times, times, times), (kinds) => {
      const told: number[][] = [[], [], []]
      let before = Infinity
      for (let page = 0; page < 100; page += 1) {
        const read = kinds.map((kind) => newest(kind, before, LIMIT + 1))
        const since = beginningOf(read, LIMIT)
        for (const [at, rows] of read.entries()) told[at]?.push(...rows.filter((time) => time >= (since ?? 0)))
        if (since === undefined) break
        assert.ok(since < before)
        before = since
      }
      assert.deepEqual(
        told,
        kinds.map((kind) => kind.toSorted((a, b) => b - a)),
      )
    }),
  )
})
