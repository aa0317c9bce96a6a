/**
 * The only arithmetic on amounts of money.
 *
 * An amount is an integer in the minor unit of its currency (paise, cents, yen). Every function takes and gives
 * amounts in one currency; mixing currencies is a bug that callers must prevent by comparing currencies first.
 * Amounts are safe integers: a result that would not be one throws, because a rounded amount is a lost amount.
 */

/** An amount in minor units. */
export type Minor = number

/**
 * Digits after the decimal point per ISO 4217, where they are not two. Taken from the ISO list and not from `Intl`,
 * which shows fewer digits than the standard for many currencies.
 */
const EXPONENTS: Readonly<Record<string, number>> = {
  BIF: 0,
  CLP: 0,
  DJF: 0,
  GNF: 0,
  ISK: 0,
  JPY: 0,
  KMF: 0,
  KRW: 0,
  PYG: 0,
  RWF: 0,
  UGX: 0,
  VND: 0,
  VUV: 0,
  XAF: 0,
  XOF: 0,
  XPF: 0,
  BHD: 3,
  IQD: 3,
  JOD: 3,
  KWD: 3,
  LYD: 3,
  OMR: 3,
  TND: 3,
}

/** Digits after the decimal point of a currency (ISO 4217 code, upper case). */
export function currencyExponent(currency: string): number {
  return EXPONENTS[currency] ?? 2
}

/** Whether this is the code of a currency in ISO 4217, upper case. */
export function isCurrency(code: string): boolean {
  return Intl.supportedValuesOf('currency').includes(code)
}

/** True for a safe integer; says nothing about its sign. */
export function isMinor(value: unknown): value is Minor {
  return Number.isSafeInteger(value)
}

/** Adds amounts of one currency. Throws RangeError when the result is not a safe integer. */
export function add(...amounts: Minor[]): Minor {
  let total = 0
  for (const amount of amounts) total = checked(total + checked(amount))
  return total
}

/** `from` less `amount`; may be negative. */
export function subtract(from: Minor, amount: Minor): Minor {
  return checked(checked(from) - checked(amount))
}

/** An amount times a whole number of units. */
export function multiply(amount: Minor, quantity: number): Minor {
  return checked(checked(amount) * checked(quantity))
}

/** Whether an amount is a multiple of a step, which is above zero. */
export function isMultipleOf(amount: Minor, step: Minor): boolean {
  return checked(amount) % checked(step) === 0
}

/** The smaller of two amounts. */
export function smaller(a: Minor, b: Minor): Minor {
  return Math.min(checked(a), checked(b))
}

/** A share in basis points (1/100 of a percent) of an amount that is not negative, rounded down. */
export function shareDown(amount: Minor, bps: number): Minor {
  return Number((BigInt(checked(amount)) * BigInt(checked(bps))) / 10_000n)
}

/** `amount` × `part` ÷ `whole`, rounded down: what of an amount falls to a part. None is negative; `whole` is above 0. */
export function proportion(amount: Minor, part: Minor, whole: Minor): Minor {
  return Number((BigInt(checked(amount)) * BigInt(checked(part))) / BigInt(checked(whole)))
}

/**
 * The tax that is contained in a gross amount, for a rate in basis points: gross × rate ÷ (1 + rate), rounded half up
 * to the minor unit. Amount and rate are not negative.
 */
export function includedTax(gross: Minor, rateBps: number): Minor {
  const numerator = BigInt(checked(gross)) * BigInt(checked(rateBps))
  const denominator = 10_000n + BigInt(rateBps)
  return Number((2n * numerator + denominator) / (2n * denominator))
}

/**
 * Splits an amount in proportion to weights; the parts always add up to the whole. What rounding leaves over goes, one
 * minor unit each, to the largest remainders, and among equal remainders to the earlier part. With weights that are
 * all zero the first part takes everything.
 *
 * @param amount not negative
 * @param weights not negative, at least one
 */
export function allocate(amount: Minor, weights: readonly number[]): Minor[] {
  if (weights.length === 0 || amount < 0 || weights.some((weight) => weight < 0)) {
    throw new RangeError('allocate needs an amount and weights that are not negative')
  }
  const whole = BigInt(checked(amount))
  const sum = weights.reduce((total, weight) => total + BigInt(checked(weight)), 0n)
  if (sum === 0n) return weights.map((_, index) => (index === 0 ? amount : 0))
  const parts = weights.map((weight) => (whole * BigInt(weight)) / sum)
  const remainders = weights.map((weight, index) => ({ index, remainder: (whole * BigInt(weight)) % sum }))
  remainders.sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1))
  let left = whole - parts.reduce((total, part) => total + part, 0n)
  for (const { index } of remainders) {
    if (left === 0n) break
    parts[index] = (parts[index] ?? 0n) + 1n
    left -= 1n
  }
  return parts.map(Number)
}

/**
 * Splits an amount in proportion to weights, as `allocate` does, and steadily: of a larger amount no part ever gets less.
 * So an amount that is given in steps, each counted from the beginning, gives the same parts whatever the steps were.
 * Each part is rounded half up of what the parts before it have left, which for two parts is the largest remainder: the
 * first is off its exact share by half a minor unit at most, and each later one by half a unit more.
 *
 * @param amount not negative, and not above the sum of the weights: no part gets more than its weight
 * @param weights not negative
 */
export function spread(amount: Minor, weights: readonly number[]): Minor[] {
  let left = BigInt(checked(amount))
  let whole = weights.reduce((total, weight) => total + BigInt(checked(weight)), 0n)
  if (left < 0n || left > whole || weights.some((weight) => weight < 0)) {
    throw new RangeError('spread needs an amount between nothing and the sum of its weights, of which none is negative')
  }
  return weights.map((weight) => {
    const part = whole === 0n ? 0n : (2n * left * BigInt(weight) + whole) / (2n * whole)
    left -= part
    whole -= BigInt(weight)
    return Number(part)
  })
}

/** The decimal text of an amount, for people and for providers that want decimals: 123456 INR is "1234.56". */
export function toDecimal(amount: Minor, currency: string): string {
  const exponent = currencyExponent(currency)
  const digits = String(Math.abs(checked(amount))).padStart(exponent + 1, '0')
  const sign = amount < 0 ? '-' : ''
  if (exponent === 0) return sign + digits
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

function checked(value: number): number {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer amount: ${value}`)
  return value
}
