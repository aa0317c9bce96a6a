/** The Razorpay adapter on the kit's bench: the simulator for the provider, real sockets between them. */
import assert from 'node:assert/strict'
import { startSandbox } from '../../../../sandbox/sandbox.ts'
import { PATIENCE_MS, until } from '../../../../test/until.ts'
import { webhookPolicy } from '../../../../sandbox/razorpay/webhook-policy.ts'
import { httpNetwork, NetworkError, type Network } from '../../../platform/network.ts'
import { runConformance, type Amendment, type Bench, type CallFault, type Delivery } from '../conformance.ts'
import { createRazorpay, type RazorpayOptions } from './adapter.ts'

/** Refund webhooks leave six seconds after the call; at this speed that is 60 ms. */
const TIME_SCALE = 100
/** How long the adapter waits for an answer that never comes; for others it waits as long as the machine needs. */
const SILENCE_MS = 400

runConformance({
  name: 'Razorpay',
  traits: {
    signedReturn: ['razorpay_payment_id', 'razorpay_signature'],
    signatureHeaders: ['x-razorpay-signature'],
    signatureToleranceS: null,
    separateCapture: true,
    canClose: false,
    currencies: [
      { currency: 'JPY', least: 1, step: 1 },
      { currency: 'INR', least: 100, step: 1 },
      { currency: 'KWD', least: 1_000, step: 10 },
    ],
    books: ['payments', 'refunds', 'settlements'],
    lateAuthorization: true,
  },
  open: openBench,
})

