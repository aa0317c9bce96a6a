/**
 * What an order costs. Pure: the same lines and products always give the same prices, for the quote and for the order.
 * What cannot be ordered is told as a problem beside the prices, and what cannot be sold at all has no price in them.
 *
 * Prices include tax. A shop's delivery is one supply with its goods, so it carries the tax rate of the shop's dearest
 * line (section 8 of India's CGST Act: a composite supply is taxed as its principal supply).
 */
import type { Quote } from '../../shared/contract/orders.ts'
import { add, allocate, includedTax, multiply, shareDown } from '../../shared/money.ts'
import type { PricedProduct } from '../catalog/service.ts'
import type { StockLine } from '../inventory/queries.ts'
import { invalidField } from '../platform/errors.ts'

export interface PricedLine {
  product: PricedProduct
  quantity: number
  total: number
  /** Most units of it that an order can have now. */
  most: number
  taxIncluded: number
  /** Our share of it: the lines of a part share what the part bears, rounded down, to the last minor unit. */
  commission: number
}

/** What a shop takes for bringing its part: a line as the goods are. */
export interface PricedDelivery {
  total: number
  taxRateBps: number
  taxIncluded: number
}

export interface PricedPart {
  shop: PricedProduct['shop']
  lines: PricedLine[]
  /** Null where it is brought for nothing. */
  delivery: PricedDelivery | null
  subtotal: number
  discount: number
  deliveryFee: number
  tax: number
  taxIncluded: number
  total: number
}

export type Problem = Quote['problems'][number]

export interface PricedOrder {
  currency: string
  lines: PricedLine[]
  parts: PricedPart[]
  subtotal: number
  discount: number
  deliveryFee: number
  tax: number
  taxIncluded: number
  total: number
  problems: Problem[]
}

/** No order of ours costs more (ten thousand million in major units of most currencies); the database agrees. */
const LARGEST_TOTAL = 1_000_000_000_000

/**
 * @param lines one per product, in the shopper's order
 * @param products what the database says of them now
 * @param mostOfOne most units of a product that has no limit of its own; null for any number
 * @returns the prices of what can be sold, in the currency of the first that can; the rest as problems with their titles
 * @throws validation_failed when none of the products exists, or all of it costs more than an order may
 */
export function priceOrder(
  lines: readonly StockLine[],
  products: readonly PricedProduct[],
  mostOfOne: number | null,
): PricedOrder {
  const known = new Map(products.map((product) => [product.id, product]))
  const sellable = (id: string) => {
    const product = known.get(id)
    return product !== undefined && whyNot(product, undefined) === undefined ? product : undefined
  }
  const currency = (
    lines.map((line) => sellable(line.productId)).find((product) => product !== undefined) ?? products[0]
  )?.currency
  if (currency === undefined) throw noProduct(0)
  const ordered: OrderedLine[] = []
  const problems: Problem[] = []
  for (const { productId, quantity } of lines) {
    const product = known.get(productId)
    const problem = product === undefined ? goneFor(productId) : whyNot(product, currency)
    if (problem !== undefined) problems.push(problem)
    else if (product !== undefined) {
      const most = Math.min(Math.max(0, product.available), product.maxPerOrder ?? mostOfOne ?? Infinity)
      ordered.push({ product, quantity, total: multiply(product.price, quantity), most })
    }
  }
  const shopIds = [...new Set(ordered.map((line) => line.product.shop.id))]
  const parts = shopIds.map((shopId) => pricePart(ordered.filter((line) => line.product.shop.id === shopId)))
  const byProduct = new Map(parts.flatMap((part) => part.lines).map((line) => [line.product, line]))
  const priced = ordered.flatMap(({ product }) => byProduct.get(product) ?? [])
  const order = {
    currency,
    lines: priced,
    parts,
    subtotal: add(...parts.map((part) => part.subtotal)),
    discount: 0,
    deliveryFee: add(...parts.map((part) => part.deliveryFee)),
    tax: 0,
    taxIncluded: add(...parts.map((part) => part.taxIncluded)),
    total: add(...parts.map((part) => part.total)),
    problems: [...problems, ...priced.flatMap((line) => shortage(line, mostOfOne)), ...closedShops(parts)],
  }
  if (order.total > LARGEST_TOTAL) throw invalidField('items', 'together cost more than an order may')
  return order
}

