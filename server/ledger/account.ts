/** The chart of accounts: which kinds there are, and on which side each normally stands. Pure. */
import { subtract } from '../../shared/money.ts'

export type Side = 'debit' | 'credit'

/**
 * A debit account holds what we have, are owed or have spent; a credit account what we owe or have earned. Every account
 * is of one of these kinds, and its code is `kind:owner:CURRENCY`.
 */
export const NORMAL_SIDES = {
  provider_clearing: 'debit',
  bank: 'debit',
  cod_receivable: 'debit',
  discounts: 'debit',
  provider_fees: 'debit',
  provider_fee_tax: 'debit',
  chargebacks: 'debit',
  write_offs: 'debit',
  customer_funds: 'credit',
  wallet: 'credit',
  seller_payable: 'credit',
  commission: 'credit',
  delivery: 'credit',
  tax: 'credit',
  refunds_owed: 'credit',
  suspense: 'credit',
} as const satisfies Readonly<Record<string, Side>>

export type AccountKind = keyof typeof NORMAL_SIDES

/** What belongs to a shop: what it has earned with its goods, its delivery fees, and taxes on top of its prices. */
export const SHOP_KINDS = ['seller_payable', 'delivery', 'tax'] as const satisfies readonly AccountKind[]
/** What belongs to a customer. */
export const USER_KINDS = ['wallet'] as const satisfies readonly AccountKind[]

export function isAccountKind(text: string): text is AccountKind {
  return Object.hasOwn(NORMAL_SIDES, text)
}

/** What an account has moved, in minor units of its currency. */
export interface Totals {
  debits: number
  credits: number
}

/** A balance on the account's normal side: positive while it is as it should be. In minor units. */
export function balanceOn(side: Side, { debits, credits }: Totals): number {
  return side === 'debit' ? subtract(debits, credits) : subtract(credits, debits)
}

export interface AccountCode {
  kind: AccountKind
  owner: string
  currency: string
}

/** Takes an account's code apart, or undefined for text that is none. */
export function parseAccountCode(code: string): AccountCode | undefined {
  const [kind = '', owner = '', currency = '', ...rest] = code.split(':')
  if (!isAccountKind(kind) || owner === '' || !/^[A-Z]{3}$/.test(currency) || rest.length > 0) return undefined
  return { kind, owner, currency }
}
