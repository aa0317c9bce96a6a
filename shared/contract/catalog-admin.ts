/** What admins send and see of shops, categories, products and stock. */
import { Type, type Static } from 'typebox'
import { Product, Shop } from './catalog.ts'
import { Currency, CursorQuery, Id, Nullable, Timestamp } from './envelope.ts'

/** The largest amount and count that the tables hold. */
const MAX_AMOUNT = 1_000_000_000_000
const MAX_UNITS = 1_000_000_000

const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '\\S' })
const slug = Type.String({
  pattern: '^[a-z0-9]+(-[a-z0-9]+)*$',
  maxLength: 80,
  description: 'Made of the name when left out',
})
const image = Type.String({
  pattern: '^(/[^/\\\\]|https?://)',
  maxLength: 500,
  description: 'A path on this site or an http(s) URL',
})
const fee = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'Minor units' })
const price = Type.Integer({ minimum: 1, maximum: MAX_AMOUNT, description: 'Minor units, tax included' })
const bps = Type.Integer({ minimum: 0, maximum: 10_000, description: 'Basis points' })
const position = Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Lower comes first' })

const OpenRange = Type.Tuple([
  Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }),
  Type.String({ pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' }),
])
const OpenDay = Type.Optional(Type.Array(OpenRange, { maxItems: 6 }))

/**
 * When a shop takes orders, by day of the week in its own time zone. A range that ends before it starts goes on past
 * midnight; a day that is left out is closed.
 */
export const OpeningHours = Type.Object(
  { mon: OpenDay, tue: OpenDay, wed: OpenDay, thu: OpenDay, fri: OpenDay, sat: OpenDay, sun: OpenDay },
  { additionalProperties: false },
)
export type OpeningHours = Static<typeof OpeningHours>

const shopFields = {
  slug: Type.Optional(slug),
  description: Type.Optional(Nullable(Type.String({ maxLength: 2_000 }))),
  image: Type.Optional(Nullable(image)),
  city: Type.Optional(Nullable(line(100))),
  state: Type.Optional(Nullable(line(100))),
  gstin: Type.Optional(Nullable(Type.String({ pattern: '^[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]$' }))),
  deliveryFee: Type.Optional(fee),
  freeDeliveryAbove: Type.Optional(Nullable(fee)),
  deliveryCurrency: Type.Optional({ ...Currency, description: 'What these two are in; INR when it is never said' }),
  deliveryFees: Type.Optional(
    Type.Array(
      Type.Object(
        { currency: Currency, fee, freeAbove: Type.Optional({ ...Nullable(fee), default: null }) },
        { additionalProperties: false },
      ),
      { maxItems: 50, description: 'The fees in other currencies; replaces all that there were' },
    ),
  ),
  commissionBps: Type.Optional(bps),
  autoAccept: Type.Optional(Type.Boolean({ description: 'Orders need no word of the seller' })),
  codAllowed: Type.Optional(Type.Boolean({ description: 'Cash on delivery' })),
  acceptingOrders: Type.Optional(Type.Boolean({ description: 'False closes the shop whatever its hours' })),
  openingHours: Type.Optional(Nullable(OpeningHours)),
  timeZone: Type.Optional(Type.String({ minLength: 1, maxLength: 60, description: 'IANA name: Asia/Kolkata' })),
  position: Type.Optional(position),
}

export const CreateShopBody = Type.Object({ name: line(100), ...shopFields }, { additionalProperties: false })
export type CreateShopBody = Static<typeof CreateShopBody>

export const PatchShopBody = Type.Object(
  { name: Type.Optional(line(100)), ...shopFields },
  { additionalProperties: false, minProperties: 1 },
)
export type PatchShopBody = Static<typeof PatchShopBody>

/** A shop with its settings. Here `acceptingOrders` is the switch alone; `open` says whether it takes orders now. */
export const AdminShop = Type.Object({
  ...Shop.properties,
  gstin: Nullable(Type.String()),
  commissionBps: Type.Integer(),
  autoAccept: Type.Boolean(),
  codAllowed: Type.Boolean(),
  openingHours: Nullable(OpeningHours),
  timeZone: Type.String(),
  open: Type.Boolean(),
  position: Type.Integer(),
  createdAt: Timestamp,
})
export type AdminShop = Static<typeof AdminShop>

