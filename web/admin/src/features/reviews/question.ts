/** A question as a sentence: what is the matter, with the amount. Pure. */
import type { ReviewItemDetail } from '../../../../../shared/contract/reviews.ts'
import { subtract } from '../../../../../shared/money.ts'
import { providerName } from '../../../../ui/format.ts'
import type { Phrase } from '../../lib/phrase.ts'

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
    case 'refund_undecided':
      return [`${provider} does not say whether `, money, ' has gone back']
    case 'refund_approval':
      return ['Send back ', money, '? A second person must agree']
    case 'payment_undecided':
      return [`${provider} never said what became of `, money]
    case 'settlement_unexplained':
      return [`${provider} paid out `, money, ' that nothing of ours explains']
    default:
      return [item.summary]
  }
}
