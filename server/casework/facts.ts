/** What decides about a review item's actions, read for a whole page at once, or for one item under its locks. */
import { add, subtract } from '../../shared/money.ts'
import { writeOffCause } from '../ledger/movement.ts'
import {
  settledCauses,
  unknownCaptureCause,
  unknownExplainedCause,
  unknownRefundCause,
} from '../ledger/provider-movement.ts'
import { listByCauses, type PostedRow } from '../ledger/queries.ts'
import type { OrderRow } from '../orders/order.ts'
import * as orders from '../orders/queries.ts'
import { findBookedAttempts } from '../payments/books-queries.ts'
import { listDecisions, listWaitingAnswers, type DecisionRow } from '../payments/by-hand/decision-queries.ts'
import { whyNotThrough, type PaymentDeps } from '../payments/context.ts'
import { heldOf, type AttemptRow, type PaymentRow, type RefundRow } from '../payments/money/payment.ts'
import { stakeOf, owedOf } from '../payments/money/refund.ts'
import { isKept, shareOf } from '../payments/money/shares.ts'
import { listPayments, listAttempts, listRefunds } from '../payments/queries.ts'
import type { Db } from '../platform/database.ts'
import * as queries from '../reviews/queries.ts'
import type { ItemRow } from '../reviews/queries.ts'
import { holdsMoney, type CaseFacts } from './actions.ts'

/** A case: its facts, and the rows that they were read from. */
export interface Case {
  facts: CaseFacts
  order: OrderRow | undefined
  payment: PaymentRow | undefined
  attempt: AttemptRow | undefined
  refund: RefundRow | undefined
  /** The decision that it asks a second person about. */
  decision: DecisionRow | undefined
  /** A decision about it that waits for a second person. */
  waiting: DecisionRow | undefined
  /** The captures of its order. */
  captures: AttemptRow[]
}

/** Reads the cases of items, by the items' ids. A bounded number of statements for any number of items. */
export async function readCases(
  db: Db,
  deps: Pick<PaymentDeps, 'providers'>,
  items: readonly ItemRow[],
): Promise<Map<string, Case>> {
  const orderIds = [...new Set(items.flatMap((item) => item.order_id ?? []))]
  const none = orderIds.length === 0
  const [orderRows, parts, paymentRows, attempts, refunds, others, posted, bound, decisions, answers] =
    await Promise.all([
      orders.listOrders(db, orderIds),
      none ? [] : orders.listShopOrders(db, orderIds),
      none ? [] : listPayments(db, orderIds),
      none ? [] : listAttempts(db, orderIds),
      none ? [] : listRefunds(db, orderIds),
      queries.listOpenAbout(db, orderIds),
      listByCauses(db, items.flatMap(suspenseCauses)),
      readBound(db, items),
      listDecisions(
        db,
        items.filter((item) => item.kind === 'decision_approval').map((item) => item.id),
      ),
      listWaitingAnswers(
        db,
        items.map((item) => item.id),
      ),
    ])
  return new Map(
    items.map((item) => {
      const order = orderRows.find((row) => row.id === item.order_id)
      const attempt = attempts.find((row) => row.id === item.attempt_id)
      const payment = paymentRows.find((row) => row.id === item.payment_id)
      const refund = refunds.find((row) => row.id === item.refund_id)
      const decision = decisions.find((row) => row.id === item.id)
      const waiting = answers.find((row) => row.review_item_id === item.id)
      const ofOrder = attempts.filter((row) => row.order_id === item.order_id)
      const earned = add(
        ...parts
          .filter((part) => part.order_id === item.order_id)
          .map((part) => subtract(part.total, part.returned_amount)),
      )
      const facts: CaseFacts = {
        order:
          order === undefined
            ? null
            : { status: order.status, hasExpired: order.status === 'cancelled' && order.cancel_reason === 'expired' },
        hasWallet: order !== undefined && order.user_id !== null,
        providerIsHere: canAsk(deps, item, payment),
        isSendable:
          order === undefined ||
          attempt === undefined ||
          whyNotThrough(deps, attempt, stakeOf(order, earned, ofOrder, attempt, refund), 'sends back') === undefined,
        capture: order === undefined || attempt === undefined ? null : captureFacts(order, attempt, ofOrder, earned),
        refund: refund ?? null,
        decision: decision ?? null,
        isWaiting: waiting !== undefined,
        isAskedElsewhere: others.some(
          (other) => other.id !== item.id && other.attempt_id === item.attempt_id && holdsMoney(other.kind),
        ),
        suspense: heldInSuspense(item, posted),
        isBound: bound.has(`${item.provider}:${item.provider_ref}`) && item.kind === 'unknown_payment',
        isUndecided: ofOrder.some(
          (row) => row.payment_id === item.payment_id && (row.status === 'created' || row.status === 'authorized'),
        ),
      }
      const captures = ofOrder.filter((row) => row.captured_amount > 0)
      return [item.id, { facts, order, payment, attempt, refund, decision, waiting, captures }]
    }),
  )
}

