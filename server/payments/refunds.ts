/**
 * Sending refunds that were decided. The decision is a committed row; its id goes along as the idempotency key and as the
 * reference, so asking twice moves the money once, and an unanswered question is first looked up, then asked again.
 */
import { inTransaction, type Tx } from '../platform/database.ts'
import type { Pass } from '../platform/passes.ts'
import { insertEvents } from '../timeline/queries.ts'
import { beginChange, lockMoney, writeOutcome } from './change.ts'
import { call, isResting, providerOf, whyNotThrough, type PaymentDeps } from './context.ts'
import type { Draft } from './money/draft.ts'
import { nextLook, REFUND_WINDOW_MS, soonAfterUnknown } from './money/looks.ts'
import type { RefundFact, RefundRow } from './money/payment.ts'
import { failRefund } from './money/refund-ends.ts'
import { askAboutRefund } from './money/refund.ts'
import { askProvider } from './poll.ts'
import { recordProviderCall, type NewProviderCall } from './providers/call-queries.ts'
import { claimDueRefunds, listPaymentsWithAttempts, scheduleRefundLook } from './queries.ts'
import { settle } from './settle.ts'

const BATCH = 10
const LEASE_MS = 60_000

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
    const until = new Date(now.getTime() + LEASE_MS)
    const due = await claimDueRefunds(tx, now, until, BATCH, deps.breaker.resting())
    insertEvents(
      tx,
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
      now,
    )
    return due
  })
}

async function send(deps: PaymentDeps, refund: RefundRow, asked: boolean): Promise<void> {
  const { payments, attempts } = await listPaymentsWithAttempts(deps.db, refund.order_id)
  const payment = payments.find((row) => row.id === refund.payment_id)
  const attempt = attempts.find((row) => row.id === refund.attempt_id)
  const providerOrderId = payment?.provider_order_id
  if (payment === undefined || attempt === undefined || providerOrderId == null)
    throw new Error(`refund ${refund.id} has no payment`)
  if (!deps.providers.has(refund.provider)) return byHand(deps, refund)
  // What a rule has decided can be what the provider does not send: a person finds another way at once.
  const unsendable = asked ? undefined : whyNotThrough(deps, refund, refund.amount, 'sends back')
  if (unsendable !== undefined) return refused(deps, refund, `${unsendable}.`, [])
  if (isResting(deps, refund)) return later(deps, refund)
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
      () => provider.fetchRefunds({ providerOrderId, providerPaymentId }),
      2,
    )
    if (found.reply.outcome !== 'accepted') return later(deps, refund, found.record)
    const ours = found.reply.value.find(
      (fact) => fact.ourRefundId === refund.id || fact.providerRefundId === refund.provider_refund_id,
    )
    if (ours !== undefined) return record(deps, refund, ours, found.record)
    // A refund that the provider has named cannot vanish; a list that does not show it is late.
    if (refund.provider_refund_id !== null) return later(deps, refund, found.record)
    await recordProviderCall(deps.db.alone, found.record)
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
      return refused(deps, refund, sent.reply.message, [sent.record])
    case 'unknown':
      return later(deps, refund, sent.record)
  }
}

async function record(deps: PaymentDeps, refund: RefundRow, fact: RefundFact, called: NewProviderCall): Promise<void> {
  await settle(deps, deps.policy, [fact], { calls: [called] }, refund.order_id)
  // Known as before and still under way: the next question is planned here, because nothing moved.
  if (fact.status === 'processing') await later(deps, refund)
}

/** The answer is not there yet: asks again later, and tells a person when the time for answers has passed. */
async function later(deps: PaymentDeps, refund: RefundRow, called?: NewProviderCall): Promise<void> {
  if (called !== undefined) await recordProviderCall(deps.db.alone, called)
  const now = deps.ports.clock.now()
  if (isResting(deps, refund)) {
    // It answers nobody, which says nothing of this refund: the look does not count.
    const plan = { nextLookAt: soonAfterUnknown(now), looks: refund.looks - 1 }
    return scheduleRefundLook(deps.db.alone, refund, plan)
  }
  const next = nextLook('unknown', refund.looks - 1, refund.created_at, now, {
    pollAfterS: deps.policy.pollAfterS,
    windowMs: REFUND_WINDOW_MS,
  })
  if (next !== null) {
    return scheduleRefundLook(deps.db.alone, refund, { nextLookAt: next, looks: refund.looks })
  }
  await changeRefund(deps, 'refundUndecided', refund.id, refund.order_id, [], (draft, row) => {
    if (row.status !== 'processing') return
    askAboutRefund(draft, row, 'refund_undecided')
    draft.setRefund({ ...row, next_look_at: new Date(now.getTime() + REFUND_WINDOW_MS) })
  })
}

const DAY_MS = 86_400_000

/** Nobody can be asked to make this refund: a person pays it back, or sets the provider up again. */
async function byHand(deps: PaymentDeps, refund: RefundRow): Promise<void> {
  await changeRefund(deps, 'refundByHand', refund.id, refund.order_id, [], (draft, row) => {
    if (row.status !== 'processing') return
    askAboutRefund(draft, row, 'refund_by_hand')
    draft.setRefund({ ...row, next_look_at: new Date(draft.make.now.getTime() + DAY_MS) })
  })
}

/**
 * The provider's explicit no, or what it would say. The money is no longer on its way; a person finds another, unless it is
 * back already.
 */
async function refused(
  deps: PaymentDeps,
  refund: RefundRow,
  message: string,
  calls: readonly NewProviderCall[],
): Promise<void> {
  const payment = await changeRefund(deps, 'refundRefused', refund.id, refund.order_id, calls, (draft, row) => {
    if (row.status === 'processing') {
      const failed: RefundRow = { ...row, status: 'failed', error_description: message, next_look_at: null }
      draft.setRefund(failed)
      failRefund(draft, failed, false, { message })
      draft.addEvent({
        type: 'refund.failed',
        subject: 'refund',
        subjectId: row.id,
        from: 'processing',
        to: 'failed',
        // Without a call nobody said no: it was too little to ask for.
        actor: calls.length > 0 ? 'provider' : 'system',
        source: 'worker',
        data: { amount: row.amount, currency: row.currency, errorDescription: message },
      })
    }
    return draft.paymentOf(row)
  })
  // Most often it says no because somebody has refunded at its dashboard what we wanted to.
  if (payment !== undefined) await askProvider(deps, payment, { capture: false })
}

/** Changes one refund under its order's lock. */
export async function changeRefund<T>(
  deps: PaymentDeps,
  name: string,
  refundId: string,
  orderId: string,
  calls: readonly NewProviderCall[],
  work: (draft: Draft, refund: RefundRow, tx: Tx) => T | Promise<T>,
): Promise<T | undefined> {
  return inTransaction(deps.db, name, async (tx) => {
    const money = await lockMoney(tx, orderId)
    const refund = money.refunds.find((row) => row.id === refundId)
    if (refund === undefined) return undefined
    const draft = beginChange(deps, money)
    const result = await work(draft, refund, tx)
    writeOutcome(tx, deps, draft.money, [], draft.finish(), calls, draft.make.now)
    return result
  })
}
