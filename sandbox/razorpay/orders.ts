/** Orders, as POST/GET/PATCH /v1/orders behave (razorpay.com/docs/api/orders). */
import { currencyExponent, isMultipleOf } from '../../shared/money.ts'
import { type Collection, collection, type Order, type OrderTerms } from './entities.ts'
import { badRequest, unknownId } from './errors.ts'
import {
  type Fields,
  parseAmount,
  parseCurrency,
  parseExpand,
  parseId,
  parseNotes,
  parsePage,
  parseText,
  refuseUnknownFields,
} from './input.ts'
import { showPayment } from './payments.ts'
import type { Shop } from './shop.ts'

/** Smallest amounts in minor units; only the rupee's is published. */
const LEAST_INR = 100

/** Not published and different for each account; here high enough for any shop: a hundred crore rupees. */
const MOST = 100_000_000_000

const RECEIPT_CHARACTERS = 40
/** What nobody captured goes back after three days (razorpay.com/docs/payments/payments/capture-settings). */
const DEFAULT_EXPIRY_MINUTES = 3 * 24 * 60
/** The API's own page still allows five. */
const LONGEST_EXPIRY_MINUTES = 7200

const ORDER_FIELDS = new Set([
  'amount',
  'currency',
  'receipt',
  'notes',
  'partial_payment',
  'first_payment_min_amount',
  'payment',
  'payment_capture',
  'customer_id',
  'customer_details',
  'line_items',
  'line_items_total',
  'method',
  'offer_id',
  'transfers',
])

/** Makes an order. A receipt that is used already is accepted: Razorpay calls it unique and does not enforce it. */
export function createOrder(shop: Shop, body: Fields): Order {
  refuseUnknownFields(body, ORDER_FIELDS)
  const amount = parseAmount(body)
  const currency = parseCurrency(body)
  if (amount < (currency === 'INR' ? LEAST_INR : 1)) {
    throw badRequest('Order amount less than minimum amount allowed', 'amount')
  }
  // Documented; in which words it is refused is not.
  if (currencyExponent(currency) === 3 && !isMultipleOf(amount, 10)) {
    throw badRequest('The last digit of an amount in this currency must be 0.', 'amount')
  }
  if (amount > MOST) throw badRequest('Amount exceeds maximum amount allowed.', 'amount')
  const doc: Order = {
    id: `order_${shop.world.ids.text(14)}`,
    entity: 'order',
    amount,
    amount_paid: 0,
    amount_due: amount,
    currency,
    receipt: parseText(body, 'receipt', RECEIPT_CHARACTERS),
    offer_id: null,
    status: 'created',
    attempts: 0,
    notes: parseNotes(body.notes),
    created_at: shop.world.nowSeconds(),
  }
  shop.tables.insertOrder({ doc, terms: parseTerms(shop, body) }, shop.world.agenda.now())
  shop.world.touch()
  return doc
}

/** The order's own capture setting wins over the account's. */
function parseTerms(shop: Shop, body: Fields): OrderTerms {
  const ofAccount = shop.settings.autoCapture ? 'automatic' : 'manual'
  const terms: OrderTerms = { capture: ofAccount, manualExpiryMinutes: DEFAULT_EXPIRY_MINUTES }
  if (body.payment_capture !== undefined) {
    terms.capture = [1, '1', true, 'true'].includes(body.payment_capture as never) ? 'automatic' : 'manual'
  }
  const payment = body.payment as { capture?: unknown; capture_options?: Fields } | undefined
  if (payment === undefined || payment === null) return terms
  if (payment.capture !== 'automatic' && payment.capture !== 'manual') {
    throw badRequest('The payment.capture must be automatic or manual.', 'payment.capture')
  }
  terms.capture = payment.capture
  const { automatic_expiry_period: automatic, manual_expiry_period: manual } = payment.capture_options ?? {}
  if (automatic !== undefined && !(Number(automatic) >= 12)) {
    throw badRequest('The automatic expiry period must be at least 12.', 'payment.capture_options')
  }
  if (manual !== undefined) {
    const minutes = Number(manual)
    if (!(minutes >= 1 && minutes <= LONGEST_EXPIRY_MINUTES)) {
      throw badRequest(`The manual expiry period must be at most ${LONGEST_EXPIRY_MINUTES}.`, 'payment.capture_options')
    }
    terms.manualExpiryMinutes = minutes
  }
  return terms
}

export function getOrder(shop: Shop, id: string, query: Fields): Order {
  return withPayments(shop, mustFind(shop, id), parseExpand(query))
}

export function listOrders(shop: Shop, query: Fields): Collection<Order> {
  const expand = parseExpand(query)
  const receipt = query.receipt === undefined ? undefined : String(query.receipt)
  const authorized = query.authorized === undefined ? undefined : String(query.authorized) === '1'
  const orders = shop.tables.listOrders(parsePage(shop, query), {
    ...(receipt === undefined ? {} : { receipt }),
    ...(authorized === undefined ? {} : { authorized }),
  })
  return collection(orders.map((order) => withPayments(shop, order, expand)))
}

/** Every attempt of the order, failed ones too. This list does not lag. */
export function listOrderPayments(shop: Shop, id: string, query: Fields): Collection<unknown> {
  const order = mustFind(shop, id)
  const expand = parseExpand(query)
  return collection(shop.tables.paymentsOfOrder(order.id).map((payment) => showPayment(payment, expand)))
}

export function patchOrder(shop: Shop, id: string, body: Fields): Order {
  const order = mustFind(shop, id)
  refuseUnknownFields(body, new Set(['notes']))
  order.notes = parseNotes(body.notes)
  shop.tables.updateOrder(order, shop.world.agenda.now())
  shop.world.touch()
  return order
}

function mustFind(shop: Shop, id: string): Order {
  const order = shop.tables.findOrder(parseId(id, 'order'))
  if (order === undefined) throw unknownId()
  return order.doc
}

function withPayments(shop: Shop, order: Order, expand: Set<string>): Order {
  if (!expand.has('payments') && !expand.has('payments.card')) return order
  const cards = new Set(expand.has('payments.card') ? ['card'] : [])
  const payments = shop.tables.paymentsOfOrder(order.id).map((payment) => showPayment(payment, cards))
  return { ...order, payments: collection(payments) } as Order
}
