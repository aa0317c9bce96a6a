/**
 * Deciding about a review item. Every decision takes a second look at the provider first, and is then one transaction
 * that locks the order, then the item; finds the item open and the decision still offered; closes the item; and does what
 * was decided. Of two people who decide at once, one does, and the other is told.
 */
import type { ReviewAction, ReviewActionBody } from '../../shared/contract/reviews.ts'
import { cancelOrder } from '../aftersales/service.ts'
import { post } from '../ledger/service.ts'
import { suspenseWrittenOff } from '../ledger/suspense-movement.ts'
import { lockOrder } from '../orders/queries.ts'
import { findBookedAttempts } from '../payments/books-queries.ts'
import { attachPayment, explainSuspense } from '../payments/by-hand/attach.ts'
import type { DecisionRow } from '../payments/by-hand/decision-queries.ts'
import {
  acceptHeld,
  refundHeld,
  payBackElsewhere,
  writeOffHeld,
  type HeldMoney,
} from '../payments/by-hand/held-money.ts'
import { markPaid } from '../payments/by-hand/payment-by-hand.ts'
import { decideApproval } from '../payments/by-hand/refund-by-hand.ts'
import {
  doOrAsk,
  declineDecision,
  assertMayAgree,
  letGo,
  waitsAlready,
  type Agreement,
  type ByHand,
} from '../payments/by-hand/second-person.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { readableText } from '../platform/text.ts'
import * as queries from '../reviews/queries.ts'
import type { ItemRow } from '../reviews/queries.ts'
import { insertEvents } from '../timeline/queries.ts'
import { actionsFor, isAnswered } from './actions.ts'
import { readCase, type Case, type LastLook } from './facts.ts'
import { look } from './look.ts'

interface Decision {
  action: ReviewAction
  reason: string
  adminId: string
  /** The order that is locked, and whose timeline tells of it. */
  orderId: string | null
}

/**
 * Decides about an item.
 *
 * @param resumed the same request came before and was not answered: its effect may be there
 * @throws not_found, already_resolved with `details.resolution`, invalid_transition for what the item does not offer,
 *   second_person_needed, payment_state_unknown when the provider does not answer, validation_failed, and whatever the
 *   decision itself is refused with; nothing is changed then
 */
export async function decideItem(
  deps: PaymentDeps,
  itemId: string,
  body: ReviewActionBody,
  adminId: string,
  resumed = false,
): Promise<void> {
  const { action } = body
  const before = await mustFind(deps, itemId)
  if (resumed && before.resolution === action && before.resolved_by === adminId) return
  assertOpen(before)
  assertComplete(body)
  const reason = readableText('reason', body.reason)
  const found = await readCase(deps.db, deps, before)
  const waiting = found.waiting
  if (resumed && waiting?.action === action && waiting.requested_by === adminId) return
  const early = refusalOf(before, found, action, adminId)
  if (early !== undefined) {
    // It may be somebody's decision, a moment ago, that has changed what is offered.
    assertOpen(await mustFind(deps, itemId))
    throw early
  }
  const decision = { action, reason, adminId, orderId: before.order_id }
  // What was decided looks at the provider itself, when it is made.
  if (before.kind === 'decision_approval' && action !== 'dismiss') return secondWord(deps, before, decision)
  const { agrees } = await look(deps, before)
  const item = await mustFind(deps, itemId)
  // The look itself has answered the question: for `ask` that is what was wanted.
  if (item.resolved_at !== null && action === 'ask') return
  assertOpen(item)
  const work = () => execute(deps, item, body, decision, agrees)
  if (!mayNeedAgreement(action)) return work()
  const wish = {
    action,
    order_id: item.order_id,
    review_item_id: item.id,
    payment_id: item.payment_id,
    reason,
    reference: body.reference?.trim() ?? null,
  }
  // Where a second person must agree the item stays open, and says what it waits for.
  await doOrAsk(deps, wish, adminId, work)
}

type LettingGoAction = Extract<ReviewAction, DecisionRow['action']>

const LETTING_GO: readonly ReviewAction[] = [
  'confirm',
  'refund',
  'refund_to_wallet',
  'paid_back_elsewhere',
  'write_off',
] satisfies readonly LettingGoAction[]

function mayNeedAgreement(action: ReviewAction): action is LettingGoAction {
  return LETTING_GO.includes(action)
}

/**
 * The second person's word on a decision that waits. Agreed to, it is made as it was asked for, by whoever asked for it:
 * the provider is looked at again, and the amount must still be what was agreed to.
 */
