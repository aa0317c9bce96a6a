/**
 * Movements of money in the shop's words: each function says what happened, and gives the double-entry transfers for it,
 * each under a cause that can be posted once only. What a sale moves is in sale.ts. Pure.
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

/** One transfer, before it is posted. */
export interface Movement {
  kind: string
  debit: string
  credit: string
  amount: number
  cause: string
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

/** The account that has what a customer keeps with us. */
function walletOf(userId: string, currency: string): string {
  return `wallet:${userId}:${currency}`
}

/** Money arrived: where it came to has it, and we hold it for the order. */
export function captured(provider: string, currency: string, attemptId: string, amount: number): Movement {
  return capture(heldAt(provider, currency), currency, attemptId, amount)
}

function capture(debit: string, currency: string, attemptId: string, amount: number): Movement {
  return {
    kind: 'capture',
    debit,
    credit: `customer_funds:orders:${currency}`,
    amount,
    cause: `capture:${attemptId}`,
  }
}

/** A customer paid with what they keep with us. */
export function capturedFromWallet(userId: string, currency: string, attemptId: string, amount: number): Movement {
  return capture(walletOf(userId, currency), currency, attemptId, amount)
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
    credit: walletOf(userId, currency),
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
