/** Payments, for the other slices: what they may ask and do. Each use case has a file of its own. */
import type { Payment, Refund } from '../../shared/contract/payments.ts'
import type { Audience } from '../orders/access.ts'
import type { Db } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import type { PaymentRow } from './payment.ts'
import * as queries from './queries.ts'
import { readPayments } from './read-money.ts'
import { isInternal } from './refund-words.ts'
import { toPayment, toPayments, toRefund } from './views.ts'

export * from './books-queries.ts'
export {
  call as callAbout,
  chooseByName,
  chooseProvider,
  leastRefund,
  providerOf,
  type PaymentDeps,
} from './context.ts'
export { createPayment, handOff, insertPayment, newPayment, openPayment } from './open.ts'
export {
  closeRefusals,
  countOpenReviewItems,
  insertProviderCall,
  insertReviewItem,
  recordProviderCall,
  type NewReviewItem,
  listAttempts,
  listNewestCalls,
  listPayments,
  listPaymentsWithAttempts,
  listProviderCalls,
  listRefunds,
  listReviewItems,
} from './queries.ts'
export { FAILURES_WINDOW_MS, listNeeding, OVERDUE_MS } from './attention.ts'
export { findOrderIdsByMethod, findOrderIdsByReference } from './order-queries.ts'
export { askNow, stateOf } from './ask.ts'
export { createBreaker } from './provider-call.ts'
export { settle } from './settle.ts'
export { moneyOf } from './money-of.ts'
export { moneyOfOrders, readPayments } from './read-money.ts'
export { emptyOld, forgetEvents } from './retention.ts'
export { verifyPayment } from './verify.ts'
export { acceptHeld, payBackElsewhere, refundHeld, writeOffHeld, type HeldMoney } from './held-money.ts'
export { attachPayment, explainSuspense, unknownPaymentCause } from './attach.ts'
export { askForSure, askOnce, knowForSure } from './by-hand.ts'
export { heldOf, waitsForPerson } from './payment.ts'
export { owedOf, stakeOf } from './refund.ts'
export { decideApproval } from './refund-by-hand.ts'
export {
  assertMayAgree,
  declineDecision,
  doOrAsk,
  letGo,
  letGoAlone,
  listDecisions,
  listWaitingAnswers,
  waitsAlready,
  type Agreement,
  type ByHand,
  type DecisionRow,
  type WaitsFor,
} from './second-person.ts'
export { markPaid } from './by-hand.ts'
export { toPayments, toRefund } from './views.ts'
export { listEventsOfOrder } from './webhook-queries.ts'

export async function listWithAttempts(db: Db, orderIds: readonly string[], audience: Audience): Promise<Payment[]> {
  return toPayments(await readPayments(db, orderIds), audience)
}

/** Refunds of an order that a shopper is not told of. */
export async function listInternalRefunds(db: Db, orderId: string): Promise<Set<string>> {
  const refunds = await queries.listRefunds(db, [orderId])
  return new Set(refunds.filter(isInternal).map((refund) => refund.id))
}

export async function getPayment(
  db: Db,
  paymentId: string,
  audience: Audience,
): Promise<{ payment: Payment; orderId: string }> {
  const row = await queries.findPayment(db, paymentId)
  if (row === undefined) throw new AppError('payment_not_found', 'There is no such payment.')
  const [payment] = (await listWithAttempts(db, [row.order_id], audience)).filter((listed) => listed.id === paymentId)
  if (payment === undefined) throw new AppError('payment_not_found', 'There is no such payment.')
  return { payment, orderId: row.order_id }
}

/** A refund by its id; undefined when there is none. */
export async function findRefund(db: Db, id: string, audience: Audience): Promise<Refund | undefined> {
  const row = await queries.findRefund(db, id)
  return row === undefined ? undefined : toRefund(row, audience)
}

/** A payment that was only just written, as the API shows it. */
export function toFreshPayment(payment: PaymentRow): Payment {
  return toPayment(payment, [], [], 'shopper')
}
