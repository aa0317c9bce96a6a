/** What the orders page shows, as it stands in the address: everything can be linked to, and the back button works. */
import type { AdminOrderFilter } from '../../../../../client/admin-api.ts'
import type { OrderPaymentStatus, OrdersNeeding, OrderStage } from '../../../../../shared/contract/orders.ts'
import { addDays, isDay } from '../../../../../shared/day.ts'
import { dayKey, formatClock, formatDate, formatDayKeyShort, providerName } from '../../../../ui/format.ts'

export const PERIODS = ['today', '7d', '30d'] as const
export type Period = (typeof PERIODS)[number]

export type OrderSearch = {
  status?: OrderStage | undefined
  paymentStatus?: OrderPaymentStatus | undefined
  search?: string | undefined
  /** Something that no state tells: an alert leads here. */
  needs?: OrdersNeeding | undefined
  provider?: string | undefined
  /** The time in which it happened. */
  since?: string | undefined
  until?: string | undefined
  /** A period that moves with the clock; `from` and `to` take its place when they are given. */
  period?: Period | undefined
  /** First and last day, `2026-11-20`, both included. */
  from?: string | undefined
  to?: string | undefined
  page?: number | undefined
  /** Where to go on beyond the pages that have numbers. */
  cursor?: string | undefined
}

export const PAGE_SIZE = 20
const PERIOD_DAYS: Readonly<Record<Period, number>> = { today: 1, '7d': 7, '30d': 30 }

/** Every other choice begins at the first page. */
export const FIRST_PAGE = { page: undefined, cursor: undefined } as const

/** Reads the address; what it does not understand it leaves out, so an old link still opens. */
export function parseOrderSearch(raw: Record<string, unknown>): OrderSearch {
  const page = Number(raw.page)
  const cursor = typeof raw.cursor === 'string' && /^[\w-]{1,200}$/.test(raw.cursor) ? raw.cursor : undefined
  const search =
    typeof raw.search === 'string' || typeof raw.search === 'number' ? String(raw.search).slice(0, 100) : ''
  const from = dayOf(raw.from)
  const to = dayOf(raw.to)
  return {
    status: oneOf(STATUSES, raw.status),
    paymentStatus: oneOf(PAYMENT_STATUSES, raw.paymentStatus),
    search: search.trim() === '' ? undefined : search.trim(),
    period: from || to ? undefined : oneOf(PERIODS, raw.period),
    from,
    to,
    ...readNeed(raw),
    page: !cursor && Number.isInteger(page) && page > 1 && page <= 100_000 ? page : undefined,
    cursor,
  }
}

/** What to ask the API. Its days are the shop's, as the page's are. */
export function orderFilter(search: OrderSearch, now: number): AdminOrderFilter {
  return {
    ...(search.cursor ? { cursor: search.cursor } : { page: search.page ?? 1 }),
    limit: PAGE_SIZE,
    status: search.status,
    paymentStatus: search.paymentStatus,
    search: search.search,
    needs: search.needs,
    provider: search.provider,
    since: search.since,
    until: search.until,
    from: search.period ? addDays(dayKey(now), 1 - PERIOD_DAYS[search.period]) : search.from,
    to: search.period ? undefined : search.to,
  }
}

/** The filters in words with the search that is left when each is dropped, the narrowest first. */
export function filtersInWords(search: OrderSearch): { words: string; without: OrderSearch }[] {
  const filters: { words: string; without: OrderSearch }[] = []
  if (search.search) filters.push({ words: `“${search.search}”`, without: { ...search, search: undefined } })
  if (search.needs) filters.push({ words: needWords(search), without: { ...search, ...NO_NEED } })
  if (search.from || search.to) {
    filters.push({ words: placedWords(search), without: { ...search, from: undefined, to: undefined } })
  } else if (search.period) filters.push({ words: placedWords(search), without: { ...search, period: undefined } })
  if (search.paymentStatus) {
    filters.push({ words: PAYMENT_WORDS[search.paymentStatus], without: { ...search, paymentStatus: undefined } })
  }
  if (search.status) filters.push({ words: STATUS_TABS[search.status], without: { ...search, status: undefined } })
  return filters.map((filter) => ({ ...filter, without: { ...filter.without, ...FIRST_PAGE } }))
}

