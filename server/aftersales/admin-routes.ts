import { Type } from 'typebox'
import { OrderParams, PageList, replies, Success } from '../../shared/contract/envelope.ts'
import { AdminOrdersQuery, Order, OrderStory, OrderSummary, PutOrderStatusBody } from '../../shared/contract/orders.ts'
import type { Accounts } from '../accounts/service.ts'
import { describe } from '../checkout/service.ts'
import * as ledger from '../ledger/service.ts'
import * as orders from '../orders/service.ts'
import { isId } from '../orders/viewer.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import {
  countOpenReviewItems,
  findOrderIdsByPayment,
  listEventsOfOrder,
  listProviderCalls,
  listReviewItems,
  refundableAlone,
  type PaymentDeps,
} from '../payments/service.ts'
import { changeStatus } from './service.ts'

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
      const found = await orders.listForAdmin(deps.db, request.query, (search) =>
        findOrderIdsByPayment(deps.db, search),
      )
      const { total, page, limit } = found
      const open = await countOpenReviewItems(
        deps.db,
        found.orders.map((order) => order.id),
      )
      return {
        success: true as const,
        data: { orders: await orders.toSummaries(deps.db, found.orders, open) },
        pagination: { total, page, limit, totalPages: Math.ceil(total / limit) },
      }
    },
  )

  app.put(
    '/api/orders/:id/status',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Ship, deliver or cancel an order',
        params: OrderParams,
        body: PutOrderStatusBody,
        response: replies(Success(Type.Object({ order: Order }))),
      },
    },
    async (request) => {
      const admin = await accounts.requireRole(request, 'admin')
      const to = request.body.status ?? request.body.order_status
      if (to === undefined) throw invalidField('status', 'is required')
      const orderId = orderIdOf(request.params.id)
      await changeStatus(deps, orderId, to, admin.userId, request.body.reason)
      return { success: true as const, data: { order: await describe(deps, await orders.getOrder(deps.db, orderId)) } }
    },
  )

  app.get(
    '/api/admin/orders/:id/story',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Everything that happened to an order: events, provider calls, webhooks, ledger, review items',
        params: OrderParams,
        response: replies(Success(Type.Object({ story: OrderStory }))),
      },
    },
    async (request) => {
      await accounts.requireRole(request, 'admin')
      const order = await orders.getOrder(deps.db, orderIdOf(request.params.id))
      return { success: true as const, data: { story: await storyOf(deps, order.id) } }
    },
  )
}

async function storyOf(deps: PaymentDeps, orderId: string): Promise<OrderStory> {
  const { db } = deps
  const [events, calls, webhooks, transfers, reviewItems, alone] = await Promise.all([
    orders.listEvents(db, orderId, true),
    listProviderCalls(db, orderId),
    listEventsOfOrder(db, orderId),
    ledger.listOfOrder(db, orderId),
    listReviewItems(db, orderId),
    refundableAlone(deps, orderId),
  ])
  return {
    events,
    providerCalls: calls.map((call) => ({
      id: call.id,
      provider: call.provider,
      operation: call.operation,
      outcome: call.outcome,
      httpStatus: call.http_status,
      durationMs: call.duration_ms,
      request: call.request,
      reply: call.reply,
      createdAt: call.created_at.toISOString(),
    })),
    webhookEvents: webhooks.map((event) => ({
      id: event.id,
      provider: event.provider,
      eventId: event.event_id,
      type: event.type,
      status: event.status,
      // Signed bytes need not be text; what is not shows as replacement characters.
      body: event.raw_body?.toString('utf8') ?? '',
      receivedAt: event.received_at.toISOString(),
      processedAt: event.processed_at?.toISOString() ?? null,
    })),
    ledger: transfers.map((transfer) => ({
      id: transfer.id,
      kind: transfer.kind,
      debit: transfer.debit_account_id,
      credit: transfer.credit_account_id,
      amount: transfer.amount,
      currency: transfer.currency,
      createdAt: transfer.created_at.toISOString(),
    })),
    reviewItems: reviewItems.map((item) => ({
      id: item.id,
      kind: item.kind,
      summary: item.summary,
      createdAt: item.created_at.toISOString(),
      resolvedAt: item.resolved_at?.toISOString() ?? null,
    })),
    refundableAlone: alone,
  }
}

function orderIdOf(text: string): string {
  if (!isId(text)) throw new AppError('order_not_found', 'There is no such order.')
  return text
}
