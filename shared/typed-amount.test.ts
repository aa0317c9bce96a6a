import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { currencyExponent, toDecimal } from './money.ts'
import { readAmount } from './typed-amount.ts'

describe('L6 an amount as it is typed', () => {
  for (const [text, currency, amount] of [
    ['79', 'INR', 7_900],
    ['79.5', 'INR', 7_950],
    [' 79.50 ', 'INR', 7_950],
    ['0.01', 'INR', 1],
    ['0', 'INR', 0],
    ['007', 'INR', 700],
    ['1,234.50', 'INR', 123_450],
    ['1,23,456', 'INR', 12_345_600],
    ['12,34,567.89', 'INR', 123_456_789],
    ['1,234,567', 'INR', 123_456_700],
    ['123,456', 'INR', 12_345_600],
    ['1 234.50', 'INR', 123_450],
    ['1\u202F234\u202F567', 'INR', 123_456_700],
    ['₹483.64', 'INR', 48_364],
    ['Rs. 483', 'INR', 48_300],
    ['rs 483', 'INR', 48_300],
    ['INR 483', 'INR', 48_300],
    ['483 INR', 'INR', 48_300],
    ['$12.50', 'USD', 1_250],
    ['12.50 €', 'EUR', 1_250],
    ['500', 'JPY', 500],
    ['¥1,234', 'JPY', 1_234],
    ['6.950', 'KWD', 6_950],
    ['6.95', 'KWD', 6_950],
    ['6950', 'KWD', 6_950_000],
    ['6,950.000', 'KWD', 6_950_000],
    ['1,234,567', 'KWD', 1_234_567_000],
    ['999999999999', 'INR', 99_999_999_999_900],
  ] as const) {
    test(`L6 ${text} in ${currency} is ${amount}`, () => assert.deepEqual(readAmount(text, currency), { amount }))
  }

  const COMMA = /^Is the comma a decimal point\?/
  for (const [text, currency, problem] of [
    // A decimal comma, which would be a hundred times too much.
    ['6,95', 'INR', 'Is the comma a decimal point? Write 6.95, or 695 without it.'],
    ['79,00', 'INR', 'Is the comma a decimal point? Write 79.00, or 7900 without it.'],
    ['1234,50', 'INR', 'Is the comma a decimal point? Write 1234.50, or 123450 without it.'],
    ['12,3', 'INR', COMMA],
    ['6,950', 'KWD', 'Is the comma a decimal point? Write 6.950, or 6950 without it.'],
    ['6,95', 'KWD', COMMA],
    ['6,95', 'JPY', 'Write it without commas, such as 483.'],
    ['1.234,50', 'INR', 'Write it without commas, such as 483.64.'],
    ['1,2345', 'INR', 'Write it without commas, such as 483.64.'],
    ['1,23,45', 'INR', 'Write it without commas, such as 483.64.'],
    ['1,234,56', 'INR', 'Write it without commas, such as 483.64.'],
    ['123,45,678', 'INR', 'Write it without commas, such as 483.64.'],
    ['1,234 567', 'INR', 'Write it without commas, such as 483.64.'],
    [',50', 'INR', 'Write it without commas, such as 483.64.'],
    ['50,', 'INR', 'Write it without commas, such as 483.64.'],
    ['12 34', 'INR', COMMA],
    ['500.5', 'JPY', 'JPY has no decimals.'],
    ['1.234', 'INR', 'INR has 2 decimals.'],
    ['1.2345', 'KWD', 'KWD has 3 decimals.'],
    ['$5', 'INR', 'Write an amount in INR, such as 483.64.'],
    ['5 USD', 'INR', 'Write an amount in INR, such as 483.64.'],
    ['₹5', 'USD', 'Write an amount in USD, such as 483.64.'],
    ['', 'INR', 'Write an amount such as 483.64.'],
    ['five', 'INR', 'Write an amount such as 483.64.'],
    ['-5', 'INR', 'Write an amount such as 483.64.'],
    ['1e3', 'INR', 'Write an amount such as 483.64.'],
    ['.5', 'INR', 'Write an amount such as 483.64.'],
    ['5.', 'INR', 'Write an amount such as 483.64.'],
    ['1.2.3', 'INR', 'Write an amount such as 483.64.'],
    ['1000000000000', 'INR', 'Write an amount such as 483.64.'],
  ] as const) {
    test(`L6 ${JSON.stringify(text)} in ${currency} is asked about`, () => {
      const read = readAmount(text, currency)
      assert.ok('problem' in read, JSON.stringify(read))
      if (typeof problem === 'string') assert.equal(read.problem, problem)
      else assert.match(read.problem, problem)
    })
  }

  test('L6 whatever is written as an amount is read as that amount, grouped as in India or as in the west', () => {
    const amount = fc.integer({ min: 0, max: 99_999_999_999 })
    fc.assert(
      fc.property(
        amount,
        fc.constantFrom('INR', 'JPY', 'KWD', 'USD'),
        fc.constantFrom('en-IN', 'en-US'),
        (minor, currency, locale) => {
          const digits = currencyExponent(currency)
          const options = { minimumFractionDigits: digits, maximumFractionDigits: digits }
          const written = new Intl.NumberFormat(locale, options).format(toDecimal(minor, currency) as `${number}`)
          assert.deepEqual(readAmount(written, currency), { amount: minor })
          assert.deepEqual(readAmount(toDecimal(minor, currency), currency), { amount: minor })
        },
      ),
    )
  })
})
