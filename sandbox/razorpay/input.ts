/** Reads what callers send, with the provider's own refusals for what is missing, wrong or too much. */
import type { Notes } from './entities.ts'
import { badRequest, invalidId, unknownUrl } from './errors.ts'
import type { Shop } from './shop.ts'
import type { Page } from './tables.ts'

export type Fields = Record<string, unknown>

const MOST_NOTES = 15
const NOTE_CHARACTERS = 256
const EARLIEST = 946_684_800
const LATEST = 4_765_046_400
const DEFAULT_COUNT = 10
const MOST_COUNT = 100

/** The body as an object; no body is an empty one. */
export function parseFields(body: unknown): Fields {
  if (body === undefined || body === null) return {}
  if (typeof body !== 'object' || Array.isArray(body)) throw badRequest('The request body must be an object.')
  return body as Fields
}

export function refuseUnknownFields(fields: Fields, known: ReadonlySet<string>): void {
  const extra = Object.keys(fields).filter((name) => !known.has(name))
  if (extra.length > 0) throw badRequest(`${extra.join(', ')} is/are not required and should not be sent`)
}

/** An amount in minor units; digits in a string are accepted, as the API does. */
export function parseAmount(fields: Fields): number {
  const amount = parseOptionalAmount(fields)
  if (amount === undefined) throw badRequest('The amount field is required.', 'amount')
  return amount
}

export function parseOptionalAmount(fields: Fields): number | undefined {
  const { amount } = fields
  if (amount === undefined || amount === null || amount === '') return undefined
  const number = typeof amount === 'string' && /^\d{1,15}$/.test(amount) ? Number(amount) : amount
  if (!Number.isSafeInteger(number)) throw badRequest('The amount must be an integer.', 'amount')
  return number as number
}

export function parseCurrency(fields: Fields): string {
  const { currency } = fields
  if (currency === undefined || currency === null || currency === '') {
    throw badRequest('The currency field is required.', 'currency')
  }
  if (typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) {
    throw badRequest('Currency is not supported', 'currency')
  }
  return currency
}

/** A text of at most `longest` characters, or null when it is absent. */
export function parseText(fields: Fields, name: string, longest: number): string | null {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string' && typeof value !== 'number') throw badRequest(`The ${name} must be a string.`, name)
  const text = String(value)
  if (text.length > longest) throw badRequest(`The ${name} may not be greater than ${longest} characters.`, name)
  return text
}

/** Notes: at most 15 pairs of at most 256 characters; none is `[]`. */
export function parseNotes(value: unknown): Notes {
  if (value === undefined || value === null) return []
  if (typeof value !== 'object') throw badRequest('The notes must be an array.', 'notes')
  const entries = Object.entries(value)
  if (entries.length === 0) return []
  if (entries.length > MOST_NOTES) throw badRequest(`The notes may not have more than ${MOST_NOTES} items.`, 'notes')
  const notes: Record<string, string> = {}
  for (const [key, note] of entries) {
    const text = String(note ?? '')
    if (key.length > NOTE_CHARACTERS || text.length > NOTE_CHARACTERS) {
      throw badRequest(`The notes may not be greater than ${NOTE_CHARACTERS} characters.`, 'notes')
    }
    notes[key] = text
  }
  return notes
}

/** An id with its prefix; anything else is told apart from an id that nobody gave out. */
export function parseId(id: string, prefix: 'order' | 'pay' | 'rfnd' | 'setl' | 'disp'): string {
  if (new RegExp(`^${prefix}_[A-Za-z0-9]{14}$`).test(id)) return id
  if (/^[\w-]+$/.test(id)) throw invalidId(id)
  throw unknownUrl()
}

/** from, to, count and skip of a list; `fresh` lists never lag. */
export function parsePage(shop: Shop, query: Fields, fresh = false): Page {
  const from = parseTime(query, 'from') ?? EARLIEST
  const to = parseTime(query, 'to') ?? LATEST
  const count = parseWhole(query, 'count') ?? DEFAULT_COUNT
  if (count > MOST_COUNT) throw badRequest(`The count may not be greater than ${MOST_COUNT}.`, 'count')
  if (count < 1) throw badRequest('The count must be at least 1.', 'count')
  const changedUntil = fresh ? Number.MAX_SAFE_INTEGER : shop.world.agenda.now() - shop.settings.listLagMs
  return { from, to, count, skip: parseWhole(query, 'skip') ?? 0, changedUntil }
}

function parseTime(query: Fields, name: 'from' | 'to'): number | undefined {
  const time = parseWhole(query, name)
  if (time === undefined) return undefined
  if (time < EARLIEST || time > LATEST) throw badRequest(`${name} must be between ${EARLIEST} and ${LATEST}`, name)
  return time
}

export function parseWhole(query: Fields, name: string): number | undefined {
  const value = query[name]
  if (value === undefined || value === '') return undefined
  if (!/^\d{1,12}$/.test(String(value))) throw badRequest(`The ${name} must be an integer.`, name)
  return Number(value)
}

/** What is to be expanded, however the client spells the array: expand[]=a, expand[0]=a, expand[expand]=a, expand=a. */
export function parseExpand(query: Fields): Set<string> {
  const wanted = new Set<string>()
  for (const [key, value] of Object.entries(query)) {
    if (key !== 'expand' && !/^expand\[\w*\](\[\])?$/.test(key)) continue
    for (const each of Array.isArray(value) ? value : [value]) wanted.add(String(each))
  }
  return wanted
}
