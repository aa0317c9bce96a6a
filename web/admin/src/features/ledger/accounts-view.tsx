import { Link } from '@tanstack/react-router'
import type { LedgerAccount } from '../../../../../shared/contract/ledger.ts'
import { countOf } from '../../../../ui/format.ts'
import { Money } from '../../../../ui/money.tsx'
import { ownerName } from '../../lib/books-words.ts'
import { type AccountGroup, groupAccounts, type KindOfAccounts } from './account-groups.ts'

/**
 * All accounts with what they hold, by group and kind; each leads to its statement.
 *
 * @param days of that statement
 */
export function AccountsView({ accounts, days }: { accounts: LedgerAccount[]; days: { from: string; to: string } }) {
  return groupAccounts(accounts).map((group) => <Group key={group.title} group={group} days={days} />)
}

function Group({ group, days }: { group: AccountGroup; days: { from: string; to: string } }) {
  return (
    <section className="mt-8 first-of-type:mt-4">
      <h2 className="border-b-2 border-ink pb-1 text-h2">{group.title}</h2>
      {group.kinds.map((kind) => (
        <Kind key={`${kind.kind} ${kind.currency}`} kind={kind} days={days} />
      ))}
    </section>
  )
}

function Kind({ kind, days }: { kind: KindOfAccounts; days: { from: string; to: string } }) {
  const [only] = kind.accounts
  const isSingle = kind.accounts.length === 1 && only !== undefined
  const name = isSingle ? ownerName(only.kind, only.owner, only.ownerName) : null
  return (
    <div className="border-b border-rule">
      <div className="relative flex items-baseline justify-between gap-4 py-[.62rem] has-[a:hover]:bg-hover">
        <h3 className="min-w-0 text-body font-normal">
          {isSingle ? (
            <Link
              to="/ledger/statement"
              search={{ account: only.id, ...days }}
              title={only.id}
              className="font-strong outline-none after:absolute after:inset-0 focus-visible:after:rounded-2 focus-visible:after:border-2 focus-visible:after:border-focus"
            >
              {kind.words}
              {name && `: ${name}`}
            </Link>
          ) : (
            <b>{kind.words}</b>
          )}{' '}
          <span className="text-small text-ink-3 max-lg:block">
            {isSingle ? '' : `${countOf(kind.accounts.length, 'account')}, `}
            {kind.holds}
          </span>
        </h3>
        <Money amount={kind.balance} currency={kind.currency} className="font-strong" />
      </div>
      {!isSingle && (
        <ul className="pb-2">
          {kind.accounts.map((account) => (
            <li key={account.id}>
              <Link
                to="/ledger/statement"
                search={{ account: account.id, ...days }}
                title={account.id}
                className="flex min-h-8 items-center justify-between gap-4 rounded-1 pl-4 text-ink-2 hover:bg-hover"
              >
                <span className="min-w-0 truncate">
                  <span className="sr-only">{kind.words}: </span>
                  {ownerName(account.kind, account.owner, account.ownerName) ?? account.owner}
                </span>
                <Money amount={account.balance} currency={account.currency} />
              </Link>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
