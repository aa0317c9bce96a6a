import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { formatMoney } from '../../../../ui/format.ts'
import type { Phrase } from '../../lib/phrase.ts'
import { type Deed, deedsOf } from './deeds.ts'

const words = (phrase: Phrase) =>
  phrase
    .map((part) => (typeof part === 'string' ? part : 'id' in part ? part.id : formatMoney(part.amount, part.currency)))
    .join('')

function deed(of: Order, key: Deed['key']): Deed {
  const found = deedsOf(of, []).find((each) => each.key === key)
  assert.ok(found, `${key} is offered`)
  return found
}

function order(fields: Partial<Order>): Order {
  return {
    number: 'H-10482',
    status: 'confirmed',
    paymentStatus: 'paid',
    paymentMethod: 'online',
    currency: 'INR',
    total: 270900,
    capturedAmount: 270900,
    refundedAmount: 0,
    couponCode: 'DIWALI10',
    canCancel: true,
    items: [{ quantity: 2 }, { quantity: 1 }],
    shopOrders: [{ status: 'accepted' }, { status: 'awaiting_acceptance' }],
    payments: [
      {
        provider: 'razorpay',
        attempts: [
          { capturedAmount: 0, fee: null, methodDetail: '4242' },
          { capturedAmount: 270900, fee: 6393, methodDetail: 'ananya@okbank' },
        ],
        refunds: [{ amount: 48364, status: 'processing' }],
      },
    ],
    ...fields,
  } as Order
}

const keys = (fields: Partial<Order>) => deedsOf(order(fields), []).map((each) => each.key)

test('what can be done follows the order’s state', () => {
  assert.deepEqual(keys({ status: 'pending' }), ['cancel'])
  assert.deepEqual(keys({ status: 'confirmed' }), ['ship', 'cancel'])
  assert.deepEqual(keys({ status: 'shipped', canCancel: false }), ['deliver'])
  assert.deepEqual(keys({ status: 'delivered', canCancel: false }), [])
  assert.deepEqual(keys({ status: 'cancelled', canCancel: false }), [])
})

test('cancelling a paid order says how much goes back, where to, and what the provider keeps', () => {
  const cancel = deed(order({}), 'cancel')
  assert.equal(words(cancel.title), 'Cancel H-10482 and send back ₹2,225.36?')
  assert.equal(words(cancel.confirm), 'Send back ₹2,225.36')
  assert.deepEqual(cancel.consequences.map(words), [
    '₹2,225.36 goes back to where it came from (ananya@okbank). Nobody has to do anything for it.',
    'Razorpay keeps its fee of ₹63.93.',
    '3 things go back in stock; coupon DIWALI10 can be used again.',
    'Two shops are told to stop.',
    'The shopper sees it as cancelled. This cannot be taken back.',
  ])
})

test('cancelling an unpaid order promises that late money goes back', () => {
  const cancel = deed(order({ status: 'pending', capturedAmount: 0, couponCode: null, payments: [] }), 'cancel')
  assert.equal(words(cancel.confirm), 'End H-10482')
  assert.deepEqual(cancel.consequences.map(words), [
    'No money has arrived. If some arrives later, it goes back by itself.',
    '3 things are free again.',
    'The shopper sees it as cancelled. This cannot be taken back.',
  ])
})

test('delivering a cash order counts the cash as collected', () => {
  const fields = {
    status: 'shipped',
    paymentMethod: 'cod',
    paymentStatus: 'pending',
    capturedAmount: 0,
    payments: [],
  } as const
  const deliver = deed(order({ ...fields, payments: [] }), 'deliver')
  assert.equal(words(deliver.confirm), 'Delivered, ₹2,709.00 collected')
  assert.ok(deliver.consequences.map(words).includes('₹2,709.00 counts as collected in cash, and the order as paid.'))
})

test('shipping says which shops have not answered', () => {
  assert.ok(deed(order({}), 'ship').consequences.map(words).includes('One shop has not answered yet.'))
})
