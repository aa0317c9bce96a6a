/**
 * From what is known and what was learned to the rows that must change. Pure: `settle` reads, calls this, and writes.
 *
 * Facts are taken one after the other, each against the state that the one before left, so several facts of one payment
 * (a signature and the provider's own word, a capture and its refund) settle in one transaction.
 */
import { subtract } from '../../../shared/money.ts'
import * as ledger from '../../ledger/movement.ts'
import { sold } from '../../ledger/sale.ts'
import { soldLine } from '../../orders/lines.ts'
import { partEvents, partsConfirmed } from '../../orders/parts.ts'
import { attemptEvent, filledIn, learned, newAttempt } from './attempt.ts'
import { Draft, type Maker, type Outcome, type Policy } from './draft.ts'
import { mayBeGivenUp } from './looks.ts'
import { decide, unreadCode, type Decision, type ReviewReason } from './decide.ts'
import {
  differs,
  type AttemptFact,
  type AttemptRow,
  type Money,
  type PaymentFact,
  type RefundFact,
  type UnreadFact,
} from './payment.ts'
import { moveRefund, nameRefund } from './refund-news.ts'
import { requestRefund, sendBack } from './refund.ts'
import { authorizationCause, factReview, unreadAlert } from './review.ts'
import { amountOf, isCovered, isKept, shareOf } from './shares.ts'

export function applyFacts(money: Money, facts: readonly PaymentFact[], policy: Policy, make: Maker): Outcome {
  const draft = new Draft(money, policy, make)
  for (const fact of facts) apply(draft, fact)
  return draft.finish()
}

function apply(draft: Draft, fact: PaymentFact): void {
  const decision = decide(draft.known(), fact)
  draft.decisions.push(decision)
  switch (decision.kind) {
    case 'claimed':
      return claim(draft, fact)
    case 'moved':
      return moveAttempt(draft, fact as AttemptFact, decision)
    case 'late': {
      // Captured money that this order cannot take is recorded, and goes back.
      const attempt = recordCapture(draft, fact as AttemptFact, 'surplus')
      draft.lateForExpired ||= decision.reason === 'stock_gone' || decision.reason === 'part_returned'
      return sendBack(draft, attempt, decision.reason)
    }
    case 'review':
      return review(draft, fact, decision.reason, decision.record)
    case 'refund_moved':
      return moveRefund(draft, fact as RefundFact, draft.refundOf(fact as RefundFact), decision.to)
    case 'repeated':
      return fillIn(draft, fact)
    case 'stale':
    case 'early':
      return
  }
}

function claim(draft: Draft, fact: PaymentFact): void {
  const attempt = draft.attemptOf(fact) ?? newAttempt(fact, draft.paymentOf(fact), draft.make)
  draft.setAttempt({ ...attempt, claimed: true })
  draft.addEvent({
    type: 'payment.signature_verified',
    subject: 'attempt',
    subjectId: attempt.id,
    actor: 'shopper',
    source: fact.source,
    data: { providerPaymentId: fact.providerPaymentId },
  })
}

function moveAttempt(draft: Draft, fact: AttemptFact, decision: Extract<Decision, { kind: 'moved' }>): void {
  if (decision.disposition === 'kept') {
    recordCapture(draft, fact, 'kept')
  } else {
    const before = draft.attemptOf(fact)
    const attempt = {
      ...(before ?? newAttempt(fact, draft.paymentOf(fact), draft.make)),
      ...learned(fact),
      status: decision.attempt,
    }
    draft.setAttempt(attempt)
    draft.events.push(attemptEvent(fact, before?.status ?? null, attempt))
    if (before !== undefined) closeAuthorization(draft, before, `the payment is ${attempt.status}`)
  }
  if (decision.confirm !== false) confirmOrder(draft, decision.confirm, { source: fact.source })
}

function recordCapture(draft: Draft, fact: AttemptFact, disposition: 'kept' | 'surplus' | 'review'): AttemptRow {
  const before = draft.attemptOf(fact)
  const attempt: AttemptRow = {
    ...(before ?? newAttempt(fact, draft.paymentOf(fact), draft.make)),
    ...learned(fact),
    status: 'captured',
    disposition,
    captured_amount: fact.amount,
  }
  draft.setAttempt(attempt)
  if (before !== undefined) closeAuthorization(draft, before, 'the payment is captured')
  bookCapture(draft, attempt)
  draft.events.push(attemptEvent(fact, before?.status ?? null, attempt))
  // Only a payment that was given up can have left that question, and it may have moved again since.
  const payment = draft.paymentOf(attempt)
  if (
    payment.status === 'abandoned' ||
    mayBeGivenUp(payment.created_at, draft.make.now, draft.policy.lateMoneyMs(payment.provider))
  ) {
    draft.closed.push({ cause: `payment_undecided:${attempt.payment_id}`, resolution: 'the money arrived' })
  }
  return attempt
}

/** Books where captured money is now, and takes from a wallet what it pays with. */
function bookCapture(draft: Draft, { id, provider, currency, captured_amount: amount }: AttemptRow): void {
  if (shareOf({ provider }) === 'rest') return draft.book(currency, ledger.captured(provider, currency, id, amount))
  const { user_id: userId } = draft.order
  if (userId === null) throw new Error(`order ${draft.order.id} is paid by a wallet and is nobody's`)
  draft.book(currency, ledger.capturedFromWallet(userId, currency, id, amount))
  draft.walletChanges.push({ userId, currency, amount: -amount })
}