/** The case of one item. In a transaction that holds its locks this is what a decision stands on. */
export async function readCase(db: Db, deps: Pick<PaymentDeps, 'providers'>, item: ItemRow): Promise<Case> {
  const found = (await readCases(db, deps, [item])).get(item.id)
  if (found === undefined) throw new Error(`the case of item ${item.id} was not read`)
  return found
}

function canAsk(deps: Pick<PaymentDeps, 'providers'>, item: ItemRow, payment: PaymentRow | undefined): boolean {
  if (item.kind === 'unknown_payment') return deps.providers.has(item.provider ?? '')
  return payment !== undefined && payment.provider_order_id !== null && deps.providers.has(payment.provider)
}

function captureFacts(
  order: OrderRow,
  attempt: AttemptRow,
  ofOrder: readonly AttemptRow[],
  earned: number,
): CaseFacts['capture'] {
  return {
    disposition: attempt.disposition,
    held: heldOf(attempt),
    owed: owedOf(order, earned, ofOrder, attempt),
    isComparable: attempt.currency === order.currency,
    isOrderPaid: isKept(
      ofOrder.filter((row) => row.id !== attempt.id),
      shareOf(attempt),
    ),
  }
}

/** What we last saw of a payment that belongs to nothing of ours. */
export interface LastLook {
  at: string
  status: string | null
  amount: number | null
  refundedAmount: number | null
  refunds: { providerRefundId: string; status: string; amount: number; currency: string }[]
}

/** Under which causes the ledger has what suspense holds for an item. */
function suspenseCauses(item: ItemRow): string[] {
  const { provider, provider_ref: ref } = item
  if (provider === null || ref === null) return []
  const writtenOff = writeOffCause(item.id)
  if (item.kind === 'settlement_unexplained') return [...settledCauses(provider, ref), writtenOff]
  if (item.kind !== 'unknown_payment') return []
  const seen = item.evidence['lastLook'] as LastLook | undefined
  return [
    unknownCaptureCause(provider, ref),
    unknownExplainedCause(provider, ref),
    writtenOff,
    ...(seen?.refunds ?? []).map((refund) => unknownRefundCause(provider, refund.providerRefundId)),
  ]
}

function heldInSuspense(item: ItemRow, posted: readonly PostedRow[]): number {
  const causes = new Set(suspenseCauses(item))
  const account = `suspense:${item.provider}:${item.currency}`
  return add(
    ...posted
      .filter((transfer) => causes.has(transfer.cause))
      .map(({ amount, credit_account_id: credit, debit_account_id: debit }) =>
        credit === account ? amount : debit === account ? -amount : 0,
      ),
  )
}

/** Which payments that belonged to nothing of ours belong to an order by now. */
async function readBound(db: Db, items: readonly ItemRow[]): Promise<Set<string>> {
  const refs = new Map<string, string[]>()
  for (const { kind, provider, provider_ref: ref } of items) {
    if (kind !== 'unknown_payment' || provider === null || ref === null) continue
    refs.set(provider, [...(refs.get(provider) ?? []), ref])
  }
  const found = await Promise.all(
    [...refs].map(async ([provider, ids]) => {
      const rows = await findBookedAttempts(db, provider, ids)
      return rows.filter((row) => row.captured_amount > 0).map((row) => `${provider}:${row.provider_payment_id}`)
    }),
  )
  return new Set(found.flat())
}
