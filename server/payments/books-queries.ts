/**
 * Our books as a provider's are laid out: by its ids and by its own time of things, so that the two can be compared. One
 * statement for any number of rows.
 */
import { isUuid } from '../platform/cursor.ts'
import { sql, type Db, type Sql } from '../platform/database.ts'
import { nameOf, type FactOf } from './money/belonging.ts'
import type { AttemptRow, RefundRow } from './money/payment.ts'

/**
 * An attempt as we have it, with the provider's id of its order. What goes back counts as far as the provider sends it:
 * not to a wallet, and not by a bank transfer of ours.
 */
export interface BookedAttempt
  extends Pick<
    AttemptRow,
    | 'id'
    | 'payment_id'
    | 'order_id'
    | 'provider_payment_id'
    | 'status'
    | 'amount'
    | 'currency'
    | 'captured_amount'
    | 'refunding_amount'
    | 'refunded_amount'
  > {
  provider_order_id: string
}

/** A refund as we have it, with the provider's ids of its payment and order. */
export interface BookedRefund
  extends Pick<
    RefundRow,
    'id' | 'payment_id' | 'attempt_id' | 'order_id' | 'provider_refund_id' | 'status' | 'amount' | 'currency'
  > {
  provider_payment_id: string
  provider_order_id: string
}

const BOOKED_ATTEMPT = sql`a.id, a.payment_id, a.order_id, a.provider_payment_id, p.provider_order_id, a.status, a.amount,
  a.currency, a.captured_amount,
  a.refunding_amount - ${sentOtherwise(sql`a.refunding_amount`, sql`r.status <> 'failed'`)} as refunding_amount,
  a.refunded_amount - ${sentOtherwise(sql`a.refunded_amount`, sql`r.status = 'processed'`)} as refunded_amount`
const BOOKED_REFUND = sql`r.id, r.payment_id, r.attempt_id, r.order_id, r.provider_refund_id, a.provider_payment_id,
  p.provider_order_id, r.status, r.amount, r.currency`

/** What of an attempt's refunds does not go through the provider; nothing is read for attempts that have none. */
function sentOtherwise(sum: Sql, counted: Sql): Sql {
  return sql`case when ${sum} = 0 then 0 else coalesce((
    select sum(r.amount) from refunds r where r.payment_id = a.payment_id and r.attempt_id = a.id
      and r.destination <> 'source' and ${counted}), 0)::bigint end`
}

/** Attempts that began in a window of the provider's time, `from` included and `to` not. */
export async function listBookedAttempts(
  db: Db,
  provider: string,
  window: { from: Date; to: Date },
  limit: number,
): Promise<BookedAttempt[]> {
  return db.many(
    'attempts.booked',
    sql`select ${BOOKED_ATTEMPT} from payment_attempts a join payments p on p.id = a.payment_id
        where a.provider = ${provider} and a.provider_created_at >= ${window.from} and a.provider_created_at < ${window.to}
        order by a.provider_created_at, a.id limit ${limit}`,
  )
}

export async function findBookedAttempts(
  db: Db,
  provider: string,
  providerPaymentIds: readonly string[],
): Promise<BookedAttempt[]> {
  if (providerPaymentIds.length === 0) return []
  return db.many(
    'attempts.bookedAs',
    sql`select ${BOOKED_ATTEMPT} from payment_attempts a join payments p on p.id = a.payment_id
        where a.provider = ${provider} and a.provider_payment_id = any(${[...providerPaymentIds]}::text[])`,
  )
}

/** Gives our order that something of a provider is of; undefined where it is none of ours. */
export type OrdersOf = (of: FactOf) => string | undefined

/** Our orders that these things of a provider are of. One statement, whatever they name. */
export async function findOrdersOf(db: Db, provider: string, ofs: readonly FactOf[]): Promise<OrdersOf> {
  if (ofs.length === 0) return () => undefined
  const providerOrderIds = ofs.flatMap((of) => ('providerOrderId' in of ? of.providerOrderId : []))
  const paymentIds = ofs.flatMap((of) => ('paymentId' in of && isUuid(of.paymentId) ? of.paymentId : []))
  const attemptIds = ofs.flatMap((of) => ('providerPaymentId' in of ? of.providerPaymentId : []))
  const rows = await db.many<{ kind: string; ref: string; order_id: string }>(
    'payments.bookedAs',
    sql`select 'providerOrderId' as kind, provider_order_id as ref, order_id from payments
        where provider = ${provider} and provider_order_id = any(${providerOrderIds}::text[])
        union all
        select 'paymentId', id::text, order_id from payments where provider = ${provider} and id = any(${paymentIds}::uuid[])
        union all
        select 'providerPaymentId', provider_payment_id, order_id from payment_attempts
        where provider = ${provider} and provider_payment_id = any(${attemptIds}::text[])`,
  )
  const found = new Map(rows.map((row) => [`${row.kind} ${row.ref}`, row.order_id]))
  return (of) => found.get(`${Object.keys(of).join()} ${nameOf(of)}`)
}

/** Refunds that began in a window of the provider's time, `from` included and `to` not. */
export async function listBookedRefunds(
  db: Db,
  provider: string,
  window: { from: Date; to: Date },
  limit: number,
): Promise<BookedRefund[]> {
  return db.many(
    'refunds.booked',
    sql`select ${BOOKED_REFUND} from refunds r join payment_attempts a on a.id = r.attempt_id join payments p on p.id = r.payment_id
        where r.provider = ${provider} and r.provider_created_at >= ${window.from} and r.provider_created_at < ${window.to}
          and r.provider_created_at is not null
        order by r.provider_created_at, r.id limit ${limit}`,
  )
}

/** Refunds by the provider's ids of them, or by our own. */
export async function findBookedRefunds(
  db: Db,
  provider: string,
  providerRefundIds: readonly string[],
  ourRefundIds: readonly string[],
): Promise<BookedRefund[]> {
  if (providerRefundIds.length === 0 && ourRefundIds.length === 0) return []
  return db.many(
    'refunds.bookedAs',
    sql`select ${BOOKED_REFUND} from refunds r join payment_attempts a on a.id = r.attempt_id join payments p on p.id = r.payment_id
        where r.id in (
          select id from refunds where provider = ${provider} and provider_refund_id = any(${[...providerRefundIds]}::text[])
          union select id from refunds where provider = ${provider} and id = any(${[...ourRefundIds]}::uuid[]))`,
  )
}

/** When the first payment at this provider was opened; undefined when there has been none. */
export async function firstPaymentAt(db: Db, provider: string): Promise<Date | undefined> {
  const row = await db.one<{ first: Date | null }>(
    'payments.first',
    sql`select min(created_at) as first from payments where provider = ${provider}`,
  )
  return row.first ?? undefined
}
