/**
 * Binding a payment that came without an order of ours. Where reconciliation had found its money before, the books held it
 * in suspense: what is booked now is what it truly was, and suspense is cleared in the same transaction.
 */
import { add } from '../../shared/money.ts'
import * as ledger from '../ledger/service.ts'
import * as orders from '../orders/service.ts'
import { inTransaction, violatedConstraint, type Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { BOUND, insertBound, note } from './by-hand.ts'
import { findReviewItems } from './books-queries.ts'
import { lockMoney } from './change.ts'
import { call, type PaymentDeps } from './context.ts'
import type { AttemptFact, PaymentFact, RefundFact } from './payment.ts'
import * as queries from './queries.ts'
import type { ByHand } from './refund-by-hand.ts'
import { settleUnderLock } from './settle.ts'

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
  { fact, refunds, calls }: Awaited<ReturnType<typeof fetchWhole>>,
  by: ByHand,
): Promise<void> {
  const { provider, providerPaymentId, orderId } = wanted
  await inTransaction(deps.db, 'attachPayment', async (tx) => {
    const money = await lockMoney(tx, orderId)
    await by.answer?.(tx)
    const bound = await queries.findByProviderOrder(tx, provider, fact.providerOrderId)
    if (bound !== undefined && bound.payment.order_id !== orderId) throw boundElsewhere()
    let payment = money.payments.find((row) => row.id === bound?.payment.id)
    if (payment === undefined) {
      payment = insertBound(deps, tx, money, provider, fact.providerOrderId)
      note(deps, tx, payment, 'payment.attached', wanted.reason, by, { providerPaymentId }, BOUND)
    }
    await explainSuspense(deps, tx, { provider, providerPaymentId, refundIds: idsOf(refunds), orderId })
    await settleUnderLock(deps, deps.policy, tx, money, payment, [fact, ...refunds], calls)
    const now = deps.ports.clock.now()
    queries.closeReviewItems(tx, [{ cause: unknownCause(provider, providerPaymentId), resolution: 'attach' }], now)
  })
}

/** A payment with its refunds, as the provider tells them now. What it does not answer leaves nothing changed. */
async function fetchWhole(
  deps: PaymentDeps,
  wanted: { provider: string; providerPaymentId: string; orderId: string },
): Promise<{ fact: AttemptFact; refunds: PaymentFact[]; calls: queries.NewProviderCall[] }> {
  const { providerPaymentId } = wanted
  const provider = deps.providers.get(wanted.provider)
  if (provider === undefined) throw invalidField('provider', `is not one of: ${[...deps.providers.keys()].join(', ')}`)
  const subject = { id: null, order_id: wanted.orderId, provider: wanted.provider }
  const refuse = async (record: queries.NewProviderCall, error: AppError) => {
    await queries.recordProviderCall(deps.db.alone, record)
    return error
  }
  const fetched = await call(
    deps,
    subject,
    'fetchPayment',
    { providerPaymentId },
    () => provider.fetchPayment(providerPaymentId),
    2,
  )
  if (fetched.reply.outcome === 'unknown') throw await refuse(fetched.record, unanswered(wanted.provider))
  const found = fetched.reply.outcome === 'accepted' ? fetched.reply.value : null
  if (found === null) {
    const none = new AppError('payment_not_found', `${wanted.provider} knows no such payment that has an order there.`)
    throw await refuse(fetched.record, none)
  }
  const fact: AttemptFact = { ...found, source: 'admin' }
  if (fact.refundedAmount === 0) return { fact, refunds: [], calls: [fetched.record] }

  await queries.recordProviderCall(deps.db.alone, fetched.record)
  const given = await call(
    deps,
    subject,
    'fetchRefunds',
    { providerPaymentId },
    () => provider.fetchRefunds(fact.providerOrderId, providerPaymentId),
    2,
  )
  if (given.reply.outcome !== 'accepted') throw await refuse(given.record, unanswered(wanted.provider))
  const refunds = given.reply.value.map((refund): RefundFact => ({ ...refund, source: 'admin' }))
  const back = add(...refunds.filter((refund) => refund.status !== 'failed').map((refund) => refund.amount))
  if (fact.status === 'captured' && back >= fact.amount) {
    const gone = new AppError('invalid_transition', 'All of this payment has gone back: it can pay nothing any more.')
    throw await refuse(given.record, gone)
  }
  return { fact, refunds, calls: [given.record] }
}

function boundElsewhere(): AppError {
  return invalidField('providerPaymentId', 'belongs to another order')
}

function unanswered(provider: string): AppError {
  return new AppError('payment_state_unknown', `${provider} does not answer. Try again in a minute.`)
}

function idsOf(facts: readonly PaymentFact[]): string[] {
  return facts.flatMap((fact) => (fact.kind === 'refund' ? [fact.providerRefundId] : []))
}

/** The cause of the question that reconciliation asks about captured money of nothing of ours. */
function unknownCause(provider: string, providerPaymentId: string): string {
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
  const capture = ledger.unknownCaptureCause(provider, providerPaymentId)
  const refundOf = new Map(payment.refundIds.map((id) => [ledger.unknownRefundCause(provider, id), id]))
  const asked = (await findReviewItems(tx, [unknownCause(provider, providerPaymentId)])).values().next().value
  const writeOff = ledger.writeOffCause(asked?.id ?? '')
  const explained = ledger.unknownExplainedCause(provider, providerPaymentId)
  const posted = await ledger.listByCauses(tx, [explained, capture, writeOff, ...refundOf.keys()])
  if (posted.some(({ cause }) => cause === explained)) return
  for (const { cause, currency, amount } of posted) {
    const refundId = refundOf.get(cause)
    const movement =
      cause === capture
        ? ledger.unknownExplained(provider, currency, providerPaymentId, amount)
        : refundId === undefined
          ? ledger.suspenseRestored(provider, currency, amount, asked?.id ?? '')
          : ledger.unknownRefundExplained(provider, currency, refundId, amount)
    ledger.post(tx, deps.ports, currency, orderId, [movement])
  }
}
