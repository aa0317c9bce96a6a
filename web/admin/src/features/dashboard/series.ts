/** The days of the dashboard: which are shown, how they compare, and where their points lie in a chart. Pure. */
import type { DashboardStats } from '../../../../../shared/contract/orders.ts'
import { addDays } from '../../../../../shared/day.ts'
import { add } from '../../../../../shared/money.ts'
import { dayKey } from '../../../../ui/format.ts'

export type Day = DashboardStats['ordersByDay'][number]

export type Span = {
  /** Oldest first, one per day, days without orders included. */
  days: Day[]
  /** As many days before, for comparison; empty unless the server tells of all of them. */
  before: Day[]
  revenue: number
  revenueBefore: number | null
  orders: number
  paidOrders: number
  paidOrdersBefore: number | null
}

/**
 * The last `count` days up to today in the shop's zone. The server leaves out days on which nothing happened; here they
 * stand with zeros, because a gap in a chart would lie.
 */
export function spanOf(ordersByDay: readonly Day[], count: number, now: number): Span {
  const byDay = new Map(ordersByDay.map((day) => [day.day, day]))
  const oldest = ordersByDay.reduce((first, day) => (day.day < first ? day.day : first), '9999')
  const daysUntil = (last: string) =>
    Array.from({ length: count }, (_, index) => {
      const day = addDays(last, index + 1 - count)
      return byDay.get(day) ?? { day, orders: 0, paidOrders: 0, revenue: 0 }
    })
  const today = dayKey(now)
  const days = daysUntil(today)
  const before = daysUntil(addDays(today, -count))
  const hasBefore = oldest <= (before[0]?.day ?? '')
  return {
    days,
    before: hasBefore ? before : [],
    revenue: add(0, ...days.map((day) => day.revenue)),
    revenueBefore: hasBefore ? add(0, ...before.map((day) => day.revenue)) : null,
    orders: days.reduce((sum, day) => sum + day.orders, 0),
    paidOrders: days.reduce((sum, day) => sum + day.paidOrders, 0),
    paidOrdersBefore: hasBefore ? before.reduce((sum, day) => sum + day.paidOrders, 0) : null,
  }
}

/** By how much `value` differs from `before`, in tenths of a percent; null when there is nothing to compare with. */
export function changePermille(value: number, before: number | null): number | null {
  if (before === null || before === 0) return null
  return Math.round(((value - before) / before) * 1_000)
}

/**
 * Some four lines at round values that reach over `highest`: 0, 50 K, 1 L, 1.5 L. And under `lowest`, on whose day more was
 * taken back than sold.
 */
export function axisTicks(highest: number, lowest = 0): number[] {
  if (highest <= 0 && lowest >= 0) return [0]
  const rough = Math.max(highest, -lowest) / 3
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? 10 * power
  const whole = Math.max(1, Math.ceil(step))
  const below = Math.ceil(Math.max(-lowest, 0) / whole)
  const above = Math.ceil(Math.max(highest, 0) / whole)
  return Array.from({ length: below + above + 1 }, (_, index) => (index - below) * whole)
}

export type Point = { x: number; y: number }

/** Points of values over the width, the highest tick at `top` and the lowest at `bottom`. One value lies at the right edge. */
export function pointsOf(
  values: readonly number[],
  highestTick: number,
  box: { width: number; top: number; bottom: number },
  lowestTick = 0,
): Point[] {
  const range = highestTick - lowestTick
  const steps = Math.max(values.length - 1, 1)
  return values.map((value, index) => ({
    x: values.length === 1 ? box.width : (index / steps) * box.width,
    y: range === 0 ? box.bottom : box.bottom - ((value - lowestTick) / range) * (box.bottom - box.top),
  }))
}

export function pathOf(points: readonly Point[]): string {
  return points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')
}

/** The index of the highest value when it stands out (half as much again as the middle one), else null. */
export function peakOf(values: readonly number[]): number | null {
  const sorted = values.filter((value) => value > 0).sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)]
  const highest = sorted[sorted.length - 1]
  if (middle === undefined || highest === undefined || sorted.length < 4 || highest < middle * 1.5) return null
  return values.indexOf(highest)
}
