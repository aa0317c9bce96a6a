import { Type, type Static } from 'typebox'
import { CartItem } from './catalog.ts'
import { Amount, Currency, CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'
import { HandOff, OrderMoney, Payment, WaitsFor } from './payments.ts'

export const ORDER_STATUSES = ['pending', 'confirmed', 'shipped', 'delivered', 'cancelled'] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]
export const OrderStatus = Type.Unsafe<OrderStatus>(Type.Union(ORDER_STATUSES.map((status) => Type.Literal(status))))

/**
 * An order's status as lists of what is to be done have it: one that is confirmed, and of which every unit was given back
 * before it was sent, is not among those to be shipped.
 */
export const ORDER_STAGES = [...ORDER_STATUSES, 'given_back'] as const
export type OrderStage = (typeof ORDER_STAGES)[number]
const OrderStage = Type.Unsafe<OrderStage>(
  Type.Union(
    ORDER_STAGES.map((stage) => Type.Literal(stage)),
    { description: 'confirmed: to be shipped; given_back: confirmed, and nothing is left to send' },
  ),
)

export const ORDER_PAYMENT_STATUSES = [
  'pending',
  'verified',
  /** Money is here, or held at the bank, that the order cannot simply take: a person decides. It is not payable. */
  'under_review',
  'paid',
  'partially_refunded',
  'refunded',
  'failed',
] as const
export type OrderPaymentStatus = (typeof ORDER_PAYMENT_STATUSES)[number]
export const OrderPaymentStatus = Type.Unsafe<OrderPaymentStatus>(
  Type.Union(ORDER_PAYMENT_STATUSES.map((status) => Type.Literal(status))),
)

export const SHOP_ORDER_STATUSES = [
  'pending',
  'awaiting_acceptance',
  'accepted',
  'shipped',
  'delivered',
  'rejected',
  'cancelled',
] as const
export type ShopOrderStatus = (typeof SHOP_ORDER_STATUSES)[number]
export const ShopOrderStatus = Type.Unsafe<ShopOrderStatus>(
  Type.Union(SHOP_ORDER_STATUSES.map((status) => Type.Literal(status))),
)

export const PaymentMethod = Type.Union([Type.Literal('online'), Type.Literal('wallet'), Type.Literal('cod')])
export type PaymentMethod = Static<typeof PaymentMethod>

const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })

export const ShippingAddress = Type.Object(
  {
    name: text(100),
    phone: Type.String({ pattern: '^[+]?[0-9][0-9 ()-]{5,19}$' }),
    line1: text(200),
    line2: Type.Optional(Type.String({ maxLength: 200 })),
    city: text(100),
    state: Type.Optional(
      Type.String({ maxLength: 100, description: 'Where a label needs it; by name or code in India' }),
    ),
    postalCode: Type.Optional(
      Type.String({ maxLength: 20, description: 'Where the country has them: six digits in India, of the state' }),
    ),
    country: Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166-1 alpha-2' }),
  },
  { additionalProperties: false },
)
export type ShippingAddress = Static<typeof ShippingAddress>

const OrderLines = Type.Array(CartItem, { minItems: 1, maxItems: 100 })

export const QuoteBody = Type.Object(
  { items: OrderLines, address: Type.Optional(Type.Partial(ShippingAddress)), couponCode: Type.Optional(text(40)) },
  { additionalProperties: false },
)
export type QuoteBody = Static<typeof QuoteBody>

/** What an order costs. total = subtotal − discount + deliveryFee + tax; `taxIncluded` is already inside the prices. */
export const Quote = Type.Object({
  currency: Currency,
  subtotal: Amount,
  discount: Amount,
  deliveryFee: Amount,
  tax: Amount,
  taxIncluded: Amount,
  total: Amount,
  items: Type.Array(
    Type.Object({
      productId: Id,
      title: Type.String(),
      image: Nullable(Type.String()),
      shopId: Id,
      unitPrice: Amount,
      quantity: Type.Integer(),
      total: Amount,
      available: Type.Integer(),
      most: Type.Integer({ description: 'Most units of it that an order can have now' }),
    }),
  ),
  shops: Type.Array(
    Type.Object({
      shopId: Id,
      name: Type.String(),
      subtotal: Amount,
      discount: Amount,
      deliveryFee: Amount,
      total: Amount,
      acceptingOrders: Type.Boolean(),
    }),
  ),
  problems: Type.Array(
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      productId: Type.Optional(Id),
      title: Type.Optional(Type.String()),
      shopId: Type.Optional(Id),
    }),
    {
      description:
        'What would make placing this order fail now: out_of_stock, quantity_limited, shop_closed; and things that are ' +
        'in no price, because they cannot be sold or not with the others: product_unavailable, currency_not_supported, ' +
        'currencies_differ',
    },
  ),
  paymentMethods: Type.Array(
    Type.Object({
      method: PaymentMethod,
      provider: Nullable(Type.String()),
      available: Type.Boolean(),
      reason: Nullable(Type.String({ description: 'Why not, in words for the shopper' })),
    }),
  ),
  couponsAccepted: Type.Optional(
    Type.Boolean({ description: 'True when this shop has coupons; without it a page does not ask for one' }),
  ),
})
export type Quote = Static<typeof Quote>

