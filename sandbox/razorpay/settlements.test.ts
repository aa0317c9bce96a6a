/** When the bank account receives what was captured. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { settlementTime } from './settlements.ts'

/** Captured at, settled on: two working days later, weekends off. */
const CASES: Array<[string, string]> = [
  ['2026-01-05T23:59:59Z', '2026-01-07'], // Monday → Wednesday
  ['2026-01-08T00:00:00Z', '2026-01-12'], // Thursday → Monday
  ['2026-01-09T12:00:00Z', '2026-01-13'], // Friday → Tuesday
  ['2026-01-10T12:00:00Z', '2026-01-13'], // Saturday → Tuesday
  ['2026-01-11T12:00:00Z', '2026-01-13'], // Sunday → Tuesday
]

for (const [captured, settled] of CASES) {
  test(`captured ${captured}, settled ${settled}`, () => {
    const at = settlementTime(Date.parse(captured) / 1000)
    assert.equal(new Date(at * 1000).toISOString(), `${settled}T00:00:00.000Z`)
  })
}
