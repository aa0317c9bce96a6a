/** Razorpay's REST API: authentication, routes and error replies. What the routes do is in the files beside this one. */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { pauseOf, registerEdge } from '../faulty-http.ts'
import { acceptDispute, contestDispute, getDispute, listDisputes } from './disputes.ts'
import { badRequest, bodyForStatus, plain, RazorpayRefusal, unauthorized, unknownUrl } from './errors.ts'
import { type Fields, parseFields } from './input.ts'
import { createOrder, getOrder, listOrderPayments, listOrders, patchOrder } from './orders.ts'
import { capture, getPayment, listPayments, patchPayment } from './payments.ts'
import { getRefund, listPaymentRefunds, listRefunds, patchRefund, refundOnce, refundPayment } from './refunds.ts'
import { getSettlement, listSettlements, reconCombined } from './settlements.ts'
import { PROVIDER, type Shop } from './shop.ts'

const CHECKOUT_SCRIPT = '/razorpay/v1/checkout.js'

interface IdParams {
  id: string
  refundId: string
}

/** Registers `/v1` on a scope that has the provider's prefix. */
export function registerRest(scope: FastifyInstance, shop: Shop): void {
  const { world } = shop
  registerEdge(scope, {
    world,
    provider: PROVIDER,
    isPublic,
    errorBody: (rule, status) => bodyForStatus(status, rule.code, rule.description),
  })
  scope.addHook('onRequest', (request, _reply, done) => {
    if (!isPublic(request.url)) authenticate(shop, request.headers.authorization)
    done()
  })
  scope.addHook('preHandler', async (request) => {
    // A refund is held up inside, where its idempotency key is claimed already.
    const isRefund = request.method === 'POST' && request.url.includes('/refund')
    if (!isRefund) await pauseOf(world, request)?.()
  })
  scope.setErrorHandler(replyToError)
  scope.setNotFoundHandler((_request, reply) => {
    const refusal = unknownUrl()
    return reply.code(refusal.statusCode).send(refusal.body)
  })

  const write = <T>(work: () => T): T => world.books.transaction(work)

  scope.post('/orders', (request, reply) => reply.send(write(() => createOrder(shop, body(request)))))
  scope.get('/orders', (request, reply) => reply.send(listOrders(shop, query(request))))
  scope.get('/orders/:id', (request, reply) => reply.send(getOrder(shop, id(request), query(request))))
  scope.patch('/orders/:id', (request, reply) => reply.send(write(() => patchOrder(shop, id(request), body(request)))))
  scope.get('/orders/:id/payments', (request, reply) =>
    reply.send(listOrderPayments(shop, id(request), query(request))),
  )

  scope.get('/payments', (request, reply) => reply.send(listPayments(shop, query(request))))
  scope.get('/payments/:id', (request, reply) => reply.send(getPayment(shop, id(request), query(request))))
  scope.patch('/payments/:id', (request, reply) =>
    reply.send(write(() => patchPayment(shop, id(request), body(request)))),
  )
  scope.post('/payments/:id/capture', (request, reply) =>
    reply.send(write(() => capture(shop, id(request), body(request)))),
  )
  scope.post('/payments/:id/refund', (request) => {
    const fields = body(request)
    const key = request.headers['x-refund-idempotency']
    const fingerprint = `${id(request)} ${JSON.stringify(fields)}`
    const pause = pauseOf(world, request)
    return refundOnce(shop, key?.toString(), fingerprint, pause, () => refundPayment(shop, id(request), fields))
  })
  scope.get('/payments/:id/refunds', (request, reply) =>
    reply.send(listPaymentRefunds(shop, id(request), query(request))),
  )
  scope.get('/payments/:id/refunds/:refundId', (request, reply) =>
    reply.send(getRefund(shop, refundId(request), id(request))),
  )

  scope.get('/refunds', (request, reply) => reply.send(listRefunds(shop, query(request))))
  scope.get('/refunds/:id', (request, reply) => reply.send(getRefund(shop, id(request))))
  scope.patch('/refunds/:id', (request, reply) =>
    reply.send(write(() => patchRefund(shop, id(request), body(request)))),
  )

  scope.get('/disputes', (request, reply) => reply.send(listDisputes(shop, query(request))))
  scope.get('/disputes/:id', (request, reply) => reply.send(getDispute(shop, id(request))))
  scope.post('/disputes/:id/accept', (request, reply) => reply.send(write(() => acceptDispute(shop, id(request)))))
  scope.patch('/disputes/:id/contest', (request, reply) =>
    reply.send(write(() => contestDispute(shop, id(request), body(request)))),
  )

  scope.get('/settlements', (request, reply) => reply.send(listSettlements(shop, query(request))))
  scope.get('/settlements/recon/combined', (request, reply) => reply.send(reconCombined(shop, query(request))))
  scope.get('/settlements/:id', (request, reply) => reply.send(getSettlement(shop, id(request))))
}

function isPublic(url: string): boolean {
  return url.startsWith(CHECKOUT_SCRIPT)
}

function id(request: FastifyRequest): string {
  return (request.params as IdParams).id
}

function refundId(request: FastifyRequest): string {
  return (request.params as IdParams).refundId
}

function query(request: FastifyRequest): Fields {
  return request.query as Fields
}

function body(request: FastifyRequest): Fields {
  return parseFields(request.body)
}

/** HTTP Basic with key id and key secret; both 401 texts of the API, told apart by which of the two is wrong. */
function authenticate(shop: Shop, header: string | undefined): void {
  const { keyId, keySecret } = shop.keys
  const [scheme, credentials] = (header ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'basic' || credentials === undefined) {
    throw unauthorized('The api key provided is invalid')
  }
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  if (decoded === `${keyId}:${keySecret}`) return
  const knowsKey = decoded.startsWith(`${keyId}:`)
  throw unauthorized(knowsKey ? 'Authentication failed' : 'The api key provided is invalid')
}

function replyToError(error: FastifyError | RazorpayRefusal, request: FastifyRequest, reply: FastifyReply) {
  if (error instanceof RazorpayRefusal) return reply.code(error.statusCode).send(error.body)
  const status = error.statusCode ?? 500
  if (status < 500) {
    const refusal = badRequest('The request body could not be read.')
    return reply.code(refusal.statusCode).send(refusal.body)
  }
  // A defect of the simulator: the caller sees a provider in trouble, the terminal sees why.
  process.stderr.write(`${request.method} ${request.url}: ${error.stack ?? error.message}\n`)
  return reply.code(500).send(plain('SERVER_ERROR', `The simulator has a defect: ${error.message}`))
}
