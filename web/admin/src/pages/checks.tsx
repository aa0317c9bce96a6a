import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { CheckRun } from '../../../../shared/contract/operations.ts'
import { Button } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { formatCount, formatDuration, formatExact } from '../../../ui/format.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { StatusMark } from '../../../ui/status.tsx'
import { When } from '../../../ui/when.tsx'
import { checkResult, historyWords, triggerWords, worstFirst } from '../features/checks/check-words.ts'
import { adminApi } from '../lib/api.ts'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ProblemLine } from '../lib/problem-line.tsx'
import { ReadError } from '../lib/read-error.tsx'
import { checksQuery } from '../lib/watch-queries.ts'

/** The rules that the books must keep: what the latest check found, checking now, and the checks before. */
export function ChecksPage() {
  usePageTitle('Checks')
  const client = useQueryClient()
  const now = useNow()
  const list = useInfiniteQuery(checksQuery)
  const [chosen, setChosen] = useState<string | null>(null)
  const run = useMutation({
    mutationFn: (full: boolean) => adminApi.runCheck(full),
    onSuccess: () => setChosen(null),
    onSettled: () => client.invalidateQueries({ queryKey: ['checks'] }),
  })
  const runs = list.data?.pages.flatMap((page) => page.items)
  const shown = runs?.find((each) => each.id === chosen) ?? runs?.[0]
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="text-h1 max-lg:text-[1.5rem]">Checks</h1>
          <p className="mt-1 max-w-[64ch] text-ink-2">
            Rules that our books must keep whatever happens. They are checked each night, and checking only reads.
          </p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button
            variant="outline"
            busy={run.isPending && run.variables}
            busyLabel="Reading the books"
            disabled={run.isPending}
            onClick={() => run.mutate(true)}
          >
            Check all of history
          </Button>
          <Button
            busy={run.isPending && !run.variables}
            busyLabel="Reading the books"
            disabled={run.isPending}
            onClick={() => run.mutate(false)}
          >
            Check now
          </Button>
        </div>
      </div>
      <ProblemLine error={run.error} />
      {runs ? (
        shown ? (
          <div className="mt-6 grid gap-8 lg:grid-cols-[minmax(0,1fr)_260px] lg:gap-10 xl:grid-cols-[minmax(0,1fr)_300px]">
            <Rules run={shown} isLatest={shown === runs[0]} />
            <section aria-labelledby="history-title">
              <h2 id="history-title" className="border-t-2 border-ink pt-[.9rem] pb-1 text-h3">
                Checks so far
              </h2>
              <ul>
                {runs.map((each) => (
                  <li key={each.id} className="border-t border-rule">
                    <button
                      type="button"
                      aria-pressed={each.id === shown.id}
                      onClick={() => setChosen(each.id)}
                      className={cn(
                        '-mx-2 flex min-h-11 w-[calc(100%+1rem)] items-center justify-between gap-3 rounded-2 px-2 text-left hover:bg-hover',
                        each.id === shown.id && 'bg-accent-soft hover:bg-accent-soft',
                      )}
                    >
                      <StatusMark look={each.ok ? 'paid' : 'failed'}>{each.ok ? 'Clean' : 'Not clean'}</StatusMark>
                      <span className="text-small text-ink-3">
                        {triggerWords(each.trigger)}, <When at={each.startedAt} now={now} className="num" />
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
              <MoreRows list={list} words="Show older" />
            </section>
          </div>
        ) : (
          <Empty title="Nothing has been checked yet">
            The books are checked by themselves tonight. You can check them now.
          </Empty>
        )
      ) : list.isPending ? (
        <Skeleton label="Loading the checks" rows={12} rowClassName="h-[46px]" className="mt-6" />
      ) : (
        <ReadError title="The checks could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </>
  )
}

function Rules({ run, isLatest }: { run: CheckRun; isLatest: boolean }) {
  return (
    <section aria-labelledby="rules-title" aria-live="polite">
      <h2 id="rules-title" className="text-h2">
        {checkResult(run)}
      </h2>
      <p className="mb-2 text-small text-ink-3">
        {isLatest ? 'Last checked' : 'Checked'} {triggerWords(run.trigger)}, {formatExact(run.startedAt)}. It took{' '}
        {formatDuration(run.durationMs / 1_000)}. {historyWords(run)}
      </p>
      <ol className="border-t border-rule">
        {worstFirst(run).map((question) => (
          <li key={question.id} className="border-b border-rule py-[.6rem]">
            <div className="grid grid-cols-[2.4rem_minmax(0,1fr)_auto] items-baseline gap-x-3">
              <span className="num text-small text-ink-3">{question.id}</span>
              <span className={cn(!question.ok && 'font-strong')}>{question.title}</span>
              <StatusMark look={question.ok ? 'paid' : 'failed'}>
                {question.ok ? 'Holds' : `Broken, ${formatCount(question.count)}`}
              </StatusMark>
            </div>
            {question.violations.length > 0 && (
              <ul className="mt-1 ml-[3.15rem] border-l-[3px] border-failed-mark pl-3 text-small text-ink-2">
                {question.violations.map((line) => (
                  <li key={line} className="py-[.15rem] wrap-anywhere">
                    {line}
                  </li>
                ))}
                {question.count > question.violations.length && (
                  <li className="text-ink-3">and {formatCount(question.count - question.violations.length)} more</li>
                )}
              </ul>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
