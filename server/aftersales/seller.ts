/** What a seller does with the own shop's parts of orders. Parts of other shops are not there for them. */
import type { SellerOrder } from '../../shared/contract/seller.ts'
import { invalidTransition, moveParts } from '../orders/changes.ts'
import { isGivenBack } from '../orders/lines.ts'
import { canPartMove, type OrderItemRow, type OrderRow, type ShopOrderRow } from '../orders/order.ts'
import { listOfShop, findShopOrder, listShopOrders, listOrders, listItems } from '../orders/queries.ts'
import { endParts } from '../payments/cancel.ts'
import { lockMoney } from '../payments/change.ts'
import type { PaymentDeps } from '../payments/context.ts'
import type { Money } from '../payments/money/payment.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import { inTransaction, type Db, type Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'

export interface Seller {
  userId: string
  shopId: string
}

/** A page of the shop's parts, newest first. Three statements for the whole page. */
export async function listSellerOrders(
  db: Db,
  shopId: string,
  query: { status?: string; cursor?: string; limit?: number },
): Promise<{ orders: SellerOrder[]; pagination: { limit: number; nextCursor: string | null } }> {
  const limit = query.limit ?? 24
  const [before] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['uuid'])
  const rows = await listOfShop(db, shopId, {
    status: query.status,
    before: before === undefined ? undefined : String(before),
    limit: limit + 1,
  })
  const page = cutPage(rows, limit, (row) => [row.id])
  return { orders: await describeParts(db, page.rows), pagination: page.pagination }
}

/**
 * Accepts a part that waits for its shop.
 *
 * @throws not_found, invalid_transition, also when everything of it was given back
 */
export function acceptPart(deps: PaymentDeps, shopOrderId: string, seller: Seller): Promise<SellerOrder> {
  return changePart(deps, shopOrderId, seller, 'accepted', 'acceptPart', async (tx, { order, lines }, part) => {
    if (isGivenBack(lines.filter((line) => line.shop_order_id === part.id))) {
      throw new AppError('invalid_transition', 'Everything of it was given back: nothing is left to send.', {
        details: { from: part.status, to: 'accepted', reason: 'nothing_left' },
      })
    }
    moveParts(tx, deps.ports, order, lines, [part], 'accepted', by(seller))
  })
}

/**
 * Rejects a part: what it cost goes back to the customer and its units back into stock, and the rest of the order goes
 * on. When no other part is left the order is cancelled.
 *
 * @throws not_found, invalid_transition
 */
export function rejectPart(
  deps: PaymentDeps,
  shopOrderId: string,
  seller: Seller,
  reason: string,
): Promise<SellerOrder> {
  return changePart(deps, shopOrderId, seller, 'rejected', 'rejectPart', (tx, money, { id, status }) =>
    endParts(tx, deps, money, {
      parts: [{ id, from: status, to: 'rejected' }],
      reason: 'seller',
      by: { ...by(seller), note: reason },
    }),
  )
}

function by({ userId }: Seller) {
  return { actor: 'seller', actorId: userId, source: 'api' } as const
}

/** Moves a part as its shop says: its own state tells whether it may, and not its order's. */
async function changePart(
  deps: PaymentDeps,
  shopOrderId: string,
  seller: Seller,
  to: 'accepted' | 'rejected',
  name: string,
  work: (tx: Tx, money: Money, part: ShopOrderRow) => Promise<void>,
): Promise<SellerOrder> {
  const found = await findShopOrder(deps.db, shopOrderId)
  if (found === undefined || found.shop_id !== seller.shopId) throw noPart()
  await inTransaction(deps.db, name, async (tx) => {
    const money = await lockMoney(tx, found.order_id)
    const part = (await listShopOrders(tx, [found.order_id])).find((row) => row.id === shopOrderId)
    // A part that nobody has paid is not there for its shop.
    if (part === undefined || money.order.confirmed_at === null) throw noPart()
    if (!canPartMove(part.status, to)) throw invalidTransition(part.status, to)
    await work(tx, money, part)
  })
  const [after] = (await listShopOrders(deps.db, [found.order_id])).filter((row) => row.id === shopOrderId)
  const [described] = after === undefined ? [] : await describeParts(deps.db, [after])
  if (described === undefined) throw noPart()
  return described
}

async function describeParts(db: Db, parts: readonly ShopOrderRow[]): Promise<SellerOrder[]> {
  if (parts.length === 0) return []
  const ids = [...new Set(parts.map((part) => part.order_id))]
  const [found, items] = await Promise.all([listOrders(db, ids), listItems(db, ids)])
  return parts.flatMap((part) => {
    const order = found.find((row) => row.id === part.order_id)
    const own = items.filter((item) => item.shop_order_id === part.id)
    return order === undefined ? [] : [toSellerOrder(part, order, own)]
  })
}

function toSellerOrder(part: ShopOrderRow, order: OrderRow, items: readonly OrderItemRow[]): SellerOrder {
  return {
    id: part.id,
    orderId: order.id,
    orderNumber: order.number,
    status: part.status,
    items: items.map((item) => ({
      id: item.id,
      title: item.title,
      image: item.image,
      unitPrice: item.unit_price,
      quantity: item.quantity,
      returnedQuantity: item.returned_quantity,
      returnedAmount: item.returned_amount,
      restocked: item.restocked,
      total: item.total,
    })),
    isGivenBack: isGivenBack(items),
    currency: order.currency,
    subtotal: part.subtotal,
    discount: part.discount,
    deliveryFee: part.delivery_fee,
    tax: part.tax,
    total: part.total,
    returnedAmount: part.returned_amount,
    customerName: order.customer_name,
    shippingAddress: order.shipping_address,
    confirmedAt: (order.confirmed_at ?? order.created_at).toISOString(),
  }
}

function noPart(): AppError {
  return new AppError('not_found', 'There is no such order in your shop.')
}