/** The refusal of a line whose product does not exist. */
export function noProduct(line: number): Error {
  return invalidField(`items.${line}.productId`, 'there is no such product')
}

function goneFor(productId: string): Problem {
  return { code: 'product_unavailable', message: 'Something in the box does not exist any more.', productId }
}

/** Why a product cannot be sold, in an order of this currency where one is given. */
function whyNot(product: PricedProduct, currency: string | undefined): Problem | undefined {
  const { id: productId, title, shop } = product
  const about = { productId, title, shopId: shop.id }
  if (!product.active) return { code: 'product_unavailable', message: `${title} is no longer sold.`, ...about }
  if (shop.deliveryFee === null) {
    const message = `${title} cannot be ordered: ${shop.name} does not deliver what is sold in ${product.currency}.`
    return { code: 'currency_not_supported', message, ...about }
  }
  if (currency !== undefined && product.currency !== currency) {
    const message = `${title} is sold in ${product.currency} and needs an order of its own.`
    return { code: 'currencies_differ', message, ...about }
  }
  return undefined
}

type OrderedLine = Omit<PricedLine, 'taxIncluded' | 'commission'>

function pricePart(ordered: OrderedLine[]): PricedPart {
  const [first] = ordered
  if (first === undefined) throw new Error('a part without lines')
  const { shop } = first.product
  const prices = ordered.map((line) => line.total)
  const subtotal = add(...prices)
  const commissions = allocate(shareDown(subtotal, shop.commissionBps), prices)
  const lines = ordered.map((line, at) => ({
    ...line,
    taxIncluded: includedTax(line.total, line.product.tax_rate_bps),
    commission: commissions[at] ?? 0,
  }))
  const delivery = priceDelivery(shop, ordered, subtotal)
  const deliveryFee = delivery?.total ?? 0
  const taxIncluded = add(...lines.map((line) => line.taxIncluded), delivery?.taxIncluded ?? 0)
  const total = add(subtotal, deliveryFee)
  return { shop, lines, delivery, subtotal, discount: 0, deliveryFee, tax: 0, taxIncluded, total }
}

function priceDelivery(shop: PricedPart['shop'], lines: OrderedLine[], subtotal: number): PricedDelivery | null {
  const isFree = shop.freeDeliveryAbove !== null && subtotal >= shop.freeDeliveryAbove
  if (shop.deliveryFee === null) throw new Error('a part that is not delivered')
  if (isFree || shop.deliveryFee === 0) return null
  const dearest = lines.reduce((best, line) => (line.total > best.total ? line : best))
  const taxRateBps = dearest.product.tax_rate_bps
  return { total: shop.deliveryFee, taxRateBps, taxIncluded: includedTax(shop.deliveryFee, taxRateBps) }
}

/** More wanted than is left, or than one order may have. */
function shortage({ product, quantity, most }: PricedLine, mostOfOne: number | null): Problem[] {
  if (quantity <= most) return []
  const { id: productId, title, available } = product
  if (available < quantity) {
    const message = available <= 0 ? `${title} is sold out.` : `Only ${available} left of ${title}.`
    return [{ code: 'out_of_stock', message, productId, title }]
  }
  const limit = product.maxPerOrder ?? mostOfOne
  return [{ code: 'quantity_limited', message: `At most ${limit} of ${title} in one order.`, productId, title }]
}

function closedShops(parts: readonly PricedPart[]): Problem[] {
  return parts
    .filter((part) => !part.shop.open)
    .map((part) => ({ code: 'shop_closed', message: `${part.shop.name} takes no orders now.`, shopId: part.shop.id }))
}
