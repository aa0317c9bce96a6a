/**
 * Payments: opened at a provider, handed to the browser, verified when it comes back.
 *
 * A payment row is written by the transaction that makes it wanted (`newPayment`); only then is the provider asked
 * (`openPayment`). If that call gets no answer, the row stays `creating`, and whoever comes next, the shopper or a
 * worker, first looks whether the provider has the order after all.
 */
import type { HandOff, Payment, VerifiedPayment, VerifyPaymentBody } from '../../shared/contract/payments.ts'
import { raiseAlert } from '../platform/alerts.ts'
import { inTransaction, type Db, type Tx } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { canPay, type OrderRow } from '../orders/order.ts'
import * as orders from '../orders/service.ts'
import { nextLook, PAYMENT_WINDOW_MS } from './looks.ts'
import type { Policy } from './outcome.ts'
import { isOpen, type AttemptRow, type PaymentFact, type PaymentRow } from './payment.ts'
import type { PaymentProvider, ProviderOrderRequest, Providers } from './provider.ts'
import { callProvider, type Breaker, type Called } from './provider-call.ts'
import * as queries from './queries.ts'
import { settle } from './settle.ts'
import { toPayment, toVerified } from './views.ts'

export { findOrderIdsByPayment, listPayments, countOpenReviewItems } from './queries.ts'
export { toState } from './views.ts'

/** Everything that payment use cases need beside `Deps`. */
export interface PaymentDeps extends Deps {
  providers: Providers
  breaker: Breaker
  policy: Policy
  /** How long an order may wait for its payment. */
  orderTtlS: number
}

/** The provider that an order is paid with: the one asked for, or the only or first one there is. */
export function chooseProvider(deps: PaymentDeps, name: string | undefined, currency: string): PaymentProvider {
  const able = [...deps.providers.values()].filter((provider) => provider.takesCurrency(currency))
  const chosen = name === undefined ? able[0] : deps.providers.get(name)
  if (chosen === undefined) {
    if (name !== undefined) throw invalidField('provider', `is not one of: ${[...deps.providers.keys()].join(', ')}`)
    throw new AppError('currency_not_supported', `No provider takes ${currency}.`, { details: { providers: [] } })
  }
  if (!chosen.takesCurrency(currency)) {
    throw new AppError('currency_not_supported', `${chosen.title} does not take ${currency}.`, {
      details: { providers: able.map((provider) => provider.name) },
    })
  }
  return chosen
}

/** A payment as it is written before anybody is asked. */
export function newPayment(
  deps: PaymentDeps,
  order: Pick<OrderRow, 'id' | 'total' | 'currency'>,
  provider: string,
): PaymentRow {
  const now = deps.ports.clock.now()
  return {
    id: deps.ports.ids.uuid(),
    order_id: order.id,
    provider,
    provider_order_id: null,
    status: 'creating',
    amount: order.total,
    currency: order.currency,
    method: null,
    captured_amount: 0,
    refunded_amount: 0,
    // If this process dies before the provider answers, a worker goes on from here.
    next_look_at: soonAfterUnknown(deps, now),
    looks: 0,
    look_plan: 'unknown',
    created_at: now,
  }
}

export function insertPayment(tx: Tx, payment: PaymentRow): void {
  queries.insertPayment(tx, payment)
}

/**
 * Asks the provider for its order and records the answer.
 *
 * @param options.mayExist an earlier call for this payment had no answer: look for its order first
 * @param options.inSameTransaction is called in the transaction that records the opened payment
 * @returns the payment, now open
 * @throws provider_unavailable with `details.orderId`; the order stays payable
 */
export async function openPayment(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow,
  options: { mayExist?: boolean; inSameTransaction?: (tx: Tx, opened: PaymentRow) => void } = {},
): Promise<PaymentRow> {
  const provider = providerOf(deps, payment)
  const request: ProviderOrderRequest = {
    paymentId: payment.id,
    amount: payment.amount,
    currency: payment.currency,
    orderNumber: order.number,
    captureWithinMinutes: Math.ceil(deps.orderTtlS / 60),
  }
  if (options.mayExist === true) {
    const found = await call(deps, payment, 'findOrder', { receipt: payment.id }, () => provider.findOrder(request), 2)
    if (found.reply.outcome !== 'accepted') throw await notOpened(deps, order, payment, found)
    if (found.reply.value !== null) {
      return recordOpened(deps, order, payment, found.reply.value.providerOrderId, found, options.inSameTransaction)
    }
  }
  const made = await call(deps, payment, 'createOrder', { ...request }, () => provider.createOrder(request))
  if (made.reply.outcome !== 'accepted') throw await notOpened(deps, order, payment, made)
  return recordOpened(deps, order, payment, made.reply.value.providerOrderId, made, options.inSameTransaction)
}

