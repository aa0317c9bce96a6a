/** The API's shapes that the client takes and gives, for programs that import only the client. */
import type { Static } from 'typebox'
import type { CartItem } from '../shared/contract/catalog.ts'

export type { Cart, Category, Product, ProductListQuery, Shop } from '../shared/contract/catalog.ts'
export type { ErrorCode } from '../shared/contract/envelope.ts'
export type {
  Order,
  OrderEvent,
  OrderSummary,
  PaymentMethod,
  PlaceOrderBody,
  PlacedOrder,
  Quote,
  QuoteBody,
  ShippingAddress,
  ShopOrderStatus,
} from '../shared/contract/orders.ts'
export type {
  AskedPayment,
  CreatePaymentBody,
  HandOff,
  OrderMoney,
  OrderPaymentState,
  Payment,
  PaymentAttempt,
  Refund,
  VerifiedPayment,
  VerifyPaymentBody,
} from '../shared/contract/payments.ts'
export type CartItemInput = Static<typeof CartItem>
