import type { ReactNode } from 'react'
import type { CurrencyFigures, DashboardStats } from '../../../../../shared/contract/orders.ts'
import { cn } from '../../../../ui/class-names.ts'
import { countOf, formatBps, formatCount, formatDuration } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { changePermille, type Day, pathOf, pointsOf, type Span } from './series.ts'

/** The four figures under the chart, in one ruled strip. */
export function Figures({ stats, figures, span }: { stats: DashboardStats; figures: CurrencyFigures; span: Span }) {
  const { currency } = figures
  return (
    <dl className="figures">
      <Figure
        label="Orders paid, these days"
        value={formatCount(span.paidOrders)}
        note={
          <Change
            value={span.paidOrders}
            before={span.paidOrdersBefore}
            isUpGood
            old={formatCount(span.paidOrdersBefore ?? 0)}
          />
        }
        spark={<Spark days={span.days} valueOf={(day) => day.paidOrders} className="text-accent-text" />}
      />
      <Figure
        label="Average order"
        value={<Money amount={figures.averageOrderValue} currency={currency} />}
        note={`Over ${countOf(figures.paidOrders, 'paid order')} since the beginning`}
      />
      <Figure
        label="Payments that succeed"
        value={stats.paymentSuccessRateBps === null ? 'None decided' : formatBps(stats.paymentSuccessRateBps)}
        note={
          stats.medianConfirmSeconds === null
            ? `${formatCount(stats.failedPayments)} failed`
            : `${formatCount(stats.failedPayments)} failed; half confirm within ${formatDuration(stats.medianConfirmSeconds)}`
        }
      />
      <Figure
        label="Taken back"
        value={<Money amount={figures.refundedAmount} currency={currency} />}
        note={
          <>
            Of <Money amount={figures.soldAmount} currency={currency} /> sold since the beginning
          </>
        }
      />
    </dl>
  )
}

function Figure({
  label,
  value,
  note,
  spark,
}: {
  label: string
  value: ReactNode
  note: ReactNode
  spark?: ReactNode
}) {
  return (
    <div className="figure">
      <dt className="text-small text-ink-2">{label}</dt>
      <dd>
        <span className="flex min-h-9 items-end justify-between gap-3">
          <span className="num text-[1.625rem] leading-[2.1rem] font-semibold tracking-[-0.012em] max-lg:text-[1.3rem]">
            {value}
          </span>
          {spark}
        </span>
        <span className="block min-h-[1.125rem] text-small text-ink-3">{note}</span>
      </dd>
    </div>
  )
}

/** ▲ 12.4 % and what it was; the colour says good or bad, not up or down. */
export function Change({
  value,
  before,
  isUpGood,
  old,
}: {
  value: number
  before: number | null
  isUpGood: boolean
  old: ReactNode
}) {
  const change = changePermille(value, before)
  if (change === null) return 'Nothing to compare with yet'
  const isGood = change === 0 || change > 0 === isUpGood
  return (
    <>
      <b className={cn('num', isGood ? 'text-paid' : 'text-failed')}>
        <span aria-hidden="true">{change === 0 ? '' : change > 0 ? '▲ ' : '▼ '}</span>
        <span className="sr-only">{change > 0 ? 'up ' : change < 0 ? 'down ' : ''}</span>
        {(Math.abs(change) / 10).toFixed(1)} %
      </b>{' '}
      from {old}
    </>
  )
}

function Spark({ days, valueOf, className }: { days: Day[]; valueOf: (day: Day) => number; className: string }) {
  const values = days.map(valueOf)
  const points = pointsOf(values, Math.max(...values, 1), { width: 90, top: 6, bottom: 32 })
  const end = points[points.length - 1]
  return (
    <svg width="96" height="36" aria-hidden="true" className={cn('hidden flex-none xl:block', className)}>
      <path d={pathOf(points)} fill="none" stroke="currentColor" strokeWidth="1.75" strokeLinejoin="round" />
      {end && <circle cx={end.x} cy={end.y} r="2.8" fill="currentColor" />}
    </svg>
  )
}
