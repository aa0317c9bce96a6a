/**
 * What one event of the audit timeline says, as a row. It goes by subject, new state, actor and source, which the
 * contract fixes, and not by the event's type, so that a new type still tells what it can. Events that only repeat
 * what a neighbour in the same commit says better are minor: they are listed under that neighbour.
 */
import type { Order, OrderEvent, OrderStatus } from '../../../../../shared/contract/orders.ts'
import type { Refund } from '../../../../../shared/contract/payments.ts'
import { countInWords, methodWords, providerName, sentence } from '../../../../ui/format.ts'
import type { Phrase } from '../../lib/phrase.ts'
import type { Mark, StoryRow } from './story-row.ts'

export type Beat = StoryRow & {
  event: OrderEvent
  /** Only listed under another row of its commit, when there is one. */
  isMinor: boolean
}

/** The row of one event. */
export function beatOf(event: OrderEvent, order: Order): Beat {
  const told = tell(event, order)
  return {
    key: `event-${event.id}`,
    at: event.createdAt,
    money: null,
    folds: [],
    provider: null,
    isMoney: told.money != null || event.subject === 'refund',
    isCall: false,
    isMinor: false,
    detail: [],
    ...told,
    event,
  }
}

/** `payment: created to paid`; how a change is listed under the row of its commit. */
export function changeLine(event: OrderEvent): string {
  const change = event.from && event.to ? `${event.from} to ${event.to}` : (event.to ?? event.type)
  const subject = isPaymentStatusOfOrder(event) ? 'order payment' : event.subject.replaceAll('_', ' ')
  return `${subject}: ${change} (${[event.actor, event.source].filter(Boolean).join(', by ')})`
}

type Told = Pick<StoryRow, 'mark' | 'tone' | 'title'> & Partial<Omit<Beat, 'event' | 'key' | 'at'>>

function tell(event: OrderEvent, order: Order): Told {
  if (/\.signature_(verified|refused)$/.test(event.type)) return tellSignature(event, order)
  // The question itself is among the story's review items, with its words.
  if (event.type === 'review.opened') return { ...unknownEvent(event), isMinor: true }
  switch (event.subject) {
    case 'order':
      return isPaymentStatusOfOrder(event) ? { ...unknownEvent(event), isMinor: true } : tellOrder(event, order)
    case 'payment':
      return tellPayment(event, order)
    case 'attempt':
      return tellAttempt(event, order)
    case 'refund':
      return tellRefund(event, order)
    case 'shop_order':
      return tellShopOrder(event, order)
    default:
      return unknownEvent(event)
  }
}

const ORDER_STATUSES: ReadonlySet<string> = new Set<OrderStatus>([
  'pending',
  'confirmed',
  'shipped',
  'delivered',
  'cancelled',
])

/** The order's payment status is kept with the order, but its changes always follow a payment's. */
function isPaymentStatusOfOrder(event: OrderEvent): boolean {
  if (event.subject !== 'order') return false
  return event.type.includes('payment') || (event.to !== null && !ORDER_STATUSES.has(event.to))
}

function tellOrder(event: OrderEvent, order: Order): Told {
  const isPlacing = event.from === null && (event.to === 'pending' || event.to === 'confirmed')
  if (isPlacing) {
    const things = order.items.reduce((count, item) => count + item.quantity, 0)
    const shops = order.shopOrders.length
    const detail = [
      `${sentence([shops > 0 && countInWords(shops, 'shop'), countInWords(things, 'thing')].filter(Boolean).join(', '))}.`,
      `Stock reserved${order.couponCode ? `, coupon ${order.couponCode} taken` : ''}.`,
    ]
    return {
      mark: { from: 'shopper', to: 'hundi' },
      tone: 'message',
      title: 'Order placed',
      detail: [detail.join(' ')],
      money: { amount: order.total, currency: order.currency },
      isMoney: true,
    }
  }
  switch (event.to) {
    case 'confirmed':
      return {
        mark: { at: 'hundi' },
        tone: 'effect',
        title: event.from === 'cancelled' ? 'Order revived and confirmed' : 'Order confirmed',
        detail: ['Stock deducted.'],
        isMoney: true,
      }
    case 'shipped':
    case 'delivered':
      return {
        mark: deedMark(event),
        tone: 'message',
        title: `${who(event)} marked it ${event.to}`,
        detail: reasonOf(event),
      }
    case 'cancelled':
      return tellCancelling(event, order)
    default:
      return unknownEvent(event)
  }
}

