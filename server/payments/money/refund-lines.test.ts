import assert from 'node:assert/strict'
import { test } from 'node:test'
import { saleLine } from '../../../test/make.ts'
import type { SaleLine } from '../../orders/lines.ts'
import { AppError } from '../../platform/errors.ts'
import { linesBack } from './refund-lines.ts'

const pepper = (back = 0, amount = 0) =>
  saleLine({ id: 'pepper', quantity: 3, total: 100, returned_quantity: back, returned_amount: amount })
const honey = saleLine({ id: 'honey', total: 500, tax: 25 })
const gift = saleLine({ id: 'gift', quantity: 2, total: 0 })
const one = (itemId: string, quantity = 1) => ({ itemId, quantity })

const TAKEN: readonly [string, SaleLine[], Parameters<typeof linesBack>[1], string[]][] = [
  ['R2 the first of three', [pepper()], { items: [one('pepper')] }, ['pepper 1 33']],
  ['R2 the second', [pepper(1, 33)], { items: [one('pepper')] }, ['pepper 1 33']],
  ['R2 the last brings the sum', [pepper(2, 66)], { items: [one('pepper')] }, ['pepper 1 34']],
  ['R2 two at once', [pepper(1, 33)], { items: [one('pepper', 2)] }, ['pepper 2 67']],
  ['R17 what is left is less than it is worth', [pepper(0, 90)], { items: [one('pepper')] }, ['pepper 1 10']],
  ['several lines', [pepper(), honey], { items: [one('honey'), one('pepper', 3)] }, ['honey 1 525', 'pepper 3 100']],
  [
    'for less than they are worth',
    [pepper(), honey],
    { items: [one('honey'), one('pepper')], amount: 279 },
    ['honey 1 263', 'pepper 1 16'],
  ],
  [
    'R17 for exactly what they are worth',
    [pepper(), honey],
    { items: [one('honey'), one('pepper')], amount: 558 },
    ['honey 1 525', 'pepper 1 33'],
  ],
  [
    'what cost nothing, beside what did',
    [gift, honey],
    { items: [one('gift', 2), one('honey')] },
    ['gift 2 0', 'honey 1 525'],
  ],
  [
    'a line whose money is gone, beside one that has some',
    [pepper(0, 100), honey],
    { items: [one('pepper'), one('honey')] },
    ['pepper 1 0', 'honey 1 525'],
  ],
]
for (const [name, lines, wished, expected] of TAKEN) {
  test(name, () =>
    assert.deepEqual(
      linesBack(lines, wished).map(({ itemId, quantity, amount }) => `${itemId} ${quantity} ${amount}`),
      expected,
    ),
  )
}

const REFUSED: readonly [string, SaleLine[], Parameters<typeof linesBack>[1], code: string, field: string][] = [
  [
    'R1 a line that is given back',
    [pepper(3, 100)],
    { items: [one('pepper')] },
    'refund_exceeds_captured',
    'items.0.itemId',
  ],
  [
    'R1 beside one that is not',
    [honey, pepper(3, 100)],
    { items: [one('honey'), one('pepper')] },
    'refund_exceeds_captured',
    'items.1.itemId',
  ],
  [
    'a line whose money is gone',
    [pepper(1, 100)],
    { items: [one('pepper')] },
    'refund_exceeds_captured',
    'items.0.itemId',
  ],
  [
    'R1 more units than are left',
    [pepper(1, 33)],
    { items: [one('pepper', 3)] },
    'validation_failed',
    'items.0.quantity',
  ],
  ['a line of another order', [pepper()], { items: [one('other')] }, 'validation_failed', 'items.0.itemId'],
  ['a line twice', [pepper()], { items: [one('pepper'), one('pepper')] }, 'validation_failed', 'items.1.itemId'],
  [
    'R17 more than the units are worth',
    [pepper()],
    { items: [one('pepper')], amount: 34 },
    'validation_failed',
    'amount',
  ],
  ['R17 more than is left', [pepper(0, 90)], { items: [one('pepper')], amount: 11 }, 'validation_failed', 'amount'],
  ['what cost nothing alone', [gift], { items: [one('gift')] }, 'validation_failed', 'items'],
]
for (const [name, lines, wished, code, field] of REFUSED) {
  test(`${name}: refused`, () => {
    assert.throws(
      () => linesBack(lines, wished),
      (error) => {
        assert.ok(error instanceof AppError)
        const { fields } = error.details as { fields: { field: string }[] }
        assert.deepEqual([error.code, fields[0]?.field], [code, field])
        return true
      },
    )
  })
}
