/**
 * Binding a payment that came without an order of ours. Where reconciliation had found its money before, the books held it
 * in suspense: what is booked now is what it truly was, and suspense is cleared in the same transaction.
 */
import { add } from '../../../shared/money.ts'
import { writeOffCause } from '../../ledger/movement.ts'
import {
  unknownCaptureCause,
  unknownRefundCause,
  unknownExplainedCause,
  unknownExplained,
} from '../../ledger/provider-movement.ts'
import { listByCauses } from '../../ledger/queries.ts'
import { post } from '../../ledger/service.ts'
import { suspenseRestored, unknownRefundExplained } from '../../ledger/suspense-movement.ts'
import * as orders from '../../orders/finding.ts'
import { inTransaction, violatedConstraint, type Tx } from '../../platform/database.ts'
import type { Deps } from '../../platform/deps.ts'
import { AppError, invalidField } from '../../platform/errors.ts'
import { findReviewItems, closeReviewItems } from '../../reviews/queries.ts'
import { lockMoney } from '../change.ts'
import { chooseByName, type PaymentDeps } from '../context.ts'
import { providerOrderOf } from '../money/belonging.ts'
import type { AttemptFact, PaymentFact, RefundFact } from '../money/payment.ts'
import { findPaymentOf } from '../queries.ts'
import { settleUnderLock } from '../settle.ts'
import { askOnce, assertNotReturned, BOUND, insertBound, note, unanswered } from './payment-by-hand.ts'
import type { ByHand } from './second-person.ts'

/**
 * Binds a payment that the provider has, and that belongs to no payment of ours, to an order. What then becomes of it is
 * settle's to say: it confirms the order, waits for a person, or goes back.
 *
 * @throws payment_not_found when the provider does not have it, payment_state_unknown, order_not_found,
 *   invalid_transition when all of it has gone back, validation_failed when it belongs to another order
 */
export async function attachPayment(
  deps: PaymentDeps,
  wanted: { provider: string; providerPaymentId: string; orderId: string; reason: string },
  by: ByHand,
): Promise<void> {
  await orders.getOrder(deps.db, wanted.orderId)
  const whole = await fetchWhole(deps, wanted)
  try {
    await bind(deps, wanted, whole, by)
  } catch (error) {
    // Somebody has bound it to another order at the same moment.
    if (violatedConstraint(error) === 'payments_provider_provider_order_id_key') throw boundElsewhere()
    throw error
  }
}

async function bind(
  deps: PaymentDeps,
  wanted: Parameters<typeof attachPayment>[1],
  { fact, refunds }: Awaited<ReturnType<typeof fetchWhole>>,
  by: ByHand,
): Promise<void> {
  const { provider, providerPaymentId, orderId } = wanted
  await inTransaction(deps.db, 'attachPayment', async (tx) => {
    const money = await lockMoney(tx, orderId)
    await by.answer?.(tx)
    const bound = await findPaymentOf(tx, provider, fact.of)
    if (bound !== undefined && bound.payment.order_id !== orderId) throw boundElsewhere()
    assertNotReturned(money.order)
    let { payments } = money
    if (bound === undefined) {
      const payment = insertBound(deps, tx, money, provider, providerOrderOf(fact.of) ?? providerPaymentId)
      note(deps, tx, payment, 'payment.attached', wanted.reason, by, { providerPaymentId }, BOUND)
      payments = [...payments, payment]
    }
    await settleUnderLock(deps, deps.policy, tx, { ...money, payments }, [fact, ...refunds])
    await explainSuspense(deps, tx, { provider, providerPaymentId, refundIds: idsOf(refunds), orderId })
    const now = deps.ports.clock.now()
    closeReviewItems(tx, [{ cause: unknownPaymentCause(provider, providerPaymentId), resolution: 'attach' }], now)
  })
}

/** A payment with its refunds, as the provider tells them now. What it does not answer leaves nothing changed. */
async function fetchWhole(
  deps: PaymentDeps,
  wanted: { provider: string; providerPaymentId: string; orderId: string },
): Promise<{ fact: AttemptFact; refunds: PaymentFact[] }> {
  const { providerPaymentId } = wanted
  const provider = chooseByName(deps, wanted.provider)
  const subject = { id: null, order_id: wanted.orderId, provider: provider.name }
  const request = { providerPaymentId }
  const found = await askOnce(deps, subject, 'fetchPayment', request, () => provider.fetchPayment(providerPaymentId))
  if (found === undefined || found === null) {
    throw new AppError('payment_not_found', `${provider.name} knows no such payment that has an order there.`)
  }
  const fact: AttemptFact = { ...found, source: 'admin' }
  if (fact.refundedAmount === 0) return { fact, refunds: [] }

  const given = await askOnce(deps, subject, 'fetchRefunds', request, () =>
    provider.fetchRefunds({ providerOrderId: providerOrderOf(fact.of), providerPaymentId }),
  )
  if (given === undefined) throw unanswered(provider.name)
  const refunds = given.map((refund): RefundFact => ({ ...refund, source: 'admin' }))
  const back = add(...refunds.filter((refund) => refund.status !== 'failed').map((refund) => refund.amount))
  if (fact.status === 'captured' && back >= fact.amount) {
    throw new AppError('invalid_transition', 'All of this payment has gone back: it can pay nothing any more.')
  }
  return { fact, refunds }
}

function boundElsewhere(): AppError {
  return invalidField('providerPaymentId', 'belongs to another order')
}

function idsOf(facts: readonly PaymentFact[]): string[] {
  return facts.flatMap((fact) => (fact.kind === 'refund' ? [fact.providerRefundId] : []))
}

/** The cause of the question that reconciliation asks about captured money of nothing of ours. */
export function unknownPaymentCause(provider: string, providerPaymentId: string): string {
  return `unknown_payment:${provider}:${providerPaymentId}`
}

/**
 * Clears what suspense holds of a payment whose order is known now, so that it is not in the books twice. Nothing for a
 * payment that was never there. What a person had written off of it is taken back first.
 *
 * @param refundIds the provider's ids of all its refunds
 */
export async function explainSuspense(
  deps: Deps,
  tx: Tx,
  payment: { provider: string; providerPaymentId: string; refundIds: readonly string[]; orderId: string },
): Promise<void> {
  const { provider, providerPaymentId, orderId } = payment
  const capture = unknownCaptureCause(provider, providerPaymentId)
  const refundOf = new Map(payment.refundIds.map((id) => [unknownRefundCause(provider, id), id]))
  const asked = (await findReviewItems(tx, [unknownPaymentCause(provider, providerPaymentId)])).values().next().value
  const writeOff = writeOffCause(asked?.id ?? '')
  const explained = unknownExplainedCause(provider, providerPaymentId)
  const posted = await listByCauses(tx, [explained, capture, writeOff, ...refundOf.keys()])
  if (posted.some(({ cause }) => cause === explained)) return
  for (const { cause, currency, amount } of posted) {
    const refundId = refundOf.get(cause)
    const movement =
      cause === capture
        ? unknownExplained(provider, currency, providerPaymentId, amount)
        : refundId === undefined
          ? suspenseRestored(provider, currency, amount, asked?.id ?? '')
          : unknownRefundExplained(provider, currency, refundId, amount)
    post(tx, deps.ports, currency, orderId, [movement])
  }
}
