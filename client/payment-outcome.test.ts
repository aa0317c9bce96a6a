import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAYMENT_STATUSES, type OrderMoney } from '../shared/contract/payments.ts'
import { ORDER_PAYMENT_STATUSES, ORDER_STATUSES } from '../shared/contract/orders.ts'
import { sums } from '../test/buyer.ts'
import {
  isFinal,
  mustNotPay,
  PAYMENT_OUTCOMES,
  readOutcome,
  type KnownState,
  type PaymentOutcome,
} from './payment-outcome.ts'
import { MOST_POLLS, nextPollMs, POLL_GAPS_MS } from './poll-schedule.ts'

type Row = [
  order: string,
  payment: string,
  status: string | null,
  PaymentOutcome,
  more?: Partial<Pick<KnownState, 'canPay' | 'isUndecided'>> & { money?: Partial<OrderMoney>; claimed?: boolean },
]

const payable = { canPay: true }
const claimed = { claimed: true }
const T = 55_900

const ROWS: Row[] = [
  ['pending', 'pending', null, 'unpaid'],
  ['pending', 'pending', 'creating', 'unpaid'],
  ['pending', 'pending', 'created', 'unpaid'],
  ['pending', 'pending', 'created', 'undecided', { isUndecided: true }],
  ['pending', 'failed', 'failed', 'undecided', { isUndecided: true }],
  ['pending', 'pending', 'created', 'confirming', claimed],
  ['pending', 'pending', 'authorized', 'confirming', { isUndecided: true }],
  ['pending', 'pending', 'failed', 'declined'],
  ['pending', 'pending', 'failed', 'confirming', claimed],
  ['pending', 'verified', 'verified', 'confirming', { isUndecided: true }],
  ['pending', 'failed', 'failed', 'declined'],
  ['pending', 'failed', 'failed', 'confirming', claimed],
  // Money that we hold.
  ['pending', 'under_review', 'created', 'under_review', { money: { captured: T, heldForReview: T } }],
  ['pending', 'under_review', 'created', 'under_review', { money: { captured: T, heldForReview: T }, ...claimed }],
  ['pending', 'under_review', 'authorized', 'under_review', { money: { authorized: T }, isUndecided: true }],
  ['pending', 'under_review', 'paid', 'not_gone_back', { money: { captured: T, failedToGoBack: T } }],
  ['cancelled', 'under_review', 'created', 'under_review', { money: { captured: T, heldForReview: T } }],
  ['cancelled', 'paid', 'paid', 'not_gone_back', { money: { captured: T, failedToGoBack: T } }],
  // Some of it did not go back, and of some a person has yet to decide: that comes first.
  [
    'pending',
    'under_review',
    'paid',
    'under_review',
    { money: { captured: 2 * T, heldForReview: T, failedToGoBack: T } },
  ],
  [
    'cancelled',
    'under_review',
    'paid',
    'under_review',
    { money: { captured: 2 * T, heldForReview: T, failedToGoBack: T } },
  ],
  // Money on its way back.
  ['pending', 'paid', 'paid', 'again', { money: { captured: T, goingBack: T }, ...payable }],
  ['pending', 'refunded', 'refunded', 'again', { money: { captured: T, goneBack: T }, ...payable }],
  ['pending', 'refunded', 'created', 'confirming', { money: { captured: T, goneBack: T }, ...payable, ...claimed }],
  ['pending', 'paid', 'paid', 'going_back', { money: { captured: T, goingBack: T } }],
  ['pending', 'refunded', 'refunded', 'gone_back', { money: { captured: T, goneBack: T } }],
  ['confirmed', 'paid', 'paid', 'confirmed', { money: { captured: T, kept: T } }],
  ['confirmed', 'paid', 'paid', 'confirmed', { money: { captured: 2 * T, kept: T, heldForReview: T } }],
  ['confirmed', 'pending', 'created', 'confirmed'],
  [
    'confirmed',
    'partially_refunded',
    'partially_refunded',
    'confirmed',
    { money: { captured: T, kept: 1, goneBack: T - 1 } },
  ],
  ['shipped', 'paid', 'paid', 'confirmed', claimed],
  ['delivered', 'paid', 'paid', 'confirmed'],
  ['cancelled', 'pending', 'abandoned', 'ended'],
  ['cancelled', 'failed', 'failed', 'ended'],
  ['cancelled', 'pending', 'created', 'confirming', claimed],
  ['cancelled', 'verified', 'verified', 'confirming'],
  ['cancelled', 'paid', 'paid', 'going_back', { money: { captured: T, goingBack: T } }],
  [
    'cancelled',
    'partially_refunded',
    'partially_refunded',
    'going_back',
    { money: { captured: T, goingBack: 1, goneBack: T - 1 } },
  ],
  ['cancelled', 'refunded', 'refunded', 'gone_back', { money: { captured: T, goneBack: T } }],
  ['cancelled', 'paid', 'paid', 'stays', { money: { captured: T, kept: T } }],
]

