/**
 * Refunds that a person asks for: full or partial, of lines or of an amount, to the source or to the wallet. Whatever is
 * asked is judged under the order's lock against what is still held, refunds that are under way included; above a limit
 * a second person must agree before anything moves.
 */
import type { Refund, RefundBody } from '../../../shared/contract/payments.ts'
import { add } from '../../../shared/money.ts'
import { allLeft, type LineReturn } from '../../orders/lines.ts'
import { isLiving } from '../../orders/order.ts'
import { inTransaction, type Db } from '../../platform/database.ts'
import { AppError, invalidField } from '../../platform/errors.ts'
import { readableText } from '../../platform/text.ts'
import { beginChange, lockMoney, writeOutcome } from '../change.ts'
import { amountsThrough, assertSendable, whyNotThrough, type PaymentDeps } from '../context.ts'
import type { Draft } from '../money/draft.ts'
import { giveBack } from '../money/give-back.ts'
import { heldOf, type AttemptRow, type Money, type RefundRow } from '../money/payment.ts'
import { declineRefund, giveAtOnce } from '../money/refund-ends.ts'
import { linesBack } from '../money/refund-lines.ts'
import { askAboutRefund, paysStandingOrder } from '../money/refund.ts'
import { keptOf, sourcesOf } from '../money/shares.ts'
import * as queries from '../queries.ts'
import { changeRefund } from '../refunds.ts'
import { toRefund } from '../views.ts'
import { sumDecidedAlone } from './decision-queries.ts'
import { knowForSure } from './payment-by-hand.ts'
import { assertMayAgree, leftAlone, notTheirOwn, type ByHand } from './second-person.ts'

/**
 * Decides a refund by hand.
 *
 * @param id chosen by the caller, so that a repeated request finds the refund that the first one made
 * @returns the refund, with a warning where it leaves less than its provider sends back at once
 * @throws validation_failed, also for less than that; order_not_found, payment_not_found, payment_state_unknown,
 *   refund_exceeds_captured with `details.refundable` in minor units, and `details.itemId` for a line that is given back
 */
export async function refundByHand(deps: PaymentDeps, body: RefundBody, id: string, by: ByHand): Promise<Decided> {
  const orderId = await orderOf(deps, body)
  const done = (await queries.listRefunds(deps.db, [orderId])).filter((row) => row.decision_id === id)
  if (done.length > 0) return decided(done)
  await knowForSure(deps, orderId, body.paymentId)
  return inTransaction(deps.db, 'refundByHand', async (tx) => {
    const money = await lockMoney(tx, orderId)
    const repeated = money.refunds.filter((row) => row.decision_id === id)
    if (repeated.length > 0) return decided(repeated)
    const lines = body.items === undefined ? undefined : linesBack(money.lines, body)
    const wished = lines === undefined ? body.amount : add(0, ...lines.map((line) => line.amount))
    const from = sourceWith(money, body, wished)
    const amount = wished ?? heldIn(from)
    const walletOf = walletOwner(money, body)
    if (walletOf === undefined) {
      const field = body.items === undefined ? 'amount' : 'items'
      for (const source of sourcesOf(amount, from)) assertSendable(deps, source.attempt, source.amount, field)
    }
    const restock = body.restock === true ? unitsBack(money, from, lines, amount) : []
    const who = { actor: 'admin', actorId: by.adminId, source: 'api' } as const

    const left = leftAlone(deps, money.refunds, await sumDecidedAlone(tx, orderId))
    const draft = beginChange(deps, money)
    const wish = {
      id,
      amount,
      reason: readableText('reason', body.reason),
      cause: 'by_shop' as const,
      ...(body.message === undefined ? {} : { message: readableText('message', body.message) }),
      destination: walletOf === undefined ? ('source' as const) : ('wallet' as const),
      needsApproval: left !== null && amount > left,
      ...(lines === undefined ? {} : { lines }),
      restock,
      by: who,
    }
    const given = giveBack(draft, wish, from).map((refund) => {
      const isGiven = refund.status === 'processed' || refund.approval === 'pending'
      return walletOf === undefined || isGiven ? refund : giveAtOnce(draft, refund, { walletOf }, who)
    })
    const [first] = given
    if (first?.approval === 'pending') {
      // One question, about all of what was decided together.
      askAboutRefund(draft, { ...first, amount }, 'refund_approval', { requestedBy: by.adminId })
    } else draft.restock(restock)
    await by.answer?.(tx)
    writeOutcome(tx, deps, draft.money, [], draft.finish(), [], draft.make.now)
    return decided(
      given,
      warningOf(
        deps,
        from.map((attempt) => draft.attempt(attempt.id)),
      ),
    )
  })
}

