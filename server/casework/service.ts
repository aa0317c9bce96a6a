/**
 * The review queue: questions for people, with everything known about them. What opens and closes them by itself is
 * decided where it happens; here a person finds them, takes one, and decides.
 */
import type { ReviewCounts, ReviewItem, ReviewItemDetail, ReviewsQuery } from '../../shared/contract/reviews.ts'
import * as accounts from '../accounts/queries.ts'
import type { DecisionRow } from '../payments/by-hand/decision-queries.ts'
import { letGoAlone } from '../payments/by-hand/second-person.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { listNewestCalls } from '../payments/providers/call-queries.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Db } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { parseMoment } from '../platform/moment.ts'
import * as queries from '../reviews/queries.ts'
import type { ItemRow } from '../reviews/queries.ts'
import { noSuchItem } from './act.ts'
import { actionsFor } from './actions.ts'
import { readCases, type Case } from './facts.ts'

const PAGE = 24
/** As many of a payment's calls as a person would read. */
const SHOWN_CALLS = 50

/** A page of the queue: open items, the oldest first, or resolved ones, the newest first. */
export async function listReviews(deps: PaymentDeps, query: ReviewsQuery, viewerId: string) {
  const limit = query.limit ?? PAGE
  const open = query.status !== 'resolved'
  const [at, id] = query.cursor === undefined ? [] : decodeCursor(query.cursor, ['integer', 'uuid'])
  const filter: queries.ItemFilter = {
    open,
    kind: query.kind,
    createdBefore:
      query.createdBefore === undefined
        ? undefined
        : parseMoment('createdBefore', query.createdBefore, 'end', deps.timeZone),
    owner: query.owner === 'nobody' ? null : query.owner === 'me' ? viewerId : query.owner,
    after: at === undefined || id === undefined ? undefined : { at: new Date(Number(at)), id: String(id) },
  }
  const found = await queries.listItems(deps.db, filter, limit + 1)
  const { rows, pagination } = cutPage(found, limit, (row) => [
    (open ? row.created_at : (row.resolved_at ?? row.created_at)).getTime(),
    row.id,
  ])
  const cases = await readCases(deps.db, deps, rows)
  return { items: await toItems(deps.db, rows, cases, viewerId), pagination }
}

/** How many open items there are of each kind; the kind whose oldest is oldest comes first. */
export async function countReviews(db: Db): Promise<ReviewCounts> {
  const rows = await queries.countOpen(db)
  return rows.map(({ kind, count, oldest_at: oldestAt }) => ({ kind, count, oldestAt: oldestAt.toISOString() }))
}

/** Items as the list shows them, by their ids; those that are not there are left out. */
export async function getItems(deps: PaymentDeps, ids: readonly string[], viewerId: string): Promise<ReviewItem[]> {
  const rows = await queries.listItemsByIds(deps.db, ids)
  return toItems(deps.db, rows, await readCases(deps.db, deps, rows), viewerId)
}

/**
 * One item with all that is known about it.
 *
 * @throws not_found
 */
export async function getReview(deps: PaymentDeps, id: string, viewerId: string): Promise<ReviewItemDetail> {
  const row = await queries.findItem(deps.db, id)
  if (row === undefined) throw noSuchItem()
  const [cases, calls, alone] = await Promise.all([
    readCases(deps.db, deps, [row]),
    row.order_id === null ? [] : listNewestCalls(deps.db, row.order_id, row.payment_id, SHOWN_CALLS),
    row.order_id === null ? deps.policy.refundApprovalAbove : letGoAlone(deps, row.order_id),
  ])
  const [item] = await toItems(deps.db, [row], cases, viewerId)
  const of = cases.get(row.id)
  if (item === undefined || of === undefined) throw noSuchItem()
  return {
    item,
    evidence: row.evidence,
    providerCalls: calls.map((call) => ({
      id: call.id,
      operation: call.operation,
      outcome: call.outcome,
      httpStatus: call.http_status,
      request: call.request,
      reply: call.reply,
      createdAt: call.created_at.toISOString(),
    })),
    money: of.captures.map((capture) => ({
      providerPaymentId: capture.provider_payment_id,
      status: capture.status,
      disposition: capture.disposition,
      capturedAmount: capture.captured_amount,
      refundingAmount: capture.refunding_amount,
      refundedAmount: capture.refunded_amount,
      currency: capture.currency,
    })),
    alone,
    orderStatus: of.order?.status ?? null,
    orderTotal: of.order?.total ?? null,
  }
}

/**
 * Puts an item into somebody's hands, or gives it up.
 *
 * @param owner `me`, an admin's id, or null
 * @throws not_found, already_resolved, validation_failed for somebody who is no admin
 */
export async function ownReview(deps: PaymentDeps, id: string, owner: string | null, viewerId: string): Promise<void> {
  const row = await queries.findItem(deps.db, id)
  if (row === undefined) throw noSuchItem()
  const ownerId = owner === 'me' ? viewerId : owner
  if (ownerId !== null) {
    const person = (await accounts.listPeople(deps.db, [ownerId])).get(ownerId)
    if (person?.role !== 'admin') throw invalidField('owner', 'is not an admin')
  }
  if (await queries.setOwner(deps.db.alone, id, ownerId)) return
  throw new AppError('already_resolved', 'This question has been answered.')
}

async function toItems(
  db: Db,
  rows: readonly ItemRow[],
  cases: ReadonlyMap<string, Case>,
  viewerId: string,
): Promise<ReviewItem[]> {
  const ids = rows.flatMap((row) => [row.owner_id, row.resolved_by].filter((id) => id !== null))
  const people = await accounts.listPeople(db, [...new Set(ids)])
  const person = (id: string | null) => (id === null ? null : { id, name: people.get(id)?.name ?? id })
  return rows.map((row) => {
    const of = cases.get(row.id)
    return {
      id: row.id,
      kind: row.kind,
      summary: row.summary,
      amount: row.amount,
      currency: row.currency,
      orderId: row.order_id,
      orderNumber: of?.order?.number ?? null,
      paymentId: row.payment_id,
      provider: row.provider,
      providerRef: row.provider_ref,
      owner: person(row.owner_id),
      waitsFor: of?.waiting === undefined ? null : toWaitsFor(of.waiting),
      actions: row.resolved_at !== null || of === undefined ? [] : actionsFor(row.kind, of.facts, viewerId),
      createdAt: row.created_at.toISOString(),
      resolvedAt: row.resolved_at?.toISOString() ?? null,
      resolution: row.resolution,
      resolvedBy: person(row.resolved_by),
      reason: row.reason,
    }
  })
}

function toWaitsFor({ id, action, amount, currency }: DecisionRow): ReviewItem['waitsFor'] {
  // Cancelling and marking paid answer no question.
  if (action === 'cancel' || action === 'mark_paid') return null
  return { reviewItemId: id, action, amount, currency }
}
