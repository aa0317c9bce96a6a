/**
 * What two books say of one thing, held against each other. Pure.
 *
 * - `matched`: they say the same.
 * - `behind`: the provider knows more than we do; its word is settled here.
 * - `contradicts`: ours says more than the list does, or something else. The list may lag, so the provider is asked again.
 */
import { toDecimal } from '../../shared/money.ts'
import type { BookedAttempt, BookedRefund } from '../payments/books-queries.ts'
import type { AttemptFact } from '../payments/money/payment.ts'
import type { ListedRefund } from '../payments/providers/provider.ts'

export type Verdict = { kind: 'matched' } | { kind: 'behind'; detail: string } | { kind: 'contradicts'; detail: string }

const MATCHED: Verdict = { kind: 'matched' }

/** How far an attempt without money can have come; a later word stands above an earlier one. */
const RANK: Readonly<Record<AttemptFact['status'], number>> = {
  created: 0,
  failed: 1,
  authorized: 2,
  captured: 3,
  refunded: 4,
}
const REFUND_RANK = { requested: 0, processing: 1, processed: 2, failed: 3 } as const

export function comparePayment(ours: BookedAttempt | undefined, theirs: AttemptFact): Verdict {
  if (ours === undefined) return behind(`The provider has it as ${theirs.status}; we had not heard of it.`)
  if (theirs.status === 'captured') {
    if (ours.captured_amount === 0) return behind(`Captured at the provider; we had it as ${ours.status}.`)
    if (ours.captured_amount !== theirs.amount || ours.currency !== theirs.currency) {
      const [there, here] = [money(theirs.amount, theirs.currency), money(ours.captured_amount, ours.currency)]
      return contradicts(`Captured ${there} at the provider; we have ${here}.`)
    }
    return compareGivenBack(ours, theirs.refundedAmount)
  }
  if (ours.captured_amount > 0) {
    return contradicts(
      `We have ${money(ours.captured_amount, ours.currency)} captured; the provider has ${theirs.status}.`,
    )
  }
  if (ours.status === theirs.status) return MATCHED
  const detail = `The provider has it as ${theirs.status}; we had ${ours.status}.`
  return RANK[theirs.status] > RANK[ours.status] ? behind(detail) : contradicts(detail)
}

/** Refunds that are under way may count at the provider or not yet, so its sum lies between ours. */
function compareGivenBack(ours: BookedAttempt, refundedThere: number | null): Verdict {
  if (refundedThere === null) return MATCHED
  const there = money(refundedThere, ours.currency)
  if (refundedThere > ours.refunding_amount) {
    return behind(`The provider has given back ${there}; we knew of ${money(ours.refunding_amount, ours.currency)}.`)
  }
  if (refundedThere < ours.refunded_amount) {
    return contradicts(`The provider has given back ${there}; we have ${money(ours.refunded_amount, ours.currency)}.`)
  }
  return MATCHED
}

export function compareRefund(ours: BookedRefund | undefined, theirs: ListedRefund): Verdict {
  const there = money(theirs.amount, theirs.currency)
  if (ours === undefined) return behind(`The provider has a refund of ${there} that we had not heard of.`)
  if (ours.amount !== theirs.amount || ours.currency !== theirs.currency) {
    return contradicts(`A refund of ${there} at the provider; we have ${money(ours.amount, ours.currency)}.`)
  }
  if (ours.status === theirs.status) return MATCHED
  const detail = `The provider has it as ${theirs.status}; we had ${ours.status}.`
  return REFUND_RANK[theirs.status] > REFUND_RANK[ours.status] ? behind(detail) : contradicts(detail)
}

function behind(detail: string): Verdict {
  return { kind: 'behind', detail }
}

function contradicts(detail: string): Verdict {
  return { kind: 'contradicts', detail }
}

export function money(amount: number, currency: string): string {
  return `${currency} ${toDecimal(amount, currency)}`
}
