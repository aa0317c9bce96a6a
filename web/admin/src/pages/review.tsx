import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams, useSearch } from '@tanstack/react-router'
import { ChevronLeft } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../../../client/api-error.ts'
import type { ReviewItem, ReviewItemDetail } from '../../../../shared/contract/reviews.ts'
import { Button, buttonClass } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/empty.tsx'
import { formatExact } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Bar, Skeleton } from '../../../ui/skeleton.tsx'
import { StatusMark } from '../../../ui/status.tsx'
import { When } from '../../../ui/when.tsx'
import { Decide } from '../features/reviews/decide.tsx'
import { EvidenceView, MoneyOfOrder, ProviderAnswers } from '../features/reviews/evidence-view.tsx'
import { background, questionOf } from '../features/reviews/question.ts'
import { reviewFilter, type ReviewSearch } from '../features/reviews/review-search.ts'
import { adminApi } from '../lib/api.ts'
import { reviewQuery, reviewsQuery } from '../lib/money-queries.ts'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { PhraseText } from '../../../ui/phrase-text.tsx'
import { ProblemLine } from '../lib/problem-line.tsx'
import { userQuery } from '../lib/queries.ts'
import { ReadError } from '../lib/read-error.tsx'
import { resolutionWords, reviewKind, waitingWords } from '../lib/review-words.ts'
import { useShortcuts } from '../lib/shortcuts.ts'

/** One question: what is known, what can be done about it, and afterwards what was. */
export function ReviewPage() {
  const { reviewId } = useParams({ from: '/reviews/$reviewId' })
  const search = useSearch({ from: '/reviews' })
  const { data, error, isPending, refetch } = useQuery(reviewQuery(reviewId))
  usePageTitle(data ? reviewKind(data.item.kind).words : 'Review')
  if (data) return <ReviewView key={reviewId} detail={data} search={search} />
  if (isPending) {
    return (
      <Skeleton label="Loading the question" className="grid gap-4 px-4 pt-6 lg:px-10">
        <h1 className="sr-only">Review</h1>
        <Bar className="h-7 w-36" />
        <Bar className="h-9 w-[70%] max-w-[460px]" />
        <Bar className="w-[80%] max-w-[520px]" />
        <Bar className="mt-4 h-56 w-full max-w-[720px]" />
      </Skeleton>
    )
  }
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <Empty
        level={1}
        title="There is no such question"
        action={
          <Link to="/reviews" search={search} className={buttonClass({ variant: 'outline', size: 'compact' })}>
            Go to the queue
          </Link>
        }
      >
        Its address may be mistyped.
      </Empty>
    )
  }
  return <ReadError level={1} title="The question could not be read" error={error} onAgain={() => void refetch()} />
}

