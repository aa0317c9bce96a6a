import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import { useState } from 'react'
import { Link, Outlet, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { ReviewItem } from '../../../../shared/contract/reviews.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { AnswerMany } from '../features/reviews/answer-many.tsx'
import { allOfKind, type Chosen, chosenOf } from '../features/reviews/many.ts'
import { ReviewList } from '../features/reviews/review-list.tsx'
import { reviewFilter, reviewFiltersInWords, type ReviewSearch } from '../features/reviews/review-search.ts'
import { ChipSelect, chipClass } from '../lib/chip-select.tsx'
import { reviewCountsQuery, reviewsQuery } from '../lib/money-queries.ts'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { ReadError } from '../lib/read-error.tsx'
import { reviewKind } from '../lib/review-words.ts'
import { HERE, TAB_ROW, tabClass } from '../lib/tab-link.ts'

/** What the machine would not decide alone: the queue at the left, one question at the right. */
export function ReviewsPage() {
  const search = useSearch({ from: '/reviews' })
  const { reviewId } = useParams({ strict: false })
  const now = useNow()
  const list = useInfiniteQuery(reviewsQuery(reviewFilter(search, now)))
  const items = list.data?.pages.flatMap((page) => page.items)
  const Title = reviewId === undefined ? 'h1' : 'p'
  const [ids, setIds] = useState<ReadonlySet<string> | null>(null)
  const [asked, setAsked] = useState<Chosen | null>(null)
  // Answered questions are past choosing.
  const isChoosing = ids !== null && search.status === undefined
  const chosen = chosenOf(items ?? [], ids ?? new Set())
  const choose = (id: string, isOn: boolean) => {
    const next = new Set(ids)
    if (isOn) next.add(id)
    else next.delete(id)
    setIds(next)
  }
  return (
    <div className="-mx-4 lg:-mx-7 lg:-mt-5 lg:-mb-12 lg:grid lg:min-h-[calc(100dvh-56px)] lg:grid-cols-[320px_minmax(0,1fr)] xl:-mx-10 xl:grid-cols-[384px_minmax(0,1fr)]">
      <section
        aria-label="Queue"
        className={cn('lg:border-r lg:border-rule lg:pt-5', reviewId !== undefined && 'max-lg:hidden')}
      >
        <div className="px-4 lg:pr-5 lg:pl-7 xl:pl-10">
          <Title className="text-h1 max-lg:text-[1.5rem]">Review</Title>
          <p className="mb-1 text-small text-ink-2">What the machine would not decide alone. Oldest first.</p>
          <Views search={search} />
          <Filters search={search} />
          {search.status === undefined && items && items.length > 1 && (
            <button
              type="button"
              className="link mb-2 text-small"
              onClick={() => setIds(isChoosing ? null : new Set())}
            >
              {isChoosing ? 'Answer one by one' : 'Answer several together'}
            </button>
          )}
        </div>
        {items ? (
          items.length > 0 ? (
            <div className={cn('transition-opacity', list.isPlaceholderData && 'opacity-60 delay-300')}>
              <ReviewList
                items={items}
                search={search}
                current={reviewId}
                now={now}
                choosing={isChoosing ? { chosen, onChoose: choose } : null}
              />
              {isChoosing && (
                <ChosenBar
                  items={items}
                  chosen={chosen}
                  onAll={(kind) => setIds(allOfKind(items, kind))}
                  onAnswer={() => setAsked(chosen)}
                />
              )}
              <div className="border-t border-rule px-4 pb-4 lg:pr-5 lg:pl-7 xl:pl-10">
                <MoreRows list={list} words="Show more" />
                <p className="hidden pt-4 text-small text-ink-3 lg:block" aria-hidden="true">
                  <span className="kbd">J</span> <span className="kbd">K</span> next, previous{' '}
                  <span className="kbd">A</span> take it <span className="kbd">1</span> choose
                </p>
              </div>
            </div>
          ) : (
            <Nothing search={search} />
          )
        ) : list.isPending ? (
          <Skeleton
            label="Loading the queue"
            rows={6}
            rowClassName="h-[66px]"
            className="px-4 lg:pr-5 lg:pl-7 xl:pl-10"
          />
        ) : (
          <ReadError title="The queue could not be read" error={list.error} onAgain={() => void list.refetch()} />
        )}
      </section>
      <div className={cn('min-w-0', reviewId === undefined && 'max-lg:hidden')}>
        <Outlet />
      </div>
      {asked && (
        <AnswerMany
          chosen={asked}
          onClose={() => setAsked(null)}
          onAnswered={(open) => setIds(open.length === 0 ? null : new Set(open))}
        />
      )}
    </div>
  )
}

/** How many are chosen and what they come to; stays in sight while the list is scrolled. */
function ChosenBar({
  items,
  chosen,
  onAll,
  onAnswer,
}: {
  items: ReviewItem[]
  chosen: Chosen
  onAll: (kind: string) => void
  onAnswer: () => void
}) {
  const [first] = chosen.items
  const kind = first?.kind ?? (new Set(items.map((item) => item.kind)).size === 1 ? items[0]?.kind : undefined)
  const ofKind = kind === undefined ? 0 : allOfKind(items, kind).size
  return (
    <div className="sticky bottom-0 z-10 flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-rule bg-surface px-4 py-3 lg:pr-5 lg:pl-7 xl:pl-10">
      <p aria-live="polite" className="min-w-0 flex-1 text-small">
        <b>{chosen.items.length} chosen</b>
        {chosen.sums.map(({ currency, amount }) => (
          <span key={currency}>
            {', '}
            <Money amount={amount} currency={currency} />
          </span>
        ))}
        {kind !== undefined && chosen.items.length < ofKind && (
          <button type="button" className="link ml-2" onClick={() => onAll(kind)}>
            Choose all {ofKind}
          </button>
        )}
        <span className="block text-ink-3">
          {first === undefined
            ? 'Choose questions of one kind.'
            : chosen.actions.length === 0
              ? 'These have no answer in common.'
              : reviewKind(first.kind).words}
        </span>
      </p>
      <Button size="compact" disabled={chosen.items.length === 0 || chosen.actions.length === 0} onClick={onAnswer}>
        Answer together
      </Button>
    </div>
  )
}

function Views({ search }: { search: ReviewSearch }) {
  const { data: counts } = useQuery(reviewCountsQuery)
  const open = counts?.reduce((sum, each) => sum + each.count, 0)
  return (
    <nav aria-label="Questions by state" className={TAB_ROW}>
      <Link
        to="/reviews"
        search={{ ...search, status: undefined }}
        activeOptions={HERE}
        aria-current={search.status === undefined ? 'page' : undefined}
        className={tabClass(search.status === undefined)}
      >
        Open <span className="num min-w-[1ch] text-small text-ink-3">{open ?? ''}</span>
      </Link>
      <Link
        to="/reviews"
        search={{ ...search, status: 'resolved' }}
        activeOptions={HERE}
        aria-current={search.status === 'resolved' ? 'page' : undefined}
        className={tabClass(search.status === 'resolved')}
      >
        Answered
      </Link>
    </nav>
  )
}

function Filters({ search }: { search: ReviewSearch }) {
  const navigate = useNavigate()
  const { data: counts } = useQuery(reviewCountsQuery)
  const go = (next: Partial<ReviewSearch>) => void navigate({ to: '/reviews', search: { ...search, ...next } })
  const kinds = new Set([...(counts?.map((each) => each.kind) ?? []), ...(search.kind ? [search.kind] : [])])
  return (
    <div className="flex flex-wrap items-center gap-2 py-2">
      <ChipSelect
        label="Kind"
        any="Any kind"
        value={search.kind}
        options={[...kinds].map((kind) => [kind, reviewKind(kind).words] as const)}
        onChange={(kind) => go({ kind })}
      />
      <ChipSelect
        label="Taken by"
        any="Anybody’s"
        value={search.owner}
        options={[
          ['me', 'Mine'],
          ['nobody', 'Nobody’s'],
        ]}
        onChange={(owner) => go({ owner: owner === 'me' || owner === 'nobody' ? owner : undefined })}
      />
      {search.waiting && (
        <button
          type="button"
          className={cn(chipClass(true), 'gap-[.4rem] px-3')}
          onClick={() => go({ waiting: undefined })}
        >
          Waiting for more than a day
          <X size={13} strokeWidth={2} aria-hidden="true" />
          <span className="sr-only">, show others too</span>
        </button>
      )}
    </div>
  )
}

function Nothing({ search }: { search: ReviewSearch }) {
  const filters = reviewFiltersInWords(search)
  if (filters.length > 0) {
    return (
      <Empty
        title="No question fits"
        action={
          <Link
            to="/reviews"
            search={{ status: search.status }}
            activeOptions={HERE}
            className={buttonClass({ variant: 'outline', size: 'compact' })}
          >
            Drop {filters.join(' and ')}
          </Link>
        }
      >
        There may be others.
      </Empty>
    )
  }
  if (search.status === 'resolved')
    return <Empty title="Nothing has been answered yet">Answers are kept for good.</Empty>
  return (
    <>
      <p className="border-t border-rule px-4 py-4 text-ink-2 max-lg:hidden lg:pr-5 lg:pl-7 xl:pl-10">
        Nothing waits for a person.
      </p>
      <Empty className="lg:hidden" title="Every rupee has its place">
        No payment, refund or payout waits for a person. New questions appear here by themselves.
      </Empty>
    </>
  )
}
