import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addDays, dayIn, isDay, isTimeZone, startOfDay } from './day.ts'

for (const [day, zone, begins] of [
  ['2026-11-21', 'UTC', '2026-11-21T00:00:00.000Z'],
  ['2026-11-21', 'Asia/Kolkata', '2026-11-20T18:30:00.000Z'],
  ['2026-11-21', 'Asia/Kathmandu', '2026-11-20T18:15:00.000Z'],
  ['2026-11-21', 'America/Los_Angeles', '2026-11-21T08:00:00.000Z'],
  ['2026-11-21', 'Pacific/Kiritimati', '2026-11-20T10:00:00.000Z'],
  // Summer time begins and ends in the night before: the day has 23 hours, then 25.
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2026-10-26', 'Europe/Berlin', '2026-10-25T23:00:00.000Z'],
  // Clocks went from 0:00 to 1:00, so the day began at 1:00.
  ['2018-11-04', 'America/Sao_Paulo', '2018-11-04T03:00:00.000Z'],
  // There was no such day: the next one began.
  ['2011-12-30', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
] as const) {
  test(`L3 ${day} begins in ${zone} at ${begins}`, () => {
    assert.equal(startOfDay(day, zone).toISOString(), begins)
    const first = Date.parse(begins)
    assert.equal(dayIn(first - 1, zone) < day, true)
    if (day !== '2011-12-30') assert.equal(dayIn(first, zone), day)
  })
}

test('a day is one of the calendar, and days are counted over months and years', () => {
  for (const day of ['2026-11-21', '2024-02-29', '1970-01-01']) assert.equal(isDay(day), true, day)
  for (const text of ['2026-02-30', '2026-02-29', '2026-13-01', '2026-1-1', '21.11.2026', '', '2026-11-21\n'])
    assert.equal(isDay(text), false, text)
  assert.equal(addDays('2026-12-31', 1), '2027-01-01')
  assert.equal(addDays('2024-03-01', -1), '2024-02-29')
})

test('a time zone goes by the name of a place', () => {
  for (const zone of ['Asia/Kolkata', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5'])
    assert.equal(isTimeZone(zone), true, zone)
  for (const zone of ['Asia/Atlantis', '', '+05:30', 'IST', "Asia/Kolkata'; --", 'asia kolkata'])
    assert.equal(isTimeZone(zone), false, zone)
})
