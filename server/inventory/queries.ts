import { sql, type Db, type Tx } from '../platform/database.ts'

export interface StockLine {
  productId: string
  quantity: number
}

export interface StockLevel {
  product_id: string
  on_hand: number
  reserved: number
}

/** The check that refuses to set aside more than there is. */
export const NOT_OVERSOLD = 'inventory_not_oversold'

/**
 * Sets units aside. That there are enough is the database's to say: if not, the commit fails on `NOT_OVERSOLD`.
 *
 * @param lines one per product, each with a row in the inventory
 */
export function reserve(tx: Tx, lines: readonly StockLine[]): void {
  move(tx, lines, { onHand: 0, reserved: 1 })
}

/** Locks the rows of these products and gives their levels. */
export async function lock(tx: Tx, lines: readonly StockLine[]): Promise<StockLevel[]> {
  const { ids } = columns(lines)
  return tx.many(
    'inventory.lock',
    sql`select product_id, on_hand, reserved from inventory where product_id = any(${ids}::uuid[])
        order by product_id for update`,
  )
}

/** Takes units that were reserved for an order; its checks refuse to take what was not there. */
export function deductReserved(tx: Tx, orderId: string, lines: readonly StockLine[], now: Date): void {
  move(tx, lines, { onHand: -1, reserved: -1, movement: { orderId, kind: 'sale', now } })
}

/** Takes units that nobody reserved; its checks refuse to take what others reserved. */
export function deductFree(tx: Tx, orderId: string, lines: readonly StockLine[], now: Date): void {
  move(tx, lines, { onHand: -1, reserved: 0, movement: { orderId, kind: 'sale', now } })
}

/** Puts sold units back on the shelf. */
export function restock(tx: Tx, orderId: string, lines: readonly StockLine[], now: Date): void {
  move(tx, lines, { onHand: 1, reserved: 0, movement: { orderId, kind: 'restock', now } })
}

/** Gives reserved units back to everyone. */
export function release(tx: Tx, lines: readonly StockLine[]): void {
  move(tx, lines, { onHand: 0, reserved: -1 })
}

interface Move {
  productId: string
  onHand: number
  reserved: number
  /** What is written down of a change of what is on hand. */
  movement: { orderId: string; kind: string; now: Date } | null
}

function move(
  tx: Tx,
  lines: readonly StockLine[],
  { onHand, reserved, movement = null }: Pick<Move, 'onHand' | 'reserved'> & Partial<Move>,
): void {
  const moves = lines.map(
    ({ productId, quantity }): Move => ({
      productId,
      onHand: quantity * onHand,
      reserved: quantity * reserved,
      movement,
    }),
  )
  tx.gather('stock', moves, writeMoves)
}

/**
 * Moves units, of each product all at once. The statement comes last but for the ledger, so that a popular product's row is
 * locked for no longer than the commit takes. Rows are locked in the order of their ids, so that orders with the same
 * products in another sequence cannot deadlock.
 */
function writeMoves(tx: Tx, moves: readonly Move[]): void {
  tx.send(
    'inventory.move',
    sql`with wanted as (
          select * from unnest(
            ${moves.map((each) => each.productId)}::uuid[], ${moves.map((each) => each.onHand)}::bigint[],
            ${moves.map((each) => each.reserved)}::bigint[], ${moves.map((each) => each.movement?.orderId ?? null)}::uuid[],
            ${moves.map((each) => each.movement?.kind ?? null)}::text[], ${moves.map((each) => each.movement?.now ?? null)}::timestamptz[])
            as w (product_id, on_hand, reserved, order_id, kind, at)
        ), sums as (
          select product_id, sum(on_hand)::bigint as on_hand, sum(reserved)::bigint as reserved from wanted group by product_id
        ), locked as (
          select i.product_id, s.on_hand, s.reserved from inventory i join sums s using (product_id)
          order by i.product_id for update of i
        ), moved as (
          update inventory i set on_hand = i.on_hand + l.on_hand, reserved = i.reserved + l.reserved
          from locked l where i.product_id = l.product_id
        )
        insert into inventory_movements (product_id, order_id, kind, quantity, created_at)
        select product_id, order_id, kind, on_hand, at from wanted where kind is not null order by product_id`,
  )
}

export async function listLevels(db: Db, productIds: readonly string[]): Promise<StockLevel[]> {
  return db.many(
    'inventory.levels',
    sql`select product_id, on_hand, reserved from inventory where product_id = any(${[...productIds]}::uuid[])`,
  )
}

function columns(lines: readonly StockLine[]): { ids: string[]; quantities: number[] } {
  return { ids: lines.map((line) => line.productId), quantities: lines.map((line) => line.quantity) }
}

/** The first stock of a new product, with the movement that makes on_hand the sum of movements. */
export function insertOpening(tx: Tx, productId: string, onHand: number, now: Date): void {
  tx.send(
    'inventory.open',
    sql`with opened as (
          insert into inventory (product_id, on_hand) values (${productId}::uuid, ${onHand}::bigint)
          returning product_id, on_hand
        )
        insert into inventory_movements (product_id, kind, quantity, created_at)
        select product_id, 'opening', on_hand, ${now}::timestamptz from opened where on_hand > 0`,
  )
}

export interface Correction {
  productId: string
  /** Exactly one of these: what was counted, or what came (positive) or went. */
  onHand: number | undefined
  adjust: number | undefined
  reason: string
  now: Date
}

/**
 * Corrects what is on hand, with a movement for the difference; a count that agrees makes none. Below what is reserved
 * for orders nothing changes, which the answer's `wanted` shows.
 *
 * @returns the level that was found and the one that was wanted, or undefined for a product without stock
 */
export async function correct(tx: Tx, correction: Correction): Promise<(StockLevel & { wanted: number }) | undefined> {
  const { productId, onHand = null, adjust = null, reason, now } = correction
  return tx.maybeOne(
    'inventory.correct',
    // The row is locked before the new level is computed, so that corrections and orders at the same moment add up.
    sql`with level as (
          select product_id, on_hand, reserved from inventory where product_id = ${productId}::uuid for update
        ), target as (
          select *, coalesce(${onHand}::bigint, on_hand + ${adjust}::bigint) as wanted from level
        ), corrected as (
          update inventory i set on_hand = t.wanted
          from target t where i.product_id = t.product_id and t.wanted >= t.reserved and t.wanted <> t.on_hand
          returning i.product_id
        ), moved as (
          insert into inventory_movements (product_id, kind, quantity, reason, created_at)
          select t.product_id, 'adjustment', t.wanted - t.on_hand, ${reason}, ${now}::timestamptz
          from target t join corrected using (product_id)
        )
        select product_id, on_hand, reserved, wanted from target`,
  )
}

export interface MovementRow {
  id: number
  kind: string
  quantity: number
  order_id: string | null
  reason: string | null
  created_at: Date
}

/** Newest first; `before` is the id of the last row of the page before. */
export async function listMovements(
  db: Db,
  productId: string,
  page: { before: number | undefined; limit: number },
): Promise<MovementRow[]> {
  return db.many(
    'inventory.movements',
    sql`select id, kind, quantity, order_id, reason, created_at from inventory_movements
        where product_id = ${productId}::uuid and (${page.before ?? null}::bigint is null or id < ${page.before ?? null}::bigint)
        order by id desc limit ${page.limit}`,
  )
}
