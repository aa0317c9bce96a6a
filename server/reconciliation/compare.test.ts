/** Two books on one thing: every pair of words, and every amount that differs. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attemptFact, refundFact } from '../../test/make.ts'
import type { BookedAttempt, BookedRefund } from '../payments/books-queries.ts'
import { comparePayment, compareRefund } from './compare.ts'

const ORDER = '00000000-0000-7000-8000-00000000a001'
const PAYMENT = '00000000-0000-7000-8000-00000000a003'

function attempt(changes: Partial<BookedAttempt>): BookedAttempt {
  return {
    id: '00000000-0000-7000-8000-00000000a004',
    payment_id: PAYMENT,
    order_id: ORDER,
    provider_payment_id: 'pay_1',
    provider_order_id: 'order_1',
    status: 'created',
    amount: 10_000,
    currency: 'INR',
    captured_amount: 0,
    refunding_amount: 0,
    refunded_amount: 0,
    ...changes,
  }
}
const captured = (changes: Partial<BookedAttempt> = {}) =>
  attempt({ status: 'captured', captured_amount: 10_000, ...changes })

function refund(changes: Partial<BookedRefund>): BookedRefund {
  return {
    id: '00000000-0000-7000-8000-00000000a005',
    payment_id: PAYMENT,
    attempt_id: '00000000-0000-7000-8000-00000000a004',
    order_id: ORDER,
    provider_refund_id: 'rfnd_1',
    provider_payment_id: 'pay_1',
    provider_order_id: 'order_1',
    status: 'processed',
    amount: 300,
    currency: 'INR',
    ...changes,
  }
}

const STATUSES = ['created', 'failed', 'authorized', 'captured', 'refunded'] as const

describe('a payment, ours by row and theirs by column', () => {
  /** Theirs: created, failed, authorized, captured, refunded (an authorization that was given back). */
  const table = {
    unheard: ['behind', 'behind', 'behind', 'behind', 'behind'],
    created: ['matched', 'behind', 'behind', 'behind', 'behind'],
    failed: ['contradicts', 'matched', 'behind', 'behind', 'behind'],
    authorized: ['contradicts', 'contradicts', 'matched', 'behind', 'behind'],
    captured: ['contradicts', 'contradicts', 'contradicts', 'matched', 'contradicts'],
    refunded: ['contradicts', 'contradicts', 'contradicts', 'behind', 'matched'],
  } as const
  for (const [status, verdicts] of Object.entries(table)) {
    for (const [index, theirs] of STATUSES.entries()) {
      test(`${status} × ${theirs}: ${verdicts[index]}`, () => {
        const ours =
          status === 'unheard'
            ? undefined
            : status === 'captured'
              ? captured()
              : attempt({ status: status as BookedAttempt['status'] })
        const fact = attemptFact({ status: theirs, amount: 10_000, refundedAmount: theirs === 'captured' ? 0 : null })
        assert.equal(comparePayment(ours, fact).kind, verdicts[index])
      })
    }
  }

  test('in another amount or currency contradicts', () => {
    const fact = (changes: object) => attemptFact({ status: 'captured', amount: 10_000, ...changes })
    assert.deepEqual(comparePayment(captured(), fact({ amount: 9_900 })), {
      kind: 'contradicts',
      detail: 'Captured INR 99.00 at the provider; we have INR 100.00.',
    })
    assert.equal(comparePayment(captured(), fact({ currency: 'USD' })).kind, 'contradicts')
  })

  for (const [refunding, refunded, there, kind] of [
    [0, 0, 0, 'matched'],
    [300, 300, 300, 'matched'],
    // Under way: whether it counts there already is the provider's to say.
    [300, 0, 0, 'matched'],
    [300, 0, 300, 'matched'],
    [500, 200, 300, 'matched'],
    [0, 0, 1, 'behind'],
    [300, 300, 301, 'behind'],
    [300, 300, 299, 'contradicts'],
    [300, 300, null, 'matched'],
  ] as const) {
    test(`${refunding} going back, ${refunded} gone, ${there} there: ${kind}`, () => {
      const ours = captured({ refunding_amount: refunding, refunded_amount: refunded })
      const fact = attemptFact({ status: 'captured', amount: 10_000, refundedAmount: there })
      assert.equal(comparePayment(ours, fact).kind, kind)
    })
  }

  test('all of whose money went back is still a capture', () => {
    const ours = captured({ status: 'refunded', refunding_amount: 10_000, refunded_amount: 10_000 })
    const fact = attemptFact({ status: 'captured', amount: 10_000, refundedAmount: 10_000 })
    assert.equal(comparePayment(ours, fact).kind, 'matched')
  })
})

describe('a refund, ours by row and theirs by column', () => {
  const table = {
    unheard: ['behind', 'behind', 'behind'],
    requested: ['behind', 'behind', 'behind'],
    processing: ['matched', 'behind', 'behind'],
    processed: ['contradicts', 'matched', 'behind'],
    failed: ['contradicts', 'contradicts', 'matched'],
  } as const
  for (const [status, verdicts] of Object.entries(table)) {
    for (const [index, theirs] of (['processing', 'processed', 'failed'] as const).entries()) {
      test(`${status} × ${theirs}: ${verdicts[index]}`, () => {
        const ours = status === 'unheard' ? undefined : refund({ status: status as BookedRefund['status'] })
        assert.equal(compareRefund(ours, refundFact({ status: theirs, amount: 300 })).kind, verdicts[index])
      })
    }
  }

  test('of another amount or currency contradicts', () => {
    assert.deepEqual(compareRefund(refund({}), refundFact({ status: 'processed', amount: 301 })), {
      kind: 'contradicts',
      detail: 'A refund of INR 3.01 at the provider; we have INR 3.00.',
    })
    const foreign = refundFact({ status: 'processed', amount: 300, currency: 'USD' })
    assert.equal(compareRefund(refund({}), foreign).kind, 'contradicts')
  })
})
