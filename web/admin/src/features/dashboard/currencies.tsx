import { Link } from '@tanstack/react-router'
import type { CurrencyFigures } from '../../../../../shared/contract/orders.ts'
import { cn } from '../../../../ui/class-names.ts'
import { formatCount } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { HERE } from '../../lib/tab-link.ts'
import type { DashboardSearch } from './dashboard-search.ts'
import { spanOf } from './series.ts'

/** A row for each currency of a shop that sells in several; the one whose figures are shown is marked. */
export function Currencies({
  all,
  shown,
  search,
  days,
  now,
}: {
  all: CurrencyFigures[]
  shown: string
  search: DashboardSearch
  days: number
  now: number
}) {
  return (
    <table className="plain mt-4" aria-label="Revenue by currency">
      <thead>
        <tr>
          <th scope="col">Currency</th>
          <th scope="col" className="r">
            Paid
          </th>
          <th scope="col" className="r max-sm:pr-0!">
            {days} days
          </th>
          <th scope="col" className="r max-sm:hidden">
            Since the beginning
          </th>
        </tr>
      </thead>
      <tbody>
        {all.map((each, index) => {
          const span = spanOf(each.ordersByDay, days, now)
          const isShown = each.currency === shown
          return (
            <tr key={each.currency} className="relative hover:bg-hover">
              <th scope="row" className="py-[.62rem]! text-body! text-ink!">
                <Link
                  to="/"
                  search={{ ...search, currency: index === 0 ? undefined : each.currency }}
                  activeOptions={HERE}
                  aria-current={isShown ? 'page' : undefined}
                  className={cn('after:absolute after:inset-0', isShown ? 'font-semibold' : 'link')}
                >
                  {each.currency}
                </Link>
              </th>
              <td className="num r">{formatCount(span.paidOrders)}</td>
              <td className="r max-sm:pr-0!">
                <Money amount={span.revenue} currency={each.currency} />
                <span className="block text-small text-ink-3 sm:hidden">
                  <Money amount={each.revenue} currency={each.currency} /> in all
                </span>
              </td>
              <td className="r max-sm:hidden">
                <Money amount={each.revenue} currency={each.currency} />
              </td>
            </tr>
          )
        })}
      </tbody>
    </table>
  )
}
