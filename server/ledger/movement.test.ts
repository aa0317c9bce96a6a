import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { captured, refunded, refundedByHand, refundReturned, writtenOff, type Movement } from './movement.ts'

/** Credits less debits, by account. */
function balances(movements: readonly Movement[]): Record<string, number> {
  const held: Record<string, number> = {}
  for (const { debit, credit, amount } of movements) {
    held[debit] = (held[debit] ?? 0) - amount
    held[credit] = (held[credit] ?? 0) + amount
  }
  return Object.fromEntries(Object.entries(held).filter(([, amount]) => amount !== 0))
}

describe('where money is', () => {
  for (const [provider, account] of [
    ['razorpay', 'provider_clearing:razorpay:INR'],
    ['bank', 'bank:manual:INR'],
  ] as const) {
    test(`that was paid by ${provider}: in ${account}, until it has gone back, and once more when it came back`, () => {
      const came = captured(provider, 'INR', 'attempt', 900)
      const went = refunded(provider, 'INR', 'refund', 500)
      const back = refundReturned(provider, 'INR', 'refund', 500)
      assert.deepEqual([came.debit, went.credit, back.debit], [account, account, account])
      assert.deepEqual(balances([came, went, back]), { [account]: -900, 'customer_funds:orders:INR': 900 })
    })
  }

  test('that came to our bank account and is paid back by hand: nothing is left of it there', () => {
    const moved = balances([captured('bank', 'INR', 'attempt', 900), refundedByHand('bank', 'INR', 'refund', 900)])
    assert.deepEqual(moved, { 'customer_funds:orders:INR': 900, 'refunds_owed:bank:INR': -900 })
  })
})

test('a write-off is ours to bear, or ours to keep', () => {
  assert.deepEqual(balances([writtenOff('INR', 100, 'item')]), {
    'write_offs:hundi:INR': -100,
    'customer_funds:orders:INR': 100,
  })
  assert.deepEqual(balances([writtenOff('INR', -70, 'item')]), {
    'write_offs:hundi:INR': 70,
    'customer_funds:orders:INR': -70,
  })
})
