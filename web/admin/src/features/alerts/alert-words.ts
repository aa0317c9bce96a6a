/** What each kind of alert is called, and where the very rows that it tells of can be looked at. Pure. */
import type { Alert } from '../../../../../shared/contract/operations.ts'
import { sentence } from '../../../../ui/format.ts'
import type { OrderSearch } from '../orders/order-search.ts'
import type { RunsSearch } from '../reconciliation/run-search.ts'
import type { ReviewSearch } from '../reviews/review-search.ts'
import type { WebhookSearch } from '../webhooks/webhook-search.ts'

/** A list with its filters, or a page. */
export type AlertRows = { place: AlertPlace; words: string }
type AlertPlace =
  | { to: '/orders'; search: OrderSearch }
  | { to: '/reviews'; search: ReviewSearch }
  | { to: '/reconciliation'; search: RunsSearch }
  | { to: '/webhooks'; search: WebhookSearch }
  | { to: '/webhooks/rejected'; search: { provider?: string | undefined } }
  | { to: '/webhooks/$eventId'; params: { eventId: string } }
  | { to: '/checks' }

const WORDS: Readonly<Record<string, string>> = {
  payment_failures: 'Many payments fail',
  paid_not_confirmed: 'Paid, but not confirmed',
  invalid_signature: 'False signatures',
  webhook_failed: 'A webhook could not be read',
  webhook_silence: 'The provider has gone silent',
  unknown_status: 'A provider says what we do not know',
  provider_unreachable: 'A provider does not answer',
  admin_made: 'Somebody was made an admin',
  password_set: 'An admin has set a password',
  database_trouble: 'The database is in trouble',
  slow_api: 'Answers take too long',
  queue_lag: 'Work is overdue',
  review_overdue: 'Questions wait too long',
  reconciliation_mismatch: 'The books differ from the provider’s',
  reconciliation_missing: 'No reconciliation for a day',
  reconciliation_failed: 'A reconciliation gave up',
  check_missing: 'Nobody has checked the books',
  invariant_broken: 'The books contradict themselves',
}

/** What a kind of alert is called; an unknown kind goes by its own name. */
export function alertWords(kind: string): string {
  return WORDS[kind] ?? sentence(kind.replaceAll('_', ' '))
}

/** Failures are counted over so long before an alert is raised. */
const FAILURES_WINDOW_MS = 30 * 60_000

/** Where the rows are that an alert tells of; null when it tells of none. */
export function alertRows(alert: Pick<Alert, 'kind' | 'key' | 'summary' | 'firstAt' | 'resolvedAt'>): AlertRows | null {
  const { kind, key } = alert
  switch (kind) {
    case 'payment_failures': {
      const since = new Date(Date.parse(alert.firstAt) - FAILURES_WINDOW_MS).toISOString()
      const until = alert.resolvedAt ?? undefined
      return {
        place: { to: '/orders', search: { needs: 'another_try', provider: key, since, until } },
        words: 'See these orders',
      }
    }
    case 'paid_not_confirmed':
      return { place: { to: '/orders', search: { needs: 'confirmation' } }, words: 'See these orders' }
    case 'invalid_signature':
      return falseSignatures(alert)
    case 'webhook_failed':
      return { place: { to: '/webhooks/$eventId', params: { eventId: key } }, words: 'See the webhook' }
    case 'webhook_silence':
      return { place: { to: '/webhooks', search: { provider: key } }, words: 'See its last webhooks' }
    case 'queue_lag':
      return overdueWork(key)
    case 'review_overdue':
      return { place: { to: '/reviews', search: { waiting: 'day' } }, words: 'See these questions' }
    case 'unknown_status':
      return { place: { to: '/reviews', search: { kind: 'unknown_status' } }, words: 'See these questions' }
    case 'reconciliation_mismatch':
      return { place: { to: '/reconciliation', search: { provider: key, open: 'true' } }, words: 'See the differences' }
    case 'reconciliation_missing':
    case 'reconciliation_failed':
      return { place: { to: '/reconciliation', search: { provider: key } }, words: 'See its runs' }
    case 'check_missing':
    case 'invariant_broken':
      return { place: { to: '/checks' }, words: 'See the checks' }
    default:
      return null
  }
}

/** Webhooks that were turned away, by who they claimed to be; or the order that somebody claimed to have paid. */
function falseSignatures({ key, summary }: Pick<Alert, 'key' | 'summary'>): AlertRows | null {
  const [, provider] = /^webhook:(\w+)$/.exec(key) ?? []
  if (provider) return { place: { to: '/webhooks/rejected', search: { provider } }, words: 'See what was turned away' }
  const [number] = /\bH-[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(summary) ?? []
  return number ? { place: { to: '/orders', search: { search: number } }, words: 'See the order' } : null
}

function overdueWork(queue: string): AlertRows | null {
  switch (queue) {
    case 'payments':
      return { place: { to: '/orders', search: { needs: 'payment_work' } }, words: 'See these orders' }
    case 'refunds':
      return { place: { to: '/orders', search: { needs: 'refund_work' } }, words: 'See these orders' }
    case 'orders':
      return { place: { to: '/orders', search: { status: 'pending' } }, words: 'See the open orders' }
    case 'webhooks':
      return { place: { to: '/webhooks', search: { status: 'received' } }, words: 'See these webhooks' }
    case 'reconciliation':
      return { place: { to: '/reconciliation', search: {} }, words: 'See the runs' }
    default:
      return null
  }
}
