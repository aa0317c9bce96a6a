/**
 * THE door. Whatever we learn of a payment, from whomever, becomes a fact and passes here: one transaction that locks
 * the order, reads again, decides, and writes everything that follows: attempt, payment, order, stock, ledger, refunds,
 * review items, timeline. Any facts, any number of times, in any order, from any number of processes, end the same.
 *
 * What it does not do: call a provider, or trust anything but the id that we stored to say which payment a fact is of.
 */
import { stockLines } from '../orders/changes.ts'
import type { OrderRow } from '../orders/order.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { couldRevive, lockMoney, writeOutcome } from './change.ts'
import type { Outcome, Policy } from './money/draft.ts'
import { applyFacts } from './money/outcome.ts'
import {
  decide,
  paymentOf,
  type AttemptRow,
  type Decision,
  type Money,
  type PaymentFact,
  type PaymentRow,
} from './money/payment.ts'
import type { NewProviderCall } from './providers/call-queries.ts'
import { findByProviderOrder } from './queries.ts'

export interface Settled {
  orderId: string
  decisions: Decision[]
  /** As they are after this transaction. */
  order: Pick<OrderRow, 'status' | 'payment_status'>
  /** It was this transaction that confirmed the order. */
  confirmedNow: boolean
  payment: Pick<PaymentRow, 'id' | 'status'>
  /** All attempts of the order. */
  attempts: AttemptRow[]
}

/** What is written in the same transaction because it is part of the same news. */
export interface News {
  calls?: readonly NewProviderCall[]
  /** What else belongs to this news, such as the inbox row that it was read from: written when all of it was settled. */
  inSameTransaction?: (tx: Tx) => void
}

type Facts = readonly [PaymentFact, ...PaymentFact[]]

/**
 * Applies facts of one payment.
 *
 * @param facts at least one, all of one provider order
 * @param orderId the order whose payment has this provider order id
 * @returns undefined when it has none; then nothing was written
 */
export async function settle(
  deps: Deps,
  policy: Policy,
  facts: Facts,
  news: News,
  orderId: string,
): Promise<Settled | undefined> {
  return inTransaction(deps.db, 'settle', async (tx) => {
    const money = await lockMoney(tx, orderId)
    const payment = paymentOf(money, facts[0])
    if (payment === undefined) return undefined
    const outcome = await settleUnderLock(deps, policy, tx, money, facts, news.calls)
    const early = outcome.decisions.some((decision) => decision.kind === 'early')
    if (!early) news.inSameTransaction?.(tx)
    return {
      orderId,
      decisions: outcome.decisions,
      order: {
        status: outcome.confirm === undefined ? money.order.status : 'confirmed',
        payment_status: outcome.orderPaymentStatus ?? money.order.payment_status,
      },
      confirmedNow: outcome.confirm !== undefined,
      payment: outcome.payments.find((row) => row.id === payment.id) ?? payment,
      attempts: merged(money.attempts, outcome.attempts),
    }
  })
}

/**
 * Applies facts of payments of one order in the caller's transaction, which holds the locks of the order and its payments.
 *
 * @param money as it is under the lock
 */
export async function settleUnderLock(
  deps: Deps,
  policy: Policy,
  tx: Tx,
  money: Money,
  facts: readonly PaymentFact[],
  calls: readonly NewProviderCall[] = [],
): Promise<Outcome> {
  const captures = facts.some((fact) => fact.kind === 'attempt' && fact.status === 'captured')
  const stock = stockLines(money.lines)
  const stockFree = captures && (await couldRevive(tx, money.order, stock))
  const now = deps.ports.clock.now()
  const outcome = applyFacts({ ...money, stockFree }, facts, policy, { now, uuid: () => deps.ports.ids.uuid() })
  writeOutcome(tx, deps, money, stock, outcome, calls, now)
  return outcome
}

/**
 * Looks, without a lock, which order a provider's order id belongs to and whether these facts are old news: attempts that
 * are known to have come this far. Attempts only move forward, so what is old news now stays old news, and most of what
 * providers send is: each capture is told three times.
 *
 * @returns undefined when no payment of ours has this provider order id
 */
export async function whoseNews(deps: Deps, facts: Facts): Promise<{ orderId: string; old: boolean } | undefined> {
  const { provider, providerOrderId } = facts[0]
  const found = await findByProviderOrder(deps.db, provider, providerOrderId)
  if (found === undefined) return undefined
  const old = facts.every((fact) => {
    if (fact.kind !== 'attempt') return false
    const known = found.attempts.find((row) => row.provider_payment_id === fact.providerPaymentId)
    if (known === undefined || (fact.fee !== null && known.fee === null)) return false
    // An order's own state plays no part in what is repeated or stale.
    const order = { status: 'pending', cancel_reason: null } as const
    const { kind } = decide(
      { order, payments: [found.payment], attempts: found.attempts, refunds: [], stockFree: false },
      fact,
    )
    return kind === 'repeated' || kind === 'stale'
  })
  return { orderId: found.payment.order_id, old }
}

function merged(before: readonly AttemptRow[], changed: readonly AttemptRow[]): AttemptRow[] {
  const rows = new Map([...before, ...changed].map((row) => [row.id, row]))
  return [...rows.values()]
}
