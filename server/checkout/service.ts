/**
 * Placing an order. The order comes before the payment, and the server computes the amount: one transaction prices the
 * lines from the database, reserves the stock, and writes order, parts, lines, payment and timeline. Only after its
 * commit is the provider asked. If that fails the order stays payable.
 */
import type { PlacedOrder, PlaceOrderBody } from '../../shared/contract/orders.ts'
import type { HandOff } from '../../shared/contract/payments.ts'
import type { Principal, Audience } from '../accounts/account.ts'
import { reserve, NOT_OVERSOLD } from '../inventory/queries.ts'
import { perProduct } from '../inventory/service.ts'
import { digestOf, guestTokenFor } from '../orders/access.ts'
import { insertOrder, SAME_ORDER } from '../orders/change-queries.ts'
import { insertClient } from '../orders/client-queries.ts'
import { getOrder } from '../orders/finding.ts'
import { canPay, type OrderItemRow, type OrderRow, type ShopOrderRow } from '../orders/order.ts'
import { findOrder, listShopOrders, listItems } from '../orders/queries.ts'
import { toOrder } from '../orders/views.ts'
import { chooseProvider, type PaymentDeps } from '../payments/context.ts'
import { toFreshPayment, readPayments } from '../payments/listing.ts'
import { moneyOf } from '../payments/money/money-of.ts'
import type { PaymentRow } from '../payments/money/payment.ts'
import { createPayment } from '../payments/create.ts'
import { handOff, newPayment, openPayment } from '../payments/open.ts'
import { insertPayment } from '../payments/queries.ts'
import { toPayments } from '../payments/views.ts'
import { violatedConstraint, type Db } from '../platform/database.ts'
import { inGroup } from '../platform/groups.ts'
import { AppError } from '../platform/errors.ts'
import type { Keyed } from '../platform/idempotency.ts'
import { outOfStock, parseAddress, priceToOrder, refuseUnsupported } from './orderable.ts'
import type { PricedOrder } from './pricing.ts'
import { isCounting, type Caps } from './unpaid.ts'

export interface CheckoutDeps extends PaymentDeps {
  /** Makes guests' tokens; see orders/access.ts. */
  secret: string
  caps: Caps
}

/** Who orders. */
export interface Buyer {
  principal: Principal | undefined
  /** Whom limits count: a user's id, or a guest's network address. */
  client: string
  /**
   * Whether the key is proof enough that a repeat comes from who sent the first: keys of signed-in users always, a guest's
   * when it was drawn and not thought of. Under another key the guest's token is told once (ADR 11).
   */
  keyIsProof: boolean
}

/** The number is shown to people and must not tell how many orders there are, so it is drawn and may collide. */
const NUMBER_LENGTH = 8
/** A number that is taken is drawn again, and stock that others took meanwhile is looked at again. */
const WRITE_TRIES = 5

/**
 * Places an order and opens its payment.
 *
 * @param keyed the request's Idempotency-Key: gives the order its id, and takes the answer in the last transaction
 * @throws what `priceToOrder` and `refuseUnsupported` refuse; nothing is written then. provider_unavailable,
 *   payment_refused: the order is kept.
 */
export async function placeOrder(
  deps: CheckoutDeps,
  buyer: Buyer,
  body: PlaceOrderBody,
  keyed: Keyed | undefined,
): Promise<PlacedOrder> {
  const { principal } = buyer
  const orderId = keyed?.effectId ?? deps.ports.ids.uuid()
  const guestToken = guestTokenOf(deps, orderId, principal)
  if (keyed?.resumed === true) {
    const earlier = await placedOrder(deps, buyer, orderId, keyed.told)
    if (earlier !== undefined) return earlier
  }
  const shippingAddress = parseAddress(body.shippingAddress)
  refuseUnsupported(body, principal)
  const written = await writeOrder(deps, buyer, { ...body, shippingAddress }, orderId)
  // Somebody with the same key was faster between our two looks.
  if (written === undefined) return goOn(deps, await getOrder(deps.db, orderId), buyer.keyIsProof, guestToken)
  const { order, parts, items } = written
  const answer = (payment: PaymentRow): PlacedOrder => ({
    order: toOrder(order, parts, items, [toFreshPayment(payment)], [], deps.ports.clock.now()),
    payment: handOff(deps, order, payment),
    ...guestToken,
  })
  const opened = await openPayment(deps, order, written.payment, {
    isFirst: true,
    inSameTransaction: (tx, payment) => keyed?.finish(tx, { status: 201, body: answer(payment) }),
  }).catch((error: unknown) => {
    throw withGuestToken(error, guestToken)
  })
  return answer(opened)
}

