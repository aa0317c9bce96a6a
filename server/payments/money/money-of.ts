/** What became of the money of an order: sums of its attempts and refunds, never of what it costs. Pure. */
import type { OrderMoney } from '../../../shared/contract/payments.ts'
import { add, smaller, subtract } from '../../../shared/money.ts'
import type { OrderRow, ShopOrderRow } from '../../orders/order.ts'
import { heldOf, type AttemptRow, type RefundRow } from './payment.ts'
import { owedBy } from './refund.ts'

type Sums = Omit<OrderMoney, 'currency'>

const NOTHING: Sums = {
  captured: 0,
  kept: 0,
  heldForReview: 0,
  goingBack: 0,
  goneBack: 0,
  failedToGoBack: 0,
  authorized: 0,
}

/**
 * The money of one order, one row per currency in which there is any: the order's own first, then by name. In each row
 * captured = kept + heldForReview + goingBack + goneBack + failedToGoBack.
 *
 * @param parts of the order; what their sales have earned is what the money of a confirmed order is kept for
 * @param attempts all of the order
 * @param refunds all of the order
 */
export function moneyOf(
  order: Pick<OrderRow, 'status' | 'currency' | 'total'>,
  parts: readonly Pick<ShopOrderRow, 'total' | 'returned_amount'>[],
  attempts: readonly AttemptRow[],
  refunds: readonly RefundRow[],
): OrderMoney[] {
  const earned = add(...parts.map((part) => subtract(part.total, part.returned_amount)))
  // What the order owes is owed of the captures that pay it, of one after the other.
  let owed = owedBy(order, earned, attempts)
  const rows = new Map<string, Sums>()
  for (const attempt of attempts) {
    const own = refunds.filter((refund) => refund.attempt_id === attempt.id)
    const isPaying = attempt.disposition === 'kept' && attempt.currency === order.currency
    const owedHere = isPaying ? smaller(heldOf(attempt), owed) : heldOf(attempt)
    if (isPaying) owed = subtract(owed, owedHere)
    const sums = sumsOf(attempt, own, owedHere)
    if (sums.captured === 0 && sums.authorized === 0) continue
    rows.set(attempt.currency, added(rows.get(attempt.currency) ?? NOTHING, sums))
  }
  return [...rows]
    .map(([currency, sums]) => ({ currency, ...sums }))
    .sort(
      (a, b) =>
        Number(b.currency === order.currency) - Number(a.currency === order.currency) ||
        a.currency.localeCompare(b.currency),
    )
}

/** @param owed what of the attempt's money no sale stands for */
function sumsOf(attempt: AttemptRow, refunds: readonly RefundRow[], owed: number): Sums {
  const { captured_amount: captured, refunded_amount: goneBack, written_off_amount: writtenOff } = attempt
  if (captured === 0) return { ...NOTHING, authorized: attempt.status === 'authorized' ? attempt.amount : 0 }
  // What a second person has not agreed to has not left.
  const proposed = sumOf(refunds.filter((refund) => refund.approval === 'pending'))
  const goingBack = subtract(subtract(attempt.refunding_amount, goneBack), proposed)
  const still = add(heldOf(attempt), proposed)
  const sums = { ...NOTHING, captured, goneBack, goingBack, kept: writtenOff }
  if (attempt.disposition === 'review') return { ...sums, heldForReview: still }
  if (attempt.disposition === 'kept') {
    return { ...sums, failedToGoBack: owed, kept: add(writtenOff, subtract(still, owed)) }
  }
  // Money that paid for nothing was to go back whole. Where nobody has tried that yet, a person was to decide.
  const failed = sumOf(refunds.filter((refund) => refund.status === 'failed' && refund.approval !== 'declined'))
  const failedToGoBack = smaller(still, failed)
  return { ...sums, failedToGoBack, heldForReview: subtract(still, failedToGoBack) }
}

function added(a: Sums, b: Sums): Sums {
  return {
    captured: add(a.captured, b.captured),
    kept: add(a.kept, b.kept),
    heldForReview: add(a.heldForReview, b.heldForReview),
    goingBack: add(a.goingBack, b.goingBack),
    goneBack: add(a.goneBack, b.goneBack),
    failedToGoBack: add(a.failedToGoBack, b.failedToGoBack),
    authorized: add(a.authorized, b.authorized),
  }
}

function sumOf(refunds: readonly RefundRow[]): number {
  return add(...refunds.map((refund) => refund.amount))
}
