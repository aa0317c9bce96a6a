/** How refunds end: arrived, failed, declined, given at once; and what is kept because nobody is there to give it to. Pure. */
import { add, subtract } from '../../../shared/money.ts'
import * as ledger from '../../ledger/movement.ts'
import type { LineReturn } from '../../orders/lines.ts'
import { isConfirmed, isLiving } from '../../orders/order.ts'
import type { Draft } from './draft.ts'
import type { AttemptRow, RefundRow } from './payment.ts'
import { askAboutRefund, type RefundWish } from './refund.ts'

/**
 * Gives a refund that is agreed to at once, without a provider: to the customer's wallet, or by a transfer that a person
 * has made.
 *
 * @param how the wallet's owner, or the reference of the transfer
 */
export function giveAtOnce(
  draft: Draft,
  refund: RefundRow,
  how: { walletOf: string } | { reference: string },
  by: NonNullable<RefundWish['by']>,
): RefundRow {
  const toWallet = 'walletOf' in how
  const given: RefundRow = {
    ...refund,
    status: 'processed',
    destination: toWallet ? 'wallet' : 'elsewhere',
    // A transfer pays back once.
    provider_refund_id: toWallet ? null : `by hand: ${how.reference}`,
    next_look_at: null,
    processed_at: draft.make.now,
  }
  draft.setRefund(given)
  draft.addEvent({
    type: 'refund.processed',
    subject: 'refund',
    subjectId: refund.id,
    from: refund.status,
    to: 'processed',
    ...by,
    data: {
      amount: refund.amount,
      currency: refund.currency,
      destination: given.destination,
      ...(toWallet ? {} : { reference: how.reference }),
    },
  })
  arrived(draft, given, (provider, currency, id, amount) =>
    toWallet
      ? ledger.refundedToWallet(provider, currency, id, amount, how.walletOf)
      : ledger.refundedByHand(provider, currency, id, amount),
  )
  if (toWallet) draft.walletChanges.push({ userId: how.walletOf, currency: refund.currency, amount: refund.amount })
  return given
}

/** Keeps an amount that is owed of an attempt for good, by a person's word. */
export function writeOff(
  draft: Draft,
  attempt: AttemptRow,
  amount: number,
  by: { actorId: string; reviewItemId: string },
): void {
  draft.setAttempt({ ...attempt, written_off_amount: add(attempt.written_off_amount, amount) })
  draft.book(attempt.currency, ledger.writtenOff(attempt.currency, -amount, by.reviewItemId))
  draft.addEvent({
    type: 'payment.written_off',
    subject: 'attempt',
    subjectId: attempt.id,
    actor: 'admin',
    actorId: by.actorId,
    source: 'admin',
    data: { amount, currency: attempt.currency },
  })
}

/** The money is back with the customer, by the way that `movement` books. */
export function arrived(
  draft: Draft,
  refund: RefundRow,
  movement: (provider: string, currency: string, refundId: string, amount: number) => ledger.Movement,
): void {
  const attempt = draft.attempt(refund.attempt_id)
  const refunded_amount = add(attempt.refunded_amount, refund.amount)
  const status = refunded_amount === attempt.captured_amount ? 'refunded' : attempt.status
  draft.setAttempt({ ...attempt, refunded_amount, status })
  draft.book(refund.currency, movement(refund.provider, refund.currency, refund.id, refund.amount))
  draft.closed.push({ cause: `refund_undecided:${refund.id}`, resolution: 'refund processed' })
  draft.closed.push({ cause: `refund_by_hand:${refund.id}`, resolution: 'refund processed' })
  if (refunded_amount < attempt.captured_amount) return
  // Nothing is owed any more, so no earlier refund that failed needs an answer.
  for (const other of draft.allRefunds()) {
    if (other.attempt_id === attempt.id && other.status === 'failed') {
      draft.closed.push({ cause: `refund_failed:${other.id}`, resolution: 'refunded by another refund' })
    }
  }
}

/** The provider's explicit no, or a refund that came back: the money is held again, and owed. A person finds another way. */
export function failRefund(
  draft: Draft,
  refund: RefundRow,
  hadArrived: boolean,
  evidence?: Record<string, unknown>,
): void {
  giveUp(draft, refund, hadArrived)
  draft.closed.push({ cause: `refund_undecided:${refund.id}`, resolution: 'refund failed' })
  askAboutRefund(draft, refund, 'refund_failed', evidence)
}

function giveUp(draft: Draft, refund: RefundRow, hadArrived: boolean): void {
  const { provider, currency, id, amount } = refund
  const attempt = draft.attempt(refund.attempt_id)
  if (hadArrived) draft.book(currency, ledger.refundReturned(provider, currency, id, amount))
  draft.book(currency, ledger.refundGivenUp(provider, currency, id, amount))
  draft.setAttempt({
    ...attempt,
    status: 'captured',
    refunding_amount: subtract(attempt.refunding_amount, amount),
    refunded_amount: hadArrived ? subtract(attempt.refunded_amount, amount) : attempt.refunded_amount,
  })
}

/**
 * Says no to a refund that waits for a second person: nothing was sent, and the sale stands as it was.
 *
 * @param why as the customer may read it
 * @param note what the second person wrote for colleagues
 */
export function declineRefund(
  draft: Draft,
  refund: RefundRow,
  why: string,
  by: NonNullable<RefundWish['by']>,
  note?: string,
): void {
  giveUp(draft, refund, false)
  draft.setRefund({ ...putBack(draft, refund), status: 'failed', approval: 'declined', error_description: why })
  draft.closed.push({ cause: `refund_approval:${refund.id}`, resolution: 'declined' })
  draft.addEvent({
    type: 'refund.declined',
    subject: 'refund',
    subjectId: refund.id,
    from: refund.status,
    to: 'failed',
    ...by,
    data: { amount: refund.amount, currency: refund.currency, ...(note === undefined ? { reason: why } : { note }) },
  })
}

/**
 * What a refund had taken back of the sale stands again, but where its part, or the whole order, was ended meanwhile: that
 * money is owed.
 *
 * @returns the refund, with what it takes back now
 */
export function putBack(draft: Draft, refund: RefundRow): RefundRow {
  if (!isConfirmed(draft.order.status)) return refund
  const stands = ({ itemId }: LineReturn) => isLiving(draft.line(itemId).shop_status)
  draft.restoreLines(refund.lines.filter(stands), refund.id)
  return { ...refund, lines: refund.lines.filter((line) => !stands(line)) }
}
