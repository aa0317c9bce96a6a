import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PAYMENT_STATUSES } from '../shared/contract/payments.ts'
import { ORDER_PAYMENT_STATUSES, ORDER_STATUSES } from '../shared/contract/orders.ts'
import { readOutcome, type PaymentOutcome } from './payment-outcome.ts'
import { MOST_POLLS, nextPollMs, POLL_GAPS_MS } from './poll-schedule.ts'

type Row = [order: string, payment: string, status: string | null, claimed: boolean, PaymentOutcome]

const ROWS: Row[] = [
  ['pending', 'pending', null, false, 'unpaid'],
  ['pending', 'pending', 'creating', false, 'unpaid'],
  ['pending', 'pending', 'created', false, 'unpaid'],
  ['pending', 'pending', 'created', true, 'confirming'],
  ['pending', 'pending', 'authorized', false, 'confirming'],
  ['pending', 'pending', 'failed', false, 'declined'],
  ['pending', 'pending', 'failed', true, 'confirming'],
  ['pending', 'verified', 'verified', false, 'confirming'],
  ['pending', 'failed', 'failed', false, 'declined'],
  ['pending', 'failed', 'failed', true, 'confirming'],
  ['pending', 'paid', 'paid', false, 'confirming'],
  ['pending', 'partially_refunded', 'partially_refunded', false, 'going_back'],
  ['pending', 'refunded', 'refunded', false, 'gone_back'],
  ['confirmed', 'paid', 'paid', false, 'confirmed'],
  ['confirmed', 'pending', 'created', false, 'confirmed'],
  ['confirmed', 'partially_refunded', 'partially_refunded', false, 'confirmed'],
  ['shipped', 'paid', 'paid', true, 'confirmed'],
  ['delivered', 'paid', 'paid', false, 'confirmed'],
  ['cancelled', 'pending', 'abandoned', false, 'ended'],
  ['cancelled', 'failed', 'failed', false, 'ended'],
  ['cancelled', 'pending', 'created', true, 'confirming'],
  ['cancelled', 'verified', 'verified', false, 'confirming'],
  ['cancelled', 'paid', 'paid', false, 'going_back'],
  ['cancelled', 'partially_refunded', 'partially_refunded', false, 'going_back'],
  ['cancelled', 'refunded', 'refunded', false, 'gone_back'],
]

for (const [orderStatus, paymentStatus, status, claimed, outcome] of ROWS) {
  test(`order ${orderStatus}, money ${paymentStatus}, payment ${status}${claimed ? ', claimed' : ''}: ${outcome}`, () => {
    assert.equal(readOutcome({ orderStatus, paymentStatus, status, isConfirmed: false }, claimed), outcome)
  })
}

test('the browser never makes a payment of a claim', () => {
  for (const paymentStatus of ORDER_PAYMENT_STATUSES) {
    for (const status of PAYMENT_STATUSES) {
      for (const orderStatus of ['pending', 'cancelled']) {
        assert.notEqual(readOutcome({ orderStatus, paymentStatus, status, isConfirmed: false }, true), 'confirmed')
      }
    }
  }
})

test('every state has an answer, and a confirmed order is confirmed whatever else is said', () => {
  for (const orderStatus of ORDER_STATUSES) {
    for (const paymentStatus of ORDER_PAYMENT_STATUSES) {
      const state = { orderStatus, paymentStatus, status: null, isConfirmed: true }
      assert.equal(readOutcome(state, false), 'confirmed')
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
  for (const outcome of ['confirmed', 'gone_back', 'ended'] as const) assert.equal(nextPollMs(1, outcome), null)
  for (const outcome of ['unpaid', 'declined', 'going_back'] as const) {
    assert.equal(nextPollMs(1, outcome), 5_000)
    assert.equal(nextPollMs(30, outcome), 30_000)
  }
})

test('the whole schedule lasts about as long as an unpaid order does', () => {
  let total = 0
  for (let asked = 1; asked < MOST_POLLS; asked += 1) total += nextPollMs(asked, 'confirming') ?? 0
  const minutes = total / 60_000
  assert.ok(minutes > 28 && minutes < 32, `${minutes} minutes`)
})
