import assert from 'node:assert/strict'
import { test } from 'node:test'
import { outcomeRows, runSums } from './outcome-table.ts'

const row = (subject: string, outcome: string, count: number, currency = 'INR') => ({
  subject,
  outcome,
  currency,
  count,
  amount: count * 100,
})

const OUTCOMES = [
  row('settlement', 'booked', 40),
  row('payment', 'matched', 1284),
  row('refund', 'healed', 2),
  row('payment', 'unknown_here', 1),
  row('payment', 'differs', 1, 'USD'),
  row('payment', 'differs', 3),
  row('payment', 'foreign', 0),
]

test('what needs a person stands first, payments before refunds before payouts, nothing that is zero', () => {
  assert.deepEqual(
    outcomeRows(OUTCOMES).map((each) => `${each.subject} ${each.outcome} ${each.currency}`),
    [
      'payment differs INR',
      'payment differs USD',
      'payment unknown_here INR',
      'payment matched INR',
      'refund healed INR',
      'settlement booked INR',
    ],
  )
})

test('an outcome of a newer server comes last and is not lost', () => {
  const rows = outcomeRows([row('payout', 'matched', 1), row('payment', 'doubled', 1), row('payment', 'matched', 1)])
  assert.deepEqual(
    rows.map((each) => `${each.subject} ${each.outcome}`),
    ['payment matched', 'payment doubled', 'payout matched'],
  )
})

test('the sums say how much was compared, put right, and left unexplained', () => {
  assert.deepEqual(runSums(OUTCOMES), { compared: 1331, healed: 2, unexplained: 5 })
  assert.deepEqual(runSums([]), { compared: 0, healed: 0, unexplained: 0 })
})
