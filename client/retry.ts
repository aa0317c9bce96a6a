/** Repeating a call that is safe to repeat: when, how often, and what the person in front of the screen is told. */
import { ApiError, isWorthRetrying } from './api-error.ts'

/**
 * Waits between the tries of a call that tells the server about money, in milliseconds: together about two minutes,
 * which outlasts a lift, a tunnel and a server's restart. After that the webhook and the server's own polling carry on
 * without the browser.
 */
export const RETRY_GAPS_MS: readonly number[] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000, 30_000]

/** The longest wait that a server's `Retry-After` can ask of us. */
const LONGEST_WAIT_MS = 60_000

export type RetryNotice = {
  /** Tries made so far. */
  attempt: number
  /** Until the next try. */
  waitMs: number
  error: ApiError
}

export type RetryOptions = {
  gapsMs?: readonly number[]
  /** Told before each wait, for "Trying again in 4 s". */
  onRetry?: (notice: RetryNotice) => void
  signal?: AbortSignal
  /** Replaced in tests. */
  wait?: (ms: number, signal?: AbortSignal) => Promise<void>
}

/**
 * Runs an idempotent call until it answers, is refused, or the gaps are used up; then the last error is thrown.
 * Only errors that leave the outcome open are repeated (isWorthRetrying).
 */
export async function withRetries<T>(call: () => Promise<T>, options: RetryOptions = {}): Promise<T> {
  const { gapsMs = RETRY_GAPS_MS, wait = sleep } = options
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call()
    } catch (error) {
      const gap = gapsMs[attempt - 1]
      if (gap === undefined || !(error instanceof ApiError) || !isWorthRetrying(error)) throw error
      const waitMs = Math.min(Math.max(gap, error.retryAfterMs ?? 0), LONGEST_WAIT_MS)
      options.onRetry?.({ attempt, waitMs, error })
      await wait(waitMs, options.signal)
    }
  }
}

/** Resolves after `ms`, sooner when the browser says that the network is back; rejects when aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const browser = typeof window === 'undefined' ? undefined : window
    const end = (settle: () => void) => {
      clearTimeout(timer)
      browser?.removeEventListener('online', onOnline)
      signal?.removeEventListener('abort', onAbort)
      settle()
    }
    const onOnline = () => end(resolve)
    const onAbort = () => end(() => reject(signal?.reason))
    const timer = setTimeout(() => end(resolve), ms)
    browser?.addEventListener('online', onOnline)
    signal?.addEventListener('abort', onAbort)
  })
}
