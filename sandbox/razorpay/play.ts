/** Plays a named scenario on an order: what the bank does, what webhooks tell, and what the shopper's page receives. */
import { createHmac } from 'node:crypto'
import { add, currencyExponent, subtract } from '../../shared/money.ts'
import type { Scenario, Try } from '../scenarios.ts'
import type { HookPolicy } from '../webhooks/outbox.ts'
import type { Method, Order } from './entities.ts'
import { paymentEvent } from './events.ts'
import { findFailure } from './failures.ts'
import { captureOrRelease, failPayment, type NewPayment, openPayment } from './lifecycle.ts'
import type { Instrument } from './instruments.ts'
import type { Shop } from './shop.ts'
import { planStep, type StepKind } from './steps.ts'

export interface PlayOptions {
  amount?: number
  currency?: string
  method?: Method
  instrument?: Instrument
  /** Plays it even on an order that takes no more payments. */
  allowPaid?: boolean
  /** Why the payment fails, where it fails. */
  failure?: string
  notes?: NewPayment['notes']
  description?: string | null
  email?: string | null
  contact?: string | null
}

export interface SuccessAnswer {
  razorpay_payment_id: string
  razorpay_order_id: string
  razorpay_signature: string
}

export interface FailureAnswer {
  error: {
    code: string
    description: string
    source: string
    step: string
    reason: string
    metadata: { payment_id: string; order_id: string }
  }
}

export interface Played {
  browser: Scenario['browser']
  success: SuccessAnswer | null
  failure: FailureAnswer | null
  paymentIds: string[]
}

export type PlayResult =
  | { kind: 'played'; played: Played }
  | { kind: 'unknown-order' }
  | { kind: 'not-payable'; why: string }

/** The widest text a payment description may have; more is cut, as it is for display only. */
const DESCRIPTION_CHARACTERS = 255

export const ORDER_ALREADY_PAID =
  'Your payment has been declined as the order is already paid. Please initiate the payment with a new order.'

/** What checkout signs: it proves that payment and order belong together, not that anything was captured. */
export function checkoutSignature(orderId: string, paymentId: string, keySecret: string): string {
  return createHmac('sha256', keySecret).update(`${orderId}|${paymentId}`).digest('hex')
}

export function play(shop: Shop, orderId: string, scenario: Scenario, options: PlayOptions): PlayResult {
  return shop.world.books.transaction(() => {
    const order = shop.tables.findOrder(orderId)
    if (order === undefined) return { kind: 'unknown-order' }
    const why = whyNotPayable(shop, order.doc)
    const surplus = options.allowPaid === true || scenario.name === 'double_capture'
    if (why !== undefined && scenario.tries.length > 0 && !surplus) return { kind: 'not-payable', why }
    // A second capture on an order that has one already is a double capture with one try.
    const onceMore = why !== undefined && scenario.name === 'double_capture'
    const tries = onceMore ? scenario.tries.slice(0, 1) : scenario.tries
    const forced = options.allowPaid === true
    const made = tries.map((each) => playTry(shop, order.doc, forced ? { ...each, forced } : each, scenario, options))
    if (scenario.forgedHook === true) forgeCapture(shop, order.doc)
    const failed = made.find((each) => each.result === 'failed')
    const paid = made.find((each) => each.result !== 'failed')
    return {
      kind: 'played',
      played: {
        browser: scenario.browser,
        success: successAnswer(shop, orderId, scenario, paid?.paymentId),
        failure: failed === undefined ? null : failureAnswer(orderId, failed.paymentId, options.failure),
        paymentIds: made.map((each) => each.paymentId),
      },
    }
  })
}

/** Why the order takes no payment now, or undefined when it does. */
export function whyNotPayable(shop: Shop, order: Order): string | undefined {
  if (order.status === 'paid') return ORDER_ALREADY_PAID
  const attempts = order.attempts === 0 ? [] : shop.tables.paymentsOfOrder(order.id)
  const held = attempts.some(({ doc }) => doc.status === 'authorized')
  return held ? 'Another payment of this order is authorized already.' : undefined
}

