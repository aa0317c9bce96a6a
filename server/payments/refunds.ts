/**
 * Sending refunds that were decided. The decision is a committed row; its id goes along as the idempotency key and as the
 * reference, so asking twice moves the money once, and an unanswered question is first looked up, then asked again.
 */
import { add, subtract } from '../../shared/money.ts'
import * as ledger from '../ledger/service.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import type { Pass } from '../platform/passes.ts'
import type { Ports } from '../platform/ports.ts'
import * as orders from '../orders/service.ts'
import type { NewEvent } from '../orders/service.ts'
import { call, providerOf, type PaymentDeps } from './context.ts'
import { nextLook, REFUND_WINDOW_MS } from './looks.ts'
import { newRefund, refundReview } from './refund.ts'
import type { AttemptRow, RefundFact, RefundRow } from './payment.ts'
import * as queries from './queries.ts'
import { settle } from './settle.ts'

const BATCH = 10
const LEASE_MS = 60_000

/**
 * Decides to send back `amount` of a captured attempt, in the caller's transaction and under the order's lock. The
 * database refuses more than was captured.
 *
 * @returns the refund, which a worker sends after the commit
 */
export function requestRefund(
  tx: Tx,
  ports: Ports,
  attempt: AttemptRow,
  amount: number,
  reason: string,
  by: Pick<NewEvent, 'actor' | 'actorId' | 'source'>,
): RefundRow {
  const now = ports.clock.now()
  const refund = newRefund(attempt, amount, reason, { now, uuid: () => ports.ids.uuid() })
  queries.upsertAttempt(tx, { ...attempt, refunding_amount: add(attempt.refunding_amount, amount) }, now)
  queries.upsertRefund(tx, { ...refund, requested_by: by.actorId ?? null }, now)
  ledger.post(tx, ports, refund.currency, refund.order_id, [
    ledger.refundOwed(refund.provider, refund.currency, refund.id, refund.amount),
  ])
  orders.appendEvents(tx, ports, [
    {
      orderId: refund.order_id,
      type: 'refund.requested',
      subject: 'refund',
      subjectId: refund.id,
      to: 'requested',
      ...by,
      data: { amount, currency: refund.currency, reason },
    },
  ])
  return refund
}

export function refundPass(deps: PaymentDeps): Pass {
  return {
    name: 'refunds.send',
    intervalMs: 1_000,
    async runOnce() {
      const now = deps.ports.clock.now()
      const due = await claim(deps, now)
      for (const refund of due) {
        try {
          await send(deps, refund, refund.asked)
        } catch (error) {
          deps.log.error(
            { err: error, refundId: refund.id, orderId: refund.order_id },
            'a refund could not be sent now',
          )
        }
      }
      return due.length
    },
  }
}

/** Takes refunds that are due, and notes of those that are asked for the first time that they are under way now. */
async function claim(deps: PaymentDeps, now: Date): Promise<(RefundRow & { asked: boolean })[]> {
  return inTransaction(deps.db, 'claimRefunds', async (tx) => {
    const due = await queries.claimDueRefunds(tx, now, new Date(now.getTime() + LEASE_MS), BATCH)
    orders.appendEvents(
      tx,
      deps.ports,
      due
        .filter((refund) => !refund.asked)
        .map((refund) => ({
          orderId: refund.order_id,
          type: 'refund.processing',
          subject: 'refund',
          subjectId: refund.id,
          from: 'requested',
          to: 'processing',
          actor: 'system',
          source: 'worker',
          data: { amount: refund.amount, currency: refund.currency },
        })),
    )
    return due
  })
}

