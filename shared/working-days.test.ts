import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sameHourAfter, workingDaysAfter } from './working-days.ts'

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

test('the same hour of that date, also where it is another date in UTC', () => {
  assert.equal(sameHourAfter(new Date('2026-11-20T09:11:00Z'), 3, IST).toISOString(), '2026-11-25T09:11:00.000Z')
  // Half past one in the night of a Sunday in India.
  assert.equal(sameHourAfter(new Date('2026-11-21T20:00:00Z'), 1, IST).toISOString(), '2026-11-22T20:00:00.000Z')
  assert.equal(sameHourAfter(new Date('2026-11-21T20:00:00Z'), 0, IST).toISOString(), '2026-11-21T20:00:00.000Z')
})
