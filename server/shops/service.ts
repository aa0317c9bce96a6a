/** Shops: who sells, what their delivery costs, and when they take orders. */
import type { AdminShop, CreateShopBody, PatchShopBody } from '../../shared/contract/catalog-admin.ts'
import type { Shop } from '../../shared/contract/catalog.ts'
import { isTimeZone } from '../../shared/day.ts'
import { isCurrency } from '../../shared/money.ts'
import { cleanLine, cleanText } from '../../shared/text.ts'
import { cutPage, decodeCursor, isUuid } from '../platform/cursor.ts'
import { inTransaction, violatedConstraint } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { slugTaken, underFreeSlug } from '../platform/slug.ts'
import { readableLine } from '../platform/text.ts'
import { isOpen } from './opening-hours.ts'
import * as queries from './queries.ts'
import type { ShopRow } from './queries.ts'

/** Enough for a marketplace's front page in one request. */
const DEFAULT_LIMIT = 100

export interface ShopListQuery {
  cursor?: string
  limit?: number
}

export async function listShops(deps: Deps, query: ShopListQuery) {
  const page = await readPage(deps, query)
  const now = deps.ports.clock.now()
  return { shops: page.rows.map((row) => toShop(row, now)), pagination: page.pagination }
}

export async function listShopsForAdmin(deps: Deps, query: ShopListQuery) {
  const page = await readPage(deps, query)
  const now = deps.ports.clock.now()
  return { shops: page.rows.map((row) => toAdminShop(row, now)), pagination: page.pagination }
}

/** Throws not_found. */
export async function getShop(deps: Deps, idOrSlug: string): Promise<Shop> {
  const row = isUuid(idOrSlug)
    ? await queries.findShop(deps.db, idOrSlug)
    : await queries.findShopBySlug(deps.db, idOrSlug)
  if (row === undefined) throw notFound()
  return toShop(row, deps.ports.clock.now())
}

/** Opens a shop. Throws validation_failed for a slug that is taken, or a time zone or currency that does not exist. */
export async function createShop(deps: Deps, body: CreateShopBody): Promise<AdminShop> {
  const now = deps.ports.clock.now()
  const blank: ShopRow = {
    id: deps.ports.ids.uuid(),
    slug: '',
    name: '',
    description: null,
    image: null,
    city: null,
    state: null,
    gstin: null,
    delivery_fee: 0,
    free_delivery_above: null,
    delivery_currency: 'INR',
    delivery_fees: [],
    commission_bps: 0,
    auto_accept: true,
    accepting_orders: true,
    opening_hours: null,
    time_zone: 'Asia/Kolkata',
    cod_allowed: false,
    position: 0,
    created_at: now,
  }
  const shop = changed(blank, body)
  return underFreeSlug(
    deps.ports,
    { asked: body.slug, name: shop.name, constraint: 'shops_slug_key' },
    async (slug) => {
      const row = { ...shop, slug }
      await inTransaction(deps.db, 'shops.create', (tx) => queries.insertShop(tx, row))
      return toAdminShop(row, now)
    },
  )
}

/** Changes the fields that are given. Throws not_found, or validation_failed as createShop does. */
export async function changeShop(deps: Deps, id: string, body: PatchShopBody): Promise<AdminShop> {
  try {
    return await inTransaction(deps.db, 'shops.change', async (tx) => {
      const before = await queries.lockShop(tx, id)
      if (before === undefined) throw notFound()
      const after = changed(before, body)
      await queries.updateShop(tx, after)
      return toAdminShop(after, deps.ports.clock.now())
    })
  } catch (error) {
    if (violatedConstraint(error) === 'shops_slug_key') throw slugTaken()
    throw error
  }
}

