/** What was asked of providers and what they said, and questions for people. */
import { empty, sql, type Db, type Tx } from '../../platform/database.ts'

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

/**
 * Empties what providers replied to calls that were made in `from` to `before`, oldest first, at most `limit`. Look-ups
 * that were answered are deleted: a payment that nobody makes is looked at some eighty times, and what a look has changed
 * stands in the timeline. What was asked to move money is kept.
 *
 * @returns how many, and when the last of them was made
 */
export async function emptyCalls(
  tx: Tx,
  from: Date,
  before: Date,
  limit: number,
): Promise<{ count: number; last: Date | null }> {
  return tx.one<{ count: number; last: Date | null }>(
    'provider_calls.empty',
    sql`with old as (
          select id, outcome = 'accepted' and operation ~ '^(fetch|find|list)' as is_look from provider_calls
          where created_at >= ${from} and created_at < ${before} and reply is not null
          order by created_at limit ${limit} for update
        ), emptied as (
          update provider_calls c set reply = null from old where c.id = old.id and not old.is_look returning c.created_at
        ), forgotten as (
          delete from provider_calls c using old where c.id = old.id and old.is_look returning c.created_at
        )
        select count(*) as count, max(created_at) as last
        from (select created_at from emptied union all select created_at from forgotten) done`,
  )
}
