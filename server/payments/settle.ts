/**
 * THE door. Whatever we learn of a payment, from whomever, becomes a fact and passes here: one transaction that locks
 * the order, reads again, decides, and writes everything that follows: attempt, payment, order, stock, ledger, refunds,
 * review items, timeline. Any facts, any number of times, in any order, from any number of processes, end the same.
 *
 * What it does not do: call a provider, or trust anything but ids that we stored, or set ourselves with our key, to say
 * which payment a fact is of.
 */
import { stockLines } from '../orders/changes.ts'
import type { OrderRow } from '../orders/order.ts'
import type { Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { inGroup } from '../platform/groups.ts'
import { couldRevive, lockMoney, writeOutcome } from './change.ts'
import { paymentOf } from './money/belonging.ts'
import type { Outcome, Policy } from './money/draft.ts'
import { applyFacts } from './money/outcome.ts'
import { decide, type Decision } from './money/decide.ts'
import type { AttemptRow, Money, PaymentFact, PaymentRow } from './money/payment.ts'
import type { NewProviderCall } from './providers/call-queries.ts'
import { findPaymentOf } from './queries.ts'

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
 * @param facts at least one, all of one payment
 * @param orderId the order that has this payment
 * @returns undefined when it has none; then nothing was written
 */
export async function settle(
  deps: Deps,
  policy: Policy,
  facts: Facts,
  news: News,
  orderId: string,
): Promise<Settled | undefined> {
  return inGroup(deps.db, { lane: 'settling', name: 'settle', key: orderId }, async (tx) => {
    const money = await lockMoney(tx, orderId)
    const payment = onlyPaymentOf(facts, money)
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
 * Looks, without a lock, which order these facts belong to and whether they are old news: attempts that are known to have
 * come this far. Attempts only move forward, so what is old news now stays old news, and most of what providers send is:
 * each capture is told three times.
 *
 * @returns undefined when they are of no payment that we know
 */
export async function whoseNews(deps: Deps, facts: Facts): Promise<{ orderId: string; old: boolean } | undefined> {
  const found = await findAnyOf(deps, facts)
  if (found === undefined) return undefined
  const old = facts.every((fact) => {
    if (fact.kind !== 'attempt') return false
    const known = found.attempts.find((row) => row.provider_payment_id === fact.providerPaymentId)
    if (known === undefined || (fact.fee !== null && known.fee === null)) return false
    // An order's own state plays no part in what is repeated or stale.
    const order = { status: 'pending', cancel_reason: null, total: 0, wallet_amount: 0 } as const
    const { kind } = decide(
      { order, payments: [found.payment], attempts: found.attempts, refunds: [], stockFree: false },
      fact,
    )
    return kind === 'repeated' || kind === 'stale'
  })
  return { orderId: found.payment.order_id, old }
}

/** The payment of the first fact that names one of ours: an event may name its payment in one part and its capture in another. */
async function findAnyOf(deps: Deps, facts: Facts): ReturnType<typeof findPaymentOf> {
  const asked = new Set<string>()
  for (const { provider, of } of facts) {
    const key = JSON.stringify([provider, of])
    if (asked.has(key)) continue
    asked.add(key)
    const found = await findPaymentOf(deps.db, provider, of)
    if (found !== undefined) return found
  }
  return undefined
}

/** The payment that these facts are of. Those that name none of ours yet go with the others of the same news. */
function onlyPaymentOf(facts: Facts, money: Money): PaymentRow | undefined {
  const named = new Set(facts.flatMap((fact) => paymentOf(money, fact) ?? []))
  if (named.size > 1) throw new Error('facts of two payments cannot be settled as one')
  return [...named][0]
}

function merged(before: readonly AttemptRow[], changed: readonly AttemptRow[]): AttemptRow[] {
  const rows = new Map([...before, ...changed].map((row) => [row.id, row]))
  return [...rows.values()]
}