async function secondWord(deps: PaymentDeps, item: ItemRow, word: Decision): Promise<void> {
  const { decision } = await readCase(deps.db, deps, item)
  if (decision === undefined) throw notOffered(item, [])
  const agreement: Agreement = {
    decision,
    by: word.adminId,
    reason: word.reason,
    close: async (tx) => void (await answer(deps, tx, item.id, word)),
  }
  if (word.action === 'decline') return declineDecision(deps, agreement)
  await assertMayAgree(deps, deps.db.alone, word.adminId)
  const { action, order_id: orderId, requested_by: adminId, reason, reference } = decision
  const by: ByHand = { adminId, agreed: agreement }
  if (action === 'cancel') {
    return cancelOrder(deps, orderId ?? '', { actor: 'admin', actorId: adminId, note: reason, agreed: agreement })
  }
  if (action === 'mark_paid') {
    return markPaid(deps, decision.payment_id ?? '', reference ?? '', reason, by)
  }
  const about = await mustFind(deps, decision.review_item_id ?? '')
  if (about.resolved_at === null) await look(deps, about)
  const now = await mustFind(deps, about.id)
  if (now.resolved_at !== null) {
    throw new AppError('invalid_transition', 'What this would have answered is answered already. Decline this one.', {
      details: { resolution: now.resolution },
    })
  }
  const body = { action, reason, ...(reference === null ? {} : { reference }) }
  await execute(deps, now, body, { action, reason, adminId, orderId }, false, agreement)
}

async function execute(
  deps: PaymentDeps,
  item: ItemRow,
  body: ReviewActionBody,
  decision: Decision,
  agrees: boolean,
  agreed?: Agreement,
): Promise<void> {
  const by: ByHand = {
    adminId: decision.adminId,
    answer: async (tx) => void (await answer(deps, tx, item.id, decision, agreed)),
    ...(agreed === undefined ? {} : { agreed }),
  }
  const { reason } = decision
  switch (decision.action) {
    case 'confirm':
      return acceptHeld(deps, heldBy(item), by)
    case 'refund':
      return refundHeld(deps, heldBy(item), 'source', await reasonOf(deps, item), by)
    case 'refund_to_wallet':
      return refundHeld(deps, heldBy(item), 'wallet', await reasonOf(deps, item), by)
    case 'paid_back_elsewhere': {
      const given = { reference: body.reference?.trim() ?? '', reason: await reasonOf(deps, item) }
      return payBackElsewhere(deps, heldBy(item), given, by)
    }
    case 'approve':
    case 'decline': {
      const refund = { id: item.refund_id ?? '', order_id: item.order_id ?? '' }
      return decideApproval(deps, refund, decision.action === 'approve', reason, by)
    }
    case 'attach': {
      const orderId = body.orderId ?? ''
      const wanted = { provider: item.provider ?? '', providerPaymentId: item.provider_ref ?? '', orderId, reason }
      const answering = async (tx: Tx) => void (await answer(deps, tx, item.id, { ...decision, orderId }))
      return attachPayment(deps, wanted, { ...by, answer: answering })
    }
    case 'write_off':
      return item.attempt_id === null
        ? writeOffSuspense(deps, item, decision, by)
        : writeOffHeld(deps, heldBy(item), by)
    case 'ask':
      return closeIfAnswered(deps, item, decision, agrees)
    case 'dismiss':
      await inTransaction(deps.db, 'dismissReview', async (tx) => {
        if (item.order_id !== null) await lockOrder(tx, item.order_id)
        await answer(deps, tx, item.id, decision)
      })
  }
}

/**
 * Closes the item by this decision. Refuses when somebody was faster, or when it is not offered any more.
 *
 * @param agreed the decision has waited for a second person: that it waits keeps only others from deciding
 */
async function answer(
  deps: PaymentDeps,
  tx: Tx,
  itemId: string,
  decision: Decision,
  agreed?: Agreement,
): Promise<Case> {
  const item = await queries.lockItem(tx, itemId)
  if (item === undefined) throw noSuchItem()
  assertOpen(item)
  const read = await readCase(tx, deps, item)
  const isThisOne = agreed !== undefined && read.waiting?.id === agreed.decision.id
  const found = isThisOne ? { ...read, facts: { ...read.facts, isWaiting: false } } : read
  const refusal = refusalOf(item, found, decision.action, decision.adminId)
  if (refusal !== undefined) throw refusal
  close(deps, tx, item, decision)
  return found
}

function close(deps: PaymentDeps, tx: Tx, item: ItemRow, { action, reason, adminId, orderId }: Decision): void {
  const now = deps.ports.clock.now()
  queries.resolveItem(tx, item.id, { resolution: action, adminId, reason, now })
  tx.afterCommit(() =>
    deps.log.info({ reviewItemId: item.id, kind: item.kind, action, adminId }, 'a review item was decided'),
  )
  if (orderId === null) return
  insertEvents(
    tx,
    [
      {
        orderId,
        type: 'review.resolved',
        subject: item.refund_id === null ? 'payment' : 'refund',
        subjectId: item.refund_id ?? item.payment_id,
        actor: 'admin',
        actorId: adminId,
        source: 'api',
        // What a person wrote for colleagues is a note: shoppers are not shown it.
        data: { kind: item.kind, action, note: reason },
      },
    ],
    deps.ports.clock.now(),
  )
}

