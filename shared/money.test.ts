import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  add,
  allocate,
  currencyExponent,
  includedTax,
  isMultipleOf,
  isMinor,
  multiply,
  shareDown,
  smaller,
  spread,
  subtract,
  toDecimal,
} from './money.ts'

const MOST = Number.MAX_SAFE_INTEGER
const minor = fc.maxSafeInteger()
const positive = fc.maxSafeNat()
const weights = fc.array(fc.oneof(fc.nat(10), fc.maxSafeNat()), { minLength: 1, maxLength: 40 })
/** What is no amount: every function must throw on it rather than give a number. */
const NO_AMOUNTS = [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53), '1', null, undefined, 1n]

describe('adding, subtracting, multiplying', () => {
  test('agree with exact arithmetic or throw; nothing is ever rounded', () => {
    fc.assert(
      fc.property(minor, minor, (a, b) => {
        for (const [result, exact] of [
          [() => add(a, b), BigInt(a) + BigInt(b)],
          [() => subtract(a, b), BigInt(a) - BigInt(b)],
          [() => multiply(a, b), BigInt(a) * BigInt(b)],
        ] as const) {
          if (exact >= -BigInt(MOST) && exact <= BigInt(MOST)) assert.equal(BigInt(result()), exact)
          else assert.throws(result, RangeError)
        }
      }),
    )
  })

  test('of nothing and of many', () => {
    assert.equal(add(), 0)
    assert.equal(add(1, 2, 3, -6), 0)
    assert.equal(smaller(-5, 3), -5)
  })

  test('refuse what is no amount', () => {
    for (const value of NO_AMOUNTS as number[]) {
      assert.equal(isMinor(value), false)
      for (const call of [
        () => add(1, value),
        () => subtract(value, 1),
        () => subtract(1, value),
        () => multiply(value, 1),
        () => multiply(1, value),
        () => smaller(1, value),
        () => shareDown(value, 100),
        () => includedTax(value, 1_800),
        () => includedTax(100, value),
        () => allocate(value, [1]),
        () => allocate(1, [value]),
        () => toDecimal(value, 'INR'),
      ]) {
        assert.throws(call, RangeError, `${String(value)} passed ${call}`)
      }
    }
  })
})

