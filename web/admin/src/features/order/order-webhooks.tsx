import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { OrderStory } from '../../../../../shared/contract/orders.ts'
import { Button } from '../../../../ui/button.tsx'
import { Status } from '../../../../ui/status.tsx'
import { useToast } from '../../../../ui/toast.tsx'
import { When } from '../../../../ui/when.tsx'
import { adminApi } from '../../lib/api.ts'
import { ProblemLine } from '../../lib/problem-line.tsx'
import { refreshInbox } from '../../lib/watch-queries.ts'

type Event = OrderStory['webhookEvents'][number]

/** What the provider sent about this order. Reading an event once more is harmless: what it says is never taken twice. */
export function OrderWebhooks({ events, now }: { events: Event[]; now: number }) {
  if (events.length === 0) return null
  return (
    <section className="mt-[2.6rem]" aria-labelledby="webhooks-title">
      <h2 id="webhooks-title" className="mb-1 text-h2">
        Webhooks
      </h2>
      <ul aria-labelledby="webhooks-title" className="border-t border-rule">
        {events.map((event) => (
          <Row key={event.id} event={event} now={now} />
        ))}
      </ul>
    </section>
  )
}

function Row({ event, now }: { event: Event; now: number }) {
  const client = useQueryClient()
  const toast = useToast()
  const replay = useMutation({
    mutationFn: () => adminApi.replayWebhook(event.id),
    onSuccess: ({ event: after }) =>
      toast({
        title: after.status === 'failed' ? `${after.type} could not be read` : `${after.type} was read once more`,
        look: after.status === 'failed' ? 'failed' : 'none',
      }),
    onSettled: () => refreshInbox(client),
  })
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1 border-b border-rule py-2">
      <span className="min-w-0">
        <Link to="/webhooks/$eventId" params={{ eventId: event.id }} className="font-strong hover:underline">
          {event.type}
        </Link>{' '}
        <When at={event.receivedAt} now={now} className="text-small text-ink-3" />
      </span>
      <span className="flex items-center gap-4">
        <Status kind="webhook_event" state={event.status} className="text-small" />
        <Button
          variant="outline"
          size="compact"
          busy={replay.isPending}
          busyLabel="Reading"
          aria-label={`Read ${event.type} once more`}
          onClick={() => replay.mutate()}
        >
          Read again
        </Button>
      </span>
      <ProblemLine error={replay.error} />
    </li>
  )
}
