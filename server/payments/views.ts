/** Payments as the API shows them. Pure. */
import type { OrderMoney, OrderPaymentState, Payment, Refund, VerifiedPayment } from '../../shared/contract/payments.ts'
import type { Audience } from '../accounts/account.ts'
import { BANK } from '../ledger/movement.ts'
import { canPay, isConfirmed, type OrderRow } from '../orders/order.ts'
import { isOpen, type AttemptRow, type PaymentRow, type RefundRow } from './money/payment.ts'
import { isInternal, toldOf } from './money/refund-words.ts'

/**
 * A payment with its attempts and refunds.
 *
 * @param audience a shopper is told what became of the money, and nothing that staff or their bank wrote down for
 *   themselves: notes, references of transfers, what the provider keeps, refunds that nobody has agreed to
 */
export function toPayment(
  payment: PaymentRow,
  attempts: readonly AttemptRow[],
  refunds: readonly RefundRow[],
  audience: Audience,
): Payment {
  return {
    id: payment.id,
    orderId: payment.order_id,
    provider: payment.provider,
    providerOrderId: isForStaff(payment, audience) ? null : payment.provider_order_id,
    status: payment.status,
    amount: payment.amount,
    currency: payment.currency,
    method: payment.method,
    capturedAmount: payment.captured_amount,
    refundedAmount: payment.refunded_amount,
    attempts: attempts
      .filter((attempt) => attempt.payment_id === payment.id)
      .map((attempt) => ({
        id: attempt.id,
        providerPaymentId: isForStaff(attempt, audience) ? attempt.id : attempt.provider_payment_id,
        status: attempt.status,
        method: attempt.method,
        methodDetail: isForStaff(attempt, audience) ? null : attempt.method_detail,
        amount: attempt.amount,
        currency: attempt.currency,
        capturedAmount: attempt.captured_amount,
        refundedAmount: attempt.refunded_amount,
        ...(audience === 'staff' ? { fee: attempt.fee, tax: attempt.tax } : {}),
        errorCode: attempt.error_code,
        errorDescription: attempt.error_description,
        createdAt: attempt.created_at.toISOString(),
      })),
    refunds: refunds
      .filter((refund) => refund.payment_id === payment.id && (audience === 'staff' || !isInternal(refund)))
      .map((refund) => toRefund(refund, audience)),
    createdAt: payment.created_at.toISOString(),
  }
}

/** The ids of a payment that a person marked as paid are the references of a bank transfer. */
function isForStaff({ provider }: Pick<PaymentRow, 'provider'>, audience: Audience): boolean {
  return provider === BANK && audience === 'shopper'
}

/** Payments with their attempts and refunds. */
export function toPayments(
  rows: { payments: readonly PaymentRow[]; attempts: readonly AttemptRow[]; refunds: readonly RefundRow[] },
  audience: Audience,
): Payment[] {
  return rows.payments.map((payment) => toPayment(payment, rows.attempts, rows.refunds, audience))
}

export function toRefund(refund: RefundRow, audience: Audience): Refund {
  const staff = audience === 'staff'
  return {
    id: refund.id,
    paymentId: refund.payment_id,
    attemptId: refund.attempt_id,
    // What a person paid back by hand has the reference of that transfer here.
    providerRefundId: staff || refund.destination !== 'elsewhere' ? refund.provider_refund_id : null,
    amount: refund.amount,
    currency: refund.currency,
    status: refund.status,
    ...toldOf(refund),
    reason: staff ? refund.reason : null,
    destination: refund.destination,
    approval: staff ? refund.approval : 'none',
    errorDescription: staff ? refund.error_description : null,
    createdAt: refund.created_at.toISOString(),
    processedAt: refund.processed_at?.toISOString() ?? null,
  }
}

/** What verify answers. */
export function toVerified(
  order: Pick<OrderRow, 'id' | 'status' | 'payment_status'>,
  payment: Pick<PaymentRow, 'status'>,
  money: OrderMoney[],
): VerifiedPayment {
  return {
    orderId: order.id,
    status: payment.status,
    orderStatus: order.status,
    paymentStatus: order.payment_status,
    isConfirmed: isConfirmed(order.status),
    money,
  }
}

/** What the status route answers: the order's own words, and those of the payment that matters most. */
export function toState(
  order: OrderRow,
  payments: readonly PaymentRow[],
  attempts: readonly AttemptRow[],
  money: OrderMoney[],
  now: Date,
): OrderPaymentState {
  const payment = mostTelling(order, payments)
  return {
    paymentId: payment?.id ?? null,
    provider: payment?.provider ?? null,
    status: payment?.status ?? null,
    amount: payment?.amount ?? order.total,
    currency: payment?.currency ?? order.currency,
    orderId: order.id,
    orderNumber: order.number,
    orderStatus: order.status,
    paymentStatus: order.payment_status,
    isConfirmed: isConfirmed(order.status),
    isUndecided: attempts.some((row) => row.status === 'created' || row.status === 'authorized'),
    canPay: canPay(order, now),
    money,
  }
}

/** The payment that pays the order, else the one that can still be paid, else the last that had money. */
function mostTelling(order: OrderRow, payments: readonly PaymentRow[]): PaymentRow | undefined {
  const pays = (row: PaymentRow) => row.status === 'paid' || row.status === 'partially_refunded'
  return (
    (isConfirmed(order.status) ? payments.findLast(pays) : undefined) ??
    payments.findLast((row) => isOpen(row.status)) ??
    payments.findLast((row) => row.captured_amount > 0) ??
    payments.at(-1)
  )
}