async function recordOpened(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow,
  providerOrderId: string,
  called: Called<unknown>,
  inSameTransaction?: (tx: Tx, opened: PaymentRow) => void,
): Promise<PaymentRow> {
  const now = deps.ports.clock.now()
  const { pollAfterS } = deps.policy
  const opened: PaymentRow = {
    ...payment,
    status: 'created',
    provider_order_id: providerOrderId,
    next_look_at: nextLook('open', 0, payment.created_at, now, { pollAfterS, windowMs: Infinity }),
    looks: 0,
    look_plan: 'open',
  }
  const recorded = await inTransaction(deps.db, 'openPayment', async (tx) => {
    if (!(await queries.markCreated(tx, opened, called.record, now))) return false
    orders.appendEvents(tx, deps.ports, [
      {
        orderId: payment.order_id,
        type: 'payment.created',
        subject: 'payment',
        subjectId: payment.id,
        from: 'creating',
        to: 'created',
        actor: 'provider',
        source: 'api',
        data: { provider: payment.provider, providerOrderId },
      },
    ])
    inSameTransaction?.(tx, opened)
    return true
  })
  if (recorded) return opened
  // Somebody else opened it meanwhile. Theirs is the one that counts; ours was never shown to anybody.
  const current = await queries.findPayment(deps.db, payment.id)
  // Or closed it: then nobody can pay it, and the next try opens another.
  if (current === undefined || current.provider_order_id === null) throw unavailable(order, payment)
  return current
}

/** Records a call that opened nothing. An unknown one is asked about again in seconds; a refused one closes the payment. */
async function notOpened(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow,
  called: Called<unknown>,
): Promise<AppError> {
  const { reply, record } = called
  const now = deps.ports.clock.now()
  await inTransaction(deps.db, 'openPaymentFailed', async (tx) => {
    queries.insertProviderCall(tx, record)
    if (reply.outcome === 'refused') {
      // Somebody whose call was accepted may have been faster: what a shopper can pay already is not closed.
      if (!(await queries.abandonCreating(tx, payment.id, now))) return
      queries.insertReviewItem(tx, {
        id: deps.ports.ids.uuid(),
        orderId: order.id,
        paymentId: payment.id,
        attemptId: null,
        kind: 'payment_refused',
        summary: `${payment.provider} refused to open a payment: ${reply.message}`,
        evidence: { code: reply.code, message: reply.message },
        cause: `payment_refused:${payment.id}`,
        createdAt: now,
      })
      orders.appendEvents(tx, deps.ports, [
        {
          orderId: order.id,
          type: 'payment.refused',
          subject: 'payment',
          subjectId: payment.id,
          from: 'creating',
          to: 'abandoned',
          actor: 'provider',
          source: 'api',
          data: { code: reply.code },
        },
      ])
    } else {
      await queries.scheduleLook(tx, payment, {
        nextLookAt: soonAfterUnknown(deps, now),
        looks: payment.looks,
        lookPlan: 'unknown',
      })
    }
  })
  deps.log.warn(
    { paymentId: payment.id, orderId: order.id, provider: payment.provider, outcome: reply.outcome },
    'payment not opened',
  )
  return unavailable(order, payment)
}

function unavailable(order: OrderRow, payment: PaymentRow): AppError {
  return new AppError(
    'provider_unavailable',
    `${payment.provider} did not open the payment. Your order is kept; try to pay again.`,
    { details: { orderId: order.id, orderNumber: order.number } },
  )
}

/**
 * The payment that an order can be paid with now: the open one, or a new one.
 *
 * @throws order_already_paid, order_cancelled, provider_unavailable
 */
