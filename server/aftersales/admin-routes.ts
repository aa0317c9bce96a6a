import { Type } from 'typebox'
import { OrderParams, PageList, replies, Success } from '../../shared/contract/envelope.ts'
import {
  AdminOrdersQuery,
  ChangedOrder,
  OrderStory,
  OrderSummary,
  PutOrderStatusBody,
  StoryQuery,
  type OrdersNeeding,
} from '../../shared/contract/orders.ts'
import { cleanText } from '../../shared/text.ts'
import type { Accounts } from '../accounts/service.ts'
import { describe } from '../checkout/service.ts'
import { getOrder } from '../orders/finding.ts'
import { listForAdmin } from '../orders/lists.ts'
import { isId } from '../orders/viewer.ts'
import { toSummaries } from '../orders/views.ts'
import { listNeeding } from '../payments/attention.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { moneyOfOrders } from '../payments/listing.ts'
import { findOrderIdsByMethod, findOrderIdsByReference } from '../payments/order-queries.ts'
import { underEitherName } from '../platform/aliases.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { parseMoment } from '../platform/moment.ts'
import { countOpenReviewItems } from '../reviews/queries.ts'
import { changeStatus } from './service.ts'
import { tellStory } from './story.ts'

export function registerOrderAdminRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  app.get(
    '/api/orders/admin/all',
    {
      schema: {
        tags: ['Admin'],
        summary: 'All orders, newest first',
        querystring: AdminOrdersQuery,
        response: replies(PageList(Type.Object({ orders: Type.Array(OrderSummary) }))),
      },
    },
    async (request) => {
      await accounts.requireRole(request, 'admin')
      const { query } = request
      const elsewhere = {
        byReference: (reference: string) => findOrderIdsByReference(deps.db, reference),
        byMethod: (detail: string) => findOrderIdsByMethod(deps.db, detail),
      }
      const only =
        query.needs === undefined
          ? undefined
          : await listNeeding(deps.db, needing(query, query.needs), deps.ports.clock.now())
      const found = await listForAdmin(deps.db, query, deps.timeZone, elsewhere, only)
      const ids = found.orders.map((order) => order.id)
      const [money, open] = await Promise.all([
        moneyOfOrders(deps.db, found.orders),
        countOpenReviewItems(deps.db, ids),
      ])
      return {
        success: true as const,
        data: { orders: await toSummaries(deps.db, found.orders, money, open) },
        pagination: found.pagination,
      }
    },
  )

  app.put(
    '/api/orders/:id/status',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Ship, deliver or cancel an order',
        description: '202 with `waitsFor`: more would go back than one person may decide, and a second admin is asked.',
        params: OrderParams,
        body: PutOrderStatusBody,
        response: { ...replies(Success(ChangedOrder)), 202: Success(ChangedOrder) },
      },
    },
    async (request, reply) => {
      const admin = await accounts.requireRole(request, 'admin')
      const to = underEitherName(request.body, 'status', 'order_status')
      if (to === undefined) throw invalidField('status', 'is required')
      const orderId = orderIdOf(request.params.id)
      const waitsFor = await changeStatus(
        deps,
        orderId,
        to,
        admin.userId,
        cleanText(request.body.reason ?? '') || undefined,
      )
      const order = await describe(deps, await getOrder(deps.db, orderId), 'staff')
      if (waitsFor === undefined) return { success: true as const, data: { order } }
      return reply.code(202).send({ success: true as const, data: { order, waitsFor } })
    },
  )

  app.get(
    '/api/admin/orders/:id/story',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Everything that happened to an order: events, provider calls, webhooks, ledger, review items',
        description: 'The newest part of it; `older` leads to what was before. Review items and the ledger are whole.',
        params: OrderParams,
        querystring: StoryQuery,
        response: replies(Success(Type.Object({ story: OrderStory }))),
      },
    },
    async (request) => {
      await accounts.requireRole(request, 'admin')
      const order = await getOrder(deps.db, orderIdOf(request.params.id))
      return { success: true as const, data: { story: await tellStory(deps, order, request.query.cursor) } }
    },
  )
}

function orderIdOf(text: string): string {
  if (!isId(text)) throw new AppError('order_not_found', 'There is no such order.')
  return text
}

function needing(query: AdminOrdersQuery, needs: OrdersNeeding): Parameters<typeof listNeeding>[1] {
  const moment = (name: 'since' | 'until') =>
    query[name] === undefined ? undefined : parseMoment(name, query[name], name === 'since' ? 'start' : 'end')
  return { needs, provider: query.provider, since: moment('since'), until: moment('until') }
}