/**
 * What placing an order answers to a request that placed it earlier: the order as it is now, with its payment while it
 * can be paid.
 *
 * @param told whether the guest's token was told before, which it is again only where the key is a proof
 * @returns undefined when there is no such order
 */
export async function placedOrder(
  deps: CheckoutDeps,
  buyer: Pick<Buyer, 'principal' | 'keyIsProof'>,
  orderId: string,
  told: boolean,
): Promise<PlacedOrder | undefined> {
  const order = await findOrder(deps.db, orderId)
  if (order === undefined) return undefined
  return goOn(deps, order, buyer.keyIsProof || !told, guestTokenOf(deps, orderId, buyer.principal))
}

function guestTokenOf(deps: CheckoutDeps, orderId: string, principal: Principal | undefined): { guestToken?: string } {
  return principal === undefined ? { guestToken: guestTokenFor(deps.secret, orderId) } : {}
}

/** What is said of an order that was placed, and has no payment yet. */
const KEEPS_ORDER: ReadonlySet<string> = new Set(['provider_unavailable', 'payment_refused'])

/** The order is kept when its payment could not be opened, so a guest needs the token that leads back to it. */
function withGuestToken(error: unknown, guestToken: { guestToken?: string }): unknown {
  if (!(error instanceof AppError) || !KEEPS_ORDER.has(error.code)) return error
  return new AppError(error.code, error.message, { details: { ...error.details, ...guestToken }, cause: error })
}

/**
 * Goes on with an order whose request had died: its payment is opened if it still waits for one.
 *
 * @param isSender false for who may be another guest: no token then, and nothing of how the order was paid since
 */
async function goOn(
  deps: CheckoutDeps,
  order: OrderRow,
  isSender: boolean,
  guestToken: { guestToken?: string },
): Promise<PlacedOrder> {
  const token = isSender ? guestToken : {}
  let payment: HandOff | undefined
  if (canPay(order, deps.ports.clock.now())) {
    const opened = await createPayment(deps, order.id, undefined).catch((error: unknown) => {
      throw withGuestToken(error, token)
    })
    payment = handOff(deps, order, opened.payment)
  }
  const shown = await describe(deps, order, 'shopper')
  return {
    order: isSender ? shown : { ...shown, payments: [] },
    ...(payment === undefined ? {} : { payment }),
    ...token,
  }
}

interface WrittenOrder {
  order: OrderRow
  parts: ShopOrderRow[]
  items: OrderItemRow[]
  payment: PaymentRow
}

/**
 * Writes the order, in one transaction.
 *
 * @returns undefined when an order with this id exists already
 */
async function writeOrder(
  deps: CheckoutDeps,
  buyer: Buyer,
  body: PlaceOrderBody,
  orderId: string,
): Promise<WrittenOrder | undefined> {
  const { principal, client } = buyer
  // Orders of one client count each other, so the client is what is locked.
  const key = isCounting(deps.caps) ? client : orderId
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inGroup(deps.db, { lane: 'placing', name: 'placeOrder', key }, async (tx) => {
        const priced = await priceToOrder(deps, tx, body, client)
        const written = rowsOf(deps, principal, body, orderId, priced)
        insertOrder(tx, written.order, written.parts, written.items, {
          orderId,
          type: 'order.placed',
          subject: 'order',
          subjectId: orderId,
          to: 'pending',
          actor: 'shopper',
          actorId: principal?.userId ?? null,
          source: 'api',
          data: { amount: written.order.total, currency: written.order.currency },
        })
        if (isCounting(deps.caps)) insertClient(tx, written.order, client)
        insertPayment(tx, written.payment)
        tx.afterCommit(() => {
          const { payment_method, currency, total } = written.order
          deps.ports.metrics.count('hundi_orders_placed_total', { payment_method, currency })
          deps.ports.metrics.observe('hundi_order_value_minor_units', { currency }, total)
        })
        // Last, because the stock of a popular product is what many orders wait for.
        reserve(tx, perProduct(body.items))
        return written
      })
    } catch (error) {
      const constraint = violatedConstraint(error)
      if (SAME_ORDER.has(constraint)) return undefined
      // Others were faster between our look at the stock and our taking it; the next look says how much is left.
      const again = constraint === 'orders_number_key' || constraint === NOT_OVERSOLD
      if (again && attempt < WRITE_TRIES) continue
      if (constraint === NOT_OVERSOLD) throw outOfStock('what others are buying now', [])
      throw error
    }
  }
}

