/**
 * The list of all orders, for staff: by states, by the shop's days, and by whatever people know of an order. Every answer
 * takes the same small time however many orders there are, so a total is counted to a limit and said to be more, pages
 * are numbered up to that limit, and beyond it one goes on by cursor.
 */
import type { PagePagination } from '../../shared/contract/envelope.ts'
import type { AdminOrdersQuery } from '../../shared/contract/orders.ts'
import { decodeCursor, encodeCursor, isUuid } from '../platform/cursor.ts'
import type { Db } from '../platform/database.ts'
import { invalidField } from '../platform/errors.ts'
import { parseMoment } from '../platform/moment.ts'
import * as queries from './list-queries.ts'
import type { ListFilter, Place } from './list-queries.ts'
import type { OrderRow } from './order.ts'
import { addressIn, monthQuery, monthWord, numberIn, termsOf } from './order-words.ts'

/** Counted and paged by number so far. */
const MOST_LISTED = 10_000
/** Nobody reads a thousand rows that a search has found; what was typed is too little. */
const MOST_FOUND = 1_000

/** How a search goes about it. Only how long it takes depends on these, never what it finds. */
export interface SearchLimits {
  /** The newest orders that are looked through one by one: finds what every fiftieth order has. */
  walk: number
  /** Words that no more orders have are looked up at once. */
  few: number
}
const SEARCH_LIMITS: SearchLimits = { walk: 2_000, few: MOST_FOUND }
/** Months that are searched together, from the newest on; the last of these again and again. */
const MONTHS_AT_ONCE = [1, 1, 2, 3] as const
/**
 * Of the newest orders that are looked through: what more of them have is not looked up beside a rarer word. Two common
 * names that each some thirtieth order has are rare together, so both are.
 */
const MANY = 60
/** More orders than have any one word in some months. */
const MOST_IN_MONTHS = 1_000_000

/** What others know of orders. */
export interface Elsewhere {
  /** The orders of a payment, an attempt or a refund with exactly this id, ours or the provider's. */
  byReference(reference: string): Promise<string[]>
  /** The newest orders that were paid from this UPI address or with a card that ends so. */
  byMethod(detail: string): Promise<string[]>
}

/**
 * A page of orders, newest first.
 *
 * @param timeZone whose days `from` and `to` are
 * @param only the orders that another question has found; all when undefined
 * @throws validation_failed naming `from`, `to`, `cursor`, or `page` for one beyond what is numbered
 */
export async function listForAdmin(
  db: Db,
  query: AdminOrdersQuery,
  timeZone: string,
  elsewhere: Elsewhere,
  only?: readonly string[],
  limits = SEARCH_LIMITS,
): Promise<{ orders: OrderRow[]; pagination: PagePagination }> {
  const { page = 1, limit = 20, status, paymentStatus, search = '', cursor } = query
  const filter: ListFilter = {
    status,
    paymentStatus,
    from: query.from === undefined ? undefined : parseMoment('from', query.from, 'start', timeZone),
    to: query.to === undefined ? undefined : parseMoment('to', query.to, 'end', timeZone),
    ids: only,
  }
  const text = search.trim()
  if (cursor !== undefined) {
    if (query.page !== undefined && page > 1) throw invalidField('page', 'cannot be combined with cursor')
    if (text !== '') throw invalidField('cursor', 'cannot be combined with search, which is paged by number')
  }
  if (text === '') return listPage(db, filter, { page, limit, cursor })
  const ids = await findByReference(db, text, elsewhere)
  if (ids.length > 0) return listPage(db, { ...filter, ids: both(ids, only) }, { page, limit, cursor: undefined })
  return searchPage(db, filter, text, { page, limit }, elsewhere, limits)
}

