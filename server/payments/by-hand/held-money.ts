/**
 * What a person decides about money that is here and promised to nobody: a capture that differs, a refund that did not go
 * through or that nobody can send. Each decision is one transaction under the order's lock; the caller has asked the
 * provider before.
 */
import { smaller, subtract } from '../../../shared/money.ts'
import * as orders from '../../orders/changes.ts'
import { inTransaction, violatedConstraint } from '../../platform/database.ts'
import { AppError, invalidField } from '../../platform/errors.ts'
import { beginChange, couldRevive, lockMoney, writeOutcome } from '../change.ts'
import { assertSendable, type PaymentDeps } from '../context.ts'
import type { Draft } from '../money/draft.ts'
import { acceptCapture, type AcceptRefusal } from '../money/outcome.ts'
import type { AttemptRow, RefundRow } from '../money/payment.ts'
import { giveAtOnce, writeOff } from '../money/refund-ends.ts'
import { owedOf, requestRefund, stakeOf } from '../money/refund.ts'
import { amountOf, shareOf } from '../money/shares.ts'
import { partReturned } from './payment-by-hand.ts'
import { letGo, type ByHand, type LettingGo } from './second-person.ts'

/** Which money, and which review item the decision answers. */
export interface HeldMoney {
  orderId: string
  attemptId: string
  reviewItemId: string
  /** A refund that failed, or that nobody can send: the decision is about its amount. Else it is about all that is held. */
  refundId: string | null
}

/**
 * Takes a capture of another amount as the payment of its order: what it lacks is written off, what is over goes back.
 *
 * @throws invalid_transition, currency_not_supported, order_already_paid, out_of_stock: nothing was changed
 */
export async function acceptHeld(deps: PaymentDeps, held: HeldMoney, by: ByHand): Promise<void> {
  await changeHeld(deps, 'acceptCapture', held, by, (draft, attempt) => {
    const { adminId: actorId, agreed } = by
    const refusal = acceptCapture(draft, attempt, { actorId, reviewItemId: held.reviewItemId, agreedBy: agreed?.by })
    if (refusal !== undefined) throw notAccepted(refusal)
    const over = subtract(attempt.captured_amount, amountOf(draft.order, shareOf(attempt)))
    // What it lacks is our loss; what is over goes back, and its refund tells of that.
    return { action: 'confirm', amount: Math.abs(over), isRefund: over > 0 }
  })
}

/**
 * Sends back what is held of a capture: to its source, or to the customer's wallet.
 *
 * @throws refund_exceeds_captured when nothing is held any more, validation_failed for the wallet of a guest,
 *   or what its provider would not send back; payment_state_unknown when a refund of it may still be made
 */
export async function refundHeld(
  deps: PaymentDeps,
  held: HeldMoney,
  destination: 'source' | 'wallet',
  reason: string,
  by: ByHand,
): Promise<void> {
  const who = { actor: 'admin', actorId: by.adminId, source: 'admin' } as const
  await changeHeld(deps, 'refundHeld', held, by, (draft, attempt) => {
    const { user_id: walletOf } = draft.order
    const wish = () => ({
      amount: stakeIn(draft, attempt, held),
      reason,
      destination,
      by: who,
      agreedBy: by.agreed?.by,
    })
    if (destination === 'source') {
      const asked = wish()
      assertSendable(deps, attempt, asked.amount, 'action')
      requestRefund(draft, attempt, asked)
      return { action: 'refund', amount: asked.amount, isRefund: true }
    }
    if (walletOf === null) throw invalidField('action', 'cannot be refund_to_wallet: a guest has no wallet')
    const waiting = waitingFor(deps, draft, held)
    const refund = waiting ?? requestRefund(draft, attempt, wish())
    giveAtOnce(draft, refund, { walletOf }, who)
    return given('refund_to_wallet', refund, waiting)
  })
}

/**
 * Notes that what is held of a capture was given back by a transfer that a person has made.
 *
 * @throws refund_exceeds_captured, payment_state_unknown when a refund of it may still be made, validation_failed for a
 *   reference that was used before
 */
export async function payBackElsewhere(
  deps: PaymentDeps,
  held: HeldMoney,
  transfer: { reference: string; reason: string },
  by: ByHand,
): Promise<void> {
  const who = { actor: 'admin', actorId: by.adminId, source: 'admin' } as const
  try {
    await changeHeld(deps, 'payBackElsewhere', held, by, (draft, attempt) => {
      const waiting = waitingFor(deps, draft, held)
      const refund =
        waiting ??
        requestRefund(draft, attempt, {
          amount: stakeIn(draft, attempt, held),
          reason: transfer.reason,
          by: who,
          agreedBy: by.agreed?.by,
        })
      giveAtOnce(draft, refund, { reference: transfer.reference }, who)
      return given('paid_back_elsewhere', refund, waiting)
    })
  } catch (error) {
    if (violatedConstraint(error) === 'refunds_provider_provider_refund_id_key') {
      throw invalidField('reference', 'has paid back another refund')
    }
    throw error
  }
}

