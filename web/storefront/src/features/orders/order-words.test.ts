import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, ShopOrderStatus } from '../../../../../client/shapes.ts'
import { SHOP_ORDER_STATUSES } from '../../../../../shared/contract/orders.ts'
import { sums } from '../../../../../test/buyer.ts'
import { orderTitle, partStepsDone, standingOf } from './order-words.ts'

/** @param parts their states; `back` before one of which everything was given back */
function orderWith(fields: Partial<Order>, ...parts: (ShopOrderStatus | `back ${ShopOrderStatus}`)[]): Order {
  return {
    status: 'confirmed',
    paymentStatus: 'paid',
    paymentMethod: 'online',
    cancelReason: null,
    canPay: false,
    money: [],
    payments: [],
    ...fields,
    shopOrders: parts.map((part) => partOf(part.replace('back ', '') as ShopOrderStatus, part.startsWith('back '))),
  } as Order
}

function partOf(status: ShopOrderStatus, isGivenBack = false) {
  return { status, isGivenBack }
}

/** What a heading says of money that is elsewhere than with the order. */
const MONEY_ROWS: [string, Order][] = (
  [
    ['We have your payment, and a person looks at it', 'pending', null, { heldForReview: 500 }],
    ['Your money could not be sent back yet', 'pending', null, { failedToGoBack: 500 }],
    ['Your money is going back', 'pending', null, { goingBack: 500 }],
    ['Your money went back', 'pending', null, { goneBack: 500 }],
    ['Cancelled, and a person looks at your payment', 'cancelled', 'shopper', { heldForReview: 500 }],
    ['Ended, and a person looks at your payment', 'cancelled', 'expired', { heldForReview: 500 }],
    ['Your money could not be sent back yet', 'cancelled', 'admin', { failedToGoBack: 500 }],
    ['Cancelled, and your money is going back', 'cancelled', 'shopper', { goingBack: 500 }],
    ['Your payment came after the order had ended', 'cancelled', 'late_payment', { goingBack: 500 }],
    ['Cancelled, and your money has gone back', 'cancelled', 'admin', { goneBack: 500 }],
    ['Ended, and your money has gone back', 'cancelled', 'late_payment', { goneBack: 500 }],
    ['Cancelled, and a part of your money has gone back', 'cancelled', 'admin', { goneBack: 400, kept: 100 }],
    ['This order was cancelled', 'cancelled', 'admin', { kept: 500 }],
    ['This order has ended', 'cancelled', 'expired', { kept: 500 }],
  ] as const
).map(([title, status, cancelReason, money]) => [
  title,
  orderWith({ status, cancelReason, money: [sums({ captured: 500, ...money })] }, 'cancelled'),
])

const ROWS: [string, Order][] = [
  [
    'This order still waits for your payment',
    orderWith({ status: 'pending', canPay: true, money: [sums({ captured: 500, goneBack: 500 })] }, 'pending'),
  ],
  [
    'Your bank holds your payment, and a person looks at it',
    orderWith({ status: 'pending', paymentStatus: 'under_review', money: [sums({ authorized: 500 })] }, 'pending'),
  ],
  [
    'Your bank has not answered yet',
    orderWith(
      {
        status: 'pending',
        paymentStatus: 'pending',
        canPay: true,
        payments: [{ attempts: [{ status: 'created' }] }] as Order['payments'],
      },
      'pending',
    ),
  ],
  ['Waiting for your payment', orderWith({ status: 'pending', paymentStatus: 'pending', canPay: true }, 'pending')],
  [
    'The payment did not go through',
    orderWith({ status: 'pending', paymentStatus: 'failed', canPay: true }, 'pending'),
  ],
  ['This order was not paid in time', orderWith({ status: 'pending', paymentStatus: 'pending' }, 'pending')],
  ['We are confirming your payment', orderWith({ status: 'pending', paymentStatus: 'verified' }, 'pending')],
  ['One shop is packing your box', orderWith({}, 'accepted')],
  ['Three shops are packing your box', orderWith({}, 'accepted', 'awaiting_acceptance', 'accepted')],
  ['Two parts coming, one going back', orderWith({}, 'accepted', 'awaiting_acceptance', 'rejected')],
  ['One part coming, two going back', orderWith({}, 'shipped', 'rejected', 'cancelled')],
  ['One part arrived, one going back', orderWith({ status: 'confirmed' }, 'delivered', 'cancelled')],
  [
    'One part coming, one gone back',
    orderWith(
      { status: 'shipped', money: [sums({ captured: 900, kept: 400, goneBack: 500 })] },
      'shipped',
      'cancelled',
    ),
  ],
  ['Nothing is coming, your money is going back', orderWith({}, 'rejected', 'rejected')],
  // R3: of what was given back before it was sent nothing is coming.
  ['Nothing is coming, your money is going back', orderWith({}, 'back accepted')],
  ['One part coming, one going back', orderWith({}, 'accepted', 'back awaiting_acceptance')],
  ['Your box is on its way', orderWith({ status: 'shipped', paymentStatus: 'refunded' }, 'back shipped')],
  [
    'Nothing is coming, your money has gone back',
    orderWith({ money: [sums({ captured: 500, goneBack: 500 })] }, 'back accepted'),
  ],
  [
    'Nothing is coming, your money has gone back',
    orderWith({ money: [sums({ captured: 500, goneBack: 500 })] }, 'rejected', 'rejected'),
  ],
  [
    'Nothing is coming, and your money could not be sent back yet',
    orderWith({ money: [sums({ captured: 500, failedToGoBack: 500 })] }, 'rejected', 'rejected'),
  ],
  ['One part on the way, two being packed', orderWith({}, 'shipped', 'accepted', 'accepted')],
  ['Your box is on its way', orderWith({ status: 'shipped' }, 'shipped', 'shipped')],
  ['One part arrived, one coming', orderWith({ status: 'shipped' }, 'delivered', 'shipped')],
  ['Your box has arrived', orderWith({ status: 'shipped' }, 'delivered', 'delivered')],
  ['Your box has arrived', orderWith({ status: 'delivered' }, 'delivered')],
  ...MONEY_ROWS,
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
