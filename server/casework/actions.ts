/**
 * What a person can decide about a review item, as things stand now. Pure: a table of kinds, each with what it offers, most
 * fitting first. The list and the page show it, and what it does not offer is refused.
 *
 * The rule above all others: an item that holds money is closed by an outcome of that money and by nothing else.
 */
import type { OrderStatus } from '../../shared/contract/orders.ts'
import type { ReviewAction } from '../../shared/contract/reviews.ts'
import type { DecisionRow } from '../payments/by-hand/decision-queries.ts'
import type { Disposition, RefundRow } from '../payments/money/payment.ts'

/** Everything that an offer depends on. Amounts in minor units of the capture's currency. */
export interface CaseFacts {
  order: { status: OrderStatus; hasExpired: boolean } | null
  /** The customer has an account whose wallet can take money. */
  hasWallet: boolean
  /** The provider of its payment is set up here: it can be asked, and can be told to send money back. */
  providerIsHere: boolean
  /** What the item is about is not less than the provider sends back at once. */
  isSendable: boolean
  /** The capture that it is about. */
  capture: {
    disposition: Disposition
    /** What of it is here and promised to nobody. */
    held: number
    /** What of that no sale stands for. */
    owed: number
    /** It is in the order's currency. */
    isComparable: boolean
    /** Another capture pays the order. */
    isOrderPaid: boolean
  } | null
  /** The refund that it is about. */
  refund: Pick<RefundRow, 'status' | 'approval' | 'requested_by'> | null
  /** The decision that it asks a second person about. */
  decision: Pick<DecisionRow, 'status' | 'requested_by'> | null
  /** A decision about it waits for a second person: nothing else is decided until then. */
  isWaiting: boolean
  /** Another open item asks about the money of the same capture. */
  isAskedElsewhere: boolean
  /** What suspense holds for it: positive when we owe somebody, negative when we have paid for nobody. */
  suspense: number
  /** The payment that belonged to nothing of ours belongs to an order by now. */
  isBound: boolean
  /** Some attempt of its payment is neither captured nor over. */
  isUndecided: boolean
}

type Offer = (facts: CaseFacts, viewerId: string | null) => ReviewAction[]

/** Kinds whose item is what a capture's money waits in. */
const HOLDING = new Set(['amount_differs', 'currency_differs', 'unexpected_capture', 'refund_failed'])

export function holdsMoney(kind: string): boolean {
  return HOLDING.has(kind)
}

const OFFERS: Readonly<Record<string, Offer>> = {
  amount_differs: ofHeldCapture,
  unexpected_capture: ofHeldCapture,
  currency_differs: ofHeldCapture,
  refund_failed: ofFailedRefund,
  refund_undecided: ofWaitingRefund,
  refund_by_hand: ofWaitingRefund,
  refund_approval: ofApproval,
  decision_approval: ofDecision,
  payment_undecided: (facts) => [...asking(facts), 'dismiss'],
  // Nothing of it is ours: whoever wants it captures it on the order's page, else it lapses.
  authorization_differs: (facts) => [...asking(facts), 'dismiss'],
  payment_refused: () => ['dismiss'],
  capture_contradicts: ofContradiction,
  refund_exceeds_captured: ofContradiction,
  refund_differs: ofContradiction,
  reconciliation_differs: ofContradiction,
  reconciliation_refund_differs: ofContradiction,
  payment_unknown_there: ofContradiction,
  refund_unknown_there: ofContradiction,
  unknown_payment: ofUnknownPayment,
  settlement_unexplained: ({ suspense }) => (suspense === 0 ? ['dismiss'] : ['write_off', 'dismiss']),
  settlement_differs: () => ['dismiss'],
  unreadable_record: () => ['dismiss'],
  unknown_status: ofContradiction,
}

/**
 * What can be decided about an item of this kind, most fitting first. Kinds that are not known here can be dismissed once
 * no money depends on them.
 *
 * @param viewerId who would decide: nobody is the second person to a refund that they have asked for; null for nobody yet
 */
export function actionsFor(kind: string, facts: CaseFacts, viewerId: string | null): ReviewAction[] {
  const offer = Object.hasOwn(OFFERS, kind) ? OFFERS[kind] : undefined
  const offered = offer === undefined ? dismissing(kind, facts) : offer(facts, viewerId)
  return facts.isWaiting ? offered.filter((action) => action === 'ask') : offered
}

/**
 * Whether what the provider says by now answers the question, so that nothing is left to decide.
 *
 * @param agrees the provider's present word is that of our books; of a payment of nothing of ours, that it has gone back
 */