async function listPage(
  db: Db,
  filter: ListFilter,
  asked: { page: number; limit: number; cursor: string | undefined },
): Promise<{ orders: OrderRow[]; pagination: PagePagination }> {
  const { page, limit } = asked
  const after = asked.cursor === undefined ? undefined : placeOf(asked.cursor)
  const offset = (page - 1) * limit
  const isNumbered = offset < MOST_LISTED
  const [rows, counted] = await Promise.all([
    isNumbered ? queries.listPage(db, { ...filter, after }, limit + 1, offset) : [],
    queries.countUpTo(db, filter, MOST_LISTED + 1),
  ])
  if (!isNumbered && counted > MOST_LISTED) throw beyond(MOST_LISTED, 'go on from `nextCursor`, or ask for less')
  const orders = rows.slice(0, limit)
  const last = orders.at(-1)
  return {
    orders,
    pagination: {
      ...totalOf(counted, MOST_LISTED, limit),
      page: after === undefined ? page : null,
      limit,
      nextCursor: rows.length > limit && last !== undefined ? encodeCursor([last.created_at.getTime(), last.id]) : null,
    },
  }
}

/** The newest orders of all. */
export function listNewest(db: Db, limit: number): Promise<OrderRow[]> {
  return queries.listPage(db, {}, limit, 0)
}

/** The orders that a text names exactly: by number, or by an id of ours or of a provider. */
async function findByReference(db: Db, text: string, elsewhere: Elsewhere): Promise<string[]> {
  const number = numberIn(text)
  const [byNumber, byReference] = await Promise.all([
    number === undefined ? [] : queries.findIdsByNumber(db, number),
    // An id has no blanks, and none is so short that it could be a word.
    /^\S{6,}$/.test(text) ? elsewhere.byReference(text) : [],
  ])
  const byId = isUuid(text) ? [text] : []
  return [...new Set([...byNumber, ...byReference, ...byId])]
}

async function searchPage(
  db: Db,
  filter: ListFilter,
  text: string,
  { page, limit }: { page: number; limit: number },
  elsewhere: Elsewhere,
  limits: SearchLimits,
): Promise<{ orders: OrderRow[]; pagination: PagePagination }> {
  const offset = (page - 1) * limit
  const wanted = Math.min(offset, MOST_FOUND) + limit + 1
  const address = addressIn(text)
  const terms = termsOf(text)
  const [byWords, named] = await Promise.all([
    address !== undefined || terms.length === 0
      ? { places: [], isAll: true }
      : searchByWords(db, filter, terms, wanted, limits),
    address === undefined ? searchByCard(db, filter, text, elsewhere) : searchByAddress(db, filter, address, elsewhere),
  ])
  const places = merge(byWords.places, named)
  const isCapped = !byWords.isAll || places.length > MOST_FOUND
  if (offset >= MOST_FOUND && isCapped) throw beyond(MOST_FOUND, 'search for more of what you know')
  const orders = await queries.listByIds(
    db,
    places.slice(offset, offset + limit).map((place) => place.id),
  )
  const total = Math.min(places.length, MOST_FOUND)
  return {
    orders,
    pagination: {
      total,
      totalIsCapped: isCapped,
      totalPages: Math.ceil(total / limit),
      page,
      limit,
      nextCursor: null,
    },
  }
}

/**
 * The newest orders for which every term holds, at least `wanted` of them if there are so many. What many orders have is
 * found by looking through the newest; what few have, by looking it up. What lies between is looked for in months, from the
 * newest on.
 *
 * @returns whether these are all, up to one more than anybody is shown
 */
