import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CursorList, Id, replies, Success } from '../../shared/contract/envelope.ts'
import {
  ReviewActionBody,
  ReviewCounts,
  ReviewItem,
  ReviewItemDetail,
  ReviewManyBody,
  ReviewOwnerBody,
  ReviewResult,
  ReviewsQuery,
} from '../../shared/contract/reviews.ts'
import type { Accounts } from '../accounts/service.ts'
import type { PaymentDeps } from '../payments/context.ts'
import type { App } from '../platform/http.ts'
import { withIdempotencyKey } from '../platform/idempotency.ts'
import { decideMany } from './act-many.ts'
import { decideItem } from './act.ts'
import { countReviews, getItems, getReview, listReviews, ownReview } from './service.ts'

const ByItem = Type.Object({ id: Id })

export function registerReviewRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))
  const tags = ['Admin: review queue']

  app.get(
    '/api/admin/reviews',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Questions for a person: open ones, the oldest first; resolved ones, the newest first',
        querystring: ReviewsQuery,
        response: replies(CursorList(Type.Object({ items: Type.Array(ReviewItem) }))),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      const { items, pagination } = await listReviews(deps, request.query, userId)
      return { success: true as const, data: { items }, pagination }
    },
  )

  app.get(
    '/api/admin/reviews/counts',
    {
      onRequest,
      schema: {
        tags,
        summary: 'How many questions of each kind are open, and since when',
        response: replies(Success(Type.Object({ counts: ReviewCounts }))),
      },
    },
    async () => ({ success: true as const, data: { counts: await countReviews(deps.db) } }),
  )

  app.get(
    '/api/admin/reviews/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'A question with all that is known about it',
        params: ByItem,
        response: replies(Success(ReviewItemDetail)),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return { success: true as const, data: await getReview(deps, request.params.id, userId) }
    },
  )

  app.post(
    '/api/admin/reviews/:id/owner',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Take a question, hand it over, or give it up',
        params: ByItem,
        body: ReviewOwnerBody,
        response: replies(Success(Type.Object({ item: ReviewItem }))),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      await ownReview(deps, request.params.id, request.body.owner, userId)
      const { item } = await getReview(deps, request.params.id, userId)
      return { success: true as const, data: { item } }
    },
  )

  app.post(
    '/api/admin/reviews/actions',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Decide about several questions of one kind together',
        description:
          'The same decision with the same reason, for each by itself: `results` says what became of each, in the order in ' +
          'which they were named. What is refused for one has no effect on the others.',
        body: ReviewManyBody,
        response: replies(Success(Type.Object({ results: Type.Array(ReviewResult) }))),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.require(request)
      const { ids } = request.body
      const work: Parameters<typeof withIdempotencyKey>[4] = async (keyed) => {
        const decided = await decideMany(deps, request.body, userId, keyed?.resumed)
        const items = await getItems(deps, ids, userId)
        const body = decided.map((each) => ({ ...each, item: items.find((item) => item.id === each.id) ?? null }))
        return { status: 200, body }
      }
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${userId}`, work)
      return { success: true as const, data: { results: answer.body as ReviewResult[] } }
    },
  )

  app.post(
    '/api/admin/reviews/:id/actions',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Decide about a question',
        description:
          'Only what the item offers in `actions`. The provider is asked once more first: 409 payment_state_unknown when ' +
          'it does not answer, 409 already_resolved when that answered the question, or somebody else has decided. ' +
          'After `ask` the item may still be open: `resolvedAt` says so.',
        params: ByItem,
        body: ReviewActionBody,
        response: replies(Success(Type.Object({ item: ReviewItem }))),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.require(request)
      const { id } = request.params
      // A key belongs to one question: its answer must never be replayed for another.
      const endpoint = `POST /api/admin/reviews/${id}/actions`
      const work: Parameters<typeof withIdempotencyKey>[4] = async (keyed) => {
        await decideItem(deps, id, request.body, userId, keyed?.resumed)
        return { status: 200, body: (await getReview(deps, id, userId)).item }
      }
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${userId}`, work, undefined, endpoint)
      return { success: true as const, data: { item: answer.body as ReviewItem } }
    },
  )
}
