import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Movement } from './movement.ts'
import {
  returnedLess,
  returnedMore,
  saleRestored,
  saleReversed,
  sharesOf,
  sold,
  type LinePrice,
  type SoldLine,
} from './sale.ts'

function line(id: string, price: Partial<LinePrice>, more: Partial<SoldLine> = {}): SoldLine {
  const whole = {
    kind: 'product',
    shopId: 'kutch',
    total: 0,
    houseDiscount: 0,
    tax: 0,
    commission: 0,
    ...price,
  } as const
  return {
    id,
    shopOrderId: `part of ${whole.shopId}`,
    quantity: 1,
    gross: whole.total + whole.tax,
    shares: sharesOf(whole),
    returned: { quantity: 0, amount: 0 },
    ...more,
  }
}

/** Two things of one shop, what it takes for bringing them, and one thing of another shop. */
const PEPPER = line('pepper', { total: 9_000, houseDiscount: 1_000, tax: 250, commission: 1_000 }, { quantity: 3 })
const HONEY = line('honey', { total: 5_000, commission: 501 })
const DELIVERY = line('delivery', { kind: 'delivery', total: 400 })
const STOLE = line('stole', { shopId: 'pahadi', total: 80_001, commission: 8_000 })
const ORDER = [PEPPER, HONEY, STOLE, DELIVERY]

/** Credits less debits, by account. */
function balances(movements: readonly Movement[]): Record<string, number> {
  const held: Record<string, number> = {}
  for (const { debit, credit, amount } of movements) {
    held[debit] = (held[debit] ?? 0) - amount
    held[credit] = (held[credit] ?? 0) + amount
  }
  return Object.fromEntries(Object.entries(held).filter(([, amount]) => amount !== 0))
}

const given = (of: SoldLine, amount: number, quantity = 0) => ({ line: of, by: { amount, quantity } })

describe('a sale', () => {
  test('goes to whom it belongs: shops earn their full price less commission, the house bears the coupon', () => {
    assert.deepEqual(balances(sold('INR', ORDER)), {
      'customer_funds:orders:INR': -94_651,
      'seller_payable:kutch:INR': 9_000 + 4_499,
      'commission:hundi:INR': 1_000 + 501 + 8_000,
      'tax:kutch:INR': 250,
      'discounts:hundi:INR': -1_000,
      'delivery:kutch:INR': 400,
      'seller_payable:pahadi:INR': 72_001,
    })
  })

  test('is one transfer for each part and share, under a cause of its own', () => {
    const lines = sold('INR', ORDER).map(({ kind, amount, cause }) => `${kind} ${amount} ${cause}`)
    assert.deepEqual(lines, [
      'sale 13499 sale:part of kutch',
      'commission 1501 commission:part of kutch',
      'tax 250 tax:part of kutch',
      'discount 1000 discount:part of kutch',
      'sale 72001 sale:part of pahadi',
      'commission 8000 commission:part of pahadi',
      'delivery 400 delivery:part of kutch',
    ])
  })

  test('R18 of which a line is given back shrinks in that line, and in nothing else', () => {
    assert.deepEqual(balances(saleReversed('INR', [given(STOLE, 80_001, 1)], 'refund')), {
      'customer_funds:orders:INR': 80_001,
      'seller_payable:pahadi:INR': -72_001,
      'commission:hundi:INR': -8_000,
    })
    assert.deepEqual(balances(saleReversed('INR', [given(PEPPER, 3_083, 1)], 'refund')), {
      'customer_funds:orders:INR': 3_083,
      // Of 9 250 there are 6 167 left: of the commission 666, of the tax 166, of the coupon 666.
      'seller_payable:kutch:INR': -(9_000 - 6_001),
      'commission:hundi:INR': -(1_000 - 666),
      'tax:kutch:INR': -(250 - 166),
      'discounts:hundi:INR': 1_000 - 666,
    })
    assert.deepEqual(balances(saleReversed('INR', [given(DELIVERY, 400, 1)], 'refund')), {
      'customer_funds:orders:INR': 400,
      'delivery:kutch:INR': -400,
    })
  })

  test('rounds each share down and gives the rest to whoever sold it, at each boundary', () => {
    const of = line('odd', { total: 1_000, commission: 3 }, { quantity: 1 })
    for (const [amount, commission] of [
      [1, 1],
      [333, 1],
      [334, 2],
      [666, 2],
      [667, 3],
      [1_000, 3],
    ] as const) {
      assert.deepEqual(
        balances(saleReversed('INR', [given(of, amount)], 'refund')),
        {
          'customer_funds:orders:INR': amount,
          ...(amount === commission ? {} : { 'seller_payable:kutch:INR': commission - amount }),
          'commission:hundi:INR': -commission,
        },
        `of ${amount}`,
      )
    }
  })

  // What a share of 3 in a line of 1 000 has left, once so much of the line is given back.
  const left: [givenBack: number, left: number][] = [
    [0, 3],
    [1, 2],
    [333, 2],
    [334, 1],
    [666, 1],
    [667, 0],
    [999, 0],
    [1_000, 0],
  ]
  const shares: [what: string, price: Partial<LinePrice>, account: string, sign: 1 | -1, seller: string][] = [
    ['the commission', { total: 1_000, commission: 3 }, 'commission:hundi:INR', 1, 'seller_payable:kutch:INR'],
    ['the tax', { total: 997, tax: 3 }, 'tax:kutch:INR', 1, 'seller_payable:kutch:INR'],
    ['what the house bears', { total: 1_000, houseDiscount: 3 }, 'discounts:hundi:INR', -1, 'seller_payable:kutch:INR'],
    [
      'the commission on delivery',
      { kind: 'delivery', total: 1_000, commission: 3 },
      'commission:hundi:INR',
      1,
      'delivery:kutch:INR',
    ],
  ]
  for (const [what, price, account, sign, seller] of shares) {
    test(`T16 ${what} is exact at each boundary, and whoever sold the line has all the rest`, () => {
      const of = line('odd', price)
      for (const [back, expected] of left) {
        const now = balances([...sold('INR', [of]), ...saleReversed('INR', [given(of, back)], 'refund')])
        const kept = 1_000 - back
        assert.deepEqual(
          [now[account] ?? 0, now[seller] ?? 0, now['customer_funds:orders:INR'] ?? 0].map((amount) => amount + 0),
          [sign * expected + 0, kept - sign * expected, -kept + 0],
          `of ${back} given back`,
        )
        // In two steps, and with one of them taken back, it is the same to the paisa.
        const half = Math.floor(back / 2)
        const after = { ...of, returned: { quantity: 0, amount: half } }
        const all = { ...of, returned: { quantity: 0, amount: back } }
        const first = saleReversed('INR', [given(of, half)], 'first')
        const second = saleReversed('INR', [given(after, back - half)], 'second')
        const undone = saleRestored('INR', [given(all, back - half)], 'second')
        assert.deepEqual(balances([...sold('INR', [of]), ...first, ...second]), now)
        assert.deepEqual(balances([...first, ...second, ...undone]), balances(first))
      }
    })
  }

  test('of what cost nothing moves nothing, but where a coupon took off all of it: then its units tell', () => {
    assert.deepEqual(sold('INR', [line('sample', {})]), [])
    const free = line('gift', { total: 0, houseDiscount: 900, commission: 90 }, { quantity: 3 })
    const shares = { 'seller_payable:kutch:INR': 810, 'commission:hundi:INR': 90, 'discounts:hundi:INR': -900 }
    const all = sold('INR', [free])
    assert.deepEqual(balances(all), shares)
    const one = saleReversed('INR', [given(free, 0, 1)], 'one')
    const left = { 'seller_payable:kutch:INR': 540, 'commission:hundi:INR': 60, 'discounts:hundi:INR': -600 }
    assert.deepEqual(balances([...all, ...one]), left)
    const rest = saleReversed('INR', [given({ ...free, returned: { quantity: 1, amount: 0 } }, 0, 2)], 'rest')
    assert.deepEqual(balances([...all, ...one, ...rest]), {})
  })
})

