/**
 * Movements of money in the shop's words: each function says what happened, and gives the double-entry transfers for it,
 * each under a cause that can be posted once only. Pure.
 *
 * | account | what it holds |
 * | --- | --- |
 * | provider_clearing:PROVIDER | captured at the provider and not yet paid out to us (debit = they owe us) |
 * | customer_funds:orders | money received that is not yet anyone's: before the sale, or after it was undone |
 * | seller_payable:SHOP | what the shop has earned |
 * | commission:hundi | our share of sales |
 * | refunds_owed:PROVIDER | decided to go back, not yet gone |
 */
import { shareDown, subtract } from '../../shared/money.ts'

/** One transfer, before it is posted. */
export interface Movement {
  kind: string
  debit: string
  credit: string
  amount: number
  cause: string
}

export interface Sale {
  shopOrderId: string
  shopId: string
  total: number
  commissionBps: number
}

/** Money arrived at the provider: they owe us, and we hold it for the order. */
export function captured(provider: string, currency: string, attemptId: string, amount: number): Movement {
  return {
    kind: 'capture',
    debit: `provider_clearing:${provider}:${currency}`,
    credit: `customer_funds:orders:${currency}`,
    amount,
    cause: `capture:${attemptId}`,
  }
}

/** An order was confirmed: what was held for it now belongs to its shops, less our commission (rounded down). */
export function sold(currency: string, sales: readonly Sale[]): Movement[] {
  return sales.flatMap((sale) =>
    split(sale).map((part) => ({
      ...part,
      debit: `customer_funds:orders:${currency}`,
      credit: `${part.account}:${currency}`,
    })),
  )
}

/** A sale was undone: the mirror image of `sold`. */
export function saleReversed(currency: string, sales: readonly Sale[]): Movement[] {
  return sales.flatMap((sale) =>
    split(sale).map((part) => ({
      kind: `${part.kind}_reversed`,
      debit: `${part.account}:${currency}`,
      credit: `customer_funds:orders:${currency}`,
      amount: part.amount,
      cause: `${part.cause}:reversed`,
    })),
  )
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
    credit: `provider_clearing:${provider}:${currency}`,
    amount,
    cause: `refund:${refundId}`,
  }
}

/** A refund that had been sent came back to the provider's account: it is owed again. */
export function refundReturned(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'refund_returned',
    debit: `provider_clearing:${provider}:${currency}`,
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

function split(sale: Sale): { kind: string; account: string; amount: number; cause: string }[] {
  const commission = shareDown(sale.total, sale.commissionBps)
  const parts = [
    {
      kind: 'sale',
      account: `seller_payable:${sale.shopId}`,
      amount: subtract(sale.total, commission),
      cause: `sale:${sale.shopOrderId}`,
    },
    { kind: 'commission', account: 'commission:hundi', amount: commission, cause: `commission:${sale.shopOrderId}` },
  ]
  // A transfer of nothing is no transfer: no commission, or an order that cost nothing.
  return parts.filter((part) => part.amount > 0)
}
