import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { attemptRow, paymentRow } from '../../../test/make.ts'
import { isOf, nameOf, paymentOf, providerOrderOf, type FactOf } from './belonging.ts'

const [FIRST, SECOND] = [
  paymentRow({ id: 'first', provider_order_id: 'order_1' }),
  paymentRow({ id: 'second', provider_order_id: 'order_2' }),
]
const OTHER = paymentRow({ id: 'other', provider: 'otherpay', provider_order_id: 'order_1' })
const OPENING = paymentRow({ id: 'opening', provider_order_id: null })
const PAYMENTS = [FIRST, SECOND, OTHER, OPENING]
const ATTEMPTS = [
  attemptRow({ payment_id: 'second', provider_payment_id: 'pay_2' }),
  attemptRow({ payment_id: 'other', provider: 'otherpay', provider_payment_id: 'pay_1' }),
]

describe('the payment that a fact is of', () => {
  for (const [provider, of, id] of [
    ['razorpay', { providerOrderId: 'order_1' }, 'first'],
    ['razorpay', { providerOrderId: 'order_2' }, 'second'],
    ['otherpay', { providerOrderId: 'order_1' }, 'other'],
    ['otherpay', { providerOrderId: 'order_2' }, undefined],
    ['razorpay', { providerOrderId: 'order_3' }, undefined],
    ['razorpay', { paymentId: 'first' }, 'first'],
    ['razorpay', { paymentId: 'opening' }, 'opening'],
    // Our own id, told by a provider that this payment was not opened with.
    ['otherpay', { paymentId: 'first' }, undefined],
    ['razorpay', { paymentId: 'order_1' }, undefined],
    ['razorpay', { providerPaymentId: 'pay_2' }, 'second'],
    ['razorpay', { providerPaymentId: 'pay_1' }, undefined],
    ['otherpay', { providerPaymentId: 'pay_1' }, 'other'],
  ] as const satisfies readonly (readonly [string, FactOf, string | undefined])[]) {
    test(`${provider} says ${JSON.stringify(of)}: ${id ?? 'none'}`, () => {
      assert.equal(paymentOf({ payments: PAYMENTS, attempts: ATTEMPTS }, { provider, of })?.id, id)
    })
  }
})

test('what is said is of a payment, or of this attempt of it', () => {
  const ours = { payment_id: 'first', provider_order_id: 'order_1', provider_payment_id: 'pay_1' }
  const cases: [FactOf, boolean][] = [
    [{ providerOrderId: 'order_1' }, true],
    [{ providerOrderId: 'order_2' }, false],
    [{ paymentId: 'first' }, true],
    [{ paymentId: 'order_1' }, false],
    [{ providerPaymentId: 'pay_1' }, true],
    [{ providerPaymentId: 'first' }, false],
  ]
  for (const [of, expected] of cases) assert.equal(isOf(of, ours), expected, JSON.stringify(of))
  assert.equal(isOf({ providerOrderId: 'null' }, { ...ours, provider_order_id: null }), false)
})

test('a name is told as its source tells it', () => {
  assert.deepEqual(
    [{ providerOrderId: 'o' }, { paymentId: 'p' }, { providerPaymentId: 'a' }].map((of) => [
      nameOf(of),
      providerOrderOf(of),
    ]),
    [
      ['o', 'o'],
      ['p', null],
      ['a', null],
    ],
  )
})
