import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { plain as words } from '../../../../ui/phrase.ts'
import {
  problemsOf,
  refundables,
  refundBody,
  refundConsequences,
  type Refundable,
  type RefundPlan,
  unitsLeft,
  worthOf,
} from './refund-plan.ts'

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
      { id: 'pepper', quantity: 3, returnedQuantity: 0, returnedAmount: 0, total: 50_473, tax: 0 },
      { id: 'honey', quantity: 1, returnedQuantity: 0, returnedAmount: 0, total: 48_364, tax: 0 },
    ],
    payments,
    ...fields,
  }) as Order

const plan = (fields: Partial<RefundPlan> = {}): RefundPlan => ({
  payment: order().payments[0] as RefundPlan['payment'],
  kind: 'all',
  amount: null,
  amountProblem: null,
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

test('R1 R2 R17 units go back once, are worth what the line costs together, and give no more than is left of it', () => {
  assert.equal(worthOf(order(), { pepper: 1 }), 16_824)
  assert.equal(worthOf(order(), { pepper: 3, honey: 1 }), 98_837)
  assert.equal(worthOf(order(), {}), 0)
  const item = (back: number, amount: number, tax = 0) => ({
    ...order().items[0],
    returnedQuantity: back,
    returnedAmount: amount,
    tax,
  })
  const of = (back: number, amount: number, tax?: number) =>
    order({ items: [item(back, amount, tax)] as Order['items'] })
  assert.deepEqual([worthOf(of(2, 33_648), { pepper: 1 }), of(2, 33_648).items.map(unitsLeft)], [16_825, [1]])
  assert.equal(worthOf(of(0, 50_000), { pepper: 1 }), 473)
  assert.equal(worthOf(of(0, 0, 300), { pepper: 1 }), 16_924)
})

const holding = (amount: number, least: number | null = null): Refundable => ({
  payment: order().payments[0] as Refundable['payment'],
  amount,
  least,
  wayWords: null,
})

test('what is missing or too much is said with the fix', () => {
  const said = (fields: Partial<RefundPlan>, amount = 270_900) => problemsOf(plan(fields), order(), holding(amount))
  assert.deepEqual(said({}), { all: null, amount: null, items: null, reason: null })
  assert.equal(said({ kind: 'amount', amountProblem: 'Is it a decimal point?' }).amount, 'Is it a decimal point?')
  assert.match(said({ kind: 'amount', amount: 0 }).amount ?? '', /above zero/)
  assert.match(said({ kind: 'amount', amount: 270_901 }).amount ?? '', /More than/)
  assert.match(said({ kind: 'items' }).items ?? '', /at least one/)
  assert.match(said({ kind: 'items', quantities: { pepper: 3 } }, 50_000).items ?? '', /cost more/)
  assert.match(said({ reason: '  ' }, 1).reason ?? '', /Say why/)
  const spent = order({ items: [{ ...order().items[0], returnedAmount: 50_473 }] as Order['items'] })
  const none = problemsOf(plan({ kind: 'items', quantities: { pepper: 1 } }), spent, holding(1_000))
  assert.match(none.items ?? '', /Nothing is left/)
})

test('R5 less than the provider sends back is said before it is asked, and so is a rest of less', () => {
  const words99 = 'Razorpay sends back no less than ₹1.00 at once.'
  for (const [fields, amount, problem] of [
    [{ kind: 'amount', amount: 99 }, 500, { amount: words99 }],
    [{ kind: 'amount', amount: 100 }, 500, {}],
    [{}, 50, { all: words99 }],
    [{ destination: 'wallet' }, 50, {}],
    [{ kind: 'amount', amount: 1, destination: 'wallet' }, 500, {}],
  ] as const) {
    const none = { all: null, amount: null, items: null, reason: null }
    assert.deepEqual(problemsOf(plan(fields), order(), holding(amount, 100)), { ...none, ...problem }, String(amount))
  }
  const left = (amount: number, least: number | null) =>
    refundConsequences(plan({ kind: 'amount', amount }), order(), holding(500, least), null)
      .map(words)
      .some((line) => line === 'Razorpay sends back no less than ₹1.00, so the rest can go back only in another way.')
  assert.deepEqual([left(401, 100), left(400, 100), left(500, 100), left(401, null)], [true, false, false, false])
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
    '4 things go back in stock.',
    'Nothing of this payment is left then.',
    'Nothing is left to send then.',
  ])
})

test('R3 what leaves nothing to send says so, while there is something to send', () => {
  const two = order({}, [payment('p1', 270_900), payment('p2', 500)])
  const last = (fields: Partial<RefundPlan>, of = order()) => {
    const [refundable] = refundables(of)
    assert.ok(refundable)
    return refundConsequences(plan(fields), of, refundable, null).map(words).at(-1)
  }
  const none = 'Nothing is left to send then.'
  const goesOn = 'The order itself goes on.'
  const every = { kind: 'items', quantities: { pepper: 3, honey: 1 } } as const
  assert.equal(last({}), none)
  assert.equal(last({ kind: 'amount', amount: 270_900 }), none)
  assert.equal(last({ kind: 'amount', amount: 270_899 }), goesOn)
  assert.equal(last({}, two), goesOn)
  assert.equal(last(every, two), none)
  assert.equal(last({ ...every, quantities: { pepper: 3 } }), goesOn)
  assert.equal(last({}, order({ status: 'shipped' })), goesOn)
  assert.equal(last({}, order({ status: 'cancelled' })), 'Nothing of this payment is left then.')
})
