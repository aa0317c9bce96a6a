import { Link, useNavigate } from '@tanstack/react-router'
import type { ReviewItem } from '../../../../../shared/contract/reviews.ts'
import { cn } from '../../../../ui/class-names.ts'
import { initials } from '../../../../ui/format.ts'
import { Glyph } from '../../../../ui/glyph.tsx'
import { Money } from '../../../../ui/money.tsx'
import { When } from '../../../../ui/when.tsx'
import { resolutionWords, reviewKind } from '../../lib/review-words.ts'
import { useShortcuts } from '../../lib/shortcuts.ts'
import { canChoose, type Chosen } from './many.ts'
import type { ReviewSearch } from './review-search.ts'

/**
 * Questions as rows, each a link to its page. J and K open the next and the one before.
 *
 * @param choosing what is chosen to be answered together, while somebody chooses; a box before each row
 */
export function ReviewList({
  items,
  search,
  current,
  now,
  choosing,
}: {
  items: ReviewItem[]
  search: ReviewSearch
  current: string | undefined
  now: number
  choosing: { chosen: Chosen; onChoose: (id: string, isOn: boolean) => void } | null
}) {
  const navigate = useNavigate()
  const step = (by: 1 | -1) => {
    const at = items.findIndex((item) => item.id === current)
    const next = items[at === -1 ? 0 : Math.min(Math.max(at + by, 0), items.length - 1)]
    if (next) void navigate({ to: '/reviews/$reviewId', params: { reviewId: next.id }, search })
  }
  useShortcuts({ j: () => step(1), k: () => step(-1) })
  return (
    <ul aria-label="Questions">
      {items.map((item) => {
        const isCurrent = item.id === current
        const kind = reviewKind(item.kind)
        return (
          <li key={item.id} className={cn(choosing && 'grid grid-cols-[auto_minmax(0,1fr)]')}>
            {choosing && (
              <label className="flex cursor-pointer items-start border-t border-rule pt-[.85rem] pr-1 pl-4 has-disabled:cursor-not-allowed lg:pl-7 xl:pl-10">
                <input
                  type="checkbox"
                  aria-label={`Choose ${kind.words}, ${item.orderNumber ?? item.providerRef ?? item.summary}`}
                  className="size-[18px] accent-accent disabled:opacity-40"
                  checked={choosing.chosen.items.some((each) => each.id === item.id)}
                  disabled={!canChoose(item, choosing.chosen)}
                  onChange={(event) => choosing.onChoose(item.id, event.target.checked)}
                />
              </label>
            )}
            <Link
              to="/reviews/$reviewId"
              params={{ reviewId: item.id }}
              search={search}
              aria-current={isCurrent ? 'page' : undefined}
              className={cn(
                'grid grid-cols-[17px_minmax(0,1fr)_auto] gap-x-[.7rem] border-t border-rule px-4 py-[.8rem] -outline-offset-2 lg:pr-5',
                choosing ? 'pl-2 lg:pl-2' : 'lg:pl-7 xl:pl-10',
                isCurrent ? 'bg-accent-soft shadow-[inset_3px_0_var(--accent-text)]' : 'hover:bg-hover',
              )}
            >
              <Glyph look={item.resolvedAt ? 'none' : kind.look} className="mt-[3px] size-[17px]" />
              <span className="min-w-0">
                <b className="block truncate">{kind.words}</b>
                <span className="block truncate text-small text-ink-2">
                  {item.resolvedAt
                    ? resolutionWords(item.resolution)
                    : [item.orderNumber ?? item.providerRef ?? item.summary].join('')}
                </span>
              </span>
              <span className="text-right">
                {item.amount !== null && item.currency !== null ? (
                  <Money amount={item.amount} currency={item.currency} className="font-strong" />
                ) : (
                  <span className="text-ink-3">no amount</span>
                )}
                <span className="flex items-center justify-end gap-[.4rem] text-small text-ink-3">
                  <When at={item.resolvedAt ?? item.createdAt} now={now} className="num" />
                  {item.owner && <Owner name={item.owner.name} />}
                </span>
              </span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}

/** Who has taken a question, as initials. */
function Owner({ name }: { name: string }) {
  return (
    <span
      title={`Taken by ${name}`}
      className="grid h-[18px] min-w-[18px] place-items-center rounded-full bg-accent-soft px-1 text-[.625rem] leading-none font-semibold text-accent-text"
    >
      <span aria-hidden="true">{initials(name)}</span>
      <span className="sr-only">, taken by {name}</span>
    </span>
  )
}
