import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, ShopOrderStatus } from '../../../../../client/shapes.ts'
import { SHOP_ORDER_STATUSES } from '../../../../../shared/contract/orders.ts'
import { orderTitle, partStepsDone, standingOf } from './order-words.ts'

/** @param parts their states; `back` before one of which everything was given back */
function orderWith(fields: Partial<Order>, ...parts: (ShopOrderStatus | `back ${ShopOrderStatus}`)[]): Order {
  return {
    status: 'confirmed',
    paymentStatus: 'paid',
    paymentMethod: 'online',
    cancelReason: null,
    canPay: false,
    ...fields,
    shopOrders: parts.map((part) => partOf(part.replace('back ', '') as ShopOrderStatus, part.startsWith('back '))),
  } as Order
}

function partOf(status: ShopOrderStatus, isGivenBack = false) {
  return { status, isGivenBack }
}

const ROWS: [string, Order][] = [
  ['Waiting for your payment', orderWith({ status: 'pending', paymentStatus: 'pending', canPay: true }, 'pending')],
  [
    'The payment did not go through',
    orderWith({ status: 'pending', paymentStatus: 'failed', canPay: true }, 'pending'),
  ],
  ['This order was not paid in time', orderWith({ status: 'pending', paymentStatus: 'pending' }, 'pending')],
  ['We are confirming your payment', orderWith({ status: 'pending', paymentStatus: 'verified' }, 'pending')],
  ['We are confirming your payment', orderWith({ status: 'pending', paymentStatus: 'paid' }, 'pending')],
  ['One shop is packing your box', orderWith({}, 'accepted')],
  ['Three shops are packing your box', orderWith({}, 'accepted', 'awaiting_acceptance', 'accepted')],
  ['Two parts coming, one going back', orderWith({}, 'accepted', 'awaiting_acceptance', 'rejected')],
  ['One part coming, two going back', orderWith({}, 'shipped', 'rejected', 'cancelled')],
  ['Nothing is coming, your money is going back', orderWith({}, 'rejected', 'rejected')],
  // R3: of what was given back before it was sent nothing is coming.
  ['Nothing is coming, your money is going back', orderWith({}, 'back accepted')],
  ['Nothing is coming, your money has gone back', orderWith({ paymentStatus: 'refunded' }, 'back accepted')],
  ['One part coming, one going back', orderWith({}, 'accepted', 'back awaiting_acceptance')],
  ['Your box is on its way', orderWith({ status: 'shipped', paymentStatus: 'refunded' }, 'back shipped')],
  ['One part on the way, two being packed', orderWith({}, 'shipped', 'accepted', 'accepted')],
  ['Your box is on its way', orderWith({ status: 'shipped' }, 'shipped', 'shipped')],
  ['One part arrived, one coming', orderWith({ status: 'shipped' }, 'delivered', 'shipped')],
  ['Your box has arrived', orderWith({ status: 'shipped' }, 'delivered', 'delivered')],
  ['Your box has arrived', orderWith({ status: 'delivered' }, 'delivered')],
  ['Cancelled, and your money is going back', orderWith({ status: 'cancelled', cancelReason: 'shopper' }, 'cancelled')],
  [
    'Cancelled, and your money has gone back',
    orderWith({ status: 'cancelled', cancelReason: 'admin', paymentStatus: 'refunded' }, 'cancelled'),
  ],
  [
    'Your payment came after the order had ended',
    orderWith({ status: 'cancelled', cancelReason: 'late_payment' }, 'cancelled'),
  ],
  [
    'This order was not paid in time',
    orderWith({ status: 'cancelled', cancelReason: 'expired', paymentStatus: 'pending' }, 'cancelled'),
  ],
  [
    'You cancelled this order',
    orderWith({ status: 'cancelled', cancelReason: 'shopper', paymentStatus: 'pending' }, 'cancelled'),
  ],
  [
    'This order was cancelled',
    orderWith({ status: 'cancelled', cancelReason: 'admin', paymentStatus: 'failed' }, 'cancelled'),
  ],
]

for (const [title, order] of ROWS) {
  const parts = order.shopOrders.map((part) => part.status).join(', ')
  test(`${order.status}, money ${order.paymentStatus}, parts ${parts}: ${title}`, () => {
    assert.equal(orderTitle(order), title)
  })
}

test('a part never shows more steps than it has taken, and what goes back shows none', () => {
  const done = Object.fromEntries(SHOP_ORDER_STATUSES.map((status) => [status, partStepsDone(partOf(status))]))
  assert.deepEqual(done, {
    pending: 0,
    awaiting_acceptance: 0,
    accepted: 2,
    shipped: 3,
    delivered: 4,
    rejected: 0,
    cancelled: 0,
  })
  for (const status of SHOP_ORDER_STATUSES) {
    if (standingOf(partOf(status)) === 'back') assert.equal(partStepsDone(partOf(status)), 0, status)
  }
})
