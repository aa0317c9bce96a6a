import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { ApiError } from '../../../../client/api-error.ts'
import type { Order, OrderStory } from '../../../../shared/contract/orders.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { formatExact, formatRelative } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Bar, Skeleton } from '../../../ui/skeleton.tsx'
import { orderMoneyWords, orderState } from '../../../ui/status-words.ts'
import { Status, StatusMark } from '../../../ui/status.tsx'
import { AfterFees, Bill, Customer, RailSection } from '../features/order/bill.tsx'
import { DeedDialog } from '../features/order/deed-dialog.tsx'
import { deedsOf, whyNotShipped, type Deed } from '../features/order/deeds.ts'
import { handDeedsOf, type HandDeed } from '../features/order/hand-deeds.ts'
import { HandDialog } from '../features/order/hand-dialog.tsx'
import { MoneyBar } from '../features/order/money-bar.tsx'
import { moneySplit, type MoneySplit } from '../features/order/money-split.ts'
import { OrderReviews } from '../features/order/order-reviews.tsx'
import { OrderWebhooks } from '../features/order/order-webhooks.tsx'
import { RefundDialog } from '../features/order/refund-dialog.tsx'
import { refundables } from '../features/order/refund-plan.ts'
import { LedgerSection, PartsSection, PaymentsSection } from '../features/order/sections.tsx'
import { Story, type OlderStory } from '../features/story/story.tsx'
import { tellStory } from '../features/story/tell-story.ts'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { orderQuery } from '../lib/queries.ts'
import { ReadError } from '../lib/read-error.tsx'

/** One order: where its money is, and everything that happened to it. */
export function OrderPage() {
  const { orderId } = useParams({ from: '/orders/$orderId' })
  const [read, setRead] = useState({ orderId, pages: 1 })
  const pages = read.orderId === orderId ? read.pages : 1
  const { data, error, isPending, isPlaceholderData, refetch } = useQuery(orderQuery(orderId, pages))
  usePageTitle(data?.order.number ?? 'Order')
  if (data) {
    const older = data.story.older !== null && {
      isReading: isPlaceholderData,
      onRead: () => setRead({ orderId, pages: pages + 1 }),
    }
    return <OrderView order={data.order} story={data.story} older={older || undefined} />
  }
  if (isPending) return <Loading />
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <Empty
        level={1}
        title="There is no such order"
        action={
          <Link to="/orders" className={buttonClass({ variant: 'outline', size: 'compact' })}>
            Go to the orders
          </Link>
        }
      >
        Its address may be mistyped.
      </Empty>
    )
  }
  return <ReadError level={1} title="The order could not be read" error={error} onAgain={() => void refetch()} />
}

function OrderView({ order, story, older }: { order: Order; story: OrderStory; older: OlderStory | undefined }) {
  const now = useNow()
  const [deed, setDeed] = useState<Deed | null>(null)
  const [handDeed, setHandDeed] = useState<HandDeed | null>(null)
  const [isRefunding, setIsRefunding] = useState(false)
  const openReviewItems = story.reviewItems.filter((item) => item.resolvedAt === null).length
  const split = moneySplit(order, story.ledger)
  const deeds = deedsOf(order, story.ledger, story.refundableAlone)
  const next = deeds.filter((each) => each.key !== 'cancel')
  const cancel = deeds.find((each) => each.key === 'cancel')
  const unsent = whyNotShipped(order)
  const byHand = handDeedsOf(order, story.refundableAlone)
  const [source, ...otherSources] = refundables(order, story.leastRefunds)
  const providers = [...new Set(order.payments.map((payment) => payment.provider))]
  const place = order.shippingAddress

  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-[.4rem] text-small text-ink-3">
        <Link to="/orders" className="hover:text-ink">
          Orders
        </Link>
        <ChevronRight size={14} strokeWidth={1.7} aria-hidden="true" />
        <span className="num">{order.number}</span>
      </nav>
      <div className="flex flex-col gap-3 lg:flex-row lg:items-start lg:justify-between lg:gap-6">
        <div>
          <div className="flex flex-wrap items-center gap-3">
            <h1 className="num text-h1 max-lg:text-[1.5rem]">{order.number}</h1>
            {order.status === 'pending' && !order.canPay ? (
              <StatusMark look="none" pill>
                Open
              </StatusMark>
            ) : (
              <Status kind="order" state={orderState(order)} pill />
            )}
            <MoneyPill order={order} split={split} openReviewItems={openReviewItems} />
          </div>
          <p className="mt-[.35rem] text-ink-2">
            {[place?.name ?? order.email ?? 'Guest', place?.city].filter(Boolean).join(', ')}.{' '}
            <time dateTime={order.createdAt} title={formatExact(order.createdAt)} className="text-ink-3">
              Placed {formatRelative(order.createdAt, now)}
            </time>
          </p>
        </div>
        <div className="flex flex-wrap gap-3">
          {source && (
            <Button variant="outline" onClick={() => setIsRefunding(true)}>
              Refund…
            </Button>
          )}
          {next.map((each, index) => (
            <Button key={each.key} {...(index > 0 && { variant: 'outline' })} onClick={() => setDeed(each)}>
              {each.label}
            </Button>
          ))}
          {unsent && <p className="max-w-[34ch] self-center text-small text-ink-2">{unsent}</p>}
        </div>
      </div>
      <div className="mt-6 grid gap-6 lg:grid-cols-[minmax(0,1fr)_260px] lg:gap-8 xl:grid-cols-[minmax(0,1fr)_300px] xl:gap-12">
        <div className="min-w-0">
          <OrderReviews items={story.reviewItems} now={now} />
          <MoneyHead order={order} split={split} />
          <Story rows={tellStory(order, story)} providers={providers} now={now} older={older} />
          <PartsSection order={order} />
          <PaymentsSection order={order} now={now} />
          <LedgerSection transfers={story.ledger} order={order} />
          <OrderWebhooks events={story.webhookEvents} now={now} />
        </div>
        <aside aria-label="Summary">
          <section className="border-t-2 border-ink pt-[.9rem] pb-[1.1rem]">
            <h2 className="sr-only">Price</h2>
            <Bill order={order} />
          </section>
          <AfterFees order={order} split={split} />
          <Customer order={order} />
          {(cancel || byHand.length > 0) && (
            <RailSection title="Do">
              <div className="grid gap-2">
                {byHand.map((each) => (
                  <Button
                    key={`${each.key} ${each.payment.id}`}
                    variant="outline"
                    size="compact"
                    className="w-full justify-start"
                    onClick={() => setHandDeed(each)}
                  >
                    {each.label}
                  </Button>
                ))}
                {cancel && (
                  <Button
                    variant="danger"
                    size="compact"
                    className="w-full justify-start"
                    onClick={() => setDeed(cancel)}
                  >
                    {cancel.label}
                  </Button>
                )}
              </div>
            </RailSection>
          )}
        </aside>
      </div>
      {deed && <DeedDialog order={order} deed={deed} onClose={() => setDeed(null)} />}
      {handDeed && <HandDialog order={order} deed={handDeed} onClose={() => setHandDeed(null)} />}
      {isRefunding && source && (
        <RefundDialog
          order={order}
          sources={[source, ...otherSources]}
          alone={story.refundableAlone}
          onClose={() => setIsRefunding(false)}
        />
      )}
    </>
  )
}

