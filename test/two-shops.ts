/** An order of two shops, one of which answers for itself, and what people do to its parts; over HTTP, for tests. */
import assert from 'node:assert/strict'
import { sql } from '../server/platform/database.ts'
import { atRest, pay, verify, type Placed } from './buyer.ts'
import { orderBody, stockedShop, type Answer, type Shop, type ShopOptions } from './shop.ts'

export interface Bought extends Placed {
  providerPaymentId: string
  items: { id: string }[]
  parts: { id: string; shopId: string; shopName: string; total: number }[]
}

export type Units = [productId: string, quantity: number]

export interface TwoShops {
  shop: Shop
  admin: { id: string; authorization: string }
  /** Of the shop that accepts by itself, without a delivery fee. */
  productId: string
  /** A shop that answers itself, with a delivery fee, and somebody who works there. */
  careful: { shopId: string; productId: string }
  seller: { id: string; authorization: string }
  /** A paid order. */
  bought(...items: Units[]): Promise<Bought>
  put(order: Pick<Placed, 'orderId'>, status: string, reason?: string): Promise<Answer>
  refund(order: Bought, body?: Record<string, unknown>): Promise<Answer>
  /** The careful shop's word on its part. */
  answer(order: Bought, what: 'accept' | 'reject'): Promise<Answer>
  /** The shopper's. */
  cancel(order: Placed): Promise<Answer>
  partOf(order: Bought, shopId: string): Bought['parts'][number]
  /** The order as its owner sees it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a test says what it expects of a body by its assertions
  shown(order: Placed): Promise<any>
  /** The order's status, and those of its parts in the order of the alphabet. */
  states(order: Placed): Promise<string>
  /** What happened to the order and its parts, as the timeline has it. */
  moves(order: Placed): Promise<string[]>
}

/** Each thing of the first shop costs `price`; those of the careful one 200.00, with tax in it, and 49.00 for delivery. */
export async function twoShops(options: ShopOptions & { price?: number } = {}): Promise<TwoShops> {
  const { shop, admin, productId } = await stockedShop({ ...options, stock: 1_000 })
  const made = await shop.call('POST', '/api/admin/shops', {
    as: admin,
    body: { name: 'Kutch Looms', autoAccept: false, deliveryFee: 4_900 },
  })
  const shopId: string = made.body.data.shop.id
  const product = await shop.call('POST', '/api/admin/products', {
    as: admin,
    body: { title: 'Stole', price: 20_000, currency: 'INR', shopId, stock: 1_000, taxRateBps: 500 },
  })
  const careful = { shopId, productId: product.body.data.product.id }
  const seller = await shop.signedIn({ role: 'seller', shopId })

  const partOf: TwoShops['partOf'] = (order, of) => {
    const part = order.parts.find((each) => each.shopId === of)
    assert.ok(part)
    return part
  }
  const shown: TwoShops['shown'] = async ({ orderId, guestToken }) => {
    const { body } = await shop.call('GET', `/api/orders/${orderId}`, { guestToken })
    return body.data.order
  }
  return {
    shop,
    admin,
    productId,
    careful,
    seller,
    async bought(...items) {
      const body = { ...orderBody(productId), items: items.map(([id, quantity]) => ({ productId: id, quantity })) }
      const answer = await shop.call('POST', '/api/orders', { body })
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      const { order, payment, guestToken } = answer.body.data
      const placed = { orderId: order.id, ...payment, guestToken, total: order.total }
      const { sandbox, ...brought } = await pay(shop, placed)
      await verify(shop, placed, brought)
      await atRest(shop)
      return { ...placed, providerPaymentId: sandbox.paymentId, items: order.items, parts: order.shopOrders }
    },
    put: ({ orderId }, status, reason) =>
      shop.call('PUT', `/api/orders/${orderId}/status`, {
        as: admin,
        body: { status, ...(reason === undefined ? {} : { reason }) },
      }),
    refund: ({ orderId }, body = {}) =>
      shop.call('POST', '/api/payments/refund', { as: admin, body: { orderId, reason: 'Broken', ...body } }),
    answer: (order, what) =>
      shop.call('POST', `/api/seller/orders/${partOf(order, careful.shopId).id}/${what}`, {
        as: seller,
        ...(what === 'reject' ? { body: { reason: 'The loom broke' } } : {}),
      }),
    cancel: ({ orderId, guestToken }) => shop.call('POST', `/api/orders/${orderId}/cancel`, { guestToken, body: {} }),
    partOf,
    shown,
    async states(order) {
      const { status, shopOrders } = await shown(order)
      return [status, ...shopOrders.map((part: { status: string }) => part.status).sort()].join(' ')
    },
    async moves({ orderId }) {
      const rows = await shop.db.many<{ text: string }>(
        'test.moves',
        sql`select type || coalesce(': ' || from_status, '') || ' → ' || to_status || ' by ' || actor as text from events
            where order_id = ${orderId} and subject in ('order', 'shop_order') and to_status is not null order by seq`,
      )
      return rows.map((row) => row.text)
    },
  }
}
