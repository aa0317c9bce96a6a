/**
 * What becomes of money in suspense (`suspense:PROVIDER`) by a person's word, beside what reconciliation books there.
 * Pure. Each cause can be posted once only.
 */
import { writeOffCause, type Movement } from './movement.ts'

/**
 * Nobody can say whose it was: what suspense held is kept, or what it lacked is borne.
 *
 * @param amount what suspense owes (positive), or what it has paid for nobody (negative); minor units
 * @param by the review item's id
 */
export function suspenseWrittenOff(provider: string, currency: string, amount: number, by: string): Movement {
  const suspense = `suspense:${provider}:${currency}`
  const writeOffs = `write_offs:hundi:${currency}`
  return {
    kind: 'suspense_written_off',
    debit: amount > 0 ? suspense : writeOffs,
    credit: amount > 0 ? writeOffs : suspense,
    amount: Math.abs(amount),
    cause: writeOffCause(by),
  }
}

/** What was written off has turned out to be somebody's: it is in suspense again, from where it is explained. */
export function suspenseRestored(provider: string, currency: string, amount: number, by: string): Movement {
  return {
    kind: 'suspense_restored',
    debit: `write_offs:hundi:${currency}`,
    credit: `suspense:${provider}:${currency}`,
    amount,
    cause: `write_off_restored:${by}`,
  }
}

/** The payment that a refund in suspense took back is known now: posted beside the true refund. */
export function unknownRefundExplained(provider: string, currency: string, refundId: string, amount: number): Movement {
  return {
    kind: 'unknown_refund_explained',
    debit: `provider_clearing:${provider}:${currency}`,
    credit: `suspense:${provider}:${currency}`,
    amount,
    cause: `unknown_refund_explained:${provider}:${refundId}`,
  }
}
