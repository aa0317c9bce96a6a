import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import type { Alert } from '../../../../shared/contract/operations.ts'
import { Button } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/empty.tsx'
import { countOf, formatExact, sentence } from '../../../ui/format.ts'
import { Glyph } from '../../../ui/glyph.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Status } from '../../../ui/status.tsx'
import { statusWords } from '../../../ui/status-words.ts'
import { When } from '../../../ui/when.tsx'
import { alertRows, alertWords } from '../features/alerts/alert-words.ts'
import { useAdminName } from '../lib/admin-name.ts'
import { adminApi } from '../lib/api.ts'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ProblemLine } from '../lib/problem-line.tsx'
import { ReadError } from '../lib/read-error.tsx'
import { HERE, TAB_ROW, tabClass } from '../lib/tab-link.ts'
import { alertsQuery } from '../lib/watch-queries.ts'

/** What the machine wants somebody to know. An alert ends by itself when its cause is gone. */
export function AlertsPage() {
  const search = useSearch({ from: '/alerts' })
  const status = search.status ?? 'open'
  usePageTitle('Alerts')
  const now = useNow()
  const list = useInfiniteQuery(alertsQuery(status))
  const alerts = list.data?.pages.flatMap((page) => page.items)
  return (
    <div className="max-w-[860px]">
      <h1 className="mb-1 text-h1 max-lg:text-[1.5rem]">Alerts</h1>
      <nav aria-label="Alerts by state" className={TAB_ROW}>
        <Link
          to="/alerts"
          search={{}}
          activeOptions={HERE}
          aria-current={status === 'open' ? 'page' : undefined}
          className={tabClass(status === 'open')}
        >
          Open
        </Link>
        <Link
          to="/alerts"
          search={{ status: 'resolved' }}
          activeOptions={HERE}
          aria-current={status === 'resolved' ? 'page' : undefined}
          className={tabClass(status === 'resolved')}
        >
          Over
        </Link>
      </nav>
      {alerts ? (
        alerts.length > 0 ? (
          <>
            <ul>
              {alerts.map((alert) => (
                <AlertRow key={alert.id} alert={alert} now={now} />
              ))}
            </ul>
            <MoreRows list={list} words="Show older" />
          </>
        ) : status === 'open' ? (
          <Empty title="All is well">
            Payments arrive, webhooks are read, the books agree. What needs somebody appears here by itself.
          </Empty>
        ) : (
          <Empty title="There has been no alert yet">Those that are over are kept here.</Empty>
        )
      ) : list.isPending ? (
        <Skeleton label="Loading the alerts" rows={4} rowClassName="h-[96px]" />
      ) : (
        <ReadError title="The alerts could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </div>
  )
}

function AlertRow({ alert, now }: { alert: Alert; now: number }) {
  const client = useQueryClient()
  const acknowledge = useMutation({
    mutationFn: () => adminApi.acknowledgeAlert(alert.id),
    onSettled: () => client.invalidateQueries({ queryKey: ['alerts'] }),
  })
  const nameOf = useAdminName()
  const isOver = alert.resolvedAt !== null
  const state = isOver ? 'resolved' : alert.severity
  const rows = alertRows(alert)
  return (
    <li className="grid grid-cols-[17px_minmax(0,1fr)] gap-x-3 border-b border-rule py-4 lg:grid-cols-[17px_minmax(0,1fr)_auto]">
      <Glyph look={statusWords('alert', state).look} className="mt-[3px] size-[17px]" />
      <div className="min-w-0">
        <h2 className="flex flex-wrap items-baseline gap-x-3 text-body">
          <b className="font-semibold">{alertWords(alert.kind)}</b>
          {!isOver && <Status kind="alert" state={state} className="text-small [&>svg]:hidden" />}
        </h2>
        <p className="text-ink-2 wrap-anywhere">{alert.summary}</p>
        <p className="mt-[.2rem] text-small text-ink-3">
          {alert.count > 1 && `Seen ${countOf(alert.count, 'time')}, `}
          {alert.count > 1 ? 'first' : 'Since'} <When at={alert.firstAt} now={now} />
          {alert.count > 1 && (
            <>
              , last <When at={alert.lastAt} now={now} />
            </>
          )}
          .{isOver && alert.resolvedAt && ` Over ${formatExact(alert.resolvedAt)}.`}
          {alert.acknowledgedBy && ` ${sentence(nameOf(alert.acknowledgedBy))} ${isOver ? 'was' : 'is'} on it.`}
        </p>
        <ProblemLine error={acknowledge.error} />
      </div>
      <div className="flex flex-wrap items-start gap-2 max-lg:col-start-2 max-lg:mt-2">
        {rows && (
          <Link {...rows.place} className="link inline-flex min-h-8 items-center px-1 text-small">
            {rows.words}
          </Link>
        )}
        {!isOver && !alert.acknowledgedAt && (
          <Button
            variant="outline"
            size="compact"
            busy={acknowledge.isPending}
            busyLabel="Saying so"
            onClick={() => acknowledge.mutate()}
          >
            I am on it
          </Button>
        )}
      </div>
    </li>
  )
}
