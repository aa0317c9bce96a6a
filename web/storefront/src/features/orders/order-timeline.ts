/**
 * What happened to an order, in the shopper's words: from its event rows and, on top and stitched, what is still to
 * come. Events that only the shop cares about are left out. Pure.
 */
import type { Order, OrderEvent, Refund } from '../../../../../client/shapes.ts'
import { methodName, providerName } from '../../../../ui/format.ts'
import { partState, type Look } from '../../../../ui/status-words.ts'
import { BANK_DAYS, latestArrival } from './bank-days.ts'

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
    const words = momentOf(order, event)
    return words === null ? [] : [{ key: event.id, detail: null, promised: false, at: event.createdAt, ...words }]
  })
  return [...stillToCome(order), ...happened.reverse()]
}

type Words = { look: Look; title: string; detail?: string | null }

function momentOf(order: Order, event: OrderEvent): Words | null {
  switch (event.subject) {
    case 'order':
      return orderMoment(order, event)
    case 'payment':
      return paymentMoment(order, event)
    case 'attempt':
      return attemptMoment(order, event)
    case 'shop_order':
      return partMoment(order, event)
    case 'refund':
      return refundMoment(order, event)
    default:
      return null
  }
}

function orderMoment(order: Order, { from, to }: OrderEvent): Words | null {
  if (from === to) return null
  switch (to) {
    case 'pending':
      return { look: 'none', title: 'Order placed' }
    case 'confirmed':
      if (order.paymentMethod === 'cod') return { look: 'paid', title: 'Confirmed, to be paid at the door' }
      return { look: 'paid', title: 'Paid and confirmed', detail: paidBy(order) }
    case 'shipped':
      return { look: 'paid', title: 'On its way' }
    case 'delivered':
      return { look: 'paid', title: 'Arrived' }
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

function attemptMoment(order: Order, { to, subjectId }: OrderEvent): Words | null {
  const attempt = order.payments.flatMap((payment) => payment.attempts).find((candidate) => candidate.id === subjectId)
  if (to === 'failed') {
    const title = `A ${attempt?.method == null ? '' : `${methodInSentence(attempt.method)} `}payment was declined`
    return { look: 'failed', title, detail: attempt?.errorDescription ?? 'No money was taken' }
  }
  if (to === 'authorized') return { look: 'processing', title: 'The bank set the money aside' }
  return null
}

/** UPI stays in capitals, a card does not. */
function methodInSentence(method: string): string {
  const name = methodName(method)
  return name === name.toUpperCase() ? name : name.toLowerCase()
}

function partMoment(order: Order, { from, to, subjectId, actor }: OrderEvent): Words | null {
  // Whoever runs the shop moves the order with all its parts, and the order's own moment says so.
  if (actor === 'admin' && (to === 'shipped' || to === 'delivered')) return null
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
      return { look: 'refunded', title: `${shop} cannot send its part` }
    default:
      return null
  }
}

function refundMoment(order: Order, { to, subjectId }: OrderEvent): Words | null {
  const refund = refundsOf(order).find((candidate) => candidate.id === subjectId)
  switch (to) {
    case 'requested':
      return { look: 'refunded', title: 'Refund asked for', detail: refund?.text ?? null }
    case 'processed':
      return {
        look: 'refunded',
        title: refund?.destination === 'wallet' ? 'Money is in your wallet' : 'Money sent back',
      }
    case 'failed':
      return {
        look: 'failed',
        title: 'The bank would not take it',
        detail: 'A person is on it.',
      }
    default:
      return null
  }
}

/** What a timer, a schedule or somebody else still has to do. */
function stillToCome(order: Order): Moment[] {
  const moments: Moment[] = []
  for (const refund of refundsOf(order)) {
    if (refund.status === 'processed' || refund.status === 'failed') continue
    const method = paidAttempt(order)?.method ?? null
    moments.push({
      key: `refund-${refund.id}`,
      look: 'refunded',
      title: 'Money back at your bank',
      detail: 'Expected by then',
      at: latestArrival(refund.createdAt, BANK_DAYS[method ?? ''] ?? BANK_DAYS['card'] ?? 7),
      promised: true,
    })
  }
  if (order.status === 'pending' && (order.paymentStatus === 'verified' || order.paymentStatus === 'paid')) {
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

/** All refunds of an order, oldest first. */
export function refundsOf(order: Order): Refund[] {
  return order.payments.flatMap((payment) => payment.refunds).sort((a, b) => a.createdAt.localeCompare(b.createdAt))
}

/** The try that brought the money, when one has. */
export function paidAttempt(order: Order) {
  return order.payments
    .flatMap((payment) => payment.attempts)
    .find((attempt) => attempt.status === 'captured' || attempt.status === 'refunded')
}

/** "UPI, ananya@okbank", as the provider names it, masked by the server. */
export function paidBy(order: Order): string | null {
  const attempt = paidAttempt(order)
  if (attempt?.method == null) return null
  return [methodName(attempt.method), attempt.methodDetail].filter((part) => part !== null).join(', ')
}
