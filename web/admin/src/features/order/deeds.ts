/**
 * What an admin can do with an order now, and what each deed brings about: money, stock, the shopper, and what stays.
 * The server decides whether it happens; this only says beforehand what will.
 */
import type { Order, OrderStatus, OrderStory } from '../../../../../shared/contract/orders.ts'
import { add } from '../../../../../shared/money.ts'
import { countInWords, countOf, providerName, sentence } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'
import { partState } from '../../../../ui/status-words.ts'
import { joinNames } from '../../lib/join-names.ts'
import { moneySplit, wouldGoBack } from './money-split.ts'

/** What is said of a deed before, while and after it is done. */
export type DeedWords = {
  /** On the page. */
  label: string
  /** The question. */
  title: Phrase
  consequences: Phrase[]
  /** The deed's own button, named after its outcome. */
  confirm: Phrase
  /** The safe button. */
  keep: string
  busy: string
  /** What is said afterwards. */
  done: string
}

export type Deed = DeedWords & {
  key: 'ship' | 'deliver' | 'cancel'
  asksReason: boolean
}

/** Said first of a deed that lets more money go than one person may. */
export const SECOND_FIRST = 'A second person must agree first. Until then everything stays as it is.'

/** Where a deed leads; cancelling has a call of its own. */
export const DEED_STATUS: Readonly<Record<'ship' | 'deliver', OrderStatus>> = { ship: 'shipped', deliver: 'delivered' }

/**
 * @param ledger the order's transfers
 * @param alone what one person may let go of it, in minor units; null: no limit
 */
export function deedsOf(order: Order, ledger: OrderStory['ledger'], alone: number | null): Deed[] {
  const deeds: Deed[] = []
  if (order.status === 'confirmed' && whyNotShipped(order) === null) deeds.push(shipping(order))
  if (order.status === 'shipped') deeds.push(delivering(order))
  if (order.canCancel) deeds.push(cancelling(order, ledger, alone))
  return deeds
}

/** What keeps a confirmed order from being shipped now, as the server judges it; null when nothing does. */
export function whyNotShipped(order: Pick<Order, 'status' | 'shopOrders'>): string | null {
  if (order.status !== 'confirmed') return null
  const parts = (state: string) => order.shopOrders.filter((part) => partState(part) === state)
  const waiting = parts('awaiting_acceptance').map((part) => part.shopName)
  if (waiting.length > 0) return `Waits for ${joinNames(waiting)} to accept.`
  return parts('accepted').length === 0 ? 'All of it was given back: nothing is left to send.' : null
}

function shipping(order: Order): Deed {
  const consequences: Phrase[] = [
    ['The shopper sees it as shipped.'],
    ['It can no longer be cancelled. Money can still go back as a refund.'],
  ]
  const back = order.shopOrders.filter((part) => partState(part) === 'given_back')
  if (back.length > 0) {
    consequences.push([`All of the part of ${joinNames(back.map((part) => part.shopName))} was given back: it stays.`])
  }
  if (order.paymentMethod === 'cod' && order.paymentStatus === 'pending') {
    consequences.push([money(order.total, order), ' in cash is still to be collected.'])
  } else consequences.push(['No money moves.'])
  return {
    key: 'ship',
    label: 'Mark shipped…',
    title: [`Has ${order.number} been shipped?`],
    consequences,
    confirm: ['Mark shipped'],
    keep: 'Not yet',
    busy: 'Marking it shipped',
    done: `${order.number} is shipped`,
    asksReason: false,
  }
}

function delivering(order: Order): Deed {
  const isCashDue = order.paymentMethod === 'cod' && order.paymentStatus === 'pending'
  const consequences: Phrase[] = [
    ['The shopper sees it as delivered.'],
    ['This is the last state: there is no way back from it.'],
  ]
  consequences.push(
    isCashDue
      ? [money(order.total, order), ' counts as collected in cash, and the order as paid.']
      : ['No money moves.'],
  )
  return {
    key: 'deliver',
    label: 'Mark delivered…',
    title: [`Has ${order.number} been delivered?`],
    consequences,
    confirm: isCashDue ? ['Delivered, ', money(order.total, order), ' collected'] : ['Mark delivered'],
    keep: 'Not yet',
    busy: 'Marking it delivered',
    done: `${order.number} is delivered`,
    asksReason: false,
  }
}

function cancelling(order: Order, ledger: OrderStory['ledger'], alone: number | null): Deed {
  const amount = wouldGoBack(moneySplit(order, ledger))
  const needsSecond = alone !== null && amount > alone
  const things = order.items.reduce((count, item) => count + item.quantity - item.restocked, 0)
  const consequences: Phrase[] = []
  if (amount > 0) {
    consequences.push([money(amount, order), ` goes back ${wayBack(order)}. Nobody has to do anything for it.`])
    const fee = feeOf(order)
    if (fee) consequences.push([`${providerName(fee.provider)} keeps its fee of `, money(fee.amount, order), '.'])
  } else if (order.status === 'pending' && order.paymentMethod === 'online') {
    consequences.push(['No money has arrived. If some arrives later, it goes back by itself.'])
  } else consequences.push(['No money has arrived, so none goes back.'])
  const stock =
    order.status === 'pending'
      ? `${things === 1 ? 'is' : 'are'} free again`
      : `${things === 1 ? 'goes' : 'go'} back in stock`
  consequences.push([
    `${countOf(things, 'thing')} ${stock}${order.couponCode ? `; coupon ${order.couponCode} can be used again` : ''}.`,
  ])
  const shops = order.shopOrders.filter(
    (part) => !['rejected', 'cancelled', 'given_back'].includes(partState(part)),
  ).length
  if (order.status !== 'pending' && shops > 0)
    consequences.push([`${sentence(countInWords(shops, 'shop'))} ${shops === 1 ? 'is' : 'are'} told to stop.`])
  consequences.push(['The shopper sees it as cancelled. This cannot be taken back.'])
  if (needsSecond) consequences.unshift([SECOND_FIRST])
  return {
    key: 'cancel',
    label: 'Cancel order…',
    title:
      amount > 0 ? [`Cancel ${order.number} and send back `, money(amount, order), '?'] : [`Cancel ${order.number}?`],
    consequences,
    confirm:
      amount > 0 ? [needsSecond ? 'Ask to send back ' : 'Send back ', money(amount, order)] : [`End ${order.number}`],
    keep: 'Keep the order',
    busy: 'Cancelling',
    done: `${order.number} is cancelled`,
    asksReason: true,
  }
}

function money(amount: number, order: Order) {
  return { amount, currency: order.currency }
}

function wayBack(order: Order): string {
  if (order.paymentMethod === 'wallet') return 'to the wallet at once'
  const paid = order.payments.flatMap((payment) => payment.attempts).find((attempt) => attempt.capturedAmount > 0)
  return paid?.methodDetail ? `to where it came from (${paid.methodDetail})` : 'to where it came from'
}

/** What the provider took for the captures, its tax included, where it says so. */
export function feeOf(order: Order): { provider: string; amount: number } | null {
  for (const payment of order.payments) {
    const fees = payment.attempts.flatMap((attempt) => (attempt.capturedAmount > 0 && attempt.fee ? [attempt.fee] : []))
    if (fees.length > 0) return { provider: payment.provider, amount: add(0, ...fees) }
  }
  return null
}
