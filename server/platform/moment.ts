/** Dates and times in queries, for people and programs: `2026-11-21`, or `2026-11-21T08:30:00Z` with its offset. */
import { addDays, isDay, startOfDay } from '../../shared/day.ts'
import { invalidField } from './errors.ts'

const DATE = /^\d{4}-\d{2}-\d{2}$/
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/
/** Before it nothing was sold here; after it microseconds would no longer be safe integers. */
const [FIRST_YEAR, LAST_YEAR] = ['1970', '2199']

/**
 * Reads a moment. A date alone is a whole day, of which `edge` says which end is meant: its first moment, or the first
 * moment after it.
 *
 * @param timeZone where the day is a day: the shop's in its lists, UTC in the books, whose days are closed there
 * @throws AppError validation_failed that names `field`
 */
export function parseMoment(field: string, text: string, edge: 'start' | 'end', timeZone = 'UTC'): Date {
  if (DATE.test(text)) {
    assertDay(field, text)
    return startOfDay(edge === 'end' ? addDays(text, 1) : text, timeZone)
  }
  const day = DATE_TIME.exec(text)?.[1]
  if (day === undefined)
    throw invalidField(field, 'is not a date (2026-11-21) or a date-time with its offset (2026-11-21T08:30:00Z)')
  assertDay(field, day)
  return new Date(text)
}

/** Text like 2026-02-30 has the form of a date and is none. */
function assertDay(field: string, day: string): void {
  if (!isDay(day)) throw invalidField(field, 'is not a date of the calendar')
  if (day < FIRST_YEAR || day.slice(0, 4) > LAST_YEAR)
    throw invalidField(field, `is not between the years ${FIRST_YEAR} and ${LAST_YEAR}`)
}
