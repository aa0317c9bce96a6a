/**
 * Opening a payment. Its row is written by the transaction that makes it wanted (`newPayment`; which one an order is paid
 * with is in create.ts); only then is the provider asked (`openPayment`). If that call gets no answer the row stays `creating`, and whoever comes next, the shopper or a
 * worker, first looks whether the provider has the order after all.
 */
import type { HandOff } from '../../shared/contract/payments.ts'
import { toDecimal } from '../../shared/money.ts'
import type { OrderRow } from '../orders/order.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { inGroup } from '../platform/groups.ts'
import { closeRefusals, askAboutRefusal } from '../reviews/queries.ts'
import { insertEvents } from '../timeline/queries.ts'
import { call, providerOf, type PaymentDeps } from './context.ts'
import { nextLook, soonAfterUnknown } from './money/looks.ts'
import type { PaymentRow } from './money/payment.ts'
import { amountOf } from './money/shares.ts'
import { insertProviderCall } from './providers/call-queries.ts'
import type { Called } from './providers/call.ts'
import type { Opened, OpeningRefusal, ProviderOrderRequest } from './providers/provider.ts'
import { markCreated, findPayment, scheduleLook, abandonCreating } from './queries.ts'

/** A payment as it is written before anybody is asked. */
export function newPayment(
  deps: PaymentDeps,
  order: Pick<OrderRow, 'id' | 'total' | 'wallet_amount' | 'currency'>,
  provider: string,
): PaymentRow {
  const now = deps.ports.clock.now()
  return {
    id: deps.ports.ids.uuid(),
    order_id: order.id,
    provider,
    provider_order_id: null,
    checkout: null,
    open_until: null,
    close_requested_at: null,
    status: 'creating',
    amount: amountOf(order, 'rest'),
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

interface OpenOptions {
  mayExist?: boolean
  isFirst?: boolean
  inSameTransaction?: (tx: Tx, opened: PaymentRow) => void
}

/**
 * Asks the provider for its order and records the answer.
 *
 * @param options.mayExist an earlier call for this payment had no answer: look for its order first
 * @param options.inSameTransaction is called in the transaction that records the opened payment
 * @returns the payment, now open
 * @param options.isFirst no payment of this order was refused before
 * @throws provider_unavailable with `details.orderId`: the order stays payable. payment_refused with the same: the
 *   provider's account does not take this payment, however often it is asked
 */
export async function openPayment(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow,
  options: OpenOptions = {},
): Promise<PaymentRow> {
  const provider = providerOf(deps, payment)
  const request = requestOf(deps, order, payment)
  if (options.mayExist === true) {
    const found = await call(deps, payment, 'findOrder', { receipt: payment.id }, () => provider.findOrder(request), 2)
    if (found.reply.outcome !== 'accepted') throw await notOpened(deps, order, payment, found)
    if (found.reply.value !== null) {
      return recordOpened(deps, order, payment, found.reply.value, found, options)
    }
  }
  const { email: _, ...asked } = request
  const made = await call(deps, payment, 'createOrder', asked, () => provider.createOrder(request))
  if (made.reply.outcome !== 'accepted') throw await notOpened(deps, order, payment, made)
  return recordOpened(deps, order, payment, made.reply.value, made, options)
}

function requestOf(deps: PaymentDeps, order: OrderRow, payment: PaymentRow): ProviderOrderRequest {
  const now = deps.ports.clock.now()
  return {
    paymentId: payment.id,
    amount: payment.amount,
    currency: payment.currency,
    orderNumber: order.number,
    email: order.email,
    now,
    openUntil: order.expires_at ?? new Date(now.getTime() + deps.orderTtlS * 1_000),
    returnUrl: `${deps.publicUrl}/api/payments/return/${order.id}`,
    cancelUrl: `${deps.publicUrl}/orders/${order.id}`,
  }
}

async function recordOpened(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow,
  { providerOrderId, checkout, openUntil }: Opened,
  called: Called<unknown>,
  { isFirst, inSameTransaction }: OpenOptions,
): Promise<PaymentRow> {
  const now = deps.ports.clock.now()
  const { pollAfterS } = deps.policy
  const opened: PaymentRow = {
    ...payment,
    status: 'created',
    provider_order_id: providerOrderId,
    checkout,
    open_until: openUntil,
    next_look_at: nextLook('open', 0, payment.created_at, now, { pollAfterS, windowMs: Infinity }),
    looks: 0,
    look_plan: 'open',
  }
  const recorded = await inGroup(deps.db, { lane: 'placing', name: 'openPayment', key: payment.id }, async (tx) => {
    if (!(await markCreated(tx, opened, called.record, now))) return false
    insertEvents(
      tx,
      [
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
      ],
      deps.ports.clock.now(),
    )
    if (isFirst !== true) closeRefusals(tx, order.id, 'a payment was opened', now)
    inSameTransaction?.(tx, opened)
    return true
  })
  if (recorded) return opened
  // Somebody else opened it meanwhile. Theirs is the one that counts; ours was never shown to anybody.
  const current = await findPayment(deps.db, payment.id)
  // Or closed it: then nobody can pay it, and the next try opens another.
  if (current === undefined || current.provider_order_id === null) throw unavailable(order, payment)
  return current
}

/**
 * Records a call that opened nothing, and gives what the shopper is told. An unknown one is asked about again in seconds;
 * a refused one closes the payment and asks a person, once per order and reason.
 */
async function notOpened(
  deps: PaymentDeps,
  order: OrderRow,
  payment: PaymentRow,
  called: Called<unknown>,
): Promise<AppError> {
  const { reply, record } = called
  const now = deps.ports.clock.now()
  deps.log.warn(
    { paymentId: payment.id, orderId: order.id, provider: payment.provider, outcome: reply.outcome },
    'payment not opened',
  )
  if (reply.outcome !== 'refused') {
    await inTransaction(deps.db, 'openPaymentFailed', async (tx) => {
      insertProviderCall(tx, record)
      await scheduleLook(tx, payment, {
        nextLookAt: soonAfterUnknown(now),
        looks: payment.looks,
        lookPlan: 'unknown',
      })
    })
    return unavailable(order, payment)
  }
  const { title } = providerOf(deps, payment)
  await inTransaction(deps.db, 'openPaymentFailed', async (tx) => {
    insertProviderCall(tx, record)
    // Somebody whose call was accepted may have been faster: what a shopper can pay already is not closed.
    if (!(await abandonCreating(tx, payment.id, now))) return
    askAboutRefusal(tx, {
      id: deps.ports.ids.uuid(),
      orderId: order.id,
      paymentId: payment.id,
      attemptId: null,
      kind: 'payment_refused',
      summary: `${title} refused to open a payment: ${reply.message}`,
      amount: payment.amount,
      currency: payment.currency,
      provider: payment.provider,
      evidence: { code: reply.code, message: reply.message },
      cause: `payment_refused:${order.id}:${reply.code}`,
      createdAt: now,
    })
    insertEvents(
      tx,
      [
        {
          orderId: order.id,
          type: 'payment.refused',
          subject: 'payment',
          subjectId: payment.id,
          from: 'creating',
          to: 'abandoned',
          actor: 'provider',
          source: 'api',
          data: { code: reply.code, reason: reasonOf(reply.code) },
        },
      ],
      deps.ports.clock.now(),
    )
  })
  const current = await findPayment(deps.db, payment.id)
  return current?.status === 'abandoned' ? refused(order, payment, title, reply.code) : unavailable(order, payment)
}

function unavailable(order: OrderRow, payment: PaymentRow): AppError {
  return new AppError(
    'provider_unavailable',
    `${payment.provider} did not open the payment. Your order is kept; try to pay again.`,
    { details: { orderId: order.id, orderNumber: order.number } },
  )
}

/** What the provider has refused it refuses again. Says what the shopper can do, which is not to press once more. */
function refused(order: OrderRow, payment: PaymentRow, title: string, code: string): AppError {
  const amount = `${payment.currency} ${toDecimal(payment.amount, payment.currency)}`
  const why: Record<OpeningRefusal, string> = {
    amount_too_large: `This shop's ${title} account does not take ${amount} in one payment. Order less at a time, or ask the shop.`,
    amount_too_small: `This shop's ${title} account does not take as little as ${amount}. Order more at a time, or ask the shop.`,
    currency_not_enabled: `This shop's ${title} account does not take ${payment.currency}. Ask the shop.`,
  }
  const words = isOpeningRefusal(code) ? why[code] : `${title} does not take this payment. Ask the shop.`
  return new AppError('payment_refused', `${words} Trying again does not help. Nothing was charged.`, {
    details: { orderId: order.id, orderNumber: order.number, reason: reasonOf(code) },
  })
}

function reasonOf(code: string): OpeningRefusal | 'other' {
  return isOpeningRefusal(code) ? code : 'other'
}

function isOpeningRefusal(code: string): code is OpeningRefusal {
  return code === 'amount_too_large' || code === 'amount_too_small' || code === 'currency_not_enabled'
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
      kept: payment.checkout,
      amount: payment.amount,
      currency: payment.currency,
      orderNumber: order.number,
      customer,
    }),
  }
}