export const PlaceOrderBody = Type.Object(
  {
    items: OrderLines,
    shippingAddress: ShippingAddress,
    email: Type.Optional(Type.String({ format: 'email', maxLength: 254 })),
    paymentMethod: PaymentMethod,
    provider: Type.Optional(text(30)),
    couponCode: Type.Optional(text(40)),
    expectedTotal: Type.Optional(
      Type.Integer({ minimum: 0, description: 'The total that was shown; another total is refused' }),
    ),
    expectedCurrency: Type.Optional({ ...Currency, description: 'The currency that it was shown in' }),
  },
  { additionalProperties: false },
)
export type PlaceOrderBody = Static<typeof PlaceOrderBody>

export const OrderItem = Type.Object({
  id: Id,
  kind: Type.String(),
  productId: Nullable(Id),
  shopId: Nullable(Id),
  title: Type.String(),
  image: Nullable(Type.String()),
  unitPrice: Amount,
  quantity: Type.Integer(),
  discount: Amount,
  taxRateBps: Type.Integer(),
  total: Amount,
  tax: Type.Integer({ description: 'Minor units of tax that is not in the price: the line costs total and this' }),
  returnedQuantity: Type.Integer({
    description: 'Units that were given back, whatever became of their money; a unit is given back once',
  }),
  returnedAmount: Type.Integer({ description: 'Minor units of its price that were given back' }),
  restocked: Type.Integer({ description: 'Units that went back into stock while the order stands' }),
})

export const ShopOrder = Type.Object({
  id: Id,
  shopId: Id,
  shopName: Type.String(),
  status: ShopOrderStatus,
  subtotal: Amount,
  discount: Amount,
  deliveryFee: Amount,
  total: Amount,
  returnedAmount: Type.Integer({ description: 'Minor units of its total that were given back' }),
  isGivenBack: Type.Boolean({ description: 'Every unit of it was given back: nothing of it is left to send' }),
})

const IsGivenBack = Type.Boolean({
  description: 'Every unit was given back: of a confirmed order, that nothing is left to send',
})

export const OrderSummary = Type.Object({
  id: Id,
  number: Type.String(),
  status: OrderStatus,
  paymentStatus: OrderPaymentStatus,
  paymentMethod: PaymentMethod,
  currency: Currency,
  subtotal: Amount,
  discount: Amount,
  deliveryFee: Amount,
  tax: Amount,
  taxIncluded: Amount,
  total: Amount,
  itemCount: Type.Integer(),
  firstItemTitle: Nullable(Type.String()),
  firstItemImage: Nullable(Type.String()),
  customerName: Nullable(Type.String()),
  email: Nullable(Type.String()),
  city: Nullable(Type.String()),
  parts: Type.Array(Type.Object({ shopName: Type.String(), status: ShopOrderStatus, isGivenBack: Type.Boolean() })),
  isConfirmed: Type.Boolean(),
  isGivenBack: IsGivenBack,
  money: Type.Array(OrderMoney, { description: 'What became of its money, by currency; empty while there is none' }),
  openReviewItems: Type.Integer(),
  createdAt: Timestamp,
  confirmedAt: Nullable(Timestamp),
})
export type OrderSummary = Static<typeof OrderSummary>

export const Order = Type.Object({
  id: Id,
  number: Type.String(),
  userId: Nullable(Type.String()),
  status: OrderStatus,
  paymentStatus: OrderPaymentStatus,
  paymentMethod: PaymentMethod,
  currency: Currency,
  subtotal: Amount,
  discount: Amount,
  deliveryFee: Amount,
  tax: Amount,
  taxIncluded: Amount,
  total: Amount,
  capturedAmount: Amount,
  refundedAmount: Amount,
  couponCode: Nullable(Type.String()),
  email: Nullable(Type.String()),
  shippingAddress: Nullable(ShippingAddress),
  items: Type.Array(OrderItem),
  shopOrders: Type.Array(ShopOrder),
  payments: Type.Array(Payment),
  isGivenBack: IsGivenBack,
  money: Type.Array(OrderMoney, { description: 'What became of its money, by currency; empty while there is none' }),
  isConfirmed: Type.Boolean(),
  canPay: Type.Boolean({
    description: 'Waiting for a payment that can be made now; not while money of it is reviewed',
  }),
  canCancel: Type.Boolean(),
  cancelReason: Nullable(Type.String({ description: 'expired, shopper, admin, late_payment' })),
  createdAt: Timestamp,
  expiresAt: Nullable(Timestamp),
  confirmedAt: Nullable(Timestamp),
  cancelledAt: Nullable(Timestamp),
})
export type Order = Static<typeof Order>

