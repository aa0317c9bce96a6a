/** What cancelling an order ends: all of it; or, while a part of it is on its way, the other parts alone. Pure. */
import type { Order } from '../../shared/contract/orders.ts'
import { add, subtract } from '../../shared/money.ts'

type Part = Pick<Order['shopOrders'][number], 'shopId' | 'shopName' | 'status' | 'total' | 'returnedAmount'>

export interface Cancelling<P extends Part> {
  /** Parts that end. */
  ends: P[]
  /** Parts that are on their way or have arrived, and stay; none when the whole order ends. */
  stays: P[]
}

export function cancelling<P extends Part>(order: { shopOrders: readonly P[] }): Cancelling<P> {
  const of = (...statuses: string[]) => order.shopOrders.filter((part) => statuses.includes(part.status))
  return { ends: of('pending', 'awaiting_acceptance', 'accepted'), stays: of('shipped', 'delivered') }
}

/** What is left of the price of parts, in minor units of their order's currency. */
export function leftOf(parts: readonly Part[]): number {
  return add(0, ...parts.map((part) => subtract(part.total, part.returnedAmount)))
}
