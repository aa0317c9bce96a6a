import assert from 'node:assert/strict'
import { test } from 'node:test'
import { workingDaysAfter } from './working-days.ts'

const IST = 'Asia/Kolkata'

for (const [moment, days, timeZone, expected] of [
  // Monday
  ['2026-11-30T10:00:00+05:30', 5, IST, '2026-12-07'],
  ['2026-11-30T10:00:00+05:30', 1, IST, '2026-12-01'],
  // Friday evening, Saturday, Sunday
  ['2026-12-04T23:59:59+05:30', 1, IST, '2026-12-07'],
  ['2026-12-05T00:00:00+05:30', 1, IST, '2026-12-07'],
  ['2026-12-06T12:00:00+05:30', 5, IST, '2026-12-11'],
  // Past midnight here while it is the day before in UTC
  ['2026-11-30T20:00:00Z', 1, IST, '2026-12-02'],
  ['2026-11-30T20:00:00Z', 1, 'UTC', '2026-12-01'],
  // The end of a year
  ['2026-12-31T09:00:00+05:30', 5, IST, '2027-01-07'],
] as const) {
  test(`${days} working days after ${moment} in ${timeZone}: ${expected}`, () => {
    assert.equal(workingDaysAfter(new Date(moment), days, timeZone), expected)
  })
}
