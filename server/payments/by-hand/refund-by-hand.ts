/**
 * Refunds that a person asks for: full or partial, of lines or of an amount, to the source or to the wallet. Whatever is
 * asked is judged under the order's lock against what is still held, refunds that are under way included; above a limit
 * a second person must agree before anything moves.
 */
import type { Refund, RefundBody } from '../../../shared/contract/payments.ts'
import { add } from '../../../shared/money.ts'
import { allLeft, type LineReturn } from '../../orders/lines.ts'
import { isLiving } from '../../orders/order.ts'
import { inTransaction } from '../../platform/database.ts'
import { AppError, invalidField } from '../../platform/errors.ts'
import { readableText } from '../../platform/text.ts'
import { beginChange, lockMoney, writeOutcome } from '../change.ts'
import { assertSendable, leastRefund, tooSmallWords, type PaymentDeps } from '../context.ts'
import { heldOf, type AttemptRow, type Money, type RefundRow } from '../money/payment.ts'
import { declineRefund, giveAtOnce } from '../money/refund-ends.ts'
import { linesBack } from '../money/refund-lines.ts'
import { askAboutRefund, paysStandingOrder, requestRefund } from '../money/refund.ts'
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
export async function refundByHand(deps: PaymentDeps, body: RefundBody, id: string, by: ByHand): Promise<Refund> {
  const orderId = await orderOf(deps, body)
  const done = (await queries.listRefunds(deps.db, [orderId])).find((row) => row.id === id)
  if (done !== undefined) return toRefund(done, 'staff')
  await knowForSure(deps, orderId, body.paymentId)
  return inTransaction(deps.db, 'refundByHand', async (tx) => {
    const money = await lockMoney(tx, orderId)
    const repeated = money.refunds.find((row) => row.id === id)
    if (repeated !== undefined) return toRefund(repeated, 'staff')
    const lines = body.items === undefined ? undefined : linesBack(money.lines, body)
    const wished = lines === undefined ? body.amount : add(0, ...lines.map((line) => line.amount))
    const attempt = attemptWith(money, body, wished)
    const amount = wished ?? heldOf(attempt)
    const walletOf = walletOwner(money, body)
    if (walletOf === undefined) assertSendable(deps, attempt, amount, body.items === undefined ? 'amount' : 'items')
    const restock = body.restock === true ? unitsBack(money, attempt, lines, amount) : []
    const who = { actor: 'admin', actorId: by.adminId, source: 'api' } as const

    const left = leftAlone(deps, money.refunds, await sumDecidedAlone(tx, orderId))
    const draft = beginChange(deps, money)
    const refund = requestRefund(draft, attempt, {
      id,
      amount,
      reason: readableText('reason', body.reason),
      cause: 'by_shop',
      ...(body.message === undefined ? {} : { message: readableText('message', body.message) }),
      destination: walletOf === undefined ? 'source' : 'wallet',
      needsApproval: left !== null && amount > left,
      ...(lines === undefined ? {} : { lines }),
      restock,
      by: who,
    })
    let decided = refund
    if (refund.approval === 'pending') askAboutRefund(draft, refund, 'refund_approval', { requestedBy: by.adminId })
    else {
      if (walletOf !== undefined) decided = giveAtOnce(draft, refund, { walletOf }, who)
      draft.restock(restock)
    }
    await by.answer?.(tx)
    writeOutcome(tx, deps, draft.money, [], draft.finish(), [], draft.make.now)
    return { ...toRefund(decided, 'staff'), ...warningOf(deps, draft.attempt(attempt.id)) }
  })
}

/** What is to be known of a refund that leaves less than its provider sends back at once. */
function warningOf(deps: PaymentDeps, attempt: AttemptRow): Pick<Refund, 'warning'> {
  const [rest, minimum] = [heldOf(attempt), leastRefund(deps, attempt)]
  if (rest === 0 || rest >= minimum) return {}
  const message = `${tooSmallWords(deps, attempt)}: what is left can only go to a wallet, or by a transfer of ours.`
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
    if (!agreed) {
      if (draft.order.status === 'cancelled') {
        throw new AppError('order_cancelled', 'The order was cancelled: what was paid for it goes back.')
      }
      const ended = row.lines.map(({ itemId }) => draft.line(itemId).shop_status).find((status) => !isLiving(status))
      if (ended !== undefined) {
        const how = ended === 'rejected' ? 'Its shop has rejected that part' : 'That part was cancelled'
        throw new AppError('invalid_transition', `${how}: what was paid for it goes back.`)
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
    if (draft.order.stock === 'deducted') draft.restock(row.restock)
    const { user_id: walletOf } = draft.order
    if (row.destination === 'wallet' && walletOf !== null) giveAtOnce(draft, approved, { walletOf }, who)
  })
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

/** The capture that a refund is taken from: the one that pays the order first, and for lines no other. */
function attemptWith(money: Money, body: RefundBody, amount: number | undefined): AttemptRow {
  const able = money.attempts
    .filter((row) => (body.paymentId === undefined || row.payment_id === body.paymentId) && heldOf(row) > 0)
    .filter((row) => body.items === undefined || paysStandingOrder(money.order, row))
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

function walletOwner(money: Money, body: RefundBody): string | undefined {
  if (body.destination !== 'wallet') return undefined
  if (money.order.user_id === null) throw invalidField('destination', 'cannot be wallet: a guest has none')
  return money.order.user_id
}

/** The units that go back into stock with a refund: those of its lines, or all that are left when everything goes back. */
function unitsBack(
  { order, lines: ofOrder }: Money,
  attempt: AttemptRow,
  lines: readonly LineReturn[] | undefined,
  amount: number,
): RefundRow['restock'] {
  if (order.stock !== 'deducted' || !paysStandingOrder(order, attempt)) {
    throw invalidField('restock', 'is not possible: the order holds no units')
  }
  if (lines === undefined && amount < heldOf(attempt)) {
    throw invalidField('restock', 'needs items when not everything is given back')
  }
  const stocked = new Set(ofOrder.filter((line) => line.product_id !== null).map((line) => line.id))
  return (lines ?? allLeft(ofOrder))
    .filter(({ itemId, quantity }) => stocked.has(itemId) && quantity > 0)
    .map(({ itemId, quantity }) => ({ itemId, quantity }))
}
