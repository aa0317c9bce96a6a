import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { ApiError } from '../../../../client/api-error.ts'
import type { ReconciliationRun } from '../../../../shared/contract/reconciliation.ts'
import { buttonClass } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/empty.tsx'
import { countOf, formatCount, formatExact, providerName } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Bar, Skeleton } from '../../../ui/skeleton.tsx'
import { Status, StatusMark } from '../../../ui/status.tsx'
import { statusWords } from '../../../ui/status-words.ts'
import { LinesTable } from '../features/reconciliation/lines-table.tsx'
import { outcomeRows, runSums, subjectWords } from '../features/reconciliation/outcome-table.ts'
import { Progress } from '../features/reconciliation/progress.tsx'
import { KEPT_OUTCOMES, type RunSearch } from '../features/reconciliation/run-search.ts'
import { runResult, tookWords, triggerWords, windowWords } from '../features/reconciliation/run-words.ts'
import { useAdminName } from '../lib/admin-name.ts'
import { runLinesQuery, runQuery } from '../lib/books-queries.ts'
import { ChipSelect } from '../lib/chip-select.tsx'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ReadError } from '../lib/read-error.tsx'

/** One comparison: how far it is, what came of it, and every line that was not simply equal. */
export function RunPage() {
  const { runId } = useParams({ from: '/reconciliation/$runId' })
  const { data: run, error, isPending, refetch } = useQuery(runQuery(runId))
  usePageTitle(run ? `Reconciliation, ${runResult(run).words.toLowerCase()}` : 'Reconciliation')
  if (run) return <RunView run={run} />
  if (isPending) {
    return (
      <Skeleton label="Loading the run" className="grid gap-4">
        <h1 className="sr-only">Reconciliation</h1>
        <Bar className="h-9 w-72" />
        <Bar className="w-80" />
        <Bar className="mt-4 h-48 w-full" />
      </Skeleton>
    )
  }
  if (error instanceof ApiError && (error.status === 404 || error.status === 400)) {
    return (
      <Empty
        level={1}
        title="There is no such run"
        action={
          <Link to="/reconciliation" className={buttonClass({ variant: 'outline', size: 'compact' })}>
            Go to the runs
          </Link>
        }
      >
        Its address may be mistyped.
      </Empty>
    )
  }
  return <ReadError level={1} title="The run could not be read" error={error} onAgain={() => void refetch()} />
}

function RunView({ run }: { run: ReconciliationRun }) {
  const isRunning = run.status === 'running'
  const now = useNow(isRunning ? 1_000 : 20_000)
  const result = runResult(run)
  const nameOf = useAdminName()
  const sums = runSums(run.outcomes)
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-[.4rem] text-small text-ink-3">
        <Link to="/reconciliation" className="hover:text-ink">
          Reconciliation
        </Link>
        <ChevronRight size={14} strokeWidth={1.7} aria-hidden="true" />
        <span>{providerName(run.provider)}</span>
      </nav>
      <div className="flex flex-wrap items-center gap-3">
        <h1 className="text-h1 max-lg:text-[1.5rem]">{result.words}</h1>
        <Status kind="run" state={run.status} pill />
      </div>
      <p className="mt-[.35rem] text-ink-2">
        {providerName(run.provider)}, {windowWords(run)}.{' '}
        <span className="text-ink-3">
          Started {triggerWords(run, nameOf)} <time dateTime={run.startedAt}>{formatExact(run.startedAt)}</time>,{' '}
          <span className="num">{tookWords(run, now)}</span>
          {run.interruptions > 0 && `, interrupted ${countOf(run.interruptions, 'time')}`}.
        </span>
      </p>
      {run.error && (
        <p role="alert" className="mt-3 flex items-start gap-2 text-failed">
          <StatusMark look="failed">{run.error}</StatusMark>
        </p>
      )}
      {isRunning && <Progress phase={run.phase} compared={sums.compared} />}
      <Outcomes run={run} />
      {(isRunning || sums.compared > 0) && <Lines run={run} />}
    </>
  )
}

