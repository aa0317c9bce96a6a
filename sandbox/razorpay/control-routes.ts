/**
 * Razorpay's control API, for tests and for the page: pay, fail, refund, break things, and see what happened. Loopback
 * only; plain JSON. Refusals are `{error, message}` with 400, 404 or 409.
 */
import type { FastifyInstance, FastifyReply } from 'fastify'
import { FaultRefused, type FaultRequest } from '../faults.ts'
import { loopbackOnly } from '../loopback.ts'
import { findScenario, SCENARIOS } from '../scenarios.ts'
import type { HookPolicy } from '../webhooks/outbox.ts'
import { canMoveDispute, moveDispute, openDispute } from './disputes.ts'
import { METHODS, type Payment } from './entities.ts'
import { autoRefund, captureOrRelease, failPayment, settleRefund } from './lifecycle.ts'
import { play, type PlayOptions, type Played, type PlayResult } from './play.ts'
import { PROVIDER, type RazorpayKeys, type Shop } from './shop.ts'
import { readState } from './state.ts'

type Fields = Record<string, unknown>

const HOOKS: Readonly<Record<string, HookPolicy>> = {
  now: { kind: 'now' },
  lost: { kind: 'lost' },
  twice: { kind: 'twice' },
  reversed: { kind: 'reversed' },
}

const DISPUTE_PHASES = ['fraud', 'retrieval', 'chargeback', 'pre_arbitration', 'arbitration'] as const
const DISPUTE_ENDS = ['under_review', 'won', 'lost', 'closed'] as const

/** Registers `/_sandbox/…` on a scope that has the provider's prefix. */
export function registerRazorpayControl(
  parent: FastifyInstance,
  shop: Shop,
  changeKeys: (keys: Partial<RazorpayKeys>) => void,
): void {
  parent.register(
    (scope, _options, done) => {
      scope.addHook('onRequest', loopbackOnly)
      registerPaying(scope, shop)
      registerFaults(scope, shop)
      registerWebhooks(scope, shop)

      scope.get('/state', (request) => readState(shop, request.query as Fields))

      scope.get('/settings', () => shop.settings)
      scope.post('/settings', (request, reply) => {
        const { autoCapture, listLagMs } = fieldsOf(request.body)
        if (autoCapture !== undefined && typeof autoCapture !== 'boolean')
          return refuse(reply, 'autoCapture is a boolean')
        if (listLagMs !== undefined && !isWhole(listLagMs)) return refuse(reply, 'listLagMs is a whole number')
        shop.settings = {
          autoCapture: autoCapture ?? shop.settings.autoCapture,
          listLagMs: listLagMs ?? shop.settings.listLagMs,
        }
        return reply.send(shop.settings)
      })

      scope.post('/keys', (request, reply) => {
        const { keyId, keySecret, webhookSecret } = fieldsOf(request.body)
        const given = Object.entries({ keyId, keySecret, webhookSecret }).filter(([, value]) => value !== undefined)
        if (given.some(([, value]) => typeof value !== 'string' || value === '')) return refuse(reply, 'keys are texts')
        changeKeys(Object.fromEntries(given))
        return reply.send(shop.keys)
      })
      done()
    },
    { prefix: '/_sandbox' },
  )
}

