import { isUuid } from '../platform/cursor.ts'
import { empty, join, raw, sql, type Db, type Sql, type Tx } from '../platform/database.ts'
import type { FactOf } from './money/belonging.ts'
import type { AttemptRow, PaymentRow, RefundRow } from './money/payment.ts'
import { providerCall, type NewProviderCall } from './providers/call-queries.ts'

const PAYMENT_COLUMNS = sql`p.id, p.order_id, p.provider, p.provider_order_id, p.checkout, p.open_until, p.close_requested_at, p.status, p.amount, p.currency, p.method,
  p.captured_amount, p.refunded_amount, p.next_look_at, p.looks, p.look_plan, p.created_at`
const ATTEMPT_COLUMNS = sql`a.id, a.payment_id, a.order_id, a.provider, a.provider_payment_id, a.status, a.claimed,
  a.disposition, a.amount, a.currency, a.captured_amount, a.refunding_amount, a.refunded_amount, a.written_off_amount, a.method,
  a.method_detail, a.fee, a.tax, a.error_code, a.error_description, a.provider_created_at, a.created_at`
const ATTEMPT_COLUMNS_PREFIXED = sql`a.id as a_id, a.payment_id as a_payment_id, a.order_id as a_order_id, a.provider as a_provider,
  a.provider_payment_id as a_provider_payment_id, a.status as a_status, a.claimed as a_claimed, a.disposition as a_disposition,
  a.amount as a_amount, a.currency as a_currency, a.captured_amount as a_captured_amount,
  a.refunding_amount as a_refunding_amount, a.refunded_amount as a_refunded_amount,
  a.written_off_amount as a_written_off_amount, a.method as a_method,
  a.method_detail as a_method_detail, a.fee as a_fee, a.tax as a_tax, a.error_code as a_error_code,
  a.error_description as a_error_description, a.provider_created_at as a_provider_created_at, a.created_at as a_created_at`
const REFUND_COLUMNS = sql`r.id, r.order_id, r.payment_id, r.attempt_id,
  coalesce(r.decision_id, r.id) as decision_id, r.provider, r.provider_refund_id, r.amount,
  r.currency, r.status, r.reason, r.cause, r.message, r.destination, r.approval, r.lines, r.restock, r.idempotency_key, r.requested_by, r.approved_by,
  r.error_description, r.provider_created_at, r.next_look_at, r.looks, r.created_at, r.processed_at`

// Payments

export function insertPayment(tx: Tx, payment: PaymentRow): void {
  tx.send(
    'payments.insert',
    sql`insert into payments (id, order_id, provider, provider_order_id, status, amount, currency, next_look_at, look_plan,
          created_at, updated_at)
        values (${payment.id}, ${payment.order_id}, ${payment.provider}, ${payment.provider_order_id}, ${payment.status},
          ${payment.amount}, ${payment.currency}, ${payment.next_look_at}, ${payment.look_plan}, ${payment.created_at}, ${payment.created_at})`,
  )
}

/** The payment that something of a provider is of, with its attempts. */
export async function findPaymentOf(
  db: Db,
  provider: string,
  of: FactOf,
): Promise<
  | {
      payment: Pick<PaymentRow, 'id' | 'order_id' | 'provider' | 'provider_order_id' | 'amount' | 'currency'>
      attempts: AttemptRow[]
    }
  | undefined
> {
  const by = byOf(of, provider)
  const rows = await db.many<
    AttemptRow & {
      payment_id: string
      of_order: string
      asked: number
      asked_in: string
      of_payment: string
      of_provider_order: string | null
    }
  >(
    by.name,
    sql`select p.id as of_payment, p.order_id as of_order, p.provider_order_id as of_provider_order, p.amount as asked, p.currency as asked_in, ${ATTEMPT_COLUMNS}
        from payments p left join payment_attempts a on a.payment_id = p.id
        where p.provider = ${provider} and ${by.where}`,
  )
  const [first] = rows
  if (first === undefined) return undefined
  return {
    payment: {
      id: first.of_payment,
      order_id: first.of_order,
      provider,
      provider_order_id: first.of_provider_order,
      amount: first.asked,
      currency: first.asked_in,
    },
    attempts: rows.filter((row) => row.id !== null),
  }
}

