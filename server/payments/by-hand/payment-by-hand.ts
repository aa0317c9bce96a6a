/**
 * What an admin does with payments by hand: capture an authorization, take money that came another way, close a payment
 * that nobody will make, bind a payment that came without an order. Each asks the provider first, because what we know may
 * be old; what is still unknown after that is left alone.
 */
import { BANK } from '../../ledger/movement.ts'
import { inTransaction, type Tx } from '../../platform/database.ts'
import { AppError, invalidField } from '../../platform/errors.ts'
import type { OrderRow } from '../../orders/order.ts'
import { closeRefusals } from '../../reviews/queries.ts'
import { insertEvents } from '../../timeline/queries.ts'
import { lockMoney } from '../change.ts'
import { call, providerOf, type PaymentDeps } from '../context.ts'
import { lastLook } from '../money/looks.ts'
import { amountOf, shareOf } from '../money/shares.ts'
import { isOpen, type AttemptFact, type Money, type PaymentRow } from '../money/payment.ts'
import { askProvider, giveUp } from '../poll.ts'
import { recordProviderCall } from '../providers/call-queries.ts'
import {
  listPaymentsWithAttempts,
  findPaymentOf,
  findPayment,
  insertPayment,
  markAbandoned as writeAbandoned,
} from '../queries.ts'
import { settle, settleUnderLock } from '../settle.ts'
import { doOrAsk, letGo, type ByHand, type WaitsFor } from './second-person.ts'

/**
 * Makes sure that what we know of an order's payments is the last word, by asking about those that are undecided.
 *
 * @param paymentId only this one
 * @throws payment_state_unknown when the provider does not answer
 */
export async function knowForSure(deps: PaymentDeps, orderId: string, paymentId?: string): Promise<void> {
  const { payments, attempts } = await listPaymentsWithAttempts(deps.db, orderId)
  for (const payment of payments) {
    if (paymentId !== undefined && payment.id !== paymentId) continue
    const captured = attempts.some((row) => row.payment_id === payment.id && row.captured_amount > 0)
    if (captured || payment.provider_order_id === null || !deps.providers.has(payment.provider)) continue
    await askForSure(deps, payment)
  }
}

/** Asks the provider about a payment. Throws payment_state_unknown when it does not answer. */
export async function askForSure(deps: PaymentDeps, payment: PaymentRow): Promise<void> {
  if (await askProvider(deps, payment, { capture: false })) return
  throw new AppError(
    'payment_state_unknown',
    `${payment.provider} does not say what became of this payment. Nothing was done; try again in a minute.`,
    { details: { paymentId: payment.id, orderId: payment.order_id } },
  )
}

/**
 * Asks a provider something that is harmless to ask twice, and notes the call down.
 *
 * @param subject what it is about; without ids when that is nothing of ours
 * @returns what it said; undefined for its explicit no
 * @throws payment_state_unknown when it does not answer
 */
export async function askOnce<T>(
  deps: PaymentDeps,
  subject: Parameters<typeof call>[1],
  operation: string,
  request: Record<string, unknown>,
  work: Parameters<typeof call<T>>[4],
): Promise<T | undefined> {
  const { reply, record } = await call(deps, subject, operation, request, work, 2)
  await recordProviderCall(deps.db.alone, record)
  if (reply.outcome === 'accepted') return reply.value
  if (reply.outcome === 'refused') return undefined
  throw unanswered(subject.provider)
}

/** What is refused because a provider has nothing to say. */
export function unanswered(provider: string): AppError {
  return new AppError('payment_state_unknown', `${provider} does not answer. Nothing was done; try again in a minute.`)
}

/**
 * Captures an authorized attempt of a payment. A payment that is captured already stays as it is.
 *
 * @throws payment_not_found, payment_state_unknown, order_cancelled, invalid_transition when nothing is authorized
 */
