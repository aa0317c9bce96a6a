/**
 * What an order's page says about its money: where each rupee is, and what happens next by itself. The sums are the
 * server's; nothing here looks at what the order costs to say what was paid. Pure.
 */
import { latestRefund } from '../../../../../shared/bank-days.ts'
import type { Order, OrderMoney, Refund } from '../../../../../client/shapes.ts'
import { smaller } from '../../../../../shared/money.ts'
import { cancelling, leftOf } from '../../../../ui/cancelling.ts'
import { countOf, formatClock, formatDate, formatNearDate, providerName } from '../../../../ui/format.ts'
import { joined, type Amount, type Phrase } from '../../../../ui/phrase.ts'
import { orderMoneyWords, orderState, statusWords, type Look, type StatusWords } from '../../../../ui/status-words.ts'

type Sum = Exclude<keyof OrderMoney, 'currency'>
type Attempt = Order['payments'][number]['attempts'][number]

/** Of a kind of money, what there is, by currency. */
export function amountsOf(money: readonly OrderMoney[], of: Sum): Amount[] {
  return money.map((sums) => ({ amount: sums[of], currency: sums.currency })).filter(({ amount }) => amount > 0)
}

function isSome({ amount }: Amount): boolean {
  return amount > 0
}

export function hasAny(money: readonly OrderMoney[], of: Sum): boolean {
  return money.some((sums) => sums[of] > 0)
}

export function isStanding(order: Pick<Order, 'status'>): boolean {
  return order.status === 'confirmed' || order.status === 'shipped' || order.status === 'delivered'
}

/** All refunds of an order, oldest first. */
export function refundsOf(order: Pick<Order, 'payments'>): Refund[] {
  return order.payments.flatMap((payment) => payment.refunds).sort((a, b) => a.createdAt.localeCompare(b.createdAt))
}

export type MoneyNote = {
  key: string
  look: Look
  /** What is known to have happened, and not what is still to come. */
  isFact: boolean
  words: Phrase
}

/** Money that is anywhere else than with the order: how much, where, why, and what happens next. */
export function moneyNotes(order: Order, now: number): MoneyNote[] {
  return [
    ...heldNotes(order),
    ...failedNotes(order),
    ...refundsOf(order).flatMap((refund) => refundNote(order, refund, now)),
    ...keptNotes(order),
  ]
}

/** What a person looks at, as one text for an order's page and its payment's page. */
export function heldWords(order: Pick<Order, 'status' | 'currency' | 'total' | 'money'>): Phrase | null {
  const held = amountsOf(order.money, 'heldForReview')
  const own = order.money.find((sums) => sums.currency === order.currency && sums.heldForReview > 0)
  if (held.length > 0) {
    if (isStanding(order)) {
      return [
        'We also have ',
        ...joined(held),
        ' of yours that this order did not ask for. A person decides what becomes of it.',
      ]
    }
    if (order.status === 'cancelled') {
      return [
        'We have ',
        ...joined(held),
        ' of yours, and this order has ended. A person decides what becomes of it. Do not pay again.',
      ]
    }
    if (own === undefined) {
      return [
        'We have ',
        ...joined(held),
        ' of yours, in another currency than this order. A person looks at it, and it goes back to you. Do not pay again.',
      ]
    }
    const asked = { amount: order.total, currency: order.currency }
    return [
      'We have ',
      ...joined(held),
      ' of yours. This order asks for ',
      asked,
      ', so a person decides: it pays for the order, or it goes back to you. Do not pay again.',
    ]
  }
  const authorized = amountsOf(order.money, 'authorized')
  if (authorized.length === 0) return null
  return [
    'Your bank holds ',
    ...joined(authorized),
    ' for this order, which asks for ',
    { amount: order.total, currency: order.currency },
    '. We have not taken it. A person decides; what nobody takes, your bank lets go within days. Do not pay again.',
  ]
}

function heldNotes(order: Order): MoneyNote[] {
  const isHeld = hasAny(order.money, 'heldForReview')
  const words = isHeld || order.paymentStatus === 'under_review' ? heldWords(order) : null
  return words === null ? [] : [{ key: 'held', look: 'review', isFact: isHeld, words }]
}

/** What was to go back and did not. */
export function failedWords(order: Pick<Order, 'status' | 'money'>): Phrase | null {
  const failed = amountsOf(order.money, 'failedToGoBack')
  if (failed.length === 0) return null
  const end = order.status === 'pending' ? ' Do not pay again.' : ' You need do nothing.'
  return [
    'We tried to send ',
    ...joined(failed),
    ` back to you, and it did not go through. The money is here, and a person finds another way to give it back.${end}`,
  ]
}

function failedNotes(order: Order): MoneyNote[] {
  const words = failedWords(order)
  return words === null ? [] : [{ key: 'failed', look: 'failed', isFact: true, words }]
}

