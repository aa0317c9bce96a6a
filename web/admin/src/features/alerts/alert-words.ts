/** What each kind of alert is called, and where its cause can be looked at. Pure. */
import { sentence } from '../../../../ui/format.ts'

export type AlertPlace = '/orders' | '/reviews' | '/reconciliation' | '/webhooks' | '/webhooks/rejected' | '/checks'

const KINDS: Readonly<Record<string, { words: string; place?: AlertPlace; placeWords?: string }>> = {
  payment_failures: { words: 'Many payments fail', place: '/orders', placeWords: 'See the orders' },
  paid_not_confirmed: { words: 'Paid, but not confirmed', place: '/orders', placeWords: 'See the orders' },
  invalid_signature: { words: 'False signatures', place: '/webhooks/rejected', placeWords: 'See what was turned away' },
  webhook_failed: { words: 'A webhook could not be read', place: '/webhooks', placeWords: 'See the webhooks' },
  webhook_silence: { words: 'The provider has gone silent', place: '/webhooks', placeWords: 'See the webhooks' },
  provider_unreachable: { words: 'A provider does not answer' },
  admin_made: { words: 'Somebody was made an admin' },
  password_set: { words: 'An admin has set a password' },
  database_trouble: { words: 'The database is in trouble' },
  slow_api: { words: 'Answers take too long' },
  queue_lag: { words: 'Work is overdue' },
  review_overdue: { words: 'Questions wait too long', place: '/reviews', placeWords: 'See the queue' },
  reconciliation_mismatch: {
    words: 'The books differ from the provider’s',
    place: '/reconciliation',
    placeWords: 'See the runs',
  },
  reconciliation_missing: {
    words: 'No reconciliation for a day',
    place: '/reconciliation',
    placeWords: 'See the runs',
  },
  reconciliation_failed: { words: 'A reconciliation gave up', place: '/reconciliation', placeWords: 'See the runs' },
  check_missing: { words: 'Nobody has checked the books', place: '/checks', placeWords: 'See the checks' },
  invariant_broken: { words: 'The books contradict themselves', place: '/checks', placeWords: 'See the checks' },
}

/** Words and place of a kind of alert; an unknown kind goes by its own name. */
export function alertKind(kind: string): { words: string; place?: AlertPlace; placeWords?: string } {
  return KINDS[kind] ?? { words: sentence(kind.replaceAll('_', ' ')) }
}
