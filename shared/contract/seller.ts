import { Type, type Static } from 'typebox'
import { Amount, Currency, CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'
import { ShippingAddress, ShopOrderStatus } from './orders.ts'

/** A shop's part of an order, as its seller sees it: once the order stands, and nothing of other shops. */
export const SellerOrder = Type.Object({
  id: Id,
  orderId: Id,
  orderNumber: Type.String(),
  status: ShopOrderStatus,
  items: Type.Array(
    Type.Object({
      id: Id,
      title: Type.String(),
      image: Nullable(Type.String()),
      unitPrice: Amount,
      quantity: Type.Integer(),
      returnedQuantity: Type.Integer({ description: 'Units that were given back: they are not sent' }),
      returnedAmount: Amount,
      restocked: Type.Integer({ description: 'Units that went back into stock' }),
      total: Amount,
    }),
  ),
  isGivenBack: Type.Boolean({ description: 'Every unit of it was given back: nothing is left to send' }),
  currency: Currency,
  subtotal: Amount,
  discount: Amount,
  deliveryFee: Amount,
  tax: Amount,
  total: Amount,
  returnedAmount: Amount,
  customerName: Nullable(Type.String()),
  shippingAddress: Nullable(ShippingAddress),
  confirmedAt: Timestamp,
})
export type SellerOrder = Static<typeof SellerOrder>

export const SellerOrdersQuery = Type.Object({ ...CursorQuery, status: Type.Optional(ShopOrderStatus) })

export const RejectBody = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S', description: 'The customer sees it' }) },
  { additionalProperties: false },
)
