/** What an order would cost now, and what is in its way. Creates nothing. */
import type { Quote, QuoteBody } from '../../shared/contract/orders.ts'
import { listForPricing } from '../catalog/service.ts'
import * as inventory from '../inventory/service.ts'
import type { CheckoutDeps } from './service.ts'
import { refuseCoupon } from './orderable.ts'
import { priceOrder } from './pricing.ts'

/**
 * The price of these lines now, with everything that would keep them from being ordered.
 *
 * @throws coupon_invalid; validation_failed when there is nothing to price
 */
export async function quoteOrder(deps: CheckoutDeps, body: QuoteBody): Promise<Quote> {
  const now = deps.ports.clock.now()
  const lines = inventory.perProduct(body.items)
  const products = await listForPricing(
    deps.db,
    lines.map((line) => line.productId),
    now,
  )
  refuseCoupon(body.couponCode)
  const priced = priceOrder(lines, products, deps.caps.perProduct)
  return {
    currency: priced.currency,
    subtotal: priced.subtotal,
    discount: priced.discount,
    deliveryFee: priced.deliveryFee,
    tax: priced.tax,
    taxIncluded: priced.taxIncluded,
    total: priced.total,
    items: priced.lines.map((line) => ({
      productId: line.product.id,
      title: line.product.title,
      image: line.product.image,
      shopId: line.product.shop.id,
      unitPrice: line.product.price,
      quantity: line.quantity,
      total: line.total,
      available: line.product.available,
      most: line.most,
    })),
    shops: priced.parts.map((part) => ({
      shopId: part.shop.id,
      name: part.shop.name,
      subtotal: part.subtotal,
      discount: part.discount,
      deliveryFee: part.deliveryFee,
      total: part.total,
      acceptingOrders: part.shop.open,
    })),
    problems: priced.problems,
    paymentMethods: [...deps.providers.values()].map((provider) => ({
      method: 'online' as const,
      provider: provider.name,
      available: provider.takesCurrency(priced.currency),
      reason: provider.takesCurrency(priced.currency) ? null : `${provider.title} does not take ${priced.currency}.`,
    })),
  }
}
