/** Razorpay behind our interface. https://razorpay.com/docs/api */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { currencyExponent } from '../../../../shared/money.ts'
import type { Network } from '../../../platform/network.ts'
import { RAZORPAY_LATE_MONEY_DAYS } from '../../../platform/provider-config.ts'
import { providerOrderOf, type FactOf } from '../../money/belonging.ts'
import type { AttemptFact, PaymentFact, RefundFact } from '../../money/payment.ts'
import {
  UnreadableEvent,
  type Opened,
  type OpeningRefusal,
  type PaymentProvider,
  type ProviderOrderRequest,
  type Returned,
  type WebhookContent,
} from '../provider.ts'
import { ask, readable } from './answer.ts'
import { razorpayBooks } from './books.ts'
import { createRazorpayClient } from './client.ts'
import {
  attemptFact,
  collectionItems,
  RAZORPAY,
  readOrder,
  refundFact,
  unreadPayment,
  webhookContent,
} from './facts.ts'
import { unreadableIf } from './lists.ts'

export interface RazorpayOptions {
  keyId: string
  keySecret: string
  /** The current webhook secret first, then one that is being rotated out. Never empty. */
  webhookSecrets: readonly string[]
  baseUrl: string
  checkoutUrl: string
  timeoutMs?: number
  /** What Razorpay documents when it is not given. */
  lateMoneyDays?: number
  /** Shown in the payment window. */
  shopName: string
}

/** Razorpay answers within a second or two; a shopper waits no longer than this. */
const TIMEOUT_MS = 5_000
/** Razorpay captures by itself no sooner than this many minutes after creation. */
const SHORTEST_CAPTURE_WINDOW_MIN = 12
/**
 * Ways to pay that Razorpay's window must not offer.
 *
 * UPI "collect", where the shopper types an address, was ended in February 2026; what is left is the app on a phone and a
 * QR code on a desk. https://razorpay.com/docs/announcements/upi-collect-migration/standard-integration
 *
 * Cash on delivery, which an account can have switched on, would place an order of which no money goes through Razorpay.
 * https://razorpay.com/docs/payments/payment-gateway/web-integration/standard/cod
 */
const HIDDEN_WAYS = [{ method: 'upi', flows: ['collect'] }, { method: 'cod' }] as const
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const LARGEST_PAGE = 100

