/** Opening Razorpay's checkout window in the page: the script once, the window as often as the shopper tries. */
import { CheckoutScriptError, loadScript, type WindowListeners } from './checkout-script.ts'

type RazorpayResult = { razorpay_payment_id: string; razorpay_order_id: string; razorpay_signature: string }

type RazorpayInstance = {
  open(): void
  close?(): void
  on(event: 'payment.failed', listener: (failure: { error?: { description?: string; reason?: string } }) => void): void
}
type RazorpayConstructor = new (options: Record<string, unknown>) => RazorpayInstance

/**
 * Loads the script that the hand-off names, opens the window with its options and ours, and gives back a way to close
 * it from outside, for when the server learns of the payment before the window does. Rejects with CheckoutScriptError.
 */
export async function openRazorpayWindow(
  checkout: { scriptUrl: string; options: Record<string, unknown> },
  listeners: WindowListeners,
): Promise<() => void> {
  await loadScript(checkout.scriptUrl)
  const Razorpay = (globalThis as { Razorpay?: RazorpayConstructor }).Razorpay
  if (Razorpay === undefined) throw new CheckoutScriptError(checkout.scriptUrl)
  const modal = checkout.options['modal']
  const instance = new Razorpay({
    ...checkout.options,
    handler: (result: RazorpayResult) =>
      listeners.onApproved({
        razorpayPaymentId: result.razorpay_payment_id,
        razorpayOrderId: result.razorpay_order_id,
        razorpaySignature: result.razorpay_signature,
      }),
    modal: { ...(typeof modal === 'object' ? modal : {}), ondismiss: listeners.onDismissed },
  })
  instance.on('payment.failed', ({ error }) => listeners.onDeclined(error?.description ?? error?.reason ?? ''))
  instance.open()
  return () => instance.close?.()
}
