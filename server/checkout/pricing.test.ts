import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PricedProduct } from '../catalog/service.ts'
import { priceOrder } from './pricing.ts'

const ID = (at: number) => `00000000-0000-7000-8000-00000000000${at}`

type Changes = Partial<Omit<PricedProduct, 'shop'>> & { shop?: Partial<PricedProduct['shop']> }

function product(at: number, changes: Changes = {}): PricedProduct {
  return {
    id: ID(at),
    title: `Thing ${at}`,
    image: null,
    price: 1_000,
    currency: 'INR',
    tax_rate_bps: 0,
    active: true,
    maxPerOrder: null,
    currencyChangedAt: null,
    available: 10,
    ...changes,
    shop: {
      id: ID(9),
      name: 'Shop',
      deliveryFee: 0,
      freeDeliveryAbove: null,
      commissionBps: 0,
      autoAccept: true,
      codAllowed: false,
      state: null,
      open: true,
      ...changes.shop,
    },
  }
}

const one = (at: number, quantity = 1) => ({ productId: ID(at), quantity })

/** currency, price, quantity, tax in basis points, fee, free above → subtotal, delivery, tax in it, total */
const PRICES: [string, number, number, number, number, number | null, [number, number, number, number]][] = [
  ['INR', 24_500, 2, 500, 4_000, null, [49_000, 4_000, 2_523, 53_000]],
  ['INR', 24_500, 2, 500, 4_000, 49_000, [49_000, 0, 2_333, 49_000]],
  ['INR', 24_500, 2, 500, 4_000, 49_001, [49_000, 4_000, 2_523, 53_000]],
  ['JPY', 1_480, 3, 1_000, 500, null, [4_440, 500, 449, 4_940]],
  ['JPY', 1, 1, 1_000, 0, null, [1, 0, 0, 1]],
  ['KWD', 4_255, 3, 0, 1_250, null, [12_765, 1_250, 0, 14_015]],
  ['KWD', 1_005, 1, 500, 5, null, [1_005, 5, 48, 1_010]],
]

for (const [currency, price, quantity, tax_rate_bps, deliveryFee, freeDeliveryAbove, expected] of PRICES) {
  test(`R8 ${quantity} at ${price} ${currency}, delivery ${deliveryFee}, free above ${freeDeliveryAbove}`, () => {
    const sold = product(1, { currency, price, tax_rate_bps, shop: { deliveryFee, freeDeliveryAbove } })
    const priced = priceOrder([one(1, quantity)], [sold], null)
    assert.deepEqual([priced.subtotal, priced.deliveryFee, priced.taxIncluded, priced.total], expected)
    assert.equal(priced.currency, currency)
  })
}

/** What of a box of things 1 and 2 is priced, and what is said of the rest. */
const BOXES: [what: string, first: Changes, second: Changes, priced: number[], problems: string[]][] = [
  ['both are fine', {}, {}, [1, 2], []],
  ['R7 the first is off the shelf', { active: false }, {}, [2], ['product_unavailable']],
  ['R7 both are', { active: false }, { active: false }, [], ['product_unavailable', 'product_unavailable']],
  [
    'R8 no fee in the first one’s currency',
    { currency: 'JPY', shop: { deliveryFee: null } },
    {},
    [2],
    ['currency_not_supported'],
  ],
  ['two currencies', { currency: 'JPY' }, {}, [1], ['currencies_differ']],
  ['two currencies, the first off the shelf', { currency: 'JPY', active: false }, {}, [2], ['product_unavailable']],
  ['sold out', { available: 0 }, {}, [1, 2], ['out_of_stock']],
  ['FX5 over the product’s own limit', { maxPerOrder: 1 }, {}, [1, 2], ['quantity_limited']],
  ['FX5 over the limit, and more than is left', { maxPerOrder: 1, available: 1 }, {}, [1, 2], ['out_of_stock']],
  ['closed', { shop: { open: false } }, { shop: { open: false } }, [1, 2], ['shop_closed']],
]

for (const [what, first, second, expected, problems] of BOXES) {
  test(`two of a thing and another: ${what}`, () => {
    const priced = priceOrder([one(1, 2), one(2)], [product(1, first), product(2, second)], null)
    assert.deepEqual(
      priced.lines.map((line) => line.product.id),
      expected.map(ID),
    )
    assert.deepEqual(
      priced.problems.map((problem) => problem.code),
      problems,
    )
  })
}

test('FX5 the house’s limit holds where a product has none, its own where it has one', () => {
  const most = (maxPerOrder: number | null, house: number | null, available: number) =>
    priceOrder([one(1)], [product(1, { maxPerOrder, available })], house).lines[0]?.most
  assert.deepEqual(
    [most(null, null, 500), most(null, 100, 500), most(300, 100, 500), most(2, 100, 500), most(2, 100, -1)],
    [500, 100, 300, 2, 0],
  )
})

