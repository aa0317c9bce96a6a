/** What was asked of a provider, and what the provider sent by itself, as rows. */
import type { OrderStory } from '../../../../../shared/contract/orders.ts'
import { clockParts, providerName, sentence } from '../../../../ui/format.ts'
import type { Phrase } from '../../../../ui/phrase.ts'
import { prettyJson } from '../../lib/raw-text.ts'
import type { Fold, StoryRow } from './story-row.ts'

type ProviderCall = OrderStory['providerCalls'][number]
type WebhookEvent = OrderStory['webhookEvents'][number]

/** A question to a provider with its answer, if one came. */
export function callRow(call: ProviderCall): StoryRow {
  const name = providerName(call.provider)
  const isRefund = /refund/i.test(call.operation) && !/fetch|get|list/i.test(call.operation)
  const base = {
    key: `call-${call.id}`,
    at: call.createdAt,
    mark: { from: 'hundi', to: 'provider' } as const,
    provider: call.provider,
    money: null,
    folds: foldsOf(call),
    isMoney: false,
    isCall: true,
  }
  const what = operationWords(call.operation)
  switch (call.outcome) {
    case 'accepted':
      return {
        ...base,
        tone: isRefund ? 'refund' : 'message',
        title: `Asked ${name} ${what}`,
        detail: [`Answered${took(call)}.`, ...idsIn(call.reply)],
      }
    case 'refused':
      return {
        ...base,
        tone: 'refusal',
        title: `${name} refused ${what}`,
        detail: [`${call.httpStatus ? `HTTP ${call.httpStatus}` : 'Refused'}${took(call)}.`, ...reasonIn(call.reply)],
      }
    case 'unknown':
      return {
        ...base,
        tone: 'lost',
        title: `Asked ${name} ${what}, no answer`,
        detail: [
          call.httpStatus ? `HTTP ${call.httpStatus}${took(call)}.` : `Gave up${took(call)}.`,
          ' Unknown, so nothing changed. It is asked again.',
        ],
      }
    default:
      return { ...base, tone: 'claim', title: `Asking ${name} ${what}`, detail: ['Waiting for the answer.'] }
  }
}

/**
 * A webhook event that stands by itself: it changed nothing that another row tells.
 *
 * @param isRepeat the provider had sent the same before
 * @param wasOvertaken we learned it another way between receiving and reading it; then it stands where it was read
 */
export function webhookRow(
  event: WebhookEvent,
  { isRepeat, wasOvertaken }: { isRepeat: boolean; wasOvertaken: boolean },
): StoryRow {
  const name = providerName(event.provider)
  const says = webhookWords(event.type)
  const arrived = clockParts(event.receivedAt)
  const base = {
    key: `webhook-${event.id}`,
    at: wasOvertaken ? (event.processedAt ?? event.receivedAt) : event.receivedAt,
    mark: { from: 'provider', to: 'hundi' } as const,
    provider: event.provider,
    money: null,
    folds: [webhookFold(event)],
    isMoney: false,
    isCall: false,
  }
  switch (event.status) {
    case 'processed':
      return {
        ...base,
        tone: 'message',
        title: isRepeat ? `${name} says it again: ${says}` : `${name} says ${says}`,
        detail: [
          wasOvertaken
            ? `Signed webhook, arrived at ${arrived.clock}${arrived.millis}. Known by the time it was read, nothing changed.`
            : 'Signed webhook. Known already, nothing changed.',
        ],
      }
    case 'ignored':
      return { ...base, tone: 'message', title: `${name} says ${says}`, detail: ['Signed webhook. Not needed, kept.'] }
    case 'failed':
      return {
        ...base,
        tone: 'refusal',
        title: `${name} says ${says}, and we could not use it`,
        detail: ['Kept. Tried again, then a person is asked.'],
      }
    default:
      return { ...base, tone: 'claim', title: `${name} says ${says}`, detail: ['Received, not yet used.'] }
  }
}

export function webhookFold(event: WebhookEvent): Fold {
  return { label: 'Raw webhook', body: `${event.eventId}\n${prettyJson(event.body)}` }
}

/** The operations of the provider interface in words that follow "Asked Razorpay". */
function operationWords(operation: string): string {
  const key = operation.replaceAll(/[^a-z]/gi, '').toLowerCase()
  const words: [RegExp, string][] = [
    [/createorder|opensession|createsession/, 'to open a payment'],
    [/findorder/, 'whether the payment was opened'],
    [/listpayments/, 'for its list of payments'],
    [/fetchpayment|getpayment|fetchorder|payments?oforder/, 'what became of the payment'],
    [/capture/, 'to capture the money'],
    [/fetchrefund|getrefund|listrefund/, 'what became of the refund'],
    [/refund/, 'to send money back'],
    [/expire|close|cancel/, 'to close the payment'],
  ]
  const known = words.find(([pattern]) => pattern.test(key))
  return known ? known[1] : `for ${operation.replaceAll(/[._]/g, ' ')}`
}

function webhookWords(type: string): string {
  const words: Record<string, string> = {
    'payment.authorized': 'authorized',
    'payment.captured': 'captured',
    'payment.failed': 'an attempt failed',
    'order.paid': 'the order is paid',
    'refund.created': 'a refund was made',
    'refund.processed': 'a refund has gone back',
    'refund.failed': 'a refund failed',
    'checkout.session.completed': 'the session is complete',
    'checkout.session.expired': 'the session has ended',
    'payment_intent.succeeded': 'paid',
    'payment_intent.payment_failed': 'an attempt failed',
    'charge.refunded': 'refunded',
    'CHECKOUT.ORDER.APPROVED': 'approved',
    'PAYMENT.CAPTURE.COMPLETED': 'captured',
    'PAYMENT.CAPTURE.DENIED': 'denied',
    'PAYMENT.CAPTURE.REFUNDED': 'refunded',
  }
  return words[type] ?? type
}

function took(call: ProviderCall): string {
  if (call.durationMs === null) return ''
  return call.durationMs < 1_000 ? ` in ${call.durationMs} ms` : ` after ${(call.durationMs / 1_000).toFixed(1)} s`
}

function foldsOf(call: ProviderCall): Fold[] {
  const folds: Fold[] = []
  if (hasContent(call.request)) folds.push({ label: 'Question', body: prettyJson(call.request) })
  if (hasContent(call.reply)) folds.push({ label: 'Raw reply', body: prettyJson(call.reply) })
  return folds
}

function hasContent(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}

function idsIn(reply: unknown): Phrase {
  const id = fieldOf(reply, 'id')
  return id ? [' ', { id }] : []
}

function reasonIn(reply: unknown): Phrase {
  const error = typeof reply === 'object' && reply !== null && 'error' in reply ? reply.error : reply
  const reason =
    fieldOf(error, 'description') ?? fieldOf(error, 'message') ?? (typeof error === 'string' ? error : null)
  return reason ? [` ${sentence(reason)}`] : []
}

function fieldOf(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null) return null
  const found = (value as Record<string, unknown>)[name]
  return typeof found === 'string' && found !== '' ? found : null
}
