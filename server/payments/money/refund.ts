/** Refunds: how one is decided before anybody is asked. How they end is in refund-ends.ts. Pure. */
import { add, smaller, subtract, toDecimal } from '../../../shared/money.ts'
import * as ledger from '../../ledger/movement.ts'
import { allLeft, spreadOver, type LineReturn } from '../../orders/lines.ts'
import { isConfirmed, type OrderRow } from '../../orders/order.ts'
import type { NewEvent } from '../../timeline/event.ts'
import type { Draft } from './draft.ts'
import { heldOf, type AttemptRow, type RefundRow } from './payment.ts'
import { causeOf } from './refund-words.ts'
import { keptOf } from './shares.ts'

/** What somebody, or a rule, wants to give back of a captured attempt. */
export interface RefundWish {
  /** Chosen beforehand where a repeated request must find it. It is also the key that makes asking again harmless. */
  id?: string
  /** What it was decided together with; itself when left out. */
  decisionId?: string
  /** Minor units of the attempt's currency, not above what is held of it. */
  amount: number
  reason: string
  /** For the customer; read from the reason when left out. */
  cause?: RefundRow['cause']
  message?: string
  destination?: RefundRow['destination']
  /** A second person must agree before anything is sent. */
  needsApproval?: boolean
  /** The second person, who has agreed to it. */
  agreedBy?: string | undefined
  /** What of it each line gives back; in proportion to what is left of all lines when left out. */
  lines?: readonly LineReturn[]
  restock?: RefundRow['restock']
  by?: Pick<NewEvent, 'actor' | 'actorId' | 'source'>
}

type Standing = Pick<OrderRow, 'status' | 'currency' | 'total'>

/**
 * What of the money that an order was paid with is held although no sale stands for it: it is owed to the customer. Nothing
 * while the order waits: what pays a share of it waits with it.
 *
 * @param earned what is left of the sales of the order, in minor units of its currency
 * @param attempts all of the order
 */
export function owedBy(order: Standing, earned: number, attempts: readonly AttemptRow[]): number {
  const paying = keptOf(attempts).filter((row) => row.currency === order.currency)
  const held = add(...paying.map(heldOf))
  if (order.status === 'pending' || paying.length === 0) return 0
  if (!isConfirmed(order.status)) return held
  // What an accepted capture was short of is written off: the sale stands for it, and no money does.
  const short = Math.max(0, subtract(order.total, add(...paying.map((row) => row.captured_amount))))
  return Math.max(0, subtract(add(held, short), earned))
}

/** What is owed of one capture: what the order owes, as far as it is held of it; all of one that paid for nothing. */
export function owedOf(order: Standing, earned: number, attempts: readonly AttemptRow[], attempt: AttemptRow): number {
  if (attempt.disposition !== 'kept' || attempt.currency !== order.currency) return heldOf(attempt)
  return smaller(heldOf(attempt), owedBy(order, earned, attempts))
}

/**
 * What a decision about held money is about: all that is held of the capture, or what a refund that failed has left owed.
 * When nothing is owed any more, because a sale stands for all that is held, it is the refund once more.
 */
export function stakeOf(
  order: Standing,
  earned: number,
  attempts: readonly AttemptRow[],
  attempt: AttemptRow,
  refund: Pick<RefundRow, 'amount'> | undefined,
): number {
  const owed = owedOf(order, earned, attempts, attempt)
  return refund === undefined ? heldOf(attempt) : smaller(refund.amount, owed > 0 ? owed : heldOf(attempt))
}

/**
 * Decides a refund. Money that paid for goods is first taken back from who earned it; what goes to the source is sent by
 * a worker after the commit, what goes to a wallet is there at once.
 */
