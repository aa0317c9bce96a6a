/**
 * What an order costs. Pure: the same lines and products always give the same prices, for the quote and for the order.
 *
 * Prices include tax. A shop's delivery is one supply with its goods, so it carries the tax rate of the shop's dearest
 * line (section 8 of India's CGST Act: a composite supply is taxed as its principal supply).
 */
import type { Quote } from '../../shared/contract/orders.ts'
import { add, includedTax, multiply } from '../../shared/money.ts'
import type { PricedProduct } from '../catalog/service.ts'
import { invalidField } from '../platform/errors.ts'
import type { StockLine } from '../inventory/service.ts'

export interface PricedLine {
  product: PricedProduct
  quantity: number
  total: number
}

export interface PricedPart {
  shop: PricedProduct['shop']
  lines: PricedLine[]
  subtotal: number
  discount: number
  deliveryFee: number
  tax: number
  taxIncluded: number
  total: number
}

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
  problems: Quote['problems']
}

/** No order of ours costs more (ten thousand million in major units of most currencies); the database agrees. */
const LARGEST_TOTAL = 1_000_000_000_000

/**
 * @param lines one per product, in the shopper's order
 * @param products what the database says of them now
 * @throws validation_failed for products that do not exist or cannot be bought together
 */
export function priceOrder(lines: readonly StockLine[], products: readonly PricedProduct[]): PricedOrder {
  const known = new Map(products.filter((product) => product.active).map((product) => [product.id, product]))
  const priced = lines.map((line): PricedLine => {
    const product = known.get(line.productId)
    if (product === undefined) throw invalidField('items', `there is no product ${line.productId}`)
    return { product, quantity: line.quantity, total: multiply(product.price, line.quantity) }
  })
  const currency = priced[0]?.product.currency
  if (currency === undefined) throw invalidField('items', 'must name at least one product')
  if (priced.some((line) => line.product.currency !== currency)) {
    throw invalidField('items', 'products with different currencies need an order each')
  }
  const shopIds = [...new Set(priced.map((line) => line.product.shop.id))]
  const parts = shopIds.map((shopId) => pricePart(priced.filter((line) => line.product.shop.id === shopId)))
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
    problems: problemsOf(priced, parts),
  }
  if (order.total > LARGEST_TOTAL) throw invalidField('items', 'together cost more than an order may')
  return order
}

function pricePart(lines: PricedLine[]): PricedPart {
  const [first] = lines
  if (first === undefined) throw new Error('a part without lines')
  const { shop } = first.product
  const subtotal = add(...lines.map((line) => line.total))
  const free = shop.freeDeliveryAbove !== null && subtotal >= shop.freeDeliveryAbove
  const deliveryFee = free ? 0 : shop.deliveryFee
  const dearest = lines.reduce((best, line) => (line.total > best.total ? line : best), first)
  const taxIncluded = add(
    ...lines.map((line) => includedTax(line.total, line.product.tax_rate_bps)),
    includedTax(deliveryFee, dearest.product.tax_rate_bps),
  )
  return { shop, lines, subtotal, discount: 0, deliveryFee, tax: 0, taxIncluded, total: add(subtotal, deliveryFee) }
}

function problemsOf(lines: readonly PricedLine[], parts: readonly PricedPart[]): Quote['problems'] {
  const short = lines
    .filter((line) => line.product.available < line.quantity)
    .map((line) => ({
      code: 'out_of_stock',
      message:
        line.product.available <= 0
          ? `${line.product.title} is sold out.`
          : `Only ${line.product.available} left of ${line.product.title}.`,
      productId: line.product.id,
    }))
  const closed = parts
    .filter((part) => !part.shop.open)
    .map((part) => ({ code: 'shop_closed', message: `${part.shop.name} takes no orders now.`, shopId: part.shop.id }))
  return [...short, ...closed]
}
