/** What the tests of the kit share: the bench, the adapter under watch, and the few steps that most of them begin with. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isOf, type FactOf } from '../../money/belonging.ts'
import type { AttemptFact } from '../../money/payment.ts'
import type { Bench, Ending, Paid, Traits } from '../conformance.ts'
import type { Opened, PaymentProvider, ProviderBooks, ProviderOrderRequest, RefundRequest, Reply } from '../provider.ts'

export interface Bed {
  readonly traits: Traits
  readonly bench: Bench
  /** The adapter; whatever it answers is kept in `replies`. */
  readonly provider: PaymentProvider
  readonly replies: unknown[]
}

export interface OpenOrder {
  request: ProviderOrderRequest
  providerOrderId: string
  /** What the adapter wants to have kept of it. */
  kept: Opened['checkout']
}

/** The same adapter, whose answers are kept so that they can be searched for secrets at the end. */
export function witness<T extends object>(provider: T, replies: unknown[]): T {
  return new Proxy(provider, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (typeof value === 'object' && value !== null) return witness(value, replies)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result: unknown = Reflect.apply(value, target, args)
        if (!(result instanceof Promise)) {
          replies.push(result)
          return result
        }
        return result.then((reply: unknown) => {
          replies.push(reply)
          return reply
        })
      }
    },
  })
}

/** Why tests of a part of the books are skipped, or that they are not. */
export function notShown({ books }: Traits, part: keyof ProviderBooks): string | false {
  return !books.includes(part) && `books: the provider shows no ${part}`
}

/** A part of the provider's books; tests of what a trait says is not shown are skipped. */
export function shown<T>(books: T | null): T {
  assert.ok(books !== null, 'the adapter shows these books')
  return books
}

export function orderRequest(bed: Bed, amount = bed.bench.amount, currency = bed.bench.currency): ProviderOrderRequest {
  const now = new Date()
  return {
    paymentId: randomUUID(),
    amount,
    currency,
    orderNumber: 'H-7K2M9QXA',
    email: 'ananya@example.test',
    now,
    openUntil: new Date(now.getTime() + 30 * 60_000),
    returnUrl: 'https://shop.example/api/payments/return/0192e4a0-0000-7000-8000-000000000001',
    cancelUrl: 'https://shop.example/orders/0192e4a0-0000-7000-8000-000000000001',
  }
}

export async function openOrder(bed: Bed, amount?: number, currency?: string): Promise<OpenOrder> {
  const request = orderRequest(bed, amount, currency)
  const { providerOrderId, checkout: kept } = accepted(await bed.provider.createOrder(request))
  return { request, providerOrderId, kept }
}

export async function paidOrder(
  bed: Bed,
  ending: Ending,
  options?: { method?: 'card' | 'upi'; refunds?: 'late' },
): Promise<OpenOrder & Paid> {
  const order = await openOrder(bed)
  return { ...order, ...(await bed.bench.pay(order.providerOrderId, ending, options)) }
}

export function captureRequest({ request, providerOrderId, providerPaymentId }: OpenOrder & Paid) {
  return { providerOrderId, providerPaymentId, amount: request.amount, currency: request.currency }
}

export function refundRequest(paid: OpenOrder & Paid, amount = paid.request.amount): RefundRequest {
  return { ...captureRequest(paid), amount, refundId: randomUUID(), idempotencyKey: randomUUID() }
}

/** The value of an accepted reply; anything else fails the test with what was said instead. */
export function accepted<T>(reply: Reply<T>): T {
  assert.equal(reply.outcome, 'accepted', `expected an accepted reply: ${JSON.stringify(reply)}`)
  return (reply as Extract<Reply<T>, { outcome: 'accepted' }>).value
}

export function assertRefused(reply: Reply<unknown>): void {
  assert.equal(reply.outcome, 'refused', `expected a refusal: ${JSON.stringify(reply)}`)
  const { code, message } = reply as Extract<Reply<unknown>, { outcome: 'refused' }>
  assert.notEqual(code, '', 'a refusal has a code')
  assert.notEqual(message, '', 'a refusal says why')
}

export function assertUnknown(reply: Reply<unknown>): void {
  assert.equal(reply.outcome, 'unknown', `expected not to know: ${JSON.stringify(reply)}`)
  const { message } = reply as Extract<Reply<unknown>, { outcome: 'unknown' }>
  assert.notEqual(message, '', 'not knowing has a reason')
}

/**
 * A moment of the provider that is about now: its clock may count whole seconds, so it may lie up to one before ours.
 *
 * @param beforeMs our clock before the thing was made
 */
export function assertMadeNow(moment: Date | null, beforeMs: number): void {
  assert.ok(moment !== null, 'the provider tells when it was made')
  const ms = moment.getTime()
  assert.ok(ms > beforeMs - 1_000 && ms <= Date.now(), `made between ${beforeMs} and now, not at ${ms}`)
}

/** The parts of an attempt that the money depends on. */
export function essence(fact: AttemptFact | null, paid: OpenOrder & Paid) {
  if (fact === null) return null
  const { kind, provider, providerPaymentId, status, amount, currency } = fact
  return { kind, provider, isOurs: isOfOurs(fact, paid), providerPaymentId, status, amount, currency }
}

/** Whether a fact is bound to the payment that we have opened, by whichever name of it the adapter could tell. */
export function isOfOurs({ of }: { of: FactOf }, paid: OpenOrder & Paid): boolean {
  const { request, providerOrderId, providerPaymentId } = paid
  return isOf(of, {
    payment_id: request.paymentId,
    provider_order_id: providerOrderId,
    provider_payment_id: providerPaymentId,
  })
}

export function attemptOf(bed: Bed, paid: OpenOrder & Paid, status: AttemptFact['status']) {
  const { providerPaymentId, request } = paid
  return {
    kind: 'attempt' as const,
    provider: bed.provider.name,
    isOurs: true,
    providerPaymentId,
    status,
    amount: request.amount,
    currency: request.currency,
  }
}
