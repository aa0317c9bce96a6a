/** What the ledger's pages show, as it stands in the address. Pure. */
import type { StatementFilter } from '../../../../../client/admin-books.ts'
import { addDays, isDay } from '../../../../../shared/day.ts'
import { formatDayKey, startOfDay } from '../../../../ui/format.ts'

export type AccountsSearch = { at?: string | undefined }

/** A statement is of one account, order, person or shop, or of everything; and of a day or from one day to another. */
export type StatementSearch = {
  account?: string | undefined
  orderId?: string | undefined
  userId?: string | undefined
  shopId?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function parseAccountsSearch(raw: Record<string, unknown>): AccountsSearch {
  return { at: dayOf(raw.at) }
}

export function parseStatementSearch(raw: Record<string, unknown>): StatementSearch {
  const id = (value: unknown) => (typeof value === 'string' && UUID.test(value) ? value : undefined)
  const text = (value: unknown) =>
    typeof value === 'string' && value !== '' && value.length <= 120 ? value : undefined
  return {
    account: text(raw.account),
    orderId: id(raw.orderId),
    userId: text(raw.userId),
    shopId: id(raw.shopId),
    from: dayOf(raw.from),
    to: dayOf(raw.to),
  }
}

/** What to ask the API: days are sent as the moments at which they begin and end in the shop's zone. */
export function statementFilter(search: StatementSearch): Omit<StatementFilter, 'cursor' | 'limit'> {
  return {
    account: search.account,
    orderId: search.orderId,
    userId: search.userId,
    shopId: search.shopId,
    from: search.from && startOfDay(search.from),
    to: search.to && startOfDay(search.to, 1),
  }
}

/** The end of a day in the shop's zone, as a moment; balances are asked for as they were then. */
export function endOf(day: string | undefined): string | undefined {
  return day && startOfDay(day, 1)
}

/** How many days a statement shows that nobody chose days for: enough for a month-end, little enough to read. */
const USUAL_DAYS = 30

/** The days of a statement that ends with this one. */
export function statementDays(lastDay: string): { from: string; to: string } {
  return { from: addDays(lastDay, 1 - USUAL_DAYS), to: lastDay }
}

/** `20 Nov 2026`, `since 18 Nov 2026`, `18 Nov 2026 to 20 Nov 2026`; empty for all time. */
export function windowOf(search: Pick<StatementSearch, 'from' | 'to'>): string {
  const { from, to } = search
  if (from && to) return from === to ? formatDayKey(from) : `${formatDayKey(from)} to ${formatDayKey(to)}`
  if (from) return `since ${formatDayKey(from)}`
  return to ? `until ${formatDayKey(to)}` : ''
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && isDay(value) ? value : undefined
}
