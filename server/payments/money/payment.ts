/**
 * What a payment is, what we can learn of it, and what its attempts make of it. Pure: no I/O, no clock.
 *
 * A payment's status is folded from its attempts, never stepped, so that the same facts give the same status in whatever
 * order and however often they come. What each thing that we learn does is in decide.ts.
 */
import type { OrderPaymentStatus } from '../../../shared/contract/orders.ts'
import {
  OPEN_PAYMENT_STATUSES,
  type AttemptStatus,
  type PaymentStatus,
  type RefundCause,
  type RefundStatus,
} from '../../../shared/contract/payments.ts'
import { add, subtract } from '../../../shared/money.ts'
import type { LineReturn, SaleLine } from '../../orders/lines.ts'
import { isConfirmed, type OrderRow } from '../../orders/order.ts'
import type { FactOf } from './belonging.ts'

export type FactSource = 'verify' | 'webhook' | 'poll' | 'reconciliation' | 'admin' | 'worker'

interface FactOrigin {
  provider: string
  /** What binds it to a payment of ours. */
  of: FactOf
  source: FactSource
  /** The provider's reference for this piece of knowledge: an event id, a request id. */
  reference?: string | null
}

/** The shopper's browser brought a valid signature: a promise that this attempt was made. */
export interface SignatureFact extends FactOrigin {
  kind: 'signature'
  providerPaymentId: string
}

/** What the provider says of one attempt. */
export interface AttemptFact extends FactOrigin {
  kind: 'attempt'
  providerPaymentId: string
  /** `refunded` here means: an authorization was given back and never captured. Refunds of captures are RefundFacts. */
  status: AttemptStatus
  amount: number
  currency: string
  method: string | null
  /** For people: a UPI handle, the last four digits of a card, a bank. */
  methodDetail: string | null
  fee: number | null
  tax: number | null
  errorCode: string | null
  errorDescription: string | null
  /** What of a capture the provider has sent back, as it counts; null when it does not say. */
  refundedAmount: number | null
  /** When the attempt began, by the provider's clock: only for comparing books, never for deciding what came first. */
  providerCreatedAt: Date | null
}

/** What the provider says of one refund. */
export interface RefundFact extends FactOrigin {
  kind: 'refund'
  providerPaymentId: string
  providerRefundId: string
  /** Our refund's id, where we had sent it along; null for refunds made elsewhere, such as the provider's dashboard. */
  ourRefundId: string | null
  status: 'processing' | 'processed' | 'failed'
  amount: number
  currency: string
  /** When the refund began, by the provider's clock. */
  providerCreatedAt: Date | null
}

/**
 * The provider said something of a payment, or of a refund of it, in a word that we do not know. It changes nothing; a
 * person must hear of it, because it may mean money.
 */
export interface UnreadFact extends FactOrigin {
  kind: 'unread'
  providerPaymentId: string
  /** Set when it was said of a refund. */
  providerRefundId: string | null
  /** The provider's word, as it came. */
  word: string
  method: string | null
}

export type PaymentFact = SignatureFact | AttemptFact | RefundFact | UnreadFact

/**
 * - `none`: nothing was captured.
 * - `kept`: this capture pays the order.
 * - `surplus`: captured for an order that could not take it; goes back.
 * - `review`: captured, and it differs from what was asked; waits for a person.
 */
export type Disposition = 'none' | 'kept' | 'surplus' | 'review'

/** A row of `payments`. */
export interface PaymentRow {
  id: string
  order_id: string
  provider: string
  provider_order_id: string | null
  /** What the provider's answer told of the shopper's way to pay; its adapter alone reads it. */
  checkout: Record<string, unknown> | null
  /** When the provider closes it by itself, where it does. */
  open_until: Date | null
  /** Since when it is to be closed, because another way to pay was chosen: nobody is sent to pay it any more. */
  close_requested_at: Date | null
  status: PaymentStatus
  amount: number
  currency: string
  method: string | null
  captured_amount: number
  refunded_amount: number
  next_look_at: Date | null
  looks: number
  look_plan: 'open' | 'unknown'
  created_at: Date
}

/** A row of `payment_attempts`. */
export interface AttemptRow {
  id: string
  payment_id: string
  order_id: string
  provider: string
  provider_payment_id: string
  status: AttemptStatus
  /** The shopper brought a valid signature for it. */
  claimed: boolean
  disposition: Disposition
  amount: number
  currency: string
  captured_amount: number
  refunding_amount: number
  refunded_amount: number
  /** What a person has decided to keep, because nobody could be found to give it back to. */
  written_off_amount: number
  method: string | null
  method_detail: string | null
  fee: number | null
  tax: number | null
  error_code: string | null
  error_description: string | null
  provider_created_at: Date | null
  created_at: Date
}

