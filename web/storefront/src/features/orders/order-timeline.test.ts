import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Order, OrderEvent } from '../../../../../client/shapes.ts'
import { sums } from '../../../../../test/buyer.ts'
import { latestArrival } from '../../../../../shared/bank-days.ts'
import { orderTimeline, paidBy } from './order-timeline.ts'

const attempt = (id: string, status: string, method: string, fields = {}) => ({
  id,
  status,
  method,
  methodDetail: null,
  errorDescription: null,
  capturedAmount: status === 'captured' ? 270_900 : 0,
  currency: 'INR',
  ...fields,
})

const order = {
  status: 'confirmed',
  paymentStatus: 'paid',
  paymentMethod: 'online',
  cancelReason: null,
  canPay: false,
  currency: 'INR',
  total: 270_900,
  money: [sums({ captured: 270_900, kept: 222_536, goingBack: 48_364 })],
  expiresAt: null,
  shopOrders: [
    { id: 'malabar', shopName: 'Malabar Pepper House', status: 'accepted' },
    { id: 'rann', shopName: 'Rann Karigar', status: 'awaiting_acceptance' },
    { id: 'pahadi', shopName: 'Pahadi Rasoi', status: 'rejected' },
  ],
  payments: [
    {
      id: 'payment',
      provider: 'razorpay',
      attempts: [
        attempt('card', 'failed', 'card', { errorDescription: 'The bank declined this card.' }),
        attempt('upi', 'captured', 'upi', { methodDetail: 'ananya@okbank' }),
      ],
      refunds: [
        {
          id: 'refund',
          paymentId: 'payment',
          attemptId: 'upi',
          status: 'processing',
          destination: 'source',
          text: 'A shop could not send its part of the order.',
          createdAt: '2026-11-20T09:11:00.000Z',
        },
      ],
    },
  ],
} as unknown as Order

let serial = 0
function event(
  subject: string,
  to: string | null,
  subjectId: string | null = null,
  from: string | null = null,
): OrderEvent {
  serial += 1
  const createdAt = new Date(Date.UTC(2026, 10, 20, 9, serial)).toISOString()
  return {
    id: `e${serial}`,
    type: '',
    subject,
    subjectId,
    from,
    to,
    actor: 'system',
    source: null,
    data: {},
    createdAt,
  }
}

test('the story of an order reads newest first, with what is still to come stitched on top', () => {
  const events = [
    event('order', 'pending'),
    event('payment', 'created', 'payment'),
    event('attempt', 'failed', 'card'),
    event('payment', 'verified', 'payment'),
    event('attempt', 'captured', 'upi'),
    event('payment', 'paid', 'payment'),
    event('order', 'confirmed', null, 'pending'),
    event('shop_order', 'accepted', 'malabar', 'awaiting_acceptance'),
    event('shop_order', 'rejected', 'pahadi', 'awaiting_acceptance'),
    event('refund', 'requested', 'refund'),
    event('order', 'confirmed', null, 'confirmed'),
  ]
  assert.deepEqual(
    orderTimeline(order, events).map(({ look, title, detail, promised }) => [promised, look, title, detail]),
    [
      [true, 'refunded', 'Money back at your bank', 'Expected by then'],
      [true, 'pending', 'Waiting for Rann Karigar', 'It packs its part once it has said yes'],
      [false, 'refunded', 'Money is to go back', 'A shop could not send its part of the order.'],
      [false, 'refunded', 'Pahadi Rasoi cannot send its part', null],
      [false, 'paid', 'Malabar Pepper House accepted', null],
      [false, 'paid', 'Paid and confirmed', 'UPI, ananya@okbank'],
      [false, 'processing', 'You approved the payment', 'We asked Razorpay to confirm it'],
      [false, 'failed', 'A card payment was declined', 'The bank declined this card.'],
      [false, 'none', 'Order placed', null],
    ],
  )
})

