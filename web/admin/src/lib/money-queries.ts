import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { ReviewFilter } from '../../../../client/admin-money.ts'
import { adminApi } from './api.ts'
import { whileOnFirstPage } from './refetch.ts'

/** A queue that several people work at: what others answered should soon be gone here. */
const QUEUE_EVERY_MS = 8_000
const COUNTS_EVERY_MS = 15_000

export type ReviewListFilter = Pick<ReviewFilter, 'status' | 'kind' | 'owner' | 'createdBefore'>

export function reviewsQuery(filter: ReviewListFilter) {
  return infiniteQueryOptions({
    queryKey: ['reviews', 'list', filter],
    queryFn: ({ signal, pageParam }) => adminApi.listReviews({ ...filter, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: whileOnFirstPage(QUEUE_EVERY_MS),
    placeholderData: keepPreviousData,
  })
}

export function reviewQuery(id: string) {
  return queryOptions({
    queryKey: ['reviews', 'item', id],
    queryFn: ({ signal }) => adminApi.getReview(id, { signal }),
    refetchInterval: QUEUE_EVERY_MS,
  })
}

export const reviewCountsQuery = queryOptions({
  queryKey: ['reviews', 'counts'],
  queryFn: ({ signal }) => adminApi.countReviews({ signal }),
  refetchInterval: COUNTS_EVERY_MS,
})
