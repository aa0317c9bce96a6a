/**
 * What a shopper's browser uses: the checkout script, the payment window, and the window's two calls. Like the
 * provider's own they need only the public key id, so a phone on the same network can pay.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { isSameOrigin } from '../loopback.ts'
import { describeScenario, findScenario, SCENARIOS } from '../scenarios.ts'
import { registerStaticFiles } from '../static-files.ts'
import { METHODS, type Method } from './entities.ts'
import { FAILING_CARDS, FAILURES } from './failures.ts'
import { parseNotes } from './input.ts'
import { play, whyNotPayable } from './play.ts'
import type { Shop } from './shop.ts'

type Fields = Record<string, unknown>

const TEXT_CHARACTERS = 255

/** Registers the script under `/v1` and the window under `/checkout`, on a scope that has the provider's prefix. */
export function registerCheckout(scope: FastifyInstance, shop: Shop): void {
  registerStaticFiles(scope, [
    { route: '/v1/checkout.js', file: './razorpay/checkout/checkout.js', embeddable: true },
    { route: '/checkout/window', file: './razorpay/checkout/window.html', embeddable: true },
    { route: '/checkout/window.css', file: './razorpay/checkout/window.css' },
    { route: '/checkout/window.js', file: './razorpay/checkout/window.js' },
    { route: '/checkout/outcomes.js', file: './razorpay/checkout/outcomes.js' },
    { route: '/checkout/methods.js', file: './razorpay/checkout/methods.js' },
    { route: '/checkout/code.js', file: './razorpay/checkout/code.js' },
  ])

  scope.get('/checkout/order', (request, reply) => {
    const { key_id: keyId, order_id: orderId } = request.query as Fields
    if (keyId !== shop.keys.keyId) return refuse(reply, 401, 'The api key provided is invalid')
    const order = shop.tables.findOrder(String(orderId))?.doc
    if (order === undefined) return refuse(reply, 400, 'The id provided does not exist')
    const attempts = shop.tables.paymentsOfOrder(order.id).map(({ doc }) => ({
      id: doc.id,
      status: doc.status,
      method: doc.method,
      reason: doc.error_reason,
    }))
    return reply.header('cache-control', 'no-store').send({
      order: { id: order.id, amount: order.amount, currency: order.currency, status: order.status },
      notPayable: whyNotPayable(shop, order) ?? null,
      attempts,
      scenarios: SCENARIOS.map(describeScenario),
      failures: FAILURES.map(({ reason, title }) => ({ reason, title })),
      failingCards: FAILING_CARDS,
    })
  })

  scope.post('/checkout/pay', (request, reply) => {
    const { origin, host } = request.headers
    const own = origin === undefined || origin === shop.publicOrigin || isSameOrigin(origin, host)
    if (!own) return refuse(reply, 403, 'Only the payment window pays')
    const fields = (request.body ?? {}) as Fields
    if (fields.key_id !== shop.keys.keyId) return refuse(reply, 401, 'The api key provided is invalid')
    const scenario = findScenario(String(fields.outcome))
    if (scenario === undefined) return refuse(reply, 400, 'There is no such outcome')
    const method = METHODS.find((each) => each === fields.method) ?? ('upi' satisfies Method)
    const failure = text(fields.failure)
    const result = play(shop, String(fields.order_id), scenario, {
      method,
      instrument: readInstrument(fields.instrument),
      notes: parseNotes(fields.notes),
      description: text(fields.description) ?? null,
      email: text(fields.email) ?? null,
      contact: text(fields.contact) ?? null,
      ...(failure === undefined ? {} : { failure }),
    })
    switch (result.kind) {
      case 'unknown-order':
        return refuse(reply, 400, 'The id provided does not exist')
      case 'not-payable':
        return refuse(reply, 409, result.why)
      case 'played': {
        const { browser, success, failure: refused } = result.played
        return reply.send({ browser, success, failure: refused })
      }
    }
  })
}

function readInstrument(value: unknown) {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Fields
  const given = {
    vpa: text(fields.vpa),
    cardNumber: text(fields.cardNumber),
    bank: text(fields.bank),
    wallet: text(fields.wallet),
  }
  return Object.fromEntries(Object.entries(given).filter(([, each]) => each !== undefined))
}

/** A text a person typed, cut to a length that fits everywhere; anything else counts as absent. */
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, TEXT_CHARACTERS) : undefined
}

function refuse(reply: FastifyReply, status: number, description: string) {
  return reply.code(status).send({ error: { description } })
}
