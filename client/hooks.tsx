/** React hooks over the client. Server state lives in the query cache and nowhere else. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { Credentials, ProductQuery } from './api.ts'
import { useHundi } from './provider.tsx'
import { queryKeys } from './query-keys.ts'
import type { QuoteBody } from './shapes.ts'

export { createHundi, HundiProvider, useHundi, type Hundi } from './provider.tsx'
export { queryKeys } from './query-keys.ts'
export { useCart, type CartView } from './use-cart.tsx'
export { usePayment, usePaymentState, type PaymentView } from './use-payment.tsx'

/** Shops and kinds of goods change rarely. */
const RARELY_MS = 5 * 60_000

export function useProducts(query: ProductQuery) {
  const { client } = useHundi()
  return useInfiniteQuery({
    queryKey: ['products', query],
    queryFn: ({ pageParam, signal }) => client.listProducts({ ...query, cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  })
}

export function useProduct(idOrSlug: string) {
  const { client } = useHundi()
  return useQuery({
    queryKey: ['product', idOrSlug],
    queryFn: ({ signal }) => client.getProduct(idOrSlug, { signal }),
  })
}

export function useCategories() {
  const { client } = useHundi()
  return useQuery({
    queryKey: ['categories'],
    queryFn: ({ signal }) => client.listCategories({ signal }),
    staleTime: RARELY_MS,
  })
}

export function useShops() {
  const { client } = useHundi()
  return useQuery({
    queryKey: ['shops'],
    queryFn: ({ signal }) => client.listShops({ signal }),
    staleTime: RARELY_MS,
  })
}

/**
 * The price of a box, always the server's. While it is asked again the last figures stay (`isPlaceholderData`).
 * With no items nothing is asked.
 */
export function useQuote(body: QuoteBody) {
  const { client } = useHundi()
  return useQuery({
    queryKey: ['quote', body],
    queryFn: ({ signal }) => client.quote(body, { signal }),
    enabled: body.items.length > 0,
    placeholderData: keepPreviousData,
    // A price is only as good as the moment it was asked for.
    staleTime: 0,
    gcTime: 60_000,
  })
}

export function useOrder(orderId: string, options: { refetchMs?: number } = {}) {
  const { client } = useHundi()
  return useQuery({
    queryKey: queryKeys.order(orderId),
    queryFn: ({ signal }) => client.getOrder(orderId, { signal }),
    refetchInterval: options.refetchMs ?? false,
    staleTime: 0,
  })
}

export function useOrderEvents(orderId: string, options: { refetchMs?: number } = {}) {
  const { client } = useHundi()
  return useQuery({
    queryKey: queryKeys.orderEvents(orderId),
    queryFn: ({ signal }) => client.listOrderEvents(orderId, {}, { signal }),
    refetchInterval: options.refetchMs ?? false,
    staleTime: 0,
  })
}

export function useMyOrders(options: { enabled: boolean }) {
  const { client } = useHundi()
  return useInfiniteQuery({
    queryKey: queryKeys.myOrders,
    queryFn: ({ pageParam, signal }) =>
      client.listMyOrders(pageParam === undefined ? {} : { cursor: pageParam }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.nextCursor ?? undefined,
    enabled: options.enabled,
    staleTime: 0,
  })
}

/** Cancels and shows the order as it then is. */
export function useCancelOrder(orderId: string) {
  const { client } = useHundi()
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (reason?: string) => client.cancelOrder(orderId, reason),
    onSettled: () => queries.invalidateQueries({ queryKey: queryKeys.order(orderId) }),
  })
}

/** The signed-in user: undefined while unknown, null when nobody is. */
export function useUser() {
  const { client } = useHundi()
  return useQuery({ queryKey: queryKeys.user, queryFn: ({ signal }) => client.getUser({ signal }) })
}

export function useSignIn() {
  const { client } = useHundi()
  const forget = useForgetEverythingPersonal()
  return useMutation({
    mutationFn: (credentials: Credentials) => client.signIn(credentials),
    onSuccess: forget,
  })
}

export function useSignUp() {
  const { client } = useHundi()
  const forget = useForgetEverythingPersonal()
  return useMutation({
    mutationFn: (details: Credentials & { name: string }) => client.signUp(details),
    onSuccess: forget,
  })
}

export function useSignOut() {
  const { client } = useHundi()
  const forget = useForgetEverythingPersonal()
  return useMutation({ mutationFn: () => client.signOut(), onSuccess: forget })
}

/** Who is asking has changed: what was answered to somebody else must not be shown. */
function useForgetEverythingPersonal() {
  const queries = useQueryClient()
  return async () => {
    queries.removeQueries({ queryKey: ['order'] })
    queries.removeQueries({ queryKey: ['cart'] })
    queries.removeQueries({ queryKey: queryKeys.myOrders })
    queries.removeQueries({ queryKey: ['quote'] })
    await queries.fetchQuery({ queryKey: queryKeys.user, staleTime: 0 }).catch(() => undefined)
  }
}
