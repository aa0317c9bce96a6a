import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDER_PAYMENT_STATUSES, ORDER_STATUSES, SHOP_ORDER_STATUSES } from '../../shared/contract/orders.ts'
import { ATTEMPT_STATUSES, PAYMENT_STATUSES, REFUND_STATUSES } from '../../shared/contract/payments.ts'
import { RECONCILE_OUTCOMES } from '../../shared/contract/reconciliation.ts'
import { orderMoneyWords, statusWords, type StatusKind } from './status-words.ts'

const STATES: [StatusKind, readonly string[]][] = [
  ['order', ORDER_STATUSES],
  ['order_payment', ORDER_PAYMENT_STATUSES],
  ['payment', PAYMENT_STATUSES],
  ['attempt', ATTEMPT_STATUSES],
  ['refund', REFUND_STATUSES],
  ['shop_order', SHOP_ORDER_STATUSES],
  ['reconciled', RECONCILE_OUTCOMES],
  ['approval', ['none', 'pending', 'approved', 'declined']],
  ['run', ['running', 'completed', 'failed']],
]

test('every state of the contract has words of its own, not its raw name', () => {
  for (const [kind, states] of STATES) {
    for (const state of states) {
      const { words } = statusWords(kind, state)
      assert.match(words, /^[A-Z]/, `${kind} ${state} is in the table`)
      assert.ok(!words.includes('_'), `${kind} ${state} has words`)
    }
  }
})

const paid = (kind: StatusKind, states: readonly string[]) =>
  states.filter((state) => statusWords(kind, state).look === 'paid')

test('only money that has arrived looks paid', () => {
  assert.deepEqual(paid('order_payment', ORDER_PAYMENT_STATUSES), ['paid'])
  assert.deepEqual(paid('payment', PAYMENT_STATUSES), ['paid'])
  assert.deepEqual(paid('attempt', ATTEMPT_STATUSES), ['captured'])
  assert.deepEqual(paid('refund', REFUND_STATUSES), [])
})

test('an unknown state shows its own name with the neutral look', () => {
  assert.deepEqual(statusWords('payment', 'held_by_bank'), { look: 'none', words: 'held by bank' })
})

test('a list shows an open review before the payment status, and cash that is not due as such', () => {
  const order = { paymentStatus: 'pending', paymentMethod: 'online', status: 'pending', openReviewItems: 0 }
  assert.equal(orderMoneyWords(order).words, 'Awaiting payment')
  assert.equal(orderMoneyWords({ ...order, openReviewItems: 1 }).look, 'review')
  assert.equal(orderMoneyWords({ ...order, paymentMethod: 'cod', status: 'confirmed' }).words, 'Cash on delivery')
  assert.equal(orderMoneyWords({ ...order, status: 'cancelled' }).words, 'Never paid')
  assert.equal(orderMoneyWords({ ...order, paymentStatus: 'paid', paymentMethod: 'cod' }).words, 'Paid')
})
