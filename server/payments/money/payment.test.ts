import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { AttemptStatus, PaymentStatus } from '../../../shared/contract/payments.ts'
import { attemptFact, attemptRow, paymentRow, refundFact, refundRow } from '../../../test/make.ts'
import type { OrderRow } from '../../orders/order.ts'
import { decide, type Known } from './decide.ts'
import {
  foldGivenUp,
  foldOrderPaymentStatus,
  foldPaymentStatus,
  PAYMENT_TRANSITIONS,
  type AttemptRow,
  type PaymentFact,
} from './payment.ts'

function known(
  order: { status: OrderRow['status']; reason?: OrderRow['cancel_reason'] },
  rest: Partial<Known> = {},
): Known {
  return {
    order: { status: order.status, cancel_reason: order.reason ?? null, total: 10_000, wallet_amount: 0 },
    payments: [paymentRow({})],
    attempts: [],
    refunds: [],
    stockFree: false,
    ...rest,
  }
}

const pending = { status: 'pending' } as const
const expired = { status: 'cancelled', reason: 'expired' } as const
const kept = attemptRow({
  provider_payment_id: 'pay_other',
  status: 'captured',
  disposition: 'kept',
  captured_amount: 10_000,
})

describe('P10 P11 P13 P15 what a capture does', () => {
  const rows: [string, Known, Parameters<typeof attemptFact>[0], unknown][] = [
    [
      'pending order, equal amount',
      known(pending),
      {},
      { kind: 'moved', attempt: 'captured', disposition: 'kept', confirm: 'reserved' },
    ],
    [
      'expired order, stock free',
      known(expired, { stockFree: true }),
      {},
      { kind: 'moved', attempt: 'captured', disposition: 'kept', confirm: 'free' },
    ],
    ['expired order, stock gone', known(expired), {}, { kind: 'late', reason: 'stock_gone' }],
    [
      'order cancelled by its shopper',
      known({ status: 'cancelled', reason: 'shopper' }, { stockFree: true }),
      {},
      { kind: 'late', reason: 'order_cancelled' },
    ],
    [
      'order cancelled by an admin',
      known({ status: 'cancelled', reason: 'admin' }, { stockFree: true }),
      {},
      { kind: 'late', reason: 'order_cancelled' },
    ],
    [
      'order that was too late once already',
      known({ status: 'cancelled', reason: 'late_payment' }, { stockFree: true }),
      {},
      { kind: 'late', reason: 'order_cancelled' },
    ],
    [
      'order that another capture pays',
      known({ status: 'confirmed' }, { attempts: [kept] }),
      {},
      { kind: 'late', reason: 'second_capture' },
    ],
    [
      'shipped order that another capture pays',
      known({ status: 'shipped' }, { attempts: [kept] }),
      {},
      { kind: 'late', reason: 'second_capture' },
    ],
    [
      'confirmed order without a capture',
      known({ status: 'confirmed' }),
      {},
      { kind: 'review', reason: 'unexpected_capture', record: true },
    ],
    ['one paisa short', known(pending), { amount: 9_999 }, { kind: 'review', reason: 'amount_differs', record: true }],
    ['one paisa over', known(pending), { amount: 10_001 }, { kind: 'review', reason: 'amount_differs', record: true }],
    [
      'another currency, same digits',
      known(pending),
      { currency: 'USD' },
      { kind: 'review', reason: 'currency_differs', record: true },
    ],
    [
      'another amount for an order that is paid',
      known({ status: 'confirmed' }, { attempts: [kept] }),
      { amount: 1 },
      // As if it had come first: which of the two is heard of first must not matter.
      { kind: 'review', reason: 'amount_differs', record: true },
    ],
    [
      'after a failure of the same attempt',
      known(pending, { attempts: [attemptRow({ status: 'failed' })] }),
      {},
      { kind: 'moved', attempt: 'captured', disposition: 'kept', confirm: 'reserved' },
    ],
    [
      'after its authorization',
      known(pending, { attempts: [attemptRow({ status: 'authorized' })] }),
      {},
      { kind: 'moved', attempt: 'captured', disposition: 'kept', confirm: 'reserved' },
    ],
    [
      'the same capture again',
      known({ status: 'confirmed' }, { attempts: [{ ...kept, provider_payment_id: 'pay_1' }] }),
      {},
      { kind: 'repeated' },
    ],
    [
      'the same capture in another amount',
      known({ status: 'confirmed' }, { attempts: [{ ...kept, provider_payment_id: 'pay_1' }] }),
      { amount: 5 },
      { kind: 'review', reason: 'capture_contradicts', record: false },
    ],
    [
      'the same capture, same digits, in another currency',
      known({ status: 'confirmed' }, { attempts: [{ ...kept, provider_payment_id: 'pay_1' }] }),
      { currency: 'USD' },
      { kind: 'review', reason: 'capture_contradicts', record: false },
    ],
    [
      'of an authorization that was given back',
      known(pending, { attempts: [attemptRow({ status: 'refunded' })] }),
      {},
      { kind: 'review', reason: 'capture_contradicts', record: false },
    ],
  ]
  for (const [name, state, fact, expected] of rows) {
    test(name, () => assert.deepEqual(decide(state, attemptFact({ status: 'captured', ...fact })), expected))
  }
})

