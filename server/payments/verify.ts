/**
 * The shopper comes back from the provider, with a signature or without: a promise, which the provider itself is asked to
 * keep.
 */
import type { OrderMoney, VerifiedPayment } from '../../shared/contract/payments.ts'
import { getOrder } from '../orders/finding.ts'
import type { OrderRow } from '../orders/order.ts'
import { raiseAlert } from '../platform/alerts.ts'
import { inTransaction } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { insertEvents } from '../timeline/queries.ts'
import { call, type PaymentDeps } from './context.ts'
import { moneyOfOrders } from './listing.ts'
import { isOf } from './money/belonging.ts'
import { moneyOf } from './money/money-of.ts'
import { isOpen, type AttemptRow, type PaymentFact, type PaymentRow } from './money/payment.ts'
import { askProvider } from './poll.ts'
import * as queries from './providers/call-queries.ts'
import type { Returned } from './providers/provider.ts'
import { findPayment } from './queries.ts'
import { settle } from './settle.ts'
import { toVerified } from './views.ts'

/** A browser tries again when the network fails, every few seconds for some minutes. */
const CLAIMS_PER_ORDER_AND_MINUTE = 30
/** No honest browser brings a signature that is not valid. */
const REFUSED_PER_ORDER_AND_MINUTE = 10

/**
 * Takes what the shopper's browser brought back from the provider. A valid signature makes the payment `verified`; the
 * provider is asked at once, so that most shoppers need not wait for the webhook. Both go through `settle` together. What
 * is not signed, because the provider signs nothing, earns the question alone.
 *
 * @param known the order's payments and attempts
 * @param place `return`: anybody can send it, so a signature that is not valid leaves nothing behind but a figure;
 *   `verify`: whoever may see the order, and the first refused one of a minute is in its timeline, with an alert
 * @throws invalid_signature; rate_limited by the order, whoever asks and from where
 */
export async function verifyPayment(
  deps: PaymentDeps,
  order: OrderRow,
  known: { payments: readonly PaymentRow[]; attempts: readonly AttemptRow[] },
  returned: Returned,
  place: 'verify' | 'return' = 'verify',
): Promise<VerifiedPayment> {
  const read = readReturned(deps, known.payments, returned)
  if (read?.verdict.verdict === 'unsigned') return askAbout(deps, order, read.payment)
  if (read?.verdict.verdict !== 'signed') throw await refuseSignature(deps, order, known.payments.at(-1), place)
  const { payment, provider, providerOrderId } = read
  const { providerPaymentId } = read.verdict

  const attempt = known.attempts.find(
    (row) => row.payment_id === payment.id && row.provider_payment_id === providerPaymentId,
  )
  const captured = attempt !== undefined && attempt.captured_amount > 0
  if (captured && attempt.claimed) {
    const now = await getOrder(deps.db, order.id)
    return toVerified(now, payment, await readMoney(deps, now))
  }
  // Each of these asks the provider, and leaves a record of it.
  await deps.limiter.count('payments.claim', order.id, CLAIMS_PER_ORDER_AND_MINUTE)

  const calls: queries.NewProviderCall[] = []
  const facts: [PaymentFact, ...PaymentFact[]] = [
    { kind: 'signature', provider: provider.name, of: { providerOrderId }, source: 'verify', providerPaymentId },
  ]
  // Known as captured already, most often by a webhook that was faster: there is nothing to ask.
  if (!captured) {
    const ask = () => provider.fetchPayment(providerPaymentId)
    const fetched = await call(deps, payment, 'fetchPayment', { providerPaymentId }, ask, 2)
    calls.push(fetched.record)
    const fact = fetched.reply.outcome === 'accepted' ? fetched.reply.value : null
    const ours = { ...payment, payment_id: payment.id, provider_payment_id: providerPaymentId }
    if (fact !== null && isOf(fact.of, ours)) facts.push({ ...fact, source: 'verify' })
  }
  const settled = await settle(deps, deps.policy, facts, { calls }, order.id)
  if (settled === undefined) throw new Error(`payment ${payment.id} vanished`)
  const after = { ...order, ...settled.order }
  // Most shoppers come with the news that pays their order: then there is nothing else to be read.
  const money = settled.confirmedNow
    ? moneyOf(after, [{ total: order.total, returned_amount: 0 }], settled.attempts, [])
    : await readMoney(deps, after)
  return toVerified(after, settled.payment, money)
}

async function readMoney(deps: PaymentDeps, order: OrderRow): Promise<OrderMoney[]> {
  return (await deps.db.together((reads) => moneyOfOrders(reads, [order]))).get(order.id) ?? []
}

/** What is the worth of what the browser brought; undefined when it speaks of none of these payments. */
export function worthOf(
  deps: PaymentDeps,
  payments: readonly PaymentRow[],
  returned: Returned,
): 'signed' | 'forged' | 'unsigned' | undefined {
  return readReturned(deps, payments, returned)?.verdict.verdict
}

/** A proof counts before a forgery, which is that of another payment's proof too; and a forgery before what proves nothing. */
const WEIGHT = { signed: 3, forged: 2, unsigned: 1, notMine: 0 } as const

/** The payment of this order that the browser's word is about. */
function readReturned(deps: PaymentDeps, payments: readonly PaymentRow[], returned: Returned) {
  return payments
    .flatMap((payment) => {
      const provider = deps.providers.get(payment.provider)
      const providerOrderId = payment.provider_order_id
      if (provider === undefined || providerOrderId === null) return []
      const verdict = provider.readReturn({ providerOrderId }, returned)
      return verdict.verdict === 'notMine' ? [] : { payment, provider, providerOrderId, verdict }
    })
    .toSorted((one, other) => WEIGHT[other.verdict.verdict] - WEIGHT[one.verdict.verdict])[0]
}

/** What becomes of a payment whose shopper has come back without a proof: only its provider can say. */
async function askAbout(deps: PaymentDeps, order: OrderRow, payment: PaymentRow): Promise<VerifiedPayment> {
  await deps.limiter.count('payments.claim', order.id, CLAIMS_PER_ORDER_AND_MINUTE)
  if (isOpen(payment.status)) await askProvider(deps, payment, { capture: true })
  const [after, now] = await Promise.all([getOrder(deps.db, order.id), findPayment(deps.db, payment.id)])
  return toVerified(after, now ?? payment, await readMoney(deps, after))
}

async function refuseSignature(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow | undefined,
  place: 'verify' | 'return',
): Promise<AppError> {
  const refusal = new AppError('invalid_signature', 'The signature does not belong to this payment.')
  deps.ports.metrics.count('hundi_signatures_refused_total', { place })
  const nth = await deps.limiter.count('payments.refused', order.id, REFUSED_PER_ORDER_AND_MINUTE)
  if (place === 'return' || nth > 1) return refusal
  await inTransaction(deps.db, 'refuseSignature', async (tx) => {
    insertEvents(
      tx,
      [
        {
          orderId: order.id,
          type: 'payment.signature_refused',
          subject: 'payment',
          subjectId: payment?.id ?? null,
          actor: 'shopper',
          source: 'verify',
        },
      ],
      deps.ports.clock.now(),
    )
    await raiseAlert(tx, deps.ports, {
      kind: 'invalid_signature',
      key: 'verify',
      summary: `A payment of order ${order.number} was claimed with a signature that is not valid.`,
    })
  })
  deps.log.warn({ orderId: order.id }, 'verify with an invalid signature')
  return refusal
}
