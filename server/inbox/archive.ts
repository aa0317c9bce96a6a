/** The inbox, shown to an operator. */
import type { Static } from 'typebox'
import type {
  RejectedDelivery,
  WebhookEvent,
  WebhookEventDetail,
  WebhooksQuery,
} from '../../shared/contract/webhooks.ts'
import { listNumbers } from '../orders/queries.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Db } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import * as archive from './archive-queries.ts'
import type { ListedEventRow } from './archive-queries.ts'

const PAGE = 24

/** A page of events, newest first. */
export async function listWebhooks(db: Db, query: Static<typeof WebhooksQuery>) {
  const limit = query.limit ?? PAGE
  const found = await archive.listEvents(db, query, readCursor(query.cursor), limit + 1)
  const { rows, pagination } = cutPage(found, limit, (row) => [row.received_at.getTime(), row.id])
  const numbers = await numbersOf(db, rows)
  return { events: rows.map((row) => toEvent(row, numbers)), pagination }
}

/**
 * One event with what came and what became of it.
 *
 * @throws not_found
 */
export async function getWebhook(db: Db, id: string): Promise<WebhookEventDetail> {
  const [row, history] = await Promise.all([archive.findEvent(db, id), archive.listHistory(db, id)])
  if (row === undefined) throw new AppError('not_found', 'There is no such event.')
  const tries = history.map((each) => ({
    at: each.created_at.toISOString(),
    outcome: each.outcome,
    error: each.error,
    by: each.actor_id,
  }))
  // What went well leaves no row: the event itself says so.
  const done =
    row.processed_at !== null && (row.status === 'processed' || (row.status === 'ignored' && row.error === null))
      ? [{ at: row.processed_at.toISOString(), outcome: row.status, error: null, by: null }]
      : []
  return {
    event: toEvent(row, await numbersOf(db, [row])),
    headers: row.headers,
    body: row.raw_body?.toString('utf8') ?? null,
    history: [...tries, ...done],
  }
}

/** The sample of refused deliveries, newest first. */
export async function listRejected(db: Db, query: { limit?: number; cursor?: string; provider?: string }) {
  const limit = query.limit ?? PAGE
  const found = await archive.listRejections(db, query.provider, readCursor(query.cursor), limit + 1)
  const { rows, pagination } = cutPage(found, limit, (row) => [row.received_at.getTime(), row.id])
  const deliveries = rows.map(
    (row): RejectedDelivery => ({
      id: row.id,
      provider: row.provider,
      verdict: row.verdict,
      headers: row.headers,
      bodyStart: row.body_start.toString('utf8'),
      receivedAt: row.received_at.toISOString(),
    }),
  )
  return { deliveries, pagination }
}

function readCursor(cursor: string | undefined): { at: Date; id: string } | undefined {
  if (cursor === undefined) return undefined
  const [at, id] = decodeCursor(cursor, ['integer', 'uuid']) as [number, string]
  return { at: new Date(at), id }
}

function numbersOf(db: Db, rows: readonly ListedEventRow[]): Promise<Map<string, string>> {
  return listNumbers(
    db,
    rows.flatMap((row) => row.order_id ?? []),
  )
}

function toEvent(row: ListedEventRow, numbers: ReadonlyMap<string, string>): WebhookEvent {
  return {
    id: row.id,
    provider: row.provider,
    eventId: row.event_id,
    type: row.type,
    status: row.status,
    signatureValid: row.signature_valid,
    attempts: row.attempts,
    error: row.error,
    orderId: row.order_id,
    orderNumber: row.order_id === null ? null : (numbers.get(row.order_id) ?? null),
    receivedAt: row.received_at.toISOString(),
    processedAt: row.processed_at?.toISOString() ?? null,
    nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
  }
}