function byOf(of: FactOf, provider: string): { name: string; where: Sql } {
  if ('providerOrderId' in of) {
    return { name: 'payments.findByProviderOrder', where: sql`p.provider_order_id = ${of.providerOrderId}` }
  }
  // Compared as text would miss the index, and what is no id of ours is nobody's.
  if ('paymentId' in of)
    return { name: 'payments.findById', where: sql`p.id = ${isUuid(of.paymentId) ? of.paymentId : null}::uuid` }
  return {
    name: 'payments.findByAttempt',
    where: sql`p.id = (select payment_id from payment_attempts
      where provider = ${provider} and provider_payment_id = ${of.providerPaymentId})`,
  }
}

/**
 * The payments of an order with their attempts, in one statement.
 *
 * @param lock locks the payments; the caller holds the order's lock
 */
export async function listPaymentsWithAttempts(
  db: Db,
  orderId: string,
  lock = false,
): Promise<{ payments: PaymentRow[]; attempts: AttemptRow[] }> {
  const rows = await db.many<Record<string, unknown> & { id: string; a_id: string | null }>(
    lock ? 'payments.lockWithAttempts' : 'payments.withAttempts',
    sql`select ${PAYMENT_COLUMNS}, ${ATTEMPT_COLUMNS_PREFIXED}
        from payments p left join payment_attempts a on a.payment_id = p.id
        where p.order_id = ${orderId} order by p.id, a.id ${lock ? sql`for update of p` : empty}`,
  )
  const payments = new Map<string, PaymentRow>()
  const attempts: AttemptRow[] = []
  for (const row of rows) {
    const payment: Record<string, unknown> = {}
    const attempt: Record<string, unknown> = {}
    for (const [column, value] of Object.entries(row)) {
      if (column.startsWith('a_')) attempt[column.slice(2)] = value
      else payment[column] = value
    }
    if (!payments.has(row.id)) payments.set(row.id, payment as unknown as PaymentRow)
    if (row.a_id !== null) attempts.push(attempt as unknown as AttemptRow)
  }
  return { payments: [...payments.values()], attempts }
}

export async function listPayments(db: Db, orderIds: readonly string[]): Promise<PaymentRow[]> {
  return db.many<PaymentRow>(
    'payments.ofOrders',
    sql`select ${PAYMENT_COLUMNS} from payments p where p.order_id = any(${[...orderIds]}::uuid[]) order by p.id`,
  )
}

export async function findPayment(db: Db, paymentId: string): Promise<PaymentRow | undefined> {
  return db.maybeOne<PaymentRow>(
    'payments.find',
    sql`select ${PAYMENT_COLUMNS} from payments p where p.id = ${paymentId}`,
  )
}

/** Opens a payment that was being created. Gives false, and writes nothing, when somebody else did, or closed it. */
export async function markCreated(tx: Tx, opened: PaymentRow, call: NewProviderCall, now: Date): Promise<boolean> {
  const touched = await tx.run(
    'payments.created',
    sql`with opened as (
          update payments set status = ${opened.status}, provider_order_id = ${opened.provider_order_id},
            checkout = ${opened.checkout === null ? null : JSON.stringify(opened.checkout)}, open_until = ${opened.open_until},
            next_look_at = ${opened.next_look_at}, looks = ${opened.looks}, look_plan = ${opened.look_plan}, updated_at = ${now}
          where id = ${opened.id} and status = 'creating' returning id
        ), called as (
          ${providerCall(call)}
        )
        select id from opened`,
  )
  return touched === 1
}

/** Closes a payment that nobody has opened yet. Gives false, and changes nothing, when somebody has, or closed it. */
export async function abandonCreating(tx: Tx, paymentId: string, now: Date): Promise<boolean> {
  const touched = await tx.run(
    'payments.abandonCreating',
    sql`update payments set status = 'abandoned', next_look_at = null, updated_at = ${now}
        where id = ${paymentId} and status = 'creating'`,
  )
  return touched === 1
}

/** Notes that a payment is to be closed: from now on nobody is sent to pay it. */
export function noteCloseRequested(tx: Tx, paymentId: string, now: Date): void {
  tx.send(
    'payments.closeRequested',
    sql`update payments set close_requested_at = coalesce(close_requested_at, ${now}), updated_at = ${now}
        where id = ${paymentId}`,
  )
}

