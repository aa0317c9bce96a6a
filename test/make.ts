/** Rows and facts for tests: each builder gives a plain, consistent one and takes what the test is about. */
import type { SaleLine } from '../server/orders/lines.ts'
import type { OrderRow } from '../server/orders/order.ts'
import { orderAfter, partsConfirmed } from '../server/orders/parts.ts'
import type { Outcome } from '../server/payments/money/draft.ts'
import type {
  AttemptFact,
  AttemptRow,
  Money,
  PaymentRow,
  RefundFact,
  RefundRow,
} from '../server/payments/money/payment.ts'

export const at = new Date('2026-11-21T08:30:00Z')
export const ORDER_ID = '00000000-0000-7000-8000-00000000a001'
export const SHOP_ID = '00000000-0000-7000-8000-00000000a002'
export const PAYMENT_ID = '00000000-0000-7000-8000-00000000a003'

export function orderRow(changes: Partial<OrderRow>): OrderRow {
  return {
    id: ORDER_ID,
    number: 'H-TEST-0001',
    user_id: null,
    guest_token_hash: '00',
    email: 'ananya@example.test',
    customer_name: 'Ananya Deshpande',
    status: 'pending',
    payment_status: 'pending',
    payment_method: 'online',
    currency: 'INR',
    subtotal: 10_000,
    discount: 0,
    delivery_fee: 0,
    tax: 0,
    tax_included: 476,
    total: 10_000,
    wallet_amount: 0,
    coupon_code: null,
    shipping_address: null,
    stock: 'reserved',
    given_back: false,
    cancel_reason: null,
    expires_at: new Date(at.getTime() + 1_800_000),
    confirmed_at: null,
    cancelled_at: null,
    created_at: at,
    ...changes,
  }
}

export function saleLine(changes: Partial<SaleLine>): SaleLine {
  return {
    id: '00000000-0000-7000-8000-00000000a007',
    kind: 'product',
    product_id: '00000000-0000-7000-8000-00000000a008',
    title: 'Tellicherry pepper',
    quantity: 1,
    discount: 0,
    house_discount: 0,
    total: 10_000,
    tax: 0,
    commission: 0,
    returned_quantity: 0,
    returned_amount: 0,
    restocked: 0,
    shop_order_id: ORDER_ID,
    shop_id: SHOP_ID,
    shop_status: 'accepted',
    shop_accepts: true,
    ...changes,
  }
}

/** The money of an order that waits for its payment. */
export function moneyOf(changes: Partial<Money>): Money {
  return {
    order: orderRow({}),
    payments: [paymentRow({})],
    attempts: [],
    refunds: [],
    lines: [saleLine({})],
    stockFree: false,
    ...changes,
  }
}

/** What the next transaction would read once an outcome was written. */
export function moneyAfter(money: Money, outcome: Outcome): Money {
  const merge = <T extends { id: string }>(before: readonly T[], changed: readonly T[]) => [
    ...new Map([...before, ...changed].map((row) => [row.id, row])).values(),
  ]
  const order = { ...money.order, ...orderAfterOutcome(money.lines, outcome) }
  return {
    ...money,
    order,
    payments: merge(money.payments, outcome.payments),
    attempts: merge(money.attempts, outcome.attempts),
    refunds: merge(money.refunds, outcome.refunds),
    lines: linesAfter(outcome),
  }
}

function orderAfterOutcome(lines: readonly SaleLine[], outcome: Outcome): Partial<OrderRow> {
  const { confirm, ending, orderPaymentStatus } = outcome
  const isOver = ending !== undefined && orderAfter(lines, ending.parts) === 'cancelled'
  return {
    ...(confirm === undefined ? {} : { status: 'confirmed', cancel_reason: null, stock: 'deducted' }),
    ...(isOver ? { status: 'cancelled', cancel_reason: ending.reason, stock: 'released' } : {}),
    ...(outcome.lateForExpired ? { cancel_reason: 'late_payment' } : {}),
    ...(orderPaymentStatus === undefined ? {} : { payment_status: orderPaymentStatus }),
  }
}