function stateOf(
  [orderStatus, paymentStatus, status]: readonly [string, string, string | null, ...unknown[]],
  { canPay = false, isUndecided = false, money }: NonNullable<Row[4]> = {},
): KnownState {
  return {
    orderStatus,
    paymentStatus,
    status,
    isConfirmed: false,
    canPay,
    isUndecided,
    money: money === undefined ? [] : [sums(money)],
  }
}

for (const row of ROWS) {
  const [orderStatus, paymentStatus, status, outcome, more = {}] = row
  const money = more.money === undefined ? '' : `, ${JSON.stringify(more.money)}`
  test(`M1 M5 M7 order ${orderStatus}, money ${paymentStatus}, payment ${status}${money}${more.claimed ? ', claimed' : ''}: ${outcome}`, () => {
    assert.equal(readOutcome(stateOf(row, more), more.claimed ?? false), outcome)
  })
}

test('the browser never makes a payment of a claim', () => {
  for (const paymentStatus of ORDER_PAYMENT_STATUSES) {
    for (const status of PAYMENT_STATUSES) {
      for (const orderStatus of ['pending', 'cancelled']) {
        assert.notEqual(readOutcome(stateOf([orderStatus, paymentStatus, status]), true), 'confirmed')
      }
    }
  }
})

test('every state has an answer, and a confirmed order is confirmed whatever else is said', () => {
  for (const orderStatus of ORDER_STATUSES) {
    for (const paymentStatus of ORDER_PAYMENT_STATUSES) {
      const state = { ...stateOf([orderStatus, paymentStatus, null]), isConfirmed: true }
      assert.equal(readOutcome(state, false), 'confirmed')
    }
  }
})

test('M1 whatever else is said, nobody is asked to pay while money of the order is held', () => {
  for (const orderStatus of ['pending', 'cancelled']) {
    for (const paymentStatus of ORDER_PAYMENT_STATUSES) {
      for (const money of [{ heldForReview: T }, { failedToGoBack: T }]) {
        const more = { money: { captured: T, ...money }, canPay: true }
        const outcome = readOutcome(stateOf([orderStatus, paymentStatus, 'created'], more), false)
        assert.ok(mustNotPay(outcome), `${orderStatus} ${paymentStatus}: ${outcome}`)
      }
    }
  }
})

test('questions to the server come further and further apart, and end', () => {
  assert.equal(nextPollMs(0, undefined), 1_000)
  assert.deepEqual(
    Array.from({ length: POLL_GAPS_MS.length }, (_, index) => nextPollMs(index + 1, 'confirming')),
    POLL_GAPS_MS,
  )
  assert.equal(nextPollMs(40, 'confirming'), 30_000)
  assert.equal(nextPollMs(MOST_POLLS - 1, 'confirming'), 30_000)
  assert.equal(nextPollMs(MOST_POLLS, 'confirming'), null)
})

test('nobody is asked again about what is final, and less often about what can wait', () => {
  for (const outcome of PAYMENT_OUTCOMES.filter(isFinal)) assert.equal(nextPollMs(1, outcome), null)
  const waiting = PAYMENT_OUTCOMES.filter((outcome) => !isFinal(outcome))
  for (const outcome of waiting) {
    assert.equal(nextPollMs(1, outcome), outcome === 'confirming' || outcome === 'undecided' ? 1_000 : 5_000, outcome)
    assert.equal(nextPollMs(30, outcome), 30_000)
  }
})

test('the whole schedule lasts about as long as an unpaid order does', () => {
  let total = 0
  for (let asked = 1; asked < MOST_POLLS; asked += 1) total += nextPollMs(asked, 'confirming') ?? 0
  const minutes = total / 60_000
  assert.ok(minutes > 28 && minutes < 32, `${minutes} minutes`)
})
