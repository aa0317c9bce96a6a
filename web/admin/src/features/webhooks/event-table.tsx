import { Link } from '@tanstack/react-router'
import type { WebhookEvent } from '../../../../../shared/contract/webhooks.ts'
import { countOf, providerName } from '../../../../ui/format.ts'
import { Status } from '../../../../ui/status.tsx'
import { When } from '../../../../ui/when.tsx'

/** Events as rows, each one link. */
export function EventTable({ events, now }: { events: WebhookEvent[]; now: number }) {
  return (
    <table className="plain rows events" aria-label="Webhook events">
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">From</th>
          <th scope="col">Order</th>
          <th scope="col">State</th>
          <th scope="col" className="r">
            Received
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <tr key={event.id}>
            <td className="c-lead">
              <Link
                to="/webhooks/$eventId"
                params={{ eventId: event.id }}
                className="font-strong outline-none after:absolute after:inset-0"
              >
                {event.type}
              </Link>
              <span className="id block text-ink-3">{event.eventId}</span>
            </td>
            <td className="c-provider text-ink-2">{providerName(event.provider)}</td>
            <td className="c-from num text-ink-2">{event.orderNumber ?? <span className="text-ink-3">none</span>}</td>
            <td className="c-state">
              <Status kind="webhook_event" state={event.status} />
              {event.attempts > 1 && (
                <span className="block text-small text-ink-3">tried {countOf(event.attempts, 'time')}</span>
              )}
            </td>
            <td className="r c-amount text-ink-2">
              <When at={event.receivedAt} now={now} className="num" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
