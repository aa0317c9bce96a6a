/** What each kind of question is called, and how each answer, wherever they are shown. Pure. */
import type { ReviewAction } from '../../../../shared/contract/reviews.ts'
import { sentence } from '../../../ui/format.ts'
import type { Look } from '../../../ui/status-words.ts'

const KINDS: Readonly<Record<string, { words: string; look: Look }>> = {
  amount_differs: { words: 'Amount differs', look: 'review' },
  authorization_differs: { words: 'The bank holds another amount', look: 'review' },
  currency_differs: { words: 'Currency differs', look: 'review' },
  unexpected_capture: { words: 'Money nobody asked for', look: 'review' },
  capture_contradicts: { words: 'The provider contradicts itself', look: 'review' },
  refund_differs: { words: 'Refund differs', look: 'review' },
  refund_exceeds_captured: { words: 'Refund above the capture', look: 'review' },
  refund_failed: { words: 'Refund failed', look: 'failed' },
  refund_undecided: { words: 'Refund without an answer', look: 'pending' },
  refund_approval: { words: 'Refund to agree to', look: 'refunded' },
  decision_approval: { words: 'Decision to agree to', look: 'review' },
  refund_by_hand: { words: 'Refund to make by hand', look: 'refunded' },
  payment_undecided: { words: 'Payment without an answer', look: 'pending' },
  payment_refused: { words: 'Provider opens no payment', look: 'failed' },
  unknown_payment: { words: 'Money with no order of ours', look: 'review' },
  reconciliation_differs: { words: 'The two books differ', look: 'review' },
  reconciliation_refund_differs: { words: 'The two books differ about a refund', look: 'review' },
  payment_unknown_there: { words: 'Payment unknown to the provider', look: 'review' },
  refund_unknown_there: { words: 'Refund unknown to the provider', look: 'review' },
  settlement_unexplained: { words: 'Payout line of nothing ours', look: 'review' },
  settlement_differs: { words: 'Payout line differs', look: 'review' },
  unknown_status: { words: 'A word that we do not know', look: 'review' },
  unreadable_record: { words: 'Cannot be read', look: 'review' },
  webhook_failed: { words: 'Webhook not processed', look: 'failed' },
}

/** Words and shape of a kind of question; an unknown kind goes by its own name. */
export function reviewKind(kind: string): { words: string; look: Look } {
  return KINDS[kind] ?? { words: sentence(kind.replaceAll('_', ' ')), look: 'review' }
}

const RESOLUTIONS: Readonly<Record<ReviewAction, string>> = {
  refund: 'Sent back',
  refund_to_wallet: 'Put in the wallet',
  paid_back_elsewhere: 'Given back another way',
  confirm: 'Accepted as the payment',
  attach: 'Attached to an order',
  write_off: 'Written off',
  approve: 'Agreed to',
  decline: 'Declined',
  ask: 'Answered by the provider',
  dismiss: 'Closed, nothing moved',
}

/** How a question was answered: by one of the actions, or without a person, in the server's words. */
export function resolutionWords(resolution: string | null): string {
  if (resolution === null) return 'Answered'
  const known = (RESOLUTIONS as Record<string, string | undefined>)[resolution]
  return known ?? `Settled by itself: ${resolution.replaceAll('_', ' ')}`
}

const WAITING: Readonly<Partial<Record<ReviewAction, string>>> = {
  refund: 'It was asked to send back',
  refund_to_wallet: 'It was asked to put into the wallet',
  paid_back_elsewhere: 'It was said to have been given back another way:',
  confirm: 'It was asked to take it as the payment, with a difference of',
  write_off: 'It was asked to write off',
}

/** What was asked for of a decision that waits for a second person; an amount follows. */
export function waitingWords(action: ReviewAction): string {
  return WAITING[action] ?? 'It was asked to decide about'
}