test('what costs more than an order may is refused, and so is a box of nothing that exists', () => {
  assert.throws(
    () => priceOrder([one(1, 2)], [product(1, { price: 1_000_000_000_000 })], null),
    /more than an order may/,
  )
  assert.throws(() => priceOrder([one(1)], [], null), /items\.0\.productId/)
})

/** Basis points, prices of the lines → our share of each: of their sum, rounded down, and divided to the last paisa. */
const COMMISSIONS: [number, number[], number[]][] = [
  [1_000, [999], [99]],
  [1_000, [1_000], [100]],
  [1_000, [1_009], [100]],
  [1_000, [1_010], [101]],
  [1, [9_999], [0]],
  [1, [10_000], [1]],
  // 299.7 of all: 299, and none of the three gets what rounding each alone would leave out.
  [3_000, [333, 333, 333], [100, 100, 99]],
  [1_250, [1_001, 499], [125, 62]],
]

for (const [commissionBps, prices, expected] of COMMISSIONS) {
  test(`T16 the commission of ${commissionBps} basis points on ${prices.join(' + ')} is ${expected.join(' + ')}`, () => {
    const products = prices.map((price, at) => product(at, { price, shop: { commissionBps } }))
    const priced = priceOrder(
      products.map((_, at) => one(at)),
      products,
      null,
    )
    assert.deepEqual(
      priced.lines.map((line) => line.commission),
      expected,
    )
  })
}

/** Basis points, price → the tax in it, half up. At 12 % every 28 paise hold 3, so that 14 hold one and a half. */
const TAXES: [number, number, number][] = [
  [1_200, 13, 1],
  [1_200, 14, 2],
  [1_200, 1_414, 152],
  [500, 10, 0],
  [500, 11, 1],
  [1_800, 3, 0],
  [1_800, 4, 1],
]

for (const [tax_rate_bps, price, expected] of TAXES) {
  test(`T16 the tax of ${tax_rate_bps} basis points in ${price}, and in as much for delivery, is ${expected}`, () => {
    const priced = priceOrder([one(1)], [product(1, { price, tax_rate_bps, shop: { deliveryFee: price } })], null)
    assert.deepEqual(
      [priced.lines[0]?.taxIncluded, priced.parts[0]?.delivery?.taxIncluded, priced.taxIncluded],
      [expected, expected, 2 * expected],
    )
  })
}

test('T16 delivery has the tax of the dearest line, and of the first of two that are as dear', () => {
  const shop = { deliveryFee: 1_180 }
  const taxOf = (...lines: [price: number, rate: number][]) =>
    priceOrder(
      lines.map((_, at) => one(at)),
      lines.map(([price, tax_rate_bps], at) => product(at, { price, tax_rate_bps, shop })),
      null,
    ).parts[0]?.delivery?.taxIncluded
  assert.equal(taxOf([1_000, 1_800], [1_000, 500]), 180)
  assert.equal(taxOf([1_000, 500], [1_000, 1_800]), 56)
  assert.equal(taxOf([1_000, 500], [1_001, 1_800]), 180)
  assert.equal(taxOf([1_001, 500], [1_000, 1_800]), 56)
})

test('what costs exactly the most that an order may cost is taken', () => {
  assert.equal(priceOrder([one(1)], [product(1, { price: 1_000_000_000_000 })], null).total, 1_000_000_000_000)
})

const LARGEST = 1_000_000_000_000

for (const [what, price, deliveryFee, taken] of [
  ['its goods alone come to the most', LARGEST, 0, true],
  ['its goods alone come to more', LARGEST + 1, 0, false],
  ['goods and delivery come to the most', LARGEST - 4_000, 4_000, true],
  ['goods are within it, and delivery brings it over', LARGEST - 3_999, 4_000, false],
] as const) {
  test(`an order may cost so much and no more, delivery included: ${what}`, () => {
    const priced = () => priceOrder([one(1)], [product(1, { price, shop: { deliveryFee } })], null)
    if (taken) assert.equal(priced().total, price + deliveryFee)
    else assert.throws(priced, { code: 'validation_failed' })
  })
}

test('an order may cost so much and no more: the parts of two shops count together', () => {
  const halves = (more: number) => [
    product(1, { price: LARGEST / 2, shop: { id: ID(7) } }),
    product(2, { price: LARGEST / 2 + more, shop: { id: ID(8) } }),
  ]
  assert.equal(priceOrder([one(1), one(2)], halves(0), null).total, LARGEST)
  assert.throws(() => priceOrder([one(1), one(2)], halves(1), null), { code: 'validation_failed' })
})
