/** From the price of an order to what its sale posts: what was rounded when it was priced is in the books, to the paisa. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PricedProduct } from '../catalog/service.ts'
import { priceOrder } from '../checkout/pricing.ts'
import { sharesOf, sold, type SoldLine } from './sale.ts'

const ID = (at: number) => `00000000-0000-7000-8000-00000000000${at}`

function product(at: number, price: number, commissionBps: number, deliveryFee: number): PricedProduct {
  return {
    id: ID(at),
    title: `Thing ${at}`,
    image: null,
    price,
    currency: 'INR',
    tax_rate_bps: 1_200,
    active: true,
    maxPerOrder: null,
    currencyChangedAt: null,
    available: 100,
    shop: {
      id: 'kutch',
      name: 'Shop',
      deliveryFee,
      freeDeliveryAbove: null,
      commissionBps,
      autoAccept: true,
      codAllowed: false,
      state: null,
      open: true,
    },
  }
}

/** What the sale of a priced order posts, by kind. */
function posted(commissionBps: number, deliveryFee: number, lines: [price: number, quantity: number][]) {
  const priced = priceOrder(
    lines.map(([, quantity], at) => ({ productId: ID(at), quantity })),
    lines.map(([price], at) => product(at, price, commissionBps, deliveryFee)),
    null,
  )
  const line = (kind: 'product' | 'delivery', total: number, commission: number, quantity: number): SoldLine => ({
    id: `${kind} ${total}`,
    shopOrderId: 'part',
    quantity,
    gross: total,
    shares: sharesOf({ kind, shopId: 'kutch', total, houseDiscount: 0, tax: 0, commission }),
    returned: { quantity: 0, amount: 0 },
  })
  const bought = priced.lines.map(({ total, commission, quantity }) => line('product', total, commission, quantity))
  const delivery = priced.parts.flatMap((part) => part.delivery ?? []).map(({ total }) => line('delivery', total, 0, 1))
  const movements = sold('INR', [...bought, ...delivery])
  assert.equal(
    movements.reduce((sum, { amount }) => sum + amount, 0),
    priced.total,
  )
  return Object.fromEntries(movements.map(({ kind, amount }) => [kind, amount]))
}

/** Commission in basis points, delivery, price × quantity of the lines → what is posted. */
const SALES: [number, number, [number, number][], Record<string, number>][] = [
  [1_000, 0, [[999, 1]], { sale: 900, commission: 99 }],
  [1_000, 0, [[1_000, 1]], { sale: 900, commission: 100 }],
  [1_000, 400, [[1_009, 1]], { sale: 909, commission: 100, delivery: 400 }],
  [1_000, 0, [[337, 3]], { sale: 910, commission: 101 }],
  // Of each alone it would be 99 three times; of all of it, 299.
  [
    3_000,
    0,
    [
      [333, 1],
      [333, 1],
      [333, 1],
    ],
    { sale: 700, commission: 299 },
  ],
  [1, 0, [[9_999, 1]], { sale: 9_999 }],
  [10_000, 7, [[501, 1]], { commission: 501, delivery: 7 }],
]

for (const [bps, delivery, lines, expected] of SALES) {
  const what = lines.map(([price, quantity]) => `${quantity} × ${price}`).join(' and ')
  test(`T16 ${what} at a commission of ${bps} basis points, delivery ${delivery}`, () =>
    assert.deepEqual(posted(bps, delivery, lines), expected))
}
