import { empty, sql, type Db, type Tx, type Sql } from '../platform/database.ts'
import type { NewReviewItem } from './question.ts'

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

export function insertReviewItem(tx: Tx, item: NewReviewItem): void {
  tx.send('review_items.insert', reviewItem(item))
}

/** Asks a question, unless it was asked before. Gives false then. */
export async function openReviewItem(tx: Tx, item: NewReviewItem): Promise<boolean> {
  return (await tx.run('review_items.insert', reviewItem(item))) === 1
}

function reviewItem(item: NewReviewItem): Sql {
  return sql`insert into review_items (id, order_id, payment_id, attempt_id, refund_id, kind, summary, amount, currency, provider,
          provider_ref, evidence, cause, created_at)
        values (${item.id}, ${item.orderId}, ${item.paymentId}, ${item.attemptId}, ${item.refundId ?? null}, ${item.kind},
          ${item.summary}, ${item.amount ?? null}, ${item.currency ?? null}, ${item.provider ?? null},
          ${item.providerRef ?? null}, ${JSON.stringify(item.evidence)}, ${item.cause}, ${item.createdAt})
        on conflict (cause) do nothing`
}

/**
 * Asks why a provider opens no payment. Asked before for the same order and reason: the same question, opened again if it
 * had answered itself, and left alone if a person has answered it.
 */
export function askAboutRefusal(tx: Tx, item: NewReviewItem): void {
  tx.send(
    'review_items.askAboutRefusal',
    sql`insert into review_items as r (id, order_id, payment_id, kind, summary, amount, currency, provider, evidence, cause, created_at)
        values (${item.id}, ${item.orderId}, ${item.paymentId}, ${item.kind}, ${item.summary}, ${item.amount ?? null},
          ${item.currency ?? null}, ${item.provider ?? null}, ${JSON.stringify(item.evidence)}, ${item.cause}, ${item.createdAt})
        on conflict (cause) do update set payment_id = excluded.payment_id, resolved_at = null, resolution = null
          where r.resolved_by is null`,
  )
}

/** Answers the open questions why no payment of this order was opened. */
export function closeRefusals(tx: Tx, orderId: string, resolution: string, now: Date): void {
  tx.send(
    'review_items.closeRefusals',
    sql`update review_items set resolved_at = ${now}, resolution = ${resolution}
        where order_id = ${orderId} and kind = 'payment_refused' and resolved_at is null`,
  )
}

/** Answers open questions that have answered themselves: `resolution` says what did. */
export function closeReviewItems(tx: Tx, closed: readonly { cause: string; resolution: string }[], now: Date): void {
  tx.send(
    'review_items.close',
    sql`update review_items i set resolved_at = ${now}, resolution = v.resolution
        from unnest(${closed.map((item) => item.cause)}::text[], ${closed.map((item) => item.resolution)}::text[])
          as v (cause, resolution) where i.cause = v.cause and i.resolved_at is null`,
  )
}

export async function listReviewItems(db: Db, orderId: string) {
  return db.many<{ id: string; kind: string; summary: string; created_at: Date; resolved_at: Date | null }>(
    'review_items.ofOrder',
    sql`select id, kind, summary, created_at, resolved_at from review_items where order_id = ${orderId} order by created_at, id`,
  )
}

export async function countOpenReviewItems(db: Db, orderIds: readonly string[]): Promise<Map<string, number>> {
  const rows = await db.many<{ order_id: string; count: number }>(
    'review_items.countOpen',
    sql`select order_id, count(*) as count from review_items
        where resolved_at is null and order_id = any(${[...orderIds]}::uuid[]) group by order_id`,
  )
  return new Map(rows.map((row) => [row.order_id, row.count]))
}

/** Asks people, each question once, and gives for every cause the item that asks it, whether new or known. */
export async function openReviewItems(
  tx: Tx,
  items: readonly NewReviewItem[],
): Promise<Map<string, { id: string; open: boolean }>> {
  for (const item of items) insertReviewItem(tx, item)
  return findReviewItems(
    tx,
    items.map((item) => item.cause),
  )
}

export async function findReviewItems(
  db: Db,
  causes: readonly string[],
): Promise<Map<string, { id: string; open: boolean }>> {
  if (causes.length === 0) return new Map()
  const rows = await db.many<{ cause: string; id: string; open: boolean }>(
    'review_items.ofCauses',
    sql`select cause, id, resolved_at is null as open from review_items where cause = any(${[...causes]}::text[])`,
  )
  return new Map(rows.map(({ cause, id, open }) => [cause, { id, open }]))
}
