/** Which events are shown, as it stands in the address. Pure. */
import type { WebhookFilter, WebhookStatus } from '../../../../../client/admin-watch.ts'

export type WebhookSearch = Omit<WebhookFilter, 'cursor'>

export const WEBHOOK_STATUSES: readonly WebhookStatus[] = ['received', 'processed', 'ignored', 'failed']

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function parseWebhookSearch(raw: Record<string, unknown>): WebhookSearch {
  const word = (value: unknown, length: number) =>
    typeof value === 'string' && /^[\w.-]+$/.test(value) && value.length <= length ? value : undefined
  return {
    provider: word(raw.provider, 30),
    status: WEBHOOK_STATUSES.find((status) => status === raw.status),
    type: word(raw.type, 100),
    orderId: typeof raw.orderId === 'string' && UUID.test(raw.orderId) ? raw.orderId : undefined,
  }
}

export function parseRejectedSearch(raw: Record<string, unknown>): { provider?: string | undefined } {
  return { provider: parseWebhookSearch(raw).provider }
}

/** What Razorpay sends us; other types can be given in the address. */
export const KNOWN_TYPES = [
  'payment.authorized',
  'payment.captured',
  'payment.failed',
  'order.paid',
  'refund.created',
  'refund.processed',
  'refund.failed',
  'payment.dispute.created',
  'settlement.processed',
] as const
