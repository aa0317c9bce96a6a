/**
 * The second person. Above REFUND_APPROVAL_ABOVE money leaves an order only when two admins agree: every way counts by
 * which it leaves on an admin's word, and all of them of an order count together, so that a large sum cannot be cut into
 * small ones nor leave by another door. What is above the limit is written down as a decision that waits, with a question
 * in the review queue; the second person agrees to that very decision, and then it is made as it was asked for.
 *
 * What a rule decides is no admin's word: late and double money, a shopper who cancels, a shop that rejects its part.
 */
import { add, subtract, toDecimal } from '../../../shared/money.ts'
import { mayAgreeFrom } from '../../accounts/admins.ts'
import { listPeople } from '../../accounts/queries.ts'
import { lockOrder } from '../../orders/queries.ts'
import { inTransaction, type Tx } from '../../platform/database.ts'
import { AppError } from '../../platform/errors.ts'
import { insertReviewItem } from '../../reviews/queries.ts'
import { insertEvents } from '../../timeline/queries.ts'
import type { PaymentDeps } from '../context.ts'
import type { Money, RefundRow } from '../money/payment.ts'
import { listRefunds } from '../queries.ts'
import * as decisions from './decision-queries.ts'
import type { DecisionAction, DecisionRow } from './decision-queries.ts'

/** Who moves money by hand, and what else is written in the same transaction. */
export interface ByHand {
  adminId: string
  /**
   * Runs inside the transaction once the order is locked: whoever asked records there what it was an answer to, and may
   * refuse by throwing.
   */
  answer?: (tx: Tx) => Promise<void>
  /** A second person has agreed to this decision of theirs. */
  agreed?: Agreement
}

/** A second person's word on a decision that waits. */
export interface Agreement {
  decision: DecisionRow
  by: string
  /** Why, for colleagues. */
  reason: string
  /** Runs in the transaction that makes the decision: answers the question that asked for agreement. */
  close(tx: Tx): Promise<void>
}

/** What is let go by a decision. */
export interface LettingGo {
  action: DecisionAction
  /** Minor units; 0 when nothing leaves. */
  amount: number
  currency: string
  /** Its refund is written with the name of who asked for it, and so tells of it by itself. */
  isRefund?: boolean
}

/** Thrown where one person wants to let go more than one person may. Nothing was changed. */
export class SecondPersonNeeded extends AppError {
  readonly amount: number
  readonly currency: string

  constructor({ amount, currency }: LettingGo) {
    super('second_person_needed', 'That is more than one person may decide alone. Another admin must agree.', {
      details: { amount, currency },
    })
    this.amount = amount
    this.currency = currency
  }
}

/** Where a decision waits: the question that asks a second person. */
export interface WaitsFor {
  reviewItemId: string
  amount: number
  currency: string
}

/**
 * Lets money go on a person's word, under the order's lock and before anything is written: within the limit it is counted,
 * and with a second person's agreement the decision that waited is made.
 *
 * @param of the order and its refunds as they are; undefined for money of no order
 * @throws SecondPersonNeeded; already_resolved, invalid_transition when what was agreed to is not what it would be now,
 *   second_person_needed for who may not agree
 */
export async function letGo(
  tx: Tx,
  deps: PaymentDeps,
  of: Pick<Money, 'order' | 'refunds'> | undefined,
  what: LettingGo,
  by: ByHand,
): Promise<void> {
  if (by.agreed !== undefined) return makeAgreed(tx, deps, what, by.agreed)
  const orderId = of?.order.id ?? null
  const alone = orderId === null ? 0 : await decisions.sumDecidedAlone(tx, orderId)
  const left = leftAlone(deps, of?.refunds ?? [], alone)
  if (left === null || what.amount === 0) return
  if (what.amount > left) throw new SecondPersonNeeded(what)
  if (what.isRefund === true) return
  const now = deps.ports.clock.now()
  await decisions.insertDecision(tx, {
    id: deps.ports.ids.uuid(),
    action: what.action,
    order_id: orderId,
    review_item_id: null,
    payment_id: null,
    amount: what.amount,
    currency: what.currency,
    reason: '',
    reference: null,
    status: 'made',
    requested_by: by.adminId,
    decided_by: null,
    created_at: now,
    decided_at: now,
  })
}

