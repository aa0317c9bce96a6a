/**
 * The invariants: twelve rules about the books, I1 to I12, that hold at any moment whatever happened before. Each is
 * asked by one or more questions to the database that find no row when all is well.
 */

/** The rules by their ids, which never change, and in words for people. */
export const INVARIANTS = {
  I1: 'Every captured payment has an outcome',
  I2: 'No double charge is kept',
  I3: 'The ledger balances',
  I4: 'The ledger and the payments tell the same',
  I5: "Our books equal the provider's books, or a person is asked",
  I6: 'No unit is sold that is not there',
  I7: 'No limit is overrun',
  I8: 'The price is ours',
  I9: 'One request has one effect',
  I10: 'Nothing belongs to two owners',
  I11: 'History is legal',
  I12: 'Nothing is forgotten',
} as const

export type InvariantId = keyof typeof INVARIANTS

export interface Invariant {
  /** The rule that it belongs to. */
  id: InvariantId
  /** What holds, in words. */
  name: string
  /** Selects one text per violation, which names the row and says what is wrong with it. */
  query: string
  /**
   * The same, asked only about what has changed since then. For history, which is long, and which nobody can change once
   * it is written: events are appended, and the database refuses anything else.
   */
  querySince?: (mark: HistoryMark) => string
}

/** How far history has been asked about by a check that found nothing wrong. */
export interface HistoryMark {
  /** Every event up to this one. */
  seq: number
  /** When that was. */
  at: Date
}

/** The kinds of accounts that hold what an order was sold for. */
export const EARNED = ['seller_payable', 'commission', 'delivery', 'tax', 'discounts'] as const

/** Whether an account is of one of these kinds, for use in SQL. */
export const isOf = (account: string, kinds: readonly string[]) =>
  kinds.map((kind) => `${account} like '${kind.replaceAll('_', '\\_')}:%'`).join(' or ')

/** The states of a refund in which its money goes back or has gone back, for use in SQL. */
export const LIVE_REFUNDS = `('requested', 'processing', 'processed')`
/** The states of an order that stands, for use in SQL. */
export const CONFIRMED = `('confirmed', 'shipped', 'delivered')`
