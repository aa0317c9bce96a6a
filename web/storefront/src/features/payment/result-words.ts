/** What the payment page says, for each thing that can have become of a payment. Pure; amounts are left to the page. */
import type { PaymentStep } from '../../../../../client/payment-machine.ts'
import type { PaymentOutcome } from '../../../../../client/payment-outcome.ts'
import { countInWords, sentence } from '../../../../ui/format.ts'

/** What the page shows: one scene at a time. */
export type Scene =
  /** The server has not said anything yet. */
  | 'asking'
  /** The provider's window is being opened, or is open. */
  | 'paying'
  | 'confirming'
  | 'confirmed'
  /** No money was seen, and the window was closed; a bank may still say yes. */
  | 'left'
  /** No money was seen, and nobody has tried on this page. */
  | 'unpaid'
  | 'declined'
  /** The provider's window could not be opened. */
  | 'unreachable'
  | 'going_back'
  | 'gone_back'
  | 'ended'

/** The scene for what the server says and what is going on in this browser. The server's word comes first. */
export function sceneOf(outcome: PaymentOutcome | undefined, step: PaymentStep): Scene {
  if (outcome === 'confirmed' || outcome === 'going_back' || outcome === 'gone_back') return outcome
  // A claim is under way, or the server could not make sense of it: either way nobody must pay again now.
  if (step.step === 'telling' || (step.step === 'stuck' && step.claimed)) return 'confirming'
  if (outcome === 'ended' || outcome === 'confirming') return outcome
  if (step.step === 'opening' || step.step === 'open') return 'paying'
  if (outcome === undefined) return 'asking'
  if (step.step === 'stuck' && step.problem.code !== 'order_already_paid') return 'unreachable'
  if (outcome === 'declined') return 'declined'
  if (step.step === 'left') return step.declined === null ? 'left' : 'declined'
  return 'unpaid'
}

/** The heading of a scene. */
export function sceneTitle(scene: Scene, shops: number, isCod = false): string {
  switch (scene) {
    case 'asking':
      return 'Looking up your order'
    case 'paying':
      return 'Pay in the window'
    case 'confirming':
      return 'We are confirming your payment'
    case 'confirmed': {
      const packing =
        shops === 1 ? 'One shop is packing your box.' : `${sentence(countInWords(shops, 'shop'))} are packing your box.`
      return `${isCod ? 'Ordered.' : 'Paid.'} ${shops === 0 ? 'Your order stands.' : packing}`
    }
    case 'left':
      return 'You left the payment window'
    case 'unpaid':
      return 'This order waits for your payment'
    case 'declined':
      return 'The payment was declined'
    case 'unreachable':
      return 'The payment window did not open'
    case 'going_back':
      return 'Your payment came after the order had ended'
    case 'gone_back':
      return 'Your money has gone back'
    case 'ended':
      return 'This order has ended'
  }
}

/** The title of the browser's tab, so that it can be read from another tab. */
export function tabTitle(scene: Scene, number: string | undefined): string {
  const short: Record<Scene, string> = {
    asking: 'Your order',
    paying: 'Paying',
    confirming: 'Confirming your payment',
    confirmed: 'Paid',
    left: 'No payment seen yet',
    unpaid: 'No payment seen yet',
    declined: 'Declined',
    unreachable: 'Not paid yet',
    going_back: 'Money going back',
    gone_back: 'Money went back',
    ended: 'Order ended',
  }
  return number === undefined ? short[scene] : `${short[scene]}, ${number}`
}

/** "Asked once so far", "Asked twice so far", "Asked 5 times so far". */
export function askedSoFar(asked: number): string {
  if (asked <= 0) return 'Asking now'
  if (asked === 1) return 'Asked once so far'
  return asked === 2 ? 'Asked twice so far' : `Asked ${asked} times so far`
}
