import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { CurrencyFigures, DashboardStats, OrderSummary } from '../../../../shared/contract/orders.ts'
import { Empty } from '../../../ui/empty.tsx'
import { formatCount, formatDate, formatDayKey } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Bar, Skeleton } from '../../../ui/skeleton.tsx'
import { Attention } from '../features/dashboard/attention.tsx'
import { Currencies } from '../features/dashboard/currencies.tsx'
import { type DashboardSearch, figuresOf, SPANS } from '../features/dashboard/dashboard-search.ts'
import { DayChart } from '../features/dashboard/day-chart.tsx'
import { Change, Figures } from '../features/dashboard/figures.tsx'
import { spanOf, type Span } from '../features/dashboard/series.ts'
import { OrderStates } from '../features/dashboard/states.tsx'
import { OrderTable } from '../features/orders/order-table.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { statsQuery } from '../lib/queries.ts'
import { ReadError } from '../lib/read-error.tsx'
import { HERE } from '../lib/tab-link.ts'

/** How the shop is doing, and what waits for somebody. */
export function DashboardPage() {
  usePageTitle('Home')
  const search = useSearch({ from: '/' })
  const count = search.days ?? 30
  const now = useNow()
  const { data: stats, error, isPending, refetch } = useQuery(statsQuery)
  const figures = stats && figuresOf(stats, search.currency)
  const span = figures ? spanOf(figures.ordersByDay, count, now) : null
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <div>
          <h1 className="text-h1 max-lg:text-[1.5rem]">Home</h1>
          <p className="min-h-[1.125rem] text-small text-ink-3">
            {span?.days[0] && `${formatDayKey(span.days[0].day)} to today`}
          </p>
        </div>
        <nav aria-label="Days to show" className="seg">
          {SPANS.map((each) => (
            <Link
              key={each}
              to="/"
              search={{ ...search, days: each === 7 ? 7 : undefined }}
              activeOptions={HERE}
              aria-current={count === each ? 'page' : undefined}
              replace
            >
              {each} days
            </Link>
          ))}
        </nav>
      </div>
      {stats && figures && span ? (
        <Dashboard stats={stats} figures={figures} span={span} search={search} count={count} now={now} />
      ) : isPending ? (
        <Skeleton label="Loading the figures" className="mt-6 grid gap-4">
          <Bar className="w-24" />
          <Bar className="h-12 w-72" />
          <Bar className="h-[232px] w-full max-w-[760px]" />
        </Skeleton>
      ) : (
        <ReadError title="The figures could not be read" error={error} onAgain={() => void refetch()} />
      )}
    </>
  )
}

function Dashboard({
  stats,
  figures,
  span,
  search,
  count,
  now,
}: {
  stats: DashboardStats
  figures: CurrencyFigures
  span: Span
  search: DashboardSearch
  count: number
  now: number
}) {
  const { currency } = figures
  return (
    <>
      <div className="mt-5 grid gap-6 lg:grid-cols-[minmax(0,1fr)_270px] lg:gap-7 xl:grid-cols-[minmax(0,1fr)_330px] xl:gap-11">
        <section aria-labelledby="revenue-title">
          <h2 id="revenue-title" className="text-body font-normal text-ink-2">
            Revenue
          </h2>
          <p className="mt-[.1rem] mb-[.2rem]">
            <Money
              amount={span.revenue}
              currency={currency}
              size="figure"
              className="max-lg:text-[2.3rem] max-lg:leading-[2.6rem]"
            />
          </p>
          <p className="min-h-[1.125rem] text-small text-ink-2">
            {span.revenueBefore !== null && (
              <>
                <Change
                  value={span.revenue}
                  before={span.revenueBefore}
                  isUpGood
                  old={<Money amount={span.revenueBefore} currency={currency} />}
                />
                .{' '}
              </>
            )}
            <Money amount={figures.revenue} currency={currency} /> since the beginning. What was sold, less what was
            taken back.
          </p>
          {stats.countedSince !== null && (
            <p className="mt-1 text-small font-medium text-pending">
              Orders placed before {formatDate(stats.countedSince)} are still being counted.
            </p>
          )}
          <DayChart days={span.days} before={span.before} currency={currency} />
          <div className="mt-2 flex flex-wrap items-start gap-x-5 gap-y-1 text-small text-ink-3">
            {span.before.length > 0 && (
              <>
                <span className="flex items-center gap-[.4rem]">
                  <span className="h-0.5 w-4 bg-accent-text" aria-hidden="true" /> these {count} days
                </span>
                <span className="flex items-center gap-[.4rem]">
                  <span className="h-px w-4 bg-edge" aria-hidden="true" /> the {count} before
                </span>
              </>
            )}
            <DayTable span={span} currency={currency} />
          </div>
          {stats.byCurrency.length > 1 && (
            <Currencies all={stats.byCurrency} shown={currency} search={search} days={count} now={now} />
          )}
        </section>
        <div className="border-t-2 border-ink pt-3 lg:border-t-0 lg:border-l lg:border-rule lg:pt-0 lg:pl-5 xl:pl-8">
          <Attention stats={stats} />
        </div>
      </div>
      <Figures stats={stats} figures={figures} span={span} />
      <div className="mt-[2.6rem] grid gap-7 xl:grid-cols-[minmax(0,1.55fr)_minmax(0,1fr)] xl:gap-14">
        <section aria-labelledby="recent-title">
          <div className="mb-1 flex items-baseline justify-between gap-4">
            <h2 id="recent-title" className="text-h3">
              Newest orders
            </h2>
            <Link to="/orders" className="link text-small">
              All orders
            </Link>
          </div>
          <NewestOrders orders={stats.recentOrders} now={now} />
        </section>
        <OrderStates stats={stats} />
      </div>
    </>
  )
}

/** Stands still while the pointer or the focus is in it; what came in the meantime appears when it leaves. */
function NewestOrders({ orders, now }: { orders: OrderSummary[]; now: number }) {
  const [isRead, setIsRead] = useState(false)
  const [shown, setShown] = useState(orders)
  if (!isRead && shown !== orders) setShown(orders)
  if (shown.length === 0) {
    return (
      <Empty title="No orders yet" level={3}>
        The first one appears here by itself.
      </Empty>
    )
  }
  return (
    <div
      onPointerEnter={() => setIsRead(true)}
      onPointerLeave={() => setIsRead(false)}
      onFocus={() => setIsRead(true)}
      onBlur={() => setIsRead(false)}
    >
      <OrderTable orders={shown} now={now} label="Newest orders" isBrief />
    </div>
  )
}

function DayTable({ span, currency }: { span: Span; currency: string }) {
  return (
    <details className="ml-auto w-full open:w-full sm:w-auto">
      <summary className="link w-max list-none sm:ml-auto [&::-webkit-details-marker]:hidden">View as table</summary>
      <table className="plain mt-2" aria-label="Revenue by day">
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" className="r">
              Orders
            </th>
            <th scope="col" className="r">
              Paid
            </th>
            <th scope="col" className="r">
              Revenue
            </th>
          </tr>
        </thead>
        <tbody>
          {span.days.toReversed().map((day) => (
            <tr key={day.day}>
              <td className="num">{formatDayKey(day.day)}</td>
              <td className="num r">{formatCount(day.orders)}</td>
              <td className="num r">{formatCount(day.paidOrders)}</td>
              <td className="r">
                <Money amount={day.revenue} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
