import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REVIEW_ACTIONS, type ReviewAction, type ReviewItemDetail } from '../../../../../shared/contract/reviews.ts'
import { plain as words } from '../../../../ui/phrase.ts'
import { resolutionWords } from '../../lib/review-words.ts'
import { decisionsOf, whyNothing } from './decisions.ts'
import { comparisonOf, factsOf } from './evidence.ts'
import { background, questionOf } from './question.ts'

function detail(
  item: Partial<ReviewItemDetail['item']>,
  fields: Partial<Omit<ReviewItemDetail, 'item'>> = {},
): ReviewItemDetail {
  return {
    item: {
      kind: 'amount_differs',
      summary: 'Summary.',
      amount: 249_900,
      currency: 'INR',
      orderId: 'o1',
      orderNumber: 'H-10476',
      provider: 'razorpay',
      providerRef: 'pay_RhQ2aLmN8sTd',
      actions: [],
      resolvedAt: null,
      waitsFor: null,
      ...item,
    } as ReviewItemDetail['item'],
    evidence: {},
    providerCalls: [],
    money: [],
    alone: null,
    orderStatus: 'pending',
    orderTotal: 239_900,
    ...fields,
  }
}

const captured = (amount: number, currency = 'INR') => ({
  fact: { kind: 'attempt', status: 'captured', amount, currency, method: 'card', methodDetail: '1881' },
  expected: { amount: 239_900, currency: 'INR' },
  refundAtOnce: false,
})

test('a question is a sentence with the difference', () => {
  const over = detail({}, { evidence: captured(249_900) })
  assert.equal(words(questionOf(over)), 'Razorpay captured ₹100.00 more than the order asks for')
  const short = detail({ amount: 239_800 }, { evidence: captured(239_800) })
  assert.equal(words(questionOf(short)), 'Razorpay captured ₹1.00 less than the order asks for')
  assert.equal(words(questionOf(detail({ kind: 'gift_card_lost' }))), 'Summary.')
  assert.equal(words(questionOf(detail({ kind: 'refund_failed', amount: null }))), 'Summary.')
})

test('accepting says what becomes of the difference, either way', () => {
  const confirm = (evidence: Record<string, unknown>, amount: number) =>
    decisionsOf(detail({ amount, actions: ['confirm'] }, { evidence }))[0]
  const over = confirm(captured(249_900), 249_900)
  assert.equal(words(over?.confirm ?? []), 'Accept, give back ₹100.00')
  const short = confirm(captured(239_800), 239_800)
  assert.equal(words(short?.confirm ?? []), 'Accept, write off ₹1.00')
  assert.match(words(short?.consequences ?? []), /^H-10476 counts as paid.*₹1\.00 is lost for good\.$/)
})

test('every action of the contract has words, a button of its own, and says what it needs', () => {
  const decisions = decisionsOf(detail({ actions: [...REVIEW_ACTIONS] }, { evidence: captured(249_900) }))
  assert.deepEqual(
    decisions.map((each) => each.action),
    [...REVIEW_ACTIONS],
  )
  for (const decision of decisions) {
    for (const phrase of [decision.label, decision.consequences, decision.confirm]) {
      assert.match(words(phrase), /^[A-Z₹]/, `${decision.action} has words`)
    }
  }
  assert.equal(new Set(decisions.map((each) => words(each.confirm))).size, REVIEW_ACTIONS.length)
  const needs = Object.fromEntries(decisions.map((each) => [each.action, each.needs])) as Record<ReviewAction, string>
  assert.deepEqual(
    REVIEW_ACTIONS.filter((action) => needs[action] !== 'nothing').map((action) => [action, needs[action]]),
    [
      ['paid_back_elsewhere', 'reference'],
      ['attach', 'order'],
    ],
  )
})

test('FX6 an answer that is more than one person may give is asked for, and says so', () => {
  const actions: ReviewAction[] = ['confirm', 'refund', 'refund_to_wallet', 'write_off', 'ask']
  const of = (alone: number | null) => decisionsOf(detail({ actions }, { evidence: captured(249_900), alone }))
  assert.deepEqual(
    of(10_000).map((each) => words(each.confirm)),
    [
      'Accept, give back ₹100.00',
      'Ask to send back ₹2,499.00',
      'Ask to put ₹2,499.00 in the wallet',
      'Ask to write off ₹2,499.00',
      'Ask Razorpay',
    ],
  )
  const [confirm, refund] = of(9_999)
  assert.equal(words(confirm?.confirm ?? []), 'Ask to accept, give back ₹100.00')
  assert.match(words(refund?.consequences ?? []), / A second person must agree first; nothing is done until then\.$/)
  for (const alone of [null, 249_900]) assert.equal(words(of(alone)[1]?.confirm ?? []), 'Send back ₹2,499.00')
})

