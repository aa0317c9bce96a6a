/**
 * Asking. Payments that are due for a look are claimed and asked about, one after the other, until the provider is sure
 * or its window has passed; then a person is told. Webhooks make this faster and are never needed.
 */
import { updatePaymentStatus } from '../orders/change-queries.ts'
import { getOrder } from '../orders/finding.ts'
import { lockOrder } from '../orders/queries.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { forEachOf, type Pass } from '../platform/passes.ts'
import { openReviewItem, insertReviewItem } from '../reviews/queries.ts'
import { insertEvents } from '../timeline/queries.ts'
import { call, isResting, providerOf, type PaymentDeps } from './context.ts'
import { lastLook, nextLook, repeatedLastLook, soonAfterUnknown } from './money/looks.ts'
import {
  differs,
  foldGivenUp,
  waitsForPerson,
  type Money,
  type AttemptRow,
  type PaymentFact,
  type PaymentRow,
} from './money/payment.ts'
import { authorizationReview } from './money/review.ts'
import { openPayment } from './open.ts'
import { recordProviderCall, type NewProviderCall } from './providers/call-queries.ts'
import {
  claimDuePayments,
  abandonCreating,
  listPaymentsWithAttempts,
  scheduleLook,
  markAbandoned,
  findPayment,
} from './queries.ts'
import { settle, type Settled } from './settle.ts'

const BATCH = 20
/** Calls that wait at the provider at the same time. */
const CONCURRENCY = 5
/** Longer than a look takes at worst: two calls of five seconds, twice tried, and their transactions. */
const LEASE_MS = 60_000

export function pollPass(deps: PaymentDeps): Pass {
  return {
    name: 'payments.poll',
    intervalMs: 1_000,
    async runOnce() {
      const now = deps.ports.clock.now()
      const until = new Date(now.getTime() + LEASE_MS)
      const due = await claimDuePayments(deps.db.alone, now, until, BATCH, deps.breaker.resting())
      // The first that is asked after an outage finds out whether it is over; until then the others would be turned away.
      const atOnce = due.every(({ provider }) => deps.breaker.isClosed(provider)) ? CONCURRENCY : 1
      await forEachOf(due, atOnce, (payment) => look(deps, payment))
      return due.length
    },
  }
}

/** Asks about one claimed payment and plans its next look. */
async function look(deps: PaymentDeps, payment: PaymentRow): Promise<void> {
  try {
    if (isResting(deps, payment)) {
      await planNextLook(deps, payment, 'unknown')
      return
    }
    if (payment.status === 'creating') {
      await finishCreating(deps, payment)
      return
    }
    // One that is set up no longer says nothing; its payments are given up in time like all others.
    const answered = deps.providers.has(payment.provider) && (await askProvider(deps, payment, { capture: true }))
    const answeredPlan = payment.status === 'abandoned' ? 'open' : payment.look_plan
    await planNextLook(deps, payment, answered ? answeredPlan : 'unknown')
  } catch (error) {
    // The claim lapses and the payment is due again; the others of this batch are not held up.
    deps.log.error({ err: error, paymentId: payment.id, orderId: payment.order_id }, 'a look at a payment failed')
  }
}

/** Goes on with a payment whose opening had no answer, if its order still waits for it. */
async function finishCreating(deps: PaymentDeps, payment: PaymentRow): Promise<void> {
  const order = await getOrder(deps.db, payment.order_id)
  if (order.status !== 'pending') {
    // Nobody ever saw a provider order of this payment, so nobody can have paid it.
    await inTransaction(deps.db, 'abandonPayment', async (tx) => {
      await lockOrder(tx, order.id)
      if (await abandonCreating(tx, payment.id, deps.ports.clock.now())) noteAbandoned(deps, tx, payment)
    })
    return
  }
  try {
    await openPayment(deps, order, payment, { mayExist: true })
  } catch (error) {
    // Refused: its payment is closed, and a person is asked.
    if (error instanceof AppError && error.code === 'payment_refused') return
    if (!(error instanceof AppError && error.code === 'provider_unavailable')) throw error
    await planNextLook(deps, await current(deps, payment), 'unknown')
  }
}

/**
 * Asks for all attempts of a payment and settles them.
 *
 * @param options.capture captures what is authorized and still wanted; not for an order that is about to be cancelled
 * @returns whether the provider answered
 */
