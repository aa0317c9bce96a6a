import { Link } from '@tanstack/react-router'
import { HERE, TAB_ROW, tabClass } from '../../lib/tab-link.ts'

/** Events that were stored, and deliveries that were turned away. */
export function WebhookViews({ current }: { current: 'events' | 'rejected' }) {
  return (
    <nav aria-label="Deliveries" className={TAB_ROW}>
      <Link
        to="/webhooks"
        activeOptions={HERE}
        aria-current={current === 'events' ? 'page' : undefined}
        className={tabClass(current === 'events')}
      >
        Received
      </Link>
      <Link
        to="/webhooks/rejected"
        activeOptions={HERE}
        aria-current={current === 'rejected' ? 'page' : undefined}
        className={tabClass(current === 'rejected')}
      >
        Turned away
      </Link>
    </nav>
  )
}
