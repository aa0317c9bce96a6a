import { keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query'
import type { AdminOrderFilter } from '../../../../client/admin-api.ts'
import { adminApi, sessionApi, USER_KEY } from './api.ts'
import { readStory } from './story-pages.ts'

/** Lists and the dashboard: often enough to feel live, seldom enough to cost nothing. */
const LIST_EVERY_MS = 4_000
const STATS_EVERY_MS = 15_000
/** An order whose money is moving is watched closely, a settled one at leisure. */
const MOVING_ORDER_EVERY_MS = 2_500
const SETTLED_ORDER_EVERY_MS = 15_000

/** After somebody has moved an order or its money: whatever the answer was, the pages show what is true now. */
export function refreshMoney(client: QueryClient): Promise<unknown> {
  return Promise.all(
    ['order', 'orders', 'stats', 'reviews'].map((key) => client.invalidateQueries({ queryKey: [key] })),
  )
}

export const userQuery = queryOptions({
  queryKey: USER_KEY,
  queryFn: ({ signal }) => sessionApi.getUser({ signal }),
  staleTime: 60_000,
})

export const statsQuery = queryOptions({
  queryKey: ['stats'],
  queryFn: ({ signal }) => adminApi.getStats({ signal }),
  refetchInterval: STATS_EVERY_MS,
})

export function ordersQuery(filter: AdminOrderFilter) {
  return queryOptions({
    queryKey: ['orders', filter],
    queryFn: ({ signal }) => adminApi.listOrders(filter, { signal }),
    refetchInterval: LIST_EVERY_MS,
    placeholderData: keepPreviousData,
  })
}

/** @param pages how many pages of its story, from the newest back */
export function orderQuery(orderId: string, pages = 1) {
  return queryOptions({
    queryKey: ['order', orderId, pages],
    queryFn: async ({ signal }) => {
      const [order, story] = await Promise.all([
        adminApi.getOrder(orderId, { signal }),
        readStory((cursor) => adminApi.getStory(orderId, cursor, { signal }), pages),
      ])
      return { order, story }
    },
    // While earlier pages are fetched, what is there stays: but never that of another order.
    placeholderData: (before) => (before?.order.id === orderId ? before : undefined),
    refetchInterval: ({ state }) => {
      const order = state.data?.order
      if (!order) return SETTLED_ORDER_EVERY_MS
      const isMoving =
        order.status === 'pending' ||
        order.payments.some((payment) =>
          // What waits for a second person waits at leisure.
          payment.refunds.some(
            ({ status, approval }) => (status === 'requested' || status === 'processing') && approval !== 'pending',
          ),
        )
      return isMoving ? MOVING_ORDER_EVERY_MS : SETTLED_ORDER_EVERY_MS
    },
  })
}