/**
 * Keeps for good what is owed of a capture, because nobody can be found to give it back to.
 *
 * @throws invalid_transition while the order still waits for its payment, refund_exceeds_captured when nothing is owed
 */
export async function writeOffHeld(deps: PaymentDeps, held: HeldMoney, by: ByHand): Promise<void> {
  await changeHeld(deps, 'writeOff', held, by, (draft, attempt) => {
    if (attempt.disposition === 'review' && draft.order.status === 'pending') {
      throw new AppError(
        'invalid_transition',
        'The order waits for its payment: confirm it with this money, or refund.',
      )
    }
    const amount = smaller(stakeIn(draft, attempt, held), owedIn(draft, attempt))
    if (amount === 0) throw nothingHeld()
    writeOff(draft, attempt, amount, { actorId: by.adminId, reviewItemId: held.reviewItemId })
    return { action: 'write_off', amount }
  })
}

async function changeHeld(
  deps: PaymentDeps,
  name: string,
  held: HeldMoney,
  by: ByHand,
  work: (draft: Draft, attempt: AttemptRow) => Omit<LettingGo, 'currency'>,
): Promise<void> {
  await inTransaction(deps.db, name, async (tx) => {
    const money = await lockMoney(tx, held.orderId)
    await by.answer?.(tx)
    const attempt = money.attempts.find((row) => row.id === held.attemptId)
    if (attempt === undefined) {
      throw new AppError('payment_not_found', 'There is no such payment on this order.')
    }
    const stock = orders.stockLines(money.lines)
    const draft = beginChange(deps, { ...money, stockFree: await couldRevive(tx, money.order, stock) })
    const what = work(draft, attempt)
    await letGo(tx, deps, money, { ...what, currency: attempt.currency }, by)
    writeOutcome(tx, deps, draft.money, stock, draft.finish(), [], draft.make.now)
  })
}

/**
 * What is let go by giving at once. A refund that waited was decided before: by a rule, and then it is this person's word
 * by which it leaves; or by an admin, and then it counts, or was agreed to, already.
 */
function given(
  action: 'refund_to_wallet' | 'paid_back_elsewhere',
  refund: RefundRow,
  waiting: RefundRow | undefined,
): Omit<LettingGo, 'currency'> {
  if (waiting === undefined) return { action, amount: refund.amount, isRefund: true }
  return { action, amount: waiting.requested_by === null ? refund.amount : 0 }
}

/** The refund that the decision is about, while it waits for somebody to make it and its provider cannot. */
function waitingFor(deps: PaymentDeps, draft: Draft, held: HeldMoney): RefundRow | undefined {
  const refund = draft.allRefunds().find((row) => row.id === held.refundId)
  if (refund === undefined || (refund.status !== 'requested' && refund.status !== 'processing')) return undefined
  if (deps.providers.has(refund.provider)) {
    throw new AppError('payment_state_unknown', `${refund.provider} may still make this refund.`)
  }
  return refund
}

function stakeIn(draft: Draft, attempt: AttemptRow, held: HeldMoney): number {
  const refund = draft.allRefunds().find((row) => row.id === held.refundId)
  const amount = stakeOf(draft.order, draft.earned(), draft.allAttempts(), attempt, refund)
  if (amount > 0) return amount
  throw nothingHeld()
}

function owedIn(draft: Draft, attempt: AttemptRow): number {
  return owedOf(draft.order, draft.earned(), draft.allAttempts(), attempt)
}

function nothingHeld(): AppError {
  return new AppError('refund_exceeds_captured', 'Nothing of this payment is held any more.', {
    details: { refundable: 0 },
  })
}

function notAccepted(refusal: AcceptRefusal): AppError {
  switch (refusal) {
    case 'not_waiting':
      return new AppError('invalid_transition', 'This capture does not wait for a decision any more.')
    case 'other_currency':
      return new AppError('currency_not_supported', 'It is in another currency than the order; it can only go back.')
    case 'order_taken':
      return new AppError('order_already_paid', 'The order is paid, cancelled or on its way; this can only go back.')
    case 'part_returned':
      return partReturned()
    case 'stock_gone':
      return new AppError('out_of_stock', 'Its time had passed, and its units are sold; this can only go back.')
  }
}
