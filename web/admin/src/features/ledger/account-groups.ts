/** Accounts as a book-keeper lays them out: groups, kinds in them, and each kind's accounts. Pure. */
import type { LedgerAccount } from '../../../../../shared/contract/ledger.ts'
import { add } from '../../../../../shared/money.ts'
import { ACCOUNT_GROUPS, accountKind } from '../../lib/books-words.ts'

export type KindOfAccounts = {
  kind: string
  words: string
  holds: string
  currency: string
  /** The sum of its accounts, on their normal side. */
  balance: number
  accounts: LedgerAccount[]
}

export type AccountGroup = { title: string; kinds: KindOfAccounts[] }

/** Groups with something in them. Accounts of a kind that this page does not know stand in a last group. */
export function groupAccounts(accounts: readonly LedgerAccount[]): AccountGroup[] {
  const known = new Set(ACCOUNT_GROUPS.flatMap((group) => Object.keys(group.kinds)))
  const others = [...new Set(accounts.map((account) => account.kind))].filter((kind) => !known.has(kind))
  return [
    ...ACCOUNT_GROUPS.map(({ title, kinds }) => ({ title, kinds: Object.keys(kinds) })),
    { title: 'Other', kinds: others },
  ]
    .map(({ title, kinds }) => ({ title, kinds: kinds.flatMap((kind) => kindsOf(accounts, kind)) }))
    .filter((group) => group.kinds.length > 0)
}

/** One entry per currency: amounts of different currencies are never added. */
function kindsOf(accounts: readonly LedgerAccount[], kind: string): KindOfAccounts[] {
  const ofKind = accounts.filter((account) => account.kind === kind)
  const currencies = [...new Set(ofKind.map((account) => account.currency))].sort()
  return currencies.map((currency) => {
    const own = ofKind
      .filter((account) => account.currency === currency)
      .toSorted((a, b) => b.balance - a.balance || a.id.localeCompare(b.id))
    return { kind, ...accountKind(kind), currency, balance: add(0, ...own.map((each) => each.balance)), accounts: own }
  })
}
