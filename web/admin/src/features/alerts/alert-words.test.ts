import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseOrderSearch } from '../orders/order-search.ts'
import { parseRunsSearch } from '../reconciliation/run-search.ts'
import { parseReviewSearch } from '../reviews/review-search.ts'
import { parseRejectedSearch, parseWebhookSearch } from '../webhooks/webhook-search.ts'
import { alertRows, alertWords } from './alert-words.ts'

const alert = (kind: string, key = 'razorpay', more: { summary?: string; resolvedAt?: string } = {}) => ({
  kind,
  key,
  summary: more.summary ?? '',
  firstAt: '2026-11-21T08:30:00.000Z',
  resolvedAt: more.resolvedAt ?? null,
})

const READERS: Record<string, (raw: Record<string, unknown>) => Record<string, unknown>> = {
  '/orders': parseOrderSearch,
  '/reviews': parseReviewSearch,
  '/reconciliation': parseRunsSearch,
  '/webhooks': parseWebhookSearch,
  '/webhooks/rejected': parseRejectedSearch,
}

for (const [about, place] of [
  [alert('paid_not_confirmed', 'orders'), { to: '/orders', search: { needs: 'confirmation' } }],
  [
    alert('payment_failures'),
    { to: '/orders', search: { needs: 'another_try', provider: 'razorpay', since: '2026-11-21T08:00:00.000Z' } },
  ],
  [
    alert('payment_failures', 'razorpay', { resolvedAt: '2026-11-21T09:10:00.000Z' }),
    {
      to: '/orders',
      search: {
        needs: 'another_try',
        provider: 'razorpay',
        since: '2026-11-21T08:00:00.000Z',
        until: '2026-11-21T09:10:00.000Z',
      },
    },
  ],
  [alert('unknown_status'), { to: '/reviews', search: { kind: 'unknown_status' } }],
  [alert('review_overdue', 'review'), { to: '/reviews', search: { waiting: 'day' } }],
  [alert('reconciliation_mismatch'), { to: '/reconciliation', search: { provider: 'razorpay', open: 'true' } }],
  [alert('reconciliation_failed'), { to: '/reconciliation', search: { provider: 'razorpay' } }],
  [alert('webhook_silence'), { to: '/webhooks', search: { provider: 'razorpay' } }],
  [alert('invalid_signature', 'webhook:razorpay'), { to: '/webhooks/rejected', search: { provider: 'razorpay' } }],
  [
    alert('invalid_signature', 'verify', { summary: 'A payment of order H-7KQ4-M2XD was claimed with …' }),
    { to: '/orders', search: { search: 'H-7KQ4-M2XD' } },
  ],
  [alert('queue_lag', 'payments'), { to: '/orders', search: { needs: 'payment_work' } }],
  [alert('queue_lag', 'refunds'), { to: '/orders', search: { needs: 'refund_work' } }],
  [alert('queue_lag', 'webhooks'), { to: '/webhooks', search: { status: 'received' } }],
] as const) {
  test(`FW4 ${about.kind} of ${about.key} opens the very rows`, () => {
    const rows = alertRows(about)
    assert.ok(rows && 'search' in rows.place)
    assert.equal(rows.place.to, place.to)
    const set = (search: object) =>
      Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined))
    assert.deepEqual(set(rows.place.search), place.search)
    // What stands in the address is read back as it was meant.
    assert.deepEqual(set(READERS[rows.place.to]?.({ ...rows.place.search }) ?? {}), place.search)
  })
}

test('FW4 an event that failed opens itself', () => {
  const id = '00000000-0000-7000-8000-00000000a001'
  assert.deepEqual(alertRows(alert('webhook_failed', id)), {
    place: { to: '/webhooks/$eventId', params: { eventId: id } },
    words: 'See the webhook',
  })
})

test('FW4 every alert that the manual knows has words, and those that tell of rows open them', () => {
  const manual = readFileSync(new URL('../../../../../docs/operations.md', import.meta.url), 'utf8')
  const kinds = [...manual.matchAll(/^### ([a-z_]+)$/gm)].map(([, kind]) => kind ?? '')
  assert.ok(kinds.length > 12)
  const withoutRows = kinds.filter(
    (kind) => alertRows(alert(kind, kind === 'queue_lag' ? 'payments' : 'webhook:razorpay')) === null,
  )
  assert.deepEqual(withoutRows, NO_ROWS)
  for (const kind of kinds) assert.equal(/_/.test(alertWords(kind)), false, kind)
})

/** They tell of a machine, or of a person whom the panel does not show yet. */
const NO_ROWS = ['provider_unreachable', 'admin_made', 'password_set', 'database_trouble', 'slow_api']
