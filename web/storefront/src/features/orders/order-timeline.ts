/**
 * What happened to an order, in the shopper's words: from its event rows and, on top and stitched, what is still to
 * come. Events that only the shop cares about are left out. Pure.
 */
import type { Order, OrderEvent } from '../../../../../client/shapes.ts'
import { formatMoney, methodName, providerName } from '../../../../ui/format.ts'
import { partState, type Look } from '../../../../ui/status-words.ts'
import { arrivalOf, hasAny, refundsOf } from './order-money.ts'

export type Moment = {
  key: string
  look: Look
  title: string
  detail: string | null
  /** When it happened, or by when it is promised. */
  at: string | null
  promised: boolean
}

/** Newest first; what is still to come first of all. */
export function orderTimeline(order: Order, events: readonly OrderEvent[]): Moment[] {
  // Each press is refused anew; once says it.
  const lastRefused = events.findLast((event) => event.type === REFUSED)
  const happened = events.flatMap((event) => {
    if (event.type === REFUSED && event !== lastRefused) return []
    const words = momentOf(order, event, events)
    return words === null ? [] : [{ key: event.id, detail: null, promised: false, at: event.createdAt, ...words }]
  })
  return [...stillToCome(order), ...happened.reverse()]
}

type Attempt = Order['payments'][number]['attempts'][number]
type Words = { look: Look; title: string; detail?: string | null }

function momentOf(order: Order, event: OrderEvent, events: readonly OrderEvent[]): Words | null {
  switch (event.subject) {
    case 'order':
      return orderMoment(order, event)
    case 'payment':
      return paymentMoment(order, event)
    case 'attempt':
      return attemptMoment(order, event)
    case 'shop_order':
      return partMoment(order, event, events)
    case 'refund':
      return refundMoment(order, event)
    default:
      return null
  }
}

function orderMoment(order: Order, { from, to, actor }: OrderEvent): Words | null {
  if (from === to) return null
  switch (to) {
    case 'pending':
      return { look: 'none', title: 'Order placed' }
    case 'confirmed':
      // What had been given back before it was sent stands after all.
      if (from === 'shipped' || from === 'delivered')
        return { look: 'paid', title: 'Something is to be sent after all' }
      if (order.paymentMethod === 'cod') return { look: 'paid', title: 'Confirmed, to be paid at the door' }
      return { look: 'paid', title: 'Paid and confirmed', detail: paidBy(order) }
    case 'shipped':
      return { look: 'paid', title: actor === 'system' ? 'All that is to come is on its way' : 'On its way' }
    case 'delivered':
      return { look: 'paid', title: actor === 'system' ? 'All that was to come has arrived' : 'Arrived' }
    case 'cancelled':
      return { look: 'none', title: CANCEL_WORDS[order.cancelReason ?? ''] ?? 'Cancelled' }
    default:
      return null
  }
}

const CANCEL_WORDS: Readonly<Record<string, string>> = {
  expired: 'Ended, because it was not paid in time',
  shopper: 'You cancelled',
  admin: 'The shop cancelled',
  late_payment: 'Ended before the payment came',
}

const REFUSED = 'payment.refused'
const REFUSED_WORDS: Readonly<Record<string, string>> = {
  amount_too_large: 'It is more than the shop’s account takes at once',
  amount_too_small: 'It is less than the shop’s account takes',
  currency_not_enabled: 'The shop’s account does not take this currency',
}

function paymentMoment(order: Order, { type, to, subjectId, data }: OrderEvent): Words | null {
  if (type === 'review.opened') return { look: 'review', title: 'A person was asked to look at it' }
  if (type === REFUSED) {
    const detail = REFUSED_WORDS[String(data['reason'])] ?? 'The shop’s account does not take it'
    return {
      look: 'failed',
      title: 'The payment could not be opened',
      detail: `${detail}. Trying again does not help.`,
    }
  }
  if (to !== 'verified') return null
  const payment = order.payments.find((candidate) => candidate.id === subjectId)
  const who = payment === undefined ? 'the provider' : providerName(payment.provider)
  return { look: 'processing', title: 'You approved the payment', detail: `We asked ${who} to confirm it` }
}

function attemptMoment(order: Order, { to, subjectId, data }: OrderEvent): Words | null {
  const attempt = order.payments.flatMap((payment) => payment.attempts).find((candidate) => candidate.id === subjectId)
  if (to === 'failed') {
    const title = `A ${attempt?.method == null ? '' : `${methodInSentence(attempt.method)} `}payment was declined`
    // It may have been paid after all: banks answer late.
    const detail = attempt?.status === 'failed' ? 'No money was taken' : null
    return { look: 'failed', title, detail: textOf(data['errorDescription']) ?? attempt?.errorDescription ?? detail }
  }
  // Most are taken within a second, and then it is no news.
  if (to === 'authorized' && attempt?.status === 'authorized') {
    return { look: 'processing', title: 'The bank set the money aside' }
  }
  if (to === 'captured' && attempt !== undefined && isOdd(order, attempt)) {
    const amount = formatMoney(attempt.capturedAmount, attempt.currency)
    const isSecond = order.isConfirmed && attempt !== paidAttempt(order)
    return { look: 'review', title: isSecond ? `Another payment arrived, ${amount}` : `${amount} arrived` }
  }
  return null
}

