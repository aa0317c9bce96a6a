/**
 * What one event of the audit timeline says, as a row. It goes by subject, new state, actor and source, which the
 * contract fixes, and not by the event's type, so that a new type still tells what it can. Events that only repeat
 * what a neighbour in the same commit says better are minor: they are listed under that neighbour.
 */
import type { Order, OrderEvent, OrderStatus } from '../../../../../shared/contract/orders.ts'
import { countInWords, sentence } from '../../../../ui/format.ts'
import { resolutionWords } from '../../lib/review-words.ts'
import { deedMark, reasonOf, textOf, type Told, unknownEvent, who } from './event-words.ts'
import { tellAttempt, tellPayment, tellRefund, tellSignature } from './money-beats.ts'
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

function tell(event: OrderEvent, order: Order): Told {
  if (/\.signature_(verified|refused)$/.test(event.type)) return tellSignature(event, order)
  // The question itself is among the story's review items, with its words.
  if (event.type === 'review.opened') return { ...unknownEvent(event), isMinor: true }
  if (event.type === 'review.resolved') {
    return {
      mark: deedMark(event),
      tone: 'message',
      title: `${who(event)} decided: ${resolutionWords(textOf(event, 'action')).toLowerCase()}`,
      detail: reasonOf(event),
      isMoney: true,
    }
  }
  if (event.type.startsWith('decision.')) return tellDecision(event)
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

/** What waits for a second person, in words that follow "An admin asked". */
const DECISIONS: Readonly<Record<string, string>> = {
  cancel: 'to cancel the order',
  mark_paid: 'to count it as paid by bank transfer',
  confirm: 'to take a payment that differs',
  refund: 'to send money back',
  refund_to_wallet: 'to put money into the wallet',
  paid_back_elsewhere: 'to note what was paid back by transfer',
  write_off: 'to write money off',
}

function tellDecision(event: OrderEvent): Told {
  const what = DECISIONS[textOf(event, 'action') ?? ''] ?? 'for a decision'
  const titles: Readonly<Record<string, string>> = {
    'decision.requested': `${who(event)} asked ${what}; a second person must agree`,
    'decision.agreed': `A second person agreed ${what}`,
    'decision.declined': event.data['takenBack'] === true ? `Taken back: ${what}` : `A second person declined ${what}`,
  }
  return {
    mark: deedMark(event),
    tone: event.type === 'decision.declined' ? 'refusal' : 'message',
    title: titles[event.type] ?? `${who(event)} decided ${what}`,
    detail: reasonOf(event),
    isMoney: true,
  }
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
      if (event.from === 'shipped' || event.from === 'delivered') {
        return {
          mark: { at: 'hundi' },
          tone: 'effect',
          title: 'Order is to be shipped again',
          detail: ['A part that had been given back stands after all.'],
        }
      }
      return {
        mark: { at: 'hundi' },
        tone: 'effect',
        title: event.from === 'cancelled' ? 'Order revived and confirmed' : 'Order confirmed',
        detail: ['Stock deducted.'],
        isMoney: true,
      }
    case 'shipped':
    case 'delivered':
      if (event.actor === 'system') {
        const title = event.to === 'shipped' ? 'All that is to come is on its way' : 'All that was to come has arrived'
        return { mark: { at: 'hundi' }, tone: 'effect', title }
      }
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

function tellShopOrder(event: OrderEvent, order: Order): Told {
  const shop = order.shopOrders.find((each) => each.id === event.subjectId)?.shopName ?? 'A shop'
  const fromShop: Mark = event.actor === 'seller' ? { from: 'shops', to: 'hundi' } : { at: 'hundi' }
  switch (event.to) {
    case 'pending':
      return { mark: { at: 'hundi' }, tone: 'effect', title: `${shop}: part ${event.to}`, isMinor: true }
    case 'cancelled':
      // One that ends with its order is told by it; one that ends alone says why.
      if (textOf(event, 'reason') === null) {
        return { mark: { at: 'hundi' }, tone: 'effect', title: `${shop}: part ${event.to}`, isMinor: true }
      }
      return {
        mark: deedMark(event),
        tone: 'refusal',
        title: `${who(event)} cancelled the part of ${shop}`,
        detail: textOf(event, 'note')
          ? [`Reason: ${textOf(event, 'note')?.replace(/\.$/, '')}.`]
          : ['Its stock was given back.'],
      }
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
      return event.actor === 'admin'
        ? { mark: fromShop, tone: 'message', title: `An admin marked the part of ${shop} ${event.to}`, isMinor: true }
        : { mark: fromShop, tone: 'message', title: `${shop}: ${event.to}`, isMinor: event.actor !== 'seller' }
    default:
      return unknownEvent(event)
  }
}