export async function askProvider(
  deps: PaymentDeps,
  payment: PaymentRow,
  options: { capture: boolean },
): Promise<boolean> {
  const provider = providerOf(deps, payment)
  const providerOrderId = payment.provider_order_id
  if (providerOrderId === null) return false
  const fetched = await call(
    deps,
    payment,
    'fetchOrderPayments',
    { providerOrderId },
    () => provider.fetchOrderPayments(providerOrderId),
    2,
  )
  if (fetched.reply.outcome !== 'accepted') {
    await recordProviderCall(deps.db.alone, fetched.record)
    return false
  }
  const settled = await settleAll(deps, payment, fetched.reply.value, fetched.record)
  if (settled === undefined) return true
  const read = await readRefunds(deps, payment, fetched.reply.value, settled.attempts)
  return read && (!options.capture || (await captureAuthorized(deps, payment)))
}

/** Asks for the refunds of attempts of which the provider has sent back another amount than we know of. */
async function readRefunds(
  deps: PaymentDeps,
  payment: PaymentRow,
  facts: readonly PaymentFact[],
  attempts: readonly AttemptRow[],
): Promise<boolean> {
  const provider = providerOf(deps, payment)
  let answered = true
  for (const fact of facts) {
    if (fact.kind !== 'attempt' || fact.refundedAmount === null) continue
    const { providerPaymentId } = fact
    const of = { providerOrderId: payment.provider_order_id, providerPaymentId }
    const known = attempts.find((row) => row.provider_payment_id === providerPaymentId)
    if (known === undefined || known.captured_amount === 0 || known.refunded_amount === fact.refundedAmount) continue
    const ask = () => provider.fetchRefunds(of)
    const fetched = await call(deps, payment, 'fetchRefunds', { providerPaymentId }, ask, 2)
    if (fetched.reply.outcome !== 'accepted') answered = false
    await settleAll(deps, payment, fetched.reply.outcome === 'accepted' ? fetched.reply.value : [], fetched.record)
  }
  return answered
}

async function settleAll(
  deps: PaymentDeps,
  payment: PaymentRow,
  facts: readonly PaymentFact[],
  record: NewProviderCall,
): Promise<Settled | undefined> {
  const [first, ...rest] = facts
  if (first === undefined) {
    await recordProviderCall(deps.db.alone, record)
    return undefined
  }
  return settle(deps, deps.policy, [first, ...rest], { calls: [record] }, payment.order_id)
}

/**
 * Captures an authorized attempt, if the order still wants it. An authorization for a dead order is left to lapse; about
 * one of another amount or currency a person is asked; and while other money of the order waits for a person no more is
 * taken.
 */
async function captureAuthorized(deps: PaymentDeps, payment: PaymentRow): Promise<boolean> {
  const [order, known] = await deps.db.together((reads) =>
    Promise.all([getOrder(reads, payment.order_id), listPaymentsWithAttempts(reads, payment.order_id)]),
  )
  const now = known.payments.find((row) => row.id === payment.id)
  if (now?.provider_order_id == null || order.status !== 'pending') return true
  const authorized = known.attempts.filter((row) => row.payment_id === now.id && row.status === 'authorized')
  for (const other of authorized.filter((row) => differs(row, now))) await askAboutAuthorized(deps, now, other)
  const attempt = authorized.find((row) => !differs(row, now))
  const isHeld = known.attempts.some((row) => row.captured_amount > 0 && waitsForPerson(row, now))
  if (attempt === undefined || isHeld) return true
  const request = {
    providerOrderId: now.provider_order_id,
    providerPaymentId: attempt.provider_payment_id,
    amount: attempt.amount,
    currency: attempt.currency,
  }
  const captured = await call(deps, payment, 'capture', request, () => providerOf(deps, payment).capture(request))
  if (captured.reply.outcome === 'accepted') {
    await settle(deps, deps.policy, [captured.reply.value], { calls: [captured.record] }, payment.order_id)
    return true
  }
  await recordProviderCall(deps.db.alone, captured.record)
  return captured.reply.outcome === 'refused'
}

/**
 * Asks a person about an authorization that is not what was asked for: nobody captures it by rule, and it lapses by
 * itself. Asked once; answered by whatever becomes of it.
 */