function tellCancelling(event: OrderEvent, order: Order): Told {
  const reason = textOf(event, 'reason') ?? order.cancelReason
  const note = textOf(event, 'note')
  const titles: Record<string, string> = {
    expired: 'Time ran out, order ended',
    late_payment: 'Order ended, its money came too late',
  }
  return {
    mark: deedMark(event),
    tone: event.actor === 'system' ? 'effect' : 'refusal',
    title: titles[reason ?? ''] ?? `${who(event)} cancelled the order`,
    detail: note ? [`Reason: ${note.replace(/\.$/, '')}.`] : ['Stock and coupon given back.'],
  }
}

/** The shopper's browser came back; what it brought is a claim, and a forged one is refused. */
function tellSignature(event: OrderEvent, order: Order): Told {
  const provider = order.payments[0]?.provider ?? null
  return event.type.endsWith('refused')
    ? {
        mark: { from: 'shopper', to: 'hundi' },
        tone: 'refusal',
        title: 'A signature came that is not valid',
        detail: ['Nothing changed. An alert was raised.'],
        provider,
      }
    : {
        mark: { from: 'shopper', to: 'hundi' },
        tone: 'claim',
        title: 'Shopper came back with a signature',
        detail: ['It is valid: a promise, not yet money.'],
        provider,
      }
}

function tellPayment(event: OrderEvent, order: Order): Told {
  const payment = order.payments.find((each) => each.id === event.subjectId) ?? order.payments[0]
  const provider = payment?.provider ?? 'provider'
  const name = providerName(provider)
  const base = { provider }
  switch (event.to) {
    case 'creating':
      return { ...base, mark: { at: 'hundi' }, tone: 'effect', title: `Payment at ${name} written down`, isMinor: true }
    case 'created':
      // Only a payment that is being created is opened; any other goes back to being open when money is set aside.
      if (event.from !== 'creating') {
        return { ...base, mark: { at: 'hundi' }, tone: 'effect', title: `Payment at ${name} open again`, isMinor: true }
      }
      return {
        ...base,
        mark: { from: 'hundi', to: 'provider' },
        tone: 'message',
        title: `Payment opened at ${name}`,
        detail: payment?.providerOrderId ? [{ id: payment.providerOrderId }] : [],
      }
    case 'verified':
      return {
        ...base,
        mark: { from: 'shopper', to: 'hundi' },
        tone: 'claim',
        title: 'Shopper came back with a signature',
        detail: ['Valid. Payment verified: a promise, not yet money.'],
      }
    case 'authorized':
      return {
        ...base,
        mark: { from: 'provider', to: 'hundi' },
        tone: 'claim',
        title: `${name} says authorized`,
        detail: ['The bank holds the money for us; it is not captured yet.'],
        isMinor: true,
      }
    case 'paid':
      return {
        ...base,
        mark: learned(event),
        tone: 'fact',
        title: provider === 'cod' ? 'Cash collected' : `${name} says paid`,
        detail: [howLearned(event)],
        money: payment ? { amount: payment.capturedAmount, currency: payment.currency } : null,
        isMinor: true,
      }
    case 'failed':
      return {
        ...base,
        mark: { from: 'provider', to: 'hundi' },
        tone: 'refusal',
        title: 'The payment failed',
        isMinor: true,
      }
    case 'abandoned':
      return {
        ...base,
        mark: { at: 'hundi' },
        tone: 'effect',
        title: `Payment at ${name} given up`,
        detail: reasonOf(event),
      }
    case 'partially_refunded':
    case 'refunded':
      return { ...base, mark: { at: 'hundi' }, tone: 'refund', title: 'Payment refunded', isMinor: true }
    default:
      return { ...unknownEvent(event), ...base }
  }
}

