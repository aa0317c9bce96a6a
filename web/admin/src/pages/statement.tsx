import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ChevronRight, Download } from 'lucide-react'
import { buttonClass } from '../../../ui/button.tsx'
import { cn } from '../../../ui/class-names.ts'
import { Empty } from '../../../ui/empty.tsx'
import { dayKey, formatDayKey } from '../../../ui/format.ts'
import { Money } from '../../../ui/money.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { statementFilter, type StatementSearch, windowOf } from '../features/ledger/ledger-search.ts'
import { TransfersTable } from '../features/ledger/transfers-table.tsx'
import { adminApi } from '../lib/api.ts'
import { accountsQuery, statementQuery } from '../lib/books-queries.ts'
import { accountKind, accountName, accountParts } from '../lib/books-words.ts'
import { DayInput } from '../lib/chip-select.tsx'
import { MoreRows } from '../lib/more-rows.tsx'
import { useNow } from '../lib/now.ts'
import { usePageTitle } from '../lib/page-title.ts'
import { ReadError } from '../lib/read-error.tsx'

/** What moved: of one account with what it held before and after, of an order, a person, a shop, or of everything. */
export function StatementPage() {
  const search = useSearch({ from: '/ledger/statement' })
  const navigate = useNavigate()
  const today = dayKey(useNow())
  const list = useInfiniteQuery(statementQuery(statementFilter(search)))
  // The names of shops and people stand with their accounts, not with each transfer.
  const { data: known } = useInfiniteQuery(accountsQuery({}))
  const accounts = known?.pages.flatMap((page) => page.items) ?? []
  const names = new Map(accounts.flatMap(({ owner, ownerName }) => (ownerName ? [[owner, ownerName] as const] : [])))
  const nameOf = (owner: string) => names.get(owner)
  const transfers = list.data?.pages.flatMap((page) => page.transfers)
  const number = transfers?.find((transfer) => transfer.orderId === search.orderId)?.orderNumber
  const title = titleOf(search, nameOf, number ?? undefined)
  usePageTitle(title)
  const account = accounts.find((each) => each.id === search.account)
  const first = list.data?.pages[0]
  const go = (next: Partial<StatementSearch>) =>
    void navigate({ to: '/ledger/statement', search: { ...search, ...next } })
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-1 flex items-center gap-[.4rem] text-small text-ink-3">
        <Link to="/ledger" className="hover:text-ink">
          Ledger
        </Link>
        <ChevronRight size={14} strokeWidth={1.7} aria-hidden="true" />
        <span>Statement</span>
      </nav>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h1 className="min-h-[2.25rem] text-h1 max-lg:min-h-0 max-lg:text-[1.5rem]">{title}</h1>
          <p className="mt-1 min-h-[1.375rem] text-ink-2">
            {search.account ? (
              <>
                <span className="id text-ink-3">{search.account}</span>{' '}
                <Whole account={search.account} search={search} />
              </>
            ) : (
              'Every transfer has one debit and one credit. The oldest comes first.'
            )}
          </p>
        </div>
        <a
          href={adminApi.statementCsvUrl(statementFilter(search))}
          download
          className={buttonClass({ variant: 'outline' })}
        >
          <Download size={16} strokeWidth={1.7} aria-hidden="true" />
          Get it as CSV
        </a>
      </div>
      <div className="flex flex-wrap items-center gap-2 pt-3 pb-2 text-small text-ink-2">
        <DayInput label="From" value={search.from} max={search.to ?? today} onChange={(from) => go({ from })} />
        to
        <DayInput
          label="To, that day included"
          value={search.to}
          min={search.from}
          max={today}
          onChange={(to) => go({ to })}
        />
        <button type="button" className="link min-h-6 px-1" onClick={() => go({ from: today, to: today })}>
          Today
        </button>
        {(search.from || search.to) && (
          <button type="button" className="link min-h-6 px-1" onClick={() => go({ from: undefined, to: undefined })}>
            All time
          </button>
        )}
      </div>
      {transfers && first ? (
        <div className={cn('transition-opacity', list.isPlaceholderData && 'opacity-60 delay-300')}>
          {first.opening !== null && first.closing !== null && first.currency !== null && (
            <Balances opening={first.opening} closing={first.closing} currency={first.currency} search={search} />
          )}
          {transfers.length > 0 ? (
            <>
              <TransfersTable
                transfers={transfers}
                account={search.account}
                isCreditNormal={account?.normalSide === 'credit'}
                nameOf={nameOf}
              />
              <MoreRows list={list} words="Show more" />
            </>
          ) : (
            <Empty title="Nothing moved">
              {windowOf(search) ? `No transfer ${windowOf(search)}.` : 'No transfer yet.'}
            </Empty>
          )}
        </div>
      ) : list.isPending ? (
        <Skeleton label="Loading the statement" rows={10} rowClassName="h-[44px]" className="pt-8" />
      ) : (
        <ReadError title="The statement could not be read" error={list.error} onAgain={() => void list.refetch()} />
      )}
    </>
  )
}

/** From one account of a shop or a person to everything that is theirs, in the same days. */
function Whole({ account, search }: { account: string; search: StatementSearch }) {
  const { kind, owner } = accountParts(account)
  const { from, to } = search
  if (kind === 'wallet') {
    return (
      <Link to="/ledger/statement" search={{ userId: owner, from, to }} className="link">
        Everything of this customer
      </Link>
    )
  }
  if (kind !== 'seller_payable' && kind !== 'delivery' && kind !== 'tax') return null
  return (
    <Link to="/ledger/statement" search={{ shopId: owner, from, to }} className="link">
      Everything of this shop
    </Link>
  )
}

function titleOf(
  search: StatementSearch,
  nameOf: (owner: string) => string | undefined,
  orderNumber: string | undefined,
): string {
  if (search.account) {
    const { kind, owner } = accountParts(search.account)
    // A name that is still on its way leaves the kind alone, rather than an id that turns into a name.
    return nameOf(owner) || !owner.includes('-') ? accountName(search.account, nameOf) : accountKind(kind).words
  }
  if (search.orderId) return orderNumber ? `Order ${orderNumber}` : 'One order'
  if (search.shopId) return nameOf(search.shopId) ?? 'One shop'
  if (search.userId) return nameOf(search.userId) ?? 'One customer'
  return 'All transfers'
}

/** What the account held before the first and after the last of these transfers. */
function Balances({
  opening,
  closing,
  currency,
  search,
}: {
  opening: number
  closing: number
  currency: string
  search: StatementSearch
}) {
  return (
    <dl className="mb-2 flex flex-wrap gap-x-12 gap-y-2 border-t-2 border-ink pt-3 pb-1">
      <div>
        <dt className="text-micro text-ink-3">
          {search.from ? `Before ${formatDayKey(search.from)}` : 'At the beginning'}
        </dt>
        <dd className="text-h2 font-normal">
          <Money amount={opening} currency={currency} />
        </dd>
      </div>
      <div>
        <dt className="text-micro text-ink-3">{search.to ? `At the end of ${formatDayKey(search.to)}` : 'Now'}</dt>
        <dd className="text-h2">
          <Money amount={closing} currency={currency} />
        </dd>
      </div>
    </dl>
  )
}
