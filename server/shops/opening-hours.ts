import type { OpeningHours } from '../../shared/contract/catalog-admin.ts'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
const MINUTES_PER_DAY = 24 * 60

/** Making a formatter costs some 50 µs; there are about 600 time zones, so this cannot grow without end. */
const clocks = new Map<string, Intl.DateTimeFormat>()

/**
 * Whether a shop's hours include this moment: from the minute they begin, until the minute they end. No hours: always.
 * A range that ends at or before its start goes on into the next day.
 *
 * @param timeZone IANA name; throws RangeError for one that does not exist
 */
export function isOpen(hours: OpeningHours | null, timeZone: string, now: Date): boolean {
  if (hours === null) return true
  const { day, minute } = wallClock(timeZone, now)
  const today = hours[DAYS[day] ?? 'sun'] ?? []
  const yesterday = hours[DAYS[(day + 6) % 7] ?? 'sun'] ?? []
  return (
    today.some(([from, to]) => {
      const [start, end] = [minutesOf(from), minutesOf(to)]
      return minute >= start && (minute < end || end <= start)
    }) ||
    yesterday.some(([from, to]) => {
      const [start, end] = [minutesOf(from), minutesOf(to)]
      return end <= start && minute < end
    })
  )
}

function wallClock(timeZone: string, now: Date): { day: number; minute: number } {
  const parts = new Map(
    clockOf(timeZone)
      .formatToParts(now)
      .map((part) => [part.type, part.value]),
  )
  const day = DAYS.indexOf((parts.get('weekday') ?? '').toLowerCase() as (typeof DAYS)[number])
  return { day, minute: (Number(parts.get('hour')) * 60 + Number(parts.get('minute'))) % MINUTES_PER_DAY }
}

function clockOf(timeZone: string): Intl.DateTimeFormat {
  let clock = clocks.get(timeZone)
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    clocks.set(timeZone, clock)
  }
  return clock
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return hours * 60 + minutes
}
