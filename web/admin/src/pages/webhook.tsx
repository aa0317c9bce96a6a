import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { ApiError } from '../../../../client/api-error.ts'
import type { WebhookEventDetail } from '../../../../shared/contract/webhooks.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/empty.tsx'
import { countOf, formatExact, providerName, sentence } from '../../../ui/format.ts'
import { Bar, Skeleton } from '../../../ui/skeleton.tsx'
import { Status } from '../../../ui/status.tsx'
import { When } from '../../../ui/when.tsx'
import { Headers } from '../features/webhooks/headers.tsx'
import { Replay } from '../features/webhooks/replay.tsx'
import { useAdminName } from '../lib/admin-name.ts'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { prettyJson } from '../lib/raw-text.ts'
import { ReadError } from '../lib/read-error.tsx'
import { webhookQuery } from '../lib/watch-queries.ts'

/** One event: what came, byte for byte, what became of it, and reading it once more. */
export function WebhookPage() {
  const { eventId } = useParams({ from: '/webhooks/$eventId' })
  const { data, error, isPending, refetch } = useQuery(webhookQuery(eventId))
  usePageTitle(data?.event.type ?? 'Webhook')
  if (data) return <EventView detail={data} />
  if (isPending) {
    return (
      <Skeleton label="Loading the event" className="grid gap-4">
        <h1 className="sr-only">Webhook</h1>
        <Bar className="h-9 w-64" />
        <Bar className="w-80" />
        <Bar className="mt-4 h-64 w-full max-w-[780px]" />
      </Skeleton>
    )
  }
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <Empty
        level={1}
        title="There is no such event"
        action={
          <Link to="/webhooks" className={buttonClass({ variant: 'outline', size: 'compact' })}>
            Go to the webhooks
          </Link>
        }
      >
        Its address may be mistyped.
      </Empty>
    )
  }
  return <ReadError level={1} title="The event could not be read" error={error} onAgain={() => void refetch()} />
}

function EventView({ detail }: { detail: WebhookEventDetail }) {
  const { event } = detail
  const now = useNow()
  const nameOf = useAdminName()
  return (
    <div className="max-w-[860px]">
      <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-[.4rem] text-small text-ink-3">
        <Link to="/webhooks" className="hover:text-ink">
          Webhooks
        </Link>
        <ChevronRight size={14} strokeWidth={1.7} aria-hidden="true" />
        <span className="id">{event.eventId}</span>
      </nav>
      <div className="flex flex-col gap-3 lg:flex-row lg:items-start lg:justify-between lg:gap-6">
        <div className="min-w-0">
          <div className="flex flex-wrap items-center gap-3">
            <h1 className="text-h1 wrap-anywhere max-lg:text-[1.5rem]">{event.type}</h1>
            <Status kind="webhook_event" state={event.status} pill />
          </div>
          <p className="mt-[.35rem] text-ink-2">
            {providerName(event.provider)} sent it{' '}
            <time dateTime={event.receivedAt}>{formatExact(event.receivedAt)}</time>, with a true signature.{' '}
            {event.processedAt
              ? `Read ${event.attempts > 1 ? `at try ${event.attempts}, ` : ''}${formatExact(event.processedAt)}.`
              : `Tried ${countOf(event.attempts, 'time')}.`}{' '}
            {event.nextAttemptAt && `The next try is due ${formatExact(event.nextAttemptAt)}.`}
          </p>
          {event.error && <p className="mt-1 text-failed wrap-anywhere">{sentence(event.error)}</p>}
          {event.orderId && (
            <p className="mt-1">
              <Link to="/orders/$orderId" params={{ orderId: event.orderId }} className="link num">
                Open {event.orderNumber ?? 'its order'}
              </Link>
            </p>
          )}
        </div>
        {detail.body !== null && <Replay event={event} />}
      </div>
      <section className="mt-8" aria-labelledby="history-title">
        <h2 id="history-title" className="mb-1 text-h2">
          What became of it
        </h2>
        {detail.history.length === 0 ? (
          <p className="text-ink-2">
            {event.processedAt ? 'It was read at the first try, and never again.' : 'It waits to be read.'}
          </p>
        ) : (
          <ol>
            {detail.history.map((step, index) => (
              <li
                key={index}
                className="flex flex-wrap items-baseline justify-between gap-x-4 border-b border-rule py-2"
              >
                <span>
                  <b>{HISTORY_WORDS[step.outcome] ?? sentence(step.outcome)}</b>
                  {step.by && `, by ${nameOf(step.by)}`}
                  {step.error && <span className="block text-small text-ink-2 wrap-anywhere">{step.error}</span>}
                </span>
                <When at={step.at} now={now} className="num text-small text-ink-3" />
              </li>
            ))}
          </ol>
        )}
      </section>
      <section className="mt-8" aria-labelledby="body-title">
        <h2 id="body-title" className="mb-1 text-h2">
          Body
        </h2>
        {detail.body === null ? (
          <p className="text-ink-2">
            It was kept for its time and then emptied. Its id stays, so that it is not taken twice.
          </p>
        ) : (
          <pre tabIndex={0} aria-label="Body" className="fold-body max-h-[70dvh]!">
            {prettyJson(detail.body)}
          </pre>
        )}
      </section>
      <section className="mt-8" aria-labelledby="headers-title">
        <h2 id="headers-title" className="mb-1 text-h2">
          Headers
        </h2>
        <Headers headers={detail.headers} />
      </section>
    </div>
  )
}

const HISTORY_WORDS: Readonly<Record<string, string>> = {
  retried: 'Failed, tried again later',
  ignored: 'Nothing in it concerns us',
  failed: 'Given up',
  replayed: 'Read once more by hand',
  processed: 'Read',
}
