/** Orders as the API shows them. */
import type { Order, OrderSummary } from '../../shared/contract/orders.ts'
import type { OrderMoney, Payment } from '../../shared/contract/payments.ts'
import { add } from '../../shared/money.ts'
import type { Db } from '../platform/database.ts'
import { isGivenBack, isItem } from './lines.ts'
import { canPay, isConfirmed, type OrderItemRow, type OrderRow, type ShopOrderRow } from './order.ts'
import * as queries from './queries.ts'

/**
 * Orders as a list shows them. Two statements for the whole page.
 *
 * @param money what became of the money of each, by its id
 */
export async function toSummaries(
  db: Db,
  orders: readonly OrderRow[],
  money: ReadonlyMap<string, OrderMoney[]>,
  openReviewItems: ReadonlyMap<string, number>,
): Promise<OrderSummary[]> {
  const ids = orders.map((order) => order.id)
  const [items, parts] =
    ids.length === 0 ? [[], []] : await Promise.all([queries.listItems(db, ids), queries.listShopOrders(db, ids)])
  return orders.map((order) => {
    const own = items.filter((item) => item.order_id === order.id)
    return {
      ...face(order),
      itemCount: add(...own.map((item) => item.quantity)),
      firstItemTitle: own[0]?.title ?? null,
      firstItemImage: own[0]?.image ?? null,
      customerName: order.customer_name,
      email: order.email,
      city: order.shipping_address?.city ?? null,
      parts: parts
        .filter((part) => part.order_id === order.id)
        .map((part) => ({
          shopName: part.shop_name,
          status: part.status,
          isGivenBack: isGivenBack(own.filter((item) => item.shop_order_id === part.id)),
        })),
      isConfirmed: isConfirmed(order.status),
      isGivenBack: order.given_back,
      money: money.get(order.id) ?? [],
      openReviewItems: openReviewItems.get(order.id) ?? 0,
      createdAt: order.created_at.toISOString(),
      confirmedAt: order.confirmed_at?.toISOString() ?? null,
    }
  })
}

/** The order as the API shows it. Pure. */
export function toOrder(
  order: OrderRow,
  shopOrders: readonly ShopOrderRow[],
  items: readonly OrderItemRow[],
  payments: readonly Payment[],
  money: readonly OrderMoney[],
  now: Date,
): Order {
  return {
    ...face(order),
    userId: order.user_id,
    capturedAmount: add(...payments.map((payment) => payment.capturedAmount)),
    refundedAmount: add(...payments.map((payment) => payment.refundedAmount)),
    couponCode: order.coupon_code,
    email: order.email,
    shippingAddress: order.shipping_address,
    items: items.filter(isItem).map((item) => ({
      id: item.id,
      kind: item.kind,
      productId: item.product_id,
      shopId: shopOrders.find((part) => part.id === item.shop_order_id)?.shop_id ?? null,
      title: item.title,
      image: item.image,
      unitPrice: item.unit_price,
      quantity: item.quantity,
      discount: item.discount,
      taxRateBps: item.tax_rate_bps,
      total: item.total,
      tax: item.tax,
      returnedQuantity: item.returned_quantity,
      returnedAmount: item.returned_amount,
      restocked: item.restocked,
    })),
    shopOrders: shopOrders.map((part) => ({
      id: part.id,
      shopId: part.shop_id,
      shopName: part.shop_name,
      status: part.status,
      subtotal: part.subtotal,
      discount: part.discount,
      deliveryFee: part.delivery_fee,
      total: part.total,
      returnedAmount: part.returned_amount,
      isGivenBack: isGivenBack(items.filter((item) => item.shop_order_id === part.id)),
    })),
    isGivenBack: order.given_back,
    payments: [...payments],
    money: [...money],
    isConfirmed: isConfirmed(order.status),
    canPay: canPay(order, now),
    canCancel: order.status === 'pending' || order.status === 'confirmed',
    cancelReason: order.cancel_reason,
    createdAt: order.created_at.toISOString(),
    expiresAt: order.expires_at?.toISOString() ?? null,
    confirmedAt: order.confirmed_at?.toISOString() ?? null,
    cancelledAt: order.cancelled_at?.toISOString() ?? null,
  }
}

/** What a list and a page both show of an order. */
function face(order: OrderRow) {
  return {
    id: order.id,
    number: order.number,
    status: order.status,
    paymentStatus: order.payment_status,
    paymentMethod: order.payment_method,
    currency: order.currency,
    subtotal: order.subtotal,
    discount: order.discount,
    deliveryFee: order.delivery_fee,
    tax: order.tax,
    taxIncluded: order.tax_included,
    total: order.total,
  }
}
