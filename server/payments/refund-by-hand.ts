/**
 * Refunds that a person asks for: full or partial, of lines or of an amount, to the source or to the wallet. Whatever is
 * asked is judged under the order's lock against what is still held, refunds that are under way included; above a limit
 * a second person must agree before anything moves.
 */
import type { RefundBody } from '../../shared/contract/payments.ts'
import { add, allocate, proportion, subtract } from '../../shared/money.ts'
import { mayAgreeFrom } from '../accounts/service.ts'
import { leftOf } from '../ledger/movement.ts'
import * as orders from '../orders/service.ts'
import type { SaleLine } from '../orders/service.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { readableText } from '../platform/text.ts'
import { beginChange, lockMoney, writeOutcome, type LockedMoney } from './change.ts'
import type { PaymentDeps } from './context.ts'
import { knowForSure } from './by-hand.ts'
import { heldOf, type AttemptRow, type RefundRow } from './payment.ts'
import * as queries from './queries.ts'
import { askAboutRefund, requestRefund } from './refund.ts'
import { declineRefund, giveAtOnce } from './refund-ends.ts'
import { changeRefund } from './refunds.ts'

/** Who moves money by hand, and what else is written in the same transaction. */
export interface ByHand {
  adminId: string
  /**
   * Runs inside the transaction once the order is locked: whoever asked records there what it was an answer to, and may
   * refuse by throwing.
   */
  answer?: (tx: Tx) => Promise<void>
}

/**
 * Decides a refund by hand.
 *
 * @param id chosen by the caller, so that a repeated request finds the refund that the first one made
 * @throws validation_failed, order_not_found, payment_not_found, payment_state_unknown, refund_exceeds_captured with
 *   `details.refundable` in minor units
 */
export async function refundByHand(deps: PaymentDeps, body: RefundBody, id: string, by: ByHand): Promise<RefundRow> {
  const orderId = await orderOf(deps, body)
  const done = (await queries.listRefunds(deps.db, [orderId])).find((row) => row.id === id)
  if (done !== undefined) return done
  await knowForSure(deps, orderId, body.paymentId)
  return inTransaction(deps.db, 'refundByHand', async (tx) => {
    const money = await lockMoney(tx, orderId)
    const repeated = money.refunds.find((row) => row.id === id)
    if (repeated !== undefined) return repeated
    const lines = linesWished(money, body)
    const attempt = attemptWith(money, body.paymentId, body.amount ?? lines?.amount)
    const amount = body.amount ?? lines?.amount ?? heldOf(attempt)
    const walletOf = walletOwner(money, body)
    const restock = unitsBack(money, body, amount === heldOf(attempt))
    const who = { actor: 'admin', actorId: by.adminId, source: 'api' } as const

    const draft = beginChange(deps, money, attempt.payment_id)
    const refund = requestRefund(draft, attempt, {
      id,
      amount,
      reason: readableText('reason', body.reason),
      cause: 'by_shop',
      ...(body.message === undefined ? {} : { message: readableText('message', body.message) }),
      destination: walletOf === undefined ? 'source' : 'wallet',
      needsApproval: needsApproval(deps, money.refunds, amount),
      ...(lines === undefined ? {} : { parts: partsOf(money, lines.byPart, amount) }),
      restock,
      by: who,
    })
    let decided = refund
    if (refund.approval === 'pending') askAboutRefund(draft, refund, 'refund_approval', { requestedBy: by.adminId })
    else {
      if (walletOf !== undefined) decided = giveAtOnce(draft, refund, { walletOf }, who)
      orders.restockLines(tx, deps.ports, orderId, money.lines, restock)
    }
    await by.answer?.(tx)
    writeOutcome(tx, deps, draft.state, [], draft.finish(), [], draft.make.now)
    return decided
  })
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
  await changeRefund(deps, 'approveRefund', refund.id, refund.order_id, [], async (draft, row, tx, lines) => {
    await by.answer?.(tx)
    if (row.approval !== 'pending') throw new AppError('already_resolved', 'Somebody has decided about this refund.')
    if (row.requested_by === by.adminId) {
      throw new AppError('second_person_needed', 'Whoever asked for a refund cannot also be the one who agrees to it.')
    }
    if (agreed) await assertMayAgree(deps, tx, by.adminId)
    if (!agreed) {
      if (draft.order.status === 'cancelled') {
        throw new AppError('order_cancelled', 'The order was cancelled: what was paid for it goes back.')
      }
      declineRefund(draft, row, 'A second person has declined it.', who, reason)
      return
    }
    const approved: RefundRow = { ...row, approval: 'approved', approved_by: by.adminId, next_look_at: draft.make.now }
    draft.setRefund(approved)
    const attempt = draft.attempt(row.attempt_id)
    // Now it truly goes back.
    if (attempt.disposition === 'review') draft.setAttempt({ ...attempt, disposition: 'surplus' })
    draft.addEvent({ type: 'refund.approved', subject: 'refund', subjectId: row.id, ...who, data: { note: reason } })
    // The units of an order that was cancelled meanwhile are back already.
    if (draft.order.stock === 'deducted') orders.restockLines(tx, deps.ports, row.order_id, lines, row.restock)
    const { user_id: walletOf } = draft.order
    if (row.destination === 'wallet' && walletOf !== null) giveAtOnce(draft, approved, { walletOf }, who)
  })
}

