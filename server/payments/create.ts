/**
 * The payment that an order is paid with now: its open one, or a new one. An order has one open payment at most, so where
 * another provider is chosen, the open one is closed first: at the provider where that can be, and here.
 *
 * What is to be closed is noted down before its provider is asked, and is handed out to nobody any more: a process that
 * dies leaves a payment that nobody can be sent to pay, and whoever comes next goes on from there.
 */
import type { OrderMoney } from '../../shared/contract/payments.ts'
import { add, toDecimal } from '../../shared/money.ts'
import { canPay, isConfirmed, type OrderRow } from '../orders/order.ts'
import { lockOrder } from '../orders/queries.ts'
import { inTransaction, type Tx } from '../platform/database.ts'
import { AppError } from '../platform/errors.ts'
import { insertEvents } from '../timeline/queries.ts'
import { call, chooseProvider, isResting, providerOf, type PaymentDeps } from './context.ts'
import { lastLook } from './money/looks.ts'
import { moneyOf } from './money/money-of.ts'
import { isOpen, waitsForPerson, type AttemptRow, type PaymentRow } from './money/payment.ts'
import { amountOf } from './money/shares.ts'
import { newPayment, openPayment } from './open.ts'
import { insertProviderCall, recordProviderCall, type NewProviderCall } from './providers/call-queries.ts'
import { insertPayment, listPaymentsWithAttempts, listRefunds, markAbandoned, noteCloseRequested } from './queries.ts'
import { settle } from './settle.ts'

interface Created {
  order: OrderRow
  payment: PaymentRow
  created: boolean
}

/**
 * The payment that an order can be paid with now: the open one, or a new one.
 *
 * @param providerName with whom; whoever the open payment is with, or the first that takes the currency, when left out
 * @throws order_already_paid, payment_under_review with the amounts that are held, order_cancelled, provider_unavailable,
 *   payment_refused; nothing is opened then. payment_state_unknown when the open payment may be paid at this moment and
 *   its provider does not say so: it stays
 */
export async function createPayment(
  deps: PaymentDeps,
  orderId: string,
  providerName: string | undefined,
): Promise<Created> {
  const { order, payment, created, closing } = await inTransaction(deps.db, 'createPayment', (tx) =>
    payableWith(tx, deps, orderId, providerName),
  )
  if (closing) {
    const closed = await closeAtProvider(deps, payment)
    if (closed !== 'paid')
      await inTransaction(deps.db, 'closePayment', (tx) => closeHere(tx, deps, payment, closed.call))
    // Now there is none that is open; or what was paid says why none is to be opened.
    return createPayment(deps, orderId, providerName ?? payment.provider)
  }
  if (payment.status !== 'creating') return { order, payment, created }
  return { order, payment: await openPayment(deps, order, payment, { mayExist: !created }), created: true }
}

/** What this order is paid with, under its lock; `closing`: an open payment that has to be closed before. */
async function payableWith(
  tx: Tx,
  deps: PaymentDeps,
  orderId: string,
  providerName: string | undefined,
): Promise<Created & { closing: boolean }> {
  // Sent together; the second runs after the first, so it sees the order locked.
  const [order, { payments, attempts }] = await Promise.all([
    lockOrder(tx, orderId),
    listPaymentsWithAttempts(tx, orderId, true),
  ])
  if (order === undefined) throw new AppError('order_not_found', 'There is no such order.')
  const now = deps.ports.clock.now()
  await assertPayable(tx, order, attempts, now)
  const open = payments.find((row) => isOpen(row.status))
  if (open === undefined) {
    const payment = newPayment(deps, order, chooseProvider(deps, providerName, order.currency).name)
    insertPayment(tx, payment)
    return { order, payment, created: true, closing: false }
  }
  const isWanted = providerName === undefined || providerName === open.provider
  if (isWanted && open.close_requested_at === null) return { order, payment: open, created: false, closing: false }
  // Before anything is closed: the new one must be possible.
  chooseProvider(deps, providerName ?? open.provider, order.currency)
  if (!isClosable(open)) throw mayBePaid(open)
  noteCloseRequested(tx, open.id, now)
  return { order, payment: open, created: false, closing: true }
}

