/** Opening Razorpay's checkout window in the page: the script once, the window as often as the shopper tries. */

/** The window got no further than its script. */
export class CheckoutScriptError extends Error {
  constructor(scriptUrl: string) {
    super(`The payment window could not be loaded from ${new URL(scriptUrl, location.href).host}.`)
    this.name = 'CheckoutScriptError'
  }
}

export type RazorpayResult = {
  razorpay_payment_id: string
  razorpay_order_id: string
  razorpay_signature: string
}

export type RazorpayListeners = {
  /** The window says that the shopper paid. */
  onApproved(result: RazorpayResult): void
  /** A try inside the window failed; the window stays open for another one. */
  onDeclined(reason: string): void
  /** The shopper closed the window. It does not mean that nothing was paid: a UPI payment can complete later. */
  onDismissed(): void
}

type RazorpayInstance = {
  open(): void
  close?(): void
  on(event: 'payment.failed', listener: (failure: { error?: { description?: string; reason?: string } }) => void): void
}
type RazorpayConstructor = new (options: Record<string, unknown>) => RazorpayInstance

/** A script that has not arrived by then is given up; the shopper can press again. */
const SCRIPT_LIMIT_MS = 15_000

const loading = new Map<string, Promise<void>>()

/**
 * Loads the script that the hand-off names, opens the window with its options and ours, and gives back a way to close
 * it from outside, for when the server learns of the payment before the window does. Rejects with CheckoutScriptError.
 */
export async function openRazorpayWindow(
  checkout: { scriptUrl: string; options: Record<string, unknown> },
  listeners: RazorpayListeners,
): Promise<() => void> {
  await loadOnce(checkout.scriptUrl)
  const Razorpay = (globalThis as { Razorpay?: RazorpayConstructor }).Razorpay
  if (Razorpay === undefined) throw new CheckoutScriptError(checkout.scriptUrl)
  const modal = checkout.options['modal']
  const instance = new Razorpay({
    ...checkout.options,
    handler: listeners.onApproved,
    modal: { ...(typeof modal === 'object' ? modal : {}), ondismiss: listeners.onDismissed },
  })
  instance.on('payment.failed', ({ error }) => listeners.onDeclined(error?.description ?? error?.reason ?? ''))
  instance.open()
  return () => instance.close?.()
}

function loadOnce(scriptUrl: string): Promise<void> {
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
