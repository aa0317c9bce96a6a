/** Days on which banks work. Pure. */

/**
 * The date that lies so many working days after a moment: Mondays to Fridays, by the calendar of a time zone. Public
 * holidays are not known here, so that the date can be a day or two early, never late.
 *
 * @param days at least 1; the day of the moment itself does not count
 * @returns YYYY-MM-DD
 */
export function workingDaysAfter(moment: Date, days: number, timeZone: string): string {
  const local = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(moment)
  const date = new Date(`${local}T00:00:00Z`)
  for (let left = days; left > 0; ) {
    date.setUTCDate(date.getUTCDate() + 1)
    const weekday = date.getUTCDay()
    if (weekday !== 0 && weekday !== 6) left -= 1
  }
  return date.toISOString().slice(0, 10)
}
