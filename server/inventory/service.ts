/**
 * Stock. Units are reserved when an order is placed, taken when it is confirmed, given back when it expires or is
 * cancelled. Every function works on one order's lines with each product named once (`perProduct`), inside the caller's
 * transaction and after the caller has locked the order: locks go order, payment, stock.
 */
import { add } from '../../shared/money.ts'
import type { Tx } from '../platform/database.ts'
import * as queries from './queries.ts'
import type { StockLine } from './queries.ts'

/** Adds up lines that name one product twice, so that two lines of it cannot together take more than there is. */
export function perProduct(lines: readonly StockLine[]): StockLine[] {
  const quantities = new Map<string, number>()
  for (const line of lines) quantities.set(line.productId, add(quantities.get(line.productId) ?? 0, line.quantity))
  return [...quantities].map(([productId, quantity]) => ({ productId, quantity }))
}

/** Locks the stock of these lines and says whether all of it could be taken now without touching what is reserved. */
export async function isFree(tx: Tx, lines: readonly StockLine[]): Promise<boolean> {
  const levels = new Map((await queries.lock(tx, lines)).map((level) => [level.product_id, level]))
  return lines.every((line) => {
    const level = levels.get(line.productId)
    return level !== undefined && level.on_hand - level.reserved >= line.quantity
  })
}
