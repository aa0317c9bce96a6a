import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UnpaidUnits } from '../orders/client-queries.ts'
import { AppError } from '../platform/errors.ts'
import type { PricedLine } from './pricing.ts'
import { LAPSED_COUNT_MS, refuseHoarding, type Caps } from './unpaid.ts'

const NOW = new Date('2026-11-21T08:30:00Z')
const CAPS: Caps = { perProduct: null, unpaidOrders: 3, unpaidUnits: 60 }
const NONE: Caps = { perProduct: null, unpaidOrders: null, unpaidUnits: null }
const inMinutes = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000)

/** An earlier order of one product: w waits and frees in ten minutes, l has lapsed and frees in five hours. */
function earlier(kind: 'w' | 'l', orderId: string, productId: string, quantity: number): UnpaidUnits {
  return { orderId, productId, quantity, waits: kind === 'w', freesAt: inMinutes(kind === 'w' ? 10 : 300) }
}

function line(id: string, quantity: number, available: number): PricedLine {
  return {
    product: { id, available } as PricedLine['product'],
    quantity,
    total: 0,
    most: available,
    taxIncluded: 0,
    commission: 0,
  }
}

/** caps, earlier orders, what is wanted → seconds until it may be tried again, null when it is taken */
const ROWS: [what: string, Caps, UnpaidUnits[], PricedLine[], number | string | null][] = [
  ['a first order', CAPS, [], [line('tea', 5, 100)], null],
  ['a first order that is too large', CAPS, [], [line('tea', 61, 100)], 'quantity_limited'],
  [
    'a third beside two that wait',
    CAPS,
    [earlier('w', 'a', 'tea', 1), earlier('w', 'b', 'tea', 1)],
    [line('tea', 1, 100)],
    null,
  ],
  [
    'a fourth beside three that wait',
    CAPS,
    [earlier('w', 'a', 'tea', 1), earlier('w', 'b', 'tea', 1), earlier('w', 'c', 'tea', 1)],
    [line('tea', 1, 100)],
    600,
  ],
  [
    'an order of two products counts once',
    CAPS,
    [earlier('w', 'a', 'tea', 1), earlier('w', 'a', 'cup', 1), earlier('w', 'b', 'tea', 1)],
    [line('tea', 1, 100)],
    null,
  ],
  [
    'those that lapsed are not counted as orders',
    CAPS,
    [earlier('l', 'a', 'tea', 1), earlier('l', 'b', 'tea', 1), earlier('l', 'c', 'tea', 1)],
    [line('tea', 1, 100)],
    null,
  ],
  ['units up to the limit', CAPS, [earlier('w', 'a', 'tea', 50)], [line('tea', 10, 100)], null],
  ['one unit more', CAPS, [earlier('w', 'a', 'tea', 50)], [line('tea', 11, 100)], 600],
  ['units that lapsed count', CAPS, [earlier('l', 'a', 'cup', 50)], [line('tea', 11, 100)], 300 * 60],
  ['all lines count together', CAPS, [earlier('w', 'a', 'cup', 50)], [line('tea', 5, 100), line('cup', 6, 100)], 600],
  [
    'all of a scarce thing, a third time',
    CAPS,
    [earlier('l', 'a', 'tea', 8), earlier('l', 'b', 'tea', 8)],
    [line('tea', 8, 8)],
    null,
  ],
  [
    'all of a scarce thing, a fourth time',
    CAPS,
    [earlier('l', 'a', 'tea', 8), earlier('l', 'b', 'tea', 8), earlier('l', 'c', 'tea', 8)],
    [line('tea', 8, 8)],
    300 * 60,
  ],
  ['the last one, after many that lapsed', CAPS, [earlier('l', 'a', 'tea', 19)], [line('tea', 1, 1)], null],
  ['without limits', NONE, [earlier('w', 'a', 'tea', 900)], [line('tea', 900, 900)], null],
  [
    'without a limit of orders',
    { ...CAPS, unpaidOrders: null },
    ['a', 'b', 'c', 'd'].map((id) => earlier('w', id, 'tea', 1)),
    [line('tea', 1, 100)],
    null,
  ],
  [
    'without a limit of units',
    { ...CAPS, unpaidUnits: null },
    [earlier('w', 'a', 'tea', 500)],
    [line('tea', 99, 100)],
    null,
  ],
]

for (const [what, caps, before, wanted, expected] of ROWS) {
  test(`FX5 ${what}: ${expected ?? 'taken'}`, () => {
    let refusal: unknown = null
    try {
      refuseHoarding(caps, before, wanted, NOW)
    } catch (error) {
      assert.ok(error instanceof AppError)
      refusal = error.code === 'too_many_unpaid_orders' ? error.retryAfterS : error.code
    }
    assert.equal(refusal, expected)
  })
}

test('FX5 nobody is sent away for longer than what lapsed is counted', () => {
  const old: UnpaidUnits = { ...earlier('w', 'a', 'tea', 60), freesAt: new Date(NOW.getTime() + 10 * LAPSED_COUNT_MS) }
  assert.throws(
    () => refuseHoarding(CAPS, [old], [line('tea', 1, 100)], NOW),
    (error: unknown) =>
      error instanceof AppError && error.retryAfterS === LAPSED_COUNT_MS / 1_000 && /6 hours/.test(error.message),
  )
})