test('R18 lines that are given back in any pieces, some of them put back again, leave nothing when all is given back', () => {
  const price = fc.record({
    kind: fc.constantFrom('product' as const, 'delivery' as const),
    shopId: fc.constantFrom('kutch', 'pahadi'),
    total: fc.nat({ max: 1_000_000_000 }),
    houseDiscount: fc.nat({ max: 1_000_000 }),
    tax: fc.nat({ max: 1_000_000 }),
    commissionBps: fc.nat({ max: 10_000 }),
    quantity: fc.integer({ min: 1, max: 9 }),
  })
  const step = fc.record({
    pick: fc.nat(),
    share: fc.double({ min: -1, max: 1, noNaN: true }),
    units: fc.nat({ max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(price, { minLength: 1, maxLength: 4 }), fc.array(step, { maxLength: 12 }), (prices, steps) => {
      const lines = prices.map(({ commissionBps, quantity, ...rest }, at) => {
        const commission = Math.floor(((rest.total + rest.houseDiscount) / 10_000) * commissionBps)
        return line(String(at), { ...rest, commission }, { quantity })
      })
      const movements = sold('INR', lines)
      let turn = 0
      const move = (at: number, quantity: number, amount: number) => {
        const of = lines[at]
        assert.ok(of)
        turn += 1
        const isBack = quantity >= 0 && amount >= 0
        const by = { quantity: Math.abs(quantity), amount: Math.abs(amount) }
        const others = balances(movements)
        movements.push(...(isBack ? saleReversed : saleRestored)('INR', [{ line: of, by }], String(turn)))
        lines[at] = { ...of, returned: (isBack ? returnedMore : returnedLess)(of.returned, by) }
        // What left the order's funds is exactly what is left of its lines, at every moment; no other line's shop moves.
        const now = balances(movements)
        const left = lines.reduce((sum, each) => sum + each.gross - each.returned.amount, 0)
        assert.equal((now['customer_funds:orders:INR'] ?? 0) + left, 0)
        const shop = prices[at]?.shopId === 'kutch' ? 'pahadi' : 'kutch'
        for (const account of ['seller_payable', 'delivery', 'tax'].map((kind) => `${kind}:${shop}:INR`)) {
          assert.equal(now[account], others[account])
        }
      }
      for (const { pick, share, units } of steps) {
        const at = pick % lines.length
        const { gross, quantity, returned } = lines[at] ?? line('', {})
        if (share >= 0)
          move(at, Math.min(units, quantity - returned.quantity), Math.floor((gross - returned.amount) * share))
        else move(at, -Math.min(units, returned.quantity), -Math.floor(returned.amount * -share))
      }
      for (const [at, { gross, quantity, returned }] of lines.entries()) {
        move(at, quantity - returned.quantity, gross - returned.amount)
      }
      assert.deepEqual(balances(movements), {})
      const causes = movements.map((movement) => movement.cause)
      assert.equal(new Set(causes).size, causes.length, 'a cause can be posted once')
      assert.ok(movements.every((movement) => movement.amount > 0 && movement.debit !== movement.credit))
    }),
    { numRuns: 500 },
  )
})
