/**
 * Movements between a provider and us that belong to no single order: what it pays out to our bank account, what it keeps
 * for that, and money there that nobody has explained yet. Pure. Each cause can be posted once only.
 *
 * | account | what it holds |
 * | --- | --- |
 * | provider_clearing:PROVIDER | captured at the provider and not yet paid out to us |
 * | bank:PROVIDER | paid out to our bank account by this provider |
 * | provider_fees:PROVIDER | what the provider keeps, without tax |
 * | provider_fee_tax:PROVIDER | the tax on that, which can be claimed back |
 * | chargebacks:PROVIDER | taken back by shoppers' banks |
 * | suspense:PROVIDER | money at the provider that belongs to nothing of ours, until a person has explained it |
 */
import { subtract } from '../../shared/money.ts'
import type { Movement } from './movement.ts'

/** A line of a settlement, as far as the books are concerned. Amounts in minor units. */
export interface SettledLine {
  provider: string
  currency: string
  /** The provider's id of what was settled. */
  entityId: string
  /** Added to what was paid out, or taken off it. */
  credit: number
  debit: number
  /** What the provider kept of it, tax included. */
  fee: number
  tax: number
}

/** What the line's money was until it was settled. */
export type SettledFrom = 'provider_clearing' | 'chargebacks' | 'suspense'

/** The provider captured money for an order that we do not know: it owes us, and we owe somebody. */
export function unknownCaptured(provider: string, currency: string, paymentId: string, amount: number): Movement {
  return {
    kind: 'unknown_capture',
    debit: `provider_clearing:${provider}:${currency}`,
    credit: `suspense:${provider}:${currency}`,
    amount,
    cause: unknownCaptureCause(provider, paymentId),
  }
}

export function unknownCaptureCause(provider: string, paymentId: string): string {
  return `unknown_capture:${provider}:${paymentId}`
}

/** It is known now whose money that was: the mirror image of `unknownCaptured`, posted beside the true movement. */
export function unknownExplained(provider: string, currency: string, paymentId: string, amount: number): Movement {
  return {
    kind: 'unknown_explained',
    debit: `suspense:${provider}:${currency}`,
    credit: `provider_clearing:${provider}:${currency}`,
    amount,
    cause: unknownExplainedCause(provider, paymentId),
  }
}

export function unknownExplainedCause(provider: string, paymentId: string): string {
  return `unknown_explained:${provider}:${paymentId}`
}

/** Money of an unknown capture has gone back to where it came from. */
export function unknownRefunded(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'unknown_refund',
    debit: `suspense:${provider}:${currency}`,
    credit: `provider_clearing:${provider}:${currency}`,
    amount,
    cause: unknownRefundCause(provider, refundId),
  }
}

export function unknownRefundCause(provider: string, refundId: string): string {
  return `unknown_refund:${provider}:${refundId}`
}

/** A settlement paid something out, or kept it back; the fee was kept from it too. */
export function settled(line: SettledLine, from: SettledFrom): Movement[] {
  const { provider, currency, entityId, credit, debit, fee, tax } = line
  const source = `${from}:${provider}:${currency}`
  const bank = `bank:${provider}:${currency}`
  const move = (what: SettledPart, to: string, other: string, amount: number): Movement => ({
    kind: `settled_${what}`,
    debit: to,
    credit: other,
    amount,
    cause: settledCause(provider, entityId, what),
  })
  return [
    move('paid_out', bank, source, credit),
    move('kept_back', source, bank, debit),
    move('fee', `provider_fees:${provider}:${currency}`, source, subtract(fee, tax)),
    move('fee_tax', `provider_fee_tax:${provider}:${currency}`, source, tax),
    // A transfer of nothing is no transfer.
  ].filter((movement) => movement.amount > 0)
}

const SETTLED_PARTS = ['paid_out', 'kept_back', 'fee', 'fee_tax'] as const
type SettledPart = (typeof SETTLED_PARTS)[number]

function settledCause(provider: string, entityId: string, part: SettledPart): string {
  return `settlement:${provider}:${entityId}:${part}`
}

/** The causes under which a settled line is posted. */
export function settledCauses(provider: string, entityId: string): string[] {
  return SETTLED_PARTS.map((part) => settledCause(provider, entityId, part))
}