/** @param lastLookAt when it is looked at once more although it is closed; null: never */
export function markAbandoned(tx: Tx, paymentId: string, lastLookAt: Date | null, now: Date): void {
  tx.send(
    'payments.abandon',
    sql`update payments set status = 'abandoned', next_look_at = ${lastLookAt}, looks = 0, updated_at = ${now}
        where id = ${paymentId} and status in ('creating', 'created', 'verified', 'authorized', 'failed')`,
  )
}

/** What one transaction writes of an order's payments: sent as one statement, because it is on every order's way. */
export function writePayments(
  tx: Tx,
  changes: { attempts: readonly AttemptRow[]; payments: readonly PaymentRow[]; calls: readonly NewProviderCall[] },
  now: Date,
): void {
  const parts = [
    ...changes.attempts.map((attempt, at) => sql`${raw(`attempt_${at}`)} as (${attemptStatement(attempt, now)})`),
    ...changes.payments.map((payment, at) => sql`${raw(`payment_${at}`)} as (${paymentStatement(payment, now)})`),
    ...changes.calls.map((call, at) => sql`${raw(`call_${at}`)} as (${providerCall(call)})`),
  ]
  if (parts.length > 0) tx.send('payments.write', sql`with ${join(parts)} select`)
}

function paymentStatement(payment: PaymentRow, now: Date): Sql {
  return sql`update payments set status = ${payment.status}, method = ${payment.method}, captured_amount = ${payment.captured_amount},
          refunded_amount = ${payment.refunded_amount}, next_look_at = ${payment.next_look_at}, looks = ${payment.looks},
          look_plan = ${payment.look_plan}, updated_at = ${now}
        where id = ${payment.id}`
}

/**
 * Claims payments that are due for a look until `leaseUntil`; a worker that dies leaves them due again.
 *
 * @param resting providers that nobody asks now: what is due there stays due
 */
export async function claimDuePayments(
  tx: Tx,
  now: Date,
  leaseUntil: Date,
  limit: number,
  resting: readonly string[],
): Promise<PaymentRow[]> {
  return tx.many<PaymentRow>(
    'payments.claimDue',
    sql`update payments p set next_look_at = ${leaseUntil}
        where p.id in (select id from payments where next_look_at <= ${now} and provider <> all(${[...resting]}::text[])
          order by next_look_at limit ${limit} for update skip locked)
        returning ${PAYMENT_COLUMNS}`,
  )
}

/** Sets the next look of a payment that this worker has claimed; one that moved meanwhile has its own plan already. */
export async function scheduleLook(
  tx: Tx,
  claimed: Pick<PaymentRow, 'id' | 'next_look_at'>,
  plan: { nextLookAt: Date | null; looks: number; lookPlan: string },
): Promise<void> {
  await tx.run(
    'payments.scheduleLook',
    sql`update payments set next_look_at = ${plan.nextLookAt}, looks = ${plan.looks}, look_plan = ${plan.lookPlan}
        where id = ${claimed.id} and next_look_at = ${claimed.next_look_at}`,
  )
}

// Attempts

export async function listAttempts(db: Db, orderIds: readonly string[]): Promise<AttemptRow[]> {
  return db.many<AttemptRow>(
    'attempts.ofOrders',
    sql`select ${ATTEMPT_COLUMNS} from payment_attempts a where a.payment_id in
          (select id from payments where order_id = any(${[...orderIds]}::uuid[])) order by a.id`,
  )
}

function attemptStatement(attempt: AttemptRow, now: Date): Sql {
  return sql`insert into payment_attempts (id, payment_id, order_id, provider, provider_payment_id, status, claimed, disposition,
          amount, currency, captured_amount, refunding_amount, refunded_amount, written_off_amount, method, method_detail, fee, tax, error_code,
          error_description, provider_created_at, created_at, updated_at)
        values (${attempt.id}, ${attempt.payment_id}, ${attempt.order_id}, ${attempt.provider}, ${attempt.provider_payment_id},
          ${attempt.status}, ${attempt.claimed}, ${attempt.disposition}, ${attempt.amount}, ${attempt.currency},
          ${attempt.captured_amount}, ${attempt.refunding_amount}, ${attempt.refunded_amount}, ${attempt.written_off_amount}, ${attempt.method},
          ${attempt.method_detail}, ${attempt.fee}, ${attempt.tax}, ${attempt.error_code}, ${attempt.error_description},
          ${attempt.provider_created_at}, ${attempt.created_at}, ${now})
        on conflict (id) do update set status = excluded.status, claimed = excluded.claimed,
          disposition = excluded.disposition, amount = excluded.amount, currency = excluded.currency,
          captured_amount = excluded.captured_amount, refunding_amount = excluded.refunding_amount,
          refunded_amount = excluded.refunded_amount, written_off_amount = excluded.written_off_amount, method = excluded.method, method_detail = excluded.method_detail,
          fee = excluded.fee, tax = excluded.tax, error_code = excluded.error_code,
          error_description = excluded.error_description, provider_created_at = excluded.provider_created_at,
          updated_at = excluded.updated_at`
}

