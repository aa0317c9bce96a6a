import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ApiError } from '../../../../client/api-error.ts'
import { queryKeys, useHundi, useMyOrders, useUser } from '../../../../client/hooks.tsx'
import type { Order, OrderSummary } from '../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Empty, ErrorState } from '../../../ui/empty.tsx'
import { countOf, formatDate } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { StatusMark } from '../../../ui/status.tsx'
import { listWords } from '../features/orders/order-money.ts'
import { Picture } from '../lib/picture.tsx'
import { splitTitle } from '../lib/split-title.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

/** A guest's browser fetches its orders one by one; more than this is a list for an account. */
const GUEST_ORDERS = 10

export function OrdersPage() {
  usePageTitle('My orders')
  const user = useUser()
  return (
    <div className="wrap max-w-[960px] pt-6 lg:pt-10">
      <h1 className="shop-face mb-6 text-[2.125rem] lg:text-[2.9rem]">My orders</h1>
      {user.isPending ? (
        <ListSkeleton />
      ) : user.data ? (
        <>
          <CustomerOrders />
          <OrdersOfThisBrowser />
        </>
      ) : (
        <GuestOrders />
      )}
    </div>
  )
}

type Row = Pick<
  OrderSummary,
  | 'id'
  | 'number'
  | 'status'
  | 'paymentStatus'
  | 'paymentMethod'
  | 'currency'
  | 'total'
  | 'isGivenBack'
  | 'itemCount'
  | 'firstItemTitle'
  | 'firstItemImage'
  | 'createdAt'
  | 'money'
>

function CustomerOrders() {
  const orders = useMyOrders({ enabled: true })
  if (orders.isError && orders.data === undefined) {
    return (
      <ErrorState
        title="Your orders could not be fetched"
        reference={orders.error instanceof ApiError ? orders.error.requestId : null}
        action={
          <Button size="touch" onClick={() => void orders.refetch()}>
            Fetch them again
          </Button>
        }
      >
        They are where they were.
      </ErrorState>
    )
  }
  if (orders.data === undefined) return <ListSkeleton />
  const rows = orders.data.pages.flatMap((page) => page.items)
  if (rows.length === 0) return <NoOrders />
  return (
    <>
      <OrderList rows={rows} />
      {orders.hasNextPage && (
        <div className="mt-8 flex justify-center">
          <Button
            variant="outline"
            size="touch"
            busy={orders.isFetchingNextPage}
            busyLabel="Fetching"
            onClick={() => void orders.fetchNextPage()}
          >
            Show older orders
          </Button>
        </div>
      )}
    </>
  )
}

/** The orders whose tokens this browser holds, fetched one by one. */
function useGuestOrders() {
  const { client } = useHundi()
  const ids = client.listGuestOrderIds().slice(0, GUEST_ORDERS)
  const orders = useQueries({
    queries: ids.map((id) => ({
      queryKey: queryKeys.order(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => client.getOrder(id, { signal }),
    })),
  })
  return {
    hasAny: ids.length > 0,
    rows: orders.flatMap((order) => (order.data === undefined ? [] : [rowOf(order.data)])),
    isPending: orders.some((order) => order.isPending),
  }
}

function GuestOrders() {
  const { hasAny, rows, isPending } = useGuestOrders()
  if (!hasAny) return <NoOrders guest />
  if (isPending) return <ListSkeleton />
  return (
    <>
      <p className="mb-5 max-w-[60ch] text-read text-ink-2">
        These were ordered in this browser.{' '}
        <Link to="/sign-in" search={{ to: '/orders' }} className="link">
          Sign in
        </Link>{' '}
        to see the orders of your account.
      </p>
      {rows.length === 0 ? (
        <ErrorState title="Your orders could not be fetched">
          They are where they were. Load this page again.
        </ErrorState>
      ) : (
        <OrderList rows={rows} />
      )}
    </>
  )
}

/** What was ordered here before signing in; it belongs to this browser and not to the account. */
function OrdersOfThisBrowser() {
  const { rows } = useGuestOrders()
  if (rows.length === 0) return null
  return (
    <section aria-labelledby="guest-orders" className="mt-12">
      <h2 id="guest-orders" className="mb-3 text-h2">
        Ordered here without your account
      </h2>
      <OrderList rows={rows} />
    </section>
  )
}

function rowOf(order: Order): Row {
  return {
    ...order,
    itemCount: order.items.reduce((count, item) => count + item.quantity, 0),
    firstItemTitle: order.items[0]?.title ?? null,
    firstItemImage: order.items[0]?.image ?? null,
  }
}

function OrderList({ rows }: { rows: readonly Row[] }) {
  return (
    <ul className="border-t-2 border-ink">
      {rows.map((row) => (
        <li key={row.id} className="border-b border-rule">
          <Link
            to="/orders/$orderId"
            params={{ orderId: row.id }}
            className="grid grid-cols-[60px_minmax(0,1fr)_auto] items-center gap-x-4 py-4 hover:bg-hover lg:-mx-3 lg:px-3"
          >
            <Picture src={row.firstItemImage} className="size-[60px] rounded-2" eager />
            <span className="min-w-0">
              <span className="line-clamp-2 font-strong">{titleOf(row)}</span>
              <span className="block text-small text-ink-2">
                <span className="num">{row.number}</span>, {formatDate(row.createdAt)}
              </span>
              <RowStatus row={row} className="mt-0.5 text-small lg:hidden" />
            </span>
            <span className="flex items-center gap-8 text-right">
              <RowStatus row={row} className="hidden lg:inline-flex" />
              <Money amount={row.total} currency={row.currency} className="min-w-[6.5rem] font-strong" />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  )
}

function RowStatus({ row, className }: { row: Row; className: string }) {
  const { look, words } = listWords(row)
  return (
    <StatusMark look={look} className={className}>
      {words}
    </StatusMark>
  )
}

function titleOf(row: Row): string {
  if (row.firstItemTitle === null) return countOf(row.itemCount, 'thing')
  const { name } = splitTitle(row.firstItemTitle)
  const others = row.itemCount - 1
  return others <= 0 ? name : `${name} and ${countOf(others, 'more thing')}`
}

function NoOrders({ guest = false }: { guest?: boolean }) {
  return (
    <Empty
      title="No orders yet"
      action={
        <>
          <Link to="/products" className={buttonClass({ size: 'touch' })}>
            Open the dabba
          </Link>
          {guest && (
            <Link
              to="/sign-in"
              search={{ to: '/orders' }}
              className={buttonClass({ variant: 'outline', size: 'touch' })}
            >
              Sign in
            </Link>
          )}
        </>
      }
    >
      {guest
        ? 'Nothing was ordered in this browser. The orders of an account show when you sign in.'
        : 'Your first box will stand here.'}
    </Empty>
  )
}

function ListSkeleton() {
  return <Skeleton label="Fetching your orders" rows={4} rowClassName="h-[93px]" />
}
