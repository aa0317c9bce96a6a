/**
 * Products and categories. Their rows are read together with the shop's and the stock's, because a product without its
 * price, its seller and what is left of it is of no use to anyone; those columns are written only by their own slices.
 */
import type { OpeningHours } from '../../shared/contract/catalog-admin.ts'
import { containing, isUuid } from '../platform/cursor.ts'
import { empty, sql, type Db, type Sql, type Tx } from '../platform/database.ts'

export interface CategoryRow {
  id: string
  slug: string
  name: string
  image: string | null
  position: number
}

export interface ProductColumns {
  id: string
  slug: string
  title: string
  description: string | null
  image: string | null
  shop_id: string
  category_id: string | null
  price: number
  currency: string
  tax_rate_bps: number
  hsn: string | null
  active: boolean
  position: number
  max_per_order: number | null
  currency_changed_at: Date | null
  created_at: Date
  updated_at: Date
}

export interface ProductRow extends ProductColumns {
  shop_name: string
  category_name: string | null
  on_hand: number
  reserved: number
}

export type ProductSort = 'featured' | 'price' | '-price' | 'newest'

/** Sort value and id of the last row of the page before; `newest` sorts by the id alone, which grows with time. */
export interface ProductAfter {
  value: number
  id: string
}

export interface ProductFilter {
  search: string | undefined
  /** Id or slug. */
  category: string | undefined
  shop: string | undefined
  minPrice: number | undefined
  maxPrice: number | undefined
  available: boolean | undefined
  active: boolean | undefined
  sort: ProductSort
  after: ProductAfter | undefined
  limit: number
}

const PRODUCT = sql`select p.id, p.slug, p.title, p.description, p.image, p.shop_id, p.category_id, p.price, p.currency,
    p.tax_rate_bps, p.hsn, p.active, p.position, p.max_per_order, p.currency_changed_at, p.created_at, p.updated_at, s.name as shop_name, c.name as category_name,
    coalesce(i.on_hand, 0) as on_hand, coalesce(i.reserved, 0) as reserved
  from products p
  join shops s on s.id = p.shop_id
  left join categories c on c.id = p.category_id
  left join inventory i on i.product_id = p.id`

/** Each order ends in the id, so that no two rows are equal and a page begins exactly where the last one ended. */
const ORDERS: Readonly<Record<ProductSort, { order: Sql; beyond: (after: ProductAfter) => Sql }>> = {
  featured: {
    order: sql`p.position, p.id`,
    beyond: ({ value, id }) => sql`(p.position, p.id) > (${value}::bigint, ${id}::uuid)`,
  },
  price: {
    order: sql`p.price, p.id`,
    beyond: ({ value, id }) => sql`(p.price, p.id) > (${value}::bigint, ${id}::uuid)`,
  },
  '-price': {
    order: sql`p.price desc, p.id desc`,
    beyond: ({ value, id }) => sql`(p.price, p.id) < (${value}::bigint, ${id}::uuid)`,
  },
  newest: { order: sql`p.id desc`, beyond: ({ id }) => sql`p.id < ${id}::uuid` },
}

const MAX_WORDS = 8

/**
 * Products that match every given filter. Those that a plan turns on are parts of the text; the others pass as null
 * when they are not given, so that the combinations that strangers ask for cannot fill the table of prepared statements.
 */
export async function listProducts(db: Db, filter: ProductFilter): Promise<ProductRow[]> {
  const { category, shop } = filter
  const { order, beyond } = ORDERS[filter.sort]
  const words =
    filter.search
      ?.split(/\s+/)
      .filter((word) => word !== '')
      .slice(0, MAX_WORDS)
      .map(containing) ?? []
  return db.many(
    'products.list',
    sql`${PRODUCT}
        where ${shelf(filter.active)}
          ${category === undefined ? empty : sql`and p.category_id = (select id from categories where ${named(category)})`}
          ${shop === undefined ? empty : sql`and p.shop_id = (select id from shops where ${named(shop)})`}
          and (${filter.minPrice ?? null}::bigint is null or p.price >= ${filter.minPrice ?? null}::bigint)
          and (${filter.maxPrice ?? null}::bigint is null or p.price <= ${filter.maxPrice ?? null}::bigint)
          and (not ${filter.available ?? false}::boolean or i.on_hand > i.reserved)
          ${words.length === 0 ? empty : holding(words)}
          ${filter.after === undefined ? empty : sql`and ${beyond(filter.after)}`}
        order by ${order} limit ${filter.limit}`,
  )
}

