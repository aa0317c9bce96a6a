import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Empty } from '../../../ui/empty.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { runsInWords } from '../features/reconciliation/run-words.ts'
import { RunTable } from '../features/reconciliation/run-table.tsx'
import { StartDialog } from '../features/reconciliation/start-dialog.tsx'
import { runsQuery } from '../lib/books-queries.ts'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ReadError } from '../lib/read-error.tsx'

/** Every comparison of our books with the providers', newest first. */
export function RunsPage() {
  usePageTitle('Reconciliation')
  const now = useNow()
  const [isStarting, setIsStarting] = useState(false)
  const search = useSearch({ from: '/reconciliation' })
  const list = useInfiniteQuery(runsQuery(search))
  const runs = list.data?.pages.flatMap((page) => page.items)
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="text-h1 max-lg:text-[1.5rem]">Reconciliation</h1>
          <p className="mt-1 mb-4 max-w-[64ch] text-ink-2">
            Our books against the provider’s, line by line, both ways. It runs by itself each day.
          </p>
        </div>
        <Button onClick={() => setIsStarting(true)}>Compare now…</Button>
      </div>
      {(search.provider ?? search.open) && (
        <p className="mt-4 mb-2 flex flex-wrap items-baseline gap-x-3 text-ink-2">
          {runsInWords(search)}
          <Link to="/reconciliation" search={{}} className="link">
            Show all
          </Link>
        </p>
      )}
      {runs ? (
        runs.length > 0 ? (
          <>
            <RunTable runs={runs} now={now} open={search.open} />
            <MoreRows list={list} words="Show older" />
          </>
        ) : (
          <Empty title={search.open ? 'Nothing waits for a person' : 'No run yet'}>
            {search.open
              ? 'Each difference that was found has its answer.'
              : 'The first one comes by itself tonight. You can begin one now.'}
          </Empty>
        )
      ) : list.isPending ? (
        <Skeleton label="Loading the runs" rows={8} rowClassName="h-[60px]" className="pt-8" />
      ) : (
        <ReadError title="The runs could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
      {isStarting && <StartDialog now={now} onClose={() => setIsStarting(false)} />}
    </>
  )
}