describe('P16 S5 W2 W6 what other facts of an attempt do', () => {
  const statuses: AttemptStatus[] = ['created', 'failed', 'authorized', 'captured', 'refunded']
  // Rows: what is known; columns: created, failed, authorized, refunded (given back without capture).
  const expected: Record<AttemptStatus | 'none', string[]> = {
    none: ['moved', 'moved', 'moved', 'moved'],
    created: ['repeated', 'moved', 'moved', 'moved'],
    failed: ['stale', 'repeated', 'moved', 'moved'],
    authorized: ['stale', 'stale', 'repeated', 'moved'],
    captured: ['stale', 'stale', 'stale', 'stale'],
    refunded: ['stale', 'stale', 'stale', 'repeated'],
  }
  const told: AttemptStatus[] = ['created', 'failed', 'authorized', 'refunded']
  for (const from of ['none', ...statuses] as const) {
    for (const [index, status] of told.entries()) {
      test(`${from}, told ${status}: ${expected[from][index]}`, () => {
        const captured = from === 'captured' ? { disposition: 'kept' as const, captured_amount: 10_000 } : {}
        const attempts = from === 'none' ? [] : [attemptRow({ status: from, ...captured })]
        assert.equal(decide(known(pending, { attempts }), attemptFact({ status })).kind, expected[from][index])
      })
    }
  }

  test('an authorization of a dead order is recorded and confirms nothing', () => {
    const decision = decide(known(expired, { stockFree: true }), attemptFact({ status: 'authorized' }))
    assert.deepEqual(decision, { kind: 'moved', attempt: 'authorized', disposition: 'none', confirm: false })
  })
})

describe('A11 P20 what a refund does', () => {
  const captured = attemptRow({
    status: 'captured',
    disposition: 'surplus',
    captured_amount: 10_000,
    refunding_amount: 10_000,
  })
  const free = { ...captured, refunding_amount: 0 }
  const rows: [string, Partial<Known>, Parameters<typeof refundFact>[0], unknown][] = [
    ['of an attempt that is not known yet', {}, {}, { kind: 'early' }],
    [
      'of an attempt that is not captured as far as we know',
      { attempts: [attemptRow({ status: 'authorized' })] },
      {},
      { kind: 'early' },
    ],
    [
      'of an authorization that was given back and never captured',
      { attempts: [attemptRow({ status: 'refunded' })] },
      {},
      { kind: 'stale' },
    ],
    [
      'ours, processed',
      { attempts: [captured], refunds: [refundRow({ status: 'processing' })] },
      {},
      { kind: 'refund_moved', to: 'processed', imported: false },
    ],
    [
      'ours, before our own call returned',
      { attempts: [captured], refunds: [refundRow({ status: 'requested' })] },
      {},
      { kind: 'refund_moved', to: 'processed', imported: false },
    ],
    ['ours, again', { attempts: [captured], refunds: [refundRow({ status: 'processed' })] }, {}, { kind: 'repeated' }],
    [
      'ours, pending after processed',
      { attempts: [captured], refunds: [refundRow({ status: 'processed' })] },
      { status: 'processing' },
      { kind: 'stale' },
    ],
    [
      'ours, failed after processed',
      { attempts: [captured], refunds: [refundRow({ status: 'processed' })] },
      { status: 'failed' },
      { kind: 'refund_moved', to: 'failed', imported: false },
    ],
    [
      'ours, processed after failed',
      { attempts: [captured], refunds: [refundRow({ status: 'failed' })] },
      {},
      { kind: 'stale' },
    ],
    [
      'ours, in another amount',
      { attempts: [captured], refunds: [refundRow({ status: 'processing' })] },
      { amount: 1 },
      { kind: 'review', reason: 'refund_differs', record: false },
    ],
    [
      'ours, same digits, in another currency',
      { attempts: [captured], refunds: [refundRow({ status: 'processing' })] },
      { currency: 'USD' },
      { kind: 'review', reason: 'refund_differs', record: false },
    ],
    [
      'made at the dashboard',
      { attempts: [free] },
      { ourRefundId: null },
      { kind: 'refund_moved', to: 'processed', imported: true },
    ],
    [
      'made at the dashboard for more than is left',
      { attempts: [captured] },
      { ourRefundId: null, amount: 1 },
      { kind: 'review', reason: 'refund_exceeds_captured', record: false },
    ],
    [
      'made at the dashboard, while one of ours waits for a second person: that gives way',
      { attempts: [captured], refunds: [refundRow({ approval: 'pending' })] },
      { ourRefundId: null },
      { kind: 'refund_moved', to: 'processed', imported: true },
    ],
    [
      'made at the dashboard for one paisa more than was captured, while one of ours is on its way',
      { attempts: [captured], refunds: [refundRow({ status: 'processing' })] },
      { ourRefundId: null, amount: 10_001 },
      { kind: 'early' },
    ],
    [
      'made at the dashboard for one paisa more than was captured, while one of ours waits for a second person',
      // Nobody sends that one, so nobody refuses it: waiting for it would be waiting for ever.
      { attempts: [captured], refunds: [refundRow({ approval: 'pending' })] },
      { ourRefundId: null, amount: 10_001 },
      { kind: 'review', reason: 'refund_exceeds_captured', record: false },
    ],
    [
      'made at the dashboard of what was given up here',
      { attempts: [{ ...free, written_off_amount: 1 }] },
      { ourRefundId: null },
      { kind: 'review', reason: 'refund_exceeds_captured', record: false },
    ],
    [
      'failed at the dashboard, never known here',
      { attempts: [free] },
      { ourRefundId: null, status: 'failed' },
      // That it had succeeded before may be heard of later, and must not count then.
      { kind: 'refund_moved', to: 'failed', imported: true },
    ],
  ]
  for (const [name, rest, fact, expected] of rows) {
    test(name, () =>
      assert.deepEqual(decide(known({ status: 'cancelled', reason: 'shopper' }, rest), refundFact(fact)), expected),
    )
  }
})