export async function createPayment(
  deps: PaymentDeps,
  orderId: string,
  providerName: string | undefined,
): Promise<{ order: OrderRow; payment: PaymentRow; created: boolean }> {
  const { order, payment, created } = await inTransaction(deps.db, 'createPayment', async (tx) => {
    const locked = await orders.lockOrder(tx, orderId)
    if (locked === undefined) throw new AppError('order_not_found', 'There is no such order.')
    assertPayable(locked, deps.ports.clock.now())
    const existing = await queries.lockPayments(tx, orderId)
    const open = existing.find((row) => isOpen(row.status))
    if (open !== undefined) {
      if (providerName !== undefined && providerName !== open.provider) {
        // With a second provider comes closing the first; with one there is nothing to change to.
        throw invalidField('provider', `is not one of: ${[...deps.providers.keys()].join(', ')}`)
      }
      return { order: locked, payment: open, created: false }
    }
    const fresh = newPayment(deps, locked, chooseProvider(deps, providerName, locked.currency).name)
    queries.insertPayment(tx, fresh)
    return { order: locked, payment: fresh, created: true }
  })
  if (payment.status !== 'creating') return { order, payment, created }
  return { order, payment: await openPayment(deps, order, payment, { mayExist: !created }), created: true }
}

function assertPayable(order: OrderRow, now: Date): void {
  if (order.status === 'cancelled')
    throw new AppError('order_cancelled', 'This order was cancelled. Place a new one.', {
      details: { orderId: order.id },
    })
  if (order.status !== 'pending')
    throw new AppError('order_already_paid', 'This order is paid.', { details: { orderId: order.id } })
  if (!canPay(order, now))
    throw new AppError('order_cancelled', 'The time to pay this order has passed. Place a new one.', {
      details: { orderId: order.id },
    })
}

/** What the browser needs to pay. */
export function handOff(deps: PaymentDeps, order: OrderRow, payment: PaymentRow): HandOff {
  const provider = providerOf(deps, payment)
  if (payment.provider_order_id === null) throw new Error(`payment ${payment.id} is not open`)
  const customer = {
    name: order.customer_name,
    email: order.email,
    contact: order.shipping_address?.phone ?? null,
  }
  return {
    paymentId: payment.id,
    provider: payment.provider,
    providerOrderId: payment.provider_order_id,
    amount: payment.amount,
    currency: payment.currency,
    customer,
    ...provider.checkout({
      providerOrderId: payment.provider_order_id,
      amount: payment.amount,
      currency: payment.currency,
      orderNumber: order.number,
      customer,
    }),
  }
}

/**
 * Takes what the shopper's browser brought back from the provider. A valid signature makes the payment `verified`; the
 * provider is asked at once, so that most shoppers need not wait for the webhook. Both go through `settle` together.
 *
 * @throws invalid_signature: nothing changes but the timeline and an alert
 */
export async function verifyPayment(
  deps: PaymentDeps,
  order: OrderRow,
  body: VerifyPaymentBody,
): Promise<VerifiedPayment> {
  const known = await queries.listPaymentsWithAttempts(deps.db, order.id)
  const claimed = claimedPayment(deps, known.payments, body)
  if (claimed === undefined) throw await refuseSignature(deps, order, known.payments.at(-1))
  const { payment, provider, providerOrderId, providerPaymentId } = claimed

  const attempt = known.attempts.find(
    (row) => row.payment_id === payment.id && row.provider_payment_id === providerPaymentId,
  )
  const captured = attempt !== undefined && attempt.captured_amount > 0
  if (captured && attempt.claimed) return toVerified(await orders.getOrder(deps.db, order.id), payment)

  const calls: queries.NewProviderCall[] = []
  const facts: [PaymentFact, ...PaymentFact[]] = [
    { kind: 'signature', provider: provider.name, providerOrderId, source: 'verify', providerPaymentId },
  ]
  // Known as captured already, most often by a webhook that was faster: there is nothing to ask.
  if (!captured) {
    const ask = () => provider.fetchPayment(providerPaymentId)
    const fetched = await call(deps, payment, 'fetchPayment', { providerPaymentId }, ask, 2)
    calls.push(fetched.record)
    if (fetched.reply.outcome === 'accepted' && fetched.reply.value?.providerOrderId === providerOrderId) {
      facts.push({ ...fetched.reply.value, source: 'verify' })
    }
  }
  const settled = await settle(deps, deps.policy, facts, { calls }, order.id)
  if (settled === undefined) throw new Error(`payment ${payment.id} vanished`)
  return toVerified({ id: order.id, ...settled.order }, settled.payment)
}

