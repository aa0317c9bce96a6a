import type { OpeningHours } from '../../shared/contract/catalog-admin.ts'
import type { DeliveryFee } from '../../shared/contract/catalog.ts'
import { empty, sql, type Db, type Tx } from '../platform/database.ts'

export interface ShopRow {
  id: string
  slug: string
  name: string
  description: string | null
  image: string | null
  city: string | null
  state: string | null
  gstin: string | null
  delivery_fee: number
  /** Of `delivery_fee` and `free_delivery_above`. */
  delivery_currency: string
  delivery_fees: DeliveryFee[]
  free_delivery_above: number | null
  commission_bps: number
  auto_accept: boolean
  accepting_orders: boolean
  opening_hours: OpeningHours | null
  time_zone: string
  cod_allowed: boolean
  position: number
  created_at: Date
}

const SHOP = sql`select id, slug, name, description, image, city, state, gstin, delivery_fee, free_delivery_above,
  delivery_currency, (
    select coalesce(json_agg(json_build_object('currency', f.currency, 'fee', f.fee, 'freeAbove', f.free_above) order by f.currency), '[]')
    from shop_delivery_fees f where f.shop_id = shops.id
  ) as delivery_fees,
  commission_bps, auto_accept, accepting_orders, opening_hours, time_zone, cod_allowed, position, created_at from shops`

/** In the order of their positions; `after` are position and id of the last row of the page before. */
export async function listShops(
  db: Db,
  page: { after: { position: number; id: string } | undefined; limit: number },
): Promise<ShopRow[]> {
  const { after } = page
  return db.many(
    'shops.list',
    sql`${SHOP} ${after === undefined ? empty : sql`where (position, id) > (${after.position}, ${after.id}::uuid)`}
        order by position, id limit ${page.limit}`,
  )
}

export async function findShop(db: Db, id: string): Promise<ShopRow | undefined> {
  return db.maybeOne('shops.find', sql`${SHOP} where id = ${id}::uuid`)
}

export async function findShopBySlug(db: Db, slug: string): Promise<ShopRow | undefined> {
  return db.maybeOne('shops.findBySlug', sql`${SHOP} where slug = ${slug}`)
}

export async function findShopId(db: Db, slug: string): Promise<string | undefined> {
  const row = await db.maybeOne<{ id: string }>('shops.findId', sql`select id from shops where slug = ${slug}`)
  return row?.id
}

export async function hasShops(db: Db): Promise<boolean> {
  const row = await db.one<{ found: boolean }>('shops.any', sql`select exists (select from shops) as found`)
  return row.found
}

export async function lockShop(tx: Tx, id: string): Promise<ShopRow | undefined> {
  return tx.maybeOne('shops.lock', sql`${SHOP} where id = ${id}::uuid for update`)
}

/** Writes a shop and its fees in other currencies. */
export async function insertShop(tx: Tx, shop: ShopRow): Promise<void> {
  await tx.run(
    'shops.insert',
    sql`insert into shops (id, slug, name, description, image, city, state, gstin, delivery_fee, free_delivery_above,
          delivery_currency, commission_bps, auto_accept, accepting_orders, opening_hours, time_zone, cod_allowed, position, created_at)
        values (${shop.id}::uuid, ${shop.slug}, ${shop.name}, ${shop.description}, ${shop.image}, ${shop.city},
          ${shop.state}, ${shop.gstin}, ${shop.delivery_fee}, ${shop.free_delivery_above}, ${shop.delivery_currency}, ${shop.commission_bps},
          ${shop.auto_accept}, ${shop.accepting_orders}, ${json(shop.opening_hours)}::jsonb, ${shop.time_zone},
          ${shop.cod_allowed}, ${shop.position}, ${shop.created_at}::timestamptz)`,
  )
  sendFees(tx, shop)
}

/** Writes every column but the id and the time of creation. */
export async function updateShop(tx: Tx, shop: ShopRow): Promise<void> {
  await tx.run(
    'shops.update',
    sql`update shops set slug = ${shop.slug}, name = ${shop.name}, description = ${shop.description},
          image = ${shop.image}, city = ${shop.city}, state = ${shop.state}, gstin = ${shop.gstin},
          delivery_fee = ${shop.delivery_fee}, free_delivery_above = ${shop.free_delivery_above},
          delivery_currency = ${shop.delivery_currency},
          commission_bps = ${shop.commission_bps}, auto_accept = ${shop.auto_accept},
          accepting_orders = ${shop.accepting_orders}, opening_hours = ${json(shop.opening_hours)}::jsonb,
          time_zone = ${shop.time_zone}, cod_allowed = ${shop.cod_allowed}, position = ${shop.position}
        where id = ${shop.id}::uuid`,
  )
  tx.send('shop_delivery_fees.clear', sql`delete from shop_delivery_fees where shop_id = ${shop.id}::uuid`)
  sendFees(tx, shop)
}

function sendFees(tx: Tx, { id, delivery_fees: fees }: ShopRow): void {
  if (fees.length === 0) return
  tx.send(
    'shop_delivery_fees.insert',
    sql`insert into shop_delivery_fees (shop_id, currency, fee, free_above)
        select ${id}::uuid, f.currency, f.fee, f.free_above
        from unnest(${fees.map((each) => each.currency)}::text[], ${fees.map((each) => each.fee)}::bigint[],
          ${fees.map((each) => each.freeAbove)}::bigint[]) as f (currency, fee, free_above)`,
  )
}

function json(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value)
}