function refundNote(order: Order, refund: Refund, now: number): MoneyNote[] {
  // What failed is told once, by its sum: another refund may have made up for it.
  if (refund.status === 'failed') return []
  const isFact = refund.status === 'processed'
  const by = arrivalOf(order, refund)
  if (isFact && new Date(by).getTime() < now) return []
  return [{ key: refund.id, look: 'refunded', isFact, words: refundWords(order, refund, now) }]
}

/** Where money of a refund is, why, and until when it is there. */
export function refundWords(order: Pick<Order, 'payments' | 'status'>, refund: Refund, now: number): Phrase {
  const amount = { amount: refund.amount, currency: refund.currency }
  if (refund.destination === 'wallet') return [amount, ` is in your wallet. ${refund.text}`]
  if (refund.destination === 'elsewhere')
    return [amount, ` was paid back to you by a transfer of the shop. ${refund.text}`]
  const until = { strong: formatNearDate(arrivalOf(order, refund), now) }
  const target = targetOf(order, refund)
  if (refund.status === 'processed')
    return [amount, ` was sent back to ${target}. ${refund.text} Banks take until `, until, '.']
  return [
    amount,
    ` is going back to ${target}. ${refund.text} ${askedWords(order, refund)} banks take until `,
    until,
    // An order that still waits asks for something: its payment.
    order.status === 'pending' ? '.' : '. You need do nothing.',
  ]
}

/** Who is on it: only where we asked the provider is it said that we did. */
function askedWords(order: Pick<Order, 'payments'>, refund: Refund): string {
  const payment = order.payments.find(({ id }) => id === refund.paymentId)
  const who = providerName(payment?.provider ?? 'the provider')
  if (refund.cause === 'at_provider') return `${who} is sending it;`
  if (refund.status === 'requested') return `We are asking ${who} to send it;`
  return `We asked ${who} on ${formatDate(refund.createdAt)} at ${formatClock(refund.createdAt)};`
}

/** By when money that goes back has arrived, by the way it came. */
export function arrivalOf(order: Pick<Order, 'payments'>, refund: Refund): string {
  if (refund.destination === 'wallet') return refund.processedAt ?? refund.createdAt
  return latestRefund(refund.processedAt ?? refund.createdAt, attemptOf(order, refund)?.method)
}

function targetOf(order: Pick<Order, 'payments'>, refund: Refund): string {
  const attempt = attemptOf(order, refund)
  if (attempt?.methodDetail == null) return 'the way you paid'
  return /^\d{4}$/.test(attempt.methodDetail) ? `your card ending in ${attempt.methodDetail}` : attempt.methodDetail
}

function attemptOf(order: Pick<Order, 'payments'>, refund: Refund): Attempt | undefined {
  return order.payments.flatMap((payment) => payment.attempts).find(({ id }) => id === refund.attemptId)
}

/** What stays with the shop of an order that does not stand: by a person's word, and never in silence. */
export function stayWords(money: readonly OrderMoney[], number: string): Phrase {
  const kept = joined(amountsOf(money, 'kept'))
  return [...kept, ' of yours stays with the shop. Ask it if you do not know why, and quote ', { strong: number }, '.']
}

function keptNotes(order: Order): MoneyNote[] {
  if (isStanding(order) || !hasAny(order.money, 'kept')) return []
  return [{ key: 'kept', look: 'none', isFact: true, words: stayWords(order.money, order.number) }]
}

export type BillRow = {
  key: string
  label: string
  /** In minor units, below zero for what left; or words where there is no amount. */
  value: Amount | string
  look?: Look
}

/**
 * The money under an order's bill. Where it was paid as it costs, and that is all, the bill's own total says so.
 *
 * @returns what the total is called, and the rows below it
 */
export function billOf(
  order: Pick<Order, 'status' | 'paymentStatus' | 'currency' | 'total' | 'money' | 'canPay' | 'paymentMethod'>,
): {
  totalLabel: string
  rows: BillRow[]
} {
  const [only, ...others] = order.money
  const isPlain =
    only !== undefined &&
    others.length === 0 &&
    only.currency === order.currency &&
    only.captured === order.total &&
    only.kept === order.total &&
    isStanding(order)
  if (isPlain) return { totalLabel: 'You paid', rows: [] }
  const rows = order.money.flatMap((sums) => rowsOf(order, sums))
  const isPayable = order.canPay && order.paymentStatus !== 'verified'
  const isDueAtDoor = isStanding(order) && order.paymentMethod === 'cod' && !hasAny(order.money, 'captured')
  return { totalLabel: isPayable || isDueAtDoor ? 'To pay' : 'Total', rows }
}

