import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { ApiError } from '../../../../client/api-error.ts'
import { useHundi, useOrder, useOrderEvents } from '../../../../client/hooks.tsx'
import type { Order } from '../../../../client/shapes.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { countOf, countryName, formatClock, formatDate } from '../../../ui/format.ts'
import { LOOK_TEXT } from '../../../ui/glyph.tsx'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { orderState } from '../../../ui/status-words.ts'
import { Timeline } from '../../../ui/timeline.tsx'
import { Bill } from '../features/checkout/bill.tsx'
import { CancelOrder } from '../features/orders/cancel-order.tsx'
import { MoneyNotes } from '../features/orders/money-notes.tsx'
import { billOf, hasAny, refundsOf } from '../features/orders/order-money.ts'
import { orderTimeline, paidBy } from '../features/orders/order-timeline.ts'
import { OrderUnknown } from '../features/orders/order-unknown.tsx'
import { headActions, orderTitle } from '../features/orders/order-words.ts'
import { OrderPart } from '../features/orders/part.tsx'
import { useNow } from '../lib/use-now.ts'
import { usePageTitle } from '../lib/use-page-title.ts'

/** Money is moving or waited for: often. Parcels move: seldom. Nothing moves any more: never. */
function refetchMs(order: Order | undefined): number {
  if (order === undefined) return 0
  const isMoneyMoving =
    order.status === 'pending' ||
    hasAny(order.money, 'heldForReview') ||
    refundsOf(order).some((refund) => refund.status !== 'processed')
  if (isMoneyMoving) return 10_000
  return order.status === 'confirmed' || order.status === 'shipped' ? 30_000 : 0
}

type Events = ReturnType<typeof useOrderEvents>

export function OrderPage() {
  const { orderId } = useParams({ strict: false }) as { orderId: string }
  const known = useOrder(orderId)
  const every = refetchMs(known.data)
  const order = useOrder(orderId, { refetchMs: every })
  usePageTitle(order.data === undefined ? 'Your order' : `${orderTitle(order.data)}, ${order.data.number}`)
  const events = useOrderEvents(orderId, { refetchMs: every })
  // Both at once: a story that arrives later would push the money down while it is being read.
  if (order.data === undefined || events.isPending) {
    if (order.error instanceof ApiError) return <OrderUnknown error={order.error} orderId={orderId} />
    return (
      <div className="wrap pt-12">
        <Skeleton label="Fetching your order" rows={3} rowClassName="h-[130px]" />
      </div>
    )
  }
  return <OrderView order={order.data} events={events} />
}

function OrderView({ order, events }: { order: Order; events: Events }) {
  const now = useNow(30_000)
  return (
    <div className="wrap">
      <nav aria-label="Where you are" className="flex items-center gap-[.4rem] pt-5 text-small text-ink-2">
        <Link to="/orders" className="inline-flex min-h-8 items-center hover:underline">
          My orders
        </Link>
        <ChevronRight size={14} strokeWidth={1.7} aria-hidden="true" />
        <span className="num">{order.number}</span>
      </nav>
      <div className="mt-1 mb-6 flex flex-wrap items-start justify-between gap-x-8 gap-y-4">
        <div>
          <h1 className="shop-face text-[2rem] lg:text-[2.6rem]">{orderTitle(order)}</h1>
          <p className="mt-2 text-ink-2">
            {countOf(
              order.items.reduce((count, item) => count + item.quantity, 0),
              'thing',
            )}
            , ordered {formatDate(order.createdAt)} at {formatClock(order.createdAt)}
          </p>
        </div>
        <Head order={order} />
      </div>
      <MoneyNotes order={order} now={now} />
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-9 lg:grid-cols-[minmax(0,1fr)_380px] lg:gap-18">
        <div>
          {order.shopOrders.map((part) => (
            <OrderPart key={part.id} order={order} part={part} />
          ))}
          {order.canCancel && orderState(order) !== 'given_back' && (
            <div className="mt-4">
              <CancelOrder order={order} />
            </div>
          )}
        </div>
        <div className="grid gap-10">
          <WhatHappened order={order} events={events} />
          <OrderMoney order={order} />
          <Destination order={order} />
        </div>
      </div>
    </div>
  )
}