/** Beside the number: what the money is doing, in the fewest words that are true. */
function MoneyPill({ order, split, openReviewItems }: { order: Order; split: MoneySplit; openReviewItems: number }) {
  if (openReviewItems > 0) return <Status kind="review_item" state="open" pill />
  if (split.goingBack > 0) {
    return (
      <StatusMark look="refunded" pill>
        <Money amount={split.goingBack} currency={order.currency} /> going back
      </StatusMark>
    )
  }
  // Of an unpaid order both states say the same; one of them is enough.
  if (order.status === 'pending' && order.paymentStatus === 'pending') return null
  const { look, words } = orderMoneyWords(order)
  return (
    <StatusMark look={look} pill>
      {words}
    </StatusMark>
  )
}

/** Before any money is captured: an empty bar, dashed, because all there is is a promise. */
function MoneyHead({ order, split }: { order: Order; split: MoneySplit }) {
  if (split.captured > 0) return <MoneyBar split={split} currency={order.currency} />
  const { words, help, bar } = promiseOf(order)
  return (
    <section aria-label="Where the money is">
      <p className="text-h2">
        <Money amount={order.total} currency={order.currency} />{' '}
        <span className="text-body font-normal text-ink-2">{words}</span>
      </p>
      <div className={cn('mt-[.9rem] h-[34px] rounded-1 border-2 border-dashed', bar)} />
      <p className="mt-[.6rem] text-small text-ink-3">{help}</p>
    </section>
  )
}

function promiseOf(order: Order): { words: string; help: string; bar: string } {
  if (order.status === 'cancelled') {
    return { words: 'was never paid', help: 'No money arrived and none is owed.', bar: 'border-rule' }
  }
  if (order.paymentStatus === 'verified') {
    return {
      words: 'promised, being confirmed',
      help: 'The shopper brought a valid signature. The bar fills when the provider says that it has the money.',
      bar: 'border-processing-mark bg-processing-soft',
    }
  }
  if (order.paymentMethod === 'cod') {
    return {
      words: 'in cash, to be collected',
      help: 'It counts as paid when it has been delivered.',
      bar: 'border-edge',
    }
  }
  return { words: 'not paid yet', help: 'The bar fills when the money has arrived.', bar: 'border-edge' }
}

function Loading() {
  return (
    <Skeleton label="Loading the order" className="grid gap-4">
      <h1 className="sr-only">Order</h1>
      <Bar className="h-9 w-56" />
      <Bar className="w-72" />
      <Bar className="mt-4 h-[34px] w-full max-w-[780px]" />
      {Array.from({ length: 7 }, (_, index) => (
        <div
          key={index}
          className="grid grid-cols-[22px_1fr] gap-2 border-b border-rule py-4 lg:grid-cols-[104px_236px_1fr]"
        >
          <Bar className="w-4 lg:w-16" />
          <span className="hidden lg:block" />
          <Bar className="w-1/3" />
        </div>
      ))}
    </Skeleton>
  )
}