/** The rows of an order that was priced. */
function rowsOf(
  deps: CheckoutDeps,
  principal: Principal | undefined,
  body: PlaceOrderBody,
  orderId: string,
  priced: PricedOrder,
): WrittenOrder {
  const { ids, clock } = deps.ports
  const now = clock.now()
  const order: OrderRow = {
    id: orderId,
    number: orderNumber(ids.readable(NUMBER_LENGTH)),
    user_id: principal?.userId ?? null,
    guest_token_hash: principal === undefined ? digestOf(guestTokenFor(deps.secret, orderId)) : null,
    email: body.email ?? principal?.email ?? null,
    customer_name: body.shippingAddress.name,
    status: 'pending',
    payment_status: 'pending',
    payment_method: 'online',
    currency: priced.currency,
    subtotal: priced.subtotal,
    discount: priced.discount,
    delivery_fee: priced.deliveryFee,
    tax: priced.tax,
    tax_included: priced.taxIncluded,
    total: priced.total,
    wallet_amount: 0,
    coupon_code: null,
    shipping_address: body.shippingAddress,
    stock: 'reserved',
    given_back: false,
    cancel_reason: null,
    expires_at: new Date(now.getTime() + deps.orderTtlS * 1_000),
    confirmed_at: null,
    cancelled_at: null,
    created_at: now,
  }
  const parts = priced.parts.map(
    (part): ShopOrderRow => ({
      id: ids.uuid(),
      order_id: orderId,
      shop_id: part.shop.id,
      shop_name: part.shop.name,
      status: 'pending',
      auto_accept: part.shop.autoAccept,
      commission_bps: part.shop.commissionBps,
      subtotal: part.subtotal,
      discount: part.discount,
      delivery_fee: part.deliveryFee,
      tax: part.tax,
      total: part.total,
      returned_amount: 0,
    }),
  )
  const items = linesOf(deps, orderId, priced, parts)
  const provider = chooseProvider(deps, body.provider, priced.currency)
  return { order, parts, items, payment: newPayment(deps, order, provider.name) }
}

/** The lines of an order that was priced: the goods in the shopper's order, then what the parts cost to bring. */
function linesOf(
  { ports: { ids } }: CheckoutDeps,
  orderId: string,
  priced: PricedOrder,
  parts: readonly ShopOrderRow[],
): OrderItemRow[] {
  const partOf = (shopId: string) => parts.find((part) => part.shop_id === shopId)?.id ?? null
  const sold = { discount: 0, house_discount: 0, tax: 0, returned_quantity: 0, returned_amount: 0, restocked: 0 }
  const goods = priced.lines.map(({ product, ...line }) => ({
    ...sold,
    shop_order_id: partOf(product.shop.id),
    kind: 'product' as const,
    product_id: product.id,
    title: product.title,
    image: product.image,
    unit_price: product.price,
    quantity: line.quantity,
    tax_rate_bps: product.tax_rate_bps,
    total: line.total,
    tax_included: line.taxIncluded,
    commission: line.commission,
  }))
  const deliveries = priced.parts.flatMap(({ shop, delivery }) => {
    if (delivery === null) return []
    const line = {
      ...sold,
      shop_order_id: partOf(shop.id),
      kind: 'delivery' as const,
      product_id: null,
      title: 'Delivery',
      image: null,
      unit_price: delivery.total,
      quantity: 1,
      tax_rate_bps: delivery.taxRateBps,
      total: delivery.total,
      tax_included: delivery.taxIncluded,
      commission: 0,
    }
    return [line]
  })
  return [...goods, ...deliveries].map((line, position) => ({ ...line, id: ids.uuid(), order_id: orderId, position }))
}

/** An order with everything that belongs to it. */
export async function describe(
  deps: { db: Db; ports: CheckoutDeps['ports'] },
  order: OrderRow,
  audience: Audience,
): Promise<PlacedOrder['order']> {
  const [parts, items, rows] = await Promise.all([
    listShopOrders(deps.db, [order.id]),
    listItems(deps.db, [order.id]),
    readPayments(deps.db, [order.id]),
  ])
  const money = moneyOf(order, parts, rows.attempts, rows.refunds)
  return toOrder(order, parts, items, toPayments(rows, audience), money, deps.ports.clock.now())
}

/** Eight characters in two groups, to be read aloud: H-7KQ4-M2XD. */
function orderNumber(drawn: string): string {
  return `H-${drawn.slice(0, 4)}-${drawn.slice(4)}`
}
