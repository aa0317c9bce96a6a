/** What a shopper has put in the box: quantities only. Prices are never kept here; they come from a quote. */
import type { CartItemInput } from './shapes.ts'
import { readJson, type TextStorage } from './storage.ts'

export type CartLines = readonly CartItemInput[]

/** The API takes no more of one product, and no more lines. */
export const MOST_OF_ONE = 999
export const MOST_LINES = 100

const KEY = 'hundi.cart'

/** The lines with this quantity of a product; zero takes it out. New products go to the end. */
export function withQuantity(lines: CartLines, productId: string, quantity: number): CartLines {
  const wanted = Math.min(Math.max(Math.trunc(quantity), 0), MOST_OF_ONE)
  if (wanted === 0) return lines.filter((line) => line.productId !== productId)
  if (lines.some((line) => line.productId === productId)) {
    return lines.map((line) => (line.productId === productId ? { productId, quantity: wanted } : line))
  }
  return lines.length >= MOST_LINES ? lines : [...lines, { productId, quantity: wanted }]
}

export function quantityOf(lines: CartLines, productId: string): number {
  return lines.find((line) => line.productId === productId)?.quantity ?? 0
}

export function withMore(lines: CartLines, productId: string, quantity: number): CartLines {
  return withQuantity(lines, productId, quantityOf(lines, productId) + quantity)
}

/** How many things are in the box. */
export function countThings(lines: CartLines): number {
  return lines.reduce((count, line) => count + line.quantity, 0)
}

/**
 * The box of a guest who signs in, joined with the one kept for the account. Of a product in both, the larger quantity
 * counts and not the sum: a merge that is broken off and repeated must not double anything.
 */
export function mergedCarts(kept: CartLines, brought: CartLines): CartLines {
  return brought.reduce(
    (lines, { productId, quantity }) =>
      withQuantity(lines, productId, Math.max(quantity, quantityOf(lines, productId))),
    kept,
  )
}

/**
 * Puts what a guest had in the box into the account's. The guest's is emptied only once the server has it: until then it
 * stays where it is, and is brought again later.
 *
 * @param kept what the account has, as far as is known
 * @returns what the account has now
 */
export async function bringGuestCart(
  client: { putCart(items: CartLines): Promise<{ items: CartLines }> },
  box: GuestCart,
  kept: CartLines,
): Promise<CartLines> {
  const brought = box.get()
  if (brought.length === 0) return kept
  const { items } = await client.putCart(mergedCarts(kept, brought))
  // What another tab has put in meanwhile is not among what was brought.
  if (box.get() === brought) box.set([])
  return items.map(({ productId, quantity }) => ({ productId, quantity }))
}

/** What stays in the box after some of it was bought; what was put in meanwhile stays. */
export function withoutBought(
  lines: CartLines,
  bought: readonly { productId: string | null; quantity: number }[],
): CartLines {
  return bought.reduce<CartLines>(
    (left, { productId, quantity }) =>
      productId === null || quantityOf(left, productId) === 0
        ? left
        : withQuantity(left, productId, quantityOf(left, productId) - quantity),
    lines,
  )
}

/** Lines from storage or another tab; whatever is not a line is left out. */
export function parseCart(value: unknown): CartLines {
  if (!Array.isArray(value)) return []
  return value.reduce<CartLines>((lines, entry: unknown) => {
    const { productId, quantity } = (entry ?? {}) as { productId?: unknown; quantity?: unknown }
    if (typeof productId !== 'string' || !Number.isInteger(quantity)) return lines
    return withQuantity(lines, productId, quantity as number)
  }, [])
}

/** A guest's box in storage, shared by all tabs of a browser. */
export type GuestCart = {
  get(): CartLines
  set(lines: CartLines): void
  subscribe(listener: () => void): () => void
}

export function guestCart(storage: TextStorage): GuestCart {
  const listeners = new Set<() => void>()
  // The same object as long as nothing changes, because React compares by identity.
  let lines = parseCart(readJson(storage, KEY))
  const notify = () => {
    for (const listener of listeners) listener()
  }
  const onStorage = (event: StorageEvent) => {
    // A null key means that another tab cleared everything.
    if (event.key !== KEY && event.key !== null) return
    lines = parseCart(readJson(storage, KEY))
    notify()
  }
  return {
    get: () => lines,
    set(next) {
      lines = next
      if (next.length === 0) storage.remove(KEY)
      else storage.set(KEY, JSON.stringify(next))
      notify()
    },
    subscribe(listener) {
      if (listeners.size === 0 && typeof window !== 'undefined') window.addEventListener('storage', onStorage)
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && typeof window !== 'undefined') window.removeEventListener('storage', onStorage)
      }
    },
  }
}
