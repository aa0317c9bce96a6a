import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { saleRestored, saleReversed, sold, writtenOff, type Movement, type Sale } from './movement.ts'

const SALE: Sale = {
  shopOrderId: 'part-1',
  shopId: 'kutch',
  subtotal: 10_000,
  discount: 1_000,
  deliveryFee: 400,
  tax: 250,
  total: 9_650,
  commissionBps: 1_000,
  returned: 0,
}

/** Credits less debits, by account. */
function balances(movements: readonly Movement[]): Record<string, number> {
  const held: Record<string, number> = {}
  for (const { debit, credit, amount } of movements) {
    held[debit] = (held[debit] ?? 0) - amount
    held[credit] = (held[credit] ?? 0) + amount
  }
  return Object.fromEntries(Object.entries(held).filter(([, amount]) => amount !== 0))
}

describe('a sale', () => {
  test('goes to whom it belongs: the shop earns its full price less commission, the house bears the coupon', () => {
    assert.deepEqual(balances(sold('INR', [SALE])), {
      'customer_funds:orders:INR': -9_650,
      'seller_payable:kutch:INR': 9_000,
      'commission:hundi:INR': 1_000,
      'delivery:kutch:INR': 400,
      'tax:kutch:INR': 250,
      'discounts:hundi:INR': -1_000,
    })
  })

  test('that is partly given back shrinks in all its shares', () => {
    const movements = [...sold('INR', [SALE]), ...saleReversed('INR', SALE, 4_825, 'refund-1')]
    assert.deepEqual(balances(movements), {
      'customer_funds:orders:INR': -4_825,
      'seller_payable:kutch:INR': 4_500,
      'commission:hundi:INR': 500,
      'delivery:kutch:INR': 200,
      'tax:kutch:INR': 125,
      'discounts:hundi:INR': -500,
    })
  })

  test('of nothing moves nothing', () => {
    const free = { ...SALE, subtotal: 0, discount: 0, deliveryFee: 0, tax: 0, total: 0 }
    assert.deepEqual(sold('INR', [free]), [])
  })

  test('that is given back in any pieces, some of them taken back again, leaves nothing when all is given back', () => {
    const sales = fc.record({
      subtotal: fc.integer({ min: 1, max: 1_000_000_000_000 }),
      discountBps: fc.integer({ min: 0, max: 10_000 }),
      deliveryFee: fc.integer({ min: 0, max: 100_000 }),
      tax: fc.integer({ min: 0, max: 100_000 }),
      commissionBps: fc.integer({ min: 0, max: 10_000 }),
      steps: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 12 }),
    })
    fc.assert(
      fc.property(sales, ({ discountBps, steps, ...given }) => {
        const discount = Math.floor((given.subtotal / 10_000) * discountBps)
        const total = given.subtotal - discount + given.deliveryFee + given.tax
        let sale: Sale = { shopOrderId: 'p', shopId: 's', ...given, discount, total, returned: 0 }
        const movements = sold('INR', [sale])
        let turn = 0
        const give = (amount: number) => {
          turn += 1
          if (amount > 0) movements.push(...saleReversed('INR', sale, amount, String(turn)))
          if (amount < 0) movements.push(...saleRestored('INR', sale, -amount, String(turn)))
          sale = { ...sale, returned: sale.returned + amount }
          const funds = balances(movements)['customer_funds:orders:INR'] ?? 0
          // What left the order's funds is exactly what is left of the sale, at every moment.
          assert.equal(funds + sale.total - sale.returned, 0)
        }
        for (const step of steps) {
          give(step > 0 ? Math.floor((sale.total - sale.returned) * step) : -Math.floor(sale.returned * -step))
        }
        give(sale.total - sale.returned)
        assert.deepEqual(balances(movements), {})
        const causes = movements.map((movement) => movement.cause)
        assert.equal(new Set(causes).size, causes.length, 'a cause can be posted once')
        assert.ok(movements.every((movement) => movement.amount > 0 && movement.debit !== movement.credit))
      }),
      { numRuns: 500 },
    )
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
