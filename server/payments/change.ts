/**
 * The money of one order under its lock: reading all that a decision may depend on, and writing what was decided. Every
 * change of a payment, an attempt or a refund is a `Draft` that is written here, whoever asked for it.
 */
import * as cart from '../cart/service.ts'
import { restock as putBack, type StockLine } from '../inventory/queries.ts'
import { isFree, perProduct } from '../inventory/service.ts'
import * as ledger from '../ledger/service.ts'
import { updatePaymentStatus, updateCancelReason, updateReturned } from '../orders/change-queries.ts'
import { confirmOrder, endParts, followReturns } from '../orders/changes.ts'
import type { SaleLine } from '../orders/lines.ts'
import type { OrderRow } from '../orders/order.ts'
import { lockOrder, listSaleLines } from '../orders/queries.ts'
import { sendAlert } from '../platform/alerts.ts'
import type { Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError } from '../platform/errors.ts'
import { insertReviewItem, closeReviewItems } from '../reviews/queries.ts'
import { insertEvents } from '../timeline/queries.ts'
import * as wallet from '../wallet/queries.ts'
import type { PaymentDeps } from './context.ts'
import { countOutcome } from './figures.ts'
import { Draft, type Outcome } from './money/draft.ts'
import type { Money } from './money/payment.ts'
import type { NewProviderCall } from './providers/call-queries.ts'
import { listPaymentsWithAttempts, listRefunds, upsertRefund, writePayments } from './queries.ts'

/** Locks an order and its payments and reads their money. Throws order_not_found. */
export async function lockMoney(tx: Tx, orderId: string): Promise<Money> {
  // Sent together; each runs after the one before it, so all but the first see the order locked.
  const [order, { payments, attempts }, refunds, lines] = await Promise.all([
    lockOrder(tx, orderId),
    listPaymentsWithAttempts(tx, orderId, true),
    listRefunds(tx, [orderId]),
    listSaleLines(tx, orderId),
  ])
  if (order === undefined) throw new AppError('order_not_found', 'There is no such order.')
  return { order, payments, attempts, refunds, lines, stockFree: false }
}

/** Begins a change of an order's money. */
export function beginChange(deps: PaymentDeps, money: Money): Draft {
  return new Draft(money, deps.policy, { now: deps.ports.clock.now(), uuid: () => deps.ports.ids.uuid() })
}

/** Whether the units of an order that time had cancelled could be taken now. Locks them; false for every other order. */
export async function couldRevive(tx: Tx, order: OrderRow, stock: readonly StockLine[]): Promise<boolean> {
  const expired = order.status === 'cancelled' && order.cancel_reason === 'expired'
  return expired && (await isFree(tx, stock))
}

/**
 * Writes what was decided. Everything is sent without waiting: the database's own constraints are the judge, and the
 * commit tells.
 */
export function writeOutcome(
  tx: Tx,
  deps: Deps,
  { order, payments }: Money,
  stock: readonly StockLine[],
  outcome: Outcome,
  calls: readonly NewProviderCall[],
  now: Date,
): void {
  tx.afterCommit(() => countOutcome(deps.ports.metrics, payments, outcome, now))
  writePayments(tx, { attempts: outcome.attempts, payments: outcome.payments, calls }, now)
  if (outcome.confirm === undefined && outcome.orderPaymentStatus !== undefined) {
    updatePaymentStatus(tx, order.id, outcome.orderPaymentStatus, now)
  }
  if (outcome.lateForExpired && order.cancel_reason === 'expired') {
    updateCancelReason(tx, order.id, 'late_payment', now)
  }
  if (outcome.returned !== undefined) {
    updateReturned(tx, order.id, { ...outcome.returned, restock: outcome.restock }, now)
  }
  for (const refund of outcome.refunds) upsertRefund(tx, refund, now)
  for (const item of outcome.reviewItems) insertReviewItem(tx, item)
  for (const alert of outcome.alerts) sendAlert(tx, deps.ports, alert)
  if (outcome.closed.length > 0) closeReviewItems(tx, outcome.closed, now)
  for (const { userId, currency, amount } of outcome.walletChanges) wallet.change(tx, userId, currency, amount, now)
  // Stock and accounts come last, in the one order of locks: of a popular product and its shop many orders have some.
  if (outcome.confirm === undefined) {
    if (outcome.ending !== undefined) endParts(tx, deps.ports, order, outcome.lines, outcome.ending, now)
    else if (outcome.returned !== undefined) followReturns(tx, deps.ports, order, outcome.lines, now)
    insertEvents(tx, outcome.events, now)
    restock(tx, order.id, outcome.lines, outcome.restock, now)
  } else {
    if (order.user_id !== null) cart.clearCart(tx, order.user_id)
    const paymentStatus = outcome.orderPaymentStatus ?? order.payment_status
    confirmOrder(tx, deps.ports, order, outcome.lines, stock, outcome.confirm, paymentStatus, outcome.events, now)
  }
  for (const [currency, movements] of byCurrency(outcome.movements)) {
    ledger.post(tx, deps.ports, currency, order.id, movements)
  }
}

function restock(tx: Tx, orderId: string, lines: readonly SaleLine[], back: Outcome['restock'], now: Date): void {
  const units = back.flatMap(({ itemId, quantity }) => {
    const productId = lines.find((line) => line.id === itemId)?.product_id
    return productId == null ? [] : [{ productId, quantity }]
  })
  if (units.length > 0) putBack(tx, orderId, perProduct(units), now)
}

function byCurrency(movements: Outcome['movements']) {
  const grouped = new Map<string, Outcome['movements'][number]['movement'][]>()
  for (const { currency, movement } of movements) grouped.set(currency, [...(grouped.get(currency) ?? []), movement])
  return grouped
}