const categoryFields = {
  slug: Type.Optional(slug),
  image: Type.Optional(Nullable(image)),
  position: Type.Optional(position),
}

export const CreateCategoryBody = Type.Object({ name: line(100), ...categoryFields }, { additionalProperties: false })
export type CreateCategoryBody = Static<typeof CreateCategoryBody>

export const PatchCategoryBody = Type.Object(
  { name: Type.Optional(line(100)), ...categoryFields },
  { additionalProperties: false, minProperties: 1 },
)
export type PatchCategoryBody = Static<typeof PatchCategoryBody>

const productFields = {
  slug: Type.Optional(slug),
  description: Type.Optional(Nullable(Type.String({ maxLength: 5_000 }))),
  image: Type.Optional(Nullable(image)),
  categoryId: Type.Optional(Nullable(Id)),
  taxRateBps: Type.Optional(bps),
  hsn: Type.Optional(Nullable(Type.String({ pattern: '^[0-9]{2,8}$' }))),
  active: Type.Optional(Type.Boolean({ description: 'False takes it off the shelves' })),
  position: Type.Optional(position),
  maxPerOrder: Type.Optional(
    Nullable(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'Most units of it in one order' })),
  ),
}

export const CreateProductBody = Type.Object(
  {
    title: line(200),
    price,
    currency: Currency,
    shopId: Id,
    stock: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_UNITS, description: 'Units on hand to begin with' })),
    ...productFields,
  },
  { additionalProperties: false },
)
export type CreateProductBody = Static<typeof CreateProductBody>

export const PatchProductBody = Type.Object(
  {
    title: Type.Optional(line(200)),
    price: Type.Optional(price),
    currency: Type.Optional(Currency),
    ...productFields,
  },
  { additionalProperties: false, minProperties: 1 },
)
export type PatchProductBody = Static<typeof PatchProductBody>

export const AdminProduct = Type.Object({
  ...Product.properties,
  active: Type.Boolean(),
  position: Type.Integer(),
  onHand: Type.Integer(),
  reserved: Type.Integer({ description: 'Units that belong to orders awaiting payment' }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type AdminProduct = Static<typeof AdminProduct>

export const AdminProductListQuery = Type.Object({
  ...CursorQuery,
  search: Type.Optional(Type.String({ maxLength: 100 })),
  category: Type.Optional(Type.String({ maxLength: 100, description: 'Category id or slug' })),
  shop: Type.Optional(Type.String({ maxLength: 100, description: 'Shop id or slug' })),
  active: Type.Optional(Type.Boolean()),
})
export type AdminProductListQuery = Static<typeof AdminProductListQuery>

/** One of `onHand` (what was counted) and `adjust` (what came or went). */
export const PatchInventoryBody = Type.Object(
  {
    onHand: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_UNITS })),
    adjust: Type.Optional(Type.Integer({ minimum: -MAX_UNITS, maximum: MAX_UNITS, not: { const: 0 } })),
    reason: Type.String({ minLength: 1, maxLength: 500, pattern: '\\S' }),
  },
  { additionalProperties: false },
)
export type PatchInventoryBody = Static<typeof PatchInventoryBody>

export const StockOfProduct = Type.Object({
  productId: Id,
  onHand: Type.Integer(),
  reserved: Type.Integer(),
  available: Type.Integer(),
})
export type StockOfProduct = Static<typeof StockOfProduct>

export const StockMovement = Type.Object({
  id: Type.Integer(),
  kind: Type.String({ description: 'opening, sale, restock, adjustment' }),
  quantity: Type.Integer({ description: 'Units that came (positive) or went' }),
  orderId: Nullable(Id),
  reason: Nullable(Type.String()),
  createdAt: Timestamp,
})
export type StockMovement = Static<typeof StockMovement>