/**
 * What one person can still let go of an order alone, in minor units; null when there is no limit. Refunds that wait for a
 * second person count too, until that person has agreed or declined.
 *
 * @param alone what was decided alone beside refunds
 */
export function leftAlone(deps: PaymentDeps, refunds: readonly RefundRow[], alone: number): number | null {
  const limit = deps.policy.refundApprovalAbove
  if (limit === null) return null
  const before = refunds.filter((row) => row.requested_by !== null && row.status !== 'failed')
  const given = add(alone, ...before.filter((row) => row.approval !== 'approved').map((row) => row.amount))
  return Math.max(0, subtract(limit, given))
}

/** What one person can still let go of an order alone, in minor units; null when there is no limit. */
export async function letGoAlone(deps: PaymentDeps, orderId: string): Promise<number | null> {
  const [refunds, alone] = await Promise.all([
    listRefunds(deps.db, [orderId]),
    decisions.sumDecidedAlone(deps.db, orderId),
  ])
  return leftAlone(deps, refunds, alone)
}

/** What somebody wants to decide, should it need a second person. */
export type Wish = Pick<DecisionRow, 'action' | 'order_id' | 'review_item_id' | 'payment_id' | 'reason' | 'reference'>

/**
 * Does what one person may do alone. When it is more, the decision is written down, and a second person is asked.
 *
 * @returns undefined when it was done; else where it waits. The same wish again waits where the first one does.
 * @throws second_person_needed when another decision about the same thing waits; whatever the work throws
 */
export async function doOrAsk(
  deps: PaymentDeps,
  wish: Wish,
  adminId: string,
  work: () => Promise<void>,
): Promise<WaitsFor | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    if (!(error instanceof SecondPersonNeeded)) throw error
    return ask(deps, wish, adminId, error)
  }
}

async function ask(
  deps: PaymentDeps,
  wish: Wish,
  adminId: string,
  { amount, currency }: { amount: number; currency: string },
): Promise<WaitsFor> {
  return inTransaction(deps.db, 'askSecondPerson', async (tx) => {
    const order = wish.order_id === null ? undefined : await lockOrder(tx, wish.order_id)
    const now = deps.ports.clock.now()
    const row: DecisionRow = {
      ...wish,
      id: deps.ports.ids.uuid(),
      amount,
      currency,
      status: 'waiting',
      requested_by: adminId,
      decided_by: null,
      created_at: now,
      decided_at: null,
    }
    if (!(await decisions.insertDecision(tx, row))) return alreadyAsked(tx, row)
    const people = await listPeople(tx, [adminId])
    insertReviewItem(tx, {
      // The question has the decision's own id.
      id: row.id,
      orderId: row.order_id,
      paymentId: row.payment_id,
      attemptId: null,
      kind: 'decision_approval',
      summary: summaryOf(row, order?.number),
      amount,
      currency,
      evidence: {
        action: row.action,
        reason: row.reason,
        requestedBy: adminId,
        askedBy: people.get(adminId)?.name ?? adminId,
        ...(row.reference === null ? {} : { reference: row.reference }),
        ...(row.review_item_id === null ? {} : { reviewItemId: row.review_item_id }),
      },
      cause: `decision_approval:${row.id}`,
      createdAt: now,
    })
    note(tx, deps, row, 'decision.requested', adminId, row.reason)
    return { reviewItemId: row.id, amount, currency }
  })
}

/** The same wish of the same person, sent again, is the first one. */
async function alreadyAsked(tx: Tx, row: DecisionRow): Promise<WaitsFor> {
  const waiting = await decisions.findWaiting(tx, row)
  const isSame =
    waiting?.requested_by === row.requested_by &&
    waiting.action === row.action &&
    waiting.amount === row.amount &&
    waiting.reference === row.reference
  if (waiting === undefined || !isSame) throw waitsAlready(waiting?.id)
  return { reviewItemId: waiting.id, amount: waiting.amount, currency: waiting.currency }
}

