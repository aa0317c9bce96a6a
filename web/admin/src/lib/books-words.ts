/** How the books are written for people: accounts by what they hold, transfers by what they were for. Pure. */
import { providerName, sentence } from '../../../ui/format.ts'

type AccountKind = { words: string; holds: string }

/** What we have or are owed, what we owe, and what we have earned or paid: the order in which accounts are listed. */
export const ACCOUNT_GROUPS: readonly { title: string; kinds: Readonly<Record<string, AccountKind>> }[] = [
  {
    title: 'Ours, or owed to us',
    kinds: {
      provider_clearing: { words: 'At the provider', holds: 'captured and not yet paid out' },
      bank: { words: 'In the bank', holds: 'paid out by providers, less what was sent from there' },
      cod_receivable: { words: 'Cash with couriers', holds: 'collected and not yet handed over' },
    },
  },
  {
    title: 'Owed to others',
    kinds: {
      customer_funds: { words: 'Held for orders', holds: 'received and not yet anyone’s' },
      refunds_owed: { words: 'Refunds under way', holds: 'decided to go back, not yet gone' },
      wallet: { words: 'Wallets', holds: 'kept for customers' },
      seller_payable: { words: 'Shops', holds: 'earned by shops and not yet paid out' },
      delivery: { words: 'Delivery fees', holds: 'earned by shops for delivery' },
      tax: { words: 'Taxes', holds: 'charged on top of prices, for shops to pay' },
      suspense: { words: 'Unexplained', holds: 'money that nothing of ours explains' },
    },
  },
  {
    title: 'Earned and spent',
    kinds: {
      commission: { words: 'Commission', holds: 'our share of sales' },
      discounts: { words: 'Discounts', holds: 'our part where a coupon took something off' },
      provider_fees: { words: 'Provider fees', holds: 'kept by providers' },
      provider_fee_tax: { words: 'Tax on provider fees', holds: 'GST on them' },
      chargebacks: { words: 'Disputes', holds: 'taken back by banks' },
      write_offs: { words: 'Written off', holds: 'kept or lost for good' },
    },
  },
]

const ACCOUNT_KINDS: ReadonlyMap<string, AccountKind> = new Map(
  ACCOUNT_GROUPS.flatMap((group) => Object.entries(group.kinds)),
)

/** The kinds of accounts with their words, in listing order. */
export const ACCOUNT_KIND_WORDS: readonly (readonly [string, string])[] = [...ACCOUNT_KINDS].map(
  ([kind, { words }]) => [kind, words] as const,
)

/** What an account of this kind holds, in a few words; an unknown kind goes by its own name. */
export function accountKind(kind: string): AccountKind {
  return ACCOUNT_KINDS.get(kind) ?? { words: sentence(kind.replaceAll('_', ' ')), holds: '' }
}

/** The parts of an account's id, `kind:owner:CURRENCY`; an owner may hold colons. */
export function accountParts(id: string): { kind: string; owner: string; currency: string } {
  const parts = id.split(':')
  return { kind: parts[0] ?? '', owner: parts.slice(1, -1).join(':'), currency: parts[parts.length - 1] ?? '' }
}

/**
 * An account as people call it: "Shops: Malabar Pepper House", "At the provider: Razorpay", "Commission".
 *
 * @param nameOf the name of the shop or person that owns it, where it is known
 */
export function accountName(id: string, nameOf: (owner: string) => string | undefined = () => undefined): string {
  const { kind, owner } = accountParts(id)
  const { words } = accountKind(kind)
  const name = ownerName(kind, owner, nameOf(owner))
  return name === null ? words : `${words}: ${name}`
}

/** Kinds that there is one account of in each currency: naming its owner would only repeat the kind. */
const HOUSE = new Set(['hundi', 'orders', 'house'])
const OF_PROVIDERS = new Set([
  'provider_clearing',
  'bank',
  'refunds_owed',
  'provider_fees',
  'provider_fee_tax',
  'chargebacks',
  'suspense',
])

/** Who an account belongs to; null for the house. A person or shop without a known name goes by the end of its id. */
export function ownerName(kind: string, owner: string, known: string | null | undefined): string | null {
  if (HOUSE.has(owner) || owner === '') return null
  if (known) return known
  if (owner === 'manual') return 'moved by hand'
  return OF_PROVIDERS.has(kind) ? providerName(owner) : `…${owner.slice(-6)}`
}

const TRANSFER_WORDS: Readonly<Record<string, string>> = {
  capture: 'Captured',
  unknown_capture: 'Captured, not ours',
  unknown_explained: 'Explained',
  capture_moved: 'Found in our own bank account',
  sale: 'Sold',
  commission: 'Our commission',
  delivery: 'Delivery fee',
  tax: 'Tax',
  discount: 'Discount',
  refund_owed: 'Refund decided',
  refund: 'Refund gone back',
  refund_by_hand: 'Given back by transfer',
  refund_to_wallet: 'Refund to the wallet',
  refund_returned: 'Refund came back',
  refund_given_up: 'Refund given up',
  write_off: 'Written off',
  unknown_refund: 'Gone back, not ours',
  settled_paid_out: 'Paid out to the bank',
  settled_kept_back: 'Kept back of a payout',
  settled_fee: 'Provider’s fee',
  settled_fee_tax: 'Tax on the fee',
}

/** What a transfer was for; an unknown kind goes by its own name. */
export function transferWords(kind: string): string {
  const known = TRANSFER_WORDS[kind]
  if (known) return known
  const turned = /^(.+)_(reversed|restored)$/.exec(kind)
  const base = TRANSFER_WORDS[turned?.[1] ?? '']
  if (base) return `${base}, ${turned?.[2] === 'reversed' ? 'undone' : 'restored'}`
  return sentence(kind.replaceAll('_', ' '))
}

const BOOK_ORDER = Object.keys(TRANSFER_WORDS)

/** Transfers of one instant as a book-keeper writes them: money in, then what became of it. */
export function inBookOrder<T extends { kind: string; createdAt: string }>(transfers: readonly T[]): T[] {
  return transfers.toSorted(
    (a, b) =>
      Date.parse(a.createdAt) - Date.parse(b.createdAt) || BOOK_ORDER.indexOf(a.kind) - BOOK_ORDER.indexOf(b.kind),
  )
}
