/** A question as a sentence: what is the matter, with the amount. Pure. */
import type { ReviewItemDetail } from '../../../../../shared/contract/reviews.ts'
import { subtract } from '../../../../../shared/money.ts'
import { providerName } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'

/** How much more (or, negative, less) was captured than its order asks for; null where they cannot be compared. */
export function surplusOf({ item, evidence, orderTotal }: ReviewItemDetail): number | null {
  const expected = evidence.expected
  const asked =
    typeof expected === 'object' && expected !== null
      ? (expected as { amount?: unknown; currency?: unknown })
      : { amount: orderTotal, currency: item.currency }
  if (item.amount === null || asked.currency !== item.currency || typeof asked.amount !== 'number') return null
  return subtract(item.amount, asked.amount)
}

export function questionOf(detail: ReviewItemDetail): Phrase {
  const { item } = detail
  const provider = item.provider ? providerName(item.provider) : 'The provider'
  const { amount, currency } = item
  if (amount === null || currency === null) return [item.summary]
  const money = { amount, currency }
  switch (item.kind) {
    case 'amount_differs': {
      const surplus = surplusOf(detail)
      if (!surplus) return [item.summary]
      const difference = { amount: Math.abs(surplus), currency }
      return [`${provider} captured `, difference, surplus > 0 ? ' more' : ' less', ' than the order asks for']
    }
    case 'authorization_differs':
      return ['The bank holds ', money, ', which is not what the order asks for']
    case 'currency_differs':
      return [money, ' was paid in another currency than the order asks for']
    case 'unexpected_capture':
      return [money, ' was captured that no order waited for']
    case 'unknown_payment':
      return [money, ' has arrived that belongs to no order of ours']
    case 'capture_contradicts':
      return [`${provider} now says something else about `, money]
    case 'refund_failed':
      return [money, ' could not be sent back']
    case 'refund_by_hand':
      return ['Give back ', money, ` yourself: ${provider} cannot do it for us`]
    case 'reconciliation_differs':
    case 'reconciliation_refund_differs':
      return [`${provider} and we differ about `, money]
    case 'payment_unknown_there':
      return [`${provider} does not know of `, money, ' that we have in our books']
    case 'refund_unknown_there':
      return [`${provider} does not know of a refund of `, money]
    case 'refund_undecided':
      return [`${provider} does not say whether `, money, ' has gone back']
    case 'refund_approval':
      return ['Shall ', money, ' go back?']
    case 'decision_approval':
      return agreeing(detail, money)
    case 'payment_undecided':
      return [`${provider} never said what became of `, money]
    case 'settlement_unexplained':
      return [`${provider} moved `, money, ' in a payout that nothing of ours explains']
    case 'settlement_differs':
      return [`${provider} paid out another amount than we know of`]
    default:
      return [item.summary]
  }
}

/** What a second person is asked about a decision that waits. */
function agreeing({ item, evidence }: ReviewItemDetail, money: { amount: number; currency: string }): Phrase {
  const order = item.orderNumber ?? 'the order'
  switch (evidence.action) {
    case 'cancel':
      return [`Shall ${order} be cancelled and `, money, ' go back?']
    case 'mark_paid':
      return ['Has ', money, ` for ${order} arrived in the bank?`]
    case 'confirm':
      return [`Shall ${order} count as paid, although its payment is `, money, ' off?']
    case 'refund':
      return ['Shall ', money, ' go back?']
    case 'refund_to_wallet':
      return ['Shall ', money, ' go into the customer’s wallet?']
    case 'paid_back_elsewhere':
      return ['Has ', money, ' been paid back by a transfer?']
    case 'write_off':
      return ['Shall ', money, ' be written off?']
    default:
      return [item.summary]
  }
}

/** What holds meanwhile, under the question; where the question is the summary itself, what it was. */
export function background(detail: ReviewItemDetail): string {
  const { item, orderStatus } = detail
  if (item.resolvedAt !== null) return item.summary
  switch (item.kind) {
    case 'amount_differs':
    case 'currency_differs':
    case 'unexpected_capture':
      return orderStatus === 'pending'
        ? 'The money is held and the order waits with its things kept. Nothing has been sent to the shops.'
        : 'The money is held until somebody decides.'
    case 'authorization_differs':
      return 'Nothing is captured, and the customer cannot pay meanwhile. It lapses by itself within days; capture it on the order’s page to take it.'
    case 'refund_failed':
      return 'The bank would not take it, so the money is held. It is still owed to the customer.'
    case 'refund_approval':
      return 'It is above what one person may send back alone: a second one must agree. Nothing has been sent.'
    case 'decision_approval':
      return 'It is more than one person may decide alone: a second one must agree. Nothing of it is done yet.'
    case 'unknown_payment':
      return 'Reconciliation found it at the provider. It is booked as unexplained until somebody decides.'
    case 'payment_undecided':
      return 'We have stopped asking by ourselves. If the money comes after all, it is taken and this closes by itself.'
    default:
      return item.summary
  }
}
