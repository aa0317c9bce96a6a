import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Order } from '../../../../../shared/contract/orders.ts'
import { plain as words } from '../../../../ui/phrase.ts'
import { type Deed, deedsOf, whyNotShipped } from './deeds.ts'

function deed(of: Order, key: Deed['key'], alone: number | null = null): Deed {
  const found = deedsOf(of, [], alone).find((each) => each.key === key)
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
    items: [
      { quantity: 3, restocked: 1 },
      { quantity: 1, restocked: 0 },
    ],
    shopOrders: [
      { shopName: 'Malabar', status: 'accepted', isGivenBack: false },
      { shopName: 'Rann', status: 'accepted', isGivenBack: false },
    ],
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

const keys = (fields: Partial<Order>) => deedsOf(order(fields), [], null).map((each) => each.key)

test('what can be done follows the order’s state', () => {
  assert.deepEqual(keys({ status: 'pending' }), ['cancel'])
  assert.deepEqual(keys({ status: 'confirmed' }), ['ship', 'cancel'])
  assert.deepEqual(keys({ status: 'shipped', canCancel: false }), ['deliver'])
  assert.deepEqual(keys({ status: 'delivered', canCancel: false }), [])
  assert.deepEqual(keys({ status: 'cancelled', canCancel: false }), [])
})

test('R3 R4 what all waits for a shop, or is given back, is not offered to be shipped, and the page says why', () => {
  const part = (shopName: string, status: string, isGivenBack = false) => ({ shopName, status, isGivenBack })
  const of = (...parts: ReturnType<typeof part>[]) => order({ shopOrders: parts as Order['shopOrders'] })
  for (const [parts, why] of [
    [[part('Malabar', 'rejected'), part('Rann', 'awaiting_acceptance')], 'Waits for Rann to accept.'],
    [[part('Malabar', 'accepted'), part('Rann', 'awaiting_acceptance')], null],
    [[part('Malabar', 'accepted', true), part('Rann', 'awaiting_acceptance')], 'Waits for Rann to accept.'],
    [
      [part('Malabar', 'awaiting_acceptance'), part('Rann', 'awaiting_acceptance')],
      'Waits for Malabar and Rann to accept.',
    ],
    [[part('Malabar', 'accepted', true)], 'All of it was given back: nothing is left to send.'],
    [
      [part('Malabar', 'awaiting_acceptance', true), part('Rann', 'rejected')],
      'All of it was given back: nothing is left to send.',
    ],
    [[part('Malabar', 'accepted'), part('Rann', 'awaiting_acceptance', true)], null],
  ] as const) {
    assert.equal(whyNotShipped(of(...parts)), why)
    const offered = deedsOf(of(...parts), [], null).map((each) => each.key)
    assert.deepEqual(offered, why === null ? ['ship', 'cancel'] : ['cancel'])
  }
  const some = deed(of(part('Malabar', 'accepted'), part('Rann', 'accepted', true)), 'ship')
  assert.ok(some.consequences.map(words).includes('All of the part of Rann was given back: it stays.'))
})

describe('an order of which one part is ahead of the others', () => {
  const parts = (...states: string[]) =>
    order({
      items: ['Malabar', 'Rann', 'Pahadi'].map((shopId) => ({ shopId, quantity: 2, restocked: 0 })) as Order['items'],
      shopOrders: states.map((status, at) => {
        const shopName = ['Malabar', 'Rann', 'Pahadi'][at]
        return { shopId: shopName, shopName, status, isGivenBack: false, total: 70_000, returnedAmount: 1_000 }
      }) as Order['shopOrders'],
    })
  const offered = (of: Order) => deedsOf(of, [], null).map(({ label }) => label)

  test('what may go is shipped alone, and what that leaves is said', () => {
    const of = parts('accepted', 'awaiting_acceptance')
    assert.deepEqual(offered(of), ['Mark shipped…', 'Cancel order…'])
    const ship = deed(of, 'ship')
    assert.equal(words(ship.title), 'Has the part of Malabar been shipped?')
    assert.equal(ship.done, 'The part of Malabar is shipped')
    assert.deepEqual(ship.consequences.map(words), [
      'The shopper sees the part of Malabar as shipped.',
      'That part can no longer be cancelled. Money can still go back as a refund.',
      'Rann has not accepted its part: the order stays confirmed until that is sent too.',
      'No money moves.',
    ])
  })

  test('what is on its way can arrive while another is still packed', () => {
    const of = parts('shipped', 'accepted', 'accepted')
    assert.deepEqual(offered(of), ['Mark shipped…', 'Mark delivered…', 'Cancel the rest…'])
    assert.equal(words(deed(of, 'ship').title), 'Have the parts of Rann and Pahadi been shipped?')
    const deliver = deed(of, 'deliver')
    assert.equal(words(deliver.title), 'Has the part of Malabar been delivered?')
    assert.deepEqual(deliver.consequences.map(words), [
      'The shopper sees the part of Malabar as delivered.',
      'This is the last state: there is no way back from it.',
      'The parts of Rann and Pahadi are still to be sent: the order stays confirmed.',
      'No money moves.',
    ])
  })

  test('cancelling ends the rest: what is left of its price goes back, and what is on its way stays', () => {
    const cancel = deed(parts('shipped', 'awaiting_acceptance', 'rejected'), 'cancel')
    assert.equal(words(cancel.title), 'Cancel the part of Rann and send back ₹690.00?')
    assert.deepEqual(cancel.consequences.map(words), [
      '₹690.00 goes back to where it came from (ananya@okbank). Nobody has to do anything for it.',
      'Razorpay keeps its fee of ₹63.93.',
      '2 things go back in stock.',
      'One shop is told to stop.',
      'The part of Malabar is on its way, and stays.',
      'The shopper sees the part of Rann as cancelled. This cannot be taken back.',
    ])
    assert.equal(cancel.done, 'The part of Rann is cancelled')
    const arrived = deed(parts('delivered', 'accepted', 'accepted'), 'cancel', 137_999)
    assert.equal(words(arrived.confirm), 'Ask to send back ₹1,380.00')
    assert.ok(arrived.consequences.map(words).includes('The part of Malabar has arrived, and stays.'))
  })
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

test('FX6 cancelling is asked for when more goes back than one person may decide', () => {
  const alone = deed(order({}), 'cancel', 222_536)
  assert.equal(words(alone.confirm), 'Send back ₹2,225.36')
  const asked = deed(order({}), 'cancel', 222_535)
  assert.equal(words(asked.confirm), 'Ask to send back ₹2,225.36')
  assert.equal(
    words(asked.consequences[0] ?? []),
    'A second person must agree first. Until then everything stays as it is.',
  )
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