export function waitsAlready(reviewItemId: string | undefined): AppError {
  return new AppError('second_person_needed', 'A decision about this waits for a second person already.', {
    details: { reviewItemId: reviewItemId ?? null },
  })
}

async function makeAgreed(tx: Tx, deps: PaymentDeps, what: LettingGo, agreed: Agreement): Promise<void> {
  const { decision, by, reason } = agreed
  if (decision.requested_by === by) throw notTheirOwn()
  await assertMayAgree(deps, tx, by)
  const { action, amount, currency } = what
  if (action !== decision.action || amount !== decision.amount || currency !== decision.currency) {
    throw new AppError(
      'invalid_transition',
      'It would be about another amount by now. Decline this, and decide about it anew.',
      { details: { asked: decision.amount, now: amount, currency } },
    )
  }
  await agreed.close(tx)
  await end(tx, deps, decision, 'made', by)
  note(tx, deps, decision, 'decision.agreed', by, reason)
}

/**
 * Says no to a decision that waits: nothing of it is done. Whoever asked for it may take it back so.
 *
 * @throws already_resolved
 */
export async function declineDecision(deps: PaymentDeps, { decision, by, reason, close }: Agreement): Promise<void> {
  await inTransaction(deps.db, 'declineDecision', async (tx) => {
    if (decision.order_id !== null) await lockOrder(tx, decision.order_id)
    await close(tx)
    await end(tx, deps, decision, 'declined', by)
    note(tx, deps, decision, 'decision.declined', by, reason)
  })
}

async function end(
  tx: Tx,
  deps: PaymentDeps,
  decision: DecisionRow,
  status: 'made' | 'declined',
  by: string,
): Promise<void> {
  const now = deps.ports.clock.now()
  if (await decisions.endDecision(tx, decision.id, { status, by, now })) return
  throw new AppError('already_resolved', 'Somebody has decided about this.')
}

/**
 * Refuses whoever may be a second account of the person that asked: see accounts/admins.ts.
 *
 * @throws second_person_needed with `details.from`
 */
export async function assertMayAgree(deps: PaymentDeps, tx: Tx, adminId: string): Promise<void> {
  const from = await mayAgreeFrom(tx, adminId, deps.ports.clock.now())
  if (from === null) return
  throw new AppError(
    'second_person_needed',
    'Your account was made an admin, or was given its password, within a day. Until then another admin must agree.',
    { details: { from: from.toISOString() } },
  )
}

export function notTheirOwn(): AppError {
  return new AppError('second_person_needed', 'Whoever asked for it cannot also be the one who agrees to it.')
}

function note(tx: Tx, deps: PaymentDeps, decision: DecisionRow, type: string, by: string, reason: string): void {
  if (decision.order_id === null) return
  insertEvents(
    tx,
    [
      {
        orderId: decision.order_id,
        type,
        subject: 'order',
        subjectId: decision.order_id,
        actor: 'admin',
        actorId: by,
        source: 'api',
        // Shoppers are shown nothing of this: see orders/service.ts.
        data: {
          action: decision.action,
          amount: decision.amount,
          currency: decision.currency,
          ...(type === 'decision.declined' && by === decision.requested_by ? { takenBack: true } : {}),
          note: reason,
        },
      },
    ],
    deps.ports.clock.now(),
  )
}

function summaryOf({ action, amount, currency, reference }: DecisionRow, number: string | undefined): string {
  const money = `${currency} ${toDecimal(amount, currency)}`
  const order = number ?? 'the order'
  const summaries: Readonly<Record<DecisionAction, string>> = {
    cancel: `Cancelling ${order} would send back ${money}.`,
    mark_paid: `${order} is to count as paid: ${money} is said to have come by bank transfer ${reference ?? ''}.`,
    confirm: `${order} is to be taken as paid although its payment differs by ${money}.`,
    refund: `${money} of ${order} is to be sent back.`,
    refund_to_wallet: `${money} of ${order} is to be put into the customer's wallet.`,
    paid_back_elsewhere: `${money} of ${order} is said to have been paid back by transfer ${reference ?? ''}.`,
    write_off: `${money} is to be written off.`,
  }
  return `${summaries[action]} It waits for a second person to agree.`
}