/** Every word stands somewhere in what a shopper reads of the product. */
function holding(words: string[]): Sql {
  return sql`and not exists (
    select from unnest(${words}::text[]) as word
    where concat_ws(' ', p.title, p.description, s.name, c.name) not ilike word)`
}

function named(idOrSlug: string): Sql {
  return isUuid(idOrSlug) ? sql`id = ${idOrSlug}::uuid` : sql`slug = ${idOrSlug}`
}

/** For shoppers a bare condition, because the indexes over the shelves are built on exactly that. */
function shelf(active: boolean | undefined): Sql {
  if (active === true) return sql`p.active`
  return active === undefined ? sql`true` : sql`not p.active`
}

export async function findProduct(db: Db, id: string): Promise<ProductRow | undefined> {
  return db.maybeOne('products.find', sql`${PRODUCT} where p.id = ${id}::uuid`)
}

export async function findProductBySlug(db: Db, slug: string): Promise<ProductRow | undefined> {
  return db.maybeOne('products.findBySlug', sql`${PRODUCT} where p.slug = ${slug}`)
}

export async function listProductsByIds(db: Db, ids: readonly string[]): Promise<ProductRow[]> {
  return db.many('products.listByIds', sql`${PRODUCT} where p.id = any(${[...ids]}::uuid[])`)
}

/** Slugs of products on the shelves in the order of their ids, from one on; what is no id begins at the first. */
export async function listSlugs(db: Db, from: string | undefined, limit: number): Promise<string[]> {
  const first = from !== undefined && isUuid(from) ? from : '00000000-0000-0000-0000-000000000000'
  const rows = await db.many<{ slug: string }>(
    'products.slugs',
    sql`select slug from products where active and id >= ${first}::uuid order by id limit ${limit}`,
  )
  return rows.map(({ slug }) => slug)
}

/**
 * Every nth id of products on the shelves, beginning with the first: where pages of n begin. Reads the ids of all
 * products; for what is asked for seldom, and kept.
 */
export async function listEveryNthId(db: Db, n: number): Promise<string[]> {
  const rows = await db.many<{ id: string }>(
    'products.everyNthId',
    sql`select id from (select id, row_number() over (order by id) as place from products where active) numbered
        where (place - 1) % ${n} = 0 order by id`,
  )
  return rows.map(({ id }) => id)
}

export interface PricingRow {
  id: string
  title: string
  image: string | null
  price: number
  currency: string
  tax_rate_bps: number
  active: boolean
  max_per_order: number | null
  currency_changed_at: Date | null
  available: number
  shop_id: string
  shop_name: string
  shop_state: string | null
  /** In the product's currency; null when the shop does not deliver what is sold in it. */
  delivery_fee: number | null
  free_delivery_above: number | null
  commission_bps: number
  auto_accept: boolean
  accepting_orders: boolean
  opening_hours: OpeningHours | null
  time_zone: string
  cod_allowed: boolean
}

