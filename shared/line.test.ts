import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { amountBack, amountLeft, unitsLeft, worthOf, type SoldUnits } from './line.ts'

const line = (gross: number, quantity: number, back = 0, amount = 0): SoldUnits => ({
  gross,
  quantity,
  returned: { quantity: back, amount },
})

const TABLE: readonly [SoldUnits, units: number, worth: number, back: number, when: string][] = [
  [line(100, 3), 1, 33, 33, 'the first of three'],
  [line(100, 3, 1, 33), 1, 33, 33, 'the second'],
  [line(100, 3, 2, 66), 1, 34, 34, 'the last brings the sum'],
  [line(100, 3), 2, 66, 66, 'two at once'],
  [line(100, 3, 2, 66), 0, 0, 0, 'none'],
  [line(10_000, 1, 0, 3_000), 1, 10_000, 7_000, 'an amount was taken before: only what is left goes back'],
  [line(300, 3, 0, 150), 1, 100, 100, 'enough is left'],
  [line(300, 3, 1, 250), 1, 100, 50, 'not enough is left'],
  [line(300, 3, 2, 300), 1, 100, 0, 'nothing is left'],
  [line(0, 2), 1, 0, 0, 'it cost nothing'],
  [line(1, 2), 1, 0, 0, 'less than one minor unit each'],
  [line(1, 2, 1, 0), 1, 1, 1, 'and the last of them'],
  [line(1_000_000_000_000, 1_000_000, 999_999, 999_999_000_000), 1, 1_000_000, 1_000_000, 'as much as there may be'],
]

test('R2 units are worth what the line costs, counted from its beginning', () => {
  for (const [of, units, worth, back, when] of TABLE) {
    assert.deepEqual([worthOf(of, units), amountBack(of, units)], [worth, back], when)
  }
})

test('R2 R17 in whatever steps units and amounts go back, all of the line goes and no more', () => {
  const lines = fc.record({ gross: fc.nat({ max: 1_000_000_000_000 }), quantity: fc.integer({ min: 1, max: 500 }) })
  const steps = fc.array(fc.record({ units: fc.nat({ max: 9 }), share: fc.double({ min: 0, max: 1, noNaN: true }) }))
  fc.assert(
    fc.property(lines, steps, ({ gross, quantity }, taken) => {
      let of = line(gross, quantity)
      const take = (units: number, amount: number) => {
        of = line(gross, quantity, of.returned.quantity + units, of.returned.amount + amount)
        assert.ok(amountLeft(of) >= 0 && unitsLeft(of) >= 0)
      }
      for (const { units, share } of taken) {
        const some = Math.min(units, unitsLeft(of))
        take(some, amountBack(of, some))
        // An amount that is not for units, now and then.
        if (share > 0.8) take(0, Math.floor(amountLeft(of) * (share - 0.8)))
      }
      const rest = unitsLeft(of)
      take(rest, amountBack(of, rest))
      assert.deepEqual(of.returned, { quantity, amount: gross })
    }),
  )
})