async function askAboutAuthorized(deps: PaymentDeps, payment: PaymentRow, seen: AttemptRow): Promise<void> {
  await inTransaction(deps.db, 'askAboutAuthorized', async (tx) => {
    const order = await lockOrder(tx, payment.order_id)
    const { attempts } = await listPaymentsWithAttempts(tx, payment.order_id, true)
    const attempt = attempts.find((row) => row.id === seen.id)
    if (order?.status !== 'pending' || attempt?.status !== 'authorized') return
    const make = { now: deps.ports.clock.now(), uuid: () => deps.ports.ids.uuid() }
    if (!(await openReviewItem(tx, authorizationReview(attempt, payment, make)))) return
    insertEvents(
      tx,
      [
        {
          orderId: payment.order_id,
          type: 'review.opened',
          subject: 'payment',
          subjectId: payment.id,
          actor: 'system',
          source: 'poll',
          data: { reason: 'authorization_differs' },
        },
      ],
      deps.ports.clock.now(),
    )
  })
}

/**
 * Sets when to look next. When the provider's window has passed the payment is closed unpaid, and looked at once more
 * some days later. A provider that answers nobody says nothing of this payment: then nothing of its plan is used up, and
 * it is due again as soon as the provider may be asked.
 */
async function planNextLook(deps: PaymentDeps, claimed: PaymentRow, plan: PaymentRow['look_plan']): Promise<void> {
  const now = deps.ports.clock.now()
  if (plan === 'unknown' && isResting(deps, claimed)) {
    const { looks, look_plan: lookPlan } = claimed
    await scheduleLook(deps.db.alone, claimed, { nextLookAt: soonAfterUnknown(now), looks, lookPlan })
    return
  }
  const looks = plan === claimed.look_plan ? claimed.looks + 1 : 0
  if (claimed.status === 'abandoned') {
    // Closed already: this was the last look, unless nobody answered it.
    const again = plan === 'unknown' ? repeatedLastLook(looks, claimed.created_at, now) : null
    await scheduleLook(deps.db.alone, claimed, { nextLookAt: again, looks, lookPlan: plan })
    return
  }
  const nextLookAt = nextLook(plan, looks, claimed.created_at, now, {
    pollAfterS: deps.policy.pollAfterS,
    windowMs: deps.policy.lateMoneyMs(claimed.provider),
  })
  if (nextLookAt !== null) {
    await scheduleLook(deps.db.alone, claimed, { nextLookAt, looks, lookPlan: plan })
    return
  }
  await inTransaction(deps.db, 'abandonPayment', async (tx) => {
    const order = await lockOrder(tx, claimed.order_id)
    const { payments, attempts } = await listPaymentsWithAttempts(tx, claimed.order_id, true)
    const payment = payments.find((row) => row.id === claimed.id)
    if (order === undefined || payment === undefined || payment.next_look_at === null) return
    markAbandoned(tx, payment.id, lastLook(payment.created_at, now), now)
    noteAbandoned(deps, tx, payment)
    if (payment.status === 'verified' || payment.status === 'authorized') {
      giveUp(tx, { order, payments, attempts }, payment.id, now)
      insertReviewItem(tx, {
        id: deps.ports.ids.uuid(),
        orderId: payment.order_id,
        paymentId: payment.id,
        attemptId: null,
        kind: 'payment_undecided',
        summary: `${payment.provider} never said what became of this payment; it was ${payment.status} when we stopped asking.`,
        evidence: { status: payment.status, looks },
        cause: `payment_undecided:${payment.id}`,
        createdAt: now,
      })
    }
  })
}

/** Writes what the order's payment status is once nobody asks about this payment any more. */
export function giveUp(
  tx: Tx,
  money: Pick<Money, 'order' | 'payments' | 'attempts'>,
  paymentId: string,
  now: Date,
): void {
  const { order } = money
  const status = foldGivenUp(order.status, money, paymentId)
  if (status !== order.payment_status) updatePaymentStatus(tx, order.id, status, now)
}

function noteAbandoned(deps: PaymentDeps, tx: Tx, payment: PaymentRow): void {
  insertEvents(
    tx,
    [
      {
        orderId: payment.order_id,
        type: 'payment.abandoned',
        subject: 'payment',
        subjectId: payment.id,
        from: payment.status,
        to: 'abandoned',
        actor: 'system',
        source: 'worker',
      },
    ],
    deps.ports.clock.now(),
  )
}

async function current(deps: PaymentDeps, payment: PaymentRow): Promise<PaymentRow> {
  return (await findPayment(deps.db, payment.id)) ?? payment
}
