/**
 * What an admin can do with an order now, and what each deed brings about: money, stock, the shopper, and what stays.
 * The server decides whether it happens; this only says beforehand what will.
 */
import type { Order, OrderStatus, OrderStory } from '../../../../../shared/contract/orders.ts'
import { add, smaller } from '../../../../../shared/money.ts'
import { cancelling as cancellingOf, leftOf } from '../../../../ui/cancelling.ts'
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
  const isConfirmed = order.status === 'confirmed'
  if (isConfirmed && partsIn(order, 'accepted').length > 0) deeds.push(shipping(order))
  if (order.status === 'shipped' || (isConfirmed && partsIn(order, 'shipped').length > 0)) deeds.push(delivering(order))
  if (order.canCancel) deeds.push(cancelling(order, ledger, alone))
  return deeds
}

type State = ReturnType<typeof partState>

function partsIn(order: Pick<Order, 'shopOrders'>, ...states: State[]): Order['shopOrders'] {
  return order.shopOrders.filter((part) => states.includes(partState(part)))
}

function namesOf(parts: Order['shopOrders']): string {
  return joinNames(parts.map((part) => part.shopName))
}

/** `the part of Malabar`, `the parts of Malabar and Rann`. */
function partsOf(parts: Order['shopOrders']): string {
  return `the ${parts.length === 1 ? 'part' : 'parts'} of ${namesOf(parts)}`
}

/** What keeps anything of a confirmed order from being shipped now, as the server judges it; null when nothing does. */
export function whyNotShipped(order: Pick<Order, 'status' | 'shopOrders'>): string | null {
  if (order.status !== 'confirmed' || partsIn(order, 'accepted').length > 0) return null
  const waiting = partsIn(order, 'awaiting_acceptance')
  if (waiting.length > 0) return `Waits for ${namesOf(waiting)} to accept.`
  return 'All of it was given back: nothing is left to send.'
}

function shipping(order: Order): Deed {
  const going = partsIn(order, 'accepted')
  const waiting = partsIn(order, 'awaiting_acceptance')
  // Others are ahead of it, or are left behind: then it is not the order that is shipped.
  const isWhole = waiting.length + partsIn(order, 'shipped', 'delivered').length === 0
  const consequences: Phrase[] = [
    [isWhole ? 'The shopper sees it as shipped.' : `The shopper sees ${partsOf(going)} as shipped.`],
    [
      `${isWhole ? 'It' : going.length === 1 ? 'That part' : 'Those parts'} can no longer be cancelled. Money can still go back as a refund.`,
    ],
  ]
  if (waiting.length > 0) {
    const has = waiting.length === 1 ? 'has not accepted its part' : 'have not accepted their parts'
    consequences.push([`${namesOf(waiting)} ${has}: the order stays confirmed until that is sent too.`])
  }
  const back = partsIn(order, 'given_back')
  if (back.length > 0) consequences.push([`All of the part of ${namesOf(back)} was given back: it stays.`])
  if (order.paymentMethod === 'cod' && order.paymentStatus === 'pending') {
    consequences.push([money(order.total, order), ' in cash is still to be collected.'])
  } else consequences.push(['No money moves.'])
  return {
    key: 'ship',
    label: 'Mark shipped…',
    title: [
      isWhole ? `Has ${order.number} been shipped?` : sentence(`${hasOrHave(going)} ${partsOf(going)} been shipped?`),
    ],
    consequences,
    confirm: ['Mark shipped'],
    keep: 'Not yet',
    busy: 'Marking it shipped',
    done: isWhole ? `${order.number} is shipped` : sentence(`${partsOf(going)} ${isOrAre(going)} shipped`),
    asksReason: false,
  }
}

const hasOrHave = (parts: Order['shopOrders']) => (parts.length === 1 ? 'has' : 'have')
const isOrAre = (parts: Order['shopOrders']) => (parts.length === 1 ? 'is' : 'are')

