import { Type, type Static } from 'typebox'
import { Amount, Currency, CursorQuery, Id, Nullable } from './envelope.ts'

/** What delivery from a shop costs of things sold in one currency. */
export const DeliveryFee = Type.Object({
  currency: Currency,
  fee: Amount,
  freeAbove: Nullable(Amount),
})
export type DeliveryFee = Static<typeof DeliveryFee>

export const Shop = Type.Object({
  id: Id,
  slug: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  image: Nullable(Type.String({ description: 'Path or URL of a picture' })),
  city: Nullable(Type.String()),
  state: Nullable(Type.String()),
  deliveryFee: Amount,
  freeDeliveryAbove: Nullable(Amount),
  deliveryCurrency: Type.String({ description: 'What these two amounts are in' }),
  deliveryFees: Type.Array(DeliveryFee, {
    description:
      'What it costs of things in other currencies. One that is not here is not sold in, unless delivery is free',
  }),
  acceptingOrders: Type.Boolean({ description: 'False when the shop takes no orders now' }),
})
export type Shop = Static<typeof Shop>

export const Category = Type.Object({
  id: Id,
  slug: Type.String(),
  name: Type.String(),
  image: Nullable(Type.String()),
  productCount: Type.Integer(),
})
export type Category = Static<typeof Category>

export const Product = Type.Object({
  id: Id,
  slug: Type.String(),
  title: Type.String(),
  description: Nullable(Type.String()),
  image: Nullable(Type.String()),
  price: Amount,
  currency: Currency,
  taxRateBps: Type.Integer({ description: 'Tax that the price includes, in basis points' }),
  hsn: Nullable(Type.String()),
  available: Type.Integer({ description: 'Units on hand that nobody has reserved' }),
  maxPerOrder: Nullable(Type.Integer({ description: 'Most units in one order; null when it has no limit of its own' })),
  shopId: Id,
  shopName: Type.String(),
  categoryId: Nullable(Id),
  categoryName: Nullable(Type.String()),
})
export type Product = Static<typeof Product>

export const ProductListQuery = Type.Object({
  ...CursorQuery,
  search: Type.Optional(Type.String({ maxLength: 100 })),
  category: Type.Optional(Type.String({ maxLength: 100, description: 'Category id or slug' })),
  shop: Type.Optional(Type.String({ maxLength: 100, description: 'Shop id or slug' })),
  minPrice: Type.Optional(Type.Integer({ minimum: 0 })),
  maxPrice: Type.Optional(Type.Integer({ minimum: 0 })),
  available: Type.Optional(Type.Boolean({ description: 'Only what can be bought now' })),
  sort: Type.Optional(
    Type.Union([Type.Literal('featured'), Type.Literal('price'), Type.Literal('-price'), Type.Literal('newest')]),
  ),
})
export type ProductListQuery = Static<typeof ProductListQuery>

export const CartItem = Type.Object(
  { productId: Id, quantity: Type.Integer({ minimum: 1, maximum: 999 }) },
  { additionalProperties: false },
)

/** Replaces the whole cart. */
export const PutCartBody = Type.Object(
  { items: Type.Array(CartItem, { maxItems: 100 }) },
  { additionalProperties: false },
)
export type PutCartBody = Static<typeof PutCartBody>

export const Cart = Type.Object({
  items: Type.Array(
    Type.Object({
      productId: Id,
      quantity: Type.Integer(),
      product: Nullable(Product),
    }),
  ),
})
export type Cart = Static<typeof Cart>