/**
 * Refuses whoever may be a second account of the person that asked: see accounts/admins.ts.
 *
 * @throws second_person_needed with `details.from`
 */
async function assertMayAgree(deps: PaymentDeps, tx: Tx, adminId: string): Promise<void> {
  const from = await mayAgreeFrom(tx, adminId, deps.ports.clock.now())
  if (from === null) return
  throw new AppError(
    'second_person_needed',
    'Your account was made an admin, or was given its password, within a day. Until then another admin must agree.',
    { details: { from: from.toISOString() } },
  )
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

/** The capture that a refund is taken from: the one that pays the order first. */
function attemptWith(money: LockedMoney, paymentId: string | undefined, amount: number | undefined): AttemptRow {
  const able = money.attempts
    .filter((row) => (paymentId === undefined || row.payment_id === paymentId) && heldOf(row) > 0)
    .sort((a, b) => Number(b.disposition === 'kept') - Number(a.disposition === 'kept'))
  const found = able.find((row) => amount === undefined || heldOf(row) >= amount)
  if (found !== undefined) return found
  const refundable = Math.max(0, ...able.map(heldOf))
  throw new AppError(
    'refund_exceeds_captured',
    refundable === 0 ? 'Nothing is left that could be refunded.' : 'That is more than can still be refunded.',
    { details: { refundable } },
  )
}

/** What the named lines cost, in all and by part. */
function linesWished(money: LockedMoney, body: RefundBody) {
  if (body.items === undefined) return undefined
  const byPart = new Map<string, number>()
  const seen = new Set<string>()
  for (const [at, { itemId, quantity }] of body.items.entries()) {
    const line = money.lines.find((each) => each.id === itemId)
    if (line === undefined || seen.has(itemId)) {
      throw invalidField(`items.${at}.itemId`, line === undefined ? 'is not a line of this order' : 'is named twice')
    }
    seen.add(itemId)
    const there = line.quantity - line.restocked
    if (quantity > there) throw invalidField(`items.${at}.quantity`, `must not be above ${there}`)
    const worth = proportion(line.total, quantity, line.quantity)
    byPart.set(line.shop_order_id, add(byPart.get(line.shop_order_id) ?? 0, worth))
  }
  const amount = add(...byPart.values())
  if (amount === 0 && body.amount === undefined) throw invalidField('amount', 'is required: these lines cost nothing')
  return { amount, byPart }
}

/** What each part bears of an amount that is given back for lines of it. */
function partsOf(money: LockedMoney, byPart: ReadonlyMap<string, number>, amount: number): RefundRow['parts'] {
  const shares = allocate(amount, [...byPart.values()])
  const parts = [...byPart.keys()].map((shopOrderId, at) => ({ shopOrderId, amount: shares[at] ?? 0 }))
  for (const part of parts) {
    const sale = orders.salesOf(money.lines).find((each) => each.shopOrderId === part.shopOrderId)
    if (sale !== undefined && part.amount > leftOf(sale)) {
      throw invalidField('amount', 'is more than is left of the parts that these lines belong to')
    }
  }
  return parts.filter((part) => part.amount > 0)
}

function walletOwner(money: LockedMoney, body: RefundBody): string | undefined {
  if (body.destination !== 'wallet') return undefined
  if (money.order.user_id === null) throw invalidField('destination', 'cannot be wallet: a guest has none')
  return money.order.user_id
}

/** The units that go back into stock with a refund. */
function unitsBack(money: LockedMoney, body: RefundBody, everything: boolean): RefundRow['restock'] {
  if (body.restock !== true) return []
  if (money.order.stock !== 'deducted') throw invalidField('restock', 'is not possible: the order holds no units')
  if (body.items !== undefined) return body.items.filter(({ itemId }) => isStocked(money.lines, itemId))
  if (!everything) throw invalidField('restock', 'needs items when not everything is given back')
  return orders.unitsOut(money.lines)
}

function isStocked(lines: readonly SaleLine[], itemId: string): boolean {
  return lines.some((line) => line.id === itemId && line.product_id !== null)
}

/** What one person can still give back of an order by hand, in minor units; null when there is no limit. */
export async function refundableAlone(deps: PaymentDeps, orderId: string): Promise<number | null> {
  return leftAlone(deps, await queries.listRefunds(deps.db, [orderId]))
}

function needsApproval(deps: PaymentDeps, refunds: readonly RefundRow[], amount: number): boolean {
  const left = leftAlone(deps, refunds)
  return left !== null && amount > left
}

/** All refunds by hand of the order count together, so that a large one cannot be cut into small ones. */
function leftAlone(deps: PaymentDeps, refunds: readonly RefundRow[]): number | null {
  const limit = deps.policy.refundApprovalAbove
  if (limit === null) return null
  const before = refunds.filter((row) => row.requested_by !== null && row.status !== 'failed')
  const given = add(0, ...before.filter((row) => row.approval !== 'approved').map((row) => row.amount))
  return Math.max(0, subtract(limit, given))
}
