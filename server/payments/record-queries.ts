/** What was asked of providers and what they said, and questions for people. */
import { empty, sql, type Db, type Sql, type Tx } from '../platform/database.ts'

export interface NewProviderCall {
  id: string
  orderId: string | null
  paymentId: string | null
  refundId: string | null
  provider: string
  operation: string
  request: Record<string, unknown>
  outcome: 'accepted' | 'refused' | 'unknown'
  httpStatus: number | null
  reply: unknown
  durationMs: number
  createdAt: Date
}

export interface NewReviewItem {
  id: string
  orderId: string | null
  paymentId: string | null
  attemptId: string | null
  kind: string
  summary: string
  /** What it is about, when it is about an amount. */
  amount?: number | null
  currency?: string | null
  /** The provider's own name for the thing, for what is no payment of ours. */
  provider?: string | null
  providerRef?: string | null
  refundId?: string | null
  evidence: Record<string, unknown>
  /** The same question is asked once. */
  cause: string
  createdAt: Date
}

export function insertProviderCall(tx: Tx, call: NewProviderCall): void {
  tx.send('provider_calls.insert', providerCall(call))
}

/** For calls whose outcome changes nothing, and so has no transaction of its own. */
export async function recordProviderCall(tx: Tx, call: NewProviderCall): Promise<void> {
  await tx.run('provider_calls.insert', providerCall(call))
}

/** The statement that writes a record down; for use inside another. */
export function providerCall(call: NewProviderCall) {
  return sql`insert into provider_calls (id, order_id, payment_id, refund_id, provider, operation, request, outcome, http_status,
          reply, duration_ms, created_at)
        values (${call.id}, ${call.orderId}, ${call.paymentId}, ${call.refundId}, ${call.provider}, ${call.operation},
          ${JSON.stringify(call.request)}, ${call.outcome}, ${call.httpStatus}, ${JSON.stringify(call.reply ?? null, storable)},
          ${call.durationMs}, ${call.createdAt})
        on conflict (id) do nothing`
}

/** Leaves out what a provider may say and jsonb cannot hold: NUL, and halves of surrogate pairs. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replaceAll(/\0|\p{Cs}/gu, '') : value
}

/** The newest calls about an order before a moment, newest first, with all that are as old as the last of them. */
export async function listProviderCalls(db: Db, orderId: string, before: Date | undefined, atLeast: number) {
  return db.many<{
    id: string
    provider: string
    operation: string
    outcome: string
    http_status: number | null
    duration_ms: number | null
    request: unknown
    reply: unknown
    created_at: Date
  }>(
    'provider_calls.ofOrder',
    sql`select id, provider, operation, outcome, http_status, duration_ms, request, reply, created_at
        from provider_calls where order_id = ${orderId} ${before === undefined ? empty : sql`and created_at < ${before}`}
        order by created_at desc fetch first ${atLeast} rows with ties`,
  )
}

/** What was asked about an order's payment, or about any of its payments, newest first. */
export async function listNewestCalls(db: Db, orderId: string, paymentId: string | null, limit: number) {
  return db.many<{
    id: string
    operation: string
    outcome: string
    http_status: number | null
    request: unknown
    reply: unknown
    created_at: Date
  }>(
    'provider_calls.newest',
    sql`select id, operation, outcome, http_status, request, reply, created_at from provider_calls
        where order_id = ${orderId} and (payment_id = ${paymentId} or ${paymentId}::uuid is null)
        order by created_at desc, id desc limit ${limit}`,
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
