import { useQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import type { PagePagination } from '../../../../shared/contract/envelope.ts'
import type { OrderSummary } from '../../../../shared/contract/orders.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { countOf, formatCount } from '../../../ui/format.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Filters, StatusTabs } from '../features/orders/order-filters.tsx'
import { liveRows } from '../lib/live-rows.ts'
import {
  filtersInWords,
  FIRST_PAGE,
  orderFilter,
  type OrderSearch,
  SEARCHED_WORDS,
} from '../features/orders/order-search.ts'
import { OrderTable } from '../features/orders/order-table.tsx'
import { pageNumbers } from '../features/orders/page-numbers.ts'
import { PartSquare } from '../features/orders/parts.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ordersQuery, statsQuery } from '../lib/queries.ts'
import { ReadError } from '../lib/read-error.tsx'
import { HERE } from '../lib/tab-link.ts'

/** All orders: by state, payment, date and search, a page at a time, live without moving. */
export function OrdersPage() {
  usePageTitle('Orders')
  const search = useSearch({ from: '/orders' })
  const now = useNow()
  const filter = orderFilter(search, now)
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(ordersQuery(filter))
  const { data: stats } = useQuery(statsQuery)

  return (
    <>
      <h1 className="mb-1 text-h1 max-lg:text-[1.5rem]">Orders</h1>
      <StatusTabs search={search} stats={stats} />
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2">
        <Filters search={search} now={now} />
        <p className="num text-small text-ink-2" aria-live="polite">
          {data ? totalInWords(data.pagination) : ' '}
        </p>
      </div>
      {data ? (
        <div className={cn('transition-opacity', isPlaceholderData && 'opacity-60 delay-300')}>
          <List
            key={JSON.stringify(isPlaceholderData ? 'before' : filter)}
            fresh={data.orders}
            pagination={data.pagination}
            search={search}
            now={now}
          />
        </div>
      ) : isPending ? (
        <Skeleton label="Loading orders" rows={12} className="pt-8" />
      ) : (
        <ReadError title="The orders could not be read" error={error} onAgain={() => void refetch()} />
      )}
    </>
  )
}

function List({
  fresh,
  pagination,
  search,
  now,
}: {
  fresh: OrderSummary[]
  pagination: PagePagination
  search: OrderSearch
  now: number
}) {
  const [shown, setShown] = useState(fresh)
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set())
  const { rows, waiting } = liveRows(shown, fresh)
  // Nobody is reading an empty list: what arrives may simply appear.
  if (shown.length === 0 && fresh.length > 0) setShown(fresh)

  const showNew = () => {
    const known = new Set(shown.map((order) => order.id))
    setArrived(new Set(fresh.filter((order) => !known.has(order.id)).map((order) => order.id)))
    setShown(fresh)
  }

  if (rows.length === 0) return <Nothing search={search} pagination={pagination} />
  return (
    <>
      <div className="relative">
        <OrderTable orders={rows} now={now} label="Orders" isNew={(order) => arrived.has(order.id)} />
        {waiting > 0 && (
          <div className="absolute inset-x-0 -top-8 flex h-8 justify-center lg:top-0">
            <button
              type="button"
              onClick={showNew}
              className="on-fill -mt-0.5 h-8 rounded-full bg-accent px-4 text-small font-semibold text-accent-ink shadow-pop hover:bg-accent-hover"
            >
              {waiting === rows.length || waiting >= fresh.length ? `${formatCount(waiting)}+` : formatCount(waiting)}{' '}
              new, show
            </button>
          </div>
        )}
      </div>
      <div className="flex flex-wrap items-center justify-between gap-4 pt-4">
        <Pages pagination={pagination} search={search} />
        <p className="hidden items-center gap-4 text-small text-ink-2 lg:flex" aria-hidden="true">
          <span className="flex items-center gap-[.35rem]">
            <PartSquare shopName="M" status="awaiting_acceptance" /> waiting
            <PartSquare shopName="M" status="accepted" /> accepted
            <PartSquare shopName="M" status="shipped" /> shipped
            <PartSquare shopName="M" status="delivered" /> delivered
          </span>
          <span className="text-ink-3">
            <span className="kbd">J</span> <span className="kbd">K</span> move <span className="kbd">Enter</span> open
          </span>
        </p>
      </div>
    </>
  )
}

