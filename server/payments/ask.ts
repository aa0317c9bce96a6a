/** What became of an order's money: as it is known, and asked of the provider while a shopper waits for it. */
import type { OrderPaymentState } from '../../shared/contract/payments.ts'
import * as orders from '../orders/finding.ts'
import type { OrderRow } from '../orders/order.ts'
import { listShopOrders } from '../orders/queries.ts'
import type { Db } from '../platform/database.ts'
import type { PaymentDeps } from './context.ts'
import { moneyOf } from './money/money-of.ts'
import { isOpen } from './money/payment.ts'
import { askProvider } from './poll.ts'
import * as queries from './queries.ts'
import { toState } from './views.ts'

/** A shopper who has left the provider's window waits for two or three answers. */
const ASKED_PER_ORDER_AND_MINUTE = 6

/** What is known of an order's money. Three statements. */
export async function stateOf(db: Db, order: OrderRow, now: Date): Promise<OrderPaymentState> {
  const [known, parts, refunds] = await Promise.all([
    queries.listPaymentsWithAttempts(db, order.id),
    listShopOrders(db, [order.id]),
    queries.listRefunds(db, [order.id]),
  ])
  return toState(order, known.payments, known.attempts, moneyOf(order, parts, known.attempts, refunds), now)
}

/**
 * Asks the provider now what became of an order's open payment, as a worker does when it is due, and settles what it says.
 *
 * @returns whether it answered; nothing is known to be different when it did not
 * @throws rate_limited by the order, whoever asks and from where
 */
export async function askNow(
  deps: PaymentDeps,
  order: OrderRow,
): Promise<{ hasAnswered: boolean; state: OrderPaymentState }> {
  await deps.limiter.count('payments.ask', order.id, ASKED_PER_ORDER_AND_MINUTE)
  let hasAnswered = true
  for (const payment of await queries.listPayments(deps.db, [order.id])) {
    // What was never opened at the provider nobody can have paid.
    if (!isOpen(payment.status) || payment.provider_order_id === null) continue
    if (!(await askProvider(deps, payment, { capture: true }))) hasAnswered = false
  }
  const after = await orders.getOrder(deps.db, order.id)
  const now = deps.ports.clock.now()
  return { hasAnswered, state: await deps.db.together((reads) => stateOf(reads, after, now)) }
}