async function openBench(): Promise<Bench> {
  const sent: Delivery[] = []
  const sandbox = await startSandbox({
    dataDir: ':memory:',
    timeScale: TIME_SCALE,
    webhookUrls: { razorpay: 'http://shop.test/webhook' },
    ports: {
      send: async ({ headers, body }) => {
        sent.push({ rawBody: Buffer.from(body), headers })
        return { status: 200, body: '' }
      },
    },
  })
  const { keyId, keySecret, webhookSecret } = sandbox.keys.razorpay
  const webhookSecrets = { current: webhookSecret, previous: 'the-webhook-secret-of-last-year' }
  const wire = spoilableNetwork(httpNetwork())

  const build = (options: Partial<RazorpayOptions> = {}) =>
    createRazorpay(
      {
        keyId,
        keySecret,
        webhookSecrets: [webhookSecrets.current, webhookSecrets.previous],
        baseUrl: `${sandbox.url}/razorpay`,
        checkoutUrl: `${sandbox.url}/razorpay/v1/checkout.js`,
        timeoutMs: PATIENCE_MS,
        shopName: 'Conformance',
        ...options,
      },
      wire.network,
    )

  /** The simulator's control API, which does as it is told or fails the test. */
  async function control(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Record<string, never>> {
    const response = await fetch(`${sandbox.url}/razorpay/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const answer = await response.text()
    assert.equal(response.status, 200, `${method} ${path}: ${answer}`)
    return JSON.parse(answer)
  }

  return {
    provider: build(),
    currency: 'INR',
    amount: 49_900,
    secrets: [
      keySecret,
      webhookSecrets.current,
      webhookSecrets.previous,
      Buffer.from(`${keyId}:${keySecret}`).toString('base64'),
    ],
    webhookSecrets,

    async pay(orderId, ending, options = {}) {
      const outcome = ending === 'captured' && options.refunds === 'late' ? 'refund_late' : ending
      const { sandbox: played, ...browser } = await control('POST', '/pay', {
        orderId,
        outcome,
        ...(options.method === undefined ? {} : { method: options.method }),
      })
      const { paymentId } = played as unknown as { paymentId: string }
      return { providerPaymentId: paymentId, browser: 'razorpay_signature' in browser ? browser : null }
    },
    async authorizeLate(id) {
      await control('POST', `/payments/${id}/advance`, { to: 'authorized' })
    },
    async refundElsewhere(id, amount) {
      await control('POST', `/payments/${id}/refund`, { amount })
    },
    async endRefund(id, to) {
      await control('POST', `/refunds/${id}/advance`, { to })
    },
    async settle() {
      // Two working days; five hold a weekend too.
      const days = Array.from({ length: 6 }, (_, ahead) => ahead * 86_400_000)
      const response = await fetch(`${sandbox.url}/_sandbox/clock/advance`, {
        method: 'POST',
        body: JSON.stringify({ ms: 5 * 86_400_000 }),
        headers: { 'content-type': 'application/json' },
      })
      assert.equal(response.status, 200)
      const { now } = (await response.json()) as { now: number }
      return days.map((ms) => new Date(now - ms).toISOString().slice(0, 10))
    },
    async spoil(fault) {
      const rule = simulatedFault(fault)
      if (rule === undefined || fault.kind === 'silence') wire.spoil(fault)
      if (rule !== undefined) await control('POST', '/faults', { match: '.*', times: 1, ...rule })
    },
    async deliveries(orderId) {
      let delivered: Delivery[] = []
      await until('the webhooks', async () => {
        const events = (await control('GET', `/webhooks?orderId=${orderId}`)) as unknown as {
          id: string
          deliveries: { status: string }[]
        }[]
        const ids = new Set(events.map(({ id }) => id))
        delivered = sent.filter(({ headers }) => ids.has(headers['x-razorpay-event-id'] ?? ''))
        return events.every((event) => event.deliveries.every(({ status }) => status === 'delivered'))
      })
      return delivered
    },
    amend: amendDocument,
    sign: (rawBody, secret) => webhookPolicy.headers('0123456789abcd', webhookPolicy.sign(rawBody.toString(), secret)),
    build: ({ webhookSecrets: secrets, apiSecret }) =>
      build({
        ...(secrets === undefined ? {} : { webhookSecrets: secrets }),
        ...(apiSecret === undefined ? {} : { keySecret: apiSecret }),
      }),
    async books(paymentId, orderId) {
      const all = (await control('GET', '/state?limit=1000')) as unknown as {
        orders: { id: string; receipt: string }[]
      }
      const ours = (await control('GET', `/state?orderId=${orderId}`)) as unknown as {
        payments: { id: string; amount: number; currency: string; captured: boolean }[]
        refunds: { id: string; amount: number; currency: string }[]
      }
      return {
        orderIds: all.orders.filter(({ receipt }) => receipt === paymentId).map(({ id }) => id),
        payments: ours.payments.map(({ id, amount, currency, captured }) => ({ id, amount, currency, captured })),
        refunds: ours.refunds.map(({ id, amount, currency }) => ({ id, amount, currency })),
      }
    },
    close: () => sandbox.close(),
  }
}

/** The simulator's own fault for this, or undefined where the answer has to be changed on its way. */
function simulatedFault(fault: CallFault): Record<string, unknown> | undefined {
  switch (fault.kind) {
    case 'silence':
      return { kind: fault.effect === 'done' ? 'effect-then-hang' : 'hang' }
    case 'reset':
      return { kind: fault.effect === 'done' ? 'effect-then-drop' : 'reset' }
    case 'page':
      return { kind: fault.effect === 'done' ? 'effect-then-html' : 'html' }
    case 'status':
      return { kind: fault.effect === 'done' ? 'effect-then-status' : 'status', status: fault.status }
    case 'truncated':
      return { kind: 'effect-then-truncate' }
    case 'body':
    case 'amended':
      return undefined
  }
}

/**
 * The network with one answer changed, for what a simulator that keeps to the documentation cannot say; and with a short
 * deadline where the answer never comes.
 */
function spoilableNetwork(inner: Network): { network: Network; spoil(fault: CallFault): void } {
  let next: CallFault | undefined
  return {
    spoil(fault) {
      next = fault
    },
    network: {
      async request(request) {
        const fault = next
        next = undefined
        if (fault?.kind === 'silence') return inner.request({ ...request, timeoutMs: SILENCE_MS })
        if (fault?.kind === 'body') return { status: fault.status, headers: {}, body: fault.body }
        const answer = await inner.request(request)
        if (fault?.kind !== 'amended') return answer
        if (answer.status !== 200) throw new NetworkError('EBENCH', `there is nothing to amend in ${answer.body}`)
        return { ...answer, body: JSON.stringify(amendDocument(JSON.parse(answer.body), fault.amend)) }
      },
    },
  }
}

/** Changes the entity, the items of the collection, or the entities in the event's payload. */
function amendDocument(document: unknown, amendment: Amendment): unknown {
  const entity = document as Record<string, unknown> & { entity: string }
  switch (entity.entity) {
    case 'collection':
      return { ...entity, items: (entity['items'] as unknown[]).map((item) => amendDocument(item, amendment)) }
    case 'event': {
      const payload = Object.entries(entity['payload'] as Record<string, { entity: unknown }>)
      const parts = payload.map(([name, part]) => [name, { entity: amendDocument(part.entity, amendment) }])
      return { ...entity, payload: Object.fromEntries(parts) }
    }
    default:
      return { ...entity, ...fieldsOf(entity.entity, amendment) }
  }
}

function fieldsOf(entity: string, amendment: Amendment): Record<string, unknown> {
  const { amount, currency, status, providerOrderId, providerPaymentId } = amendment
  const fields: Record<string, unknown> = {}
  if ('amount' in amendment) fields['amount'] = amount
  if (currency !== undefined) fields['currency'] = currency
  if (status !== undefined) fields['status'] = status
  if (providerOrderId !== undefined && entity === 'payment') fields['order_id'] = providerOrderId
  if (providerPaymentId !== undefined && entity === 'payment') fields['id'] = providerPaymentId
  if (providerPaymentId !== undefined && entity === 'refund') fields['payment_id'] = providerPaymentId
  return fields
}
