/** When runs are due, what they cover, and how steps follow what they meet. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  dailyWindow,
  dueAt,
  dueDay,
  mostRows,
  nextSlice,
  patience,
  reportedOn,
  settlementDays,
  smallerSlice,
} from './window.ts'

const at = (text: string) => new Date(text)
const HALF_PAST_TWO = { hour: 2, minute: 30 }

describe('the day that is due', () => {
  for (const [now, day] of [
    ['2026-11-21T02:29:59Z', '2026-11-20'],
    ['2026-11-21T02:30:00Z', '2026-11-21'],
    ['2026-11-21T23:59:59Z', '2026-11-21'],
    ['2026-11-22T00:00:00Z', '2026-11-21'],
  ] as const) {
    test(`at ${now} is ${day}`, () => assert.equal(dueDay(at(now), HALF_PAST_TWO), day))
  }

  test('fell due at its time', () => assert.deepEqual(dueAt('2026-11-21', HALF_PAST_TWO), at('2026-11-21T02:30:00Z')))
})

describe('a daily window', () => {
  for (const [what, lastEnd, from] of [
    ['looks three days back when yesterday was covered', '2026-11-20T02:20:00Z', '2026-11-18T02:20:00Z'],
    ['goes back to where the last one ended', '2026-11-09T02:20:00Z', '2026-11-09T02:20:00Z'],
  ] as const) {
    test(what, () => {
      const window = dailyWindow(at('2026-11-21T02:30:00.700Z'), at(lastEnd))
      assert.deepEqual(window, { from: at(from), to: at('2026-11-21T02:20:00Z') })
    })
  }
})

describe('the next slice', () => {
  for (const [sliceS, rows, next] of [
    // Nothing there: more time, but no more than four times as much, nor a day.
    [3_600, 0, 14_400],
    [43_200, 0, 86_400],
    [86_400, 1, 86_400],
    // Two thousand are aimed at.
    [3_600, 2_000, 3_600],
    [3_600, 4_000, 1_800],
    [3_600, 1_000, 7_200],
    [2, 4_400, 1],
    [1, 20_000, 1],
  ] as const) {
    test(`after ${rows} rows in ${sliceS} s takes ${next} s`, () => assert.equal(nextSlice(sliceS, rows), next))
  }

  for (const [sliceS, smaller] of [
    [3_600, 900],
    [4, 1],
    [3, 1],
    [1, 1],
  ] as const) {
    test(`instead of ${sliceS} s that held too much takes ${smaller} s`, () =>
      assert.equal(smallerSlice(sliceS), smaller))
  }

  test('holds a bounded number of rows, and more only in a second that cannot be divided', () => {
    assert.deepEqual([mostRows(86_400), mostRows(2), mostRows(1)], [5_000, 5_000, 20_000])
  })
})

test('settlement reports are asked for from the day before to the day after, for midnights elsewhere', () => {
  assert.deepEqual(settlementDays(at('2026-11-18T02:20:00Z'), at('2026-11-21T02:20:00Z')), {
    first: at('2026-11-17T00:00:00Z'),
    last: at('2026-11-22T00:00:00Z'),
  })
  assert.deepEqual(reportedOn(at('2026-11-18T00:00:00Z')), {
    from: at('2026-11-17T12:00:00Z'),
    to: at('2026-11-19T12:00:00Z'),
  })
})

test('a silent provider is asked after 5 s, 15 s, 1 min, 5 min, and then each 15 min', () => {
  assert.deepEqual([0, 1, 2, 3, 4, 90].map(patience), [5_000, 15_000, 60_000, 300_000, 900_000, 900_000])
})
