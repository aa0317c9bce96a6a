import assert from 'node:assert/strict'
import { test } from 'node:test'
import { balanceOn, isAccountKind, NORMAL_SIDES, parseAccountCode } from './account.ts'

test('what we have, are owed or have spent stands on the debit side, what we owe or have earned on the credit side', () => {
  const kindsOn = (side: string) =>
    Object.entries(NORMAL_SIDES)
      .filter((entry) => entry[1] === side)
      .map(([kind]) => kind)
      .sort()
  assert.deepEqual(kindsOn('debit'), [
    'bank',
    'chargebacks',
    'cod_receivable',
    'discounts',
    'provider_clearing',
    'provider_fee_tax',
    'provider_fees',
    'write_offs',
  ])
  assert.deepEqual(kindsOn('credit'), [
    'commission',
    'customer_funds',
    'delivery',
    'refunds_owed',
    'seller_payable',
    'suspense',
    'tax',
    'wallet',
  ])
})

test('a balance is positive on its normal side and negative on the other', () => {
  assert.equal(balanceOn('debit', { debits: 700, credits: 200 }), 500)
  assert.equal(balanceOn('debit', { debits: 200, credits: 700 }), -500)
  assert.equal(balanceOn('credit', { debits: 200, credits: 700 }), 500)
  assert.equal(balanceOn('credit', { debits: 0, credits: 0 }), 0)
})

for (const [code, expected] of [
  ['bank:razorpay:INR', { kind: 'bank', owner: 'razorpay', currency: 'INR' }],
  ['wallet:u_1:JPY', { kind: 'wallet', owner: 'u_1', currency: 'JPY' }],
  ['bank:razorpay', undefined],
  ['bank::INR', undefined],
  ['bank:razorpay:inr', undefined],
  ['bank:a:b:INR', undefined],
  ['toString:a:INR', undefined],
  ['', undefined],
] as const) {
  test(`the account code "${code}" ${expected === undefined ? 'is none' : 'is read'}`, () => {
    assert.deepEqual(parseAccountCode(code), expected)
  })
}

test('only the names of the chart are kinds', () => {
  assert.equal(isAccountKind('suspense'), true)
  assert.equal(isAccountKind('constructor'), false)
})
