import type { Shop } from '../../../../../client/shapes.ts'

/** What a shop asks for delivery of things sold in this currency; undefined when it does not deliver them. */
export function deliveryIn(
  shop: Pick<Shop, 'deliveryFee' | 'freeDeliveryAbove' | 'deliveryCurrency' | 'deliveryFees'>,
  currency: string,
): { fee: number; freeAbove: number | null } | undefined {
  if (currency === shop.deliveryCurrency) return { fee: shop.deliveryFee, freeAbove: shop.freeDeliveryAbove }
  const own = shop.deliveryFees.find((each) => each.currency === currency)
  // Free is free in every currency; any other fee is an amount in one.
  return own ?? (shop.deliveryFee === 0 ? { fee: 0, freeAbove: null } : undefined)
}