// Refunds

export async function listRefunds(db: Db, orderIds: readonly string[]): Promise<RefundRow[]> {
  return db.many<RefundRow>(
    'refunds.ofOrders',
    sql`select ${REFUND_COLUMNS} from refunds r where r.order_id = any(${[...orderIds]}::uuid[]) order by r.id`,
  )
}

/** The refunds that were decided together under an id. */
export async function listDecision(db: Db, id: string): Promise<RefundRow[]> {
  return db.many<RefundRow>(
    'refunds.ofDecision',
    sql`select ${REFUND_COLUMNS} from refunds r where r.id = ${id} or r.decision_id = ${id} order by r.id`,
  )
}

export function upsertRefund(tx: Tx, refund: RefundRow, now: Date): void {
  tx.send(
    'refunds.upsert',
    sql`insert into refunds (id, order_id, payment_id, attempt_id, decision_id, provider, provider_refund_id, amount, currency, status,
          reason, cause, message, destination, approval, lines, restock, idempotency_key, requested_by, approved_by, error_description,
          provider_created_at, next_look_at, looks, created_at, updated_at, processed_at)
        values (${refund.id}, ${refund.order_id}, ${refund.payment_id}, ${refund.attempt_id}, ${refund.decision_id}, ${refund.provider},
          ${refund.provider_refund_id}, ${refund.amount}, ${refund.currency}, ${refund.status}, ${refund.reason},
          ${refund.cause}, ${refund.message}, ${refund.destination}, ${refund.approval}, ${JSON.stringify(refund.lines)}, ${JSON.stringify(refund.restock)}, ${refund.idempotency_key},
          ${refund.requested_by}, ${refund.approved_by}, ${refund.error_description}, ${refund.provider_created_at},
          ${refund.next_look_at}, ${refund.looks}, ${refund.created_at}, ${now}, ${refund.processed_at})
        on conflict (id) do update set provider_refund_id = excluded.provider_refund_id, status = excluded.status,
          destination = excluded.destination, approval = excluded.approval, lines = excluded.lines, approved_by = excluded.approved_by,
          error_description = excluded.error_description, provider_created_at = excluded.provider_created_at,
          next_look_at = excluded.next_look_at, looks = excluded.looks, updated_at = excluded.updated_at,
          processed_at = excluded.processed_at`,
  )
}

/**
 * Claims refunds that are due and marks those that were only requested as processing, before anything is asked.
 *
 * @param resting providers that nobody asks now: what is due there stays due
 */
export async function claimDueRefunds(
  tx: Tx,
  now: Date,
  leaseUntil: Date,
  limit: number,
  resting: readonly string[],
): Promise<(RefundRow & { asked: boolean })[]> {
  return tx.many<RefundRow & { asked: boolean }>(
    'refunds.claimDue',
    sql`with due as (
          select id, status from refunds where next_look_at <= ${now} and provider <> all(${[...resting]}::text[])
          order by next_look_at limit ${limit} for update skip locked
        )
        update refunds r set status = 'processing', next_look_at = ${leaseUntil}, looks = r.looks + 1, updated_at = ${now}
        from due where r.id = due.id
        returning ${REFUND_COLUMNS}, (due.status = 'processing') as asked`,
  )
}

export async function scheduleRefundLook(
  tx: Tx,
  claimed: Pick<RefundRow, 'id' | 'next_look_at'>,
  plan: { nextLookAt: Date; looks: number },
): Promise<void> {
  await tx.run(
    'refunds.scheduleLook',
    sql`update refunds set next_look_at = ${plan.nextLookAt}, looks = ${plan.looks} where id = ${claimed.id} and next_look_at = ${claimed.next_look_at}`,
  )
}
