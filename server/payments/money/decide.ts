/**
 * What each thing that we learn of a payment does. Pure: no I/O, no clock. `decide` answers every state × every fact; it
 * drops nothing.
 */
import type { AttemptStatus, RefundStatus } from '../../../shared/contract/payments.ts'
import { add, subtract } from '../../../shared/money.ts'
import type { OrderRow } from '../../orders/order.ts'
import { nameOf, paymentOf } from './belonging.ts'
import {
  attemptOf,
  refundOf,
  type AttemptFact,
  type AttemptRow,
  type Disposition,
  type Money,
  type PaymentFact,
  type PaymentRow,
  type RefundFact,
  type RefundRow,
  type UnreadFact,
} from './payment.ts'
import { isCovered, isKept, shareOf } from './shares.ts'

/**
 * How far an attempt has come. Facts only move it forward. `failed` is below `authorized` because a bank may say yes
 * after the provider gave up waiting (Razorpay: late authorization, up to three days).
 */
const ATTEMPT_RANK: Readonly<Record<AttemptStatus, number>> = {
  created: 0,
  failed: 1,
  authorized: 2,
  captured: 3,
  refunded: 4,
}
const REFUND_RANK: Readonly<Record<RefundStatus, number>> = { requested: 0, processing: 1, processed: 2, failed: 3 }

/** What of it a decision depends on. */
export interface Known extends Pick<Money, 'attempts' | 'refunds' | 'stockFree'> {
  order: Pick<OrderRow, 'status' | 'cancel_reason' | 'total' | 'wallet_amount'>
  payments: readonly Pick<PaymentRow, 'id' | 'provider' | 'provider_order_id' | 'amount' | 'currency'>[]
}

export type LateReason = 'second_capture' | 'order_cancelled' | 'stock_gone' | 'part_returned'
export type ReviewReason =
  | 'amount_differs'
  | 'currency_differs'
  | 'capture_contradicts'
  | 'unexpected_capture'
  | 'refund_exceeds_captured'
  | 'refund_differs'
  | 'unknown_status'

/**
 * - `moved`: something changed: an attempt's status, and with `confirm` the order.
 * - `repeated`: known already, in the same words.
 * - `stale`: true, but older than what we know.
 * - `late`: captured money for an order that cannot take it; it is recorded and goes back at once.
 * - `review`: recorded; amount or currency differ, or two facts cannot both be true. A person decides, or a policy.
 * - `early`: a refund, or what names an attempt alone, of an attempt that we do not know yet; or a refund that has no room
 *   until one of ours is answered. It is asked about and tried again.
 */
export type Decision =
  | { kind: 'moved'; attempt: AttemptStatus; disposition: Disposition; confirm: 'reserved' | 'free' | false }
  | { kind: 'claimed' }
  | { kind: 'refund_moved'; to: RefundStatus; imported: boolean }
  | { kind: 'repeated' }
  | { kind: 'stale' }
  | { kind: 'late'; reason: LateReason }
  | { kind: 'review'; reason: ReviewReason; record: boolean }
  | { kind: 'early' }

/** What one fact does. It is of one of the payments that are known. */
export function decide(known: Known, fact: PaymentFact): Decision {
  const attempt = attemptOf(known, fact)
  // It names an attempt and nothing else, and we do not know that attempt yet.
  if ('providerPaymentId' in fact.of && paymentOf(known, fact) === undefined) return { kind: 'early' }
  switch (fact.kind) {
    case 'signature':
      if (attempt?.claimed) return { kind: 'repeated' }
      return { kind: 'claimed' }
    case 'attempt':
      return decideAttempt(known, attempt, fact)
    case 'refund':
      return decideRefund(known, attempt, fact)
    case 'unread':
      return attempt !== undefined && attempt.error_code === unreadCode(fact)
        ? { kind: 'repeated' }
        : { kind: 'review', reason: 'unknown_status', record: false }
  }
}

/** What an attempt keeps of a word that nobody could read, so that its repetition is known as one. */
export function unreadCode({ word, providerRefundId }: Pick<UnreadFact, 'word' | 'providerRefundId'>): string {
  return ['unknown_status', word, ...(providerRefundId === null ? [] : [providerRefundId])].join(':')
}

