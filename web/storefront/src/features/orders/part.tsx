import type { Order } from '../../../../../client/shapes.ts'
import { cn } from '../../../../ui/class-names.ts'
import { Money } from '../../../../ui/money.tsx'
import { Status, StatusMark } from '../../../../ui/status.tsx'
import { partState } from '../../../../ui/status-words.ts'
import { Picture } from '../../lib/picture.tsx'
import { hasAny } from './order-money.ts'
import { PART_STEPS, partStepsDone, standingOf } from './order-words.ts'

type PartOfOrder = Order['shopOrders'][number]

/** What one shop packs: its things, how far they have come, its share of the money. */
export function OrderPart({ order, part }: { order: Order; part: PartOfOrder }) {
  const things = order.items.filter((item) => item.shopId === part.shopId)
  const isBack = standingOf(part) === 'back'
  const wasPaid = hasAny(order.money, 'captured')
  return (
    <article
      aria-label={part.shopName}
      className="grid grid-cols-[72px_minmax(0,1fr)] gap-x-4 border-t border-rule py-[1.4rem] first-of-type:border-t-2 first-of-type:border-ink lg:grid-cols-[104px_minmax(0,1fr)_6.5rem] lg:gap-x-[1.3rem]"
    >
      <span>
        <Picture src={things[0]?.image} eager className={cn('rounded-2', isBack && 'opacity-60')} />
      </span>
      <div className="min-w-0">
        <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
          <h2 className="text-h3">{part.shopName}</h2>
          {isBack && wasPaid ? (
            <BackMark order={order} />
          ) : partState(part) === 'accepted' ? (
            <StatusMark look="paid">Packing</StatusMark>
          ) : (
            <Status kind="shop_order" state={partState(part)} />
          )}
        </div>
        <div className="mt-1 flex justify-between gap-x-4">
          <ul className="min-w-0 text-ink-2">
            {things.map((item) => (
              <li key={item.id} className={cn(isBack && 'text-ink-3 line-through')}>
                {isBack && <span className="sr-only">Not coming: </span>}
                {item.quantity} × {item.title}
                {!isBack && item.returnedQuantity > 0 && (
                  <span className="text-small text-ink-3">, {item.returnedQuantity} paid back</span>
                )}
              </li>
            ))}
          </ul>
          <p className="flex-none text-right lg:hidden">
            <Money amount={part.total} currency={order.currency} />
          </p>
        </div>
        {!isBack && order.status !== 'pending' && <Track part={part} />}
        {!isBack && part.status === 'awaiting_acceptance' && (
          <p className="mt-2 text-small text-ink-2">The shop packs its part once it has said yes.</p>
        )}
      </div>
      <p className="hidden text-right lg:block">
        <Money amount={part.total} currency={order.currency} />
      </p>
    </article>
  )
}

/** Where the money of a part is that is not coming: as far as the order's sums tell. */
function BackMark({ order: { money } }: { order: Order }) {
  if (hasAny(money, 'failedToGoBack')) return <StatusMark look="failed">Money could not go back yet</StatusMark>
  if (hasAny(money, 'heldForReview')) return <StatusMark look="review">A person looks at the money</StatusMark>
  if (hasAny(money, 'goingBack')) return <StatusMark look="refunded">Money going back</StatusMark>
  if (hasAny(money, 'goneBack')) return <StatusMark look="refunded">Money went back</StatusMark>
  return <StatusMark look="none">Not coming</StatusMark>
}

/** Four steps: solid what has happened, stitched what is promised. */
function Track({ part }: { part: PartOfOrder }) {
  const done = partStepsDone(part)
  return (
    <ol className="mt-4 grid grid-cols-4 gap-1 text-small">
      {PART_STEPS.map((step, index) => (
        <li key={step} aria-current={index === done - 1 ? 'step' : undefined}>
          <span
            aria-hidden="true"
            className={cn('block h-1 rounded-full', index < done ? 'bg-paid-mark' : 'stitch-x h-1! text-edge')}
          />
          <span className={cn('mt-1 block', index === done - 1 ? 'font-semibold text-ink' : 'text-ink-3')}>
            {step}
            <span className="sr-only">{index < done ? ', done' : ', still to come'}</span>
          </span>
        </li>
      ))}
    </ol>
  )
}
