/**
 * What must hold whatever happened, for tests: the questions of the running system (server/operations/invariants.ts),
 * and a comparison of our books with the provider's own.
 *
 * `checkInvariants` holds at any moment. `compareWithProvider` is for a system at rest: every webhook processed, every
 * worker idle, nothing lost on the way that nobody has asked about yet.
 */
import { askInvariants } from '../server/operations/invariants.ts'
import { raw, type Db } from '../server/platform/database.ts'

/** Gives one line per violation, which begins with the name of what it violates; none when all is well. Read-only. */
export async function checkInvariants(db: Db): Promise<string[]> {
  const answers = await askInvariants([db], { monotonicMs: () => performance.now() })
  return answers.flatMap(({ violations }) => violations)
}

/** What the sandbox's `GET /razorpay/_sandbox/state` tells, as far as money is concerned. */
export interface ProviderBooks {
  orders: { id: string; amount: number; currency: string }[]
  payments: {
    id: string
    order_id: string
    amount: number
    currency: string
    captured: boolean
    status: string
  }[]
  refunds: { id: string; payment_id: string; amount: number; currency: string; status: string }[]
}

/**
 * Compares our books with the provider's, both ways. Gives one line per difference.
 *
 * @param names under which of our names the provider goes
 */
export async function compareWithProvider(
  db: Db,
  books: ProviderBooks,
  names: readonly string[] = ['razorpay'],
): Promise<string[]> {
  const isIts = `provider = any('{${names.join(',')}}')`
  const [payments, attempts, refunds] = await Promise.all([
    db.many<{ provider_order_id: string; amount: number; currency: string }>(
      'invariant',
      raw(`select provider_order_id, amount, currency from payments
           where provider_order_id is not null and ${isIts}
             -- What a person has attached was asked for by somebody else.
             and not exists (select from events e where e.subject_id = payments.id and e.type = 'payment.attached')`),
    ),
    db.many<{ provider_payment_id: string; provider_order_id: string; captured_amount: number; currency: string }>(
      'invariant',
      raw(`select a.provider_payment_id, p.provider_order_id, a.captured_amount, a.currency
           from payment_attempts a join payments p on p.id = a.payment_id where a.${isIts}`),
    ),
    db.many<{ provider_refund_id: string; amount: number; currency: string }>(
      'invariant',
      raw(`select provider_refund_id, amount, currency from refunds
           where status = 'processed' and destination = 'source'`),
    ),
  ])
  const ours = [
    ...payments.map((row) => `order ${row.provider_order_id} asks ${row.amount} ${row.currency}`),
    ...attempts
      .filter((row) => row.captured_amount > 0)
      .map((row) => captureLine(row.provider_payment_id, row.provider_order_id, row.captured_amount, row.currency)),
    ...refunds.map((row) => `refund ${row.provider_refund_id} of ${row.amount} ${row.currency}`),
  ]
  const known = new Set(payments.map((row) => row.provider_order_id))
  const captured = books.payments.filter((payment) => payment.captured)
  const capturedIds = new Set(captured.map((payment) => payment.id))
  const theirs = [
    // An order that nobody was shown, made by a call whose answer got lost, is harmless: unless it was paid.
    ...books.orders
      .filter((order) => known.has(order.id))
      .map((order) => `order ${order.id} asks ${order.amount} ${order.currency}`),
    ...captured.map((payment) => captureLine(payment.id, payment.order_id, payment.amount, payment.currency)),
    // What goes back of an authorization that was never captured is no refund of ours.
    ...books.refunds
      .filter((refund) => refund.status === 'processed' && capturedIds.has(refund.payment_id))
      .map((refund) => `refund ${refund.id} of ${refund.amount} ${refund.currency}`),
  ]
  return [
    ...without(ours, theirs).map((line) => `only in our books: ${line}`),
    ...without(theirs, ours).map((line) => `only in the provider's books: ${line}`),
  ]
}

function captureLine(paymentId: string, orderId: string, amount: number, currency: string): string {
  return `payment ${paymentId} of ${orderId} captured ${amount} ${currency}`
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others)
  return lines.filter((line) => !known.has(line))
}
