import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { formatMoney } from '../../../../ui/format.ts'
import type { Phrase } from '../../lib/phrase.ts'
import {
  parseAmount,
  problemsOf,
  refundables,
  refundBody,
  refundConsequences,
  type RefundPlan,
  worthOf,
} from './refund-plan.ts'

const words = (phrase: Phrase) =>
  phrase
    .map((part) => (typeof part === 'string' ? part : 'id' in part ? part.id : formatMoney(part.amount, part.currency)))
    .join('')

const payment = (id: string, captured: number, refunds: [number, string][] = []) => ({
  id,
  provider: 'razorpay',
  attempts: [
    { capturedAmount: 0, refundedAmount: 0, method: 'card', methodDetail: '4242' },
    { capturedAmount: captured, refundedAmount: 0, method: 'upi', methodDetail: 'ananya@okbank' },
  ],
  refunds: refunds.map(([amount, status]) => ({ amount, status })),
})

const order = (fields: Partial<Order> = {}, payments: unknown[] = [payment('p1', 270_900)]): Order =>
  ({
    status: 'confirmed',
    currency: 'INR',
    items: [
      { id: 'pepper', quantity: 3, restocked: 0, total: 50_473 },
      { id: 'honey', quantity: 1, restocked: 1, total: 48_364 },
    ],
    payments,
    ...fields,
  }) as Order

const plan = (fields: Partial<RefundPlan> = {}): RefundPlan => ({
  payment: order().payments[0] as RefundPlan['payment'],
  kind: 'all',
  amount: null,
  quantities: {},
  destination: 'source',
  restock: false,
  reason: 'Arrived broken',
  message: '',
  ...fields,
})

test('what is under way or gone cannot go back again; what failed can', () => {
  const [only] = refundables(
    order({}, [
      payment('p1', 270_900, [
        [48_364, 'processing'],
        [10_000, 'processed'],
        [5_000, 'failed'],
      ]),
    ]),
  )
  assert.equal(only?.amount, 212_536)
  assert.equal(only?.wayWords, 'UPI, ananya@okbank')
})

test('of a payment that was captured twice one refund reaches as far as its fuller capture', () => {
  const twice = payment('p1', 300)
  twice.attempts.push({ capturedAmount: 300, refundedAmount: 100, method: 'card', methodDetail: '1881' })
  assert.deepEqual(
    refundables(order({}, [{ ...twice, refunds: [{ amount: 100, status: 'processed' }] }])).map((each) => each.amount),
    [300],
  )
})

test('payments with nothing left are not offered, the fullest comes first', () => {
  const found = refundables(
    order({}, [payment('p1', 100, [[100, 'processed']]), payment('p2', 200), payment('p3', 300)]),
  )
  assert.deepEqual(
    found.map((each) => [each.payment.id, each.amount]),
    [
      ['p3', 300],
      ['p2', 200],
    ],
  )
})

test('lines are worth their share of what was paid for them, rounded down', () => {
  assert.equal(worthOf(order(), { pepper: 1 }), 16_824)
  assert.equal(worthOf(order(), { pepper: 3, honey: 1 }), 98_837)
  assert.equal(worthOf(order(), {}), 0)
})

test('amounts are read as people type them, never rounded', () => {
  for (const [typed, minor] of [
    ['483.64', 48_364],
    ['₹ 1,23,456.5', 12_345_650],
    ['7', 700],
    ['0.01', 1],
  ] as const) {
    assert.equal(parseAmount(typed, 'INR'), minor, typed)
  }
  for (const typed of ['', '1.234', '-5', '1e3', '.5', 'five', '1.2.3'])
    assert.equal(parseAmount(typed, 'INR'), null, typed)
  assert.equal(parseAmount('500', 'JPY'), 500)
  assert.equal(parseAmount('500.5', 'JPY'), null)
})

test('what is missing or too much is said with the fix', () => {
  assert.deepEqual(problemsOf(plan(), order(), 270_900), { amount: null, items: null, reason: null })
  assert.match(problemsOf(plan({ kind: 'amount' }), order(), 270_900).amount ?? '', /above zero/)
  assert.match(problemsOf(plan({ kind: 'amount', amount: 270_901 }), order(), 270_900).amount ?? '', /More than/)
  assert.match(problemsOf(plan({ kind: 'items' }), order(), 270_900).items ?? '', /at least one/)
  assert.match(problemsOf(plan({ kind: 'items', quantities: { pepper: 3 } }), order(), 50_000).items ?? '', /cost more/)
  assert.match(problemsOf(plan({ reason: '  ' }), order(), 1).reason ?? '', /Say why/)
})

test('what is sent names the lines, or the amount, and restocks only what can be', () => {
  assert.deepEqual(refundBody(plan({ restock: true }), 270_900), {
    paymentId: 'p1',
    reason: 'Arrived broken',
    destination: 'source',
    amount: 270_900,
    restock: true,
  })
  assert.deepEqual(refundBody(plan({ kind: 'items', quantities: { pepper: 2, honey: 0 }, restock: true }), 33_648), {
    paymentId: 'p1',
    reason: 'Arrived broken',
    destination: 'source',
    items: [{ itemId: 'pepper', quantity: 2 }],
    restock: true,
  })
  assert.equal('restock' in refundBody(plan({ kind: 'amount', amount: 100, restock: true }), 100), false)
})

test('consequences name the way, the stock, what stays, and a second person where one is needed', () => {
  const [refundable] = refundables(order())
  assert.ok(refundable)
  const said = (fields: Partial<RefundPlan>, alone: number | null = null) =>
    refundConsequences(plan(fields), order(), refundable, alone).map(words)
  assert.deepEqual(said({ kind: 'amount', amount: 48_364 }), [
    'Razorpay sends it to where it came from (UPI, ananya@okbank). Banks take some days.',
    'Nothing goes back in stock.',
    '₹2,225.36 stays.',
    'The order itself goes on.',
  ])
  assert.deepEqual(said({ restock: true, destination: 'wallet' }, 100_000), [
    'A second person must agree first. It waits in the review queue; nothing is sent before.',
    'It is in the customer’s wallet at once.',
    '3 things go back in stock.',
    'Nothing of this payment is left then.',
    'The order itself goes on.',
  ])
})
