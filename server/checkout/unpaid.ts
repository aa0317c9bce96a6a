/**
 * How much one client may keep from others without paying. Units of an unpaid order are set aside for as long as it waits;
 * whoever pays for none could keep a shop's shelves empty. So a client's orders that wait are limited in number and in
 * units, and what was let lapse counts for some hours, so that it cannot simply be done again. Pure.
 *
 * It does not tell a guest from another behind the same network address; the limits leave room for many of them.
 */
import { add, multiply } from '../../shared/money.ts'
import type { UnpaidUnits } from '../orders/client-queries.ts'
import { AppError } from '../platform/errors.ts'
import type { PricedLine } from './pricing.ts'

/** Null: no limit. */
export interface Caps {
  /** Units of one product in one order, where the product has no limit of its own. */
  perProduct: number | null
  /** Orders of one client that wait for their payment. */
  unpaidOrders: number | null
  /** Units in them, and in those that the client let lapse not long ago. */
  unpaidUnits: number | null
}

/** Whether unpaid orders are counted at all. */
export function isCounting(caps: Caps): boolean {
  return caps.unpaidOrders !== null || caps.unpaidUnits !== null
}

/** An hour of a product's stock is one of thirteen then, at the default of half an hour per order. */
export const LAPSED_COUNT_MS = 6 * 3_600 * 1_000
/** A shopper whose card fails may come back for the last one; the same stock a fourth time is not for buying. */
const TIMES_ALL_THERE_IS = 3
/** Below so many units of a product nobody is asked how often. */
const FEW = 20

/**
 * Refuses an order with which its client would keep too much.
 *
 * @param earlier the client's unpaid orders: those that wait, and those that lapsed within `LAPSED_COUNT_MS`
 * @throws too_many_unpaid_orders, with Retry-After; quantity_limited when the order alone is too large
 */
export function refuseHoarding(
  caps: Caps,
  earlier: readonly UnpaidUnits[],
  wanted: readonly PricedLine[],
  now: Date,
): void {
  const waiting = new Set(earlier.filter((row) => row.waits).map((row) => row.orderId))
  const units = add(...earlier.map((row) => row.quantity), ...wanted.map((line) => line.quantity))
  const tooMany =
    (caps.unpaidOrders !== null && waiting.size >= caps.unpaidOrders) ||
    (caps.unpaidUnits !== null && (units > caps.unpaidUnits || wanted.some((line) => keepsAll(line, earlier))))
  if (!tooMany) return
  if (earlier.length === 0) throw new AppError('quantity_limited', `At most ${caps.unpaidUnits} things in one order.`)
  const frees = earlier.map((row) => row.freesAt.getTime())
  const retryAfterS = Math.max(
    1,
    Math.ceil((Math.min(...frees, now.getTime() + LAPSED_COUNT_MS) - now.getTime()) / 1_000),
  )
  const { unpaidOrders, unpaidUnits } = caps
  throw new AppError(
    'too_many_unpaid_orders',
    `Too much is set aside for orders of yours that are not paid. Pay or cancel one of them, or try again in ${inWords(retryAfterS)}.`,
    { details: { unpaidOrders: waiting.size, most: { unpaidOrders, unpaidUnits } }, retryAfterS },
  )
}

/** Whether a product would be kept from everybody again and again. */
function keepsAll({ product, quantity }: PricedLine, earlier: readonly UnpaidUnits[]): boolean {
  const own = earlier.filter((row) => row.productId === product.id)
  const kept = add(quantity, ...own.map((row) => row.quantity))
  const thereIs = add(product.available, ...own.filter((row) => row.waits).map((row) => row.quantity))
  return kept > Math.max(FEW, multiply(thereIs, TIMES_ALL_THERE_IS))
}

function inWords(seconds: number): string {
  const minutes = Math.ceil(seconds / 60)
  if (minutes === 1) return 'a minute'
  return minutes < 120 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`
}