function tellAttempt(event: OrderEvent, order: Order): Told {
  const payment = order.payments.find((each) => each.attempts.some((attempt) => attempt.id === event.subjectId))
  const attempt = payment?.attempts.find((each) => each.id === event.subjectId)
  const provider = payment?.provider ?? order.payments[0]?.provider ?? 'provider'
  const name = providerName(provider)
  const method = attempt ? methodWords(attempt.method, attempt.methodDetail) : null
  const incoming: Mark = { from: 'provider', to: 'hundi' }
  const base = { provider }
  switch (event.to) {
    case 'captured': {
      const differs = attempt !== undefined && payment !== undefined && attempt.capturedAmount !== payment.amount
      return {
        ...base,
        mark: incoming,
        tone: 'fact',
        title:
          provider === 'wallet'
            ? 'Paid from the wallet'
            : provider === 'cod'
              ? 'Cash collected'
              : `${name} says captured`,
        detail: [
          [method, howLearned(event)].filter(Boolean).join('. '),
          differs ? ' The amount is not what we asked for.' : ' Amount and currency equal.',
        ],
        money: attempt ? { amount: attempt.capturedAmount, currency: attempt.currency } : null,
      }
    }
    case 'failed':
      return {
        ...base,
        mark: incoming,
        tone: 'refusal',
        title: method ? `${method} declined` : 'Attempt declined',
        detail: [
          attempt?.errorDescription
            ? `${name} says: ${attempt.errorDescription.replace(/\.$/, '')}.`
            : `${name} gave no reason.`,
          order.confirmedAt !== null && event.createdAt > order.confirmedAt
            ? ' The order was paid already.'
            : ' The order stayed open.',
        ],
        isMoney: true,
      }
    case 'authorized':
      return {
        ...base,
        mark: incoming,
        tone: 'claim',
        title: `${name} says authorized`,
        detail: [[method, 'The bank holds the money; it is not captured yet.'].filter(Boolean).join('. ')],
      }
    case 'created':
      return { ...base, mark: incoming, tone: 'message', title: `Shopper tries ${method ?? 'to pay'}`, isMinor: true }
    default:
      return { ...unknownEvent(event), ...base, isMinor: event.to === 'refunded' }
  }
}

function tellRefund(event: OrderEvent, order: Order): Told {
  const payment = order.payments.find((each) => each.refunds.some((refund) => refund.id === event.subjectId))
  const refund = payment?.refunds.find((each) => each.id === event.subjectId)
  const provider = payment?.provider ?? order.payments[0]?.provider ?? 'provider'
  const name = providerName(provider)
  const base = { provider, money: refund ? { amount: -refund.amount, currency: refund.currency } : null }
  switch (event.to) {
    case 'requested':
      return {
        ...base,
        mark: event.actor === 'admin' ? { at: 'hundi' } : deedMark(event),
        tone: 'refund',
        title: event.actor === 'system' ? 'Refund begun by itself' : `${who(event)} asked for a refund`,
        detail: refund ? [`${sentence(refund.reason.replaceAll('_', ' '))}. ${destinationOf(refund)}`] : [],
      }
    case 'processing':
      return {
        ...base,
        mark: { from: 'hundi', to: 'provider' },
        tone: 'refund',
        title: `${name} took the refund`,
        detail: refund?.providerRefundId ? [{ id: refund.providerRefundId }] : [],
      }
    case 'processed':
      return {
        ...base,
        mark: { from: 'provider', to: 'hundi' },
        tone: 'refund',
        title: `${name} says the refund has gone back`,
        detail: [howLearned(event), ...(refund?.providerRefundId ? [' ', { id: refund.providerRefundId }] : [])],
      }
    case 'failed':
      return {
        ...base,
        mark: { from: 'provider', to: 'hundi' },
        tone: 'refusal',
        title: 'The refund did not go through',
        detail: [`The bank would not take it. ${name} keeps the money for the shopper until a person decides.`],
      }
    default:
      return { ...unknownEvent(event), ...base }
  }
}