/** The question about an authorization that differs is answered by whatever becomes of it. */
function closeAuthorization(draft: Draft, before: AttemptRow, resolution: string): void {
  if (before.status !== 'authorized' || !differs(before, draft.paymentOf(before))) return
  draft.closed.push({ cause: authorizationCause(before), resolution })
}

/** Confirms the order of a draft and sells what it holds. */
export function confirmOrder(
  draft: Draft,
  from: 'reserved' | 'free',
  by: { source: string; actor?: 'admin'; actorId?: string },
): void {
  const { order } = draft
  draft.confirm = from
  draft.addEvent({
    type: from === 'free' ? 'order.revived' : 'order.confirmed',
    subject: 'order',
    subjectId: order.id,
    from: order.status,
    to: 'confirmed',
    ...by,
  })
  draft.events.push(...partEvents(order.id, partsConfirmed(draft.allLines()), { actor: 'system', source: by.source }))
  for (const movement of sold(order.currency, draft.allLines().map(soldLine))) draft.book(order.currency, movement)
  draft.order = { ...order, status: 'confirmed' }
}

/** Asks a person. Captured money is recorded and held, or by policy goes back without waiting for the answer. */
function review(draft: Draft, fact: PaymentFact, reason: ReviewReason, record: boolean): void {
  const payment = draft.paymentOf(fact)
  const refundAtOnce = record && draft.policy.mismatch === 'refund'
  let attemptId = draft.attemptOf(fact)?.id ?? null
  if (record && fact.kind === 'attempt') {
    const attempt = recordCapture(draft, fact, refundAtOnce ? 'surplus' : 'review')
    attemptId = attempt.id
    if (refundAtOnce) sendBack(draft, attempt, reason)
  }
  if (fact.kind === 'unread') {
    attemptId = noteUnread(draft, fact).id
    draft.alerts.push(unreadAlert(fact))
  }
  draft.reviewItems.push(factReview(reason, fact, payment, attemptId, refundAtOnce, draft.make))
  draft.addEvent({
    type: 'review.opened',
    subject: 'payment',
    subjectId: payment.id,
    source: fact.source,
    data: { reason },
  })
}

/** The attempt on file that somebody said something unreadable of. What is known of its money stays as it is. */
function noteUnread(draft: Draft, fact: UnreadFact): AttemptRow {
  const attempt = draft.attemptOf(fact) ?? newAttempt(fact, draft.paymentOf(fact), draft.make)
  const noted = { ...attempt, method: attempt.method ?? fact.method, error_code: unreadCode(fact) }
  draft.setAttempt(noted)
  return noted
}

function fillIn(draft: Draft, fact: PaymentFact): void {
  if (fact.kind === 'refund') return nameRefund(draft, fact)
  const attempt = draft.attemptOf(fact)
  const filled = attempt === undefined || fact.kind !== 'attempt' ? undefined : filledIn(attempt, fact)
  if (filled !== undefined) draft.setAttempt(filled)
}

export type AcceptRefusal = 'not_waiting' | 'other_currency' | 'order_taken' | 'part_returned' | 'stock_gone'

/**
 * Takes a capture that waits for a person as the payment of its order, by that person's word. What it is short of is
 * written off; what is over goes back.
 *
 * @param by the admin, the review item whose answer this is, and the second person where one had to agree
 * @returns why it cannot be; undefined when it was done
 */
export function acceptCapture(
  draft: Draft,
  attempt: AttemptRow,
  by: { actorId: string; reviewItemId: string; agreedBy: string | undefined },
): AcceptRefusal | undefined {
  const { order } = draft
  if (attempt.disposition !== 'review' || attempt.refunding_amount > 0) return 'not_waiting'
  if (attempt.currency !== order.currency) return 'other_currency'
  if (isKept(draft.allAttempts(), shareOf(attempt))) return 'order_taken'
  const expired = order.status === 'cancelled' && order.cancel_reason === 'expired'
  if (order.status !== 'pending' && !expired) return 'order_taken'
  // What its wallet had paid is its owner's again.
  if (expired && order.wallet_amount > 0) return 'part_returned'
  if (expired && !draft.money.stockFree) return 'stock_gone'

  const kept: AttemptRow = { ...attempt, disposition: 'kept' }
  draft.setAttempt(kept)
  if (isCovered(order, draft.allAttempts())) {
    confirmOrder(draft, expired ? 'free' : 'reserved', { source: 'admin', actor: 'admin', actorId: by.actorId })
  }
  const difference = subtract(kept.captured_amount, amountOf(order, shareOf(kept)))
  if (difference < 0) draft.book(order.currency, ledger.writtenOff(order.currency, -difference, by.reviewItemId))
  if (difference > 0) {
    const who = { actor: 'admin', actorId: by.actorId, source: 'admin' } as const
    requestRefund(draft, kept, { amount: difference, reason: 'over_payment', by: who, agreedBy: by.agreedBy })
  }
  return undefined
}
