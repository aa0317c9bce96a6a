/**
 * What an order is and may become. Pure: no I/O, no clock.
 */
import type {
  OrderPaymentStatus,
  OrderStatus,
  PaymentMethod,
  ShippingAddress,
  ShopOrderStatus,
} from '../../shared/contract/orders.ts'

/**
 * An order's status is what its parts make of it: `foldOrder` in parts.ts.
 *
 * - `pending`: placed and awaiting payment. Nobody but the shopper sees it as an order yet.
 * - `confirmed`: paid (or cash was agreed); stock is taken. Set by a capture. Something is still to be sent, or all of it
 *   was given back.
 * - `shipped`: all of it that is to come is on its way or has arrived. `delivered`: all of that has arrived.
 * - `cancelled`: no part of it is left, by time, shopper, admin or its shops. An order that time cancelled may be revived
 *   by a capture that comes late.
 *
 * One thing leads back, from `shipped` or `delivered` to `confirmed` (`order.reopened`): a part that was given back before
 * it was sent, and so not waited for, stands again and is to be sent after all.
 */
export const ORDER_TRANSITIONS = {
  pending: ['confirmed', 'cancelled'],
  confirmed: ['shipped', 'delivered', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: ['confirmed'],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>

/**
 * What a person may ask of an order, for all of its parts that may move so. Confirming is not among it: only money
 * confirms an order.
 */
export const MANUAL_TRANSITIONS = {
  pending: ['cancelled'],
  confirmed: ['shipped', 'delivered', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
} as const satisfies Record<OrderStatus, readonly OrderStatus[]>

export const SHOP_ORDER_TRANSITIONS = {
  pending: ['awaiting_acceptance', 'accepted', 'cancelled'],
  awaiting_acceptance: ['accepted', 'rejected', 'cancelled'],
  accepted: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  rejected: [],
  cancelled: ['awaiting_acceptance', 'accepted'],
} as const satisfies Record<ShopOrderStatus, readonly ShopOrderStatus[]>

/** Moves of a part that people make. Only money sends a part to its shop, or brings back one that was cancelled. */
export const MANUAL_PART_TRANSITIONS = {
  pending: ['cancelled'],
  awaiting_acceptance: ['accepted', 'rejected', 'cancelled'],
  accepted: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  rejected: [],
  cancelled: [],
} as const satisfies Record<ShopOrderStatus, readonly ShopOrderStatus[]>

/** Whether a person may move a part so: its shop, or an admin for it. */
export function canPartMove(from: ShopOrderStatus, to: ShopOrderStatus): boolean {
  return (MANUAL_PART_TRANSITIONS[from] as readonly ShopOrderStatus[]).includes(to)
}

/** Whether a part is still to be had: not ended by its shop, or with its order. */
export function isLiving(status: ShopOrderStatus): boolean {
  return status !== 'rejected' && status !== 'cancelled'
}

export type CancelReason = 'expired' | 'shopper' | 'admin' | 'late_payment' | 'seller'
/** Where an order's units are: set aside, taken, or given back. */
export type StockState = 'none' | 'reserved' | 'deducted' | 'released'

/** A row of `orders`. */
export interface OrderRow {
  id: string
  number: string
  user_id: string | null
  guest_token_hash: string | null
  email: string | null
  customer_name: string | null
  status: OrderStatus
  payment_status: OrderPaymentStatus
  payment_method: PaymentMethod
  currency: string
  subtotal: number
  discount: number
  delivery_fee: number
  tax: number
  tax_included: number
  total: number
  /** What of the total the customer's wallet pays; the rest is paid in another way. */
  wallet_amount: number
  coupon_code: string | null
  shipping_address: ShippingAddress | null
  stock: StockState
  /** Every unit of it was given back: nothing is left to send. */
  given_back: boolean
  cancel_reason: CancelReason | null
  expires_at: Date | null
  confirmed_at: Date | null
  cancelled_at: Date | null
  created_at: Date
}

/** A row of `shop_orders`, with the shop's name. */
export interface ShopOrderRow {
  id: string
  order_id: string
  shop_id: string
  shop_name: string
  status: ShopOrderStatus
  auto_accept: boolean
  commission_bps: number
  subtotal: number
  discount: number
  delivery_fee: number
  tax: number
  total: number
  /** What of its total was given back: the sum of its lines. */
  returned_amount: number
}

/** A row of `order_items`. */
export interface OrderItemRow {
  id: string
  order_id: string
  shop_order_id: string | null
  position: number
  /** `delivery` is what a shop takes for bringing its part: a line as others are, and shown as a fee. */
  kind: 'product' | 'membership' | 'top_up' | 'delivery'
  product_id: string | null
  title: string
  image: string | null
  unit_price: number
  quantity: number
  discount: number
  /** What of the discount the house bears; the shop bears the rest. */
  house_discount: number
  tax_rate_bps: number
  /** After the discount, without `tax`. */
  total: number
  /** Tax that is not in the price; what the line costs is `total` and this. */
  tax: number
  /** Tax that is in `total`. */
  tax_included: number
  /** Our share of it, of its price before what the house takes off. */
  commission: number
  /** Units that were given back, whatever becomes of their money, and what went back of its price. */
  returned_quantity: number
  returned_amount: number
  /** Units that went back into stock while the order stands; they were given back. */
  restocked: number
}

export function canMoveByHand(from: OrderStatus, to: OrderStatus): boolean {
  return (MANUAL_TRANSITIONS[from] as readonly OrderStatus[]).includes(to)
}

/**
 * Awaiting a payment that can be made now. An order past its time is payable no more, even before the worker says so; nor
 * is one whose money waits for a person: nobody is asked for money that we hold.
 */
export function canPay(
  order: Pick<OrderRow, 'status' | 'payment_status' | 'payment_method' | 'expires_at'>,
  now: Date,
): boolean {
  return (
    order.status === 'pending' &&
    order.payment_status !== 'under_review' &&
    order.payment_method === 'online' &&
    order.expires_at !== null &&
    order.expires_at > now
  )
}

/** True once the order stands: paid, or agreed to be paid in cash. */
export function isConfirmed(status: OrderStatus): boolean {
  return status === 'confirmed' || status === 'shipped' || status === 'delivered'
}
