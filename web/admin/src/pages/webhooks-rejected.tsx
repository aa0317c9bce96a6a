import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { Empty } from '../../../ui/empty.tsx'
import { providerName } from '../../../ui/format.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { StatusMark } from '../../../ui/status.tsx'
import { When } from '../../../ui/when.tsx'
import { Headers } from '../features/webhooks/headers.tsx'
import { WebhookViews } from '../features/webhooks/views.tsx'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ReadError } from '../lib/read-error.tsx'
import { rejectedQuery } from '../lib/watch-queries.ts'

/** A sample of deliveries whose signature was missing or false, to tell a wrong secret from an attack. */
export function RejectedPage() {
  usePageTitle('Webhooks turned away')
  const now = useNow()
  const { provider } = useSearch({ from: '/webhooks/rejected' })
  const list = useInfiniteQuery(rejectedQuery(provider))
  const deliveries = list.data?.pages.flatMap((page) => page.items)
  return (
    <>
      <h1 className="mb-1 text-h1 max-lg:text-[1.5rem]">Webhooks</h1>
      <WebhookViews current="rejected" />
      <p className="max-w-[68ch] py-3 text-ink-2">
        Their signature was missing or false, so nothing in them was believed. Many at once right after a change of
        secrets means that the two sides hold different ones. A small sample is kept.
        {provider && (
          <>
            {' '}
            These claimed to be {providerName(provider)}.{' '}
            <Link to="/webhooks/rejected" search={{}} className="link">
              Show all
            </Link>
          </>
        )}
      </p>
      {deliveries ? (
        deliveries.length > 0 ? (
          <>
            <ol className="border-t border-rule">
              {deliveries.map((delivery) => (
                <li key={delivery.id} className="border-b border-rule py-[.8rem]">
                  <div className="flex flex-wrap items-baseline justify-between gap-x-4">
                    <span className="flex flex-wrap items-baseline gap-x-3">
                      <b>{providerName(delivery.provider)}</b>
                      <StatusMark look="failed">
                        {delivery.verdict === 'missing' ? 'No signature' : 'False signature'}
                      </StatusMark>
                    </span>
                    <When at={delivery.receivedAt} now={now} className="num text-small text-ink-3" />
                  </div>
                  <pre className="id mt-1 max-h-[3lh] overflow-hidden text-ink-2 whitespace-pre-wrap">
                    {delivery.bodyStart}
                  </pre>
                  <HeadersFold headers={delivery.headers} />
                </li>
              ))}
            </ol>
            <MoreRows list={list} words="Show older" />
          </>
        ) : (
          <Empty title="Nothing was turned away">Every delivery so far had a true signature.</Empty>
        )
      ) : list.isPending ? (
        <Skeleton label="Loading" rows={4} rowClassName="h-[92px]" />
      ) : (
        <ReadError title="They could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </>
  )
}

function HeadersFold({ headers }: { headers: Readonly<Record<string, unknown>> }) {
  return (
    <details className="mt-1">
      <summary className="w-fit py-1 text-small text-accent-text">Headers</summary>
      <Headers headers={headers} />
    </details>
  )
}
