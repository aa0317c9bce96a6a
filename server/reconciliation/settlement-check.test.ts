/** Lines of a settlement that add up, and those that do not. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { BookedAttempt, BookedRefund } from '../payments/books-queries.ts'
import type { SettlementLine } from '../payments/providers/provider.ts'
import { contradiction, isSame, keptOf } from './settlement-check.ts'

const PAYMENT: SettlementLine = {
  entityId: 'pay_1',
  type: 'payment',
  amount: 50_000,
  debit: 0,
  credit: 48_820,
  fee: 1_180,
  tax: 180,
  currency: 'INR',
  settlementId: 'setl_1',
  utr: 'UTR1',
  settledAt: new Date('2026-11-21T00:00:00Z'),
  providerPaymentId: null,
  providerOrderId: 'order_1',
  disputeId: null,
}
const REFUND: SettlementLine = {
  ...PAYMENT,
  entityId: 'rfnd_1',
  type: 'refund',
  amount: 10_000,
  debit: 10_000,
  credit: 0,
  fee: 0,
  tax: 0,
  providerPaymentId: 'pay_1',
}
const CAPTURED = { captured_amount: 50_000, currency: 'INR' } as BookedAttempt
const PROCESSED = { amount: 10_000, currency: 'INR', status: 'processed' } as BookedRefund

describe('what was kept', () => {
  for (const [what, line, kept] of [
    ['of a payment is its fee', PAYMENT, { fee: 1_180, tax: 180 }],
    ['of a refund is nothing', REFUND, { fee: 0, tax: 0 }],
    [
      'of a refund that names a fee which was not taken is nothing',
      { ...REFUND, fee: 708, tax: 108 },
      { fee: 0, tax: 0 },
    ],
    [
      'of a refund that cost something is that',
      { ...REFUND, debit: 10_708, fee: 708, tax: 108 },
      { fee: 708, tax: 108 },
    ],
    ['is never less than its tax', { ...PAYMENT, tax: 2_000 }, { fee: 1_180, tax: 1_180 }],
  ] as const) {
    test(what, () => assert.deepEqual(keptOf(line), kept))
  }
})

describe('a line that is in order', () => {
  for (const [what, line, paid, refund] of [
    ['a payment as we have it', PAYMENT, CAPTURED, undefined],
    ['a payment that is not ours', PAYMENT, undefined, undefined],
    ['a refund as we have it', REFUND, undefined, PROCESSED],
    ['a refund that cost something', { ...REFUND, debit: 10_708, fee: 708, tax: 108 }, undefined, PROCESSED],
    ['an adjustment', { ...REFUND, type: 'adjustment' }, CAPTURED, undefined],
  ] as const) {
    test(what, () => assert.equal(contradiction(line, paid, refund), undefined))
  }
})

describe('a line that contradicts', () => {
  for (const [line, paid, refund, said] of [
    [
      { ...PAYMENT, credit: 48_821 },
      CAPTURED,
      undefined,
      'pay_1 was settled with INR 488.21 and a fee of INR 11.80, of INR 500.00.',
    ],
    [
      { ...PAYMENT, debit: 1 },
      CAPTURED,
      undefined,
      'pay_1 was settled with INR 488.20 and a fee of INR 11.80, of INR 500.00.',
    ],
    [{ ...PAYMENT, tax: 1_181 }, CAPTURED, undefined, 'The fee of pay_1 is less than the tax on it.'],
    [
      PAYMENT,
      { ...CAPTURED, captured_amount: 49_900 },
      undefined,
      'pay_1 was settled as INR 500.00; we have INR 499.00.',
    ],
    [PAYMENT, { ...CAPTURED, currency: 'USD' }, undefined, 'pay_1 was settled as INR 500.00; we have USD 500.00.'],
    [{ ...REFUND, debit: 9_999 }, undefined, PROCESSED, 'The refund rfnd_1 of INR 100.00 was settled with INR 99.99.'],
    [{ ...REFUND, credit: 1 }, undefined, PROCESSED, 'The refund rfnd_1 of INR 100.00 was settled with INR 100.00.'],
    [
      REFUND,
      undefined,
      { ...PROCESSED, amount: 9_000 },
      'The refund rfnd_1 was settled as INR 100.00; we have INR 90.00.',
    ],
    [REFUND, undefined, { ...PROCESSED, status: 'failed' }, 'The refund rfnd_1 was settled; we have it as failed.'],
  ] as const) {
    test(said, () => assert.equal(contradiction(line, paid, refund), said))
  }
})

test('a line that was booked is the same only in every figure', () => {
  const { entityId, settlementId, amount, debit, credit, fee, tax, currency } = PAYMENT
  const stored = { entity_id: entityId, settlement_id: settlementId, amount, debit, credit, fee, tax, currency }
  assert.equal(isSame(PAYMENT, stored), true)
  for (const changes of [
    { amount: 1 },
    { debit: 1 },
    { credit: 1 },
    { fee: 1 },
    { tax: 1 },
    { currency: 'USD' },
    { settlementId: 'setl_2' },
  ]) {
    assert.equal(isSame({ ...PAYMENT, ...changes }, stored), false, JSON.stringify(changes))
  }
})
