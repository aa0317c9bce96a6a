/**
 * Movements of money in the shop's words: each function says what happened, and gives the double-entry transfers for it,
 * each under a cause that can be posted once only. Pure.
 *
 * | account | what it holds |
 * | --- | --- |
 * | provider_clearing:PROVIDER | captured at the provider and not yet paid out to us (debit = they owe us) |
 * | bank:PROVIDER | paid out to our bank account by the provider |
 * | bank:manual | came to our bank account by a customer's transfer, or left it by ours |
 * | customer_funds:orders | money received that is not yet anyone's: before the sale, or after it was undone |
 * | wallet:USER | money that a customer keeps with us |
 * | seller_payable:SHOP | what the shop has earned with its goods, less our commission |
 * | delivery:SHOP, tax:SHOP | delivery fees, and taxes charged on top of prices, that the shop has earned or must pay |
 * | commission:hundi | our share of sales |
 * | discounts:hundi | what we have added to sales where a coupon took something off |
 * | refunds_owed:PROVIDER | decided to go back, not yet gone |
 * | provider_fees:PROVIDER, provider_fee_tax:PROVIDER | what the provider keeps of a settlement, and the tax in it |
 * | chargebacks:PROVIDER | taken back by banks |
 * | write_offs:hundi | differences that a person has given up, for or against us |
 * | suspense:PROVIDER | money that nobody can explain yet |
 */
import { add, proportion, shareDown, subtract } from '../../shared/money.ts'

/** One transfer, before it is posted. */
export interface Movement {
  kind: string
  debit: string
  credit: string
  amount: number
  cause: string
}

/** A shop's part of an order, as it is sold. Amounts in minor units of the order's currency. */
export interface Sale {
  shopOrderId: string
  shopId: string
  subtotal: number
  discount: number
  deliveryFee: number
  tax: number
  /** subtotal − discount + deliveryFee + tax */
  total: number
  commissionBps: number
  /** What of the total was given back since. */
  returned: number
}

/** What of a sale was not given back. */
export function leftOf(sale: Pick<Sale, 'total' | 'returned'>): number {
  return subtract(sale.total, sale.returned)
}

/** The provider of payments that no provider makes: a person saw them on the statement of our own bank account. */
export const BANK = 'bank'

/**
 * The account that has a payment's money once it has arrived: what a provider owes us until it pays out, or, where the
 * customer sent it to our own bank account, that account.
 */
export function heldAt(provider: string, currency: string): string {
  return provider === BANK ? `bank:manual:${currency}` : `provider_clearing:${provider}:${currency}`
}

/** Money arrived: where it came to has it, and we hold it for the order. */
export function captured(provider: string, currency: string, attemptId: string, amount: number): Movement {
  return {
    kind: 'capture',
    debit: heldAt(provider, currency),
    credit: `customer_funds:orders:${currency}`,
    amount,
    cause: `capture:${attemptId}`,
  }
}

/** An order was confirmed: what was held for it now belongs to its shops, less our commission (rounded down). */
export function sold(currency: string, sales: readonly Sale[]): Movement[] {
  return sales.flatMap((sale) => earningsMoved(currency, sale, 0, sale.total, '', ''))
}

/**
 * Part of a sale was undone, or all that was left of it: the money is held for the customer again. Every share (goods,
 * commission, delivery, tax, discount) shrinks in proportion, so that nothing is left when all has been given back.
 *
 * @param by what undid it, once: a refund's id, or `cancelled`
 */
export function saleReversed(currency: string, sale: Sale, amount: number, by: string): Movement[] {
  const before = leftOf(sale)
  return earningsMoved(currency, sale, before, subtract(before, amount), '_reversed', `:reversed:${by}`)
}

/** Part of a sale stands after all, because what had undone it was taken back. The mirror image of `saleReversed`. */
export function saleRestored(currency: string, sale: Sale, amount: number, by: string): Movement[] {
  const before = leftOf(sale)
  return earningsMoved(currency, sale, before, add(before, amount), '_restored', `:restored:${by}`)
}

/** A refund was decided. */
export function refundOwed(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'refund_owed',
    debit: `customer_funds:orders:${currency}`,
    credit: `refunds_owed:${provider}:${currency}`,
    amount,
    cause: `refund_owed:${refundId}`,
  }
}

