/** Reading what became of the money of orders. */
import type { OrderMoney } from '../../shared/contract/payments.ts'
import type { OrderRow } from '../orders/order.ts'
import { listShopOrders } from '../orders/service.ts'
import type { Db } from '../platform/database.ts'
import { moneyOf } from './money-of.ts'
import type { AttemptRow, PaymentRow, RefundRow } from './payment.ts'
import * as queries from './queries.ts'

/** The payments of orders as they are written down. */
export interface PaymentRows {
  payments: PaymentRow[]
  attempts: AttemptRow[]
  refunds: RefundRow[]
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
