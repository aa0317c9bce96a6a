import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lastLook, nextLook, REFUND_WINDOW_MS, repeatedLastLook, USUAL_LATE_MONEY_MS, type LookPlan } from './looks.ts'

const SINCE = new Date('2026-09-01T10:00:00Z')
const DAY_S = 86_400

/** Plan, looks so far, seconds since it began, and the seconds until the next look; null: asking is over. */
const CASES: readonly [plan: LookPlan, looks: number, sinceS: number, expectedS: number | null][] = [
  ['unknown', 0, 0, 5],
  ['unknown', 1, 5, 15],
  ['unknown', 2, 20, 60],
  ['unknown', 3, 80, 300],
  ['unknown', 4, 380, 900],
  ['unknown', 5, 1_280, 3_600],
  ['unknown', 60, DAY_S, 3_600],
  ['open', 0, 0, 60],
  ['open', 1, 60, 120],
  ['open', 2, 180, 240],
  ['open', 3, 420, 480],
  ['open', 4, 900, 900],
  ['open', 5, 1_800, 3_600],
  ['open', 70, 3 * DAY_S - 3_600, 3_600],
  ['open', 70, 3 * DAY_S - 3_599, null],
  ['unknown', 70, 3 * DAY_S, null],
]

for (const [plan, looks, sinceS, expectedS] of CASES) {
  test(`${plan}, looked ${looks} times, ${sinceS} s old: ${expectedS === null ? 'over' : `in ${expectedS} s`}`, () => {
    const now = new Date(SINCE.getTime() + sinceS * 1_000)
    const next = nextLook(plan, looks, SINCE, now, { pollAfterS: 60, windowMs: USUAL_LATE_MONEY_MS })
    assert.deepEqual(next, expectedS === null ? null : new Date(now.getTime() + expectedS * 1_000))
  })
}

test('asking every time it is due ends, and covers the whole window', () => {
  for (const [plan, windowMs] of [
    ['open', USUAL_LATE_MONEY_MS],
    ['unknown', USUAL_LATE_MONEY_MS],
    ['unknown', REFUND_WINDOW_MS],
  ] as const) {
    let now: Date = SINCE
    let looks = 0
    for (let next: Date | null = SINCE; next !== null; looks += 1) {
      assert.ok(looks < 400, 'asking never ends')
      now = next
      next = nextLook(plan, looks, SINCE, now, { pollAfterS: 60, windowMs })
    }
    const lastMs = now.getTime() - SINCE.getTime()
    assert.ok(lastMs <= windowMs && lastMs > windowMs - 3_600_000, `the last look is after ${lastMs} ms`)
  }
})

test('a payment that is closed is looked at once more on the seventh day, and not when that day has passed', () => {
  const at = (days: number) => new Date(SINCE.getTime() + days * DAY_S * 1_000)
  assert.deepEqual(lastLook(SINCE, at(0)), at(7))
  assert.deepEqual(lastLook(SINCE, at(3)), at(7))
  assert.equal(lastLook(SINCE, at(7)), null)
  assert.equal(lastLook(SINCE, at(10)), null)
})

test('a last look that nobody answered is tried again for a day', () => {
  let now = new Date(SINCE.getTime() + 7 * DAY_S * 1_000)
  let looks = 0
  for (let next: Date | null = now; next !== null; looks += 1) {
    assert.ok(looks < 40, 'trying never ends')
    now = next
    next = repeatedLastLook(looks, SINCE, now)
  }
  assert.ok(looks > 20, `it was tried ${looks} times`)
  assert.ok(now.getTime() - SINCE.getTime() <= 8 * DAY_S * 1_000)
})