function Outcomes({ run }: { run: ReconciliationRun }) {
  const rows = outcomeRows(run.outcomes)
  return (
    <section className="mt-8 max-w-[820px]" aria-labelledby="outcomes-title">
      <h2 id="outcomes-title" className="mb-1 text-h2">
        What came of it
      </h2>
      {rows.length === 0 ? (
        <p className="text-ink-2">
          {run.status === 'running' ? 'Nothing has been compared yet.' : 'There was nothing to compare in these days.'}
        </p>
      ) : (
        <table className="plain outcomes" aria-label="What came of it">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">Result</th>
              <th scope="col" className="r">
                Count
              </th>
              <th scope="col" className="r">
                Sum
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row, index) => {
              const isFirst = rows[index - 1]?.subject !== row.subject
              return (
                <tr key={`${row.subject} ${row.outcome} ${row.currency}`}>
                  <td>
                    {isFirst ? <b>{subjectWords(row.subject)}</b> : <span className="sr-only">{row.subject}</span>}
                  </td>
                  <td>
                    <Status kind="reconciled" state={row.outcome} className="whitespace-normal" />
                  </td>
                  <td className="r num">{formatCount(row.count)}</td>
                  <td className="r">
                    <Money amount={row.amount} currency={row.currency} className="font-strong" />
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Lines({ run }: { run: ReconciliationRun }) {
  const search = useSearch({ from: '/reconciliation/$runId' })
  const navigate = useNavigate()
  const list = useInfiniteQuery(runLinesQuery(run.id, search, run.status === 'running'))
  const lines = list.data?.pages.flatMap((page) => page.items)
  const go = (next: RunSearch) =>
    void navigate({
      to: '/reconciliation/$runId',
      params: { runId: run.id },
      search: { ...search, ...next },
      replace: true,
      resetScroll: false,
    })
  const isNarrowed = search.subject !== undefined || search.outcome !== undefined || search.open !== undefined
  return (
    <section className="mt-10" aria-labelledby="lines-title">
      <h2 id="lines-title" className="text-h2">
        Lines to know about
      </h2>
      <div className="flex flex-wrap items-center gap-2 py-2">
        <ChipSelect
          label="What"
          any="Anything"
          value={search.subject}
          options={['payment', 'refund', 'settlement'].map((subject) => [subject, subjectWords(subject)] as const)}
          onChange={(subject) => go({ subject })}
        />
        <ChipSelect
          label="Result"
          any="Any result"
          value={search.outcome}
          options={KEPT_OUTCOMES.map((outcome) => [outcome, statusWords('reconciled', outcome).words] as const)}
          onChange={(outcome) => go({ outcome })}
        />
        <ChipSelect
          label="Answered"
          any="Answered or not"
          value={search.open}
          options={[['true', 'Waiting for a person']]}
          onChange={(open) => go({ open: open === 'true' ? 'true' : undefined })}
        />
      </div>
      {lines ? (
        lines.length > 0 ? (
          <>
            <LinesTable lines={lines} />
            <MoreRows list={list} words="Show more" />
          </>
        ) : isNarrowed ? (
          <p className="border-t border-rule py-4 text-ink-2">
            No line fits.{' '}
            <Link
              to="/reconciliation/$runId"
              params={{ runId: run.id }}
              search={{}}
              resetScroll={false}
              className="link"
            >
              Show all
            </Link>
          </p>
        ) : (
          <p className="border-t border-rule py-4 text-ink-2">
            {run.status === 'running' ? 'None so far.' : 'None: every line was equal on both sides, or was booked.'}
          </p>
        )
      ) : list.isPending ? (
        <Skeleton label="Loading the lines" rows={3} />
      ) : (
        <ReadError title="The lines could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </section>
  )
}