/**
 * Has a payment closed by its provider, so that nobody can make it any more. One who cannot close, or rests, is not waited
 * for: money that comes all the same is taken, or goes back.
 *
 * @returns the record of the call, to be written with the closing; or that it had been paid, which is settled by now
 * @throws payment_state_unknown when there is no answer
 */
async function closeAtProvider(
  deps: PaymentDeps,
  payment: PaymentRow,
): Promise<{ call: NewProviderCall | undefined } | 'paid'> {
  const { provider_order_id: providerOrderId } = payment
  // Nobody was ever shown what its opening may have made.
  if (providerOrderId === null || isResting(deps, payment)) return { call: undefined }
  const provider = providerOf(deps, payment)
  const { reply, record } = await call(deps, payment, 'close', { providerOrderId }, () =>
    provider.close(providerOrderId),
  )
  if (reply.outcome !== 'accepted') {
    await recordProviderCall(deps.db.alone, record)
    throw mayBePaid(payment)
  }
  if (reply.value.ending !== 'paid') return { call: record }
  const settled = await settle(deps, deps.policy, reply.value.facts, { calls: [record] }, payment.order_id)
  // It says that it was paid, and tells of no payment: asking again would end the same.
  if (settled === undefined || isClosable(settled.payment)) throw mayBePaid(payment)
  return 'paid'
}

/** Closes a payment that was to be closed, unless it has moved on meanwhile. */
async function closeHere(
  tx: Tx,
  deps: PaymentDeps,
  { id, order_id: orderId }: PaymentRow,
  called: NewProviderCall | undefined,
): Promise<void> {
  await lockOrder(tx, orderId)
  const { payments } = await listPaymentsWithAttempts(tx, orderId, true)
  const payment = payments.find((row) => row.id === id)
  if (called !== undefined) insertProviderCall(tx, called)
  if (payment === undefined || !isClosable(payment) || payment.close_requested_at === null) return
  const now = deps.ports.clock.now()
  markAbandoned(tx, id, lastLook(payment.created_at, now), now)
  const closed = {
    type: 'payment.abandoned',
    subject: 'payment',
    subjectId: id,
    from: payment.status,
    to: 'abandoned',
  } as const
  const data = { reason: 'another way to pay was chosen' }
  insertEvents(tx, [{ orderId, ...closed, actor: 'system', source: 'api', data }], now)
}

/** Open, and nobody has said that money of it is under way. */
function isClosable({ status }: Pick<PaymentRow, 'status'>): boolean {
  return status === 'creating' || status === 'created' || status === 'failed'
}

function mayBePaid({ id, order_id: orderId, provider }: PaymentRow): AppError {
  return new AppError(
    'payment_state_unknown',
    `${provider} may be taking the payment of this order just now. Nothing was changed; look again in a minute.`,
    { details: { paymentId: id, orderId } },
  )
}

async function assertPayable(tx: Tx, order: OrderRow, attempts: readonly AttemptRow[], now: Date): Promise<void> {
  if (isConfirmed(order.status))
    throw new AppError('order_already_paid', 'This order is paid.', { details: { orderId: order.id } })
  // Before the question whether it has ended: whoever reads "place a new one" pays a second time.
  const asked = { amount: amountOf(order, 'rest'), currency: order.currency }
  // What the bank holds, and nobody asks about any more, was let go.
  const isLetGo = (row: AttemptRow) => row.captured_amount === 0 && order.payment_status !== 'under_review'
  const waiting = attempts.filter((row) => waitsForPerson(row, asked) && !isLetGo(row))
  if (waiting.length > 0) throw underReview(order, moneyOf(order, [], waiting, await listRefunds(tx, [order.id])))
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