function changed(shop: ShopRow, body: PatchShopBody): ShopRow {
  if (body.timeZone !== undefined && !isTimeZone(body.timeZone)) {
    throw invalidField('timeZone', 'is not the name of a time zone')
  }
  const delivery = changedDelivery(shop, body)
  return {
    ...shop,
    slug: body.slug ?? shop.slug,
    name: body.name === undefined ? shop.name : readableLine('name', body.name),
    description: text(body.description, shop.description),
    image: body.image === undefined ? shop.image : body.image,
    city: line(body.city, shop.city),
    state: line(body.state, shop.state),
    gstin: body.gstin === undefined ? shop.gstin : body.gstin,
    ...delivery,
    commission_bps: body.commissionBps ?? shop.commission_bps,
    auto_accept: body.autoAccept ?? shop.auto_accept,
    accepting_orders: body.acceptingOrders ?? shop.accepting_orders,
    opening_hours: body.openingHours === undefined ? shop.opening_hours : body.openingHours,
    time_zone: body.timeZone ?? shop.time_zone,
    cod_allowed: body.codAllowed ?? shop.cod_allowed,
    position: body.position ?? shop.position,
  }
}

/** What delivery costs, in which currencies. An amount never passes from one currency to another by itself. */
function changedDelivery(shop: ShopRow, body: PatchShopBody) {
  const delivery_currency = body.deliveryCurrency ?? shop.delivery_currency
  if (!isCurrency(delivery_currency)) throw invalidField('deliveryCurrency', 'is not a currency of ISO 4217')
  if (delivery_currency !== shop.delivery_currency) {
    if (shop.delivery_fee > 0 && body.deliveryFee === undefined) {
      throw invalidField('deliveryFee', `must be given in ${delivery_currency}, as the currency changes`)
    }
    if (shop.free_delivery_above !== null && body.freeDeliveryAbove === undefined) {
      throw invalidField('freeDeliveryAbove', `must be given in ${delivery_currency}, as the currency changes`)
    }
  }
  const delivery_fees = (body.deliveryFees ?? shop.delivery_fees).map((each) => ({ freeAbove: null, ...each }))
  for (const [index, { currency }] of delivery_fees.entries()) {
    const field = `deliveryFees.${index}.currency`
    if (!isCurrency(currency)) throw invalidField(field, 'is not a currency of ISO 4217')
    if (currency === delivery_currency) throw invalidField(field, 'is the one of deliveryFee')
    if (delivery_fees.findIndex((each) => each.currency === currency) < index) {
      throw invalidField(field, 'is in the list twice')
    }
  }
  return {
    delivery_fee: body.deliveryFee ?? shop.delivery_fee,
    free_delivery_above: body.freeDeliveryAbove === undefined ? shop.free_delivery_above : body.freeDeliveryAbove,
    delivery_currency,
    delivery_fees,
  }
}

function line(given: string | null | undefined, before: string | null): string | null {
  if (given === undefined) return before
  return given === null ? null : cleanLine(given) || null
}

function text(given: string | null | undefined, before: string | null): string | null {
  if (given === undefined) return before
  return given === null ? null : cleanText(given) || null
}

async function readPage(deps: Deps, query: ShopListQuery) {
  const limit = query.limit ?? DEFAULT_LIMIT
  const rows = await queries.listShops(deps.db, { after: positionAfter(query.cursor), limit: limit + 1 })
  return cutPage(rows, limit, (row) => [row.position, row.id])
}

function positionAfter(cursor: string | undefined): { position: number; id: string } | undefined {
  if (cursor === undefined) return undefined
  const [position, id] = decodeCursor(cursor, ['integer', 'uuid'])
  return { position: Number(position), id: String(id) }
}

function toShop(row: ShopRow, now: Date): Shop {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    image: row.image,
    city: row.city,
    state: row.state,
    deliveryFee: row.delivery_fee,
    freeDeliveryAbove: row.free_delivery_above,
    deliveryCurrency: row.delivery_currency,
    deliveryFees: row.delivery_fees,
    acceptingOrders: row.accepting_orders && isOpen(row.opening_hours, row.time_zone, now),
  }
}

function toAdminShop(row: ShopRow, now: Date): AdminShop {
  const shop = toShop(row, now)
  return {
    ...shop,
    acceptingOrders: row.accepting_orders,
    open: shop.acceptingOrders,
    gstin: row.gstin,
    commissionBps: row.commission_bps,
    autoAccept: row.auto_accept,
    codAllowed: row.cod_allowed,
    openingHours: row.opening_hours,
    timeZone: row.time_zone,
    position: row.position,
    createdAt: row.created_at.toISOString(),
  }
}

function notFound(): AppError {
  return new AppError('not_found', 'There is no such shop.')
}
