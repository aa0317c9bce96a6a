/** When runs are due, what time they cover, and how much of it one step takes on. Pure. */

const SECOND_MS = 1_000
const HOUR_MS = 3_600 * SECOND_MS
const DAY_MS = 24 * HOUR_MS
const DAY_S = 86_400

/** A provider's answers may lag: that it does not know something younger than this says nothing. */
export const LIST_LAG_MS = 10 * 60 * SECOND_MS
/** A payment can change by itself for three days (late authorization), so the days before are looked at again. */
const LOOK_BACK_MS = 3 * DAY_MS
/** A daily run that is this late is missing: two hours for the run itself. */
export const MISSING_AFTER_MS = 26 * HOUR_MS

/** Steps aim at this many rows of the provider's: twenty pages, some megabytes. */
const ROWS_AIMED_AT = 2_000
/** A step that meets more begins again with less time. */
export const MOST_ROWS = 5_000
/** A second cannot be divided: providers list by whole ones. More payments than this in one second are a defect. */
export const MOST_ROWS_IN_A_SECOND = 20_000
export const FIRST_SLICE_S = 3_600
const LONGEST_SLICE_S = DAY_S
const MOST_GROWTH = 4

/** Providers tell times in whole seconds. */
export function wholeSecond(moment: Date): Date {
  return new Date(Math.floor(moment.getTime() / SECOND_MS) * SECOND_MS)
}

/** Before this moment what a provider does not show is not there. A daily run ends here. */
export function latestEnd(now: Date): Date {
  return wholeSecond(new Date(now.getTime() - LIST_LAG_MS))
}

/** The day whose daily run is the newest that has fallen due, as YYYY-MM-DD. */
export function dueDay(now: Date, at: { hour: number; minute: number }): string {
  const sinceMidnightMs = at.hour * HOUR_MS + at.minute * 60 * SECOND_MS
  return dayOf(new Date(now.getTime() - sinceMidnightMs))
}

/** When that day's run was due. */
export function dueAt(day: string, at: { hour: number; minute: number }): Date {
  return new Date(Date.parse(`${day}T00:00:00Z`) + at.hour * HOUR_MS + at.minute * 60 * SECOND_MS)
}

/**
 * What a daily run covers: three days, or all since the last one that was completed, whichever is more.
 *
 * @param lastEnd where the last completed daily run ended; for the first one, when our first payment was opened
 */
export function dailyWindow(now: Date, lastEnd: Date): { from: Date; to: Date } {
  const to = latestEnd(now)
  const from = new Date(Math.min(to.getTime() - LOOK_BACK_MS, lastEnd.getTime()))
  return { from: wholeSecond(from), to }
}

/** Now, to the end of the second: where a run by hand ends when nobody says otherwise. */
export function endOfSecond(now: Date): Date {
  return new Date(wholeSecond(now).getTime() + SECOND_MS)
}

/** The part of a window in which ours must be shown by the provider. */
export function settledPart(window: { from: Date; to: Date }, now: Date): { from: Date; to: Date } {
  return { from: window.from, to: new Date(Math.min(window.to.getTime(), latestEnd(now).getTime())) }
}

/**
 * How much time the next step takes on, after one of `sliceS` seconds that held `rows`.
 *
 * @param rows of the provider's list or of ours, whichever were more
 */
export function nextSlice(sliceS: number, rows: number): number {
  const wanted = rows === 0 ? Infinity : Math.floor((sliceS * ROWS_AIMED_AT) / rows)
  return Math.max(1, Math.min(wanted, sliceS * MOST_GROWTH, LONGEST_SLICE_S))
}

/** How much time to try instead of a slice that held too much. */
export function smallerSlice(sliceS: number): number {
  return Math.max(1, Math.floor(sliceS / MOST_GROWTH))
}

/** How many rows a step of this length may hold. */
export function mostRows(sliceS: number): number {
  return sliceS === 1 ? MOST_ROWS_IN_A_SECOND : MOST_ROWS
}

export function dayOf(moment: Date): string {
  return moment.toISOString().slice(0, 10)
}

export function nextDay(day: Date): Date {
  return new Date(day.getTime() + DAY_MS)
}

/**
 * The days whose settlement reports hold everything that was settled in a window, the first and the last. The provider's
 * midnight may be up to half a day away from ours on either side.
 */
export function settlementDays(from: Date, to: Date): { first: Date; last: Date } {
  const midnight = (moment: Date) => Math.floor(moment.getTime() / DAY_MS) * DAY_MS
  return { first: new Date(midnight(from) - DAY_MS), last: new Date(midnight(to) + DAY_MS) }
}

/**
 * When a provider can have settled what it reports for a day of its own calendar: half a day
 * around that day of ours.
 */
export function reportedOn(day: Date): { from: Date; to: Date } {
  return { from: new Date(day.getTime() - DAY_MS / 2), to: new Date(day.getTime() + DAY_MS + DAY_MS / 2) }
}

/** How long to wait before a provider that has not answered is asked again: 5 s, 15 s, 1 min, 5 min, then 15 min. */
export function patience(unanswered: number): number {
  return ([5, 15, 60, 300][unanswered] ?? 900) * SECOND_MS
}

/** A provider that is silent for a day needs a person. */
export const GIVE_UP_AFTER_MS = DAY_MS