async function send(deps: PaymentDeps, refund: RefundRow, asked: boolean): Promise<void> {
  const { payments, attempts } = await queries.listPaymentsWithAttempts(deps.db, refund.order_id)
  const payment = payments.find((row) => row.id === refund.payment_id)
  const attempt = attempts.find((row) => row.id === refund.attempt_id)
  const providerOrderId = payment?.provider_order_id
  if (payment === undefined || attempt === undefined || providerOrderId == null)
    throw new Error(`refund ${refund.id} has no payment`)
  const provider = providerOf(deps, payment)
  const providerPaymentId = attempt.provider_payment_id

  if (asked) {
    // It was asked before and not answered for certain: what does the provider have?
    const request = { providerPaymentId, refundId: refund.id }
    const found = await call(
      deps,
      payment,
      'fetchRefunds',
      request,
      () => provider.fetchRefunds(providerOrderId, providerPaymentId),
      2,
    )
    if (found.reply.outcome !== 'accepted') return later(deps, refund, found.record)
    const ours = found.reply.value.find(
      (fact) => fact.ourRefundId === refund.id || fact.providerRefundId === refund.provider_refund_id,
    )
    if (ours !== undefined) return record(deps, refund, ours, found.record)
    // A refund that the provider has named cannot vanish; a list that does not show it is late.
    if (refund.provider_refund_id !== null) return later(deps, refund, found.record)
    await queries.recordProviderCall(deps.db.alone, found.record)
  }
  const request = {
    providerOrderId,
    providerPaymentId,
    refundId: refund.id,
    amount: refund.amount,
    currency: refund.currency,
    idempotencyKey: refund.idempotency_key,
  }
  const sent = await call(deps, payment, 'refund', request, () => provider.refund(request))
  switch (sent.reply.outcome) {
    case 'accepted':
      return record(deps, refund, sent.reply.value, sent.record)
    case 'refused':
      return refused(deps, refund, attempt, sent.reply.message, sent.record)
    case 'unknown':
      return later(deps, refund, sent.record)
  }
}

async function record(
  deps: PaymentDeps,
  refund: RefundRow,
  fact: RefundFact,
  called: queries.NewProviderCall,
): Promise<void> {
  await settle(deps, deps.policy, [fact], { calls: [called] }, refund.order_id)
  // Known as before and still under way: the next question is planned here, because nothing moved.
  if (fact.status === 'processing') await later(deps, refund)
}

async function later(deps: PaymentDeps, refund: RefundRow, called?: queries.NewProviderCall): Promise<void> {
  if (called !== undefined) await queries.recordProviderCall(deps.db.alone, called)
  const now = deps.ports.clock.now()
  const next = nextLook('unknown', refund.looks - 1, refund.created_at, now, {
    pollAfterS: deps.policy.pollAfterS,
    windowMs: REFUND_WINDOW_MS,
  })
  if (next !== null) return queries.scheduleRefundLook(deps.db.alone, refund, next)
  await inTransaction(deps.db, 'refundUndecided', async (tx) => {
    queries.insertReviewItem(tx, {
      ...refundReview(refund, refund.attempt_id, { now, uuid: () => deps.ports.ids.uuid() }),
      kind: 'refund_undecided',
      cause: `refund_undecided:${refund.id}`,
    })
    await queries.scheduleRefundLook(tx, refund, new Date(now.getTime() + REFUND_WINDOW_MS))
  })
}

/** The provider's explicit no. The money is no longer on its way; a person finds another. */
async function refused(
  deps: PaymentDeps,
  refund: RefundRow,
  attempt: AttemptRow,
  message: string,
  called: queries.NewProviderCall,
): Promise<void> {
  await inTransaction(deps.db, 'refundRefused', async (tx) => {
    await orders.lockOrder(tx, refund.order_id)
    const [{ attempts }, refunds] = await Promise.all([
      queries.listPaymentsWithAttempts(tx, refund.order_id, true),
      queries.listRefunds(tx, [refund.order_id]),
    ])
    const now = deps.ports.clock.now()
    const row = refunds.find((known) => known.id === refund.id)
    const held = attempts.find((known) => known.id === attempt.id)
    queries.insertProviderCall(tx, called)
    if (row?.status !== 'processing' || held === undefined) return
    queries.upsertRefund(tx, { ...row, status: 'failed', error_description: message, next_look_at: null }, now)
    queries.upsertAttempt(tx, { ...held, refunding_amount: subtract(held.refunding_amount, row.amount) }, now)
    ledger.post(tx, deps.ports, row.currency, row.order_id, [
      ledger.refundGivenUp(row.provider, row.currency, row.id, row.amount),
    ])
    queries.insertReviewItem(tx, refundReview(row, held.id, { now, uuid: () => deps.ports.ids.uuid() }, { message }))
    orders.appendEvents(tx, deps.ports, [
      {
        orderId: row.order_id,
        type: 'refund.failed',
        subject: 'refund',
        subjectId: row.id,
        from: 'processing',
        to: 'failed',
        actor: 'provider',
        source: 'worker',
        data: { amount: row.amount, currency: row.currency, errorDescription: message },
      },
    ])
  })
}
