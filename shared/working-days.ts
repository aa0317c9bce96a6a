/** Days on which banks work. Pure. */

/** Where Indian banks count their days; it knows no summer time. */
export const INDIAN_BANKS = 'Asia/Kolkata'

/**
 * The date that lies so many working days after a moment: Mondays to Fridays, by the calendar of a time zone. Public
 * holidays are not known here, so that the date can be a day or two early, never late.
 *
 * @param days the day of the moment itself does not count; none: that day
 * @returns YYYY-MM-DD
 */
export function workingDaysAfter(moment: Date, days: number, timeZone: string): string {
  const date = localDate(moment, timeZone)
  for (let left = days; left > 0; ) {
    date.setUTCDate(date.getUTCDate() + 1)
    const weekday = date.getUTCDay()
    if (weekday !== 0 && weekday !== 6) left -= 1
  }
  return date.toISOString().slice(0, 10)
}

/** The same hour of that date, in a time zone without summer time. */
export function sameHourAfter(moment: Date, days: number, timeZone: string): Date {
  const until = new Date(`${workingDaysAfter(moment, days, timeZone)}T00:00:00Z`)
  return new Date(moment.getTime() + until.getTime() - localDate(moment, timeZone).getTime())
}

/** The start of the moment's date in that zone, as if it were UTC. */
function localDate(moment: Date, timeZone: string): Date {
  const local = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(moment)
  return new Date(`${local}T00:00:00Z`)
}
