/**
 * An order's lines as they are sold and given back: what an amount takes of each, what is left, what is to be sent. Pure.
 *
 * Everything that is paid for is a line, delivery too: what an order costs is the sum of its lines, and whatever is given
 * back is given back of lines.
 */
import { amountLeft, unitsLeft, worthOf } from '../../shared/line.ts'
import { add, spread, subtract } from '../../shared/money.ts'
import { sharesOf, type SoldLine } from '../ledger/sale.ts'
import type { OrderItemRow, ShopOrderRow } from './order.ts'

/** A line with what its part says of it. */
export interface SaleLine
  extends Pick<
    OrderItemRow,
    | 'id'
    | 'kind'
    | 'product_id'
    | 'title'
    | 'quantity'
    | 'discount'
    | 'house_discount'
    | 'total'
    | 'tax'
    | 'commission'
    | 'returned_quantity'
    | 'returned_amount'
    | 'restocked'
  > {
  shop_order_id: string
  shop_id: string
  shop_status: ShopOrderRow['status']
  shop_accepts: ShopOrderRow['auto_accept']
}

/** What is given back of a line: units, and an amount in minor units of the order's currency. */
export interface LineReturn {
  itemId: string
  quantity: number
  amount: number
}

/** A line as the ledger knows it. */
export function soldLine(line: SaleLine): SoldLine {
  return {
    id: line.id,
    shopOrderId: line.shop_order_id,
    quantity: line.quantity,
    gross: add(line.total, line.tax),
    shares: sharesOf({ ...line, shopId: line.shop_id, houseDiscount: line.house_discount }),
    returned: { quantity: line.returned_quantity, amount: line.returned_amount },
  }
}

/** What of the money of lines was not given back. */
export function earnedWith(lines: readonly SaleLine[]): number {
  return add(0, ...lines.map((line) => amountLeft(soldLine(line))))
}

/** All that is left of lines: their units and their money. */
export function allLeft(lines: readonly SaleLine[]): LineReturn[] {
  return lines
    .map((line) => ({ itemId: line.id, quantity: unitsLeft(soldLine(line)), amount: amountLeft(soldLine(line)) }))
    .filter(isSomething)
}

/**
 * What an amount that is for no line in particular takes of each, in proportion to what is left of them, delivery
 * included. It gives back the units of a line whose last money it takes; where nothing is left of a part, of all of it.
 *
 * Two amounts leave the same in either order, because each is counted from the first that was taken, as long as nothing
 * but whole units was given back beside them.
 *
 * @param amount not above what is left of the lines together
 */
export function spreadOver(lines: readonly SaleLine[], amount: number): LineReturn[] {
  const sold = lines.map(soldLine)
  const left = sold.map(amountLeft)
  const taken = amountsOf(sold, left, amount)
  const leftAfter = new Map<string, number>()
  for (const [at, { shopOrderId }] of sold.entries()) {
    const rest = subtract(left[at] ?? 0, taken[at] ?? 0)
    leftAfter.set(shopOrderId, add(leftAfter.get(shopOrderId) ?? 0, rest))
  }
  return sold
    .map((line, at) => {
      const takesTheLast = (taken[at] ?? 0) > 0 && taken[at] === left[at]
      const isGone = takesTheLast || leftAfter.get(line.shopOrderId) === 0
      return { itemId: line.id, quantity: isGone ? unitsLeft(line) : 0, amount: taken[at] ?? 0 }
    })
    .filter(isSomething)
}

function amountsOf(sold: readonly SoldLine[], left: readonly number[], amount: number): number[] {
  const worth = sold.map((line) => worthOf(line, unitsLeft(line)))
  const gone = worth.map((whole, at) => subtract(whole, left[at] ?? 0))
  const earlier = add(0, ...gone)
  const isSteady =
    gone.every((taken) => taken >= 0) && spread(earlier, worth).every((expected, at) => expected === gone[at])
  if (!isSteady) return spread(amount, left)
  return spread(add(earlier, amount), worth).map((taken, at) => subtract(taken, gone[at] ?? 0))
}

function isSomething({ quantity, amount }: LineReturn): boolean {
  return quantity > 0 || amount > 0
}

/** What people see as the things of an order: not its delivery. */
export function isItem({ kind }: Pick<OrderItemRow, 'kind'>): boolean {
  return kind !== 'delivery'
}

/** Whether every unit of these lines was given back, so that nothing of them is left to send. */
export function isGivenBack(lines: readonly Pick<OrderItemRow, 'kind' | 'quantity' | 'returned_quantity'>[]): boolean {
  const items = lines.filter(isItem)
  return items.length > 0 && items.every((line) => line.returned_quantity === line.quantity)
}

/** The units of lines that have not gone back into stock. */
export function unitsOut(lines: readonly SaleLine[]): { itemId: string; quantity: number }[] {
  return lines
    .filter((line) => line.product_id !== null && line.quantity > line.restocked)
    .map((line) => ({ itemId: line.id, quantity: line.quantity - line.restocked }))
}
