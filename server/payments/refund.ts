/** Refunds: how one is decided before anybody is asked, and what the provider's word does to it. Pure. */
import { add, allocate, smaller, subtract, toDecimal } from '../../shared/money.ts'
import * as ledger from '../ledger/movement.ts'
import { isConfirmed, type OrderRow } from '../orders/order.ts'
import type { NewEvent } from '../orders/service.ts'
import type { Draft } from './draft.ts'
import { nextLook, REFUND_WINDOW_MS } from './looks.ts'
import type { AttemptRow, RefundFact, RefundRow } from './payment.ts'

/** What somebody, or a rule, wants to give back of a captured attempt. */
export interface RefundWish {
  /** Chosen beforehand where a repeated request must find it. It is also the key that makes asking again harmless. */
  id?: string
  /** Minor units of the attempt's currency, not above what is held of it. */
  amount: number
  reason: string
  destination?: RefundRow['destination']
  /** A second person must agree before anything is sent. */
  needsApproval?: boolean
  /** What of it each part of the order bears; in proportion to what is left of them when left out. */
  parts?: RefundRow['parts']
  restock?: RefundRow['restock']
  by?: Pick<NewEvent, 'actor' | 'actorId' | 'source'>
}

/** The reason of refunds that somebody made at the provider's dashboard. */
const MADE_AT_PROVIDER = 'made_at_provider'

/** What of an attempt's money is still here and promised to nobody. */
export function heldOf(attempt: AttemptRow): number {
  return subtract(attempt.captured_amount, add(attempt.refunding_amount, attempt.written_off_amount))
}

/**
 * What of an attempt's money is held although no sale stands for it: it is owed to the customer.
 *
 * @param earned what is left of the sales of its order, in minor units of the order's currency
 */
export function owedOf(order: Pick<OrderRow, 'status' | 'currency'>, earned: number, attempt: AttemptRow): number {
  const pays = attempt.disposition === 'kept' && isConfirmed(order.status) && attempt.currency === order.currency
  return Math.max(0, subtract(heldOf(attempt), pays ? earned : 0))
}

/**
 * Decides a refund. Money that paid for goods is first taken back from who earned it; what goes to the source is sent by
 * a worker after the commit, what goes to a wallet is there at once.
 */
export function requestRefund(draft: Draft, attempt: AttemptRow, wish: RefundWish): RefundRow {
  const id = wish.id ?? draft.make.uuid()
  const { provider, currency } = attempt
  const parts = takenBack(draft, attempt, wish)
  const refund: RefundRow = {
    id,
    order_id: attempt.order_id,
    payment_id: attempt.payment_id,
    attempt_id: attempt.id,
    provider,
    provider_refund_id: null,
    amount: wish.amount,
    currency,
    status: 'requested',
    reason: wish.reason,
    destination: wish.destination ?? 'source',
    approval: wish.needsApproval === true ? 'pending' : 'none',
    parts,
    restock: wish.restock ?? [],
    idempotency_key: id,
    requested_by: wish.by?.actor === 'admin' ? (wish.by.actorId ?? null) : null,
    approved_by: null,
    error_description: null,
    provider_created_at: null,
    next_look_at: wish.needsApproval === true ? null : draft.make.now,
    looks: 0,
    created_at: draft.make.now,
    processed_at: null,
  }
  for (const part of parts) draft.returnSale(part.shopOrderId, part.amount, id)
  // What waited for a person's word waits no longer: it goes back.
  const disposition = attempt.disposition === 'review' ? 'surplus' : attempt.disposition
  draft.setAttempt({ ...attempt, disposition, refunding_amount: add(attempt.refunding_amount, wish.amount) })
  draft.setRefund(refund)
  draft.book(currency, ledger.refundOwed(provider, currency, id, wish.amount))
  return refund
}

/**
 * What of each part's sale a refund takes back: of those that it is for, else of all in proportion, after what the attempt
 * holds beyond what was earned with it.
 */
function takenBack(draft: Draft, attempt: AttemptRow, wish: RefundWish): RefundRow['parts'] {
  const { order } = draft
  if (attempt.disposition !== 'kept' || !isConfirmed(order.status) || attempt.currency !== order.currency) return []
  if (wish.parts !== undefined) return wish.parts
  const sales = draft.allSales()
  const left = sales.map((sale) => subtract(sale.total, sale.returned))
  const earned = add(...left)
  const owed = owedOf(order, earned, attempt)
  const needed = smaller(earned, Math.max(0, subtract(wish.amount, owed)))
  if (needed === 0) return []
  const shares = allocate(needed, left)
  return sales
    .map((sale, at) => ({ shopOrderId: sale.shopOrderId, amount: shares[at] ?? 0 }))
    .filter((part) => part.amount > 0)
}

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
  if (toWallet) draft.walletCredits.push({ userId: how.walletOf, currency: refund.currency, amount: refund.amount })
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