function linesAfter({ lines, confirm, restock }: Outcome): SaleLine[] {
  const moved = confirm === undefined ? [] : partsConfirmed(lines)
  return lines.map((line) => ({
    ...line,
    shop_status: moved.find(({ id }) => id === line.shop_order_id)?.to ?? line.shop_status,
    restocked: line.restocked + (restock.find(({ itemId }) => itemId === line.id)?.quantity ?? 0),
  }))
}

export function paymentRow(changes: Partial<PaymentRow>): PaymentRow {
  return {
    id: PAYMENT_ID,
    order_id: ORDER_ID,
    provider: 'razorpay',
    provider_order_id: 'order_1',
    checkout: null,
    open_until: null,
    close_requested_at: null,
    status: 'created',
    amount: 10_000,
    currency: 'INR',
    method: null,
    captured_amount: 0,
    refunded_amount: 0,
    next_look_at: new Date(at.getTime() + 60_000),
    looks: 0,
    look_plan: 'open',
    created_at: at,
    ...changes,
  }
}

export function attemptRow(changes: Partial<AttemptRow>): AttemptRow {
  return {
    id: '00000000-0000-7000-8000-00000000a005',
    payment_id: PAYMENT_ID,
    order_id: ORDER_ID,
    provider: 'razorpay',
    provider_payment_id: 'pay_1',
    status: 'created',
    claimed: false,
    disposition: 'none',
    amount: 10_000,
    currency: 'INR',
    captured_amount: 0,
    refunding_amount: 0,
    refunded_amount: 0,
    written_off_amount: 0,
    method: null,
    method_detail: null,
    fee: null,
    tax: null,
    error_code: null,
    error_description: null,
    provider_created_at: null,
    created_at: at,
    ...changes,
  }
}

export function refundRow(changes: Partial<RefundRow>): RefundRow {
  return {
    id: '00000000-0000-7000-8000-00000000a006',
    order_id: ORDER_ID,
    payment_id: PAYMENT_ID,
    attempt_id: '00000000-0000-7000-8000-00000000a005',
    decision_id: '00000000-0000-7000-8000-00000000a006',
    provider: 'razorpay',
    provider_refund_id: null,
    amount: 10_000,
    currency: 'INR',
    status: 'requested',
    reason: 'order_cancelled',
    cause: 'cancelled',
    message: null,
    destination: 'source',
    approval: 'none',
    lines: [],
    restock: [],
    idempotency_key: '00000000-0000-7000-8000-00000000a006',
    requested_by: null,
    approved_by: null,
    error_description: null,
    provider_created_at: null,
    next_look_at: at,
    looks: 0,
    created_at: at,
    processed_at: null,
    ...changes,
  }
}

export function attemptFact(changes: Partial<AttemptFact>): AttemptFact {
  return {
    kind: 'attempt',
    provider: 'razorpay',
    of: { providerOrderId: 'order_1' },
    source: 'webhook',
    providerPaymentId: 'pay_1',
    status: 'captured',
    amount: 10_000,
    currency: 'INR',
    method: 'upi',
    methodDetail: 'ananya@okbank',
    fee: null,
    tax: null,
    errorCode: null,
    errorDescription: null,
    refundedAmount: null,
    providerCreatedAt: null,
    ...changes,
  }
}

export function refundFact(changes: Partial<RefundFact>): RefundFact {
  return {
    kind: 'refund',
    provider: 'razorpay',
    of: { providerOrderId: 'order_1' },
    source: 'webhook',
    providerPaymentId: 'pay_1',
    providerRefundId: 'rfnd_1',
    ourRefundId: '00000000-0000-7000-8000-00000000a006',
    status: 'processed',
    amount: 10_000,
    currency: 'INR',
    providerCreatedAt: null,
    ...changes,
  }
}