describe('A5 allocate', () => {
  test('always gives back the whole: parts add up, none is negative, none is more than one unit off its share', () => {
    fc.assert(
      fc.property(positive, weights, (amount, shares) => {
        const parts = allocate(amount, shares)
        assert.equal(parts.length, shares.length)
        assert.equal(
          parts.reduce((total, part) => total + BigInt(part), 0n),
          BigInt(amount),
        )
        const sum = shares.reduce((total, share) => total + BigInt(share), 0n)
        for (const [index, part] of parts.entries()) {
          assert.ok(isMinor(part) && part >= 0)
          if (sum === 0n) continue
          const share = shares[index] ?? 0
          const exact = BigInt(amount) * BigInt(share)
          assert.ok(BigInt(part) * sum > exact - sum && BigInt(part) * sum < exact + sum)
          if (share === 0) assert.equal(part, 0)
        }
      }),
    )
  })

  test('never gives a larger weight the smaller part', () => {
    fc.assert(
      fc.property(positive, weights, (amount, shares) => {
        const parts = allocate(amount, shares)
        for (const [i, share] of shares.entries())
          for (const [j, other] of shares.entries()) if (share > other) assert.ok((parts[i] ?? 0) >= (parts[j] ?? 0))
      }),
    )
  })

  for (const [amount, shares, expected] of [
    [100, [1, 1, 1], [34, 33, 33]],
    [101, [1, 1, 1], [34, 34, 33]],
    [0, [3, 2], [0, 0]],
    [7, [0, 0, 0], [7, 0, 0]],
    [5, [0, 1], [0, 5]],
    [10, [1, 2, 3], [2, 3, 5]],
    [MOST, [1, 1], [4_503_599_627_370_496, 4_503_599_627_370_495]],
    [MOST, [MOST, MOST], [4_503_599_627_370_496, 4_503_599_627_370_495]],
  ] as const) {
    test(`${amount} over ${JSON.stringify(shares)} is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(allocate(amount, shares), expected)
    })
  }

  test('refuses no weights, a negative weight and a negative amount', () => {
    assert.throws(() => allocate(1, []), RangeError)
    assert.throws(() => allocate(1, [2, -1]), RangeError)
    assert.throws(() => allocate(-1, [1]), RangeError)
  })
})

describe('tax within a price', () => {
  test('is the exact share, rounded half up to the minor unit', () => {
    fc.assert(
      fc.property(positive, fc.nat(100_000), (gross, rateBps) => {
        const tax = BigInt(includedTax(gross, rateBps))
        const base = 10_000n + BigInt(rateBps)
        const exact = BigInt(gross) * BigInt(rateBps)
        // |tax − exact ÷ base| ≤ ½, and exactly half goes up.
        const twice = 2n * (tax * base - exact)
        assert.ok(twice <= base && twice > -base)
      }),
    )
  })

  for (const [gross, rateBps, expected] of [
    [11_800, 1_800, 1_800],
    [10_500, 500, 500],
    [49_900, 1_800, 7_612],
    [1, 1_800, 0],
    [0, 1_800, 0],
    [49_900, 0, 0],
    [3, 10_000, 2],
    [1, 10_000, 1],
    [MOST, 2_800, 1_970_324_836_974_592],
  ] as const) {
    test(`of ${gross} at ${rateBps} bps is ${expected}`, () => assert.equal(includedTax(gross, rateBps), expected))
  }
})

test('an amount is in steps, or it is not', () => {
  for (const [amount, step] of [
    [0, 10],
    [295_990, 10],
    [7, 1],
    [-20, 10],
  ] as const)
    assert.equal(isMultipleOf(amount, step), true, `${amount} of ${step}`)
  for (const [amount, step] of [
    [295_991, 10],
    [1, 2],
  ] as const)
    assert.equal(isMultipleOf(amount, step), false, `${amount} of ${step}`)
  assert.throws(() => isMultipleOf(1.5, 1))
})

test('a share in basis points is rounded down and never more than the whole', () => {
  fc.assert(
    fc.property(positive, fc.nat(10_000), (amount, bps) => {
      const share = shareDown(amount, bps)
      const exact = BigInt(amount) * BigInt(bps)
      assert.equal(BigInt(share), exact / 10_000n)
      assert.ok(share <= amount)
    }),
  )
})

describe('spread', () => {
  for (const [amount, weights, expected] of [
    [0, [1, 2], [0, 0]],
    [500, [24_000, 500], [490, 10]],
    [100, [333, 667], [33, 67]],
    [100, [667, 333], [67, 33]],
    [1, [1, 1], [1, 0]],
    [1, [1, 1, 1], [0, 1, 0]],
    [2, [1, 1, 1], [1, 1, 0]],
    [3, [1, 1, 1], [1, 1, 1]],
    [0, [], []],
    [0, [0, 0], [0, 0]],
    [5, [0, 5, 0], [0, 5, 0]],
    [MOST, [MOST - 1, 1], [MOST - 1, 1]],
  ] as const) {
    test(`${amount} over ${weights.join(', ')} is ${expected.join(', ')}`, () =>
      assert.deepEqual(spread(amount, weights), expected))
  }

  test('sums to the amount, takes no part above its weight, of more no part gets less, and none strays from its share', () => {
    const weights = fc.array(fc.nat({ max: 1_000_000_000 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(weights, fc.nat({ max: 1_000_000 }), fc.nat({ max: 1_000_000 }), (parts, a, b) => {
        const whole = parts.reduce((total, part) => total + part, 0)
        // Both close together, where rounding tells, and anywhere.
        const less = Math.floor((whole * a) / 1_000_000)
        for (const more of [Math.min(whole, less + 1), Math.max(less, Math.floor((whole * b) / 1_000_000))]) {
          const [before, then] = [spread(less, parts), spread(more, parts)]
          assert.equal(add(0, ...then), more)
          for (const [at, part] of then.entries()) {
            assert.ok(part <= (parts[at] ?? 0))
            assert.ok(part >= (before[at] ?? 0))
            const [exact, given] = [BigInt(more) * BigInt(parts[at] ?? 0), BigInt(part) * BigInt(whole)]
            const off = given > exact ? given - exact : exact - given
            assert.ok(2n * off <= BigInt(at + 1) * BigInt(whole))
          }
        }
      }),
    )
  })

  test('refuses what has no answer', () => {
    assert.throws(() => spread(1, []), RangeError)
    assert.throws(() => spread(3, [1, 1]), RangeError)
    assert.throws(() => spread(-1, [1]), RangeError)
    assert.throws(() => spread(0, [-1, 1]), RangeError)
  })
})

describe('decimal text', () => {
  for (const [amount, currency, expected] of [
    [123_456, 'INR', '1234.56'],
    [5, 'INR', '0.05'],
    [0, 'INR', '0.00'],
    [-5, 'INR', '-0.05'],
    [-123_400, 'USD', '-1234.00'],
    [29_500, 'JPY', '29500'],
    [0, 'JPY', '0'],
    [-7, 'KRW', '-7'],
    [295_990, 'KWD', '295.990'],
    [1, 'BHD', '0.001'],
    [MOST, 'INR', '90071992547409.91'],
  ] as const) {
    test(`${amount} ${currency} is ${expected}`, () => assert.equal(toDecimal(amount, currency), expected))
  }

  test('reads back as the same amount, in every currency', () => {
    fc.assert(
      fc.property(minor, fc.constantFrom('INR', 'JPY', 'KWD', 'TND', 'USD'), (amount, currency) => {
        const text = toDecimal(amount, currency)
        const [, decimals = ''] = text.split('.')
        assert.equal(decimals.length, currencyExponent(currency))
        assert.match(text, /^-?\d+(\.\d+)?$/)
        assert.equal(BigInt(text.replace('.', '')), BigInt(amount))
      }),
    )
  })
})

test('the exponents are those of ISO 4217 where money has other than two decimals', () => {
  for (const currency of ['JPY', 'KRW', 'VND', 'XPF', 'CLP', 'ISK']) assert.equal(currencyExponent(currency), 0)
  for (const currency of ['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']) assert.equal(currencyExponent(currency), 3)
  for (const currency of ['INR', 'USD', 'EUR', 'HUF', 'TWD', 'IDR', 'MRU']) assert.equal(currencyExponent(currency), 2)
})