test('parts that go their own ways are told by themselves, those that go together by their order', () => {
  const by = (actor: string, of: OrderEvent, at?: string): OrderEvent => ({
    ...of,
    actor,
    createdAt: at ?? of.createdAt,
  })
  const told = (...events: OrderEvent[]) =>
    orderTimeline({ ...order, status: 'delivered', shopOrders: order.shopOrders, payments: [] }, events)
      .filter(({ promised }) => !promised)
      .map(({ title }) => title)
  const sent = event('shop_order', 'shipped', 'malabar', 'accepted')
  assert.deepEqual(told(by('admin', sent)), ['Malabar Pepper House sent its part'])
  assert.deepEqual(told(by('admin', event('order', 'shipped', null, 'confirmed'), sent.createdAt), by('admin', sent)), [
    'On its way',
  ])
  const ended = event('shop_order', 'cancelled', 'rann', 'accepted')
  assert.deepEqual(
    told(by('system', event('order', 'shipped', null, 'confirmed'), ended.createdAt), by('shopper', ended)),
    ['You cancelled the part of Rann Karigar', 'All that is to come is on its way'],
  )
  assert.deepEqual(told(by('admin', ended)), ['The shop cancelled the part of Rann Karigar'])
  // With its order it has ended, which says it all.
  const cancelled = by('shopper', event('order', 'cancelled', null, 'confirmed'), ended.createdAt)
  assert.equal(told(cancelled, by('shopper', ended)).length, 1)
  assert.deepEqual(told(by('system', event('order', 'confirmed', null, 'shipped'))), [
    'Something is to be sent after all',
  ])
  assert.deepEqual(told(by('system', event('order', 'delivered', null, 'confirmed'))), [
    'All that was to come has arrived',
  ])
})

test('an unpaid order says until when it waits, a verified one that we ask', () => {
  const unpaid = {
    ...order,
    status: 'pending',
    paymentStatus: 'pending',
    canPay: true,
    expiresAt: '2026-11-20T09:31:00.000Z',
    shopOrders: [],
    payments: [],
    money: [],
  } as unknown as Order
  assert.deepEqual(
    orderTimeline(unpaid, []).map(({ title, at }) => [title, at]),
    [['Your payment', '2026-11-20T09:31:00.000Z']],
  )
  assert.deepEqual(
    orderTimeline({ ...unpaid, paymentStatus: 'verified' }, []).map(({ title }) => title),
    ['Payment confirmed'],
  )
})

test('money back is promised for working days, not calendar days', () => {
  // A Friday afternoon in India; UPI takes three working days.
  assert.equal(latestArrival('2026-11-20T09:11:00.000Z', 3).slice(0, 10), '2026-11-25')
  assert.equal(latestArrival('2026-11-20T09:11:00.000Z', 7).slice(0, 10), '2026-12-01')
  assert.equal(latestArrival('2026-11-20T09:11:00.000Z', 0), '2026-11-20T09:11:00.000Z')
  // Sunday late evening in UTC is Monday in India already.
  assert.equal(latestArrival('2026-11-21T20:00:00.000Z', 1).slice(0, 16), '2026-11-22T20:00')
})

test('how an order was paid is said in the words of its captured try', () => {
  assert.equal(paidBy(order), 'UPI, ananya@okbank')
  assert.equal(paidBy({ ...order, payments: [] }), null)
})

test('R6 a payment that the provider refuses to open is told once, with why', () => {
  const refused = (reason: string) => ({ ...event('payment', 'abandoned'), type: 'payment.refused', data: { reason } })
  const told = (...reasons: string[]) =>
    orderTimeline({ ...order, payments: [] }, [event('order', 'pending'), ...reasons.map(refused)])
      .filter(({ look }) => look === 'failed')
      .map(({ title, detail }) => [title, detail])
  assert.deepEqual(told('other', 'amount_too_large'), [
    [
      'The payment could not be opened',
      'It is more than the shop’s account takes at once. Trying again does not help.',
    ],
  ])
  assert.deepEqual(told('other'), [
    ['The payment could not be opened', 'The shop’s account does not take it. Trying again does not help.'],
  ])
})
