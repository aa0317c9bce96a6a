import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { saleLine } from '../../test/make.ts'
import {
  allLeft,
  earnedWith,
  isGivenBack,
  soldLine,
  spreadOver,
  unitsOut,
  type LineReturn,
  type SaleLine,
} from './lines.ts'

const line = (id: string, total: number, quantity = 1, more: Partial<SaleLine> = {}) =>
  saleLine({ id, total, quantity, ...more })
const delivery = (total: number) => line('delivery', total, 1, { kind: 'delivery', product_id: null })
const OTHER = { shop_order_id: 'other part' }

function afterwards(lines: readonly SaleLine[], back: readonly LineReturn[]): SaleLine[] {
  return lines.map((each) => {
    const own = back.find(({ itemId }) => itemId === each.id)
    return {
      ...each,
      returned_quantity: each.returned_quantity + (own?.quantity ?? 0),
      returned_amount: each.returned_amount + (own?.amount ?? 0),
    }
  })
}

const inWords = (back: readonly LineReturn[]) => back.map((each) => `${each.itemId} ${each.quantity} ${each.amount}`)

describe('what an amount takes that is for no line', () => {
  const TABLE: readonly [string, SaleLine[], number, string[]][] = [
    ['in proportion', [line('a', 10_000), line('b', 90_000, 9)], 50_000, ['a 0 5000', 'b 0 45000']],
    ['delivery included', [line('a', 24_000, 3), delivery(500)], 500, ['a 0 490', 'delivery 0 10']],
    ['all of it brings all units', [line('a', 24_000, 3), delivery(500)], 24_500, ['a 3 24000', 'delivery 1 500']],
    [
      'over both shops',
      [line('a', 24_000, 3), delivery(500), line('b', 24_500, 1, OTHER)],
      1_000,
      ['a 0 490', 'delivery 0 10', 'b 0 500'],
    ],
    [
      'over what is left',
      [line('a', 10_000, 1, { returned_quantity: 1, returned_amount: 10_000 }), line('b', 90_000, 9)],
      900,
      ['b 0 900'],
    ],
    ['the last money of a line brings its units', [line('a', 1), line('b', 99_999)], 99_999, ['a 1 1', 'b 0 99998']],
    ['a free line is not gone while its part is not', [line('free', 0, 2), line('b', 100)], 99, ['b 0 99']],
    [
      'and is when its part is',
      [line('free', 0, 2), line('b', 100), line('c', 5, 1, OTHER)],
      105,
      ['free 2 0', 'b 1 100', 'c 1 5'],
    ],
    [
      'a unit without money stays, while money is left of its part',
      [line('a', 300, 3, { returned_quantity: 2, returned_amount: 300 }), line('b', 100)],
      40,
      ['b 0 40'],
    ],
    ['tax that is not in the price is part of it', [line('a', 90, 1, { tax: 10 })], 100, ['a 1 100']],
  ]
  for (const [name, lines, amount, expected] of TABLE) {
    test(name, () => assert.deepEqual(inWords(spreadOver(lines, amount)), expected))
  }

  test('W3 two amounts leave the same in either order, and all of them together leave nothing', () => {
    const lines = fc.array(
      fc.record({ total: fc.nat({ max: 50_000 }), quantity: fc.integer({ min: 1, max: 4 }), other: fc.boolean() }),
      { minLength: 1, maxLength: 5 },
    )
    const shares = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(lines, shares, (made, parts) => {
        const order = made.map(({ total, quantity, other }, at) =>
          line(String(at), total, quantity, other ? OTHER : {}),
        )
        const all = earnedWith(order)
        // Amounts of the provider's dashboard: together no more than there is.
        const amounts = parts.map((part) => Math.floor((all * part) / parts.length))
        const told = (sequence: readonly number[]) =>
          sequence.reduce((now, amount) => {
            const back = spreadOver(now, amount)
            assert.equal(
              back.reduce((sum, each) => sum + each.amount, 0),
              amount,
            )
            return afterwards(now, back)
          }, order)
        const [first, second] = [told(amounts), told(amounts.toReversed())]
        // A line may be gone on one way before it is on another only where its last money is.
        const money = (rows: readonly SaleLine[]) => rows.map((row) => row.returned_amount)
        if (first.every((row) => row.returned_quantity === 0)) assert.deepEqual(money(first), money(second))
        assert.deepEqual(allLeft(afterwards(first, spreadOver(first, earnedWith(first)))), [])
      }),
      { numRuns: 500 },
    )
  })
})

describe('what is left of lines', () => {
  const lines = [
    line('a', 300, 3, { returned_quantity: 1, returned_amount: 100, restocked: 1 }),
    line('b', 100, 1, { returned_quantity: 1, returned_amount: 70 }),
    delivery(50),
  ]

  test('their units and their money', () => {
    assert.deepEqual(inWords(allLeft(lines)), ['a 2 200', 'b 0 30', 'delivery 1 50'])
    assert.equal(earnedWith(lines), 280)
    assert.deepEqual(allLeft([line('gone', 10, 2, { returned_quantity: 2, returned_amount: 10 })]), [])
  })

  test('to send: nothing when every thing was given back, whatever became of the delivery', () => {
    assert.equal(isGivenBack(lines), false)
    assert.equal(isGivenBack([...afterwards(lines, [{ itemId: 'a', quantity: 2, amount: 0 }])]), true)
    assert.equal(isGivenBack([delivery(50)]), false)
    assert.equal(isGivenBack([]), false)
  })

  test('to put back into stock: units of products that are still out', () => {
    assert.deepEqual(unitsOut([...lines, line('plan', 10, 1, { kind: 'membership', product_id: null })]), [
      { itemId: 'a', quantity: 2 },
      { itemId: 'b', quantity: 1 },
    ])
  })
})

test('the shares of a line are together what it costs', () => {
  for (const each of [
    line('a', 5_400, 3, { house_discount: 600, tax: 150, commission: 750 }),
    delivery(400),
    line('free', 0, 1, { house_discount: 900, commission: 90 }),
  ]) {
    const { gross, shares } = soldLine(each)
    assert.equal(
      shares.reduce((sum, share) => sum + share.amount, 0),
      gross,
    )
    assert.equal(gross, each.total + each.tax)
  }
})
