import { Type } from 'typebox'
import { CursorList, OrderParams, replies, Success } from '../../shared/contract/envelope.ts'
import {
  CancelOrderBody,
  EventsQuery,
  MyOrdersQuery,
  Order,
  OrderEvent,
  OrderSummary,
  ChangedOrder,
} from '../../shared/contract/orders.ts'
import { cleanText } from '../../shared/text.ts'
import { audienceOf } from '../accounts/account.ts'
import type { Accounts } from '../accounts/service.ts'
import { describe } from '../checkout/service.ts'
import { getOrder, listOwn } from '../orders/finding.ts'
import { visibleOrder } from '../orders/viewer.ts'
import { toSummaries } from '../orders/views.ts'
import type { WaitsFor } from '../payments/by-hand/second-person.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { listInternalRefunds, moneyOfOrders } from '../payments/listing.ts'
import type { App } from '../platform/http.ts'
import { withIdempotencyKey, type Keyed } from '../platform/idempotency.ts'
import { listEvents } from '../timeline/listing.ts'
import { cancelByAdmin, cancelOrder } from './service.ts'

export function registerOrderRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  app.get(
    '/api/orders/user/my-orders',
    {
      schema: {
        tags: ['Orders'],
        summary: "One's own orders, newest first; a guest gets none",
        querystring: MyOrdersQuery,
        response: replies(CursorList(Type.Object({ orders: Type.Array(OrderSummary) }))),
      },
    },
    async (request) => {
      const { limit = 24, cursor } = request.query
      const principal = await accounts.find(request)
      const page = principal === undefined ? [] : await listOwn(deps.db, principal.userId, cursor, limit + 1)
      const shown = page.slice(0, limit)
      const money = await moneyOfOrders(deps.db, shown)
      return {
        success: true as const,
        data: { orders: await toSummaries(deps.db, shown, money, new Map()) },
        pagination: { limit, nextCursor: page.length > limit ? (shown.at(-1)?.id ?? null) : null },
      }
    },
  )

  app.get(
    '/api/orders/:id',
    {
      schema: {
        tags: ['Orders'],
        summary: 'An order with its lines, parts and payments',
        params: OrderParams,
        response: replies(Success(Type.Object({ order: Order }))),
      },
    },
    async (request) => {
      const order = await visibleOrder(deps.db, accounts, request, request.params.id)
      const audience = audienceOf(await accounts.find(request))
      return { success: true as const, data: { order: await describe(deps, order, audience) } }
    },
  )

  app.get(
    '/api/orders/:id/events',
    {
      schema: {
        tags: ['Orders'],
        summary: 'What happened to an order',
        description: 'The newest page first, and in it the oldest event first; `nextCursor` leads to what was before.',
        params: OrderParams,
        querystring: EventsQuery,
        response: replies(CursorList(Type.Object({ events: Type.Array(OrderEvent) }))),
      },
    },
    async (request) => {
      const order = await visibleOrder(deps.db, accounts, request, request.params.id)
      const audience = audienceOf(await accounts.find(request))
      const internal = audience === 'staff' ? new Set<string>() : await listInternalRefunds(deps.db, order.id)
      const { events, pagination } = await listEvents(deps.db, order.id, audience, internal, request.query)
      return { success: true as const, data: { events }, pagination }
    },
  )

  app.post(
    '/api/orders/:id/cancel',
    {
      schema: {
        tags: ['Orders'],
        summary: 'Cancel an order; what was paid goes back by itself',
        description:
          '202 with `waitsFor`, for an admin: more would go back than one person may decide, and a second one is asked.',
        params: OrderParams,
        body: Type.Union([CancelOrderBody, Type.Null()]),
        response: { ...replies(Success(ChangedOrder)), 202: Success(ChangedOrder) },
      },
    },
    async (request, reply) => {
      const order = await visibleOrder(deps.db, accounts, request, request.params.id)
      const principal = await accounts.find(request)
      const byAdmin = principal?.role === 'admin' && principal.userId !== order.user_id
      const owner = principal === undefined ? `guest:${order.id}` : `user:${principal.userId}`
      const endpoint = `POST /api/orders/${order.id}/cancel`
      const work = async (keyed: Keyed | undefined) => {
        // The request that was cut off has cancelled it: this one is owed that request's answer.
        const alreadyDone = keyed?.resumed === true && order.status === 'cancelled'
        const note = cleanText(request.body?.reason ?? '') || undefined
        const actorId = principal?.userId ?? null
        let waitsFor: WaitsFor | undefined
        if (!alreadyDone) {
          if (byAdmin) waitsFor = await cancelByAdmin(deps, order.id, principal.userId, note)
          else await cancelOrder(deps, order.id, { actor: 'shopper', actorId, note })
        }
        const after = await describe(deps, await getOrder(deps.db, order.id), audienceOf(principal))
        return waitsFor === undefined ? { status: 200, body: after } : { status: 202, body: { order: after, waitsFor } }
      }
      const answer = await withIdempotencyKey(deps.db, request, reply, owner, work, undefined, endpoint)
      if (answer.status === 202)
        return reply.code(202).send({ success: true as const, data: answer.body as ChangedOrder })
      return { success: true as const, data: { order: answer.body as Order } }
    },
  )
}