export function decideRefund(draft: Draft, attempt: AttemptRow, wish: RefundWish): RefundRow {
  const id = wish.id ?? draft.make.uuid()
  const { provider, currency } = attempt
  const lines = paysStandingOrder(draft.order, attempt) ? takenBack(draft, wish) : []
  const refund: RefundRow = {
    id,
    order_id: attempt.order_id,
    payment_id: attempt.payment_id,
    attempt_id: attempt.id,
    decision_id: wish.decisionId ?? id,
    provider,
    provider_refund_id: null,
    amount: wish.amount,
    currency,
    status: 'requested',
    reason: wish.reason,
    cause: wish.cause ?? causeOf(wish.reason),
    message: wish.message ?? null,
    destination: wish.destination ?? 'source',
    approval: wish.needsApproval === true ? 'pending' : wish.agreedBy === undefined ? 'none' : 'approved',
    lines,
    restock: wish.restock ?? [],
    idempotency_key: id,
    requested_by: wish.by?.actor === 'admin' ? (wish.by.actorId ?? null) : null,
    approved_by: wish.agreedBy ?? null,
    error_description: null,
    provider_created_at: null,
    next_look_at: wish.needsApproval === true ? null : draft.make.now,
    looks: 0,
    created_at: draft.make.now,
    processed_at: null,
  }
  draft.returnLines(lines, id)
  // What waited for a person's word waits no longer: it goes back, unless a second person must agree to that first.
  const goes = attempt.disposition === 'review' && refund.approval !== 'pending'
  const disposition = goes ? 'surplus' : attempt.disposition
  draft.setAttempt({ ...attempt, disposition, refunding_amount: add(attempt.refunding_amount, wish.amount) })
  draft.setRefund(refund)
  draft.book(currency, ledger.refundOwed(provider, currency, id, wish.amount))
  return refund
}

/**
 * What giving back an amount of the money that pays an order takes back: of the lines that it is for; else of all in
 * proportion to what is left of them, after what the order holds beyond what was earned with it.
 */
export function takenBack(draft: Draft, { amount, lines }: Pick<RefundWish, 'amount' | 'lines'>): LineReturn[] {
  const attempts = draft.allAttempts()
  // Where nothing is kept, nothing was sold: also where what was captured, or is left of it, is less than the order costs,
  // and where units are left that no money is left for.
  if (amount === add(0, ...keptOf(attempts).map(heldOf))) return allLeft(draft.allLines())
  if (lines !== undefined) return [...lines]
  const earned = draft.earned()
  const owed = owedBy(draft.order, earned, attempts)
  const needed = smaller(earned, Math.max(0, subtract(amount, owed)))
  return needed === 0 ? [] : spreadOver(draft.allLines(), needed)
}

/** Whether it is this attempt's money that an order which stands was paid with. */
export function paysStandingOrder(order: Pick<OrderRow, 'status' | 'currency'>, attempt: AttemptRow): boolean {
  return attempt.disposition === 'kept' && isConfirmed(order.status) && attempt.currency === order.currency
}

/** Decides a refund that was asked for here, and says so in the timeline. */
export function requestRefund(draft: Draft, attempt: AttemptRow, wish: RefundWish): RefundRow {
  const refund = decideRefund(draft, attempt, wish)
  draft.addEvent({
    type: 'refund.requested',
    subject: 'refund',
    subjectId: refund.id,
    to: 'requested',
    ...wish.by,
    data: {
      amount: refund.amount,
      currency: refund.currency,
      reason: refund.reason,
      ...(refund.destination === 'wallet' ? { destination: 'wallet' } : {}),
      ...(refund.approval === 'pending' ? { approval: 'pending' } : {}),
    },
  })
  return refund
}

/** Decides to send back all that is held of an attempt. A worker asks the provider after the commit. */
export function sendBack(
  draft: Draft,
  attempt: AttemptRow,
  reason: string,
  by?: RefundWish['by'],
  agreedBy?: string,
): void {
  requestRefund(draft, attempt, { amount: heldOf(attempt), reason, agreedBy, ...(by === undefined ? {} : { by }) })
}

/** The question that a refund leaves which will not arrive. */
export function askAboutRefund(
  draft: Draft,
  refund: RefundRow,
  kind: 'refund_failed' | 'refund_undecided' | 'refund_approval' | 'refund_by_hand',
  evidence: Record<string, unknown> = {},
): void {
  const amount = `${refund.currency} ${toDecimal(refund.amount, refund.currency)}`
  const summaries = {
    refund_failed: `A refund of ${amount} did not go through; the money is still owed.`,
    refund_undecided: `A refund of ${amount} was asked for, and the provider does not say what became of it.`,
    refund_approval: `A refund of ${amount} waits for a second person to agree.`,
    refund_by_hand: `${amount} is to be paid back by hand: ${refund.provider} cannot do it for us.`,
  }
  draft.reviewItems.push({
    id: draft.make.uuid(),
    orderId: refund.order_id,
    paymentId: refund.payment_id,
    attemptId: refund.attempt_id,
    refundId: refund.id,
    kind,
    summary: summaries[kind],
    amount: refund.amount,
    currency: refund.currency,
    provider: refund.provider,
    providerRef: refund.provider_refund_id,
    evidence: { refundId: refund.id, reason: refund.reason, ...evidence },
    cause: `${kind}:${refund.id}`,
    createdAt: draft.make.now,
  })
}
