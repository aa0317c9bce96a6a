/**
 * How amounts, dates, times and counts are written: Indian grouping, two decimals where the currency has two, a real
 * minus sign. Pure: every function takes the moment it compares with. Nothing here computes money; amounts come in
 * minor units and leave as text.
 */
import { addDays, dayIn, startOfDay as zoneStartOfDay } from '../../shared/day.ts'
import { currencyExponent, toDecimal } from '../../shared/money.ts'

/** Times are written as the shop's clock shows them, wherever the reader sits. The server writes the zone into its pages. */
export const SHOP_TIME_ZONE = zoneOfPage() ?? 'Asia/Kolkata'

/** Undefined outside of a page, where tests read what it would say. */
function zoneOfPage(): string | undefined {
  const { document } = globalThis as { document?: { documentElement: { dataset: Record<string, string | undefined> } } }
  return document?.documentElement.dataset['timeZone']
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const
const MINUS = '\u2212'

export type MoneyParts = {
  /** `−`, `+` (only when signed) or nothing. */
  sign: string
  symbol: string
  /** Digits before the decimal point, grouped. */
  whole: string
  /** The decimal point and what follows; empty for currencies without decimals. */
  fraction: string
}

/** An amount in minor units, taken apart so that sign, symbol and decimals can be styled apart. */
export function moneyParts(amount: number, currency: string, options: { signed?: boolean } = {}): MoneyParts {
  const digits = currencyExponent(currency)
  const format = numberFormat(`money ${currency}`, {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
  const parts: MoneyParts = {
    sign: amount < 0 ? MINUS : options.signed && amount > 0 ? '+' : '',
    symbol: '',
    whole: '',
    fraction: '',
  }
  // A decimal string keeps every digit; a division would not.
  for (const part of format.formatToParts(toDecimal(Math.abs(amount), currency) as `${number}`)) {
    if (part.type === 'currency') parts.symbol += part.value
    else if (part.type === 'integer' || part.type === 'group') parts.whole += part.value
    else if (part.type === 'decimal' || part.type === 'fraction') parts.fraction += part.value
    else if (part.type === 'literal') parts.symbol += part.value
  }
  return parts
}

/** An amount in minor units as one text: 12345600 INR is `₹1,23,456.00`, −48364 is `−₹483.64`. */
export function formatMoney(amount: number, currency: string, options: { signed?: boolean } = {}): string {
  const { sign, symbol, whole, fraction } = moneyParts(amount, currency, options)
  return sign + symbol + whole + fraction
}

/** A rounded amount for a chart's axis: ₹50 K, ₹1.5 L, ₹2 Cr; other currencies by their own compact form. */
export function formatMoneyShort(amount: number, currency: string): string {
  const value = Number(toDecimal(Math.abs(amount), currency))
  const sign = amount < 0 ? MINUS : ''
  const { symbol } = moneyParts(0, currency)
  if (currency !== 'INR') {
    return sign + symbol + numberFormat('short', { notation: 'compact', maximumFractionDigits: 1 }, 'en').format(value)
  }
  for (const [size, name] of [
    [10_000_000, 'Cr'],
    [100_000, 'L'],
    [1_000, 'K'],
  ] as const) {
    if (value >= size) return `${sign}${symbol}${Math.round((value / size) * 10) / 10} ${name}`
  }
  return `${sign}${symbol}${Math.round(value)}`
}

/** A count with Indian grouping: 1,23,456. */
export function formatCount(count: number): string {
  return numberFormat('count', { maximumFractionDigits: 0 }).format(count)
}

/** Basis points as percent with one decimal: 9420 is `94.2 %`. */
export function formatBps(bps: number): string {
  return `${(bps / 100).toFixed(1)} %`
}

/** A length of time, given in seconds, as `62 ms`, `2.1 s`, `4 min`, `19 h`, `2.2 days`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.95) return `${Math.round(seconds * 1_000)} ms`
  if (seconds < 60) return `${Math.round(seconds * 10) / 10} s`
  if (seconds < 3_600) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 8_640) / 10} days`
}

/** The name of a country by its code; the code where this browser knows no name. */
export function countryName(code: string): string {
  return new Intl.DisplayNames('en', { type: 'region' }).of(code) ?? code
}

type DateParts = {
  year: number
  month: number
  day: number
  weekday: string
  hour: number
  minute: string
  second: string
  millisecond: string
}

const dateFormats = new Map<string, Intl.DateTimeFormat>()
const numberFormats = new Map<string, Intl.NumberFormat>()

function numberFormat(key: string, options: Intl.NumberFormatOptions, locale = 'en-IN'): Intl.NumberFormat {
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, options)
    numberFormats.set(key, format)
  }
  return format
}

function dateParts(at: string | number, timeZone: string): DateParts {
  let format = dateFormats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      hourCycle: 'h23',
    })
    dateFormats.set(timeZone, format)
  }
  const found = Object.fromEntries(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]))
  return {
    year: Number(found.year),
    month: Number(found.month),
    day: Number(found.day),
    weekday: found.weekday ?? '',
    hour: Number(found.hour),
    minute: found.minute ?? '',
    second: found.second ?? '',
    millisecond: found.fractionalSecond ?? '',
  }
}

function monthName(month: number): string {
  return MONTHS[month - 1] ?? ''
}

/** `20 Nov 2026` */
export function formatDate(at: string | number, timeZone = SHOP_TIME_ZONE): string {
  const { day, month, year } = dateParts(at, timeZone)
  return `${day} ${monthName(month)} ${year}`
}

