import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { useState } from 'react'
import type { WebhookEvent } from '../../../../shared/contract/webhooks.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { formatCount, providerName } from '../../../ui/format.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { statusWords } from '../../../ui/status-words.ts'
import { EventTable } from '../features/webhooks/event-table.tsx'
import { WebhookViews } from '../features/webhooks/views.tsx'
import { KNOWN_TYPES, WEBHOOK_STATUSES, type WebhookSearch } from '../features/webhooks/webhook-search.ts'
import { ChipSelect, chipClass } from '../lib/chip-select.tsx'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ReadError } from '../lib/read-error.tsx'
import { HERE } from '../lib/tab-link.ts'
import { webhooksQuery } from '../lib/watch-queries.ts'

/** Everything that providers told us by themselves, newest first. */
export function WebhooksPage() {
  usePageTitle('Webhooks')
  const search = useSearch({ from: '/webhooks' })
  const now = useNow()
  const list = useInfiniteQuery(webhooksQuery(search))
  const events = list.data?.pages.flatMap((page) => page.items)
  return (
    <>
      <h1 className="mb-1 text-h1 max-lg:text-[1.5rem]">Webhooks</h1>
      <WebhookViews current="events" />
      <Filters search={search} />
      {events ? (
        events.length > 0 ? (
          <div className={cn('transition-opacity', list.isPlaceholderData && 'opacity-60 delay-300')}>
            <StillList key={JSON.stringify(search)} events={events} now={now} />
            <MoreRows list={list} words="Show older" />
          </div>
        ) : (
          <Nothing search={search} />
        )
      ) : list.isPending ? (
        <Skeleton label="Loading the events" rows={10} rowClassName="h-[60px]" className="pt-8" />
      ) : (
        <ReadError title="The events could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </>
  )
}

/** Holds back what arrives while the list is read, until it is asked for. */
function StillList({ events, now }: { events: WebhookEvent[]; now: number }) {
  const newest = events[0]?.receivedAt ?? ''
  const [seenUpTo, setSeenUpTo] = useState(newest)
  const shown = events.filter((event) => event.receivedAt <= seenUpTo)
  const waiting = events.length - shown.length
  return (
    <div className="relative">
      {waiting > 0 && (
        <div className="absolute inset-x-0 -top-8 z-1 flex h-8 justify-center lg:top-0">
          <button
            type="button"
            onClick={() => setSeenUpTo(newest)}
            className="on-fill -mt-0.5 h-8 rounded-full bg-accent px-4 text-small font-semibold text-accent-ink shadow-pop hover:bg-accent-hover"
          >
            {formatCount(waiting)} new, show
          </button>
        </div>
      )}
      <EventTable events={shown} now={now} />
    </div>
  )
}

function Filters({ search }: { search: WebhookSearch }) {
  const navigate = useNavigate()
  const go = (next: Partial<WebhookSearch>) => void navigate({ to: '/webhooks', search: { ...search, ...next } })
  const types = new Set<string>([...KNOWN_TYPES, ...(search.type ? [search.type] : [])])
  return (
    <div className="flex flex-wrap items-center gap-2 py-2">
      <ChipSelect
        label="State"
        any="Any state"
        value={search.status}
        options={WEBHOOK_STATUSES.map((status) => [status, statusWords('webhook_event', status).words] as const)}
        onChange={(value) => go({ status: WEBHOOK_STATUSES.find((status) => status === value) })}
      />
      <ChipSelect
        label="Event"
        any="Any event"
        value={search.type}
        options={[...types].map((type) => [type, type] as const)}
        onChange={(type) => go({ type })}
      />
      {search.provider && (
        <button
          type="button"
          className={cn(chipClass(true), 'gap-[.4rem] px-3')}
          onClick={() => go({ provider: undefined })}
        >
          From {providerName(search.provider)}
          <X size={13} strokeWidth={2} aria-hidden="true" />
          <span className="sr-only">, show those of all providers</span>
        </button>
      )}
      {search.orderId && (
        <button
          type="button"
          className={cn(chipClass(true), 'gap-[.4rem] px-3')}
          onClick={() => go({ orderId: undefined })}
        >
          Of one order
          <X size={13} strokeWidth={2} aria-hidden="true" />
          <span className="sr-only">, show those of all orders</span>
        </button>
      )}
    </div>
  )
}

function Nothing({ search }: { search: WebhookSearch }) {
  const isNarrowed = Object.values(search).some((value) => value !== undefined)
  if (!isNarrowed) {
    return (
      <Empty title="No webhook yet">The provider calls by itself when somebody pays. What it says appears here.</Empty>
    )
  }
  return (
    <Empty
      title="No event fits"
      action={
        <Link to="/webhooks" activeOptions={HERE} className={buttonClass({ variant: 'outline', size: 'compact' })}>
          Show all
        </Link>
      }
    >
      There may be others.
    </Empty>
  )
}
