/** What a provider pays out and keeps, as double entries. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { settled, unknownCaptured, unknownExplained, unknownRefunded, type SettledLine } from './provider-movement.ts'

const LINE: SettledLine = {
  provider: 'razorpay',
  currency: 'INR',
  entityId: 'pay_1',
  credit: 48_820,
  debit: 0,
  fee: 1_180,
  tax: 180,
}

/** debit ← credit amount cause */
function told(movements: ReturnType<typeof settled>): string[] {
  return movements.map((each) => `${each.debit} ← ${each.credit} ${each.amount} ${each.cause}`)
}

describe('a settled line', () => {
  for (const [what, changes, from, expected] of [
    [
      'of a payment goes to the bank and to the fees',
      {},
      'provider_clearing',
      [
        'bank:razorpay:INR ← provider_clearing:razorpay:INR 48820 settlement:razorpay:pay_1:paid_out',
        'provider_fees:razorpay:INR ← provider_clearing:razorpay:INR 1000 settlement:razorpay:pay_1:fee',
        'provider_fee_tax:razorpay:INR ← provider_clearing:razorpay:INR 180 settlement:razorpay:pay_1:fee_tax',
      ],
    ],
    [
      'without a fee is one transfer',
      { credit: 50_000, fee: 0, tax: 0 },
      'provider_clearing',
      ['bank:razorpay:INR ← provider_clearing:razorpay:INR 50000 settlement:razorpay:pay_1:paid_out'],
    ],
    [
      'of a refund is kept back from the bank',
      { credit: 0, debit: 10_000, fee: 0, tax: 0 },
      'provider_clearing',
      ['provider_clearing:razorpay:INR ← bank:razorpay:INR 10000 settlement:razorpay:pay_1:kept_back'],
    ],
    [
      'of a refund that cost something takes both from the bank',
      { credit: 0, debit: 10_708, fee: 708, tax: 108 },
      'provider_clearing',
      [
        'provider_clearing:razorpay:INR ← bank:razorpay:INR 10708 settlement:razorpay:pay_1:kept_back',
        'provider_fees:razorpay:INR ← provider_clearing:razorpay:INR 600 settlement:razorpay:pay_1:fee',
        'provider_fee_tax:razorpay:INR ← provider_clearing:razorpay:INR 108 settlement:razorpay:pay_1:fee_tax',
      ],
    ],
    [
      'of a lost dispute is a chargeback',
      { credit: 0, debit: 5_000, fee: 0, tax: 0 },
      'chargebacks',
      ['chargebacks:razorpay:INR ← bank:razorpay:INR 5000 settlement:razorpay:pay_1:kept_back'],
    ],
    ['of nothing is no transfer', { credit: 0, fee: 0, tax: 0 }, 'suspense', []],
  ] as const) {
    test(what, () => assert.deepEqual(told(settled({ ...LINE, ...changes }, from)), expected))
  }
})

test('money of nobody stands in suspense until it is explained or has gone back', () => {
  assert.deepEqual(
    told([
      unknownCaptured('razorpay', 'INR', 'pay_1', 100),
      unknownExplained('razorpay', 'INR', 'pay_1', 100),
      unknownRefunded('razorpay', 'INR', 'rfnd_1', 100),
    ]),
    [
      'provider_clearing:razorpay:INR ← suspense:razorpay:INR 100 unknown_capture:razorpay:pay_1',
      'suspense:razorpay:INR ← provider_clearing:razorpay:INR 100 unknown_explained:razorpay:pay_1',
      'suspense:razorpay:INR ← provider_clearing:razorpay:INR 100 unknown_refund:razorpay:rfnd_1',
    ],
  )
})