/** Keeps, or bears, for good what suspense has for the item. */
async function writeOffSuspense(deps: PaymentDeps, item: ItemRow, decision: Decision, by: ByHand): Promise<void> {
  const { provider, currency } = item
  if (provider === null || currency === null) throw notOffered(item, [])
  await inTransaction(deps.db, 'writeOffSuspense', async (tx) => {
    const { facts } = await answer(deps, tx, item.id, decision, by.agreed)
    const what = { action: 'write_off', amount: Math.abs(facts.suspense), currency } as const
    await letGo(tx, deps, undefined, what, by)
    const movement = suspenseWrittenOff(provider, currency, facts.suspense, item.id)
    post(tx, deps.ports, currency, null, [movement])
  })
}

/** Closes the item when the look has answered its question; else it stays open. */
async function closeIfAnswered(deps: PaymentDeps, item: ItemRow, decision: Decision, agrees: boolean): Promise<void> {
  const bound = await boundTo(deps, item)
  const orderId = bound ?? item.order_id
  await inTransaction(deps.db, 'answerReview', async (tx) => {
    if (orderId !== null) await lockOrder(tx, orderId)
    const locked = await queries.lockItem(tx, item.id)
    if (locked === undefined || locked.resolved_at !== null) return
    const { facts } = await readCase(tx, deps, locked)
    if (bound !== null && locked.provider !== null && locked.provider_ref !== null) {
      const seen = locked.evidence['lastLook'] as LastLook | undefined
      await explainSuspense(deps, tx, {
        provider: locked.provider,
        providerPaymentId: locked.provider_ref,
        refundIds: (seen?.refunds ?? []).map((refund) => refund.providerRefundId),
        orderId: bound,
      })
    } else if (!isAnswered(locked.kind, facts, agrees)) return
    close(deps, tx, locked, { ...decision, orderId })
  })
}

/** The order that a payment of nothing of ours belongs to by now; null when to none. */
async function boundTo(deps: PaymentDeps, item: ItemRow): Promise<string | null> {
  if (item.kind !== 'unknown_payment' || item.provider === null || item.provider_ref === null) return null
  const [attempt] = await findBookedAttempts(deps.db, item.provider, [item.provider_ref])
  return attempt === undefined || attempt.captured_amount === 0 ? null : attempt.order_id
}

function heldBy(item: ItemRow): HeldMoney {
  if (item.order_id === null || item.attempt_id === null) throw notOffered(item, [])
  return {
    orderId: item.order_id,
    attemptId: item.attempt_id,
    reviewItemId: item.id,
    refundId: item.refund_id,
  }
}

/** Why the money goes back, as the customer may read it: the reason of the refund that failed, else the kind of item. */
async function reasonOf(deps: PaymentDeps, item: ItemRow): Promise<string> {
  return (await readCase(deps.db, deps, item)).refund?.reason ?? item.kind
}

async function mustFind(deps: PaymentDeps, itemId: string): Promise<ItemRow> {
  const item = await queries.findItem(deps.db, itemId)
  if (item === undefined) throw noSuchItem()
  return item
}

export function noSuchItem(): AppError {
  return new AppError('not_found', 'There is no such review item.')
}

function assertOpen(item: ItemRow): void {
  if (item.resolved_at === null) return
  throw new AppError('already_resolved', 'This question has been answered.', {
    details: { resolution: item.resolution, resolvedBy: item.resolved_by },
  })
}

function assertComplete(body: ReviewActionBody): void {
  if (body.action === 'attach' && body.orderId === undefined) throw invalidField('orderId', 'is required for attach')
  if (body.action === 'paid_back_elsewhere' && body.reference === undefined) {
    throw invalidField('reference', 'is required for paid_back_elsewhere')
  }
}

/** Why the item does not offer this to this person; undefined when it does. */
function refusalOf(
  item: ItemRow,
  { facts, waiting }: Case,
  action: ReviewAction,
  adminId: string,
): AppError | undefined {
  const offered = actionsFor(item.kind, facts, adminId)
  if (offered.includes(action)) return undefined
  if (facts.isWaiting) return waitsAlready(waiting?.id)
  if (actionsFor(item.kind, facts, null).includes(action)) {
    return new AppError('second_person_needed', 'Whoever asked for it cannot also be the one who agrees to it.')
  }
  return notOffered(item, offered)
}

function notOffered(item: ItemRow, actions: readonly ReviewAction[]): AppError {
  return new AppError('invalid_transition', `This cannot be decided about ${item.kind} as things stand.`, {
    details: { actions },
  })
}