export const PlacedOrder = Type.Object({
  order: Order,
  payment: Type.Optional(HandOff),
  guestToken: Type.Optional(
    Type.String({ description: 'For guests: send it as X-Guest-Token to see and pay this order' }),
  ),
})
export type PlacedOrder = Static<typeof PlacedOrder>

/** An order after an admin's word; with `waitsFor` it stays as it is until a second admin agrees. */
export const ChangedOrder = Type.Object({ order: Order, waitsFor: Type.Optional(WaitsFor) })
export type ChangedOrder = Static<typeof ChangedOrder>

export const OrderEvent = Type.Object({
  id: Type.String(),
  type: Type.String({ description: 'order.placed, payment.captured, …' }),
  subject: Type.String({ description: 'order, payment, attempt, refund, shop_order' }),
  subjectId: Nullable(Type.String()),
  from: Nullable(Type.String()),
  to: Nullable(Type.String()),
  actor: Type.String({ description: 'shopper, provider, admin, system' }),
  source: Nullable(
    Type.String({ description: 'How we learned it: api, verify, webhook, poll, reconciliation, worker' }),
  ),
  data: Type.Record(Type.String(), Type.Unknown()),
  createdAt: Timestamp,
})
export type OrderEvent = Static<typeof OrderEvent>

export const EventsQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 200 })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: 'Leads to what happened before' })),
})
export type EventsQuery = Static<typeof EventsQuery>

export const CancelOrderBody = Type.Object(
  { reason: Type.Optional(Type.String({ maxLength: 500 })) },
  { additionalProperties: false },
)

export const MyOrdersQuery = Type.Object({ ...CursorQuery })

/**
 * What an order's money may need that no state tells:
 * - `confirmation`: it is here, or was promised ten minutes ago, and the order still waits.
 * - `another_try`: the payment was tried in the time asked for, and only failed.
 * - `payment_work`, `refund_work`: work on it fell due more than five minutes ago.
 */
export const ORDERS_NEEDING = ['confirmation', 'another_try', 'payment_work', 'refund_work'] as const
export type OrdersNeeding = (typeof ORDERS_NEEDING)[number]

