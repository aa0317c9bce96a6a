import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { countThings, mergedCarts, withMore, withoutBought, withQuantity, type CartLines } from './cart.ts'
import { queryKeys, useUser } from './hooks.tsx'
import { useHundi } from './provider.tsx'

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
    mutationFn: async (lines: CartLines) => linesOf(await client.putCart(lines)),
    // One after another: two quick clicks must not overtake each other.
    scope: { id: 'cart' },
    onError: () => queries.invalidateQueries({ queryKey: key }),
  })

  const brings = userId !== undefined && guestLines.length > 0 && kept.data !== undefined
  useEffect(() => {
    if (!brings) return
    const lines = mergedCarts(queries.getQueryData<CartLines>(queryKeys.cart(userId)) ?? [], guestCart.get())
    queries.setQueryData(queryKeys.cart(userId), lines)
    put.mutate(lines)
    guestCart.set([])
    // The mutation object changes with every render; the merge must run once for each box that is brought.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [brings, userId])

  const lines = (userId === undefined ? guestLines : kept.data) ?? []
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
    const next = edit(queries.getQueryData<CartLines>(key) ?? [])
    queries.setQueryData(key, next)
    put.mutate(next)
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
      if (userId === undefined) guestCart.set(withoutBought(guestCart.get(), items))
      else void queries.invalidateQueries({ queryKey: key })
    },
  }
}

function linesOf(cart: { items: readonly { productId: string; quantity: number }[] }): CartLines {
  return cart.items.map(({ productId, quantity }) => ({ productId, quantity }))
}
