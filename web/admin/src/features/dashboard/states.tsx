import { Link } from '@tanstack/react-router'
import type { DashboardStats, OrderStage } from '../../../../../shared/contract/orders.ts'
import { formatCount } from '../../../../ui/format.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import { statusWords } from '../../../../ui/status-words.ts'

/** All orders by state, as shares of one whole. */
export function OrderStates({ stats }: { stats: DashboardStats }) {
  const counts: Record<OrderStage, number> = {
    pending: stats.pendingOrders,
    confirmed: stats.confirmedOrders,
    shipped: stats.shippedOrders,
    delivered: stats.deliveredOrders,
    cancelled: stats.cancelledOrders,
    given_back: stats.givenBackOrders,
  }
  const highest = Math.max(1, ...Object.values(counts))
  return (
    <section aria-labelledby="states-title">
      <div className="mb-2 flex items-baseline justify-between gap-4">
        <h2 id="states-title" className="text-h3">
          Where orders stand
        </h2>
        <span className="num text-small text-ink-3">{formatCount(stats.totalOrders)} in all</span>
      </div>
      <ul>
        {(Object.keys(counts) as OrderStage[]).map((status) => {
          if (status === 'given_back' && counts[status] === 0) return null
          const { look, words } = statusWords('order', status)
          return (
            <li key={status} className="border-b border-rule">
              <Link
                to="/orders"
                search={{ status }}
                className="-mx-2 grid grid-cols-[minmax(0,1fr)_35%_3.5rem] items-center gap-3 rounded-2 px-2 py-[.65rem] hover:bg-hover"
              >
                <span className="flex items-center gap-2">
                  <Glyph look={look} /> {words}
                </span>
                <span className="block h-2 rounded-1 bg-sunken" aria-hidden="true">
                  <span
                    className="block h-full rounded-1 bg-ink-3"
                    style={{ width: `${(counts[status] / highest) * 100}%` }}
                  />
                </span>
                <b className="num text-right">{formatCount(counts[status])}</b>
              </Link>
            </li>
          )
        })}
      </ul>
      <p className="mt-3 text-small text-ink-3">
        {formatCount(stats.totalProducts)} products in {formatCount(stats.totalCategories)} kinds,{' '}
        {formatCount(stats.totalUsers)} people with an account.
      </p>
    </section>
  )
}
