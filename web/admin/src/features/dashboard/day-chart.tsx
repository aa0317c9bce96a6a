import { useEffect, useRef, useState } from 'react'
import { formatDayKeyShort, formatMoney, formatMoneyShort } from '../../../../ui/format.ts'
import { axisTicks, type Day, pathOf, peakOf, pointsOf } from './series.ts'

/** Room at the right for the axis' words. */
const AXIS_WIDTH = 56
const HEIGHT = 232
const BOX = { top: 22, bottom: HEIGHT - 24 }
/** A drawing before its width is known: nothing jumps, because the height is fixed. */
const FIRST_WIDTH = 720

const dayLabel = (day: Day) => formatDayKeyShort(day.day)

/** Revenue per day; today is stitched, because it is not over. The table behind "View as table" says the same. */
export function DayChart({ days, before, currency }: { days: Day[]; before: Day[]; currency: string }) {
  const frame = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(FIRST_WIDTH)
  useEffect(() => {
    const element = frame.current
    if (!element) return
    const observer = new ResizeObserver(
      ([entry]) => entry && setWidth(Math.max(240, Math.round(entry.contentRect.width))),
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [])

  const values = days.map((day) => day.revenue)
  const everyValue = [...values, ...before.map((day) => day.revenue)]
  const ticks = axisTicks(Math.max(0, ...everyValue), Math.min(0, ...everyValue))
  const [low = 0] = ticks
  const top = ticks[ticks.length - 1] ?? 0
  const box = { ...BOX, width: width - AXIS_WIDTH }
  const points = pointsOf(values, top, box, low)
  const zero = pointsOf([0], top, box, low)[0]?.y ?? BOX.bottom
  const known = points.slice(0, -1)
  const [last, today] = points.slice(-2)
  const peak = peakOf(values)
  const peakDay = peak === null ? undefined : days[peak]
  const peakPoint = peak === null ? undefined : points[peak]
  const isPeakLeft = peakPoint !== undefined && peakPoint.x < box.width / 2
  const labelled = labelledDays(days.length, box.width)
  const spoken = [
    `Revenue per day, ${days[0] ? dayLabel(days[0]) : ''} to today.`,
    peakDay ? `Highest on ${dayLabel(peakDay)}: ${formatMoney(peakDay.revenue, currency)}.` : '',
    'A table is below.',
  ].join(' ')

  return (
    <div ref={frame} className="mt-3">
      <svg
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={spoken}
        className="block max-w-full"
      >
        {ticks.map((tick) => {
          const y = pointsOf([tick], top, box, low)[0]?.y ?? BOX.bottom
          return (
            <g key={tick}>
              <path
                d={`M0 ${y}H${box.width + 6}`}
                stroke={tick === 0 ? 'var(--ink-3)' : 'var(--rule)'}
                strokeWidth="1"
              />
              <text x={width} y={y + 4} textAnchor="end" className="axis">
                {tick === 0 ? '0' : formatMoneyShort(tick, currency)}
              </text>
            </g>
          )
        })}
        {before.length > 0 && (
          <path
            d={pathOf(
              pointsOf(
                before.map((day) => day.revenue),
                top,
                box,
                low,
              ),
            )}
            fill="none"
            stroke="var(--edge)"
            strokeWidth="1.25"
          />
        )}
        {known.length > 1 && last && (
          <path
            d={`${pathOf(known)}L${last.x.toFixed(1)} ${zero}L0 ${zero}z`}
            fill="var(--accent-soft)"
            opacity=".75"
          />
        )}
        <path d={pathOf(known)} fill="none" stroke="var(--accent-text)" strokeWidth="2.25" strokeLinejoin="round" />
        {last && today && (
          <path
            d={pathOf([last, today])}
            stroke="var(--accent-text)"
            strokeWidth="2.25"
            strokeDasharray="5 4"
            strokeLinecap="round"
          />
        )}
        {top === low && (
          <text x={box.width / 2} y={(BOX.top + BOX.bottom) / 2} textAnchor="middle" className="axis">
            Nothing was sold in these days
          </text>
        )}
        {today && (
          <circle cx={today.x} cy={today.y} r="4" fill="var(--surface)" stroke="var(--accent-text)" strokeWidth="2" />
        )}
        {peakDay && peakPoint && peak !== days.length - 1 && (
          <>
            <circle
              cx={peakPoint.x}
              cy={peakPoint.y}
              r="4.5"
              fill="var(--accent-text)"
              stroke="var(--surface)"
              strokeWidth="2"
            />
            <text
              x={peakPoint.x + (isPeakLeft ? 12 : -12)}
              y={peakPoint.y + 4}
              textAnchor={isPeakLeft ? 'start' : 'end'}
              className="axis-label"
            >
              {dayLabel(peakDay)} {formatMoneyShort(peakDay.revenue, currency)}
            </text>
          </>
        )}
        {days.map((day, index) => {
          const point = points[index]
          if (!point || !labelled.has(index)) return null
          const isFirst = index === 0
          const isLast = index === days.length - 1
          return (
            <text
              key={day.day}
              x={point.x}
              y={HEIGHT - 4}
              textAnchor={isFirst ? 'start' : isLast ? 'end' : 'middle'}
              className="axis"
            >
              {isLast ? 'today' : dayLabel(day)}
            </text>
          )
        })}
        {days.map((day, index) => {
          const point = points[index]
          const slot = box.width / Math.max(days.length - 1, 1)
          if (!point) return null
          return (
            <rect
              key={day.day}
              x={point.x - slot / 2}
              y={BOX.top}
              width={slot}
              height={BOX.bottom - BOX.top}
              fill="transparent"
            >
              <title>
                {dayLabel(day)}: {formatMoney(day.revenue, currency)}, {day.paidOrders} paid of {day.orders}
              </title>
            </rect>
          )
        })}
      </svg>
    </div>
  )
}

/** Which days carry a label: the first, today, and as many between as fit, evenly. */
function labelledDays(count: number, width: number): Set<number> {
  const most = Math.max(2, Math.floor(width / 120) + 1)
  // As far apart everywhere, the last one named.
  const step = Math.max(1, Math.ceil((count - 1) / (most - 1)))
  return new Set(Array.from({ length: Math.ceil(count / step) }, (_, index) => count - 1 - index * step))
}