function decideAttempt(known: Known, attempt: AttemptRow | undefined, fact: AttemptFact): Decision {
  if (fact.status === 'captured') return decideCapture(known, attempt, fact)
  if (attempt === undefined) return { kind: 'moved', attempt: fact.status, disposition: 'none', confirm: false }
  // A signature made the row before the provider said anything: the first word of the provider fills it in.
  if (attempt.status === fact.status) return { kind: 'repeated' }
  if (ATTEMPT_RANK[fact.status] < ATTEMPT_RANK[attempt.status]) return { kind: 'stale' }
  // Money that was captured does not become an authorization that was given back.
  if (fact.status === 'refunded' && attempt.captured_amount > 0) return { kind: 'stale' }
  return { kind: 'moved', attempt: fact.status, disposition: 'none', confirm: false }
}

function decideCapture(known: Known, attempt: AttemptRow | undefined, fact: AttemptFact): Decision {
  if (attempt !== undefined && attempt.captured_amount > 0) {
    const same = attempt.captured_amount === fact.amount && attempt.currency === fact.currency
    return same ? { kind: 'repeated' } : { kind: 'review', reason: 'capture_contradicts', record: false }
  }
  if (attempt?.status === 'refunded') return { kind: 'review', reason: 'capture_contradicts', record: false }
  const payment = paymentOf(known, fact)
  if (payment === undefined) throw new Error(`${fact.provider} ${nameOf(fact.of)} is no payment of this order`)
  if (fact.currency !== payment.currency) return { kind: 'review', reason: 'currency_differs', record: true }
  // Before the question whether the order is paid already: which of two captures is heard of first must not matter.
  if (fact.amount !== payment.amount) return { kind: 'review', reason: 'amount_differs', record: true }
  if (isKept(known.attempts, shareOf(fact))) return { kind: 'late', reason: 'second_capture' }
  const paying = { provider: fact.provider, disposition: 'kept' } as const
  const covers = isCovered(known.order, [...known.attempts, paying])
  switch (known.order.status) {
    case 'pending':
      return { kind: 'moved', attempt: 'captured', disposition: 'kept', confirm: covers ? 'reserved' : false }
    case 'cancelled':
      if (known.order.cancel_reason !== 'expired') return { kind: 'late', reason: 'order_cancelled' }
      // What its wallet had paid is its owner's again; taking it a second time was never agreed to.
      if (known.order.wallet_amount > 0) return { kind: 'late', reason: 'part_returned' }
      return known.stockFree
        ? { kind: 'moved', attempt: 'captured', disposition: 'kept', confirm: 'free' }
        : { kind: 'late', reason: 'stock_gone' }
    case 'confirmed':
    case 'shipped':
    case 'delivered':
      // Confirmed without a kept capture: agreed to be paid in cash, and now paid here. A person sorts it out.
      return { kind: 'review', reason: 'unexpected_capture', record: true }
  }
}

function decideRefund(known: Known, attempt: AttemptRow | undefined, fact: RefundFact): Decision {
  // The provider gives back an authorization that nobody captured by a refund of its own: none of our money moved.
  if (attempt?.status === 'refunded' && attempt.captured_amount === 0) return { kind: 'stale' }
  if (attempt === undefined || attempt.captured_amount === 0) return { kind: 'early' }
  const refund = refundOf(known, fact)
  if (refund === undefined) {
    // One that failed takes nothing back, but is kept: the news that it had succeeded may still be on its way.
    if (fact.status === 'failed') return { kind: 'refund_moved', to: 'failed', imported: true }
    const own = known.refunds.filter((row) => row.attempt_id === attempt.id)
    // What waits for a second person gives way to what was sent already.
    const waiting = add(...own.filter((row) => row.approval === 'pending').map((row) => row.amount))
    const taken = add(subtract(attempt.refunding_amount, waiting), attempt.written_off_amount, fact.amount)
    if (fact.currency === attempt.currency && taken <= attempt.captured_amount) {
      return { kind: 'refund_moved', to: fact.status, imported: true }
    }
    // A refund of ours that is on its way will be refused for the money that is gone; then this one has room.
    if (fact.currency === attempt.currency && own.some(isOnItsWay)) return { kind: 'early' }
    return { kind: 'review', reason: 'refund_exceeds_captured', record: false }
  }
  if (refund.amount !== fact.amount || refund.currency !== fact.currency) {
    return { kind: 'review', reason: 'refund_differs', record: false }
  }
  if (refund.status === fact.status) return { kind: 'repeated' }
  if (REFUND_RANK[fact.status] < REFUND_RANK[refund.status]) return { kind: 'stale' }
  return { kind: 'refund_moved', to: fact.status, imported: false }
}

/** A refund that the provider was or will be asked for, and has not given a name. */
function isOnItsWay(refund: RefundRow): boolean {
  return (
    refund.destination === 'source' &&
    refund.provider_refund_id === null &&
    refund.approval !== 'pending' &&
    (refund.status === 'requested' || refund.status === 'processing')
  )
}