export function createRazorpay(options: RazorpayOptions, network: Network): PaymentProvider {
  // An HMAC under an empty key can be computed by anybody.
  if (options.webhookSecrets.length === 0 || options.webhookSecrets.some((secret) => secret.trim() === '')) {
    throw new Error('Razorpay needs a webhook secret: without one anybody could say that an order was paid')
  }
  if (options.keyId.trim() === '' || options.keySecret.trim() === '') {
    throw new Error('Razorpay needs a key id and a key secret: the secret also signs what the browser brings back')
  }
  const client = createRazorpayClient({ ...options, timeoutMs: options.timeoutMs ?? TIMEOUT_MS }, network)
  const { sdk, inner } = client

  return {
    name: RAZORPAY,
    title: 'Razorpay',
    pageSources: pageSources(options.checkoutUrl),
    books: razorpayBooks(client),
    lateMoneyMs: (options.lateMoneyDays ?? RAZORPAY_LATE_MONEY_DAYS) * DAY_MS,

    takesCurrency: (currency) => /^[A-Z]{3}$/.test(currency),
    amountsIn(currency) {
      const exponent = currencyExponent(currency)
      // ₹1.00, and the same number of major units elsewhere. Where there are three decimals the last one is 0.
      return { least: 10 ** exponent, step: exponent === 3 ? 10 : 1 }
    },

    // Its orders stay open until they are paid: there is no call that ends one.
    close: async () => ({ outcome: 'accepted', httpStatus: null, reply: null, value: { ending: 'cannot' } }),

    async createOrder(request) {
      const { paymentId, amount, currency, orderNumber } = request
      const automatic_expiry_period = captureWindowMinutes(request)
      const body = {
        amount,
        currency,
        receipt: paymentId,
        notes: { order: orderNumber },
        payment: { capture: 'automatic', capture_options: { automatic_expiry_period, refund_speed: 'normal' } },
      }
      const made = await ask(
        () => sdk.orders.create(body as unknown as Parameters<typeof sdk.orders.create>[0]),
        (value) => {
          const order = readOrder(value)
          if (order.amount !== amount || order.currency !== currency) throw new Error('an order of another amount')
          return openedOrder(order.id)
        },
      )
      return made.outcome === 'refused' ? { ...made, code: openingRefusal(made.message) ?? made.code } : made
    },

    findOrder({ paymentId, amount, currency }) {
      return ask(
        () => sdk.orders.all({ receipt: paymentId, count: LARGEST_PAGE } as Parameters<typeof sdk.orders.all>[0]),
        (value) => {
          const orders = collectionItems(value).map(readOrder)
          const ours = orders.find(
            (order) => order.receipt === paymentId && order.amount === amount && order.currency === currency,
          )
          return ours === undefined ? null : openedOrder(ours.id)
        },
      )
    },

    checkout({ providerOrderId, amount, currency, orderNumber, customer }) {
      const prefill = Object.fromEntries(Object.entries(customer).filter(([, value]) => value !== null))
      return {
        keyId: options.keyId,
        checkout: {
          kind: 'razorpay',
          scriptUrl: options.checkoutUrl,
          options: {
            key: options.keyId,
            order_id: providerOrderId,
            amount,
            currency,
            name: options.shopName,
            description: `Order ${orderNumber}`,
            prefill,
            notes: { order: orderNumber },
            config: { display: { hide: HIDDEN_WAYS } },
          },
        },
      }
    },

    // The signature covers the order id that we stored, whatever the browser sends: it proves that this payment belongs
    // to this order, not that anything was captured. Its key is the API secret, not the webhook's.
    readReturn({ providerOrderId }, returned) {
      const { paymentId, signature } = checkoutFields(returned)
      if (signature === undefined) return { verdict: 'notMine' }
      if (paymentId === undefined) return { verdict: 'forged' }
      return matches(hmac(options.keySecret, `${providerOrderId}|${paymentId}`), signature)
        ? { verdict: 'signed', providerPaymentId: paymentId }
        : { verdict: 'forged' }
    },

    async readWebhook(rawBody, headers) {
      const signature = headers['x-razorpay-signature']
      if (typeof signature !== 'string' || signature === '') return { verdict: 'missing' }
      // Retries of an event from before a rotation are signed with the old secret.
      const signed = options.webhookSecrets.map((secret) => matches(hmac(secret, rawBody), signature)).includes(true)
      if (!signed) return { verdict: 'invalid' }
      const eventId = headers['x-razorpay-event-id']
      // The id stands only in a header. Without one, the same bytes are the same event.
      const fallback = `body-${createHash('sha256').update(rawBody).digest('hex')}`
      return {
        verdict: 'signed',
        eventId: typeof eventId === 'string' && eventId !== '' ? eventId.slice(0, 200) : fallback,
        content: contentOrWhy(rawBody),
      }
    },

    readEvent: webhookContent,

    async fetchOrderPayments(providerOrderId) {
      const attempts = await ask(
        () =>
          inner
            .get<unknown>(`/v1/orders/${encodeURIComponent(providerOrderId)}/payments`, {
              params: { 'expand[]': 'card' },
            })
            .then(dataOf),
        (value) => collectionItems(value),
      )
      if (attempts.outcome !== 'accepted') return attempts
      return readable(attempts, () => {
        const facts: PaymentFact[] = []
        for (const item of attempts.value) {
          const fact = attemptFact(item, 'poll') ?? unreadPayment(item, 'poll')
          if (fact !== null && providerOrderOf(fact.of) === providerOrderId) facts.push(fact)
        }
        return facts
      })
    },

    async fetchPayment(providerPaymentId) {
      const answer = await ask(
        () =>
          inner
            .get<unknown>(`/v1/payments/${encodeURIComponent(providerPaymentId)}`, { params: { 'expand[]': 'card' } })
            .then(dataOf),
        (value) => {
          const fact = attemptFact(value, 'poll')
          if (fact !== null && fact.providerPaymentId !== providerPaymentId) throw new Error('another payment')
          return fact
        },
      )
      return unreadableIf(answer, (body) => body['id'] === providerPaymentId)
    },

    async capture({ providerOrderId, providerPaymentId, amount, currency }) {
      const captured = await ask<AttemptFact>(
        () => sdk.payments.capture(providerPaymentId, amount, currency),
        (value) => boundFact(attemptFact(value, 'worker'), providerOrderId, providerPaymentId),
      )
      if (captured.outcome !== 'refused' || !/already been captured/i.test(captured.message)) return captured
      // Captures have no idempotency key: somebody was faster, most often Razorpay itself. Its own word is what counts.
      return ask<AttemptFact>(
        () => inner.get<unknown>(`/v1/payments/${encodeURIComponent(providerPaymentId)}`, { params: {} }).then(dataOf),
        (value) => boundFact(attemptFact(value, 'worker'), providerOrderId, providerPaymentId),
      )
    },

    refund({ providerOrderId, providerPaymentId, refundId, amount, idempotencyKey }) {
      // The SDK's refund method cannot send the header that makes a repeat harmless.
      // https://razorpay.com/docs/api/refunds/normal-refunds-idempotent
      return ask<RefundFact>(
        () =>
          inner
            .post<unknown>(
              `/v1/payments/${encodeURIComponent(providerPaymentId)}/refund`,
              { amount, speed: 'normal', receipt: refundId },
              { headers: { 'X-Refund-Idempotency': idempotencyKey } },
            )
            .then(dataOf),
        (value) => {
          const fact = refundFact(value, { providerOrderId }, 'worker')
          if (fact === null) throw new Error('a refund in an unknown state')
          if (fact.providerPaymentId !== providerPaymentId) throw new Error('a refund of another payment')
          return fact
        },
      )
    },

    fetchRefunds({ providerOrderId, providerPaymentId }) {
      const of: FactOf = providerOrderId === null ? { providerPaymentId } : { providerOrderId }
      return ask<RefundFact[]>(
        () =>
          inner
            .get<unknown>(`/v1/payments/${encodeURIComponent(providerPaymentId)}/refunds`, {
              params: { count: LARGEST_PAGE },
            })
            .then(dataOf),
        (value) =>
          collectionItems(value)
            .map((item) => refundFact(item, of, 'poll'))
            .filter((fact) => fact !== null)
            .filter((fact) => fact.providerPaymentId === providerPaymentId),
      )
    },
  }
}

