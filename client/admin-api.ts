/**
 * The calls of the admin panel, in the shapes of shared/contract. They answer only to a session whose role is admin;
 * what a shopper's page needs is in api.ts. Here are orders; the rest is in the admin files beside it.
 */
import type { PagePagination } from '../shared/contract/envelope.ts'
import type {
  AdminOrdersQuery,
  ChangedOrder,
  DashboardStats,
  Order,
  OrderStatus,
  OrderStory,
  OrderSummary,
} from '../shared/contract/orders.ts'
import { bookCalls } from './admin-books.ts'
import { moneyCalls } from './admin-money.ts'
import { watchCalls } from './admin-watch.ts'
import { createTransport, type RequestOptions, type TransportConfig } from './transport.ts'

export type AdminCallOptions = Pick<RequestOptions, 'signal'>
export type AdminOrderPage = { orders: OrderSummary[]; pagination: PagePagination }
export type AdminOrderFilter = { [Name in keyof AdminOrdersQuery]?: AdminOrdersQuery[Name] | undefined }
export type AdminClient = ReturnType<typeof createAdminClient>

/** Makes the client. Every function rejects with ApiError when the API refuses or does not answer. */
export function createAdminClient(config: TransportConfig = {}) {
  const http = createTransport(config)

  return {
    ...moneyCalls(http),
    ...bookCalls(http, config.baseUrl ?? ''),
    ...watchCalls(http),
    /** One page of all orders, newest first. */
    async listOrders(query: AdminOrderFilter, options: AdminCallOptions = {}): Promise<AdminOrderPage> {
      const answer = await http.request('GET', '/api/orders/admin/all', { ...options, query })
      return {
        orders: (answer.data as { orders: OrderSummary[] }).orders,
        pagination: answer.pagination as PagePagination,
      }
    },
    async getStats(options: AdminCallOptions = {}): Promise<DashboardStats> {
      const { data } = await http.request('GET', '/api/orders/admin/dashboard-stats', options)
      return (data as { stats: DashboardStats }).stats
    },
    async getOrder(orderId: string, options: AdminCallOptions = {}): Promise<Order> {
      const { data } = await http.request('GET', orderPath(orderId), options)
      return (data as { order: Order }).order
    },
    /**
     * Events, provider calls, webhook events, ledger transfers and review items of one order: the newest part of its
     * story, or with a `cursor` what was before.
     */
    async getStory(orderId: string, cursor?: string, options: AdminCallOptions = {}): Promise<OrderStory> {
      const path = `/api/admin/orders/${encodeURIComponent(orderId)}/story`
      const { data } = await http.request('GET', path, { ...options, query: { cursor } })
      return (data as { story: OrderStory }).story
    },
    /** Moves an order on; `invalid_transition` when it cannot go there from where it is. */
    async setStatus(orderId: string, status: OrderStatus, reason?: string): Promise<ChangedOrder> {
      const body = reason === undefined ? { status } : { status, reason }
      return (await http.request('PUT', `${orderPath(orderId)}/status`, { body })).data as ChangedOrder
    },
    /**
     * Cancels an order; money that was captured goes back by itself. With `waitsFor` it stays as it is until a second admin
     * agrees.
     */
    async cancelOrder(orderId: string, reason?: string): Promise<ChangedOrder> {
      const body = reason === undefined ? {} : { reason }
      return (await http.request('POST', `${orderPath(orderId)}/cancel`, { body })).data as ChangedOrder
    },
  }
}

function orderPath(orderId: string): string {
  return `/api/orders/${encodeURIComponent(orderId)}`
}