/** What was decided together: the refund at the provider, which comes first, and all of them. */
export interface Decided {
  refund: Refund
  refunds: Refund[]
}

function decided(rows: readonly RefundRow[], warning: Pick<Refund, 'warning'> = {}): Decided {
  const first = rows.find((row) => row.id === row.decision_id)
  if (first === undefined) throw new Error('a decision has no refund of its own name')
  const refund = { ...toRefund(first, 'staff'), ...warning }
  const others = rows.filter((row) => row !== first)
  return { refund, refunds: [refund, ...others.map((row) => toRefund(row, 'staff'))] }
}

/** What was decided under an id; undefined when nothing was. */
export async function findDecided(db: Db, id: string): Promise<Decided | undefined> {
  const rows = await queries.listDecision(db, id)
  return rows.length === 0 ? undefined : decided(rows)
}

/** What is to be known of a refund that leaves less than its provider sends back at once. */
function warningOf(deps: PaymentDeps, from: readonly AttemptRow[]): Pick<Refund, 'warning'> {
  const attempt = from.find((row) => heldOf(row) > 0 && heldOf(row) < amountsThrough(deps, row).least)
  if (attempt === undefined) return {}
  const [rest, minimum] = [heldOf(attempt), amountsThrough(deps, attempt).least]
  const message = `${whyNotThrough(deps, attempt, rest, 'sends back')}: what is left can only go to a wallet, or by a transfer of ours.`
  return { warning: { code: 'rest_too_small', message, rest, minimum } }
}

/**
 * The second person's word on a refund.
 *
 * @throws already_resolved, second_person_needed; order_cancelled when a refund of a cancelled order is to be declined,
 *   because that money must go back
 */
export async function decideApproval(
  deps: PaymentDeps,
  refund: Pick<RefundRow, 'id' | 'order_id'>,
  agreed: boolean,
  reason: string,
  by: ByHand,
): Promise<void> {
  const who = { actor: 'admin', actorId: by.adminId, source: 'api' } as const
  await changeRefund(deps, 'approveRefund', refund.id, refund.order_id, [], async (draft, row, tx) => {
    await by.answer?.(tx)
    if (row.approval !== 'pending') throw new AppError('already_resolved', 'Somebody has decided about this refund.')
    if (row.requested_by === by.adminId) throw notTheirOwn()
    if (agreed) await assertMayAgree(deps, tx, by.adminId)
    const together = draft
      .allRefunds()
      .filter((other) => other.decision_id === row.decision_id && other.approval === 'pending')
    if (!agreed) {
      if (draft.order.status === 'cancelled') {
        throw new AppError('order_cancelled', 'The order was cancelled: what was paid for it goes back.')
      }
      const ended = together
        .flatMap((other) => other.lines)
        .map(({ itemId }) => draft.line(itemId).shop_status)
        .find((status) => !isLiving(status))
      if (ended !== undefined) {
        const how = ended === 'rejected' ? 'Its shop has rejected that part' : 'That part was cancelled'
        throw new AppError('invalid_transition', `${how}: what was paid for it goes back.`)
      }
      for (const other of together) declineRefund(draft, other, 'A second person has declined it.', who, reason)
      return
    }
    for (const other of together) approve(draft, other, who, reason)
  })
}