test('what names an attempt alone waits until that attempt is known', () => {
  const of = { providerPaymentId: 'pay_1' }
  const facts: PaymentFact[] = [
    attemptFact({ of, status: 'captured' }),
    attemptFact({ of, status: 'failed' }),
    { ...attemptFact({ of }), kind: 'unread', providerRefundId: null, word: 'levitating' },
  ]
  for (const fact of facts) {
    assert.deepEqual(decide(known(pending, { attempts: [] }), fact), { kind: 'early' })
    assert.notDeepEqual(decide(known(pending, { attempts: [attemptRow({})] }), fact), { kind: 'early' })
  }
})

test('a signature is recorded once', () => {
  const fact: PaymentFact = {
    kind: 'signature',
    provider: 'razorpay',
    of: { providerOrderId: 'order_1' },
    source: 'verify',
    providerPaymentId: 'pay_1',
  }
  assert.deepEqual(decide(known(pending), fact), { kind: 'claimed' })
  assert.deepEqual(decide(known(pending, { attempts: [attemptRow({ claimed: true })] }), fact), { kind: 'repeated' })
})

describe('the status of a payment', () => {
  const row = (changes: Partial<AttemptRow>) => attemptRow(changes)
  const captured = { status: 'captured', captured_amount: 10_000 } as const
  const rows: [string, AttemptRow[], PaymentStatus][] = [
    ['no attempt', [], 'created'],
    ['an attempt that has only begun', [row({})], 'created'],
    ['a signature', [row({ claimed: true })], 'verified'],
    ['a failure', [row({ status: 'failed' })], 'failed'],
    ['a failure after a signature', [row({ status: 'failed', claimed: true })], 'failed'],
    ['a failure and another attempt with a signature', [row({ status: 'failed' }), row({ claimed: true })], 'verified'],
    ['an authorization', [row({ status: 'failed' }), row({ status: 'authorized' })], 'authorized'],
    ['an authorization that was given back', [row({ status: 'refunded' })], 'failed'],
    ['a capture', [row({ status: 'failed' }), row({ ...captured, disposition: 'kept' })], 'paid'],
    ['a capture that waits for a person', [row({ ...captured, disposition: 'review' })], 'created'],
    [
      'a surplus capture on its way back',
      [row({ ...captured, disposition: 'surplus', refunding_amount: 10_000 })],
      'paid',
    ],
    [
      'a surplus capture that went back',
      [row({ ...captured, disposition: 'surplus', refunding_amount: 10_000, refunded_amount: 10_000 })],
      'refunded',
    ],
    [
      'a kept capture, and a surplus one that went back',
      [
        row({ ...captured, disposition: 'kept' }),
        row({ ...captured, disposition: 'surplus', refunding_amount: 10_000, refunded_amount: 10_000 }),
      ],
      'paid',
    ],
    [
      'a kept capture, partly refunded',
      [row({ ...captured, disposition: 'kept', refunding_amount: 1, refunded_amount: 1 })],
      'partially_refunded',
    ],
  ]
  for (const [name, attempts, expected] of rows) {
    test(`${name}: ${expected}`, () => {
      assert.equal(foldPaymentStatus('created', attempts), expected)
      assert.equal(foldPaymentStatus('created', attempts.toReversed()), expected)
    })
  }

  test('an order is paid by its kept capture alone', () => {
    const surplus = row({ ...captured, disposition: 'surplus', refunding_amount: 10_000, refunded_amount: 10_000 })
    const payments = [paymentRow({})]
    assert.equal(
      foldOrderPaymentStatus('confirmed', { payments, attempts: [row({ ...captured, disposition: 'kept' }), surplus] }),
      'paid',
    )
    assert.equal(foldOrderPaymentStatus('pending', { payments, attempts: [surplus] }), 'refunded')
    assert.equal(foldOrderPaymentStatus('pending', { payments, attempts: [row({ status: 'authorized' })] }), 'verified')
  })

  describe('M1 M2 an order is under review while money of it waits for a person', () => {
    const payments = [paymentRow({})]
    const short = { ...captured, amount: 9_000, captured_amount: 9_000 }
    const review = row({ ...short, disposition: 'review' })
    const surplus = row({ ...short, disposition: 'surplus' })
    const authorized = row({ status: 'authorized', amount: 9_000 })
    const rows: [string, AttemptRow[], notConfirmed: string, confirmed: string][] = [
      ['a capture in review', [review], 'under_review', 'pending'],
      ['a capture in review, and a failure', [row({ status: 'failed' }), review], 'under_review', 'pending'],
      [
        'a capture in review, and one that pays',
        [review, row({ ...captured, disposition: 'kept' })],
        'under_review',
        'paid',
      ],
      [
        'a capture in review, a part of which was kept for good',
        [{ ...review, written_off_amount: 1 }],
        'under_review',
        'pending',
      ],
      [
        'a capture in review, all of which was kept for good',
        [{ ...review, written_off_amount: 9_000 }],
        'paid',
        'pending',
      ],
      [
        'a capture whose refund waits for a second person',
        [{ ...review, refunding_amount: 9_000 }],
        'under_review',
        'pending',
      ],
      ['one on its way back', [{ ...surplus, refunding_amount: 9_000 }], 'paid', 'pending'],
      [
        'one that has gone back',
        [{ ...surplus, refunding_amount: 9_000, refunded_amount: 9_000 }],
        'refunded',
        'pending',
      ],
      ['one that could not be sent back', [surplus], 'under_review', 'pending'],
      [
        'one of which a part was sent back',
        [{ ...surplus, refunding_amount: 1, refunded_amount: 1 }],
        'under_review',
        'pending',
      ],
      ['an authorization of another amount', [authorized], 'under_review', 'pending'],
      [
        'an authorization in another currency',
        [row({ status: 'authorized', currency: 'USD' })],
        'under_review',
        'pending',
      ],
      ['an authorization of what was asked for', [row({ status: 'authorized' })], 'verified', 'pending'],
      [
        'an authorization of another amount that was given back',
        [row({ status: 'refunded', amount: 9_000 })],
        'failed',
        'pending',
      ],
    ]
    for (const [name, attempts, notConfirmed, confirmed] of rows) {
      test(`M1 M2 ${name}: ${notConfirmed}; of an order that stands: ${confirmed}`, () => {
        for (const some of [attempts, attempts.toReversed()]) {
          assert.equal(foldOrderPaymentStatus('pending', { payments, attempts: some }), notConfirmed)
          assert.equal(foldOrderPaymentStatus('confirmed', { payments, attempts: some }), confirmed)
        }
      })
    }

    test('M2 what was undecided counts as failed once nobody asks about it any more; what is held stays held', () => {
      assert.equal(foldGivenUp('pending', { payments, attempts: [authorized] }, authorized.payment_id), 'failed')
      assert.equal(
        foldGivenUp('pending', { payments, attempts: [authorized, review] }, authorized.payment_id),
        'under_review',
      )
      assert.equal(foldGivenUp('pending', { payments, attempts: [authorized] }, 'another payment'), 'under_review')
      assert.equal(
        foldGivenUp(
          'confirmed',
          { payments, attempts: [authorized, row({ ...captured, disposition: 'kept' })] },
          authorized.payment_id,
        ),
        'paid',
      )
    })
  })

  test('every status can be reached from creating', () => {
    const reached = new Set<PaymentStatus>(['creating'])
    for (const from of reached) for (const to of PAYMENT_TRANSITIONS[from]) reached.add(to)
    assert.deepEqual([...reached].sort(), Object.keys(PAYMENT_TRANSITIONS).sort())
  })
})
