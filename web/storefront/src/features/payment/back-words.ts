/** What is said of money that goes back to a shopper, on the payment page. Pure. */
import { joined, type Phrase } from '../../../../ui/phrase.ts'
import { amountsOf, refundsOf, refundWords } from '../orders/order-money.ts'
import type { Facts } from './result-facts.ts'

/** What goes back, why, and until when; from the refunds where this browser may see them. */
export function backWords({ order, state, now }: Facts): Phrase {
  const refunds = order === undefined ? [] : refundsOf(order).filter(({ status }) => status !== 'failed')
  if (order !== undefined && refunds.length > 0) {
    return refunds.flatMap((refund, index) => [index === 0 ? '' : ' ', ...refundWords(order, refund, now)])
  }
  const going = amountsOf(state?.money ?? [], 'goingBack')
  if (going.length > 0) return [...joined(going), ' is going back to you. You need do nothing.']
  return [
    ...joined(amountsOf(state?.money ?? [], 'goneBack')),
    ' was sent back to you. Banks take a few working days to show it.',
  ]
}