/** The provider has sent the money back. */
export function refunded(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'refund',
    debit: `refunds_owed:${provider}:${currency}`,
    credit: heldAt(provider, currency),
    amount,
    cause: `refund:${refundId}`,
  }
}

/** The money went into the customer's wallet instead: the provider still owes it to us, and we owe it to them. */
export function refundedToWallet(
  provider: string,
  currency: string,
  refundId: string,
  amount: number,
  userId: string,
): Movement {
  return {
    kind: 'refund_to_wallet',
    debit: `refunds_owed:${provider}:${currency}`,
    credit: `wallet:${userId}:${currency}`,
    amount,
    cause: `refund:${refundId}`,
  }
}

/** A person paid it back from our own bank account. */
export function refundedByHand(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'refund_by_hand',
    debit: `refunds_owed:${provider}:${currency}`,
    credit: `bank:manual:${currency}`,
    amount,
    cause: `refund:${refundId}`,
  }
}

/** A refund that had been sent came back to the provider's account: it is owed again. */
export function refundReturned(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'refund_returned',
    debit: heldAt(provider, currency),
    credit: `refunds_owed:${provider}:${currency}`,
    amount,
    cause: `refund_returned:${refundId}`,
  }
}

/** A refund will not happen in this way: the money is held again until somebody decides. */
export function refundGivenUp(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'refund_given_up',
    debit: `refunds_owed:${provider}:${currency}`,
    credit: `customer_funds:orders:${currency}`,
    amount,
    cause: `refund_given_up:${refundId}`,
  }
}

/**
 * A person closed a difference for good.
 *
 * @param amount what the order lacked and we bear (positive), or what was held for it and nobody can be given (negative)
 * @param by the review item's id
 */
export function writtenOff(currency: string, amount: number, by: string): Movement {
  const funds = `customer_funds:orders:${currency}`
  const losses = `write_offs:hundi:${currency}`
  return {
    kind: 'write_off',
    debit: amount > 0 ? losses : funds,
    credit: amount > 0 ? funds : losses,
    amount: Math.abs(amount),
    cause: writeOffCause(by),
  }
}

/** The cause under which a write-off is posted that answers a review item. */
export function writeOffCause(reviewItemId: string): string {
  return `write_off:${reviewItemId}`
}

/** What a part of an order has earned while `kept` of its total is left, by whom it belongs to. */
function earnings(sale: Sale, kept: number) {
  const share = (amount: number) => (sale.total === 0 ? 0 : proportion(amount, kept, sale.total))
  const commission = share(shareDown(sale.subtotal, sale.commissionBps))
  const delivery = share(sale.deliveryFee)
  const tax = share(sale.tax)
  return { goods: add(kept, -commission, -delivery, -tax), commission, delivery, tax, discount: share(sale.discount) }
}

function earningsMoved(
  currency: string,
  sale: Sale,
  keptBefore: number,
  keptAfter: number,
  kindEnd: string,
  causeEnd: string,
): Movement[] {
  const before = earnings(sale, keptBefore)
  const after = earnings(sale, keptAfter)
  const funds = `customer_funds:orders:${currency}`
  const payable = `seller_payable:${sale.shopId}:${currency}`
  const parts = [
    { kind: 'sale', from: funds, to: payable, amount: subtract(after.goods, before.goods) },
    {
      kind: 'commission',
      from: funds,
      to: `commission:hundi:${currency}`,
      amount: subtract(after.commission, before.commission),
    },
    {
      kind: 'delivery',
      from: funds,
      to: `delivery:${sale.shopId}:${currency}`,
      amount: subtract(after.delivery, before.delivery),
    },
    { kind: 'tax', from: funds, to: `tax:${sale.shopId}:${currency}`, amount: subtract(after.tax, before.tax) },
    // A coupon is ours to bear: the shop earns its full price.
    {
      kind: 'discount',
      from: `discounts:hundi:${currency}`,
      to: payable,
      amount: subtract(after.discount, before.discount),
    },
  ]
  // A transfer of nothing is no transfer. Rounding can turn a share of one minor unit round.
  return parts
    .filter((part) => part.amount !== 0)
    .map((part) => ({
      kind: `${part.kind}${kindEnd}`,
      debit: part.amount > 0 ? part.from : part.to,
      credit: part.amount > 0 ? part.to : part.from,
      amount: Math.abs(part.amount),
      cause: `${part.kind}:${sale.shopOrderId}${causeEnd}`,
    }))
}