function playTry(
  shop: Shop,
  order: Order,
  attempt: Try,
  scenario: Scenario,
  options: PlayOptions,
): { paymentId: string; result: Try['result'] } {
  const { result, later, forced } = attempt
  const { hooks } = scenario
  const payment = openPayment(shop, order.id, {
    amount: options.amount ?? amountOf(order, attempt.differs),
    currency: options.currency ?? (attempt.differs === 'currency' ? otherCurrency(order.currency) : order.currency),
    method: options.method ?? 'upi',
    instrument: options.instrument ?? {},
    notes: options.notes ?? [],
    description: options.description?.slice(0, DESCRIPTION_CHARACTERS) ?? null,
    email: options.email ?? null,
    contact: options.contact ?? null,
    refunds: attempt.refunds ?? 'now',
  })
  const paymentId = payment.doc.id
  if (result === 'failed') shop.outbox.emit(failPayment(shop, paymentId, options.failure), hooks)
  if (result === 'authorized') shop.outbox.emit(captureOrRelease(shop, paymentId, { capture: 'never' }), hooks)
  if (result === 'captured') {
    const capture = forced === true ? 'always' : 'as-ordered'
    shop.outbox.emit(captureOrRelease(shop, paymentId, { capture }), hooks)
  }
  if (later !== undefined) {
    const laterHooks: HookPolicy = later.hooks ?? hooks
    const kind: StepKind = later.to
    planStep(shop, { kind, subject: paymentId, afterMs: later.afterMs, hooks: laterHooks })
  }
  return { paymentId, result }
}

function amountOf(order: Order, differs: Try['differs']): number {
  const oneUnit = 10 ** currencyExponent(order.currency)
  if (differs === 'over') return add(order.amount, oneUnit)
  if (differs === 'short') return order.amount > oneUnit ? subtract(order.amount, oneUnit) : subtract(order.amount, 1)
  return order.amount
}

function otherCurrency(currency: string): string {
  return currency === 'INR' ? 'USD' : 'INR'
}

function successAnswer(
  shop: Shop,
  orderId: string,
  scenario: Scenario,
  paymentId: string | undefined,
): SuccessAnswer | null {
  if (scenario.browser === 'forged-success') {
    const madeUp = `pay_${shop.world.ids.text(14)}`
    return answer(orderId, madeUp, checkoutSignature(orderId, madeUp, `not ${shop.keys.keySecret}`))
  }
  if (paymentId === undefined || scenario.browser === 'closed') return null
  return answer(orderId, paymentId, checkoutSignature(orderId, paymentId, shop.keys.keySecret))
}

function answer(orderId: string, paymentId: string, signature: string): SuccessAnswer {
  return { razorpay_payment_id: paymentId, razorpay_order_id: orderId, razorpay_signature: signature }
}

function failureAnswer(orderId: string, paymentId: string, reason: string | undefined): FailureAnswer {
  const { code, description, source, step, reason: named } = findFailure(reason)
  const metadata = { payment_id: paymentId, order_id: orderId }
  return { error: { code, description, source, step, reason: named, metadata } }
}

/** A webhook about a payment that does not exist. Its maker knows the order and the shape of events, but no secret. */
function forgeCapture(shop: Shop, order: Order): void {
  const { world } = shop
  const draft = paymentEvent(shop, 'payment.captured', {
    doc: {
      id: `pay_${world.ids.text(14)}`,
      entity: 'payment',
      amount: order.amount,
      currency: order.currency,
      status: 'captured',
      order_id: order.id,
      invoice_id: null,
      international: false,
      method: 'upi',
      amount_refunded: 0,
      refund_status: null,
      captured: true,
      description: null,
      card_id: null,
      bank: null,
      wallet: null,
      vpa: 'success@razorpay',
      email: 'void@razorpay.com',
      contact: '+919876543210',
      notes: [],
      fee: 0,
      tax: 0,
      error_code: null,
      error_description: null,
      error_source: null,
      error_step: null,
      error_reason: null,
      acquirer_data: { rrn: world.ids.digits(12) },
      created_at: world.nowSeconds(),
    },
    terms: { card: null, refunds: 'now' },
  })
  shop.outbox.forge(draft)
}
