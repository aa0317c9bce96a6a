/**
 * The idempotency key of the pay button. It is made once for what is about to be ordered, written down, and only then
 * sent: a second click, a reload and a second tab of the same browser find it there, and the server answers them with
 * the order that the first one made.
 */
import { newKey } from './new-key.ts'
import type { PlaceOrderBody } from './shapes.ts'
import { readJson, type TextStorage } from './storage.ts'

export type OrderAttempt = { key: string; fingerprint: string; startedAt: number; orderId: string | null }

const KEY = 'hundi.order-attempt'

/** An order left unpaid ends after half an hour by default; later the same box is a new wish, not the old click. */
export const ATTEMPT_LIFE_MS = 30 * 60 * 1000

export type OrderAttempts = ReturnType<typeof orderAttempts>

export function orderAttempts(storage: TextStorage, now: () => number = Date.now) {
  function find(): OrderAttempt | null {
    const stored = readJson(storage, KEY) as Partial<OrderAttempt> | null | undefined
    if (typeof stored?.key !== 'string' || typeof stored.fingerprint !== 'string') return null
    if (typeof stored.startedAt !== 'number') return null
    const orderId = typeof stored.orderId === 'string' ? stored.orderId : null
    return { key: stored.key, fingerprint: stored.fingerprint, startedAt: stored.startedAt, orderId }
  }
  const write = (attempt: OrderAttempt) => storage.set(KEY, JSON.stringify(attempt))

  return {
    /**
     * The key to send with this body: the one written down while body and person are the same, else a new one.
     * @param person the signed-in user's id, null for a guest: keys belong to whoever sends them
     */
    begin(body: PlaceOrderBody, person: string | null): string {
      const fingerprint = fingerprintOf(JSON.stringify([person, body]))
      const known = find()
      const isFresh = known !== null && Math.abs(now() - known.startedAt) <= ATTEMPT_LIFE_MS
      if (isFresh && known.fingerprint === fingerprint) return known.key
      const key = newKey()
      write({ key, fingerprint, startedAt: now(), orderId: null })
      return key
    },
    /** Remembers which order came of it, so that the box is emptied once that order is paid. */
    placed(orderId: string): void {
      const known = find()
      if (known) write({ ...known, orderId })
    },
    /** The last attempt, however old: an order can be paid long after its key has had its day. */
    find,
    /**
     * After a refusal, and when the order is settled: the next click is a new wish. Never after a broken connection,
     * because then the order may exist.
     */
    forget(): void {
      storage.remove(KEY)
    },
  }
}

/**
 * A short fingerprint, so that no address stays behind in storage (FNV-1a, two 32-bit lanes). Should two bodies ever
 * share one, the server refuses the second with `idempotency_key_reused`, and a new key is made.
 */
function fingerprintOf(text: string): string {
  let a = 0x811c9dc5
  let b = 0x9dc5811c
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    a = Math.imul(a ^ code, 0x01000193)
    b = Math.imul(b ^ (code + index), 0x01000193)
  }
  return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}-${text.length}`
}
