/** Which scene the payment page shows: what the server says comes first, then what goes on in this browser. Pure. */
import type { PaymentStep } from '../../../../../client/payment-machine.ts'
import type { PaymentOutcome } from '../../../../../client/payment-outcome.ts'
import type { Order } from '../../../../../client/shapes.ts'
import { orderState } from '../../../../ui/status-words.ts'
import { hasAny } from '../orders/order-money.ts'

/** What the page shows: one scene at a time. */
export type Scene =
  /** The server has not said anything yet. */
  | 'asking'
  /** The provider's window is being opened, or is open. */
  | 'paying'
  /** The window was left, and the provider is being asked whether a payment is under way. */
  | 'checking'
  | 'confirming'
  | 'confirmed'
  | 'under_review'
  | 'not_gone_back'
  /** A try is under way, and the bank has not answered. */
  | 'undecided'
  /** No money was seen, and the window was closed. */
  | 'left'
  /** No money was seen, and nobody has tried on this page. */
  | 'unpaid'
  | 'declined'
  /** The provider's window could not be opened. */
  | 'unreachable'
  /** An earlier payment goes back, and the order can be paid. */
  | 'again'
  | 'going_back'
  | 'gone_back'
  | 'stays'
  | 'ended'
  /** Nobody is signed in any more who may ask. */
  | 'signed_out'

/** What the server says about captured money comes before everything that goes on in this browser. */
const SERVERS_WORD: ReadonlySet<PaymentOutcome> = new Set([
  'confirmed',
  'under_review',
  'not_gone_back',
  'going_back',
  'gone_back',
  'stays',
])
/** Money of the order is here already, whatever of it: the state says what. */
const IS_HERE: ReadonlySet<string> = new Set(['order_already_paid', 'payment_under_review'])

/**
 * The scene for what the server says and what is going on in this browser.
 *
 * @param isSignedOut the server does not answer this browser any more, because nobody is signed in
 */
export function sceneOf(outcome: PaymentOutcome | undefined, step: PaymentStep, isSignedOut = false): Scene {
  if (isSignedOut) return 'signed_out'
  if (outcome !== undefined && SERVERS_WORD.has(outcome)) return outcome as Scene
  if (step.step === 'stuck' && step.problem.code === 'unauthenticated') return 'signed_out'
  // A claim is under way, or the server could not make sense of it: either way nobody must pay again now.
  if (step.step === 'telling' || (step.step === 'stuck' && step.claimed)) return 'confirming'
  if (outcome === 'ended' || outcome === 'confirming') return outcome
  if (step.step === 'opening' || step.step === 'open') return 'paying'
  if (step.step === 'checking') return 'checking'
  if (outcome === undefined) return 'asking'
  if (step.step === 'stuck' && !IS_HERE.has(step.problem.code)) return 'unreachable'
  if (outcome === 'undecided' || outcome === 'declined' || outcome === 'again') return outcome
  if (step.step === 'left') return step.declined === null ? 'left' : 'declined'
  return 'unpaid'
}

/** Scenes in which the page offers to pay, or could. */
const PAYABLE: ReadonlySet<Scene> = new Set(['unpaid', 'left', 'unreachable', 'declined'])

/**
 * The scene, corrected by what only the order itself says: an unpaid order whose time is over has ended, also in the
 * moments before the server has cleared it away; and of one that was given back before it was sent, the money is the news.
 */
export function shownScene(scene: Scene, order: Order | undefined, now: number): Scene {
  if (order === undefined) return scene
  if (scene === 'confirmed' && orderState(order) === 'given_back') {
    if (hasAny(order.money, 'failedToGoBack')) return 'not_gone_back'
    return hasAny(order.money, 'goingBack') ? 'going_back' : 'gone_back'
  }
  if (!PAYABLE.has(scene) || order.expiresAt === null || order.canPay) return scene
  return new Date(order.expiresAt).getTime() < now ? 'ended' : scene
}
