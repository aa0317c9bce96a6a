import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from './errors.ts'
import { parseMoment } from './moment.ts'

for (const [text, edge, expected] of [
  ['2026-11-21', 'start', '2026-11-21T00:00:00.000Z'],
  ['2026-11-21', 'end', '2026-11-22T00:00:00.000Z'],
  ['2024-02-29', 'end', '2024-03-01T00:00:00.000Z'],
  ['2026-12-31', 'end', '2027-01-01T00:00:00.000Z'],
  ['2026-11-21T08:30:00Z', 'end', '2026-11-21T08:30:00.000Z'],
  ['2026-11-21T08:30:00Z', 'start', '2026-11-21T08:30:00.000Z'],
  ['2026-11-21T08:30Z', 'start', '2026-11-21T08:30:00.000Z'],
  ['2026-11-21T00:00:00.250+05:30', 'start', '2026-11-20T18:30:00.250Z'],
] as const) {
  test(`${text} as an ${edge} is ${expected}`, () => {
    assert.equal(parseMoment('from', text, edge).toISOString(), expected)
  })
}

for (const [text, edge, expected] of [
  ['2026-11-21', 'start', '2026-11-20T18:30:00.000Z'],
  ['2026-11-21', 'end', '2026-11-21T18:30:00.000Z'],
  // A moment says by itself where it is meant.
  ['2026-11-21T08:30:00Z', 'end', '2026-11-21T08:30:00.000Z'],
] as const) {
  test(`L5 ${text} in India as an ${edge} is ${expected}`, () => {
    assert.equal(parseMoment('from', text, edge, 'Asia/Kolkata').toISOString(), expected)
  })
}

for (const text of [
  '',
  'now',
  '21.11.2026',
  '2026-11-31',
  '2026-02-29',
  '2026-02-30T10:00:00Z',
  '2026-13-01',
  '2026-11-21T24:00:00Z',
  '2026-11-21T08:30:00',
  '2026-11-21T08:30:00 05:30',
  '2026-11-21 08:30:00Z',
  ' 2026-11-21',
  '2026-11-21\n',
  '1969-12-31',
  '2200-01-01',
]) {
  test(`${JSON.stringify(text)} is refused, and the field is named`, () => {
    assert.throws(
      () => parseMoment('to', text, 'end'),
      (error) =>
        error instanceof AppError &&
        error.code === 'validation_failed' &&
        (error.details as { fields: { field: string }[] }).fields[0]?.field === 'to',
    )
  })
}
