import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { dayKey, formatDayKey } from '../../../ui/format.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { AccountsView } from '../features/ledger/accounts-view.tsx'
import { endOf, statementDays } from '../features/ledger/ledger-search.ts'
import { accountsQuery } from '../lib/books-queries.ts'
import { DayInput } from '../lib/chip-select.tsx'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ReadError } from '../lib/read-error.tsx'

/** Where all the money is: every account with its balance, now or at the end of a day. */
export function LedgerPage() {
  usePageTitle('Ledger')
  const { at } = useSearch({ from: '/ledger' })
  const navigate = useNavigate()
  const today = dayKey(useNow())
  const list = useInfiniteQuery(accountsQuery({ at: endOf(at) }))
  const accounts = list.data?.pages.flatMap((page) => page.items)
  return (
    <div className="max-w-[860px]">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="text-h1 max-lg:text-[1.5rem]">Ledger</h1>
          <p className="mt-1 text-ink-2">
            {at ? `Where the money was at the end of ${formatDayKey(at)}.` : 'Where the money is now.'}
          </p>
        </div>
        <Link
          to="/ledger/statement"
          search={{ from: at ?? today, to: at ?? today }}
          className={buttonClass({ variant: 'outline' })}
        >
          {at ? 'Transfers of that day' : 'Today’s transfers'}
        </Link>
      </div>
      <div className="flex flex-wrap items-center gap-2 pt-3 text-small text-ink-2">
        At the end of
        <DayInput
          label="Balances at the end of this day"
          value={at}
          max={today}
          onChange={(day) => void navigate({ to: '/ledger', search: { at: day } })}
        />
        {at && (
          <Link to="/ledger" className="link">
            Now
          </Link>
        )}
      </div>
      {accounts ? (
        accounts.length > 0 ? (
          <div className={cn('transition-opacity', list.isPlaceholderData && 'opacity-60 delay-300')}>
            <AccountsView accounts={accounts} days={statementDays(at ?? today)} />
            <MoreRows list={list} words="Show more accounts" />
          </div>
        ) : (
          <Empty title="The books are empty">
            {at ? 'No money had moved by then.' : 'The first account appears with the first payment.'}
          </Empty>
        )
      ) : list.isPending ? (
        <Skeleton label="Loading the accounts" rows={10} rowClassName="h-[43px]" className="pt-8" />
      ) : (
        <ReadError title="The accounts could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </div>
  )
}
