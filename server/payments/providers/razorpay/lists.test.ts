/** What Razorpay's lists tell: payments of no order, times, and the lines of its settlement report, in full. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import {
  attemptFact,
  collectionItems,
  listedRefund,
  readSettlement,
  settlementLine,
  unboundPayment,
  UnreadableEntity,
} from './facts.ts'

const items = (name: string) => {
  const text = readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')
  return collectionItems(JSON.parse(text)) as Record<string, unknown>[]
}
const LINES = items('settlement-lines')
const [PAYMENT = {}] = items('payments-of-order')
const [REFUND = {}] = items('refunds-of-payment')
const SETTLED_AT = new Date(1_788_134_400_000)

describe('a settled line', () => {
  const shared = {
    currency: 'INR',
    settlementId: 'setl_R7oB3nYq7KsW2x',
    utr: '1788134400xk2p9q',
    settledAt: SETTLED_AT,
    providerPaymentId: null,
    providerOrderId: null,
    disputeId: null,
    fee: 0,
    tax: 0,
    credit: 0,
  }
  const expected = [
    {
      ...shared,
      entityId: 'pay_R7kQ2mXw9LpZ4t',
      type: 'payment',
      amount: 49_900,
      debit: 0,
      credit: 48_722,
      fee: 1_178,
      tax: 180,
      providerOrderId: 'order_R7kPfT3vYc8NdJ',
    },
    {
      ...shared,
      entityId: 'rfnd_R7mC4pZr8LtX3y',
      type: 'refund',
      amount: 10_000,
      debit: 10_000,
      providerPaymentId: 'pay_R7kQ2mXw9LpZ4t',
      providerOrderId: 'order_R7kPfT3vYc8NdJ',
    },
    {
      ...shared,
      entityId: 'adj_R7nD5qAs9MuY4z',
      type: 'adjustment',
      amount: 5_000,
      debit: 5_000,
      providerPaymentId: 'pay_R7kQ2mXw9LpZ4t',
      disputeId: 'disp_R7mZ1kXw2NvB5c',
    },
    { ...shared, entityId: 'trf_R7nE6rBt1NvZ5a', type: 'other', amount: 2_500, debit: 2_500, utr: null },
  ]
  for (const [index, line] of expected.entries()) {
    test(`of ${line.entityId}`, () => assert.deepEqual(settlementLine(LINES[index]), line))
  }

  test('is none while it waits', () => {
    assert.equal(settlementLine({ ...LINES[0], settled: false, settled_at: null, settlement_id: null }), null)
  })

  for (const [field, values] of [
    ['amount', ['49900', 499.5, -1, null]],
    ['credit', ['48722', 487.22, -1, null]],
    ['debit', ['0', 0.5, -1, null]],
    ['fee', ['1178', 11.78, -1]],
    ['tax', ['180', 1.8, -1]],
    ['settled_at', [null, '2026-11-21', -1]],
    ['settlement_id', [null, '', 7]],
    ['entity_id', [null, '', 7]],
    ['type', [null, 7]],
  ] as const) {
    test(`P25 with another kind of ${field} is unreadable, never repaired`, () => {
      for (const value of values) {
        assert.throws(() => settlementLine({ ...LINES[0], [field]: value }), UnreadableEntity, String(value))
      }
    })
  }
})

test('a transfer to the bank is read in whole minor units', () => {
  const settlement = { id: 'setl_R7oB3nYq7KsW2x', entity: 'settlement', amount: 38_722, status: 'processed', utr: 'U1' }
  assert.deepEqual(readSettlement(settlement), { settlementId: 'setl_R7oB3nYq7KsW2x', amount: 38_722, utr: 'U1' })
  for (const amount of ['38722', 387.22, -1, null]) {
    assert.throws(() => readSettlement({ ...settlement, amount }), UnreadableEntity)
  }
})

test('a payment of no order is no fact of ours, and money all the same', () => {
  const stray = { ...PAYMENT, order_id: null, status: 'captured', captured: true, amount_refunded: 100 }
  assert.equal(attemptFact(stray, 'reconciliation'), null)
  assert.deepEqual(unboundPayment(stray), {
    providerPaymentId: PAYMENT['id'],
    status: 'captured',
    amount: PAYMENT['amount'],
    currency: 'INR',
    refundedAmount: 100,
    providerCreatedAt: new Date(Number(PAYMENT['created_at']) * 1_000),
  })
  assert.equal(unboundPayment(PAYMENT), null)
  assert.equal(unboundPayment({ ...stray, status: 'in_review' }), null)
  assert.throws(() => unboundPayment({ ...stray, amount: '49900' }), UnreadableEntity)
})

describe('the time of a thing', () => {
  for (const [said, read] of [
    [1_787_923_803, new Date(1_787_923_803_000)],
    ['1787923803', null],
    [1_787_923_803_000, null],
    [-1, null],
    [0, null],
    [null, null],
    [undefined, null],
  ] as const) {
    test(`${JSON.stringify(said)} is ${read?.toISOString() ?? 'not known'}`, () => {
      const fact = attemptFact({ ...PAYMENT, created_at: said }, 'reconciliation')
      assert.deepEqual(fact?.providerCreatedAt, read)
      assert.deepEqual(listedRefund({ ...REFUND, created_at: said }, 'reconciliation')?.providerCreatedAt, read)
    })
  }
})

test('a listed refund names its payment, and no order', () => {
  const refund = listedRefund(REFUND, 'reconciliation')
  assert.equal(refund?.providerPaymentId, REFUND['payment_id'])
  assert.ok(refund !== null && !('of' in refund))
  for (const amount of ['300', 3.5, -1, null]) {
    assert.throws(() => listedRefund({ ...REFUND, amount }, 'reconciliation'), UnreadableEntity)
  }
})
