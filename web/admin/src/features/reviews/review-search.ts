/** What the queue shows, as it stands in the address. */
import type { ReviewListFilter } from '../../lib/money-queries.ts'
import { reviewKind } from '../../lib/review-words.ts'

export type ReviewSearch = {
  status?: 'resolved' | undefined
  kind?: string | undefined
  owner?: 'me' | 'nobody' | undefined
}

/** Reads the address; what it does not understand it leaves out. */
export function parseReviewSearch(raw: Record<string, unknown>): ReviewSearch {
  return {
    status: raw.status === 'resolved' ? 'resolved' : undefined,
    kind: typeof raw.kind === 'string' && /^[a-z_]{1,50}$/.test(raw.kind) ? raw.kind : undefined,
    owner: raw.owner === 'me' || raw.owner === 'nobody' ? raw.owner : undefined,
  }
}

/** What to ask the API. */
export function reviewFilter(search: ReviewSearch): ReviewListFilter {
  return { status: search.status ?? 'open', kind: search.kind, owner: search.owner }
}

/** The filters in words, for a list that they leave empty. */
export function reviewFiltersInWords(search: ReviewSearch): string[] {
  const words: string[] = []
  if (search.kind) words.push(`“${reviewKind(search.kind).words}”`)
  if (search.owner) words.push(search.owner === 'me' ? 'yours' : 'taken by nobody')
  return words
}