function registerPaying(scope: FastifyInstance, shop: Shop): void {
  scope.post('/pay', (request, reply) => {
    const fields = fieldsOf(request.body)
    const { orderId, outcome = 'captured', amount, currency, method } = fields
    const chosen = METHODS.find((each) => each === method)
    const scenario = typeof outcome === 'string' ? findScenario(outcome) : undefined
    if (typeof orderId !== 'string') return refuse(reply, 'orderId is the id of an order')
    if (scenario === undefined)
      return refuse(reply, `outcome is one of ${SCENARIOS.map(({ name }) => name).join(', ')}`)
    if (amount !== undefined && !(isWhole(amount) && amount > 0)) return refuse(reply, 'amount is in minor units')
    if (currency !== undefined && !/^[A-Z]{3}$/.test(String(currency))) return refuse(reply, 'currency is like INR')
    if (method !== undefined && chosen === undefined) {
      return refuse(reply, `method is one of ${METHODS.join(', ')}`)
    }
    const options: PlayOptions = {
      allowPaid: fields.allowPaid === true,
      ...(amount === undefined ? {} : { amount }),
      ...(currency === undefined ? {} : { currency: String(currency) }),
      ...(chosen === undefined ? {} : { method: chosen }),
      ...(typeof fields.failure === 'string' ? { failure: fields.failure } : {}),
    }
    return replyToPlay(reply, scenario.name, play(shop, orderId, scenario, options))
  })

  scope.post('/payments/:id/advance', (request, reply) => {
    const { id } = request.params as { id: string }
    const { to, hooks = 'now' } = fieldsOf(request.body)
    const payment = shop.tables.findPayment(id)?.doc
    const policy = HOOKS[String(hooks)]
    if (payment === undefined) return notFound(reply, 'payment')
    if (policy === undefined) return refuse(reply, `hooks is one of ${Object.keys(HOOKS).join(', ')}`)
    if (!canAdvance(payment, String(to))) {
      return conflict(reply, `A payment that is ${payment.status} cannot become ${String(to)}.`)
    }
    shop.world.books.transaction(() => shop.outbox.emit(advance(shop, payment, String(to)), policy))
    return reply.send(shop.tables.findPayment(id)?.doc)
  })

  scope.post('/payments/:id/refund', (request, reply) => {
    const { id } = request.params as { id: string }
    const { amount } = fieldsOf(request.body)
    const payment = shop.tables.findPayment(id)?.doc
    if (payment === undefined) return notFound(reply, 'payment')
    const left = payment.amount - payment.amount_refunded
    if (payment.status !== 'captured') return conflict(reply, `A payment that is ${payment.status} cannot be refunded.`)
    if (amount !== undefined && !(isWhole(amount) && amount > 0 && amount <= left)) {
      return refuse(reply, `amount is from 1 to ${left}`)
    }
    shop.world.books.transaction(() => shop.outbox.emit(autoRefund(shop, id, amount), { kind: 'now' }))
    return reply.send(shop.tables.findPayment(id)?.doc)
  })

  scope.post('/payments/:id/dispute', (request, reply) => {
    const { id } = request.params as { id: string }
    const payment = shop.tables.findPayment(id)?.doc
    if (payment === undefined) return notFound(reply, 'payment')
    const { amount = payment.amount, phase = 'chargeback', reasonCode = 'goods_not_received' } = fieldsOf(request.body)
    if (!payment.captured) return conflict(reply, `A payment that is ${payment.status} cannot be disputed.`)
    if (!(isWhole(amount) && amount > 0 && amount <= payment.amount)) {
      return refuse(reply, `amount is from 1 to ${payment.amount}`)
    }
    const known = DISPUTE_PHASES.find((each) => each === phase)
    if (known === undefined) return refuse(reply, `phase is one of ${DISPUTE_PHASES.join(', ')}`)
    const input = { amount, phase: known, reasonCode: String(reasonCode) }
    return reply.send(shop.world.books.transaction(() => openDispute(shop, id, input)))
  })

  scope.post('/disputes/:id/advance', (request, reply) => {
    const { id } = request.params as { id: string }
    const dispute = shop.tables.findDispute(id)
    const to = DISPUTE_ENDS.find((each) => each === fieldsOf(request.body).to)
    if (dispute === undefined) return notFound(reply, 'dispute')
    if (to === undefined) return refuse(reply, `to is one of ${DISPUTE_ENDS.join(', ')}`)
    if (!canMoveDispute(dispute.status, to)) {
      return conflict(reply, `A dispute that is ${dispute.status} cannot become ${to}.`)
    }
    return reply.send(shop.world.books.transaction(() => moveDispute(shop, dispute, to)))
  })

  scope.post('/refunds/:id/advance', (request, reply) => {
    const { id } = request.params as { id: string }
    const { to } = fieldsOf(request.body)
    const refund = shop.tables.findRefund(id)
    if (refund === undefined) return notFound(reply, 'refund')
    if (to !== 'processed' && to !== 'failed') return refuse(reply, 'to is processed or failed')
    if (refund.status === to || refund.status === 'failed') {
      return conflict(reply, `A refund that is ${refund.status} cannot become ${to}.`)
    }
    shop.world.books.transaction(() => shop.outbox.emit(settleRefund(shop, id, to), { kind: 'now' }))
    return reply.send(shop.tables.findRefund(id))
  })
}