function contentOrWhy(rawBody: Buffer): WebhookContent | UnreadableEvent {
  try {
    return webhookContent(rawBody)
  } catch (error) {
    if (error instanceof UnreadableEvent) return error
    throw error
  }
}

/** The script opens windows of its own origin; the real one also talks to these hosts. */
function pageSources(checkoutUrl: string): PaymentProvider['pageSources'] {
  const { origin } = new URL(checkoutUrl)
  if (origin !== 'https://checkout.razorpay.com') return { script: [origin], frame: [origin], connect: [origin] }
  return {
    script: [origin],
    frame: [origin, 'https://api.razorpay.com'],
    connect: [origin, 'https://api.razorpay.com', 'https://lumberjack.razorpay.com'],
  }
}

/** An order can be paid for ever, and its id is all that the window needs. */
function openedOrder(providerOrderId: string): Opened {
  return { providerOrderId, checkout: null, openUntil: null }
}

/** For how long, in minutes, Razorpay captures by itself what is authorized: as long as the order waits, if it can be told. */
function captureWindowMinutes({ now, openUntil }: ProviderOrderRequest): number {
  return Math.max(SHORTEST_CAPTURE_WINDOW_MIN, Math.ceil((openUntil.getTime() - now.getTime()) / MINUTE_MS))
}

/** Razorpay has one code for every bad request; why it opens no order stands in its words. */
function openingRefusal(message: string): OpeningRefusal | undefined {
  if (/exceeds maximum amount/i.test(message)) return 'amount_too_large'
  if (/less than minimum amount|must be at least/i.test(message)) return 'amount_too_small'
  return /currency/i.test(message) ? 'currency_not_enabled' : undefined
}

/** Razorpay's own field names, in either spelling. */
function checkoutFields(returned: Returned): { paymentId: string | undefined; signature: string | undefined } {
  return {
    paymentId: returned['razorpayPaymentId'] ?? returned['razorpay_payment_id'],
    signature: returned['razorpaySignature'] ?? returned['razorpay_signature'],
  }
}

/** An answer about something else than what was asked of says nothing about it. */
function boundFact(fact: AttemptFact | null, providerOrderId: string, providerPaymentId: string): AttemptFact {
  if (fact === null) throw new Error('a payment in an unknown state')
  if (providerOrderOf(fact.of) !== providerOrderId) throw new Error('a payment of another order')
  if (fact.providerPaymentId !== providerPaymentId) throw new Error('another payment')
  return fact
}

function dataOf<T>(response: { data: T }): T {
  return response.data
}

function hmac(secret: string, message: string | Buffer): Buffer {
  return createHmac('sha256', secret).update(message).digest()
}

/** Compares in constant time; a signature of another length or alphabet is simply not equal. */
function matches(expected: Buffer, signatureHex: string): boolean {
  if (!/^[0-9a-f]{64}$/i.test(signatureHex)) return false
  return timingSafeEqual(expected, Buffer.from(signatureHex, 'hex'))
}
