/** What events of payments, attempts and refunds say: where the money was claimed, came, was refused or went back. */
import type { Order, OrderEvent } from '../../../../../shared/contract/orders.ts'
import type { Refund } from '../../../../../shared/contract/payments.ts'
import { methodWords, providerName, sentence } from '../../../../ui/format.ts'
import { deedMark, howLearned, learned, reasonOf, unknownEvent, who, type Told } from './event-words.ts'
import type { Mark } from './story-row.ts'

/** A claim with a signature that is not valid. */
export const FORGED = 'A signature came that is not valid'

/** The shopper's browser came back; what it brought is a claim, and a forged one is refused. */
export function tellSignature(event: OrderEvent, order: Order): Told {
  const provider = order.payments[0]?.provider ?? null
  return event.type.endsWith('refused')
    ? {
        mark: { from: 'shopper', to: 'hundi' },
        tone: 'refusal',
        title: FORGED,
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

/** What a person does to a payment, by the event that it leaves. */
const BY_HAND: Readonly<Record<string, string>> = {
  'payment.capture_requested': 'An admin asked for the capture',
  'payment.marked_paid': 'An admin saw the money in the bank',
  'payment.attached': 'An admin attached a payment',
  'payment.written_off': 'An admin wrote off the difference',
}

/** A change of a payment: opened, claimed, held, given up. */
export function tellPayment(event: OrderEvent, order: Order): Told {
  const payment = order.payments.find((each) => each.id === event.subjectId) ?? order.payments[0]
  const provider = payment?.provider ?? 'provider'
  const name = providerName(provider)
  const base = { provider }
  const byHand = BY_HAND[event.type]
  if (byHand) return { ...base, mark: deedMark(event), tone: 'message', title: byHand, detail: reasonOf(event) }
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

function whatDiffers(
  attempt: Pick<Order['payments'][number]['attempts'][number], 'capturedAmount' | 'currency'>,
  payment: Pick<Order['payments'][number], 'amount' | 'currency'>,
): 'amount' | 'currency' | null {
  if (attempt.currency !== payment.currency) return 'currency'
  return attempt.capturedAmount === payment.amount ? null : 'amount'
}

/** A change of one try to pay; a capture is where money arrives. */
export function tellAttempt(event: OrderEvent, order: Order): Told {
  const payment = order.payments.find((each) => each.attempts.some((attempt) => attempt.id === event.subjectId))
  const attempt = payment?.attempts.find((each) => each.id === event.subjectId)
  const provider = payment?.provider ?? order.payments[0]?.provider ?? 'provider'
  const name = providerName(provider)
  const method = attempt ? methodWords(attempt.method, attempt.methodDetail) : null
  const incoming: Mark = { from: 'provider', to: 'hundi' }
  const base = { provider }
  switch (event.to) {
    case 'captured': {
      const differs = attempt !== undefined && payment !== undefined ? whatDiffers(attempt, payment) : null
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
          differs === null ? ' Amount and currency equal.' : ` The ${differs} is not what we asked for.`,
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

/** A change of money on its way back. */
export function tellRefund(event: OrderEvent, order: Order): Told {
  const payment = order.payments.find((each) => each.refunds.some((refund) => refund.id === event.subjectId))
  const refund = payment?.refunds.find((each) => each.id === event.subjectId)
  const provider = payment?.provider ?? order.payments[0]?.provider ?? 'provider'
  const name = providerName(provider)
  const base = { provider, money: refund ? { amount: -refund.amount, currency: refund.currency } : null }
  if (event.type === 'refund.approved') {
    return { ...base, mark: deedMark(event), tone: 'refund', title: 'A second person agreed', detail: reasonOf(event) }
  }
  if (event.type === 'refund.declined') {
    return {
      ...base,
      mark: deedMark(event),
      tone: 'refusal',
      title: event.actor === 'admin' ? 'A second person declined' : 'The refund was taken back',
      detail: reasonOf(event),
    }
  }
  switch (event.to) {
    case 'requested':
      return {
        ...base,
        mark: event.actor === 'admin' ? { at: 'hundi' } : deedMark(event),
        tone: 'refund',
        title: event.actor === 'system' ? 'Refund begun by itself' : `${who(event)} asked for a refund`,
        detail: refund
          ? [`${sentence((refund.reason ?? refund.text).replaceAll('_', ' '))}. ${destinationOf(refund)}`]
          : [],
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

function destinationOf(refund: Refund): string {
  return refund.destination === 'wallet' ? 'To the wallet.' : 'To where it came from.'
}
