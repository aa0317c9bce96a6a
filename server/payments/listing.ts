/** Reading what became of the money of orders. */
import type { OrderMoney, Payment } from '../../shared/contract/payments.ts'
import type { Audience } from '../accounts/account.ts'
import type { OrderRow } from '../orders/order.ts'
import { listShopOrders } from '../orders/queries.ts'
import type { Db } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { moneyOf } from './money/money-of.ts'
import type { AttemptRow, PaymentRow, RefundRow } from './money/payment.ts'
import { isInternal } from './money/refund-words.ts'
import * as queries from './queries.ts'
import { toPayment, toPayments } from './views.ts'

/** The payments of orders as they are written down. */
export interface PaymentRows {
  payments: PaymentRow[]
  attempts: AttemptRow[]
  refunds: RefundRow[]
}

/** What is known of the payments of one order, in one statement. */
export function knownPayments(db: Db, orderId: string): Promise<Pick<PaymentRows, 'payments' | 'attempts'>> {
  return queries.listPaymentsWithAttempts(db, orderId)
}

/** Payments of orders, with attempts and refunds, in three statements. */
export async function readPayments(db: Db, orderIds: readonly string[]): Promise<PaymentRows> {
  if (orderIds.length === 0) return { payments: [], attempts: [], refunds: [] }
  const [payments, attempts, refunds] = await Promise.all([
    queries.listPayments(db, orderIds),
    queries.listAttempts(db, orderIds),
    queries.listRefunds(db, orderIds),
  ])
  return { payments, attempts, refunds }
}

/** What became of the money of orders, by their ids. Three statements for all of them. */
export async function moneyOfOrders(
  db: Db,
  orders: readonly Pick<OrderRow, 'id' | 'status' | 'currency' | 'total'>[],
): Promise<Map<string, OrderMoney[]>> {
  if (orders.length === 0) return new Map()
  const ids = orders.map((order) => order.id)
  const [parts, attempts, refunds] = await Promise.all([
    listShopOrders(db, ids),
    queries.listAttempts(db, ids),
    queries.listRefunds(db, ids),
  ])
  return new Map(
    orders.map((order) => {
      const own = <T extends { order_id: string }>(rows: readonly T[]) =>
        rows.filter((row) => row.order_id === order.id)
      return [order.id, moneyOf(order, own(parts), own(attempts), own(refunds))]
    }),
  )
}

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

/** A payment that was only just written, as the API shows it. */
export function toFreshPayment(payment: PaymentRow): Payment {
  return toPayment(payment, [], [], 'shopper')
}
