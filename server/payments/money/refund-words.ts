/** What a customer reads about a refund: why it was made, never what was written down for staff. Pure. */
import type { RefundCause } from '../../../shared/contract/payments.ts'
import type { RefundRow } from './payment.ts'

/** Why rules give money back, as they write it down. Every other reason is a person's own text. */
const CAUSES: Readonly<Record<string, RefundCause>> = {
  order_cancelled: 'cancelled',
  second_capture: 'paid_twice',
  stock_gone: 'sold_out',
  part_returned: 'cancelled',
  over_payment: 'paid_too_much',
  part_rejected: 'part_not_sent',
  part_cancelled: 'cancelled',
  amount_differs: 'other_amount',
  currency_differs: 'other_currency',
  unexpected_capture: 'not_expected',
  made_at_provider: 'at_provider',
}

const TEXTS: Readonly<Record<RefundCause, string>> = {
  cancelled: 'The order was cancelled.',
  paid_twice: 'The order was paid already, so this payment was one too many.',
  sold_out: 'Your payment came after the order had ended, and what was in it had been sold.',
  paid_too_much: 'It is what you paid above the price of the order.',
  part_not_sent: 'A shop could not send its part of the order.',
  other_amount: 'It was not the amount of the order, so it could not pay for it.',
  other_currency: 'It was in another currency than the order, so it could not pay for it.',
  not_expected: 'The order was not waiting for this payment.',
  by_shop: 'The shop gave it back.',
  at_provider: 'The shop gave it back.',
}

/** What a cause alone would not tell rightly. */
const TEXTS_OF_REASONS: Readonly<Record<string, string>> = {
  part_cancelled: 'A part of the order was cancelled.',
  part_returned: 'Your payment came after the order had ended, and what your wallet had paid was back in it.',
}

/** @param reason as it stands in the row */
export function causeOf(reason: string): RefundCause {
  return (Object.hasOwn(CAUSES, reason) ? CAUSES[reason] : undefined) ?? 'by_shop'
}

/** Why the money goes back, for the customer: as a word, and as a text. */
export function toldOf(refund: Pick<RefundRow, 'cause' | 'message' | 'reason'>): { cause: RefundCause; text: string } {
  const cause = refund.cause ?? causeOf(refund.reason)
  const ofReason = Object.hasOwn(TEXTS_OF_REASONS, refund.reason) ? TEXTS_OF_REASONS[refund.reason] : undefined
  return { cause, text: refund.message ?? ofReason ?? TEXTS[cause] }
}

/** A refund that nobody has agreed to yet, or that was declined, is the shop's own affair: no money has moved. */
export function isInternal(refund: Pick<RefundRow, 'approval'>): boolean {
  return refund.approval === 'pending' || refund.approval === 'declined'
}
