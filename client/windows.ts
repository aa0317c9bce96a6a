/** How each kind of checkout is opened in the browser: one entry per kind that the server may hand off. */
import type { WindowListeners } from './checkout-script.ts'
import { openRazorpayWindow } from './razorpay-window.ts'
import type { HandOff } from './shapes.ts'

type Checkout = HandOff['checkout']

type Opening<Kind extends Checkout['kind']> = (
  checkout: Extract<Checkout, { kind: Kind }>,
  listeners: WindowListeners,
) => Promise<(() => void) | null>

const WINDOWS: { [Kind in Checkout['kind']]: Opening<Kind> } = {
  razorpay: openRazorpayWindow,
  // The page is left; the provider sends the shopper back to one that asks what became of it.
  redirect: async ({ url }) => {
    window.location.assign(url)
    return null
  },
}

/**
 * Opens the provider's window, or goes to the provider's page.
 *
 * @returns a way to close the window from outside, for when the server learns of the payment before the window does; null
 *   where this page is left. Rejects with CheckoutScriptError when the window gets no further than its script
 */
export function openWindow(checkout: Checkout, listeners: WindowListeners): Promise<(() => void) | null> {
  // Each entry takes its own kind; that they belong together is what the table's type says.
  const open = WINDOWS[checkout.kind] as Opening<Checkout['kind']>
  return open(checkout, listeners)
}
