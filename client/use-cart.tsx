import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { isWorthRetrying } from './api-error.ts'
import {
  bringGuestCart,
  countThings,
  mergedCarts,
  withMore,
  withoutBought,
  withQuantity,
  type CartLines,
} from './cart.ts'
import { queryKeys, useUser } from './hooks.tsx'
import { useHundi } from './provider.tsx'

/** With the gaps of the query library: some seconds, in which a server has started again. */
const BRING_RETRIES = 3

export type CartView = {
  lines: CartLines
  /** How many things; not money. */
  count: number
  /** False until it is known what is in the box. */
  isReady: boolean
  /** The last change did not reach the server; the box shows what the server has. */
  hasFailed: boolean
  /** What is in the box could not be fetched; `refresh` tries again. */
  isUnknown: boolean
  refresh(): void
  add(productId: string, quantity: number): void
  setQuantity(productId: string, quantity: number): void
  clear(): void
  /** Takes out what an order bought, and asks the server for what it kept. */
  removeBought(items: readonly { productId: string | null; quantity: number }[]): void
}

/**
 * The box: a customer's lives on the server, a guest's in this browser. When a guest signs in, what is in this browser
 * is joined with what the account has.
 */
export function useCart(): CartView {
  const { client, guestCart } = useHundi()
  const queries = useQueryClient()
  const user = useUser()
  const userId = user.data?.id
  const key = queryKeys.cart(userId ?? '')
  const guestLines = useSyncExternalStore(guestCart.subscribe, guestCart.get, guestCart.get)

  const kept = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => linesOf(await client.getCart({ signal })),
    enabled: userId !== undefined,
  })
  const put = useMutation({
    mutationFn: async ({ lines }: { lines: CartLines; brought: CartLines }) => linesOf(await client.putCart(lines)),
    // One after another: two quick clicks must not overtake each other.
    scope: { id: 'cart' },
    // What a guest had here was among these lines.
    onSuccess: (_, { brought }) => {
      if (brought.length > 0 && guestCart.get() === brought) guestCart.set([])
    },
    onError: () => queries.invalidateQueries({ queryKey: key }),
  })
  const bring = useMutation({
    mutationFn: () => bringGuestCart(client, guestCart, queries.getQueryData<CartLines>(key) ?? []),
    scope: { id: 'cart' },
    // It waits where it is; the next look at the account's box brings it as well.
    retry: (failures, error) => isWorthRetrying(error) && failures < BRING_RETRIES,
    onSuccess: (lines) => queries.setQueryData(key, lines),
  })

  const brings = userId !== undefined && guestLines.length > 0 && kept.data !== undefined
  const { dataUpdatedAt } = kept
  useEffect(() => {
    if (brings && !bring.isPending) bring.mutate()
    // The mutation object changes with every render; it runs once for each box that is brought and each look at the kept one.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [brings, userId, dataUpdatedAt])

  // What is still to be brought is in the box all the same.
  const lines =
    userId === undefined ? guestLines : mergedCarts(kept.data ?? [], kept.data === undefined ? [] : guestLines)
  function change(edit: (lines: CartLines) => CartLines) {
    if (userId === undefined) return guestCart.set(edit(guestCart.get()))
    if (queries.getQueryData(key) !== undefined) return changeKept(edit)
    // What the account has must be known first: a change of nothing would replace all of it.
    void kept.refetch({ cancelRefetch: false }).then(({ isSuccess }) => {
      if (isSuccess) changeKept(edit)
    })
  }
  function changeKept(edit: (lines: CartLines) => CartLines) {
    // An answer that is still under way knows nothing of this change and must not undo it.
    void queries.cancelQueries({ queryKey: key })
    const brought = guestCart.get()
    const next = edit(mergedCarts(queries.getQueryData<CartLines>(key) ?? [], brought))
    queries.setQueryData(key, next)
    put.mutate({ lines: next, brought })
  }

  return {
    lines,
    count: countThings(lines),
    isReady: user.isError || (user.isFetched && (userId === undefined || kept.data !== undefined)),
    hasFailed: put.isError,
    isUnknown: kept.isError && kept.data === undefined,
    refresh: () => void kept.refetch(),
    add: (productId, quantity) => change((now) => withMore(now, productId, quantity)),
    setQuantity: (productId, quantity) => change((now) => withQuantity(now, productId, quantity)),
    clear: () => change(() => []),
    removeBought: (items) => {
      if (guestCart.get().length > 0) guestCart.set(withoutBought(guestCart.get(), items))
      if (userId !== undefined) void queries.invalidateQueries({ queryKey: key })
    },
  }
}

function linesOf(cart: { items: readonly { productId: string; quantity: number }[] }): CartLines {
  return cart.items.map(({ productId, quantity }) => ({ productId, quantity }))
}
