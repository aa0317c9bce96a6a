/**
 * What an order is found by: the words that are stored with it when it is placed, and what a search asks of them. Pure.
 *
 * An order has the words of its number, customer, e-mail address, city, PIN code and titles; its telephone number from
 * the last digit to the first, because that is the end by which people know it; and the month in which it was placed, so
 * that a word that many orders have is looked for among the newest of them first.
 */
import { chunksOf, joined, wordsOf, type Chunk } from '../../shared/words.ts'
import type { OrderItemRow, OrderRow } from './order.ts'

/** A hundred lines with long titles have more; a row is not to grow with them. */
const MOST_WORDS = 300
const MOST_TERMS = 8
/** A number abroad may be longer; with its country's prefix it may come and go. */
const TELEPHONE_DIGITS = 10
/** Fewer last digits than these are no telephone number that anybody means. */
const LEAST_DIGITS = 4
/** Digits with blanks between them are one telephone number from here on. */
const LEAST_SPACED_DIGITS = 7

export function orderWords(
  order: Pick<OrderRow, 'number' | 'email' | 'customer_name' | 'shipping_address' | 'created_at'>,
  items: readonly Pick<OrderItemRow, 'title'>[],
): string[] {
  const { shipping_address: address } = order
  const postalCode = address?.postalCode ?? ''
  const texts = [
    order.number.replace(/^H-/, '').replaceAll('-', ''),
    order.customer_name ?? '',
    order.email ?? '',
    address?.city ?? '',
    postalCode,
    postalCode.replaceAll(' ', ''),
    ...new Set(items.map((item) => item.title)),
  ]
  const telephone = digitsOf(address?.phone ?? '')
  const words = new Set([monthWord(order.created_at)])
  if (telephone !== '') words.add(fromTheEnd(telephone))
  for (const word of texts.flatMap(wordsOf)) {
    if (words.size >= MOST_WORDS) break
    words.add(word)
  }
  return [...words]
}

/** The word of the month (UTC) in which an order was placed. No text has such a word. */
export function monthWord(at: Date): string {
  return `@${at.toISOString().slice(0, 7)}`
}

/** What a search asks of an order's words: each a `tsquery`, and all must hold. None when there is nothing to look for. */
export function termsOf(search: string): string[] {
  const chunks = chunksOf(search).slice(0, MOST_TERMS)
  const each = chunks.map(chunkQuery)
  const digits = chunks.flat().join('')
  const isSpaced = chunks.length > 1 && /^\d+$/.test(digits) && digits.length >= LEAST_SPACED_DIGITS
  return isSpaced ? [`(${telephoneQuery(digits)} | (${each.join(' & ')}))`] : each
}

/** That an order was placed in one of these months, as a `tsquery`. */
export function monthQuery(months: readonly string[]): string {
  return months.map((month) => `'${month}'`).join(' | ')
}

/** An e-mail address as it is stored to be found. */
export function addressKey(address: string): string {
  return address.normalize('NFC').toLowerCase()
}

/** The beginning of an address, up to its @ at least, when a search is nothing else. */
export function addressIn(search: string): string | undefined {
  return /^[^\s@]+@[^\s@]*$/.test(search) ? addressKey(search) : undefined
}

/** A chunk is found as one word or as its pieces, each by how it begins. */
function chunkQuery(chunk: Chunk): string {
  const [only] = chunk
  const whole = joined(chunk)
  const ways = [begins(whole)]
  if (chunk.length > 1) ways.push(`(${chunk.map(begins).join(' & ')})`)
  if (/^\d+$/.test(whole) && whole.length >= LEAST_DIGITS) ways.push(telephoneQuery(whole))
  return ways.length === 1 && only !== undefined ? begins(only) : `(${ways.join(' | ')})`
}

function begins(word: string): string {
  // Words are letters, marks and digits: there is nothing in them to quote.
  return `'${word}':*`
}

function telephoneQuery(digits: string): string {
  return `'${fromTheEnd(digits)}':*`
}

/** A telephone number, or the end of one, from its last digit. No text has such a word. */
function fromTheEnd(digits: string): string {
  return `#${[...digits].toReversed().slice(0, TELEPHONE_DIGITS).join('')}`
}

function digitsOf(telephone: string): string {
  return chunksOf(telephone).flat().join('').replaceAll(/\D/g, '')
}

/** What of a search may be an order's number: the eight characters after its prefix, in any spelling. */
export function numberIn(search: string): string | undefined {
  const written = search.toUpperCase().replaceAll(/[^A-Z0-9]/g, '')
  const [, body] = /^(?:H(?=.{8}$))?(.{8})$/.exec(written) ?? []
  if (body === undefined) return undefined
  // Numbers have no I, L, O and U, so whoever reads one of them has misread a digit.
  const read = body.replaceAll(/[IL]/g, '1').replaceAll('O', '0')
  return read.includes('U') ? undefined : `H-${read.slice(0, 4)}-${read.slice(4)}`
}
