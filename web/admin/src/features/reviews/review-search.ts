/** What the queue shows, as it stands in the address. */
import type { ReviewListFilter } from '../../lib/money-queries.ts'
import { reviewKind } from '../../lib/review-words.ts'

export type ReviewSearch = {
  status?: 'resolved' | undefined
  kind?: string | undefined
  owner?: 'me' | 'nobody' | undefined
  /** Only those that have waited for more than a day. */
  waiting?: 'day' | undefined
}

const DAY_MS = 86_400_000

/** Reads the address; what it does not understand it leaves out. */
export function parseReviewSearch(raw: Record<string, unknown>): ReviewSearch {
  return {
    status: raw.status === 'resolved' ? 'resolved' : undefined,
    kind: typeof raw.kind === 'string' && /^[a-z_]{1,50}$/.test(raw.kind) ? raw.kind : undefined,
    owner: raw.owner === 'me' || raw.owner === 'nobody' ? raw.owner : undefined,
    waiting: raw.waiting === 'day' ? 'day' : undefined,
  }
}

/** What to ask the API. */
export function reviewFilter(search: ReviewSearch, now: number): ReviewListFilter {
  // To the minute, so that the same list is not asked for under another name each second.
  const dayAgo = new Date(Math.floor(now / 60_000) * 60_000 - DAY_MS).toISOString()
  return {
    status: search.status ?? 'open',
    kind: search.kind,
    owner: search.owner,
    createdBefore: search.waiting ? dayAgo : undefined,
  }
}

/** The filters in words, for a list that they leave empty. */
export function reviewFiltersInWords(search: ReviewSearch): string[] {
  const words: string[] = []
  if (search.kind) words.push(`“${reviewKind(search.kind).words}”`)
  if (search.waiting) words.push('waiting for more than a day')
  if (search.owner) words.push(search.owner === 'me' ? 'yours' : 'taken by nobody')
  return words
}
