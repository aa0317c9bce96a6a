import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CursorList, Id, replies, Success } from '../../shared/contract/envelope.ts'
import {
  RejectedDelivery,
  RejectedQuery,
  WebhookEvent,
  WebhookEventDetail,
  WebhooksQuery,
} from '../../shared/contract/webhooks.ts'
import type { Accounts } from '../accounts/service.ts'
import type { PaymentDeps } from '../payments/context.ts'
import type { App } from '../platform/http.ts'
import { getWebhook, listRejected, listWebhooks } from './archive.ts'
import { replayEvent } from './process.ts'

const ByEvent = Type.Object({ id: Id })

export function registerWebhookAdminRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))
  const tags = ['Admin: webhooks']

  app.get(
    '/api/admin/webhooks',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Events that providers sent, newest first',
        querystring: WebhooksQuery,
        response: replies(CursorList(Type.Object({ events: Type.Array(WebhookEvent) }))),
      },
    },
    async (request) => {
      const { events, pagination } = await listWebhooks(deps.db, request.query)
      return { success: true as const, data: { events }, pagination }
    },
  )

  app.get(
    '/api/admin/webhooks/rejected',
    {
      onRequest,
      schema: {
        tags,
        summary: 'A sample of the deliveries that were refused, newest first',
        querystring: RejectedQuery,
        response: replies(CursorList(Type.Object({ deliveries: Type.Array(RejectedDelivery) }))),
      },
    },
    async (request) => {
      const { deliveries, pagination } = await listRejected(deps.db, request.query)
      return { success: true as const, data: { deliveries }, pagination }
    },
  )

  app.get(
    '/api/admin/webhooks/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'An event with what came and what became of it',
        params: ByEvent,
        response: replies(Success(WebhookEventDetail)),
      },
    },
    async (request) => ({ success: true as const, data: await getWebhook(deps.db, request.params.id) }),
  )

  app.post(
    '/api/admin/webhooks/:id/replay',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Process a stored event once more',
        description:
          'Can be asked for any event whose body is still kept. What was applied before is not applied again; who asked is noted.',
        params: ByEvent,
        response: replies(Success(WebhookEventDetail)),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      await replayEvent(deps, request.params.id, userId)
      return { success: true as const, data: await getWebhook(deps.db, request.params.id) }
    },
  )
}