/** `240 orders`; of more than are counted, that there are more. */
function totalInWords({ total, totalIsCapped }: PagePagination): string {
  return totalIsCapped ? `More than ${countOf(total, 'order')}` : countOf(total, 'order')
}

function Nothing({ search, pagination }: { search: OrderSearch; pagination: PagePagination }) {
  const filters = filtersInWords(search)
  const narrowest = filters[0]
  if (search.page && pagination.total > 0) {
    return (
      <Empty
        title={`There is no page ${search.page}`}
        action={
          <Link
            to="/orders"
            search={{ ...search, ...FIRST_PAGE }}
            activeOptions={HERE}
            className={buttonClass({ variant: 'outline', size: 'compact' })}
          >
            Go to the first page
          </Link>
        }
      >
        These orders fill {countOf(pagination.totalPages, 'page')}.
      </Empty>
    )
  }
  if (!narrowest) return <Empty title="No orders yet">The first one appears here by itself.</Empty>
  return (
    <Empty
      title="No order fits"
      action={
        <>
          <Link
            to="/orders"
            search={narrowest.without}
            activeOptions={HERE}
            className={buttonClass({ variant: 'outline', size: 'compact' })}
          >
            Drop {narrowest.words}
          </Link>
          {filters.length > 1 && (
            <Link to="/orders" activeOptions={HERE} className={buttonClass({ variant: 'quiet', size: 'compact' })}>
              Drop all
            </Link>
          )}
        </>
      }
    >
      You asked for {filters.map((filter) => filter.words).join(', ')}.{search.search && ` ${SEARCHED_WORDS}`}
    </Empty>
  )
}

function Pages({ pagination, search }: { pagination: PagePagination; search: OrderSearch }) {
  const { page, totalPages, nextCursor } = pagination
  const first = { ...search, ...FIRST_PAGE }
  const to = (number: number) => ({ ...first, page: number === 1 ? undefined : number })
  const step = 'flex h-9 min-w-9 items-center justify-center rounded-2 px-2 text-small font-medium hover:bg-hover'
  // Beyond the last page that has a number one goes on from where one is.
  const beyond = nextCursor && (
    <Link to="/orders" search={{ ...first, cursor: nextCursor }} className={step} rel="next">
      Older
    </Link>
  )
  if (page === null) {
    return (
      <nav aria-label="Pages" className="flex flex-wrap items-center gap-1">
        <Link to="/orders" search={first} className={step}>
          Newest
        </Link>
        {beyond}
      </nav>
    )
  }
  if (totalPages < 2) return <span />
  return (
    <nav aria-label="Pages" className="flex flex-wrap items-center gap-1">
      {page > 1 && (
        <Link to="/orders" search={to(page - 1)} className={step} rel="prev">
          Newer
        </Link>
      )}
      {pageNumbers(page, totalPages).map((number, index) =>
        number === 'gap' ? (
          <span key={`gap-${index}`} className="px-1 text-ink-3">
            …
          </span>
        ) : (
          <Link
            key={number}
            to="/orders"
            search={to(number)}
            aria-label={`Page ${number}`}
            activeOptions={HERE}
            aria-current={number === page ? 'page' : undefined}
            className={cn(step, 'num', number === page && 'bg-ink text-surface hover:bg-ink')}
          >
            {formatCount(number)}
          </Link>
        ),
      )}
      {page < totalPages ? (
        <Link to="/orders" search={to(page + 1)} className={step} rel="next">
          Older
        </Link>
      ) : (
        beyond
      )}
    </nav>
  )
}
