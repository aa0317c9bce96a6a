import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNotThrough } from './context.ts'
import type { PaymentProvider } from './providers/provider.ts'

/** Takes a dinar and more, in steps of ten fils. */
const provider = { title: 'Dinarpay', amountsIn: () => ({ least: 1_000, step: 10 }) } as unknown as PaymentProvider
const deps = { providers: new Map([['dinarpay', provider]]) }
const KUWAIT = { provider: 'dinarpay', currency: 'KWD' }

for (const [amount, does, expected] of [
  [1_000, 'takes', undefined],
  [295_990, 'sends back', undefined],
  [999, 'takes', 'Dinarpay takes no less than KWD 1.000 at once'],
  [0, 'sends back', 'Dinarpay sends back no less than KWD 1.000 at once'],
  [295_991, 'sends back', 'Dinarpay sends back only multiples of KWD 0.010'],
  [295_995, 'takes', 'Dinarpay takes only multiples of KWD 0.010'],
] as const) {
  test(`${amount} fils: ${expected ?? `it ${does} them`}`, () => {
    assert.equal(whyNotThrough(deps, KUWAIT, amount, does), expected)
    // A wallet, and our own bank account, have no such limits.
    assert.equal(whyNotThrough(deps, { ...KUWAIT, provider: 'wallet' }, amount, does), undefined)
  })
}