export async function captureByHand(deps: PaymentDeps, paymentId: string, reason: string, by: ByHand): Promise<void> {
  const payment = await mustFind(deps, paymentId)
  await askForSure(deps, payment)
  const request = await inTransaction(deps.db, 'captureByHand', async (tx) => {
    const money = await lockMoney(tx, payment.order_id)
    const own = money.attempts.filter((row) => row.payment_id === payment.id)
    if (own.some((row) => row.captured_amount > 0)) return undefined
    if (money.order.status === 'cancelled') {
      throw new AppError('order_cancelled', 'This order was cancelled; what is authorized for it lapses by itself.')
    }
    const attempt = own.find((row) => row.status === 'authorized')
    if (attempt === undefined || payment.provider_order_id === null) {
      throw new AppError('invalid_transition', 'Nothing is authorized that could be captured.', {
        details: { from: money.payments.find((row) => row.id === payment.id)?.status, to: 'paid' },
      })
    }
    note(deps, tx, payment, 'payment.capture_requested', reason, by, {
      amount: attempt.amount,
      currency: attempt.currency,
    })
    return {
      providerOrderId: payment.provider_order_id,
      providerPaymentId: attempt.provider_payment_id,
      amount: attempt.amount,
      currency: attempt.currency,
    }
  })
  if (request === undefined) return
  const captured = await call(deps, payment, 'capture', request, () => providerOf(deps, payment).capture(request))
  if (captured.reply.outcome === 'accepted') {
    await settle(deps, deps.policy, [captured.reply.value], { calls: [captured.record] }, payment.order_id)
    return
  }
  await recordProviderCall(deps.db.alone, captured.record)
  // Refused most often because somebody else has captured it; unknown because the answer got lost. Both are asked about.
  await askForSure(deps, payment)
  const { attempts } = await listPaymentsWithAttempts(deps.db, payment.order_id)
  const now = attempts.find((row) => row.provider_payment_id === request.providerPaymentId)
  if (now !== undefined && now.captured_amount > 0) return
  if (captured.reply.outcome === 'refused') {
    throw new AppError('invalid_transition', `${payment.provider} refused to capture: ${captured.reply.message}`)
  }
  throw new AppError('payment_state_unknown', `${payment.provider} did not answer. Try again in a minute.`, {
    details: { paymentId: payment.id, orderId: payment.order_id },
  })
}

/**
 * Takes money for an order that came another way, as the bank reference says. The reference can pay one order only.
 *
 * @throws payment_state_unknown, order_already_paid, order_cancelled, validation_failed for a reference that was used,
 *   SecondPersonNeeded when it is more than one person may say has come
 */
export async function markPaid(
  deps: PaymentDeps,
  paymentId: string,
  reference: string,
  reason: string,
  by: ByHand,
): Promise<void> {
  const payment = await mustFind(deps, paymentId)
  await knowForSure(deps, payment.order_id)
  await inTransaction(deps.db, 'markPaid', async (tx) => {
    const money = await lockMoney(tx, payment.order_id)
    if (money.payments.some((row) => row.provider === BANK && row.provider_order_id === reference)) {
      if (by.agreed !== undefined) throw new AppError('order_already_paid', 'This transfer has paid the order already.')
      return
    }
    assertUnpaid(money)
    if (await findPaymentOf(tx, BANK, { providerOrderId: reference })) {
      throw invalidField('reference', 'has paid another order')
    }
    closeOpen(deps, tx, money.payments, reason, by)
    closeRefusals(tx, payment.order_id, 'paid by bank transfer', deps.ports.clock.now())
    const { currency } = money.order
    const amount = amountOf(money.order, 'rest')
    await letGo(tx, deps, money, { action: 'mark_paid', amount, currency }, by)
    const bank = insertBound(deps, tx, money, BANK, reference)
    note(
      deps,
      tx,
      bank,
      'payment.marked_paid',
      reason,
      by,
      { reference, amount: bank.amount, currency: bank.currency },
      BOUND,
    )
    await by.answer?.(tx)
    const withBank = { ...money, payments: [...money.payments, bank] }
    await settleUnderLock(deps, deps.policy, tx, withBank, [bankFact(bank, reference)])
  })
}

/**
 * The same, and where it is more than one person may say has come, a second one is asked.
 *
 * @returns where it waits; undefined when it is done
 */
export function markPaidOrAsk(
  deps: PaymentDeps,
  { paymentId, orderId, reference, reason }: { paymentId: string; orderId: string; reference: string; reason: string },
  by: ByHand,
): Promise<WaitsFor | undefined> {
  const wish = {
    action: 'mark_paid' as const,
    order_id: orderId,
    review_item_id: null,
    payment_id: paymentId,
    reason,
    reference,
  }
  return doOrAsk(deps, wish, by.adminId, () => markPaid(deps, paymentId, reference, reason, by))
}

/**
 * Closes a payment that nobody will make. Money that comes for it all the same is taken seriously, as ever.
 *
 * @throws payment_state_unknown, order_already_paid, invalid_transition when it is closed already
 */