/** All that the price of an order depends on, in one statement and so as of one moment. */
export async function listPricing(db: Db, ids: readonly string[]): Promise<PricingRow[]> {
  return db.many(
    'products.listForPricing',
    sql`select p.id, p.title, p.image, p.price, p.currency, p.tax_rate_bps, p.active, p.max_per_order, p.currency_changed_at,
          coalesce(i.on_hand - i.reserved, 0) as available, s.id as shop_id, s.name as shop_name, s.state as shop_state,
          -- Free is free in every currency; any other fee is an amount in one.
          case when s.delivery_currency = p.currency then s.delivery_fee when f.fee is not null then f.fee
            when s.delivery_fee = 0 then 0 end as delivery_fee,
          case when s.delivery_currency = p.currency then s.free_delivery_above else f.free_above end as free_delivery_above,
          s.commission_bps, s.auto_accept, s.accepting_orders, s.opening_hours,
          s.time_zone, s.cod_allowed
        from products p
        join shops s on s.id = p.shop_id
        left join inventory i on i.product_id = p.id
        left join shop_delivery_fees f on f.shop_id = s.id and f.currency = p.currency
        where p.id = any(${[...ids]}::uuid[])`,
  )
}

export async function lockProduct(tx: Tx, id: string): Promise<ProductColumns | undefined> {
  return tx.maybeOne(
    'products.lock',
    sql`select id, slug, title, description, image, shop_id, category_id, price, currency, tax_rate_bps, hsn, active,
          position, max_per_order, currency_changed_at, created_at, updated_at
        from products where id = ${id}::uuid for update`,
  )
}

export async function insertProduct(tx: Tx, product: ProductColumns): Promise<void> {
  await tx.run(
    'products.insert',
    sql`insert into products (id, slug, title, description, image, shop_id, category_id, price, currency, tax_rate_bps,
          hsn, active, position, max_per_order, currency_changed_at, created_at, updated_at)
        values (${product.id}::uuid, ${product.slug}, ${product.title}, ${product.description}, ${product.image},
          ${product.shop_id}::uuid, ${product.category_id}::uuid, ${product.price}, ${product.currency},
          ${product.tax_rate_bps}, ${product.hsn}, ${product.active}, ${product.position},
          ${product.max_per_order}, ${product.currency_changed_at}::timestamptz, ${product.created_at}::timestamptz, ${product.updated_at}::timestamptz)`,
  )
}

/** Writes every column but the id, the shop and the time of creation. */
export async function updateProduct(tx: Tx, product: ProductColumns): Promise<void> {
  await tx.run(
    'products.update',
    sql`update products set slug = ${product.slug}, title = ${product.title}, description = ${product.description},
          image = ${product.image}, category_id = ${product.category_id}::uuid, price = ${product.price},
          currency = ${product.currency}, tax_rate_bps = ${product.tax_rate_bps}, hsn = ${product.hsn},
          active = ${product.active}, position = ${product.position}, max_per_order = ${product.max_per_order},
          currency_changed_at = ${product.currency_changed_at}::timestamptz, updated_at = ${product.updated_at}::timestamptz
        where id = ${product.id}::uuid`,
  )
}

/** With the number of products on the shelves of each. */
export async function listCategories(db: Db): Promise<(CategoryRow & { product_count: number })[]> {
  return db.many(
    'categories.list',
    sql`select c.id, c.slug, c.name, c.image, c.position,
          (select count(*) from products p where p.category_id = c.id and p.active) as product_count
        from categories c order by c.position, c.id limit 1000`,
  )
}

export async function lockCategory(tx: Tx, id: string): Promise<(CategoryRow & { product_count: number }) | undefined> {
  return tx.maybeOne(
    'categories.lock',
    sql`select c.id, c.slug, c.name, c.image, c.position,
          (select count(*) from products p where p.category_id = c.id and p.active) as product_count
        from categories c where c.id = ${id}::uuid for update of c`,
  )
}

export async function insertCategory(tx: Tx, category: CategoryRow): Promise<void> {
  await tx.run(
    'categories.insert',
    sql`insert into categories (id, slug, name, image, position)
        values (${category.id}::uuid, ${category.slug}, ${category.name}, ${category.image}, ${category.position})`,
  )
}

export async function updateCategory(tx: Tx, category: CategoryRow): Promise<void> {
  await tx.run(
    'categories.update',
    sql`update categories set slug = ${category.slug}, name = ${category.name}, image = ${category.image},
          position = ${category.position}
        where id = ${category.id}::uuid`,
  )
}
