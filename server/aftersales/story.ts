/**
 * Everything that is known about an order, told from the newest backwards: whatever else there is, the last thing that
 * happened is on the first page. A page is a span of time, the same one for each kind of record, so that what belongs
 * together is read together.
 */
import type { OrderStory } from '../../shared/contract/orders.ts'
import { listEventsOfOrder } from '../inbox/queries.ts'
import * as ledger from '../ledger/queries.ts'
import type { OrderRow } from '../orders/order.ts'
import { letGoAlone } from '../payments/by-hand/second-person.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { listProviderCalls } from '../payments/providers/call-queries.ts'
import { decodeCursor, encodeCursor } from '../platform/cursor.ts'
import { listReviewItems } from '../reviews/queries.ts'
import * as orders from '../timeline/listing.ts'

/** Of each kind. An order that goes a long way has some twenty events. */
const PER_PAGE = 200

/**
 * A page of an order's story.
 *
 * @param cursor `older` of the page that was read before; undefined for the newest
 * @throws validation_failed for a cursor that no page gave out
 */
export async function tellStory(
  deps: PaymentDeps,
  { id: orderId, currency }: OrderRow,
  cursor: string | undefined,
): Promise<OrderStory> {
  const { db } = deps
  const [ms] = cursor === undefined ? [] : decodeCursor(cursor, ['integer'])
  const before = ms === undefined ? undefined : new Date(Number(ms))
  const [events, calls, webhooks, transfers, reviewItems, alone] = await Promise.all([
    orders.listEventsBefore(db, orderId, before, PER_PAGE + 1),
    listProviderCalls(db, orderId, before, PER_PAGE + 1),
    listEventsOfOrder(db, orderId, before, PER_PAGE + 1),
    ledger.listOfOrder(db, orderId),
    listReviewItems(db, orderId),
    letGoAlone(deps, orderId),
  ])
  const since = beginningOf(
    [
      events.map((row) => row.createdAt),
      calls.map((row) => row.created_at),
      webhooks.map((row) => row.received_at),
    ].map((times) => times.map((time) => new Date(time).getTime())),
    PER_PAGE,
  )
  const isTold = (at: Date | string) => since === undefined || new Date(at).getTime() >= since
  return {
    older: since === undefined ? null : encodeCursor([since]),
    events: events.filter((event) => isTold(event.createdAt)).toReversed(),
    providerCalls: calls
      .filter((call) => isTold(call.created_at))
      .toReversed()
      .map((call) => ({
        id: call.id,
        provider: call.provider,
        operation: call.operation,
        outcome: call.outcome,
        httpStatus: call.http_status,
        durationMs: call.duration_ms,
        request: call.request,
        reply: call.reply,
        createdAt: call.created_at.toISOString(),
      })),
    webhookEvents: webhooks
      .filter((event) => isTold(event.received_at))
      .toReversed()
      .map((event) => ({
        id: event.id,
        provider: event.provider,
        eventId: event.event_id,
        type: event.type,
        status: event.status,
        // Signed bytes need not be text; what is not shows as replacement characters.
        body: event.raw_body?.toString('utf8') ?? '',
        receivedAt: event.received_at.toISOString(),
        processedAt: event.processed_at?.toISOString() ?? null,
      })),
    ledger: transfers.map((transfer) => ({
      id: transfer.id,
      kind: transfer.kind,
      debit: transfer.debit_account_id,
      credit: transfer.credit_account_id,
      amount: transfer.amount,
      currency: transfer.currency,
      createdAt: transfer.created_at.toISOString(),
    })),
    reviewItems: reviewItems.map((item) => ({
      id: item.id,
      kind: item.kind,
      summary: item.summary,
      createdAt: item.created_at.toISOString(),
      resolvedAt: item.resolved_at?.toISOString() ?? null,
    })),
    refundableAlone: alone,
    leastRefunds: Object.fromEntries(
      [...deps.providers.values()].map((each) => [each.name, each.amountsIn(currency).least]),
    ),
  }
}

/**
 * Where a page begins that must leave nothing out: at the latest of the moments since which each kind of record was read
 * whole. The rest, and every record of that kind's moment before, is the next page's.
 *
 * @param sources the times in ms of the newest records of each kind, newest first, all of the last one's instant included
 * @param limit a kind with more records than this was not read to its end
 * @returns undefined when all of it was read
 */
export function beginningOf(sources: readonly (readonly number[])[], limit: number): number | undefined {
  const cuts = sources.flatMap((times) => {
    const last = times.at(-1)
    if (times.length <= limit || last === undefined) return []
    // Its last instant is there in full, and is left to the next page, unless there is nothing else.
    return [times.findLast((time) => time > last) ?? last]
  })
  return cuts.length === 0 ? undefined : Math.max(...cuts)
}
