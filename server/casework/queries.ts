import { empty, sql, type Db, type Tx } from '../platform/database.ts'

/** A row of `review_items`. */
export interface ItemRow {
  id: string
  order_id: string | null
  payment_id: string | null
  attempt_id: string | null
  refund_id: string | null
  kind: string
  summary: string
  amount: number | null
  currency: string | null
  provider: string | null
  provider_ref: string | null
  evidence: Record<string, unknown>
  cause: string
  owner_id: string | null
  created_at: Date
  resolved_at: Date | null
  resolution: string | null
  resolved_by: string | null
  reason: string | null
}

const ITEM_COLUMNS = sql`i.id, i.order_id, i.payment_id, i.attempt_id, i.refund_id, i.kind, i.summary, i.amount, i.currency,
  i.provider, i.provider_ref, i.evidence, i.cause, i.owner_id, i.created_at, i.resolved_at, i.resolution, i.resolved_by, i.reason`

export interface ItemFilter {
  open: boolean
  kind: string | undefined
  /** A person's id; null: those that nobody has taken. */
  owner: string | null | undefined
  createdBefore: Date | undefined
  /** The last row of the page before. */
  after: { at: Date; id: string } | undefined
}

/** Open items, the oldest first; resolved ones, the newest first. */
export async function listItems(db: Db, filter: ItemFilter, limit: number): Promise<ItemRow[]> {
  const { open, kind, owner, createdBefore, after } = filter
  const conditions = sql`${kind === undefined ? empty : sql`and i.kind = ${kind}`}
    ${createdBefore === undefined ? empty : sql`and i.created_at < ${createdBefore}`}
    ${owner === undefined ? empty : owner === null ? sql`and i.owner_id is null` : sql`and i.owner_id = ${owner}`}`
  return db.many<ItemRow>(
    open ? 'review_items.listOpen' : 'review_items.listResolved',
    open
      ? sql`select ${ITEM_COLUMNS} from review_items i where i.resolved_at is null ${conditions}
            ${after === undefined ? empty : sql`and (i.created_at, i.id) > (${after.at}, ${after.id}::uuid)`}
            order by i.created_at, i.id limit ${limit}`
      : sql`select ${ITEM_COLUMNS} from review_items i where i.resolved_at is not null ${conditions}
            ${after === undefined ? empty : sql`and (i.resolved_at, i.id) < (${after.at}, ${after.id}::uuid)`}
            order by i.resolved_at desc, i.id desc limit ${limit}`,
  )
}

export async function listItemsByIds(db: Db, ids: readonly string[]): Promise<ItemRow[]> {
  return db.many<ItemRow>(
    'review_items.listByIds',
    sql`select ${ITEM_COLUMNS} from review_items i where i.id = any(${[...ids]}::uuid[])`,
  )
}

export async function findItem(db: Db, id: string): Promise<ItemRow | undefined> {
  return db.maybeOne<ItemRow>('review_items.find', sql`select ${ITEM_COLUMNS} from review_items i where i.id = ${id}`)
}

/** Locks an item. Whoever also locks its order has done that before. */
export async function lockItem(tx: Tx, id: string): Promise<ItemRow | undefined> {
  return tx.maybeOne<ItemRow>(
    'review_items.lock',
    sql`select ${ITEM_COLUMNS} from review_items i where i.id = ${id} for update`,
  )
}

/** How many open items there are of each kind, and since when. */
export async function countOpen(db: Db): Promise<{ kind: string; count: number; oldest_at: Date }[]> {
  return db.many(
    'review_items.countByKind',
    sql`select kind, count(*) as count, min(created_at) as oldest_at from review_items
        where resolved_at is null group by kind order by oldest_at, kind`,
  )
}

/** Open items about captures: which item asks about which. */
export async function listOpenAbout(
  db: Db,
  orderIds: readonly string[],
): Promise<{ id: string; attempt_id: string; kind: string }[]> {
  if (orderIds.length === 0) return []
  return db.many(
    'review_items.openAbout',
    sql`select id, attempt_id, kind from review_items
        where order_id = any(${[...orderIds]}::uuid[]) and attempt_id is not null and resolved_at is null`,
  )
}

/** Takes an open item, or gives it up. Gives false when it was resolved meanwhile. */
export async function setOwner(tx: Tx, id: string, ownerId: string | null): Promise<boolean> {
  const touched = await tx.run(
    'review_items.own',
    sql`update review_items set owner_id = ${ownerId} where id = ${id} and resolved_at is null`,
  )
  return touched === 1
}

/** Closes an item that the caller has locked and found open. */
export function resolveItem(
  tx: Tx,
  id: string,
  by: { resolution: string; adminId: string; reason: string; now: Date },
): void {
  tx.send(
    'review_items.resolve',
    sql`update review_items set resolved_at = ${by.now}, resolution = ${by.resolution}, resolved_by = ${by.adminId}, reason = ${by.reason}
        where id = ${id}`,
  )
}

/** Adds to what is known about an item. */
export function addEvidence(tx: Tx, id: string, more: Record<string, unknown>): void {
  tx.send(
    'review_items.addEvidence',
    sql`update review_items set evidence = evidence || ${JSON.stringify(more)}::jsonb where id = ${id}`,
  )
}
