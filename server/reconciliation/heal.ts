/**
 * What the provider proves is settled, through the one door. Healing can be repeated and interrupted at will: what was
 * settled is repeated news the next time.
 *
 * Before anything is changed a line says what is about to be healed, so that a run which dies on the way still tells, when
 * it goes on, what it has done.
 */
import { providerOrderOf } from '../payments/money/belonging.ts'
import type { AttemptFact, PaymentFact } from '../payments/money/payment.ts'
import * as payments from '../payments/settle.ts'
import { asOutage, inTransaction } from '../platform/database.ts'
import { forEachOf } from '../platform/passes.ts'
import * as queries from './queries.ts'
import type { LineRow } from './queries.ts'
import { AT_ONCE, ClaimLost, Refused, Unanswered, type Finding, type Found, type Recorded, type Work } from './work.ts'

/** A step that heals this many things is divided: each may take a call to the provider. */
export const MOST_HEALED = 500

/** Facts of one payment that go through `settle` together. */
export interface Remedy {
  finding: Finding & { orderId: string }
  facts: [PaymentFact, ...PaymentFact[]]
  calls: Recorded[]
  /** The payment's refunds are asked for and settled as well. */
  refundsOf?: AttemptFact
  paymentId: string | null
}

/** Notes down what is about to be healed, and heals it. */
export async function heal(work: Work, remedies: readonly Remedy[]): Promise<void> {
  if (remedies.length === 0) return
  const { deps, run } = work
  const now = deps.ports.clock.now()
  await work.keep()
  await inTransaction(deps.db, 'reconcileIntent', async (tx) => {
    if (!(await queries.lockClaim(tx, run))) throw new ClaimLost()
    queries.writeLines(
      tx,
      run.id,
      remedies.map(({ finding }) => toLine(finding, 'healing', null, deps.ports.ids.uuid(), now)),
    )
  })
  await forEachOf(remedies, AT_ONCE, (remedy) => apply(work, remedy))
}

async function apply(work: Work, remedy: Remedy): Promise<void> {
  const { deps } = work
  const { orderId, providerRef } = remedy.finding
  await work.keep()
  try {
    await payments.settle(deps, deps.policy, remedy.facts, { calls: remedy.calls }, orderId)
    const { refundsOf: payment, paymentId } = remedy
    if (payment === undefined) return
    const { providerPaymentId } = payment
    const providerOrderId = providerOrderOf(payment.of)
    const refunds = await work.fetchRefunds({ orderId, paymentId, providerOrderId, providerPaymentId })
    const [first, ...rest] = refunds?.facts ?? []
    if (first === undefined || refunds === undefined) return
    await payments.settle(deps, deps.policy, [first, ...rest], { calls: [refunds.record] }, orderId)
  } catch (error) {
    if (error instanceof Unanswered || error instanceof Refused || error instanceof ClaimLost) throw error
    if (asOutage(error) !== undefined) throw error
    // The others of this step are not held up; what still differs afterwards is a question for a person.
    deps.log.error({ err: error, orderId, providerRef }, 'what a provider proved could not be settled')
  }
}

/** What this run had begun to heal before it was interrupted, by the provider's id. */
export type Interrupted = ReadonlyMap<string, LineRow>

export async function interrupted(work: Work, subject: Finding['subject']): Promise<Interrupted> {
  const rows = await queries.listHealing(work.deps.db, work.run.id)
  return new Map(rows.filter((row) => row.subject === subject).map((row) => [row.provider_ref, row]))
}

/** Counts what needs nothing; what an interrupted step had healed is told as that. */
export function inOrder(
  found: Found,
  begun: Interrupted,
  subject: Finding['subject'],
  ref: string,
  money: { amount: number; currency: string } | undefined,
): void {
  const line = begun.get(ref)
  if (line !== undefined) found.findings.push(healedBefore(line))
  else if (money !== undefined) found.matched.add(subject, 'matched', money.currency, money.amount)
}

/** The finding of an interrupted step, whose healing has turned out well. */
export function healedBefore(line: LineRow): Finding {
  return {
    subject: line.subject,
    outcome: 'healed',
    providerRef: line.provider_ref,
    orderId: line.order_id,
    ourAmount: line.our_amount,
    theirAmount: line.their_amount,
    currency: line.currency,
    detail: line.detail,
  }
}

export function toLine(
  finding: Finding,
  outcome: LineRow['outcome'],
  item: { id: string; open: boolean } | null,
  id: string,
  now: Date,
): LineRow {
  return {
    id,
    subject: finding.subject,
    outcome,
    provider_ref: finding.providerRef,
    order_id: finding.orderId,
    our_amount: finding.ourAmount,
    their_amount: finding.theirAmount,
    currency: finding.currency,
    detail: finding.detail,
    review_item_id: item?.id ?? null,
    open: item?.open ?? false,
    created_at: now,
  }
}