export const AdminOrdersQuery = Type.Object({
  needs: Type.Optional(Type.Unsafe<OrdersNeeding>(Type.Union(ORDERS_NEEDING.map((each) => Type.Literal(each))))),
  provider: Type.Optional(Type.String({ maxLength: 30, description: 'With needs=another_try' })),
  since: Type.Optional(
    Type.String({ description: 'With needs=another_try: date-time; half an hour ago when it is left out' }),
  ),
  until: Type.Optional(Type.String({ description: 'With needs=another_try: date-time; now when it is left out' })),
  page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1 })),
  cursor: Type.Optional(Type.String({ maxLength: 200, description: 'Instead of `page`; not together with `search`' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  status: Type.Optional(OrderStage),
  paymentStatus: Type.Optional(OrderPaymentStatus),
  search: Type.Optional(
    Type.String({
      maxLength: 100,
      description:
        'An order number, a payment’s or refund’s id (ours or the provider’s), or the beginnings of words: name, e-mail, ' +
        'city, PIN code, product; the last digits of a telephone number; a UPI address; the last four digits of a card',
    }),
  ),
  from: Type.Optional(Type.String({ description: 'Day of the shop, or date-time; inclusive' })),
  to: Type.Optional(Type.String({ description: 'Day of the shop (that whole day), or date-time, exclusive' })),
})
export type AdminOrdersQuery = Static<typeof AdminOrdersQuery>

export const PutOrderStatusBody = Type.Object(
  {
    status: Type.Optional(OrderStatus),
    order_status: Type.Optional(OrderStatus),
    reason: Type.Optional(Type.String({ maxLength: 500 })),
  },
  { additionalProperties: false },
)

const DayFigures = Type.Array(
  Type.Object({
    day: Type.String({ description: 'Of the shop, 2026-11-21' }),
    orders: Type.Integer({ description: 'Placed on it' }),
    paidOrders: Type.Integer({ description: 'Confirmed on it' }),
    revenue: Type.Integer({
      description: 'Sold on it, less what was taken back on it of sales of any day; may be below zero',
    }),
  }),
)

/**
 * What was sold in one currency. An order is sold when it is confirmed, for its total: goods, delivery and taxes, after
 * discounts. What a refund, a cancellation or a rejected part takes back counts on the day on which that is decided.
 */
export const CurrencyFigures = Type.Object({
  currency: Currency,
  orders: Type.Integer({ description: 'Placed, whatever became of them' }),
  paidOrders: Type.Integer({ description: 'Sold' }),
  soldAmount: Amount,
  refundedAmount: Type.Integer({ description: 'Taken back of what was sold' }),
  revenue: Type.Integer({ description: 'soldAmount − refundedAmount' }),
  averageOrderValue: Type.Integer({ description: 'soldAmount ÷ paidOrders, rounded down' }),
  ordersByDay: DayFigures,
})
export type CurrencyFigures = Static<typeof CurrencyFigures>

/**
 * Figures since the beginning, and by day for the last thirty. Counts are of all orders; amounts are in `currency`, which
 * most orders have, and in `byCurrency` in each. Every total is the sum of what it is made of.
 */
export const DashboardStats = Type.Object({
  totalOrders: Type.Integer(),
  totalProducts: Type.Integer({ description: 'On the shelf; above 10,000 as many as the database believes' }),
  totalCategories: Type.Integer(),
  totalUsers: Type.Integer({ description: 'Above 10,000 as many as the database believes' }),
  currency: Currency,
  totalRevenue: Type.Integer({ description: 'soldAmount − refundedAmount' }),
  soldAmount: Amount,
  refundedAmount: Type.Integer({ description: 'Taken back of what was sold' }),
  averageOrderValue: Amount,
  pendingOrders: Type.Integer(),
  confirmedOrders: Type.Integer({ description: 'To be shipped: without those of which everything was given back' }),
  givenBackOrders: Type.Integer({ description: 'Confirmed, and everything was given back before it was sent' }),
  shippedOrders: Type.Integer(),
  deliveredOrders: Type.Integer(),
  cancelledOrders: Type.Integer(),
  paidOrders: Type.Integer({ description: 'Confirmed at some time, whatever was taken back later' }),
  failedPayments: Type.Integer({ description: 'Orders whose last payment failed' }),
  paymentSuccessRateBps: Nullable(
    Type.Integer({
      description: 'Of the orders of thirty days whose payment was decided: those that were paid, in basis points',
    }),
  ),
  medianConfirmSeconds: Nullable(
    Type.Number({ description: 'From placed to confirmed; of the newest thousand orders of thirty days' }),
  ),
  openReviewItems: Type.Integer(),
  ordersByDay: DayFigures,
  byCurrency: Type.Array(CurrencyFigures, { description: 'The one that most orders have comes first' }),
  timeZone: Type.String({ description: 'Whose days these are' }),
  countedSince: Nullable(
    Type.String({ format: 'date-time', description: 'Older orders are still being counted; null: all are' }),
  ),
  recentOrders: Type.Array(OrderSummary),
})
export type DashboardStats = Static<typeof DashboardStats>

/** Everything that happened to an order, for operators: events, provider calls, webhook events and ledger transfers. */
export const StoryQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 200, description: '`older` of the page before' })),
})

export const OrderStory = Type.Object({
  events: Type.Array(OrderEvent),
  providerCalls: Type.Array(
    Type.Object({
      id: Id,
      provider: Type.String(),
      operation: Type.String(),
      outcome: Type.String({ description: 'accepted, refused, unknown; pending while it runs' }),
      httpStatus: Nullable(Type.Integer()),
      durationMs: Nullable(Type.Integer()),
      request: Type.Unknown(),
      reply: Type.Unknown(),
      createdAt: Timestamp,
    }),
  ),
  webhookEvents: Type.Array(
    Type.Object({
      id: Id,
      provider: Type.String(),
      eventId: Type.String(),
      type: Type.String(),
      status: Type.String(),
      body: Type.String({ description: 'As received' }),
      receivedAt: Timestamp,
      processedAt: Nullable(Timestamp),
    }),
  ),
  ledger: Type.Array(
    Type.Object({
      id: Id,
      kind: Type.String(),
      debit: Type.String(),
      credit: Type.String(),
      amount: Amount,
      currency: Currency,
      createdAt: Timestamp,
    }),
  ),
  reviewItems: Type.Array(
    Type.Object({
      id: Id,
      kind: Type.String(),
      summary: Type.String(),
      createdAt: Timestamp,
      resolvedAt: Nullable(Timestamp),
    }),
  ),
  older: Nullable(Type.String({ description: 'More happened before what is told here: pass it as `cursor`' })),
  refundableAlone: Nullable(
    Type.Integer({
      description:
        'What one person can still give back by hand; above it a second must agree. Null when no limit is set',
    }),
  ),
  leastRefunds: Type.Record(Type.String(), Type.Integer(), {
    description: 'The least that each provider sends back at once, in minor units; less is refused',
  }),
})
export type OrderStory = Static<typeof OrderStory>
