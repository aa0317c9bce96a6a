import { readJson, type TextStorage } from './storage.ts'

const KEY = 'hundi.guest-orders'

/** Old entries go when there are more; a guest who orders this often has long had the mails. */
const MOST = 50

/**
 * The tokens by which a guest's browser may see and pay its own orders. They are handed out once, when an order is
 * placed, and kept here until the browser forgets them.
 */
export function guestTokens(storage: TextStorage) {
  function read(): [orderId: string, token: string][] {
    const stored = readJson(storage, KEY)
    if (!Array.isArray(stored)) return []
    return stored.filter(
      (entry: unknown): entry is [string, string] =>
        Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string',
    )
  }
  return {
    keep(orderId: string, token: string): void {
      const others = read().filter(([id]) => id !== orderId)
      storage.set(KEY, JSON.stringify([[orderId, token], ...others].slice(0, MOST)))
    },
    find(orderId: string): string | undefined {
      return read().find(([id]) => id === orderId)?.[1]
    },
    /** Order ids, newest first. */
    list(): string[] {
      return read().map(([id]) => id)
    },
  }
}
