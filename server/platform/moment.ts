/** Dates and times in queries, for people and programs: `2026-11-21`, or `2026-11-21T08:30:00Z` with its offset. */
import { invalidField } from './errors.ts'

const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/
const DAY_MS = 86_400_000
/** Before it nothing was sold here; after it microseconds would no longer be safe integers. */
const [FIRST_YEAR, LAST_YEAR] = ['1970', '2199']

/**
 * Reads a moment. A date alone is a whole day in UTC, of which `edge` says which end is meant: its first moment, or the
 * first moment after it.
 *
 * @throws AppError validation_failed that names `field`
 */
export function parseMoment(field: string, text: string, edge: 'start' | 'end'): Date {
  const day = DATE.exec(text)?.[0]
  if (day !== undefined) return new Date(startOfDay(field, day).getTime() + (edge === 'end' ? DAY_MS : 0))
  const time = DATE_TIME.exec(text)
  if (time?.[1] === undefined)
    throw invalidField(field, 'is not a date (2026-11-21) or a date-time with its offset (2026-11-21T08:30:00Z)')
  startOfDay(field, time[1])
  return new Date(text)
}

/** Text like 2026-02-30 has the form of a date and is none. */
function startOfDay(field: string, day: string): Date {
  const start = new Date(`${day}T00:00:00Z`)
  if (Number.isNaN(start.getTime()) || start.toISOString().slice(0, 10) !== day)
    throw invalidField(field, 'is not a date of the calendar')
  if (day < FIRST_YEAR || day.slice(0, 4) > LAST_YEAR)
    throw invalidField(field, `is not between the years ${FIRST_YEAR} and ${LAST_YEAR}`)
  return start
}