function rowsOf(order: Pick<Order, 'status' | 'currency' | 'total'>, sums: OrderMoney): BillRow[] {
  const { currency } = sums
  const row = (of: Sum, label: string, look?: Look, sign: 1 | -1 = 1): BillRow[] =>
    sums[of] === 0
      ? []
      : [{ key: `${of}-${currency}`, label, value: { amount: sign * sums[of], currency }, ...(look && { look }) }]
  const isShort = isStanding(order) && currency === order.currency && sums.captured > 0 && sums.captured < order.total
  return [
    ...row('captured', 'You paid'),
    ...row('authorized', 'Held at your bank, not taken', 'processing'),
    ...row('goneBack', 'Went back', 'refunded', -1),
    ...row('goingBack', 'Going back', 'refunded', -1),
    ...row('failedToGoBack', 'Owed to you, could not be sent back', 'failed'),
    ...row('heldForReview', 'Held, a person looks at it', 'review'),
    ...(sums.kept === sums.captured && isStanding(order)
      ? []
      : row('kept', isStanding(order) ? 'Pays for this order' : 'Stays with the shop')),
    ...(isShort ? [{ key: 'left', label: 'Left to pay', value: 'Nothing' }] : []),
  ]
}

type Listed = {
  status: Order['status']
  paymentStatus: Order['paymentStatus']
  paymentMethod: Order['paymentMethod']
  money: readonly OrderMoney[]
  isGivenBack: boolean
}

/** What a list says of an order: where it is while it stands, and what became of the money where it does not. */
export function listWords(row: Listed): StatusWords {
  const { money } = row
  if (hasAny(money, 'failedToGoBack')) return { look: 'failed', words: 'Money could not go back yet' }
  if (hasAny(money, 'heldForReview') || row.paymentStatus === 'under_review') {
    return { look: 'review', words: 'A person looks at your payment' }
  }
  if (isStanding(row))
    return row.paymentStatus === 'paid' ? statusWords('order', orderState(row)) : orderMoneyWords(row)
  if (!hasAny(money, 'captured')) {
    if (row.paymentStatus === 'verified') return { look: 'processing', words: 'Confirming your payment' }
    if (row.status === 'cancelled') return { look: 'none', words: 'Never paid' }
    if (row.paymentStatus === 'failed') return { look: 'failed', words: 'Payment did not go through' }
    return orderMoneyWords(row)
  }
  // What came goes back, and it waits to be paid anew.
  if (row.status === 'pending') return { look: 'pending', words: 'Awaiting payment' }
  if (hasAny(money, 'goingBack')) return { look: 'refunded', words: 'Money going back' }
  return hasAny(money, 'goneBack') ? { look: 'refunded', words: 'Money went back' } : { look: 'none', words: 'Ended' }
}

/**
 * What cancelling would do, said before it is done: how it is offered, the question, what becomes of money and things, and
 * the button. While a part is on its way, it is about the others.
 */
export function cancelWords(order: Pick<Order, 'status' | 'number' | 'currency' | 'money' | 'items' | 'shopOrders'>): {
  label: string
  keep: string
  title: Phrase
  consequences: Phrase[]
  confirm: Phrase
} {
  const { ends, stays } = cancelling(order)
  const isPart = stays.length > 0
  const kept = isStanding(order) ? amountsOf(order.money, 'kept') : []
  const back = isPart
    ? kept.map(({ amount, currency }) => ({ amount: smaller(amount, leftOf(ends)), currency })).filter(isSome)
    : kept
  const held = amountsOf(order.money, 'heldForReview')
  // Some of it may be back already, or on its way: then this is the rest.
  const isRest = !isPart && back.length > 0 && order.money.some(({ goingBack, goneBack }) => goingBack + goneBack > 0)
  const things = order.items
    .filter((item) => !isPart || ends.some((part) => part.shopId === item.shopId))
    .reduce((count, item) => count + item.quantity - item.returnedQuantity, 0)
  const names = (parts: typeof ends) => parts.map((part) => part.shopName).join(', ')
  const money: Phrase =
    back.length > 0
      ? [...joined(back), ' goes back the way you paid it, by itself. Banks take up to 7 working days.']
      : hasAny(order.money, 'captured')
        ? ['Cancelling moves no money.']
        : ['No money was taken. If some comes all the same, it goes back by itself.']
  return {
    label: isPart ? 'Cancel what is not sent…' : 'Cancel the order…',
    keep: isPart ? 'Keep it' : 'Keep the order',
    title:
      back.length > 0
        ? [
            `Cancel ${isPart ? `the part of ${names(ends)} ` : ''}and get ${isRest ? 'the rest, ' : ''}`,
            ...joined(back),
            ' back?',
          ]
        : [isPart ? `Cancel the part of ${names(ends)}?` : 'Cancel this order?'],
    consequences: [
      money,
      ...(isPart ? [[`What ${names(stays)} sent stays yours.`] satisfies Phrase] : []),
      ...(held.length > 0 ? [['A person still decides about ', ...joined(held), ' of yours.'] satisfies Phrase] : []),
      [`${countOf(things, 'thing')} ${things === 1 ? 'goes' : 'go'} back on the shelf, for others to buy.`],
      [`Order ${order.number} stays in your list.`],
    ],
    confirm:
      back.length > 0
        ? ['Cancel, send ', ...joined(back), ' back']
        : [isPart ? 'Cancel that part' : 'Cancel the order'],
  }
}
