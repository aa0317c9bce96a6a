/**
 * Amounts as people and files write them. A comma is what separates thousands here and decimals elsewhere, and a hundred
 * times too much goes out as easily as the right sum: so it is taken only where it can mean nothing else. Pure.
 */
import { add, currencyExponent, multiply, type Minor } from './money.ts'

/** An amount in minor units, or in a sentence for whoever typed it why it is none. */
export type TypedAmount = { amount: Minor } | { problem: string }

/** Some text before or after the digits that names the currency. */
const NAMED =
  /^(?<before>\p{Sc}|[A-Za-z]{1,3}\.?)?\s*(?<digits>[\d., \u00A0\u2009\u202F]+?)\s*(?<after>\p{Sc}|[A-Za-z]{3})?$/u
const PLAIN = /^(?<whole>\d{1,12})(?:\.(?<decimals>\d+))?$/
/** 1,234,567 and 12,34,567; with commas or with blanks, not with both. */
const GROUPED =
  /^(?:\d{1,3}(?:(?<western>[, ])\d{3})(?:\k<western>\d{3})*|\d{1,2}(?:(?<indian>[, ])\d{2})*\k<indian>\d{3})(?=\.|$)/
const BLANKS = /[\u00A0\u2009\u202F]/g

/**
 * Reads an amount: `1234.50`, `1,234.50`, `12,34,567`, `₹79`. Not negative; zero is an amount.
 *
 * @param currency what it is in; a sign or code of another currency is refused
 */
export function readAmount(text: string, currency: string): TypedAmount {
  const { before, digits, after } = NAMED.exec(text.trim())?.groups ?? {}
  const example = exampleOf(currency)
  if (digits === undefined) return { problem: `Write an amount such as ${example}.` }
  for (const name of [before, after]) {
    if (name !== undefined && !namesOf(currency).has(name.toUpperCase()))
      return { problem: `Write an amount in ${currency}, such as ${example}.` }
  }
  const written = digits.replaceAll(BLANKS, ' ')
  const plain = ungrouped(written)
  if (plain === undefined || isAmbiguous(written, currency)) return { problem: whatElse(written, currency) }
  const { whole, decimals = '' } = PLAIN.exec(plain)?.groups ?? {}
  if (whole === undefined) return { problem: `Write an amount such as ${example}.` }
  const exponent = currencyExponent(currency)
  if (decimals.length > exponent) {
    return { problem: exponent === 0 ? `${currency} has no decimals.` : `${currency} has ${exponent} decimals.` }
  }
  return { amount: add(multiply(Number(whole), 10 ** exponent), Number(decimals.padEnd(exponent, '0') || '0')) }
}

/** The digits without what groups them; undefined where something else than a grouping stands among them. */
function ungrouped(written: string): string | undefined {
  if (!/[, ]/.test(written)) return written
  return GROUPED.test(written) ? written.replaceAll(/[, ]/g, '') : undefined
}

/** Where a currency has three decimals, 6,950 may be meant as either. */
function isAmbiguous(written: string, currency: string): boolean {
  return currencyExponent(currency) === 3 && /^\d{1,3},\d{3}$/.test(written)
}

/** Asks which of its readings a text with a comma is meant to have. */
function whatElse(written: string, currency: string): string {
  const [, whole = '', decimals = ''] = /^(\d+)[, ](\d+)$/.exec(written) ?? []
  if (decimals === '' || decimals.length > currencyExponent(currency)) {
    return `Write it without commas, such as ${exampleOf(currency)}.`
  }
  return `Is the comma a decimal point? Write ${whole}.${decimals}, or ${whole}${decimals} without it.`
}

function exampleOf(currency: string): string {
  return ['483', '483.6', '483.64', '483.640'][currencyExponent(currency)] ?? '483.64'
}

/** What people write for a currency beside a number, in capitals. */
function namesOf(currency: string): ReadonlySet<string> {
  const symbol = (currencyDisplay: 'narrowSymbol' | 'symbol') =>
    new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay })
      .formatToParts(0)
      .find((part) => part.type === 'currency')?.value ?? currency
  return new Set([currency, symbol('narrowSymbol'), symbol('symbol'), ...(currency === 'INR' ? ['RS', 'RS.'] : [])])
}
