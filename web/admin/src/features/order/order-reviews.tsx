import { Link } from '@tanstack/react-router'
import type { OrderStory } from '../../../../../shared/contract/orders.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import { When } from '../../../../ui/when.tsx'
import { reviewKind } from '../../lib/review-words.ts'

/** Questions about this order, the open ones first; each leads to where it is answered. */
export function OrderReviews({ items, now }: { items: OrderStory['reviewItems']; now: number }) {
  if (items.length === 0) return null
  const sorted = items.toSorted((a, b) => Number(a.resolvedAt !== null) - Number(b.resolvedAt !== null))
  return (
    <section aria-labelledby="reviews-title" className="mb-8">
      <h2 id="reviews-title" className="sr-only">
        Questions about this order
      </h2>
      <ul>
        {sorted.map((item) => {
          const kind = reviewKind(item.kind)
          const isOpen = item.resolvedAt === null
          return (
            <li key={item.id}>
              <Link
                to="/reviews/$reviewId"
                params={{ reviewId: item.id }}
                search={isOpen ? {} : { status: 'resolved' }}
                className={
                  isOpen
                    ? 'mb-2 grid grid-cols-[17px_minmax(0,1fr)_auto] items-start gap-3 rounded-2 bg-review-soft px-4 py-3 hover:outline-1 hover:outline-review-mark'
                    : 'grid grid-cols-[17px_minmax(0,1fr)_auto] items-start gap-3 py-1 text-small text-ink-2 hover:underline'
                }
              >
                <Glyph look={isOpen ? kind.look : 'none'} className="mt-[3px] size-[17px]" />
                <span>
                  <b>{kind.words}</b>
                  {isOpen && <span className="block text-small text-ink-2">{item.summary}</span>}
                </span>
                <span className="text-small whitespace-nowrap text-ink-2">
                  {isOpen ? <span className="font-strong text-review">Decide</span> : 'Answered'}{' '}
                  <When at={item.resolvedAt ?? item.createdAt} now={now} className="text-ink-3" />
                </span>
              </Link>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
