/**
 * What a line's price becomes when it is sold, and how that shrinks while the line is given back. Pure.
 *
 * A line's price is cut into shares, one per account that it goes to, which together are the price. What is left of each
 * share depends only on how much of the line was given back by now, never on the steps: so a line that is given back in
 * any pieces leaves nothing, and no share of another line moves. A share below zero is what somebody adds, so that
 * another gets more than was paid: the house, where it bears a discount.
 */
import { add, proportion, subtract } from '../../shared/money.ts'
import type { Movement } from './movement.ts'

/** What one account gets of a line. Amounts in minor units of the order's currency. */
export interface Share {
  /** What the transfer is called. */
  kind: 'sale' | 'commission' | 'delivery' | 'tax' | 'discount'
  /** The account's code without its currency. */
  account: string
  amount: number
}

/** What was given back of a line. */
export interface Returned {
  quantity: number
  amount: number
}

/** A line of an order as it was sold, and what of it was given back since. */
export interface SoldLine {
  id: string
  shopOrderId: string
  quantity: number
  /** What it costs: after its discount, with tax that is not in its price. The sum of its shares. */
  gross: number
  shares: readonly [Share, ...Share[]]
  returned: Returned
}

/** What of a price the shares are made of: who is to get what. */
export interface LinePrice {
  kind: 'product' | 'membership' | 'top_up' | 'delivery'
  shopId: string
  /** After the discount, without `tax`. */
  total: number
  /** What of the discount the house bears: the shop gets that too. What the shop bears lowers what it gets. */
  houseDiscount: number
  /** Tax that is not in the price. */
  tax: number
  commission: number
}

/** The shares of a line. The first takes what rounding leaves over while it shrinks. */
export function sharesOf({ kind, shopId, total, houseDiscount, tax, commission }: LinePrice): [Share, ...Share[]] {
  const price = subtract(add(total, houseDiscount), commission)
  return [
    kind === 'delivery'
      ? { kind: 'delivery', account: `delivery:${shopId}`, amount: price }
      : { kind: 'sale', account: `seller_payable:${shopId}`, amount: price },
    { kind: 'commission', account: 'commission:hundi', amount: commission },
    { kind: 'tax', account: `tax:${shopId}`, amount: tax },
    { kind: 'discount', account: 'discounts:hundi', amount: -houseDiscount },
  ]
}

const NOTHING: Returned = { quantity: 0, amount: 0 }

/** An order was confirmed: what was held for it now belongs to its shops, less our commission. */
export function sold(currency: string, lines: readonly SoldLine[]): Movement[] {
  return moved(
    currency,
    lines.map((line) => ({ line, before: undefined, after: NOTHING })),
    '',
    '',
  )
}

/** A line, and what of it is given back, or put back, now. */
export interface Step {
  line: SoldLine
  by: Returned
}

/**
 * Something of these lines was given back: it is held for the customer again.
 *
 * @param cause what undid it, once: a refund's id, or `cancelled`
 */
export function saleReversed(currency: string, steps: readonly Step[], cause: string): Movement[] {
  return moved(
    currency,
    steps.map(({ line, by }) => ({ line, before: line.returned, after: returnedMore(line.returned, by) })),
    '_reversed',
    `:reversed:${cause}`,
  )
}

/** Something of these lines stands after all, because what had undone it was taken back. The mirror of `saleReversed`. */
export function saleRestored(currency: string, steps: readonly Step[], cause: string): Movement[] {
  return moved(
    currency,
    steps.map(({ line, by }) => ({ line, before: line.returned, after: returnedLess(line.returned, by) })),
    '_restored',
    `:restored:${cause}`,
  )
}

export function returnedMore(returned: Returned, by: Returned): Returned {
  return { quantity: returned.quantity + by.quantity, amount: add(returned.amount, by.amount) }
}

export function returnedLess(returned: Returned, by: Returned): Returned {
  return { quantity: returned.quantity - by.quantity, amount: subtract(returned.amount, by.amount) }
}

/** What is left of each share of a line of which this much was given back; all nothing before it was sold. */
function left(line: SoldLine, returned: Returned | undefined): number[] {
  if (returned === undefined) return line.shares.map(() => 0)
  const kept = subtract(line.gross, returned.amount)
  // A line that cost nothing has shares all the same, where a discount took off all of its price: its units tell.
  const [part, whole] = line.gross > 0 ? [kept, line.gross] : [line.quantity - returned.quantity, line.quantity]
  const others = line.shares.slice(1).map(({ amount }) => Math.sign(amount) * proportion(Math.abs(amount), part, whole))
  return [subtract(kept, add(0, ...others)), ...others]
}

/** The transfers by which the shares of lines change: one for each part of the order, and account. */
function moved(
  currency: string,
  changes: readonly { line: SoldLine; before: Returned | undefined; after: Returned | undefined }[],
  kindEnd: string,
  causeEnd: string,
): Movement[] {
  const sums = new Map<string, Share & { shopOrderId: string }>()
  for (const { line, before, after } of changes) {
    const [then, now] = [left(line, before), left(line, after)]
    for (const [at, share] of line.shares.entries()) {
      const key = `${line.shopOrderId} ${share.kind}`
      const sum = sums.get(key) ?? { ...share, amount: 0, shopOrderId: line.shopOrderId }
      const amount = add(sum.amount, subtract(now[at] ?? 0, then[at] ?? 0))
      sums.set(key, { ...sum, amount })
    }
  }
  const funds = `customer_funds:orders:${currency}`
  // A transfer of nothing is no transfer. Rounding can turn a share of one minor unit round.
  return [...sums.values()]
    .filter(({ amount }) => amount !== 0)
    .map(({ shopOrderId, kind, account, amount }) => ({
      kind: `${kind}${kindEnd}`,
      debit: amount > 0 ? funds : `${account}:${currency}`,
      credit: amount > 0 ? `${account}:${currency}` : funds,
      amount: Math.abs(amount),
      cause: `${kind}:${shopOrderId}${causeEnd}`,
    }))
}