export async function markAbandoned(deps: PaymentDeps, paymentId: string, reason: string, by: ByHand): Promise<void> {
  const payment = await mustFind(deps, paymentId)
  await knowForSure(deps, payment.order_id, payment.id)
  await inTransaction(deps.db, 'markAbandoned', async (tx) => {
    const money = await lockMoney(tx, payment.order_id)
    const now = money.payments.find((row) => row.id === payment.id)
    if (money.attempts.some((row) => row.payment_id === payment.id && row.captured_amount > 0)) {
      throw new AppError('order_already_paid', 'This payment was made; refund it instead.')
    }
    if (now === undefined || !isOpen(now.status)) {
      throw new AppError('invalid_transition', 'This payment is closed already.', {
        details: { from: now?.status, to: 'abandoned' },
      })
    }
    closeOpen(deps, tx, [now], reason, by)
    giveUp(tx, money, now.id, deps.ports.clock.now())
    await by.answer?.(tx)
  })
}

async function mustFind(deps: PaymentDeps, paymentId: string): Promise<PaymentRow> {
  const payment = await findPayment(deps.db, paymentId)
  if (payment === undefined) throw new AppError('payment_not_found', 'There is no such payment.')
  return payment
}

/** What the timeline says of a payment that is bound. */
export const BOUND = { from: 'creating', to: 'abandoned' } as const

/** A payment that is bound to an order by a person. It is not open: what pays it has happened already. */
export function insertBound(
  deps: PaymentDeps,
  tx: Tx,
  money: Money,
  provider: string,
  providerOrderId: string,
): PaymentRow {
  const now = deps.ports.clock.now()
  const payment: PaymentRow = {
    id: deps.ports.ids.uuid(),
    order_id: money.order.id,
    provider,
    provider_order_id: providerOrderId,
    checkout: null,
    open_until: null,
    close_requested_at: null,
    status: 'abandoned',
    amount: amountOf(money.order, shareOf({ provider })),
    currency: money.order.currency,
    method: null,
    captured_amount: 0,
    refunded_amount: 0,
    next_look_at: null,
    looks: 0,
    look_plan: 'open',
    created_at: now,
  }
  insertPayment(tx, payment)
  return payment
}

function bankFact(payment: PaymentRow, reference: string): AttemptFact {
  return {
    kind: 'attempt',
    provider: BANK,
    of: { providerOrderId: reference },
    providerPaymentId: reference,
    source: 'admin',
    status: 'captured',
    amount: payment.amount,
    currency: payment.currency,
    method: 'bank_transfer',
    methodDetail: reference,
    fee: null,
    tax: null,
    errorCode: null,
    errorDescription: null,
    refundedAmount: null,
    providerCreatedAt: null,
  }
}

function assertUnpaid({ order }: Money): void {
  if (order.status === 'pending') return
  assertNotReturned(order)
  if (order.status === 'cancelled' && order.cancel_reason === 'expired') return
  throw order.status === 'cancelled'
    ? new AppError('order_cancelled', 'This order was cancelled. Place a new one.')
    : new AppError('order_already_paid', 'This order is paid.')
}

/** Refuses money for an order of which a part was paid and, when its time had passed, given back. */
export function assertNotReturned(order: OrderRow): void {
  if (order.status === 'cancelled' && order.cancel_reason === 'expired' && order.wallet_amount > 0) throw partReturned()
}

export function partReturned(): AppError {
  return new AppError(
    'part_returned',
    'The time of this order had passed, and what its wallet had paid is back in the wallet. This can only go back.',
  )
}

/** Closes payments that are open, so that an order has at most one that counts. */
function closeOpen(deps: PaymentDeps, tx: Tx, payments: readonly PaymentRow[], reason: string, by: ByHand): void {
  for (const payment of payments) {
    if (!isOpen(payment.status)) continue
    const now = deps.ports.clock.now()
    writeAbandoned(tx, payment.id, lastLook(payment.created_at, now), now)
    note(deps, tx, payment, 'payment.abandoned', reason, by, {}, { from: payment.status, to: 'abandoned' })
  }
}

/** Says in the timeline what a person did with a payment, and why. */
export function note(
  deps: PaymentDeps,
  tx: Tx,
  payment: PaymentRow,
  type: string,
  reason: string,
  by: ByHand,
  data: Record<string, unknown>,
  move: { from?: string; to?: string } = {},
): void {
  insertEvents(
    tx,
    [
      {
        orderId: payment.order_id,
        type,
        subject: 'payment',
        subjectId: payment.id,
        ...move,
        actor: 'admin',
        actorId: by.adminId,
        source: 'api',
        data: { ...data, note: reason },
      },
    ],
    deps.ports.clock.now(),
  )
}