function ReviewView({ detail, search }: { detail: ReviewItemDetail; search: ReviewSearch }) {
  const { item } = detail
  const client = useQueryClient()
  const now = useNow()
  const { data: user } = useQuery(userQuery)
  const { data: list } = useInfiniteQuery(reviewsQuery(reviewFilter(search, now)))
  const queue = list?.pages.flatMap((page) => page.items) ?? []
  // Chosen when the answer is given: by then the question has left the queue, and its place is not known any more.
  const [next, setNext] = useState<ReviewItem | null>(null)
  const [isJustAnswered, setIsJustAnswered] = useState(false)
  const kind = reviewKind(item.kind)

  const answered = (after: ReviewItem) => {
    if (after.resolvedAt === null) return
    const at = queue.findIndex((each) => each.id === item.id)
    const others = [...queue.slice(at + 1), ...queue.slice(0, Math.max(at, 0))]
    setNext(others.find((each) => each.resolvedAt === null && each.id !== item.id) ?? null)
    setIsJustAnswered(true)
    client.setQueryData(reviewQuery(item.id).queryKey, { ...detail, item: after })
  }
  return (
    <article className="max-w-[820px] px-4 pt-1 pb-8 lg:pt-6 lg:pr-7 lg:pb-10 lg:pl-8 xl:pr-10 xl:pl-11">
      <nav aria-label="Breadcrumb" className="mb-2 lg:hidden">
        <Link
          to="/reviews"
          search={search}
          className="-ml-1 inline-flex min-h-8 items-center gap-1 text-small text-ink-2"
        >
          <ChevronLeft size={16} strokeWidth={1.7} aria-hidden="true" />
          Review
        </Link>
      </nav>
      <div className="flex min-h-8 flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <StatusMark look={item.resolvedAt ? 'none' : kind.look} pill>
          {kind.words}
        </StatusMark>
        {item.resolvedAt === null && user && <Ownership item={item} userId={user.id} />}
      </div>
      <h1 className="mt-2 mb-2 max-w-[26ch] text-h1 max-lg:text-[1.4rem] max-lg:leading-7">
        <PhraseText phrase={questionOf(detail)} />
      </h1>
      <p className="max-w-[64ch] text-ink-2">
        {background(detail)}{' '}
        <span className="text-ink-3">
          Opened <When at={item.createdAt} now={now} />.
        </span>{' '}
        {item.orderId && (
          <Link to="/orders/$orderId" params={{ orderId: item.orderId }} className="link whitespace-nowrap">
            Open {item.orderNumber ?? 'the order'}
          </Link>
        )}{' '}
        {typeof detail.evidence.reviewItemId === 'string' && (
          <Link
            to="/reviews/$reviewId"
            params={{ reviewId: detail.evidence.reviewItemId }}
            search={search}
            className="link whitespace-nowrap"
          >
            Open the question that it answers
          </Link>
        )}
      </p>
      {item.waitsFor !== null && (
        <p role="status" className="mt-5 rounded-2 bg-review-soft px-4 py-3">
          <b className="block">It waits for a second person</b>
          <span className="text-small text-ink-2">
            {waitingWords(item.waitsFor.action)}{' '}
            <Money amount={item.waitsFor.amount} currency={item.waitsFor.currency} />. Nothing is done until another
            admin agrees.{' '}
            <Link
              to="/reviews/$reviewId"
              params={{ reviewId: item.waitsFor.reviewItemId }}
              search={search}
              className="link whitespace-nowrap"
            >
              Open what is asked
            </Link>
          </span>
        </p>
      )}
      {item.resolvedAt !== null && <Outcome item={item} next={next} search={search} isJustAnswered={isJustAnswered} />}
      <EvidenceView detail={detail} />
      <MoneyOfOrder detail={detail} />
      {item.resolvedAt === null && <Decide detail={detail} signer={user?.name ?? ''} onAnswered={answered} />}
      <ProviderAnswers detail={detail} />
    </article>
  )
}

/** Who is on it. A takes it, or gives it up. */
function Ownership({ item, userId }: { item: ReviewItem; userId: string }) {
  const client = useQueryClient()
  const isMine = item.owner?.id === userId
  const own = useMutation({
    mutationFn: (owner: string | null) => adminApi.ownReview(item.id, owner),
    onSettled: () => client.invalidateQueries({ queryKey: ['reviews'] }),
  })
  const toggle = () => own.mutate(isMine ? null : 'me')
  useShortcuts({ a: toggle })
  return (
    <div>
      <span className="flex items-center gap-2 text-small text-ink-2">
        {item.owner ? (isMine ? 'Yours' : `Taken by ${item.owner.name}`) : 'Nobody is on it'}
        <Button variant="outline" size="compact" busy={own.isPending} aria-keyshortcuts="a" onClick={toggle}>
          {isMine ? 'Give it up' : item.owner ? 'Take it over' : 'Take it'}
        </Button>
      </span>
      <ProblemLine error={own.error} />
    </div>
  )
}

/** How the question was answered, by whom and why; and the way to the next one for whoever has just answered it. */
function Outcome({
  item,
  next,
  search,
  isJustAnswered,
}: {
  item: ReviewItem
  next: ReviewItem | null
  search: ReviewSearch
  isJustAnswered: boolean
}) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isJustAnswered) box.current?.focus()
  }, [isJustAnswered])
  return (
    <div
      ref={box}
      tabIndex={-1}
      role={isJustAnswered ? 'status' : undefined}
      className="mt-5 border-l-[3px] border-paid-mark py-1 pl-4 outline-none"
    >
      <p className="text-h3">{resolutionWords(item.resolution)}</p>
      {item.reason && <p className="text-ink-2">“{item.reason}”</p>}
      <p className="text-small text-ink-3">
        {item.resolvedBy?.name ?? 'Hundi'}, {item.resolvedAt && formatExact(item.resolvedAt)}
      </p>
      {isJustAnswered && (
        <p className="mt-3 flex flex-wrap items-center gap-3">
          {next ? (
            <Link to="/reviews/$reviewId" params={{ reviewId: next.id }} search={search} className={buttonClass()}>
              Next: {reviewKind(next.kind).words}
            </Link>
          ) : (
            <span className="text-ink-2">That was the last one.</span>
          )}
          <Link to="/reviews" search={search} className={buttonClass({ variant: 'quiet' })}>
            To the queue
          </Link>
        </p>
      )}
    </div>
  )
}
