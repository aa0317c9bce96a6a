import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  settled,
  settledCauses,
  unknownCaptured,
  unknownExplained,
  unknownExplainedCause,
  unknownRefunded,
} from './provider-movement.ts'
import type { Movement } from './movement.ts'
import { suspenseRestored, suspenseWrittenOff, unknownRefundExplained } from './suspense-movement.ts'

/** Credits less debits, by account; what is zero left out. */
function balances(movements: readonly Movement[]): Record<string, number> {
  const held: Record<string, number> = {}
  for (const { debit, credit, amount } of movements) {
    assert.ok(amount > 0)
    held[debit] = (held[debit] ?? 0) - amount
    held[credit] = (held[credit] ?? 0) + amount
  }
  return Object.fromEntries(Object.entries(held).filter(([, amount]) => amount !== 0))
}

const captured = unknownCaptured('razorpay', 'INR', 'pay_1', 24_500)
const refunded = unknownRefunded('razorpay', 'INR', 'rfnd_1', 500)

test('written off, what suspense owes becomes ours, and what it has paid for nobody is borne', () => {
  const gain = suspenseWrittenOff('razorpay', 'INR', 24_000, 'item')
  assert.deepEqual(balances([captured, refunded, gain]), {
    'provider_clearing:razorpay:INR': -24_000,
    'write_offs:hundi:INR': 24_000,
  })
  assert.deepEqual(balances([suspenseWrittenOff('razorpay', 'INR', -700, 'item')]), {
    'suspense:razorpay:INR': 700,
    'write_offs:hundi:INR': -700,
  })
})

test('explained, nothing is left of what suspense was told', () => {
  const explained = unknownExplained('razorpay', 'INR', 'pay_1', 24_500)
  const refundExplained = unknownRefundExplained('razorpay', 'INR', 'rfnd_1', 500)
  assert.deepEqual(balances([captured, refunded, explained, refundExplained]), {})
  const writtenOff = suspenseWrittenOff('razorpay', 'INR', 24_000, 'item')
  const restored = suspenseRestored('razorpay', 'INR', 24_000, 'item')
  assert.deepEqual(balances([captured, refunded, writtenOff, restored, explained, refundExplained]), {})
})

test('each is posted under a cause of its own, which those who ask for it know', () => {
  const all = [
    captured,
    refunded,
    unknownExplained('razorpay', 'INR', 'pay_1', 1),
    unknownRefundExplained('razorpay', 'INR', 'rfnd_1', 1),
    suspenseWrittenOff('razorpay', 'INR', 1, 'item'),
    suspenseRestored('razorpay', 'INR', 1, 'item'),
  ].map(({ cause }) => cause)
  assert.equal(new Set(all).size, all.length)
  assert.equal(unknownExplainedCause('razorpay', 'pay_1'), all[2])
  const line = { provider: 'razorpay', currency: 'INR', entityId: 'pay_1', credit: 900, debit: 5, fee: 100, tax: 18 }
  assert.deepEqual(
    settled(line, 'suspense').map(({ cause }) => cause),
    settledCauses('razorpay', 'pay_1'),
  )
})
