/** The admin calls that move money or decide about it: refunds, captures, marks by hand, the review queue. */
import type { AttachBody, Payment, Refund, RefundBody, ResolveBody, WaitsFor } from '../shared/contract/payments.ts'
import type {
  ReviewActionBody,
  ReviewCounts,
  ReviewItem,
  ReviewItemDetail,
  ReviewManyBody,
  ReviewResult,
  ReviewsQuery,
} from '../shared/contract/reviews.ts'
import { type CallOptions, type CursorPage, cursorPage, type Filter, keyHeader } from './admin-lists.ts'
import type { Transport } from './transport.ts'

export type ReviewFilter = Filter<ReviewsQuery>

/** Each of them asks the provider, which may take seconds. */
const MANY_TIMEOUT_MS = 120_000

/**
 * A call that would do something new when it is repeated takes a key that is made once per intention: sent again with
 * the same key and body, it is answered with what the first one did. The others find what they have done.
 */
export function moneyCalls(http: Transport) {
  return {
    /** Sends money back. Its `approval` is `pending` where a second person must agree first. */
    async refund(body: RefundBody, key: string): Promise<Refund> {
      const { data } = await http.request('POST', '/api/payments/refund', { body, headers: keyHeader(key) })
      return (data as { refund: Refund }).refund
    },
    /** Takes the money of an authorized attempt now; what is captured already stays as it is. */
    async capturePayment(paymentId: string, reason: string): Promise<Payment> {
      const { data } = await http.request('POST', `${paymentPath(paymentId)}/capture`, { body: { reason } })
      return (data as { payment: Payment }).payment
    },
    /**
     * Marks a payment by hand: paid another way, or never to be paid. Gives all payments of its order; with `waitsFor` they
     * stay as they are until a second admin agrees.
     */
    async resolvePayment(
      paymentId: string,
      body: ResolveBody,
    ): Promise<{ payments: Payment[]; waitsFor?: WaitsFor | undefined }> {
      const { data } = await http.request('POST', `${paymentPath(paymentId)}/resolve`, { body })
      return data as { payments: Payment[]; waitsFor?: WaitsFor | undefined }
    },
    /** Names the order that a payment at the provider belongs to. Gives all payments of that order. */
    async attachPayment(body: AttachBody): Promise<Payment[]> {
      const { data } = await http.request('POST', '/api/admin/payments/attach', { body })
      return (data as { payments: Payment[] }).payments
    },

    /** Questions for a person: the open ones oldest first, answered ones newest first. */
    async listReviews(filter: ReviewFilter, options: CallOptions = {}): Promise<CursorPage<ReviewItem>> {
      const answer = await http.request('GET', '/api/admin/reviews', { ...options, query: filter })
      return cursorPage(answer, 'items')
    },
    async getReview(id: string, options: CallOptions = {}): Promise<ReviewItemDetail> {
      const { data } = await http.request('GET', reviewPath(id), options)
      return data as ReviewItemDetail
    },
    async countReviews(options: CallOptions = {}): Promise<ReviewCounts> {
      const { data } = await http.request('GET', '/api/admin/reviews/counts', options)
      return (data as { counts: ReviewCounts }).counts
    },
    /**
     * Answers the question. Refused when the provider, asked once more, says something that forbids it. After `ask` it
     * may still be open.
     */
    async answerReview(id: string, body: ReviewActionBody, key: string): Promise<ReviewItem> {
      const { data } = await http.request('POST', `${reviewPath(id)}/actions`, { body, headers: keyHeader(key) })
      return (data as { item: ReviewItem }).item
    },
    /** Answers several questions of one kind with one decision and one reason. Gives what became of each. */
    async answerReviews(body: ReviewManyBody, key: string): Promise<ReviewResult[]> {
      const options = { body, headers: keyHeader(key), timeoutMs: MANY_TIMEOUT_MS }
      const { data } = await http.request('POST', '/api/admin/reviews/actions', options)
      return (data as { results: ReviewResult[] }).results
    },
    /** Takes a question, or gives it up: `me`, an admin's id, or null. */
    async ownReview(id: string, owner: string | null): Promise<ReviewItem> {
      const { data } = await http.request('POST', `${reviewPath(id)}/owner`, { body: { owner } })
      return (data as { item: ReviewItem }).item
    },
  }
}

function paymentPath(id: string): string {
  return `/api/payments/${encodeURIComponent(id)}`
}

function reviewPath(id: string): string {
  return `/api/admin/reviews/${encodeURIComponent(id)}`
}