/** Says in the timeline that a refund was decided. */
export function noteRequested(draft: Draft, refund: RefundRow, by: RefundWish['by']): void {
  draft.addEvent({
    type: 'refund.requested',
    subject: 'refund',
    subjectId: refund.id,
    to: 'requested',
    ...by,
    data: {
      amount: refund.amount,
      currency: refund.currency,
      reason: refund.reason,
      ...(refund.destination === 'wallet' ? { destination: 'wallet' } : {}),
      ...(refund.approval === 'pending' ? { approval: 'pending' } : {}),
    },
  })
}

/** Decides to send back all that is held of an attempt. A worker asks the provider after the commit. */
export function sendBack(draft: Draft, attempt: AttemptRow, reason: string, by?: RefundWish['by']): void {
  const wish = { amount: heldOf(attempt), reason, ...(by === undefined ? {} : { by }) }
  noteRequested(draft, requestRefund(draft, attempt, wish), by)
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

/**
 * Moves a refund as the provider says.
 *
 * @param known undefined for one made at the provider's dashboard: it is taken over as if it had been decided here
 */
export function moveRefund(
  draft: Draft,
  fact: RefundFact,
  known: RefundRow | undefined,
  to: RefundFact['status'] | 'requested',
): void {
  const attempt = draft.attemptOf(fact)
  if (attempt === undefined) return
  const refund = known ?? takeOver(draft, attempt, fact)
  const moved: RefundRow = {
    ...refund,
    provider_refund_id: fact.providerRefundId,
    provider_created_at: fact.providerCreatedAt ?? refund.provider_created_at,
    status: to,
    processed_at: to === 'processed' ? draft.make.now : refund.processed_at,
    next_look_at: to === 'processing' ? nextRefundLook(draft, refund) : null,
  }
  draft.setRefund(moved)
  draft.addEvent({
    type: `refund.${to}`,
    subject: 'refund',
    subjectId: refund.id,
    from: known?.status ?? null,
    to,
    actor: 'provider',
    source: fact.source,
    data: { amount: fact.amount, currency: fact.currency, providerRefundId: fact.providerRefundId },
  })
  if (to === 'processed') arrived(draft, moved, ledger.refunded)
  if (to === 'failed') failRefund(draft, moved, known?.status === 'processed')
  // Nobody here had decided one that was made elsewhere: when it does not arrive, nothing was undone.
  if (to === 'failed' && refund.reason === MADE_AT_PROVIDER) restoreParts(draft, moved)
}

/** A refund that somebody made at the provider. Refunds that wait for a second person give way to it. */
function takeOver(draft: Draft, attempt: AttemptRow, fact: RefundFact): RefundRow {
  for (const waiting of draft.allRefunds()) {
    const room = heldOf(draft.attempt(attempt.id))
    if (fact.amount <= room) break
    if (waiting.attempt_id === attempt.id && waiting.approval === 'pending') {
      declineRefund(draft, waiting, 'The money was sent back at the provider meanwhile.', { actor: 'system' })
    }
  }
  const question = {
    cause: `refund_exceeds_captured:${fact.provider}:${fact.providerPaymentId}:${fact.providerRefundId}`,
  }
  draft.closed.push({ ...question, resolution: 'taken over' })
  return requestRefund(draft, draft.attempt(attempt.id), { amount: fact.amount, reason: MADE_AT_PROVIDER })
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
  const declined: RefundRow = { ...refund, status: 'failed', approval: 'declined', error_description: why }
  giveUp(draft, declined, false)
  restoreParts(draft, refund)
  draft.setRefund(declined)
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

/** What a refund had taken back of the sale stands again, unless the whole order was undone meanwhile. */
function restoreParts(draft: Draft, refund: RefundRow): void {
  if (!isConfirmed(draft.order.status)) return
  for (const part of refund.parts) draft.restoreSale(part.shopOrderId, part.amount, refund.id)
}

function nextRefundLook(draft: Draft, refund: RefundRow): Date {
  const { now } = draft.make
  const options = { pollAfterS: draft.policy.pollAfterS, windowMs: REFUND_WINDOW_MS }
  return (
    nextLook('unknown', refund.looks, refund.created_at, now, options) ?? new Date(now.getTime() + REFUND_WINDOW_MS)
  )
}