/** A payment that is not simply the one that paid the order; that one is told by "Paid and confirmed". */
function isOdd(order: Order, attempt: Attempt): boolean {
  return attempt.capturedAmount !== order.total || attempt.currency !== order.currency || attempt !== paidAttempt(order)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** UPI stays in capitals, a card does not. */
function methodInSentence(method: string): string {
  const name = methodName(method)
  return name === name.toUpperCase() ? name : name.toLowerCase()
}

function partMoment(order: Order, event: OrderEvent, events: readonly OrderEvent[]): Words | null {
  const { from, to, subjectId, actor, data } = event
  // Where the order moves with its parts, and at the same time, its own moment says so.
  const isTold = events.some((each) => each.subject === 'order' && each.to === to && each.createdAt === event.createdAt)
  if (isTold && (to === 'shipped' || to === 'delivered' || to === 'cancelled')) return null
  const shop = order.shopOrders.find((part) => part.id === subjectId)?.shopName ?? 'A shop'
  if (from === to) return null
  switch (to) {
    case 'accepted':
      // Parts that need no answer are accepted with the payment itself, which says it all.
      return from === 'awaiting_acceptance' ? { look: 'paid', title: `${shop} accepted` } : null
    case 'shipped':
      return { look: 'paid', title: `${shop} sent its part` }
    case 'delivered':
      return { look: 'paid', title: `The part of ${shop} arrived` }
    case 'rejected':
      return {
        look: 'refunded',
        title: `${shop} cannot send its part`,
        detail: textOf(data['reason']),
      }
    case 'cancelled':
      return { look: 'refunded', title: `${actor === 'shopper' ? 'You' : 'The shop'} cancelled the part of ${shop}` }
    default:
      return null
  }
}

function refundMoment(order: Order, { to, subjectId }: OrderEvent): Words | null {
  const refund = refundsOf(order).find((candidate) => candidate.id === subjectId)
  // One that was made at the provider is heard of when it is there.
  const isTheirs = refund?.cause === 'at_provider'
  switch (to) {
    case 'requested':
      return { look: 'refunded', title: 'Money is to go back', detail: refund?.text ?? null }
    case 'processed':
      return { look: 'refunded', title: arrivedTitle(refund?.destination), detail: isTheirs ? refund.text : null }
    case 'failed':
      return {
        look: 'failed',
        title: 'Money could not be sent back',
        detail: 'It is here, and a person finds another way',
      }
    default:
      return null
  }
}

function arrivedTitle(destination: string | undefined): string {
  if (destination === 'wallet') return 'Money is in your wallet'
  return destination === 'elsewhere' ? 'The shop paid it back by a transfer' : 'Money sent back'
}

/** What a timer, a schedule or somebody else still has to do. */
function stillToCome(order: Order): Moment[] {
  const moments: Moment[] = []
  for (const refund of refundsOf(order)) {
    if (refund.status === 'processed' || refund.status === 'failed') continue
    moments.push({
      key: `refund-${refund.id}`,
      look: 'refunded',
      title: 'Money back at your bank',
      detail: 'Expected by then',
      at: arrivalOf(order, refund),
      promised: true,
    })
  }
  if (order.paymentStatus === 'under_review' || hasAny(order.money, 'heldForReview')) {
    moments.push(promise('deciding', 'review', 'A person decides about your payment', 'Do not pay again'))
  }
  if (order.status === 'pending' && order.paymentStatus === 'verified') {
    moments.push(promise('confirming', 'processing', 'Payment confirmed', 'We keep asking by ourselves'))
  } else if (order.canPay) {
    moments.push(promise('paying', 'pending', 'Your payment', 'The box is kept until then', order.expiresAt))
  }
  const waiting = order.shopOrders.filter((part) => partState(part) === 'awaiting_acceptance')
  if (waiting.length > 0) {
    const shops = waiting.map((part) => part.shopName).join(', ')
    moments.push(promise('accepting', 'pending', `Waiting for ${shops}`, 'It packs its part once it has said yes'))
  } else if (order.status === 'confirmed' || order.status === 'shipped') {
    const left = order.shopOrders.filter((part) => ['accepted', 'shipped'].includes(partState(part)))
    if (left.length > 0) moments.push(promise('arriving', 'none', 'At your door', null))
  }
  return moments
}

function promise(key: string, look: Look, title: string, detail: string | null, at: string | null = null): Moment {
  return { key, look, title, detail, at, promised: true }
}

/** The try that pays the order, when one has: of two, the one that does not go back. */
export function paidAttempt(order: Pick<Order, 'payments'>) {
  const returned = new Set(refundsOf(order).map(({ attemptId }) => attemptId))
  const brought = order.payments
    .flatMap((payment) => payment.attempts)
    .filter(({ capturedAmount }) => capturedAmount > 0)
  return brought.find(({ id }) => !returned.has(id)) ?? brought[0]
}

/** "UPI, ananya@okbank", as the provider names it, masked by the server. */
export function paidBy(order: Order): string | null {
  const attempt = paidAttempt(order)
  if (attempt?.method == null) return null
  return [methodName(attempt.method), attempt.methodDetail].filter((part) => part !== null).join(', ')
}
