/** What all providers' windows share: their script, loaded once, and what happens in them. */
import type { Claim } from './claims.ts'

export type WindowListeners = {
  /** The window says that the shopper paid, and what it gives as its word: told to the server as it is. */
  onApproved(brought: Omit<Claim, 'orderId'>): void
  /** A try inside the window failed; the window stays open for another one. */
  onDeclined(reason: string): void
  /** The shopper closed the window. It does not mean that nothing was paid: a UPI payment can complete later. */
  onDismissed(): void
}

/** The window got no further than its script. */
export class CheckoutScriptError extends Error {
  constructor(scriptUrl: string) {
    super(`The payment window could not be loaded from ${new URL(scriptUrl, location.href).host}.`)
    this.name = 'CheckoutScriptError'
  }
}

/** A script that has not arrived by then is given up; the shopper can press again. */
const SCRIPT_LIMIT_MS = 15_000

const loading = new Map<string, Promise<void>>()

/** Loads a provider's script into the page, once however often it is asked for. Rejects with CheckoutScriptError. */
export function loadScript(scriptUrl: string): Promise<void> {
  const known = loading.get(scriptUrl)
  if (known) return known
  const promise = new Promise<void>((resolve, reject) => {
    const script = document.createElement('script')
    const fail = () => {
      // A script tag that failed never loads again; without it and the entry the next press starts afresh.
      clearTimeout(timer)
      script.remove()
      loading.delete(scriptUrl)
      reject(new CheckoutScriptError(scriptUrl))
    }
    const timer = setTimeout(fail, SCRIPT_LIMIT_MS)
    script.src = scriptUrl
    script.async = true
    script.addEventListener('error', fail)
    script.addEventListener('load', () => {
      clearTimeout(timer)
      resolve()
    })
    document.head.append(script)
  })
  loading.set(scriptUrl, promise)
  return promise
}