/** A row of `refunds`. */
export interface RefundRow {
  id: string
  order_id: string
  payment_id: string
  attempt_id: string
  /** Of rows that were decided together, one for each capture that they are taken from, the first one's id. */
  decision_id: string
  provider: string
  provider_refund_id: string | null
  amount: number
  currency: string
  status: RefundStatus
  /** Why, for staff: a rule's own word, or what a person wrote for colleagues. */
  reason: string
  /** Why, for the customer; null for refunds from before there was one. */
  cause: RefundCause | null
  /** What a person wrote for the customer. */
  message: string | null
  destination: 'source' | 'wallet' | 'elsewhere'
  /** Whether a second person must agree, and has. Only what needs nobody, or is approved, is sent. */
  approval: 'none' | 'pending' | 'approved' | 'declined'
  /** What it takes back of which line: units, and of its price; nothing for money that never paid for anything. */
  lines: LineReturn[]
  /** Units that go back into stock with it. */
  restock: { itemId: string; quantity: number }[]
  idempotency_key: string
  requested_by: string | null
  approved_by: string | null
  error_description: string | null
  provider_created_at: Date | null
  next_look_at: Date | null
  looks: number
  created_at: Date
  processed_at: Date | null
}

/**
 * - `creating`: written down; the provider has not yet told us its order's id. Left by the answer of that call.
 * - `created`: open at the provider; the shopper can pay.
 * - `verified`: the shopper brought a signature; we ask the provider until it is sure.
 * - `authorized`: the bank holds the money for us; a worker captures it.
 * - `paid`, `partially_refunded`, `refunded`: by captures and processed refunds.
 * - `failed`: the last try failed; the shopper can try again, and the bank may still say yes.
 * - `abandoned`: closed unpaid, after the provider's window. A capture that comes all the same is taken seriously.
 */
export const PAYMENT_TRANSITIONS = {
  creating: ['created', 'abandoned'],
  created: ['verified', 'authorized', 'paid', 'failed', 'abandoned', 'refunded', 'partially_refunded'],
  verified: ['authorized', 'paid', 'failed', 'abandoned', 'refunded', 'partially_refunded'],
  authorized: ['paid', 'failed', 'abandoned', 'refunded', 'partially_refunded'],
  failed: ['verified', 'authorized', 'paid', 'abandoned', 'refunded', 'partially_refunded'],
  paid: ['partially_refunded', 'refunded'],
  // A refund that fails after it had succeeded gives the money back to us.
  partially_refunded: ['refunded', 'paid'],
  refunded: ['partially_refunded', 'paid'],
  abandoned: ['verified', 'authorized', 'paid', 'failed', 'refunded', 'partially_refunded'],
} as const satisfies Record<PaymentStatus, readonly PaymentStatus[]>

export function isOpen(status: PaymentStatus): boolean {
  return OPEN_PAYMENT_STATUSES.has(status)
}

/** The money of one order: everything that a decision about it may depend on, as it is under the order's lock. */
export interface Money {
  order: OrderRow
  payments: readonly PaymentRow[]
  attempts: readonly AttemptRow[]
  refunds: readonly RefundRow[]
  /** What confirming the order sells, delivery included, and what of it was given back. */
  lines: readonly SaleLine[]
  /** For an expired order: whether all of its units could be taken now. Asked for where a capture may come. */
  stockFree: boolean
}

/** The attempt that a fact is of, when we know it. */
export function attemptOf(
  { attempts }: Pick<Money, 'attempts'>,
  fact: Pick<PaymentFact, 'provider' | 'providerPaymentId'>,
): AttemptRow | undefined {
  return attempts.find((row) => row.provider === fact.provider && row.provider_payment_id === fact.providerPaymentId)
}

/** The refund that a fact is of, when we know it. */
export function refundOf({ refunds }: Pick<Money, 'refunds'>, fact: RefundFact): RefundRow | undefined {
  return refunds.find(
    (row) =>
      row.provider === fact.provider &&
      (row.provider_refund_id === fact.providerRefundId || row.id === fact.ourRefundId),
  )
}

/**
 * A payment's status from its attempts. Captures that wait for a person do not make it paid; a surplus capture counts
 * only when there is no kept one, so that a second capture going back does not make a paid payment look refunded.
 *
 * @param base the status it has by itself: `creating`, `created` or `abandoned`
 */
