import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  clockParts,
  countInWords,
  countOf,
  dayKey,
  formatBps,
  formatClock,
  formatCount,
  formatDate,
  formatDuration,
  formatExact,
  formatMoney,
  formatMoneyShort,
  formatNearDate,
  formatRelative,
  initials,
  maskPhone,
  methodName,
  methodWords,
  moneyParts,
  providerName,
  startOfDay,
} from './format.ts'

test('amounts are written with Indian grouping, their currency’s own decimals and a real minus', () => {
  const cases: [number, string, string][] = [
    [12345600, 'INR', '₹1,23,456.00'],
    [9999999900, 'INR', '₹9,99,99,999.00'],
    [-48364, 'INR', '−₹483.64'],
    [0, 'INR', '₹0.00'],
    [5, 'INR', '₹0.05'],
    [1999, 'USD', '$19.99'],
    [500, 'JPY', 'JP¥500'],
    [1234567, 'KWD', 'KWD\u00a01,234.567'],
    [9007199254740991, 'INR', '₹9,00,71,99,25,47,409.91'],
  ]
  for (const [amount, currency, written] of cases) assert.equal(formatMoney(amount, currency), written)
})

test('a signed amount shows plus and minus, and nothing at zero', () => {
  assert.equal(formatMoney(270900, 'INR', { signed: true }), '+₹2,709.00')
  assert.equal(formatMoney(-270900, 'INR', { signed: true }), '−₹2,709.00')
  assert.equal(formatMoney(0, 'INR', { signed: true }), '₹0.00')
})

test('the parts of an amount can be styled apart', () => {
  assert.deepEqual(moneyParts(-123456, 'INR'), { sign: '−', symbol: '₹', whole: '1,234', fraction: '.56' })
  assert.deepEqual(moneyParts(500, 'JPY'), { sign: '', symbol: 'JP¥', whole: '500', fraction: '' })
})

test('axis amounts are rounded to thousand, lakh and crore', () => {
  const cases: [number, string][] = [
    [0, '₹0'],
    [99900, '₹999'],
    [5000000, '₹50 K'],
    [15000000, '₹1.5 L'],
    [2000000000, '₹2 Cr'],
    [-5000000, '−₹50 K'],
  ]
  for (const [amount, written] of cases) assert.equal(formatMoneyShort(amount, 'INR'), written)
  assert.equal(formatMoneyShort(1500000, 'USD'), '$15K')
})

test('dates and clocks follow the shop’s zone', () => {
  const at = '2026-11-20T09:01:52.104Z'
  assert.equal(formatDate(at), '20 Nov 2026')
  assert.equal(formatClock(at), '2:31 pm')
  assert.equal(formatClock('2026-11-19T18:30:00Z'), '12:00 am')
  assert.deepEqual(clockParts(at), { clock: '14:31:52', millis: '.104' })
  assert.equal(formatExact(at), '20 Nov 2026, 14:31:52 IST')
  assert.equal(dayKey('2026-11-19T19:00:00Z'), '2026-11-20')
  assert.equal(startOfDay('2026-11-20'), '2026-11-19T18:30:00.000Z')
  assert.equal(startOfDay('2026-11-30', 1), '2026-11-30T18:30:00.000Z')
  assert.equal(formatNearDate('2026-11-26T06:00:00Z', Date.parse(at)), 'Thu 26 Nov')
  assert.equal(formatNearDate('2027-11-26T06:00:00Z', Date.parse(at)), '26 Nov 2027')
})

test('relative times turn into words, then into a date', () => {
  const now = Date.parse('2026-11-20T09:30:00Z') // 15:00 in India
  const cases: [string, string][] = [
    ['2026-11-20T09:29:40Z', 'just now'],
    ['2026-11-20T09:30:20Z', 'just now'],
    ['2026-11-20T09:16:00Z', '14 min ago'],
    ['2026-11-20T06:20:00Z', '3 h ago'],
    ['2026-11-19T18:20:00Z', 'yesterday'],
    ['2026-11-19T02:00:00Z', 'yesterday'],
    ['2026-11-18T02:00:00Z', '18 Nov'],
    ['2025-11-18T02:00:00Z', '18 Nov 2025'],
  ]
  for (const [at, written] of cases) assert.equal(formatRelative(at, now), written)
})

test('counts, shares and lengths of time', () => {
  assert.equal(formatCount(123456), '1,23,456')
  assert.equal(formatBps(9420), '94.2 %')
  assert.equal(formatBps(10000), '100.0 %')
  assert.deepEqual([2.14, 0.4, 60, 240, 68400, 190080].map(formatDuration), [
    '2.1 s',
    '400 ms',
    '1 min',
    '4 min',
    '19 h',
    '2.2 days',
  ])
  assert.equal(countOf(1, 'thing'), '1 thing')
  assert.equal(countOf(0, 'thing'), '0 things')
  assert.equal(countInWords(3, 'shop'), 'three shops')
  assert.equal(countInWords(12, 'shop'), '12 shops')
  assert.equal(countInWords(1, 'box', 'boxes'), 'one box')
})

test('names and numbers of people', () => {
  assert.equal(maskPhone('+91 98220 14210'), '+91 98••• ••210')
  assert.equal(maskPhone('9822014210'), '+91 98••• ••210')
  assert.equal(maskPhone('+44 20 7946 0958'), '••• 958')
  assert.equal(initials('Meera Rao'), 'MR')
  assert.equal(initials('  ananya kumari deshpande '), 'AD')
  assert.equal(initials('Madonna'), 'M')
  assert.equal(providerName('paypal'), 'PayPal')
  assert.equal(providerName('cashfree'), 'Cashfree')
  assert.equal(methodName('upi'), 'UPI')
  assert.equal(methodName('bank_transfer'), 'Bank transfer')
  assert.equal(methodWords('card', '4242'), 'Card •••• 4242')
  assert.equal(methodWords('upi', 'ananya@okbank'), 'UPI, ananya@okbank')
  assert.equal(methodWords('netbanking', null), 'Netbanking')
  assert.equal(methodWords(null, 'HDFC'), 'HDFC')
  assert.equal(methodWords(null, null), null)
})