/** The payment's own page opens the window, and tells how far it is. */
function Head({ order }: { order: Order }) {
  const { handOffs } = useHundi()
  const navigate = useNavigate()
  const params = { orderId: order.id }
  const actions = headActions(order)
  if (actions.length === 0) return null
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="flex flex-wrap gap-3">
        {actions.map((action, index) => {
          const variant = index === 0 ? 'primary' : 'outline'
          if (action === 'see') {
            return (
              <Link
                key={action}
                to="/orders/$orderId/result"
                params={params}
                className={buttonClass({ size: 'hero', variant })}
              >
                See how far it is
              </Link>
            )
          }
          return (
            <Button
              key={action}
              size="hero"
              variant={variant}
              onClick={() => {
                handOffs.set(order.id, null)
                void navigate({ to: '/orders/$orderId/result', params })
              }}
            >
              <span>
                Pay <Money amount={order.total} currency={order.currency} />
              </span>
            </Button>
          )
        })}
      </div>
      <p className="text-small text-ink-2">
        {actions.includes('pay') && order.expiresAt
          ? `Kept for you until ${formatClock(order.expiresAt)}`
          : 'Do not pay again.'}
      </p>
    </div>
  )
}

function WhatHappened({ order, events }: { order: Order; events: Events }) {
  const moments = orderTimeline(order, events.data?.items ?? [])
  return (
    <section aria-labelledby="happened" className="border-t-2 border-ink pt-4">
      <h2 id="happened" className="mb-4 text-h3">
        What happened
      </h2>
      {events.isError && events.data === undefined ? (
        <p className="text-ink-2">
          Its story could not be fetched.{' '}
          <button type="button" className="link" onClick={() => void events.refetch()}>
            Fetch it again
          </button>
        </p>
      ) : (
        <Timeline
          label="What happened, newest first"
          items={moments.map(({ at, promised, detail, ...moment }) => ({
            ...moment,
            promised,
            detail: detail ?? undefined,
            time: at === null ? undefined : <MomentTime at={at} promised={promised} />,
          }))}
        />
      )}
      {events.data?.nextCursor != null && (
        <p className="mt-3 text-small text-ink-3">What happened before that is not shown here.</p>
      )}
    </section>
  )
}

/** The shop's clock for today, else the day; what is promised says "by". */
function MomentTime({ at, promised }: { at: string; promised: boolean }) {
  const isToday = formatDate(at) === formatDate(Date.now())
  const words = isToday ? formatClock(at) : formatDate(at).replace(/ \d{4}$/, '')
  return (
    <time dateTime={at} title={`${formatDate(at)}, ${formatClock(at)} IST`}>
      {promised ? `by ${words}` : words}
    </time>
  )
}

function OrderMoney({ order }: { order: Order }) {
  const shops = order.shopOrders.map(({ shopId, shopName, deliveryFee }) => ({ shopId, name: shopName, deliveryFee }))
  const how = paidBy(order)
  const { totalLabel, rows } = billOf(order)
  return (
    <section aria-labelledby="money" className="border-t-2 border-ink pt-4">
      <h2 id="money" className="mb-4 text-h3">
        Money
      </h2>
      <Bill bill={{ ...order, shops }} couponCode={order.couponCode} totalLabel={totalLabel}>
        {rows.map(({ key, label, value, look }) => (
          <div key={key} className={cn('flex justify-between gap-4 font-medium', look && LOOK_TEXT[look])}>
            <dt>{label}</dt>
            <dd className="flex-none">{typeof value === 'string' ? value : <Money {...value} />}</dd>
          </div>
        ))}
        {how !== null && (
          <div className="flex justify-between gap-4 text-small text-ink-2">
            <dt>Paid by</dt>
            <dd>{how}</dd>
          </div>
        )}
      </Bill>
    </section>
  )
}

function Destination({ order }: { order: Order }) {
  const address = order.shippingAddress
  if (address === null) return null
  return (
    <section aria-labelledby="destination" className="border-t-2 border-ink pt-4">
      <h2 id="destination" className="mb-3 text-h3">
        Where to
      </h2>
      <address className="text-ink-2 not-italic">
        {address.name}
        <br />
        {address.line1}
        {address.line2 && (
          <>
            <br />
            {address.line2}
          </>
        )}
        <br />
        {[address.city, address.state].filter(Boolean).join(', ')} <span className="num">{address.postalCode}</span>
        {address.country !== 'IN' && (
          <>
            <br />
            {countryName(address.country)}
          </>
        )}
      </address>
    </section>
  )
}
