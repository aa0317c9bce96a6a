/** What is sold: products and categories, for shoppers, for admins, and for pricing an order. */
import type {
  AdminProduct,
  AdminProductListQuery,
  CreateCategoryBody,
  CreateProductBody,
  PatchCategoryBody,
  PatchProductBody,
} from '../../shared/contract/catalog-admin.ts'
import type { Category, Product, ProductListQuery } from '../../shared/contract/catalog.ts'
import { isCurrency } from '../../shared/money.ts'
import { cleanText } from '../../shared/text.ts'
import { cutPage, decodeCursor, isUuid } from '../platform/cursor.ts'
import { inTransaction, violatedConstraint, type Db, type Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { slugTaken, underFreeSlug } from '../platform/slug.ts'
import { readableLine } from '../platform/text.ts'
import { isOpen } from '../shops/opening-hours.ts'
import * as queries from './queries.ts'
import type { ProductColumns, ProductRow, ProductSort } from './queries.ts'

const DEFAULT_LIMIT = 24

/** Products on the shelves. A cursor belongs to the sort it came from; with another one it is refused. */
export async function listProducts(deps: Deps, query: ProductListQuery) {
  const page = await readPage(deps, query, query.sort ?? 'featured', true)
  return { products: page.rows.map(toProduct), pagination: page.pagination }
}

/** Products on the shelves and off them, newest first. */
export async function listProductsForAdmin(deps: Deps, query: AdminProductListQuery) {
  const page = await readPage(deps, query, 'newest', query.active)
  return { products: page.rows.map(toAdminProduct), pagination: page.pagination }
}

/** A product on the shelves. Throws not_found. */
export async function getProduct(deps: Deps, idOrSlug: string): Promise<Product> {
  const row = isUuid(idOrSlug)
    ? await queries.findProduct(deps.db, idOrSlug)
    : await queries.findProductBySlug(deps.db, idOrSlug)
  if (row === undefined || !row.active) throw noProduct()
  return toProduct(row)
}

/** A product whether on the shelves or not. Throws not_found. */
export async function getProductForAdmin(deps: Deps, id: string): Promise<AdminProduct> {
  const row = await queries.findProduct(deps.db, id)
  if (row === undefined) throw noProduct()
  return toAdminProduct(row)
}

/** Those of the products that exist, on the shelves or not, by id. */
export async function findProductsById(
  db: Db,
  ids: readonly string[],
): Promise<Map<string, { product: Product; active: boolean }>> {
  const rows = await queries.listProductsByIds(db, ids)
  return new Map(rows.map((row) => [row.id, { product: toProduct(row), active: row.active }]))
}

export interface PricedProduct {
  id: string
  title: string
  image: string | null
  /** Minor units, tax included. */
  price: number
  currency: string
  tax_rate_bps: number
  active: boolean
  /** Most units of it in one order, when it has a limit of its own. */
  maxPerOrder: number | null
  currencyChangedAt: Date | null
  /** On hand and not reserved. */
  available: number
  shop: {
    id: string
    name: string
    /** In the product's currency; null: the shop does not deliver what is sold in it. */
    deliveryFee: number | null
    freeDeliveryAbove: number | null
    commissionBps: number
    autoAccept: boolean
    codAllowed: boolean
    state: string | null
    /** Takes orders at `now`. */
    open: boolean
  }
}

/** All that the price of an order depends on, as of one moment. Products that do not exist are left out. */
export async function listForPricing(db: Db, productIds: string[], now: Date): Promise<PricedProduct[]> {
  const rows = await queries.listPricing(db, productIds)
  return rows.map((row) => ({
    id: row.id,
    title: row.title,
    image: row.image,
    price: row.price,
    currency: row.currency,
    tax_rate_bps: row.tax_rate_bps,
    active: row.active,
    maxPerOrder: row.max_per_order,
    currencyChangedAt: row.currency_changed_at,
    available: row.available,
    shop: {
      id: row.shop_id,
      name: row.shop_name,
      deliveryFee: row.delivery_fee,
      freeDeliveryAbove: row.free_delivery_above,
      commissionBps: row.commission_bps,
      autoAccept: row.auto_accept,
      codAllowed: row.cod_allowed,
      state: row.shop_state,
      open: row.accepting_orders && isOpen(row.opening_hours, row.time_zone, now),
    },
  }))
}

/**
 * Makes a product in a transaction that `inventory` goes on with, because a product without a row of stock could not be
 * sold. Runs `alongside` in that transaction.
 *
 * @throws AppError validation_failed for a taken slug, a shop, category or currency that does not exist
 */
export async function createProduct(
  deps: Deps,
  body: Omit<CreateProductBody, 'stock'>,
  alongside: (tx: Tx, productId: string) => Promise<void>,
): Promise<AdminProduct> {
  const now = deps.ports.clock.now()
  const blank: ProductColumns = {
    id: deps.ports.ids.uuid(),
    slug: '',
    title: '',
    description: null,
    image: null,
    shop_id: body.shopId,
    category_id: null,
    price: body.price,
    currency: body.currency,
    tax_rate_bps: 0,
    hsn: null,
    active: true,
    position: 0,
    max_per_order: null,
    currency_changed_at: null,
    created_at: now,
    updated_at: now,
  }
  const product = changedProduct(blank, body, now)
  await underFreeSlug(deps.ports, { asked: body.slug, name: product.title, constraint: 'products_slug_key' }, (slug) =>
    refusingUnknown(() =>
      inTransaction(deps.db, 'products.create', async (tx) => {
        await queries.insertProduct(tx, { ...product, slug })
        await alongside(tx, product.id)
      }),
    ),
  )
  return getProductForAdmin(deps, product.id)
}

/** Changes the fields that are given. Throws not_found, or validation_failed as createProduct does. */
export async function changeProduct(deps: Deps, id: string, body: PatchProductBody): Promise<AdminProduct> {
  await refusingUnknown(() =>
    inTransaction(deps.db, 'products.change', async (tx) => {
      const before = await queries.lockProduct(tx, id)
      if (before === undefined) throw noProduct()
      await queries.updateProduct(tx, changedProduct(before, body, deps.ports.clock.now()))
    }),
  ).catch((error: unknown) => {
    throw violatedConstraint(error) === 'products_slug_key' ? slugTaken() : error
  })
  return getProductForAdmin(deps, id)
}

export async function listCategories(deps: Deps): Promise<Category[]> {
  return (await queries.listCategories(deps.db)).map(toCategory)
}

/** Throws validation_failed for a slug that is taken. */
export async function createCategory(deps: Deps, body: CreateCategoryBody): Promise<Category> {
  const blank = { id: deps.ports.ids.uuid(), slug: '', name: '', image: null, position: 0, product_count: 0 }
  const category = changedCategory(blank, body)
  return underFreeSlug(
    deps.ports,
    { asked: body.slug, name: category.name, constraint: 'categories_slug_key' },
    async (slug) => {
      await queries.insertCategory(deps.db.alone, { ...category, slug })
      return toCategory({ ...category, slug })
    },
  )
}

/** Changes the fields that are given. Throws not_found, or validation_failed for a slug that is taken. */
export async function changeCategory(deps: Deps, id: string, body: PatchCategoryBody): Promise<Category> {
  try {
    return await inTransaction(deps.db, 'categories.change', async (tx) => {
      const before = await queries.lockCategory(tx, id)
      if (before === undefined) throw new AppError('not_found', 'There is no such category.')
      const after = changedCategory(before, body)
      await queries.updateCategory(tx, after)
      return toCategory(after)
    })
  } catch (error) {
    if (violatedConstraint(error) === 'categories_slug_key') throw slugTaken()
    throw error
  }
}

type PageQuery = Omit<ProductListQuery, 'sort'>

async function readPage(deps: Deps, query: PageQuery, sort: ProductSort, active: boolean | undefined) {
  const limit = query.limit ?? DEFAULT_LIMIT
  const rows = await queries.listProducts(deps.db, {
    search: query.search,
    category: query.category,
    shop: query.shop,
    minPrice: query.minPrice,
    maxPrice: query.maxPrice,
    available: query.available,
    active,
    sort,
    after: query.cursor === undefined ? undefined : readCursor(query.cursor, sort),
    limit: limit + 1,
  })
  return cutPage(rows, limit, (row) => [sort, sortValue(row, sort), row.id])
}

function readCursor(cursor: string, sort: ProductSort) {
  const [from, value, id] = decodeCursor(cursor, ['text', 'integer', 'uuid'])
  if (from !== sort) throw invalidField('cursor', 'belongs to a list with another sort')
  return { value: Number(value), id: String(id) }
}

function sortValue(row: ProductRow, sort: ProductSort): number {
  switch (sort) {
    case 'featured':
      return row.position
    case 'price':
    case '-price':
      return row.price
    case 'newest':
      return 0
  }
}

function changedProduct(product: ProductColumns, body: PatchProductBody, now: Date): ProductColumns {
  if (body.currency !== undefined && !isCurrency(body.currency)) {
    throw invalidField('currency', 'is not a currency of ISO 4217')
  }
  return {
    ...product,
    slug: body.slug ?? product.slug,
    title: body.title === undefined ? product.title : readableLine('title', body.title),
    description: body.description === undefined ? product.description : body.description && cleanText(body.description),
    image: body.image === undefined ? product.image : body.image,
    category_id: body.categoryId === undefined ? product.category_id : body.categoryId,
    price: body.price ?? product.price,
    currency: body.currency ?? product.currency,
    tax_rate_bps: body.taxRateBps ?? product.tax_rate_bps,
    hsn: body.hsn === undefined ? product.hsn : body.hsn,
    active: body.active ?? product.active,
    position: body.position ?? product.position,
    max_per_order: body.maxPerOrder === undefined ? product.max_per_order : body.maxPerOrder,
    currency_changed_at:
      body.currency === undefined || body.currency === product.currency ? product.currency_changed_at : now,
    updated_at: now,
  }
}

function changedCategory<T extends queries.CategoryRow>(category: T, body: PatchCategoryBody): T {
  return {
    ...category,
    slug: body.slug ?? category.slug,
    name: body.name === undefined ? category.name : readableLine('name', body.name),
    image: body.image === undefined ? category.image : body.image,
    position: body.position ?? category.position,
  }
}

async function refusingUnknown<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const constraint = violatedConstraint(error)
    if (constraint === 'products_shop_id_fkey') throw invalidField('shopId', 'there is no such shop')
    if (constraint === 'products_category_id_fkey') throw invalidField('categoryId', 'there is no such category')
    throw error
  }
}

function toProduct(row: ProductRow): Product {
  return {
    id: row.id,
    slug: row.slug,
    title: row.title,
    description: row.description,
    image: row.image,
    price: row.price,
    currency: row.currency,
    taxRateBps: row.tax_rate_bps,
    hsn: row.hsn,
    available: row.on_hand - row.reserved,
    maxPerOrder: row.max_per_order,
    shopId: row.shop_id,
    shopName: row.shop_name,
    categoryId: row.category_id,
    categoryName: row.category_name,
  }
}

function toAdminProduct(row: ProductRow): AdminProduct {
  return {
    ...toProduct(row),
    active: row.active,
    position: row.position,
    onHand: row.on_hand,
    reserved: row.reserved,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  }
}

function toCategory(row: queries.CategoryRow & { product_count: number }): Category {
  return { id: row.id, slug: row.slug, name: row.name, image: row.image, productCount: row.product_count }
}

function noProduct(): AppError {
  return new AppError('not_found', 'There is no such product.')
}
