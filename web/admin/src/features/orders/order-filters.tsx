import { Link, useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import type { DashboardStats } from '../../../../../shared/contract/orders.ts'
import { cn } from '../../../../ui/class-names.ts'
import { dayKey, formatCount } from '../../../../ui/format.ts'
import { chipClass, ChipSelect, DayInput } from '../../lib/chip-select.tsx'
import { HERE, TAB_ROW, tabClass } from '../../lib/tab-link.ts'
import {
  filtersInWords,
  FIRST_PAGE,
  needWords,
  NO_NEED,
  type OrderSearch,
  PAYMENT_WORDS,
  PERIOD_WORDS,
  PERIODS,
  PAYMENT_STATUSES,
  STATUS_TABS,
  STATUSES,
} from './order-search.ts'

/** Tabs by order status, with how many there are of each in all. */
export function StatusTabs({ search, stats }: { search: OrderSearch; stats: DashboardStats | undefined }) {
  const counts = {
    pending: stats?.pendingOrders,
    confirmed: stats?.confirmedOrders,
    shipped: stats?.shippedOrders,
    delivered: stats?.deliveredOrders,
    cancelled: stats?.cancelledOrders,
    given_back: stats?.givenBackOrders,
  }
  const tabs = [
    { status: undefined, words: 'All', count: stats?.totalOrders },
    ...STATUSES.map((status) => ({ status, words: STATUS_TABS[status], count: counts[status] })).filter(
      // Seldom there is one, and then somebody may want to cancel it.
      ({ status, count }) => status !== 'given_back' || Boolean(count) || search.status === status,
    ),
  ]
  return (
    <nav aria-label="Orders by state" className={TAB_ROW}>
      {tabs.map(({ status, words, count }) => {
        const isOn = search.status === status
        return (
          <Link
            key={words}
            to="/orders"
            search={{ ...search, status, ...FIRST_PAGE }}
            activeOptions={HERE}
            aria-current={isOn ? 'page' : undefined}
            className={tabClass(isOn)}
          >
            {words}
            <span className="num min-w-[1ch] text-small text-ink-3">
              {count === undefined ? '' : formatCount(count)}
            </span>
          </Link>
        )
      })}
    </nav>
  )
}

/** Payment status and date of placing, as two quiet selects, and the search as a chip that can be dropped. */
export function Filters({ search, now }: { search: OrderSearch; now: number }) {
  const navigate = useNavigate({ from: '/orders' })
  const go = (next: Partial<OrderSearch>) =>
    void navigate({ to: '/orders', search: { ...search, ...next, ...FIRST_PAGE } })
  const isCustom = search.from !== undefined || search.to !== undefined
  const today = dayKey(now)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <ChipSelect
        label="Payment status"
        any="Any payment"
        value={search.paymentStatus}
        options={PAYMENT_STATUSES.map((status) => [status, PAYMENT_WORDS[status]])}
        onChange={(value) => go({ paymentStatus: PAYMENT_STATUSES.find((status) => status === value) })}
      />
      <ChipSelect
        label="Placed"
        any="Placed any time"
        value={isCustom ? 'custom' : search.period}
        options={[
          ...PERIODS.map((period) => [period, PERIOD_WORDS[period]] as const),
          ['custom', 'Placed between two days'],
        ]}
        onChange={(value) => {
          if (value === 'custom') go({ period: undefined, from: today, to: today })
          else go({ period: PERIODS.find((period) => period === value), from: undefined, to: undefined })
        }}
      />
      {isCustom && (
        <span className="flex items-center gap-2 text-small text-ink-2">
          <DayInput label="First day" value={search.from} max={search.to ?? today} onChange={(from) => go({ from })} />
          to
          <DayInput label="Last day" value={search.to} min={search.from} max={today} onChange={(to) => go({ to })} />
        </span>
      )}
      {search.needs && (
        <button type="button" className={cn(chipClass(true), 'gap-[.4rem] px-3')} onClick={() => go(NO_NEED)}>
          {needWords(search)}
          <X size={13} strokeWidth={2} aria-hidden="true" className="flex-none" />
          <span className="sr-only">, show others too</span>
        </button>
      )}
      {search.search && (
        <button
          type="button"
          className={cn(chipClass(true), 'gap-[.4rem] pr-2')}
          onClick={() => go({ search: undefined })}
        >
          “{search.search}”
          <X size={13} strokeWidth={2} aria-hidden="true" />
          <span className="sr-only">Drop this search</span>
        </button>
      )}
      {filtersInWords({ ...search, status: undefined }).length > 1 && (
        <Link to="/orders" search={{ status: search.status }} className="link ml-1 text-small">
          Drop all
        </Link>
      )}
    </div>
  )
}