export function isAnswered(kind: string, facts: CaseFacts, agrees: boolean): boolean {
  switch (kind) {
    case 'amount_differs':
    case 'currency_differs':
    case 'unexpected_capture':
    case 'refund_failed':
      return (facts.capture?.held ?? 0) === 0
    case 'refund_undecided':
    case 'refund_by_hand':
      return !isWaiting(facts)
    case 'payment_undecided':
    case 'authorization_differs':
      return !facts.isUndecided
    case 'unknown_payment':
      return facts.suspense === 0 && agrees
    default:
      return agrees && dismissing(kind, facts).includes('dismiss')
  }
}

/** A capture that the order could not simply take. */
function ofHeldCapture(facts: CaseFacts): ReviewAction[] {
  const { capture, order } = facts
  if (capture === null || capture.held === 0) return [...asking(facts), ...dismissing('amount_differs', facts)]
  const canConfirm =
    capture.disposition === 'review' &&
    capture.isComparable &&
    !capture.isOrderPaid &&
    (order?.status === 'pending' || (order?.status === 'cancelled' && order.hasExpired))
  return [
    ...(canConfirm ? (['confirm'] as const) : []),
    ...waysBack(facts),
    ...(capture.owed > 0 && order?.status !== 'pending' ? (['write_off'] as const) : []),
    ...asking(facts),
  ]
}

function ofFailedRefund(facts: CaseFacts): ReviewAction[] {
  const { capture, providerIsHere, isSendable } = facts
  if (capture === null || capture.held === 0) return ['dismiss']
  const back = [...waysBack(facts), ...(providerIsHere && isSendable ? (['paid_back_elsewhere'] as const) : [])]
  // A sale stands for all of it: what was to be given back was a kindness, or has been given back otherwise.
  if (capture.owed === 0) return ['dismiss', ...back, ...asking(facts)]
  return [...back, 'write_off', ...asking(facts)]
}

/** The ways in which held money can go back. A person's own transfer is offered first where the provider would not send it. */
function waysBack({ capture, hasWallet, providerIsHere, isSendable }: CaseFacts): ReviewAction[] {
  // Wallet money in a currency that nothing is sold in would be no use.
  const toWallet = hasWallet && capture?.isComparable === true
  return [
    providerIsHere && isSendable ? 'refund' : 'paid_back_elsewhere',
    ...(toWallet ? (['refund_to_wallet'] as const) : []),
  ]
}

/** A refund that nobody has an answer about, or that no provider can make any more. */
function ofWaitingRefund(facts: CaseFacts): ReviewAction[] {
  if (!isWaiting(facts)) return ['dismiss']
  // While the provider may still make it, paying it back in another way would pay it twice.
  return facts.providerIsHere ? ['ask'] : waysBack(facts)
}

function isWaiting({ refund }: CaseFacts): boolean {
  return refund !== null && (refund.status === 'requested' || refund.status === 'processing')
}

function ofApproval({ refund, order }: CaseFacts, viewerId: string | null): ReviewAction[] {
  if (refund === null || refund.approval !== 'pending') return ['dismiss']
  if (viewerId !== null && refund.requested_by === viewerId) return []
  // What was paid for a cancelled order goes back, whoever thinks otherwise.
  return order?.status === 'cancelled' ? ['approve'] : ['approve', 'decline']
}

function ofDecision({ decision }: CaseFacts, viewerId: string | null): ReviewAction[] {
  if (decision === null || decision.status !== 'waiting') return ['dismiss']
  // Whoever asked can take it back, and cannot agree to it.
  return viewerId !== null && decision.requested_by === viewerId ? ['decline'] : ['approve', 'decline']
}

/** Two books, or two things that the provider said, which cannot both be true. */
function ofContradiction(facts: CaseFacts): ReviewAction[] {
  return [...asking(facts), ...dismissing('contradiction', facts)]
}

function ofUnknownPayment(facts: CaseFacts): ReviewAction[] {
  if (facts.isBound) return ['ask']
  const here = facts.providerIsHere
  return [
    ...(here ? (['attach'] as const) : []),
    ...(facts.suspense === 0 ? [] : (['write_off'] as const)),
    ...(here ? (['ask'] as const) : []),
    ...(facts.suspense === 0 ? (['dismiss'] as const) : []),
  ]
}

function asking({ providerIsHere }: CaseFacts): ReviewAction[] {
  return providerIsHere ? ['ask'] : []
}

/** Dismissing, where the money of the capture is settled or waits in another item; else what can be done about it. */
function dismissing(kind: string, facts: CaseFacts): ReviewAction[] {
  const owed = facts.capture?.owed ?? 0
  if (owed === 0 || (facts.isAskedElsewhere && !holdsMoney(kind))) return ['dismiss']
  return [...waysBack(facts), 'write_off']
}