function tellShopOrder(event: OrderEvent, order: Order): Told {
  const shop = order.shopOrders.find((each) => each.id === event.subjectId)?.shopName ?? 'A shop'
  const fromShop: Mark = event.actor === 'seller' ? { from: 'shops', to: 'hundi' } : { at: 'hundi' }
  switch (event.to) {
    case 'pending':
    case 'cancelled':
      return { mark: { at: 'hundi' }, tone: 'effect', title: `${shop}: part ${event.to}`, isMinor: true }
    case 'awaiting_acceptance':
      return {
        mark: { from: 'hundi', to: 'shops' },
        tone: 'message',
        title: `${shop} told`,
        detail: ['Waiting for its answer.'],
      }
    case 'accepted':
      return event.actor === 'seller'
        ? { mark: fromShop, tone: 'message', title: `${shop} accepted`, detail: reasonOf(event) }
        : {
            mark: { from: 'hundi', to: 'shops' },
            tone: 'message',
            title: `${shop} told`,
            detail: ['It accepts by itself.'],
          }
    case 'rejected':
      return {
        mark: event.actor === 'seller' ? { from: 'shops', to: 'hundi' } : { at: 'hundi' },
        tone: 'refusal',
        title: event.actor === 'seller' ? `${shop} rejected its part` : `${shop} did not answer in time`,
        detail: reasonOf(event),
      }
    case 'shipped':
    case 'delivered':
      return { mark: fromShop, tone: 'message', title: `${shop}: ${event.to}`, isMinor: event.actor !== 'seller' }
    default:
      return unknownEvent(event)
  }
}

/** A type this panel does not know: its own name in words, on the side it came from. */
function unknownEvent(event: OrderEvent): Told {
  const words = sentence(event.type.replace(/^[a-z_]+\./, '').replaceAll(/[._]/g, ' '))
  const isRefusal = /invalid|refused|rejected|mismatch/.test(event.type)
  const detail: Phrase = [textOf(event, 'reason') ?? textOf(event, 'message') ?? '']
  return { mark: deedMark(event), tone: isRefusal ? 'refusal' : 'message', title: words, detail }
}

function deedMark(event: OrderEvent): Mark {
  const from = { shopper: 'shopper', provider: 'provider', seller: 'shops' }[event.actor]
  return from === 'shopper' || from === 'provider' || from === 'shops' ? { from, to: 'hundi' } : { at: 'hundi' }
}

function learned(event: OrderEvent): Mark {
  return event.actor === 'admin' || event.actor === 'seller' ? deedMark(event) : { from: 'provider', to: 'hundi' }
}

function who(event: OrderEvent): string {
  return (
    { shopper: 'The shopper', admin: 'An admin', seller: 'The shop', provider: 'The provider' }[event.actor] ?? 'Hundi'
  )
}

/** In words, how we came to know: a webhook, our own question, a person. */
function howLearned(event: OrderEvent): string {
  const ways: Record<string, string> = {
    webhook: 'Signed webhook.',
    verify: 'Asked when the shopper came back.',
    poll: 'Asked on schedule.',
    worker: 'Asked on schedule.',
    reconciliation: 'Found by reconciliation.',
    admin: 'Marked by hand.',
    api: 'Asked at once.',
  }
  return ways[event.source ?? ''] ?? ''
}

function destinationOf(refund: Refund): string {
  return refund.destination === 'wallet' ? 'To the wallet.' : 'To where it came from.'
}

function reasonOf(event: OrderEvent): Phrase {
  const reason = textOf(event, 'reason')
  return reason ? [`Reason: ${reason.replace(/\.$/, '')}.`] : []
}

function textOf(event: OrderEvent, name: string): string | null {
  const value = event.data[name]
  return typeof value === 'string' && value !== '' ? value : null
}