function approve(
  draft: Draft,
  refund: RefundRow,
  who: { actor: 'admin'; actorId: string; source: string },
  reason: string,
): void {
  const approved: RefundRow = {
    ...refund,
    approval: 'approved',
    approved_by: who.actorId,
    next_look_at: draft.make.now,
  }
  draft.setRefund(approved)
  const attempt = draft.attempt(refund.attempt_id)
  // Now it truly goes back.
  if (attempt.disposition === 'review') draft.setAttempt({ ...attempt, disposition: 'surplus' })
  draft.addEvent({ type: 'refund.approved', subject: 'refund', subjectId: refund.id, ...who, data: { note: reason } })
  // The units of an order that was cancelled meanwhile are back already.
  if (draft.order.stock === 'deducted') draft.restock(refund.restock)
  const { user_id: walletOf } = draft.order
  if (refund.destination === 'wallet' && walletOf !== null) giveAtOnce(draft, approved, { walletOf }, who)
}

async function orderOf(deps: PaymentDeps, body: RefundBody): Promise<string> {
  if (body.paymentId === undefined) {
    if (body.orderId === undefined) throw invalidField('orderId', 'is required when there is no paymentId')
    return body.orderId
  }
  const payment = await queries.findPayment(deps.db, body.paymentId)
  if (payment === undefined) throw new AppError('payment_not_found', 'There is no such payment.')
  if (body.orderId !== undefined && body.orderId !== payment.order_id) {
    throw invalidField('orderId', 'is not the order of this payment')
  }
  return payment.order_id
}

/**
 * The captures that a refund is taken from: those that pay the order together, else one that has as much; for lines those
 * that pay it and no others.
 */
function sourceWith(money: Money, body: RefundBody, amount: number | undefined): AttemptRow[] {
  const able = money.attempts
    .filter((row) => (body.paymentId === undefined || row.payment_id === body.paymentId) && heldOf(row) > 0)
    .filter((row) => body.items === undefined || paysStandingOrder(money.order, row))
  const others = able.filter((row) => row.disposition !== 'kept').map((row) => [row])
  const sources = [keptOf(able), ...others].filter((rows) => rows.length > 0)
  const found = sources.find((rows) => amount === undefined || heldIn(rows) >= amount)
  if (found !== undefined) return found
  const refundable = Math.max(0, ...sources.map(heldIn))
  throw new AppError(
    'refund_exceeds_captured',
    refundable === 0 ? 'Nothing is left that could be refunded.' : 'That is more than can still be refunded.',
    { details: { refundable } },
  )
}

function heldIn(from: readonly AttemptRow[]): number {
  return add(0, ...from.map(heldOf))
}

function walletOwner(money: Money, body: RefundBody): string | undefined {
  if (body.destination !== 'wallet') return undefined
  if (money.order.user_id === null) throw invalidField('destination', 'cannot be wallet: a guest has none')
  return money.order.user_id
}

/** The units that go back into stock with a refund: those of its lines, or all that are left when everything goes back. */
function unitsBack(
  { order, lines: ofOrder }: Money,
  from: readonly AttemptRow[],
  lines: readonly LineReturn[] | undefined,
  amount: number,
): RefundRow['restock'] {
  if (order.stock !== 'deducted' || !from.every((row) => paysStandingOrder(order, row))) {
    throw invalidField('restock', 'is not possible: the order holds no units')
  }
  if (lines === undefined && amount < heldIn(from)) {
    throw invalidField('restock', 'needs items when not everything is given back')
  }
  const stocked = new Set(ofOrder.filter((line) => line.product_id !== null).map((line) => line.id))
  return (lines ?? allLeft(ofOrder))
    .filter(({ itemId, quantity }) => stocked.has(itemId) && quantity > 0)
    .map(({ itemId, quantity }) => ({ itemId, quantity }))
}
