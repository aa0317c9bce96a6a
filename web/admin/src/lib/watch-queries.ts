import { infiniteQueryOptions, keepPreviousData, queryOptions, type QueryClient } from '@tanstack/react-query'
import type { WebhookFilter } from '../../../../client/admin-watch.ts'
import { adminApi } from './api.ts'
import { whileOnFirstPage } from './refetch.ts'

const WEBHOOKS_EVERY_MS = 5_000
const ALERTS_EVERY_MS = 15_000
const CHECKS_EVERY_MS = 60_000

/** After an event was read once more: it may have moved an order. */
export function refreshInbox(client: QueryClient): Promise<unknown> {
  return Promise.all(['webhooks', 'order'].map((key) => client.invalidateQueries({ queryKey: [key] })))
}

export function webhooksQuery(filter: Omit<WebhookFilter, 'cursor'>) {
  return infiniteQueryOptions({
    queryKey: ['webhooks', 'list', filter],
    queryFn: ({ signal, pageParam }) => adminApi.listWebhooks({ ...filter, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: whileOnFirstPage(WEBHOOKS_EVERY_MS),
    placeholderData: keepPreviousData,
  })
}

export function webhookQuery(id: string) {
  return queryOptions({
    queryKey: ['webhooks', 'event', id],
    queryFn: ({ signal }) => adminApi.getWebhook(id, { signal }),
    refetchInterval: ({ state }) => (state.data?.event.status === 'received' ? 2_000 : WEBHOOKS_EVERY_MS),
  })
}

export function rejectedQuery(provider: string | undefined) {
  return infiniteQueryOptions({
    queryKey: ['webhooks', 'rejected', provider],
    queryFn: ({ signal, pageParam }) => adminApi.listRejected({ provider, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: whileOnFirstPage(ALERTS_EVERY_MS),
  })
}

export const checksQuery = infiniteQueryOptions({
  queryKey: ['checks'],
  queryFn: ({ signal, pageParam }) => adminApi.listChecks(pageParam, { signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next ?? undefined,
  refetchInterval: whileOnFirstPage(CHECKS_EVERY_MS),
})

export function alertsQuery(status: 'open' | 'resolved') {
  return infiniteQueryOptions({
    queryKey: ['alerts', status],
    queryFn: ({ signal, pageParam }) => adminApi.listAlerts({ status, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: whileOnFirstPage(ALERTS_EVERY_MS),
  })
}

/** Who is an admin changes seldom. */
const ADMINS_FRESH_MS = 5 * 60_000

export const adminsQuery = queryOptions({
  queryKey: ['admins'],
  queryFn: ({ signal }) => adminApi.listAdmins({ signal }),
  staleTime: ADMINS_FRESH_MS,
})
