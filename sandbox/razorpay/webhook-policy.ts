/**
 * How Razorpay delivers webhooks: success is a 2xx within 5 s, everything else is tried again. The documentation names
 * 24 hours and no schedule; this one was measured on real test-mode deliveries (github.com/LokarajR/Raze, measurement/).
 */
import { createHmac } from 'node:crypto'
import type { DeliveryPolicy } from '../webhooks/outbox.ts'

/** Seconds after the first try: doubling, without jitter, the last at 22.8 hours. */
const LADDER_S = [6, 19, 40, 83, 165, 327, 650, 1293, 2576, 5140, 10_267, 20_508, 40_989, 81_953]

/** These are tried again almost at once when the first answer is a 5xx. */
const QUICK_RETRY_TYPES = new Set(['payment.authorized', 'payment.captured', 'order.paid'])
const QUICK_RETRY_MS = 200

const DAY_MS = 86_400_000

export const webhookPolicy: DeliveryPolicy = {
  answerTimeoutMs: 5000,
  disableAfterMs: DAY_MS,
  sign: (body, secret) => createHmac('sha256', secret).update(body).digest('hex'),
  headers: (eventId, signature) => ({
    'content-type': 'application/json',
    'user-agent': 'Razorpay-Webhook/v1',
    'x-razorpay-event-id': eventId,
    'request-id': eventId,
    'x-razorpay-signature': signature,
    'accept-encoding': 'gzip',
  }),
  retryAtMs({ type, attempts, elapsedMs, status }) {
    if (attempts === 1 && status >= 500 && QUICK_RETRY_TYPES.has(type)) return elapsedMs + QUICK_RETRY_MS
    const rung = LADDER_S.find((seconds) => seconds * 1000 > elapsedMs)
    return rung === undefined ? undefined : rung * 1000
  },
}
