/** Calendar days of a time zone, written `2026-11-21`. A day begins at the first moment at which its calendar shows it. Pure. */

const HOUR_MS = 3_600_000
/** No zone is further from UTC. */
const FURTHEST_MS = 15 * HOUR_MS
const DAY = /^\d{4}-\d{2}-\d{2}$/
/** Names of places. An offset such as `+05:30` is none: PostgreSQL would read it the other way round. */
const ZONE_NAME = /^(UTC|[A-Za-z_]+(\/[A-Za-z0-9_+-]+){1,2})$/

/** Making a formatter costs some 50 µs; there are about 600 time zones, so this cannot grow without end. */
const calendars = new Map<string, Intl.DateTimeFormat>()

/** Whether `name` is an IANA time zone that this runtime knows. */
export function isTimeZone(name: string): boolean {
  if (!ZONE_NAME.test(name)) return false
  try {
    calendarOf(name)
    return true
  } catch {
    return false
  }
}

/** Whether `text` is a day of the calendar: 2026-02-30 has the form and is none. */
export function isDay(text: string): boolean {
  if (!DAY.test(text)) return false
  const midnight = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(text)
}

/** The day that the calendar of `timeZone` shows at a moment. Throws RangeError for a zone that does not exist. */
export function dayIn(at: Date | number | string, timeZone: string): string {
  const parts = new Map(
    calendarOf(timeZone)
      .formatToParts(new Date(at))
      .map((part) => [part.type, part.value]),
  )
  const digits = (type: Intl.DateTimeFormatPartTypes, length: number) => (parts.get(type) ?? '').padStart(length, '0')
  return `${digits('year', 4)}-${digits('month', 2)}-${digits('day', 2)}`
}

/**
 * The moment at which a day begins in `timeZone`, also where clocks are changed at midnight: found by halving the time in
 * which it must lie, because a calendar never runs backwards over a midnight.
 *
 * @param day one for which `isDay` holds
 */
export function startOfDay(day: string, timeZone: string): Date {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  let before = midnight - FURTHEST_MS
  let at = midnight + FURTHEST_MS
  while (at - before > 1) {
    const middle = Math.floor((before + at) / 2)
    if (dayIn(middle, timeZone) < day) before = middle
    else at = middle
  }
  return new Date(at)
}

/** The day so many days later, or earlier when `count` is negative. */
export function addDays(day: string, count: number): string {
  const moved = new Date(`${day}T00:00:00Z`)
  moved.setUTCDate(moved.getUTCDate() + count)
  return moved.toISOString().slice(0, 10)
}

function calendarOf(timeZone: string): Intl.DateTimeFormat {
  let calendar = calendars.get(timeZone)
  if (calendar === undefined) {
    calendar = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    })
    calendars.set(timeZone, calendar)
  }
  return calendar
}
