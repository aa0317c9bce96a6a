import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { OpeningHours } from '../../shared/contract/catalog-admin.ts'
import { isOpen } from './opening-hours.ts'

// 21 November 2026 is a Saturday; Kolkata is five and a half hours ahead of UTC.
const shop: OpeningHours = {
  sat: [
    ['09:00', '13:00'],
    ['15:30', '21:00'],
  ],
}
const night: OpeningHours = { fri: [['18:00', '02:00']], sat: [['00:00', '24:00']] }
const newYork: OpeningHours = { sun: [['02:30', '03:30']] }

const cases: [string, OpeningHours | null, string, string, boolean][] = [
  ['no hours at all', null, 'Asia/Kolkata', '2026-11-21T20:00:00Z', true],
  ['no day given', {}, 'Asia/Kolkata', '2026-11-21T06:00:00Z', false],
  ['a day without a range', { sat: [] }, 'Asia/Kolkata', '2026-11-21T06:00:00Z', false],
  ['one second before it begins', shop, 'Asia/Kolkata', '2026-11-21T03:29:59Z', false],
  ['the minute it begins', shop, 'Asia/Kolkata', '2026-11-21T03:30:00Z', true],
  ['the last second', shop, 'Asia/Kolkata', '2026-11-21T07:29:59Z', true],
  ['the minute it ends', shop, 'Asia/Kolkata', '2026-11-21T07:30:00Z', false],
  ['between two ranges', shop, 'Asia/Kolkata', '2026-11-21T09:00:00Z', false],
  ['in the second range', shop, 'Asia/Kolkata', '2026-11-21T10:00:00Z', true],
  ['the same moment where it is still Friday', shop, 'Pacific/Honolulu', '2026-11-21T03:30:00Z', false],
  ['before midnight of a range past midnight', night, 'Asia/Kolkata', '2026-11-20T18:00:00Z', true],
  ['another day closed', night, 'Asia/Kolkata', '2026-11-19T18:00:00Z', false],
  ['after midnight of Friday, a whole Saturday', night, 'Asia/Kolkata', '2026-11-20T20:00:00Z', true],
  ['the last minute of a whole day', night, 'Asia/Kolkata', '2026-11-21T18:29:59Z', true],
  ['the first minute after a whole day', night, 'Asia/Kolkata', '2026-11-21T18:30:00Z', false],
  [
    'after midnight of a range past midnight',
    { fri: [['18:00', '02:00']] },
    'Asia/Kolkata',
    '2026-11-20T20:29:00Z',
    true,
  ],
  ['two at night, when it ends', { fri: [['18:00', '02:00']] }, 'Asia/Kolkata', '2026-11-20T20:30:00Z', false],
  ['Saturday night into Sunday', { sat: [['22:00', '01:00']] }, 'UTC', '2026-11-22T00:59:00Z', true],
  ['half an hour that summer time leaves out', newYork, 'America/New_York', '2026-03-08T07:00:00Z', true],
  ['an hour that winter time has twice, first time', newYork, 'America/New_York', '2026-11-01T06:45:00Z', false],
]

describe('isOpen', () => {
  for (const [name, hours, timeZone, now, open] of cases) {
    test(name, () => assert.equal(isOpen(hours, timeZone, new Date(now)), open))
  }
})
