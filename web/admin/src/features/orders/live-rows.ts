/**
 * Keeps a list still while it is read. Rows that are shown stay where they are and take over what is new about them;
 * orders that arrived since wait until they are asked for.
 */
import type { OrderSummary } from '../../../../../shared/contract/orders.ts'

export type LiveRows = {
  /** What to show now, in the order in which it was shown. */
  rows: OrderSummary[]
  /** Orders of the fresh answer that are newer than everything shown. */
  waiting: number
}

/** @param shown the answer that the reader is looking at, @param fresh the latest answer to the same question */
export function liveRows(shown: readonly OrderSummary[], fresh: readonly OrderSummary[]): LiveRows {
  const latest = new Map(fresh.map((order) => [order.id, order]))
  const known = new Set(shown.map((order) => order.id))
  const newest = shown.reduce((time, order) => Math.max(time, Date.parse(order.createdAt)), Number.NEGATIVE_INFINITY)
  return {
    rows: shown.map((order) => latest.get(order.id) ?? order),
    waiting: fresh.filter((order) => !known.has(order.id) && Date.parse(order.createdAt) >= newest).length,
  }
}