export function foldPaymentStatus(
  base: 'creating' | 'created' | 'abandoned',
  attempts: readonly AttemptRow[],
): PaymentStatus {
  const kept = attempts.filter((row) => row.disposition === 'kept')
  const counted = kept.length > 0 ? kept : attempts.filter((row) => row.disposition === 'surplus')
  if (counted.length > 0) return paidStatus(counted)
  if (attempts.some((row) => row.status === 'authorized')) return 'authorized'
  if (attempts.some((row) => row.claimed && row.status === 'created')) return 'verified'
  if (attempts.some((row) => row.status === 'failed' || row.status === 'refunded')) return 'failed'
  return base
}

/** What of an attempt's money is still here and promised to nobody. */
export function heldOf(attempt: AttemptRow): number {
  return subtract(attempt.captured_amount, add(attempt.refunding_amount, attempt.written_off_amount))
}

/** What the payments of an order ask for. */
export type Asked = Pick<PaymentRow, 'amount' | 'currency'>

/**
 * Whether money of an attempt waits for a person's word: it is here, has bought nothing, and is not on its way back; or
 * the bank holds it for us, and it is not what was asked for, so that nobody captures it by rule. Nobody must be asked to
 * pay an order meanwhile. Money that is kept is never such.
 */
export function waitsForPerson(attempt: AttemptRow, asked: Asked): boolean {
  switch (attempt.disposition) {
    case 'review':
      // Also while a second person has not agreed to a refund of it: nothing has gone back yet.
      return attempt.captured_amount > attempt.written_off_amount
    case 'surplus':
      // Its refund failed, or somebody sent back a part of it at the provider.
      return heldOf(attempt) > 0
    case 'none':
      return attempt.status === 'authorized' && differs(attempt, asked)
    case 'kept':
      return false
  }
}

/** Whether an attempt is of another amount or currency than was asked for. */
export function differs(attempt: Pick<AttemptRow, 'amount' | 'currency'>, asked: Asked): boolean {
  return attempt.amount !== asked.amount || attempt.currency !== asked.currency
}

/** What the payment of an attempt asks for. */
export function askedBy({ payments }: Pick<Money, 'payments'>, attempt: Pick<AttemptRow, 'payment_id'>): Asked {
  const payment = payments.find((row) => row.id === attempt.payment_id)
  if (payment === undefined) throw new Error(`payment ${attempt.payment_id} was not read with its attempts`)
  return payment
}

/**
 * An order's payment status from its own status, and from all its payments and attempts. While an order waits, a capture
 * that pays one of its shares waits with it, and makes nothing of it paid.
 *
 * @param status as it becomes
 */
export function foldOrderPaymentStatus(
  status: OrderRow['status'],
  { payments, attempts }: Pick<Money, 'payments' | 'attempts'>,
): OrderPaymentStatus {
  const confirmed = isConfirmed(status)
  const waits = (row: AttemptRow) => waitsForPerson(row, askedBy({ payments }, row))
  if (!confirmed && attempts.some(waits)) return 'under_review'
  const counted = attempts.filter(({ disposition }) => {
    if (confirmed) return disposition === 'kept'
    // A capture in review that does not wait was kept for good by a person's word: it is here.
    return disposition !== 'none' && (disposition !== 'kept' || status !== 'pending')
  })
  if (counted.length > 0) return paidStatus(counted)
  if (confirmed) return 'pending'
  if (attempts.some((row) => row.status === 'authorized' || (row.claimed && row.status === 'created')))
    return 'verified'
  if (attempts.some((row) => row.status === 'failed' || row.status === 'refunded')) return 'failed'
  return 'pending'
}

/**
 * An order's payment status once we ask about one of its payments no more: what was undecided of it counts as failed,
 * until the provider says something else after all.
 */
export function foldGivenUp(
  status: OrderRow['status'],
  { payments, attempts }: Pick<Money, 'payments' | 'attempts'>,
  paymentId: string,
): OrderPaymentStatus {
  const ended = attempts.map((row) =>
    row.payment_id === paymentId && (row.status === 'created' || row.status === 'authorized')
      ? { ...row, status: 'failed' as const }
      : row,
  )
  return foldOrderPaymentStatus(status, { payments, attempts: ended })
}

/** Each attempt by itself, because two captures may be in two currencies. */
function paidStatus(attempts: readonly AttemptRow[]): 'paid' | 'partially_refunded' | 'refunded' {
  if (attempts.every((row) => row.refunded_amount === 0)) return 'paid'
  return attempts.every((row) => row.refunded_amount === row.captured_amount) ? 'refunded' : 'partially_refunded'
}