test('FX6 a second person reads what would be done, and whoever asked can take it back', () => {
  const item = { kind: 'decision_approval', amount: 249_900, actions: ['approve', 'decline'] as ReviewAction[] }
  const rows: [string, string, string][] = [
    ['cancel', 'Shall H-10476 be cancelled and ₹2,499.00 go back?', 'Agree, send back ₹2,499.00'],
    ['mark_paid', 'Has ₹2,499.00 for H-10476 arrived in the bank?', 'Agree, ₹2,499.00 is there'],
    ['confirm', 'Shall H-10476 count as paid, although its payment is ₹2,499.00 off?', 'Agree, take it as paid'],
    ['refund', 'Shall ₹2,499.00 go back?', 'Agree, send back ₹2,499.00'],
    ['refund_to_wallet', 'Shall ₹2,499.00 go into the customer’s wallet?', 'Agree, put ₹2,499.00 in the wallet'],
    ['paid_back_elsewhere', 'Has ₹2,499.00 been paid back by a transfer?', 'Agree, close the debt of ₹2,499.00'],
    ['write_off', 'Shall ₹2,499.00 be written off?', 'Agree, write off ₹2,499.00'],
    ['something new', 'Summary.', 'Agree to it'],
  ]
  for (const [action, question, button] of rows) {
    const asked = detail(item, { evidence: { action, reason: 'Sold out', askedBy: 'Ila Sen', requestedBy: 'u1' } })
    assert.equal(words(questionOf(asked)), question)
    const [agree, decline] = decisionsOf(asked)
    assert.equal(words(agree?.confirm ?? []), button)
    assert.equal(words(decline?.confirm ?? []), 'Decline, do nothing')
    assert.deepEqual(
      factsOf(asked).map(({ field }) => field),
      ['Asked for by', 'Reason'],
    )
  }
  const own = decisionsOf(detail({ ...item, actions: ['decline'] }, { evidence: { action: 'cancel' } }))
  assert.deepEqual(
    own.map(({ confirm }) => words(confirm)),
    ['Take it back'],
  )
  const about = detail({ waitsFor: { reviewItemId: 'r2', action: 'refund', amount: 1, currency: 'INR' } })
  assert.match(whyNothing(about), /^A decision about it waits for a second person\./)
})

test('an answer is told by its action, or as what settled it by itself', () => {
  assert.equal(resolutionWords('refund'), 'Sent back')
  assert.equal(resolutionWords('the money arrived'), 'Settled by itself: the money arrived')
  assert.equal(resolutionWords(null), 'Answered')
})

test('both sides stand beside each other, and what differs is marked', () => {
  const rows = comparisonOf(detail({}, { evidence: captured(249_900) }))
  assert.deepEqual(
    rows?.map((row) => [row.field, row.differs]),
    [
      ['Amount', true],
      ['Currency', false],
      ['State', false],
      ['Payment', false],
      ['How', false],
    ],
  )
  assert.deepEqual(rows?.[3]?.ours, { kind: 'order', number: 'H-10476', orderId: 'o1' })
  assert.equal(comparisonOf(detail({}, { evidence: captured(239_900, 'USD') }))?.[1]?.differs, true)
  assert.equal(comparisonOf(detail({}, { evidence: { status: 'authorized' } })), null)
})

test('our books stand beside the provider’s, with the states that contradict', () => {
  const evidence = {
    fact: { kind: 'attempt', status: 'failed', amount: 34_900, currency: 'INR', refundedAmount: 100 },
    ours: {
      id: 'a1',
      status: 'captured',
      amount: 34_900,
      currency: 'INR',
      refunded_amount: 0,
      captured_amount: 34_900,
    },
  }
  const of = detail({ kind: 'reconciliation_differs' }, { evidence })
  assert.deepEqual(
    comparisonOf(of)?.map((row) => [row.field, row.differs]),
    [
      ['Amount', false],
      ['Currency', false],
      ['Gone back', true],
      ['State', true],
      ['Payment', false],
    ],
  )
  assert.deepEqual(factsOf(of), [])
})

test('other evidence becomes facts: amounts as money, ids as ids, noise left to the raw evidence', () => {
  const evidence = {
    refundId: '0199a1b2-0000-7000-8000-0000000abcde',
    message: 'Account closed.',
    ours: { amount: 400 },
    their: { amount: 500, currency: 'USD', at: '2026-11-20T09:03:47.512Z' },
    tries: 3,
    requestedBy: 'u1',
    list: [1],
  }
  assert.deepEqual(factsOf(detail({}, { evidence })), [
    { field: 'Ours amount', value: { kind: 'money', amount: 400, currency: 'INR' } },
    { field: 'Their amount', value: { kind: 'money', amount: 500, currency: 'USD' } },
    { field: 'Their at', value: { kind: 'text', text: '20 Nov 2026, 14:33:47 IST' } },
    { field: 'Refund id', value: { kind: 'id', id: evidence.refundId } },
    { field: 'Message', value: { kind: 'text', text: 'Account closed.' } },
    { field: 'Tries', value: { kind: 'text', text: '3' } },
  ])
  assert.deepEqual(factsOf(detail({}, { evidence: captured(249_900) })), [])
})

test('a payment that is nobody’s is told in words, each thing once', () => {
  const payment = {
    kind: 'attempt',
    provider: 'razorpay',
    providerOrderId: 'order_7ncDWTjo1Pqwim',
    status: 'captured',
    amount: 248_200,
    currency: 'INR',
    method: 'upi',
    methodDetail: 'x@okaxis',
    errorCode: null,
  }
  const facts = factsOf(
    detail({ kind: 'unknown_payment' }, { evidence: { payment, providerOrderId: payment.providerOrderId } }),
  )
  assert.deepEqual(facts, [
    { field: 'Amount', value: { kind: 'money', amount: 248_200, currency: 'INR' } },
    { field: 'State', value: { kind: 'status', of: 'attempt', state: 'captured' } },
    { field: 'How', value: { kind: 'text', text: 'UPI, x@okaxis' } },
    { field: 'Order there', value: { kind: 'id', id: 'order_7ncDWTjo1Pqwim' } },
  ])
})

test('what holds meanwhile is not said of a question that was answered', () => {
  assert.match(background(detail({})), /^The money is held and the order waits/)
  assert.match(background(detail({}, { orderStatus: 'cancelled' })), /^The money is held until/)
  assert.equal(background(detail({ resolvedAt: '2026-11-20T09:03:47.512Z' })), 'Summary.')
})
