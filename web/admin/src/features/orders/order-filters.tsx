import { Link, useNavigate } from '@tanstack/react-router'
import { X } from 'lucide-react'
import type { DashboardStats } from '../../../../../shared/contract/orders.ts'
import { cn } from '../../../../ui/class-names.ts'
import { dayKey, formatCount } from '../../../../ui/format.ts'
import {
  filtersInWords,
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
  }
  const tabs = [
    { status: undefined, words: 'All', count: stats?.totalOrders },
    ...STATUSES.map((status) => ({ status, words: STATUS_TABS[status], count: counts[status] })),
  ]
  return (
    <nav
      aria-label="Orders by state"
      className="-mx-4 flex gap-6 overflow-x-auto px-4 shadow-[inset_0_-1px_var(--rule)] lg:mx-0 lg:px-0"
    >
      {tabs.map(({ status, words, count }) => {
        const isOn = search.status === status
        return (
          <Link
            key={words}
            to="/orders"
            search={{ ...search, status, page: undefined }}
            aria-current={isOn ? 'true' : undefined}
            className={cn(
              'flex items-center gap-[.45rem] rounded-1 pt-2 pb-[.6rem] font-medium whitespace-nowrap',
              isOn ? 'text-ink shadow-[inset_0_-2px_var(--ink)]' : 'text-ink-2 hover:text-ink',
            )}
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
    void navigate({ to: '/orders', search: { ...search, ...next, page: undefined } })
  const isCustom = search.from !== undefined || search.to !== undefined
  const today = dayKey(now)
  return (
    <div className="flex flex-wrap items-center gap-2">
      <label className={chip(search.paymentStatus !== undefined)}>
        <span className="sr-only">Payment status</span>
        <select
          value={search.paymentStatus ?? ''}
          onChange={(event) => go({ paymentStatus: PAYMENT_STATUSES.find((status) => status === event.target.value) })}
          className={SELECT}
        >
          <option value="">Any payment</option>
          {PAYMENT_STATUSES.map((status) => (
            <option key={status} value={status}>
              {PAYMENT_WORDS[status]}
            </option>
          ))}
        </select>
      </label>
      <label className={chip(search.period !== undefined || isCustom)}>
        <span className="sr-only">Placed</span>
        <select
          value={isCustom ? 'custom' : (search.period ?? '')}
          onChange={(event) => {
            const { value } = event.target
            if (value === 'custom') go({ period: undefined, from: today, to: today })
            else go({ period: PERIODS.find((period) => period === value), from: undefined, to: undefined })
          }}
          className={SELECT}
        >
          <option value="">Placed any time</option>
          {PERIODS.map((period) => (
            <option key={period} value={period}>
              {PERIOD_WORDS[period]}
            </option>
          ))}
          <option value="custom">Placed between two days</option>
        </select>
      </label>
      {isCustom && (
        <span className="flex items-center gap-2 text-small text-ink-2">
          <DayInput label="First day" value={search.from} max={search.to ?? today} onChange={(from) => go({ from })} />
          to
          <DayInput label="Last day" value={search.to} min={search.from} max={today} onChange={(to) => go({ to })} />
        </span>
      )}
      {search.search && (
        <button type="button" className={cn(chip(true), 'gap-[.4rem] pr-2')} onClick={() => go({ search: undefined })}>
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

const SELECT = 'h-full cursor-pointer rounded-1 bg-transparent px-2 outline-hidden'

function chip(isOn: boolean): string {
  return cn(
    'inline-flex h-8 max-w-full items-center rounded-1 px-1 text-small font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus',
    isOn ? 'bg-accent-soft text-accent-text' : 'border border-dashed border-edge text-ink-2 hover:bg-hover',
  )
}

function DayInput({
  label,
  value,
  min,
  max,
  onChange,
}: {
  label: string
  value: string | undefined
  min?: string | undefined
  max?: string | undefined
  onChange: (day: string | undefined) => void
}) {
  return (
    <input
      type="date"
      aria-label={label}
      value={value ?? ''}
      min={min}
      max={max}
      onChange={(event) => onChange(event.target.value === '' ? undefined : event.target.value)}
      className="h-8 rounded-1 border border-edge bg-surface px-2 text-small text-ink"
    />
  )
}