function canAdvance({ status }: Payment, to: string): boolean {
  if (to === 'authorized') return status === 'created' || status === 'failed'
  if (to === 'captured') return status === 'created' || status === 'failed' || status === 'authorized'
  if (to === 'failed') return status === 'created'
  return to === 'refunded' && (status === 'authorized' || status === 'captured')
}

function advance(shop: Shop, payment: Payment, to: string) {
  if (to === 'failed') return failPayment(shop, payment.id)
  if (to === 'refunded') return autoRefund(shop, payment.id)
  return captureOrRelease(shop, payment.id, { capture: to === 'captured' ? 'always' : 'never' })
}

function registerFaults(scope: FastifyInstance, shop: Shop): void {
  const { faults } = shop.world
  scope.get('/faults', () => faults.list(PROVIDER))
  scope.post('/faults', (request, reply) => {
    try {
      const rule = faults.add(PROVIDER, fieldsOf(request.body) as FaultRequest)
      shop.world.touch()
      return reply.send(rule)
    } catch (error) {
      if (error instanceof FaultRefused) return refuse(reply, error.message)
      throw error
    }
  })
  scope.delete('/faults', () => ({ cleared: faults.clear(PROVIDER) }))
  scope.delete('/faults/:id', (request) => {
    const { id } = request.params as { id: string }
    return { cleared: faults.clear(PROVIDER, Number(id)) }
  })
}

function registerWebhooks(scope: FastifyInstance, shop: Shop): void {
  const { outbox } = shop
  scope.get('/webhooks', (request) => outbox.list(200, (request.query as { orderId?: string }).orderId))
  scope.post('/webhooks/:eventId/resend', async (request, reply) => {
    const { eventId } = request.params as { eventId: string }
    const { body, signature } = fieldsOf(request.body)
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
    const deliveries = await outbox.resend(eventId, {
      ...(text === undefined ? {} : { body: text }),
      ...(signature === undefined ? {} : { signature: String(signature) }),
    })
    return deliveries === undefined ? notFound(reply, 'event') : reply.send({ eventId, deliveries })
  })

  scope.get('/webhook-urls', () => outbox.receivers.list())
  scope.post('/webhook-urls', (request, reply) => {
    const { url, secret } = fieldsOf(request.body)
    if (typeof url !== 'string' || !/^https?:\/\//.test(url) || !URL.canParse(url))
      return refuse(reply, 'url is an http address')
    shop.world.touch()
    return reply.send(outbox.receivers.add(url, typeof secret === 'string' && secret !== '' ? secret : null))
  })
  scope.delete('/webhook-urls', (request) => {
    const { url } = { ...(request.query as Fields), ...fieldsOf(request.body) }
    shop.world.touch()
    return { removed: outbox.receivers.remove(String(url)) }
  })
}

/** What the shopper's browser would have received, and beside it, under `sandbox`, what it would not. */
function replyToPlay(reply: FastifyReply, scenario: string, result: PlayResult) {
  if (result.kind === 'unknown-order') return notFound(reply, 'order')
  if (result.kind === 'not-payable') return conflict(reply, result.why)
  const { played } = result
  const answer = played.success ?? played.failure ?? {}
  return reply.send({ ...answer, sandbox: describePlay(scenario, played) })
}

function describePlay(scenario: string, { browser, failure, paymentIds }: Played) {
  return { scenario, browser, paymentId: paymentIds.at(-1) ?? null, paymentIds, failure: failure?.error ?? null }
}

function fieldsOf(body: unknown): Record<string, unknown> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function refuse(reply: FastifyReply, message: string) {
  return reply.code(400).send({ error: 'invalid', message })
}

function notFound(reply: FastifyReply, what: string) {
  return reply.code(404).send({ error: 'not_found', message: `There is no such ${what}.` })
}

function conflict(reply: FastifyReply, message: string) {
  return reply.code(409).send({ error: 'conflict', message })
}