function delivering(order: Order): Deed {
  const isCashDue = order.paymentMethod === 'cod' && order.paymentStatus === 'pending'
  const arriving = partsIn(order, 'shipped')
  const unsent = partsIn(order, 'awaiting_acceptance', 'accepted')
  const isWhole = unsent.length + partsIn(order, 'delivered').length === 0
  const consequences: Phrase[] = [
    [isWhole ? 'The shopper sees it as delivered.' : `The shopper sees ${partsOf(arriving)} as delivered.`],
    ['This is the last state: there is no way back from it.'],
  ]
  if (unsent.length > 0) {
    consequences.push([sentence(`${partsOf(unsent)} ${isOrAre(unsent)} still to be sent: the order stays confirmed.`)])
  }
  consequences.push(
    isCashDue
      ? [money(order.total, order), ' counts as collected in cash, and the order as paid.']
      : ['No money moves.'],
  )
  return {
    key: 'deliver',
    label: 'Mark delivered…',
    title: [
      isWhole
        ? `Has ${order.number} been delivered?`
        : sentence(`${hasOrHave(arriving)} ${partsOf(arriving)} been delivered?`),
    ],
    consequences,
    confirm: isCashDue ? ['Delivered, ', money(order.total, order), ' collected'] : ['Mark delivered'],
    keep: 'Not yet',
    busy: 'Marking it delivered',
    done: isWhole ? `${order.number} is delivered` : sentence(`${partsOf(arriving)} ${isOrAre(arriving)} delivered`),
    asksReason: false,
  }
}

function cancelling(order: Order, ledger: OrderStory['ledger'], alone: number | null): Deed {
  const { ends, stays } = cancellingOf(order)
  const isRest = stays.length > 0
  const whole = wouldGoBack(moneySplit(order, ledger))
  const amount = isRest ? smaller(leftOf(ends), whole) : whole
  const needsSecond = alone !== null && amount > alone
  const things = order.items
    .filter((item) => !isRest || ends.some((part) => part.shopId === item.shopId))
    .reduce((count, item) => count + item.quantity - item.restocked, 0)
  const consequences: Phrase[] = []
  if (amount > 0) {
    consequences.push([money(amount, order), ` goes back ${wayBack(order)}. Nobody has to do anything for it.`])
    const fee = feeOf(order)
    // Of a part nobody gets a part of the fee back either.
    if (fee) consequences.push([`${providerName(fee.provider)} keeps its fee of `, money(fee.amount, order), '.'])
  } else if (order.status === 'pending' && order.paymentMethod === 'online') {
    consequences.push(['No money has arrived. If some arrives later, it goes back by itself.'])
  } else if (isRest) consequences.push(['Nothing is left of its price, so no money goes back.'])
  else consequences.push(['No money has arrived, so none goes back.'])
  const stock =
    order.status === 'pending'
      ? `${things === 1 ? 'is' : 'are'} free again`
      : `${things === 1 ? 'goes' : 'go'} back in stock`
  consequences.push([
    `${countOf(things, 'thing')} ${stock}${order.couponCode && !isRest ? `; coupon ${order.couponCode} can be used again` : ''}.`,
  ])
  const shops = ends.filter((part) => partState(part) !== 'given_back').length
  if (order.status !== 'pending' && shops > 0)
    consequences.push([`${sentence(countInWords(shops, 'shop'))} ${shops === 1 ? 'is' : 'are'} told to stop.`])
  if (isRest) {
    const isWay = stays.every((part) => part.status === 'delivered') ? 'has arrived' : 'is on its way'
    const areWay = stays.every((part) => part.status === 'delivered') ? 'have arrived' : 'are on their way'
    consequences.push([
      sentence(`${partsOf(stays)} ${stays.length === 1 ? `${isWay}, and stays` : `${areWay}, and stay`}.`),
    ])
  }
  consequences.push([`The shopper sees ${isRest ? partsOf(ends) : 'it'} as cancelled. This cannot be taken back.`])
  if (needsSecond) consequences.unshift([SECOND_FIRST])
  const what = isRest ? partsOf(ends) : order.number
  return {
    key: 'cancel',
    label: isRest ? 'Cancel the rest…' : 'Cancel order…',
    title: amount > 0 ? [`Cancel ${what} and send back `, money(amount, order), '?'] : [`Cancel ${what}?`],
    consequences,
    confirm: amount > 0 ? [needsSecond ? 'Ask to send back ' : 'Send back ', money(amount, order)] : [`End ${what}`],
    keep: isRest ? 'Keep the rest' : 'Keep the order',
    busy: 'Cancelling',
    done: isRest ? sentence(`${what} ${isOrAre(ends)} cancelled`) : `${order.number} is cancelled`,
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