async function searchByWords(
  db: Db,
  filter: ListFilter,
  terms: readonly string[],
  wanted: number,
  limits: SearchLimits,
): Promise<{ places: Place[]; isAll: boolean }> {
  const most = MOST_FOUND + 1
  const newest = await queries.searchNewest(db, filter, terms, limits.walk, most)
  if (newest.looked < limits.walk) return { places: newest.places, isAll: true }
  if (newest.places.length >= wanted) return { places: newest.places, isAll: false }
  const rows = rarest(terms, newest.having)
  const few = await queries.searchWords(db, filter, rows, limits.few, most)
  if (few.looked <= limits.few) return { places: few.places, isAll: true }
  const placed = await queries.placedBetween(db)
  const places: Place[] = []
  for (const months of placed === undefined ? [] : monthsBack(placed)) {
    const inMonths = { by: [...rows.by, monthQuery(months)], others: rows.others }
    const found = await queries.searchWords(db, filter, inMonths, MOST_IN_MONTHS, most)
    places.push(...found.places)
    if (places.length >= wanted) return { places, isAll: false }
  }
  return { places, isAll: true }
}

/** The terms by which rows are found, and those that many rows have, which are cheaper asked of each row that was found. */
function rarest(terms: readonly string[], having: readonly number[]): { by: string[]; others: string[] } {
  const least = Math.min(...having)
  const isRare = (_: string, at: number) => (having[at] ?? 0) <= Math.max(least, MANY)
  return { by: terms.filter(isRare), others: terms.filter((term, at) => !isRare(term, at)) }
}

/** The months from the last to the first, in the portions in which they are searched. */
function* monthsBack({ first, last }: { first: Date; last: Date }): Generator<string[]> {
  const month = new Date(Date.UTC(last.getUTCFullYear(), last.getUTCMonth(), 1))
  const earliest = monthWord(first)
  for (let portion = 0; monthWord(month) >= earliest; portion += 1) {
    const words: string[] = []
    const size = MONTHS_AT_ONCE[Math.min(portion, MONTHS_AT_ONCE.length - 1)] ?? 1
    while (words.length < size && monthWord(month) >= earliest) {
      words.push(monthWord(month))
      month.setUTCMonth(month.getUTCMonth() - 1)
    }
    yield words
  }
}

/** Orders of an e-mail address, or paid from a UPI address: they look alike. */
async function searchByAddress(db: Db, filter: ListFilter, address: string, elsewhere: Elsewhere): Promise<Place[]> {
  const [byEmail, byMethod] = await Promise.all([
    queries.findIdsByEmail(db, address, MOST_FOUND + 1),
    elsewhere.byMethod(address),
  ])
  return placesOf(db, filter, [...byEmail, ...byMethod])
}

/** Orders paid with a card of which somebody knows the last four digits. */
async function searchByCard(db: Db, filter: ListFilter, text: string, elsewhere: Elsewhere): Promise<Place[]> {
  return /^\d{4}$/.test(text) ? placesOf(db, filter, await elsewhere.byMethod(text)) : []
}

async function placesOf(db: Db, filter: ListFilter, found: readonly string[]): Promise<Place[]> {
  const ids = [...new Set(both(found, filter.ids))]
  const rows = ids.length === 0 ? [] : await queries.listPage(db, { ...filter, ids }, ids.length, 0)
  return rows.map((row) => ({ id: row.id, at: row.created_at }))
}

function merge(some: readonly Place[], others: readonly Place[]): Place[] {
  const known = new Map([...some, ...others].map((place) => [place.id, place]))
  return [...known.values()].sort((a, b) => b.at.getTime() - a.at.getTime() || (a.id < b.id ? 1 : -1))
}

function both(ids: readonly string[], only: readonly string[] | undefined): string[] {
  return only === undefined ? [...ids] : ids.filter((id) => only.includes(id))
}

function totalOf(counted: number, most: number, limit: number) {
  const total = Math.min(counted, most)
  return { total, totalIsCapped: counted > most, totalPages: Math.ceil(total / limit) }
}

function placeOf(cursor: string): Place {
  const [at, id] = decodeCursor(cursor, ['integer', 'uuid'])
  return { at: new Date(Number(at)), id: String(id) }
}

function beyond(most: number, advice: string) {
  return invalidField('page', `goes beyond the first ${most.toLocaleString('en-IN')} orders: ${advice}`)
}
