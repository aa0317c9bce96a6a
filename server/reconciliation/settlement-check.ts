/** What a line of a settlement says, held against itself and against our books. Pure. */
import { add } from '../../shared/money.ts'
import type { BookedAttempt, BookedRefund } from '../payments/books-queries.ts'
import type { SettlementLine } from '../payments/providers/provider.ts'
import { money } from './compare.ts'
import type { StoredLine } from './settlement-queries.ts'

/**
 * What the provider kept of a line. A payment's fee is taken from what was paid; a refund costs something only where more
 * was taken off than went back.
 */
export function keptOf(line: SettlementLine): { fee: number; tax: number } {
  const fee = line.type === 'payment' || line.debit === add(line.amount, line.fee) ? line.fee : 0
  return { fee, tax: Math.min(line.tax, fee) }
}

/** What a line says that cannot be so, or that we have otherwise; undefined when nothing. */
export function contradiction(
  line: SettlementLine,
  paid: BookedAttempt | undefined,
  refund: BookedRefund | undefined,
): string | undefined {
  const { entityId, amount, credit, debit, fee, tax, currency } = line
  if (tax > fee) return `The fee of ${entityId} is less than the tax on it.`
  if (line.type === 'payment') {
    if (add(credit, fee) !== amount || debit !== 0) {
      return `${entityId} was settled with ${money(credit, currency)} and a fee of ${money(fee, currency)}, of ${money(amount, currency)}.`
    }
    if (paid !== undefined && (paid.captured_amount !== amount || paid.currency !== currency)) {
      return `${entityId} was settled as ${money(amount, currency)}; we have ${money(paid.captured_amount, paid.currency)}.`
    }
  }
  if (line.type === 'refund') {
    if ((debit !== amount && debit !== add(amount, fee)) || credit !== 0) {
      return `The refund ${entityId} of ${money(amount, currency)} was settled with ${money(debit, currency)}.`
    }
    if (refund !== undefined && (refund.amount !== amount || refund.currency !== currency)) {
      return `The refund ${entityId} was settled as ${money(amount, currency)}; we have ${money(refund.amount, refund.currency)}.`
    }
    if (refund !== undefined && refund.status !== 'processed') {
      return `The refund ${entityId} was settled; we have it as ${refund.status}.`
    }
  }
  return undefined
}

/** Whether a line says what it said when it was booked. */
export function isSame(line: SettlementLine, before: StoredLine): boolean {
  return (
    line.amount === before.amount &&
    line.debit === before.debit &&
    line.credit === before.credit &&
    line.fee === before.fee &&
    line.tax === before.tax &&
    line.currency === before.currency &&
    line.settlementId === before.settlement_id
  )
}