/** What the search looks at, for whoever has found nothing. */
export const SEARCHED_WORDS =
  'It looks at order numbers, names, e-mail and UPI addresses, cities, PIN codes and products, the last digits of telephone numbers and cards, and the ids of payments and refunds.'

export const STATUS_TABS: Readonly<Record<OrderStage, string>> = {
  pending: 'Open',
  confirmed: 'To ship',
  shipped: 'On the way',
  delivered: 'Delivered',
  cancelled: 'Cancelled',
  given_back: 'Given back',
}

export const PAYMENT_WORDS: Readonly<Record<OrderPaymentStatus, string>> = {
  pending: 'Not paid yet',
  verified: 'Processing',
  under_review: 'Money under review',
  paid: 'Paid',
  partially_refunded: 'Part refunded',
  refunded: 'Refunded',
  failed: 'Failed',
}

/**
 * The states as values. Taken from the words, whose types make them complete: the contract's own lists would bring its
 * whole schema library into the page.
 */
export const STATUSES = Object.keys(STATUS_TABS) as OrderStage[]
export const PAYMENT_STATUSES = Object.keys(PAYMENT_WORDS) as OrderPaymentStatus[]

const NEEDS: Readonly<Record<OrdersNeeding, string>> = {
  confirmation: 'Paid, but not confirmed',
  another_try: 'Payments that only failed',
  payment_work: 'Payments nobody has asked about',
  refund_work: 'Refunds nobody has sent',
}
export const NO_NEED = { needs: undefined, provider: undefined, since: undefined, until: undefined } as const

/** What of the address says what orders need; a provider and a time mean something with failed payments alone. */
function readNeed(raw: Record<string, unknown>): Pick<OrderSearch, 'needs' | 'provider' | 'since' | 'until'> {
  const needs = oneOf(Object.keys(NEEDS) as OrdersNeeding[], raw.needs)
  if (needs !== 'another_try') return { ...NO_NEED, needs }
  const moment = (value: unknown) =>
    typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? new Date(value).toISOString() : undefined
  const provider = typeof raw.provider === 'string' && /^[a-z_]{1,30}$/.test(raw.provider) ? raw.provider : undefined
  return { needs, provider, since: moment(raw.since), until: moment(raw.until) }
}

/** `Payments that only failed, with Razorpay, since 20 Nov 2026, 2:01 pm` */
export function needWords({ needs, provider, since, until }: OrderSearch): string {
  if (!needs) return ''
  const words = [NEEDS[needs]]
  if (provider) words.push(`with ${providerName(provider)}`)
  const at = (moment: string) => `${formatDate(moment)}, ${formatClock(moment)}`
  if (since) words.push(until ? `${at(since)} to ${at(until)}` : `since ${at(since)}`)
  return words.join(', ')
}

export const PERIOD_WORDS: Readonly<Record<Period, string>> = {
  today: 'Placed today',
  '7d': 'Placed in the last 7 days',
  '30d': 'Placed in the last 30 days',
}

function placedWords(search: OrderSearch): string {
  if (search.period) return PERIOD_WORDS[search.period]
  if (search.from && search.to) return `Placed ${formatDayKeyShort(search.from)} to ${formatDayKeyShort(search.to)}`
  return search.from
    ? `Placed since ${formatDayKeyShort(search.from)}`
    : `Placed until ${search.to ? formatDayKeyShort(search.to) : ''}`
}

function oneOf<T extends string>(values: readonly T[], value: unknown): T | undefined {
  return values.find((each) => each === value)
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && isDay(value) ? value : undefined
}
