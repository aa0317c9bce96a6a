/** What may be ordered: the lines of an order priced from the database, or a refusal that says what is in the way. */
import { readAddress, type Address, type AddressFault, type AddressPart } from '../../shared/address.ts'
import type { PlaceOrderBody } from '../../shared/contract/orders.ts'
import type { Principal } from '../accounts/account.ts'
import { listForPricing } from '../catalog/service.ts'
import * as inventory from '../inventory/service.ts'
import * as orders from '../orders/client-queries.ts'
import * as payments from '../payments/context.ts'
import type { Tx } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { noProduct, priceOrder, type PricedOrder } from './pricing.ts'
import type { CheckoutDeps } from './service.ts'
import { isCounting, LAPSED_COUNT_MS, refuseHoarding } from './unpaid.ts'

/** A total may have been on somebody's screen for as long when it was in another currency. */
const SHOWN_MS = 3_600 * 1_000

/**
 * Prices the order from the database, and refuses what cannot be sold now, or not to this client.
 *
 * @param client whom limits count: a user's id, or a network address
 * @throws validation_failed, product_unavailable, currency_not_supported, shop_closed, price_changed, quantity_limited,
 *   out_of_stock, too_many_unpaid_orders
 */
export async function priceToOrder(
  deps: CheckoutDeps,
  tx: Tx,
  body: PlaceOrderBody,
  client: string,
): Promise<PricedOrder> {
  const now = deps.ports.clock.now()
  const lines = inventory.perProduct(body.items)
  const { caps } = deps
  const [earlier, products] = await Promise.all([
    isCounting(caps) ? orders.lockUnpaid(tx, client, new Date(now.getTime() - LAPSED_COUNT_MS), LAPSED_COUNT_MS) : [],
    listForPricing(
      tx,
      lines.map((line) => line.productId),
      now,
    ),
  ])
  const priced = priceOrder(lines, products, caps.perProduct)
  refuseProblems(body, priced)
  refuseOtherPrice(body, priced, now)
  const provider = payments.chooseProvider(deps, body.provider, priced.currency)
  const asked = { provider: provider.name, currency: priced.currency }
  const unpayable = payments.whyNotThrough(deps, asked, priced.total, 'takes')
  if (unpayable !== undefined) throw invalidField('items', `cannot be paid online: ${unpayable}`)
  refuseShortage(priced)
  try {
    refuseHoarding(caps, earlier, priced.lines, now)
  } catch (error) {
    deps.ports.metrics.count('hundi_orders_capped_total', {})
    throw error
  }
  return priced
}

/** Things that cannot be sold, or not together; a shop that is closed. */
function refuseProblems(body: PlaceOrderBody, { problems, currency }: PricedOrder): void {
  for (const problem of problems) {
    const { code, message, productId, title, shopId } = problem
    switch (code) {
      case 'product_unavailable':
        if (title === undefined) throw noProduct(body.items.findIndex((item) => item.productId === productId))
        throw new AppError('product_unavailable', message, { details: { items: [{ productId, title }] } })
      case 'currency_not_supported':
        throw new AppError('currency_not_supported', message, { details: { items: [{ productId, title }], shopId } })
      case 'currencies_differ':
        throw invalidField(
          'items',
          `products with different currencies need an order each: ${title}, not in ${currency}`,
        )
      case 'shop_closed':
        throw new AppError('shop_closed', message, { details: { shopId } })
    }
  }
}

/**
 * Another price than the one that was shown, in number or in currency. A client that sends only the number is protected
 * too: while the currency may have changed under what it shows, the number alone is not taken for a yes.
 */
function refuseOtherPrice(body: PlaceOrderBody, priced: PricedOrder, now: Date): void {
  const { expectedTotal, expectedCurrency } = body
  const { total, currency, lines } = priced
  const isOther =
    (expectedTotal !== undefined && expectedTotal !== total) ||
    (expectedCurrency !== undefined && expectedCurrency !== currency)
  const mayBeOther =
    expectedTotal !== undefined &&
    expectedCurrency === undefined &&
    lines.some(({ product }) => now.getTime() - (product.currencyChangedAt?.getTime() ?? -Infinity) < SHOWN_MS)
  if (!isOther && !mayBeOther) return
  const message = isOther
    ? 'The price has changed since it was shown.'
    : `The price was in another currency until a short time ago. It is in ${currency} now: send expectedCurrency too.`
  throw new AppError('price_changed', message, { details: { expectedTotal, expectedCurrency, total, currency } })
}

function refuseShortage({ lines }: PricedOrder): void {
  const short = lines.filter((line) => line.product.available < line.quantity).map(({ product }) => product)
  if (short[0] !== undefined) throw outOfStock(short[0].title, short)
  const over = lines.filter((line) => line.quantity > line.most)
  if (over[0] !== undefined) {
    throw new AppError('quantity_limited', `At most ${over[0].most} of ${over[0].product.title} in one order.`, {
      details: { items: over.map(({ product, most }) => ({ productId: product.id, title: product.title, most })) },
    })
  }
}

export function outOfStock(title: string, products: readonly { id: string; available: number }[]): AppError {
  return new AppError('out_of_stock', `There is not enough left of ${title}.`, {
    details: { items: products.map(({ id, available }) => ({ productId: id, available: Math.max(0, available) })) },
  })
}

/** Ways to pay and discounts that this installation has none of. */
export function refuseUnsupported(body: PlaceOrderBody, principal: Principal | undefined): void {
  refuseCoupon(body.couponCode)
  if (body.paymentMethod === 'cod') throw new AppError('cod_not_allowed', 'Cash on delivery is not offered here.')
  if (body.paymentMethod === 'wallet') {
    if (principal === undefined) throw new AppError('unauthenticated', 'Sign in to pay from a wallet.')
    throw new AppError('insufficient_balance', 'There is no money in this wallet.', { details: { balance: 0 } })
  }
}

/**
 * The address as it is kept.
 *
 * @throws validation_failed naming every field that is wrong
 */
export function parseAddress(typed: PlaceOrderBody['shippingAddress']): Address {
  const { address, faults } = readAddress(typed)
  const fields = Object.entries(faults).map(([part, fault]) => ({
    field: `shippingAddress.${part}`,
    message: wordsFor(part as AddressPart, fault, address),
  }))
  const [first] = fields
  if (first === undefined) return address
  throw new AppError('validation_failed', `${first.field}: ${first.message}`, { details: { fields } })
}

function wordsFor(part: AddressPart, fault: AddressFault, { country, state }: Address): string {
  switch (fault) {
    case 'missing':
      return part === 'state' || part === 'postalCode'
        ? `is needed in ${country}`
        : 'must have something that can be seen'
    case 'too_long':
      return 'is too long'
    case 'unknown':
      return part === 'country' ? 'is not a country of ISO 3166' : 'is not a state of India'
    case 'malformed':
      return country === 'IN' ? 'a PIN code has six digits and does not begin with 0' : 'is not a postal code'
    case 'elsewhere':
      return `is not a PIN code of ${state}`
  }
}

export function refuseCoupon(code: string | undefined): void {
  if (code !== undefined) throw new AppError('coupon_invalid', `There is no coupon ${code}.`)
}