/** The payment of this order whose signature the browser brought. */
function claimedPayment(deps: PaymentDeps, payments: readonly PaymentRow[], body: VerifyPaymentBody) {
  for (const payment of payments) {
    const provider = deps.providers.get(payment.provider)
    if (provider === undefined || payment.provider_order_id === null) continue
    const verdict = provider.verifyCheckout(payment.provider_order_id, body)
    if (verdict.valid) {
      return {
        payment,
        provider,
        providerOrderId: payment.provider_order_id,
        providerPaymentId: verdict.providerPaymentId,
      }
    }
  }
  return undefined
}

async function refuseSignature(deps: PaymentDeps, order: OrderRow, payment: PaymentRow | undefined): Promise<AppError> {
  await inTransaction(deps.db, 'refuseSignature', async (tx) => {
    orders.appendEvents(tx, deps.ports, [
      {
        orderId: order.id,
        type: 'payment.signature_refused',
        subject: 'payment',
        subjectId: payment?.id ?? null,
        actor: 'shopper',
        source: 'verify',
      },
    ])
    await raiseAlert(tx, deps.ports, {
      kind: 'invalid_signature',
      key: 'verify',
      summary: 'A payment was claimed with a signature that is not valid.',
    })
  })
  deps.log.warn({ orderId: order.id }, 'verify with an invalid signature')
  return new AppError('invalid_signature', 'The signature does not belong to this payment.')
}

/** Payments of orders, with attempts and refunds, in three statements. */
export async function listWithAttempts(db: Db, orderIds: readonly string[]): Promise<Payment[]> {
  if (orderIds.length === 0) return []
  const [payments, attempts, refunds] = await Promise.all([
    queries.listPayments(db, orderIds),
    queries.listAttempts(db, orderIds),
    queries.listRefunds(db, orderIds),
  ])
  return payments.map((payment) => toPayment(payment, attempts, refunds))
}

export async function getPayment(db: Db, paymentId: string): Promise<{ payment: Payment; orderId: string }> {
  const row = await queries.findPayment(db, paymentId)
  if (row === undefined) throw new AppError('payment_not_found', 'There is no such payment.')
  const [payment] = (await listWithAttempts(db, [row.order_id])).filter((listed) => listed.id === paymentId)
  if (payment === undefined) throw new AppError('payment_not_found', 'There is no such payment.')
  return { payment, orderId: row.order_id }
}

/** A payment that was only just written, as the API shows it. */
export function toFreshPayment(payment: PaymentRow): Payment {
  return toPayment(payment, [], [])
}

export function providerOf(deps: PaymentDeps, payment: Pick<PaymentRow, 'provider'>): PaymentProvider {
  const provider = deps.providers.get(payment.provider)
  if (provider === undefined) {
    throw new AppError('provider_unavailable', `${payment.provider} is not set up here.`)
  }
  return provider
}

/** A call about a payment, through the door that all provider calls take. An outage that begins here is an alert. */
export async function call<T>(
  deps: PaymentDeps,
  payment: Pick<PaymentRow, 'id' | 'order_id' | 'provider'>,
  operation: string,
  request: Record<string, unknown>,
  work: Parameters<typeof callProvider<T>>[3],
  tries = 1,
): Promise<Called<T>> {
  const subject = { provider: payment.provider, operation, orderId: payment.order_id, paymentId: payment.id, request }
  const called = await callProvider(deps.ports, deps.breaker, subject, work, tries)
  if (called.openedCircuit) {
    const said = called.reply.outcome === 'unknown' ? called.reply.message : ''
    deps.log.error({ provider: payment.provider, operation, said }, 'a provider does not answer; its circuit is open')
    await raiseAlert(deps.db.alone, deps.ports, {
      kind: 'provider_unreachable',
      key: payment.provider,
      summary: `${payment.provider} does not answer: ${said}`,
    })
  }
  return called
}

function soonAfterUnknown(deps: PaymentDeps, now: Date): Date {
  return nextLook('unknown', 0, now, now, { pollAfterS: deps.policy.pollAfterS, windowMs: PAYMENT_WINDOW_MS }) ?? now
}

/** An attempt that only waits to be captured: authorized for an order that still wants it, in the amount asked for. */
export function isCapturable(order: Pick<OrderRow, 'status'>, payment: PaymentRow, attempt: AttemptRow): boolean {
  return (
    order.status === 'pending' &&
    attempt.payment_id === payment.id &&
    attempt.status === 'authorized' &&
    attempt.amount === payment.amount &&
    attempt.currency === payment.currency
  )
}
