/**
 * Opening a payment. Its row is written by the transaction that makes it wanted (`newPayment`); only then is the provider
 * asked (`openPayment`). If that call gets no answer the row stays `creating`, and whoever comes next, the shopper or a
 * worker, first looks whether the provider has the order after all.
 */
import type { HandOff, OrderMoney } from '../../shared/contract/payments.ts'
import { add, toDecimal } from '../../shared/money.ts'
import { canPay, isConfirmed, type OrderRow } from '../orders/order.ts'
import * as orders from '../orders/service.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { call, chooseProvider, providerOf, type PaymentDeps } from './context.ts'
import { nextLook, soonAfterUnknown } from './looks.ts'
import { moneyOf } from './money-of.ts'
import { isOpen, waitsForPerson, type AttemptRow, type PaymentRow } from './payment.ts'
import type { ProviderOrderRequest } from './provider.ts'
import type { Called } from './provider-call.ts'
import * as queries from './queries.ts'

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
    next_look_at: soonAfterUnknown(now),
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
        nextLookAt: soonAfterUnknown(now),
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
 * @throws order_already_paid, payment_under_review with the amounts that are held, order_cancelled, provider_unavailable;
 *   nothing is opened then but by the last
 */
export async function createPayment(
  deps: PaymentDeps,
  orderId: string,
  providerName: string | undefined,
): Promise<{ order: OrderRow; payment: PaymentRow; created: boolean }> {
  const { order, payment, created } = await inTransaction(deps.db, 'createPayment', async (tx) => {
    // Sent together; the second runs after the first, so it sees the order locked.
    const [locked, { payments, attempts }] = await Promise.all([
      orders.lockOrder(tx, orderId),
      queries.listPaymentsWithAttempts(tx, orderId, true),
    ])
    if (locked === undefined) throw new AppError('order_not_found', 'There is no such order.')
    await assertPayable(tx, locked, attempts, deps.ports.clock.now())
    const open = payments.find((row) => isOpen(row.status))
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

async function assertPayable(tx: Tx, order: OrderRow, attempts: readonly AttemptRow[], now: Date): Promise<void> {
  if (isConfirmed(order.status))
    throw new AppError('order_already_paid', 'This order is paid.', { details: { orderId: order.id } })
  // Before the question whether it has ended: whoever reads "place a new one" pays a second time.
  const asked = { amount: order.total, currency: order.currency }
  // What the bank holds, and nobody asks about any more, was let go.
  const isLetGo = (row: AttemptRow) => row.captured_amount === 0 && order.payment_status !== 'under_review'
  const waiting = attempts.filter((row) => waitsForPerson(row, asked) && !isLetGo(row))
  if (waiting.length > 0)
    throw underReview(order, moneyOf(order, [], waiting, await queries.listRefunds(tx, [order.id])))
  if (order.status === 'cancelled')
    throw new AppError('order_cancelled', 'This order was cancelled. Place a new one.', {
      details: { orderId: order.id },
    })
  if (!canPay(order, now))
    throw new AppError('order_cancelled', 'The time to pay this order has passed. Place a new one.', {
      details: { orderId: order.id },
    })
}

/** What is refused because money of the order waits for a person: how much, and where it is. */
function underReview(order: OrderRow, money: readonly OrderMoney[]): AppError {
  const amounts = (of: (sums: OrderMoney) => number) =>
    money.map((sums) => ({ amount: of(sums), currency: sums.currency })).filter(({ amount }) => amount > 0)
  const held = amounts((sums) => add(sums.heldForReview, sums.failedToGoBack))
  const authorized = amounts((sums) => sums.authorized)
  const words = (sums: readonly { amount: number; currency: string }[]) =>
    sums.map(({ amount, currency }) => `${currency} ${toDecimal(amount, currency)}`).join(' and ')
  const message =
    held.length > 0
      ? `We have ${words(held)} of yours for this order, and a person looks at it. Do not pay again.`
      : `Your bank holds ${words(authorized)} for this order, and a person looks at it. Do not pay again.`
  return new AppError('payment_under_review', message, { details: { orderId: order.id, held, authorized } })
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
