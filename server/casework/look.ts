/**
 * The second look. Before anything is decided about money the provider is asked what it knows by now, because an item may
 * be days old: what it says is settled like all news, and may answer the question by itself.
 */
import { add } from '../../shared/money.ts'
import {
  unknownCaptureCause,
  unknownExplainedCause,
  unknownRefundCause,
  unknownRefunded,
} from '../ledger/provider-movement.ts'
import { findPosted } from '../ledger/queries.ts'
import { post } from '../ledger/service.ts'
import { findBookedAttempts } from '../payments/books-queries.ts'
import { askForSure, askOnce } from '../payments/by-hand/payment-by-hand.ts'
import { providerOf, type PaymentDeps } from '../payments/context.ts'
import { isOf, providerOrderOf } from '../payments/money/belonging.ts'
import type { RefundFact } from '../payments/money/payment.ts'
import { listRefunds } from '../payments/queries.ts'
import { settle } from '../payments/settle.ts'
import { inTransaction } from '../platform/database.ts'
import * as queries from '../reviews/queries.ts'
import type { ItemRow } from '../reviews/queries.ts'
import { readCase, type Case, type LastLook } from './facts.ts'

/** Questions about a capture that the provider told differently: its present word is compared with our books. */
const ABOUT_CAPTURE = new Set([
  'capture_contradicts',
  'reconciliation_differs',
  'payment_unknown_there',
  'unknown_status',
])
/** Questions about a refund. */
const ABOUT_REFUND = new Set([
  'refund_undecided',
  'refund_differs',
  'refund_exceeds_captured',
  'reconciliation_refund_differs',
  'refund_unknown_there',
])

/**
 * Asks the provider about what an item is about, and settles what it says. Nothing for an item about nothing at a provider,
 * or at one that is set up no longer.
 *
 * @returns whether the provider says, of what the item is about, the same as our books say now; for a payment of nothing
 *   of ours, whether all of it has gone back
 * @throws payment_state_unknown when it does not answer
 */
export async function look(deps: PaymentDeps, item: ItemRow): Promise<{ agrees: boolean }> {
  const seen = await readCase(deps.db, deps, item)
  if (!seen.facts.providerIsHere) return { agrees: false }
  if (item.kind === 'unknown_payment') {
    return { agrees: await hasGoneBack(deps, item) }
  }
  if (seen.payment === undefined) return { agrees: false }
  await askForSure(deps, seen.payment)
  if (ABOUT_CAPTURE.has(item.kind)) return { agrees: await captureAgrees(deps, item, seen) }
  if (ABOUT_REFUND.has(item.kind)) return { agrees: await refundAgrees(deps, item, seen) }
  return { agrees: false }
}

async function captureAgrees(deps: PaymentDeps, item: ItemRow, { payment, attempt }: Case): Promise<boolean> {
  const providerPaymentId = attempt?.provider_payment_id ?? item.provider_ref
  if (payment === undefined || providerPaymentId === null) return false
  const provider = providerOf(deps, payment)
  const fact = await askOnce(deps, payment, 'fetchPayment', { providerPaymentId }, () =>
    provider.fetchPayment(providerPaymentId),
  )
  const ours = { ...payment, payment_id: payment.id, provider_payment_id: providerPaymentId }
  if (fact === undefined || fact === null || !isOf(fact.of, ours)) return false
  // Without what went to a wallet or by a transfer of ours: the provider knows nothing of that.
  const [now] = await findBookedAttempts(deps.db, payment.provider, [providerPaymentId])
  if (now === undefined || now.currency !== fact.currency) return false
  const captured = fact.status === 'captured' ? fact.amount : 0
  return now.captured_amount === captured && (fact.refundedAmount ?? now.refunded_amount) === now.refunded_amount
}

async function refundAgrees(deps: PaymentDeps, item: ItemRow, { payment, attempt }: Case): Promise<boolean> {
  const providerOrderId = payment?.provider_order_id
  if (payment === undefined || attempt === undefined || providerOrderId == null) return false
  const { provider_payment_id: providerPaymentId } = attempt
  const provider = providerOf(deps, payment)
  const found = await askOnce(deps, payment, 'fetchRefunds', { providerPaymentId }, () =>
    provider.fetchRefunds({ providerOrderId, providerPaymentId }),
  )
  const isIt = (fact: RefundFact) =>
    fact.providerRefundId === item.provider_ref || (item.refund_id !== null && fact.ourRefundId === item.refund_id)
  const fact = found?.find(isIt)
  if (fact === undefined) return false
  if (item.kind === 'refund_undecided') await settle(deps, deps.policy, [fact], {}, payment.order_id)
  // It would have taken back more than there was, and did not.
  if (item.kind === 'refund_exceeds_captured' && fact.status === 'failed') return true
  const ours = (await listRefunds(deps.db, [payment.order_id])).find(
    (row) => row.provider_refund_id === fact.providerRefundId || row.id === fact.ourRefundId,
  )
  return (
    ours !== undefined && ours.amount === fact.amount && ours.currency === fact.currency && ours.status === fact.status
  )
}

/**
 * Looks at a payment that belongs to nothing of ours, and books what of it has gone back meanwhile.
 *
 * @returns whether all of it has
 */
async function hasGoneBack(deps: PaymentDeps, item: ItemRow): Promise<boolean> {
  const { provider: name, provider_ref: ref } = item
  if (name === null || ref === null) return false
  const provider = providerOf(deps, { provider: name })
  const subject = { id: null, order_id: null, provider: name }
  const request = { providerPaymentId: ref }
  const fact = await askOnce(deps, subject, 'fetchPayment', request, () => provider.fetchPayment(ref))
  // A payment that has no order there has refunds all the same.
  const refunds =
    (await askOnce(deps, subject, 'fetchRefunds', request, () =>
      provider.fetchRefunds({ providerOrderId: fact ? providerOrderOf(fact.of) : null, providerPaymentId: ref }),
    )) ?? []
  const lastLook: LastLook = {
    at: deps.ports.clock.now().toISOString(),
    status: fact?.status ?? null,
    amount: fact?.amount ?? null,
    refundedAmount: fact?.refundedAmount ?? null,
    refunds: refunds.map(({ providerRefundId, status, amount, currency: of }) => ({
      providerRefundId,
      status,
      amount,
      currency: of,
    })),
  }
  await inTransaction(deps.db, 'lookAtUnknown', async (tx) => {
    const locked = await queries.lockItem(tx, item.id)
    if (locked === undefined || locked.resolved_at !== null) return
    queries.addEvidence(tx, item.id, { lastLook })
    const capture = unknownCaptureCause(name, ref)
    const explained = unknownExplainedCause(name, ref)
    const causes = [capture, explained, ...refunds.map((each) => unknownRefundCause(name, each.providerRefundId))]
    const posted = await findPosted(tx, causes)
    const isBound = (await findBookedAttempts(tx, name, [ref])).length > 0
    if (!posted.has(capture) || posted.has(explained) || isBound) return
    for (const refund of refunds) {
      if (refund.status !== 'processed' || posted.has(unknownRefundCause(name, refund.providerRefundId))) continue
      const movement = unknownRefunded(name, refund.currency, refund.providerRefundId, refund.amount)
      post(tx, deps.ports, refund.currency, null, [movement])
    }
  })
  const arrived = refunds.filter((refund) => refund.status === 'processed').map((refund) => refund.amount)
  return add(...arrived) >= (fact?.amount ?? item.amount ?? Infinity)
}
