/** Orders for journeys that begin after the purchase: placed and paid through the API, as a page would. */
import assert from 'node:assert/strict'
import { ADDRESS } from '../test/shop.ts'
import type { RunningShop } from './running-shop.ts'

export interface PlacedOrder {
  id: string
  number: string
  total: number
  email: string
  guestToken: string
  providerOrderId: string
}

/**
 * Places a guest's order over one product and lets the provider do `outcome`.
 *
 * @param order.slug the product, one of which is bought
 * @param order.outcome a scenario of the sandbox; without it nobody has tried to pay yet
 */
export async function placeOrder(
  shop: RunningShop,
  order: { slug: string; email: string; name?: string; outcome?: string },
): Promise<PlacedOrder> {
  const { product } = (await ask(shop, 'GET', `/api/products/${order.slug}`)) as { product: { id: string } }
  const placed = (await ask(shop, 'POST', '/api/orders', {
    items: [{ productId: product.id, quantity: 1 }],
    shippingAddress: { ...ADDRESS, ...(order.name === undefined ? {} : { name: order.name }) },
    email: order.email,
    paymentMethod: 'online',
  })) as {
    order: { id: string; number: string; total: number }
    payment: { providerOrderId: string }
    guestToken: string
  }
  const { providerOrderId } = placed.payment
  if (order.outcome !== undefined) {
    const { sandbox: _, ...claim } = (await shop.control('POST', '/pay', {
      orderId: providerOrderId,
      outcome: order.outcome,
    })) as Record<string, unknown>
    if ('razorpay_signature' in claim) {
      const body = { orderId: placed.order.id, ...claim }
      await ask(shop, 'POST', '/api/payments/verify', body, placed.guestToken)
    }
  }
  const { id, number, total } = placed.order
  return { id, number, total, email: order.email, guestToken: placed.guestToken, providerOrderId }
}

async function ask(
  shop: RunningShop,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
  guestToken?: string,
): Promise<unknown> {
  const answer = await fetch(`${shop.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(guestToken === undefined ? {} : { 'x-guest-token': guestToken }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  assert.ok(answer.ok, `${method} ${path} answered ${answer.status}: ${text}`)
  return (JSON.parse(text) as { data: unknown }).data
}