/** `Thu 26 Nov` within six months of `now`, else `26 Nov 2027`. */
export function formatNearDate(at: string | number, now: number, timeZone = SHOP_TIME_ZONE): string {
  const { weekday, day, month, year } = dateParts(at, timeZone)
  const sixMonthsMs = 183 * 86_400_000
  if (Math.abs(new Date(at).getTime() - now) > sixMonthsMs) return `${day} ${monthName(month)} ${year}`
  return `${weekday} ${day} ${monthName(month)}`
}

/** `20 Nov`; for a chart's axis. */
export function formatDay(at: string | number, timeZone = SHOP_TIME_ZONE): string {
  const { day, month } = dateParts(at, timeZone)
  return `${day} ${monthName(month)}`
}

/** The shop's clock: `2:33 pm`. */
export function formatClock(at: string | number, timeZone = SHOP_TIME_ZONE): string {
  const { hour, minute } = dateParts(at, timeZone)
  return `${hour % 12 === 0 ? 12 : hour % 12}:${minute} ${hour < 12 ? 'am' : 'pm'}`
}

/** The panel's clock: seconds and milliseconds apart, so that the latter can be quieter: `14:33:47`, `.512`. */
export function clockParts(at: string | number, timeZone = SHOP_TIME_ZONE): { clock: string; millis: string } {
  const { hour, minute, second, millisecond } = dateParts(at, timeZone)
  return { clock: `${String(hour).padStart(2, '0')}:${minute}:${second}`, millis: `.${millisecond}` }
}

/** `20 Nov 2026, 14:31:52 IST`; what a tooltip shows. */
export function formatExact(at: string | number, timeZone = SHOP_TIME_ZONE): string {
  return `${formatDate(at, timeZone)}, ${clockParts(at, timeZone).clock} ${zoneName(at, timeZone)}`
}

/** What a zone's clock is called then: `IST`, or how far it is ahead of UTC. */
function zoneName(at: string | number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-IN', { timeZone, timeZoneName: 'short' })
  return format.formatToParts(new Date(at)).find((part) => part.type === 'timeZoneName')?.value ?? timeZone
}

/** How long ago: `just now`, `14 min ago`, `3 h ago`, `yesterday`, then the date. */
export function formatRelative(at: string | number, now: number, timeZone = SHOP_TIME_ZONE): string {
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000)
  if (minutes < 1) return 'just now'
  if (minutes < 60) return `${minutes} min ago`
  if (minutes < 1_440 && dayKey(at, timeZone) === dayKey(now, timeZone)) return `${Math.floor(minutes / 60)} h ago`
  if (dayKey(at, timeZone) === dayKey(now - 86_400_000, timeZone)) return 'yesterday'
  const { year } = dateParts(at, timeZone)
  return year === dateParts(now, timeZone).year ? formatDay(at, timeZone) : formatDate(at, timeZone)
}

/** The calendar day in the shop's zone, `2026-11-20`. */
export function dayKey(at: string | number, timeZone = SHOP_TIME_ZONE): string {
  return dayIn(at, timeZone)
}

/** The moment at which a calendar day (`2026-11-20`) begins in the shop's zone, as ISO text. */
export function startOfDay(day: string, plusDays = 0, timeZone = SHOP_TIME_ZONE): string {
  return zoneStartOfDay(addDays(day, plusDays), timeZone).toISOString()
}

/** A calendar day (`2026-11-20`) as `20 Nov 2026`. */
export function formatDayKey(day: string): string {
  return formatDate(`${day}T00:00:00Z`, 'UTC')
}

/** A calendar day (`2026-11-20`) as `20 Nov`. */
export function formatDayKeyShort(day: string): string {
  return formatDay(`${day}T00:00:00Z`, 'UTC')
}

/** A phone number with its middle hidden: `+91 98••• ••210`. Short or foreign numbers keep only their last three. */
export function maskPhone(phone: string): string {
  const digits = phone.replaceAll(/\D/g, '')
  const indian =
    digits.length === 10 ? digits : digits.length === 12 && digits.startsWith('91') ? digits.slice(2) : null
  if (indian) return `+91 ${indian.slice(0, 2)}••• ••${indian.slice(7)}`
  return digits.length <= 4 ? phone : `••• ${digits.slice(-3)}`
}

/** `1 thing`, `3 things`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}

const NUMBER_WORDS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'] as const

/** `one shop`, `three shops`, `12 shops`: for sentences. */
export function countInWords(count: number, one: string, many = `${one}s`): string {
  return `${NUMBER_WORDS[count] ?? formatCount(count)} ${count === 1 ? one : many}`
}

/** The first letter in upper case: sentence case for words that begin a sentence. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** Up to two initials of a name, for an avatar. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean)
  const first = words[0]?.charAt(0) ?? '?'
  const last = words.length > 1 ? (words[words.length - 1]?.charAt(0) ?? '') : ''
  return (first + last).toUpperCase()
}

/** How a provider or way to pay is written. */
export function providerName(provider: string): string {
  const names: Record<string, string> = {
    razorpay: 'Razorpay',
    stripe: 'Stripe',
    paypal: 'PayPal',
    wallet: 'Wallet',
    cod: 'Cash on delivery',
    bank: 'Bank transfer',
  }
  return names[provider] ?? sentence(provider)
}

/** How a method inside a provider is written: upi is UPI, netbanking Netbanking. */
export function methodName(method: string): string {
  const names: Record<string, string> = { upi: 'UPI', emi: 'EMI', cod: 'Cash on delivery', online: 'Online' }
  return names[method] ?? sentence(method.replaceAll('_', ' '))
}

/** A way that was paid with its masked detail: `UPI, ananya@okbank`, `Card •••• 4242`; null when neither is known. */
export function methodWords(method: string | null, detail: string | null): string | null {
  if (!method) return detail
  const name = methodName(method)
  if (!detail) return name
  return /^\d{4}$/.test(detail) ? `${name} •••• ${detail}` : `${name}, ${detail}`
}
