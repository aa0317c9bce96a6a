/**
 * Where providers speak to us. These routes live in a scope of their own in which a body is bytes and nothing else:
 * signatures are made over bytes.
 */
import { Type } from 'typebox'
import { Failure, OrderParams, replies } from '../../shared/contract/envelope.ts'
import { returnTokenFor } from '../orders/access.ts'
import { getOrder } from '../orders/finding.ts'
import { isId } from '../orders/viewer.ts'
import type { PaymentDeps } from '../payments/context.ts'
import type { Returned } from '../payments/providers/provider.ts'
import { listPaymentsWithAttempts } from '../payments/queries.ts'
import { verifyPayment, worthOf } from '../payments/verify.ts'
import { AppError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { addressOf } from '../platform/rate-limit.ts'
import type { Receiver } from './receive.ts'

/** Real events are a few KiB. */
const MAX_BODY_BYTES = 256 * 1024

const Received = Type.Object({
  success: Type.Literal(true),
  data: Type.Object({ received: Type.Literal(true) }),
  received: Type.Literal(true),
})

export async function registerWebhookRoutes(app: App, receiver: Receiver): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    const schema = {
      tags: ['Webhooks'],
      summary: 'Deliver a signed event',
      description: 'Answers 200 once the event is stored, also for events that were stored before.',
      response: replies(Received),
    }
    for (const url of ['/api/payments/webhook/:provider', '/api/payments/webhook', '/api/orders/webhook/razorpay']) {
      scope.post<{ Params: { provider?: string } }>(
        url,
        { bodyLimit: MAX_BODY_BYTES, config: { crossSite: true }, schema: { ...schema, hide: !url.includes(':') } },
        async (request) => {
          const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
          await receiver.receive(request.params.provider ?? 'razorpay', body, request.headers)
          return { success: true as const, data: { received: true as const }, received: true as const }
        },
      )
    }
  })
}

/**
 * Where a provider's page sends the shopper's browser, when it does: by a form post (Razorpay's `callback_url`) or simply
 * here. It comes from another site, without our cookies: a signature in it is its only credential, and all it earns is a
 * look at the provider. The browser is then sent to the order's own page, which shows what is true.
 */
export async function registerReturnRoute(app: App, deps: PaymentDeps & { secret: string }): Promise<void> {
  const config = { crossSite: true } as const
  const schema = {
    tags: ['Payments'],
    params: OrderParams,
    response: {
      303: Type.Null({ description: "To the order's own page, whatever came" }),
      '4xx': Failure,
      '5xx': Failure,
    },
  }
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))))
    })
    scope.post<{ Params: { id: string }; Body: Record<string, string> | undefined }>(
      '/api/payments/return/:id',
      { bodyLimit: 16 * 1024, config, schema: { ...schema, summary: 'The return of a shopper by form post' } },
      async (request, reply) =>
        reply.redirect(await takeReturn(deps, request.params.id, addressOf(request), request.body ?? {}), 303),
    )
    scope.get<{ Params: { id: string } }>(
      '/api/payments/return/:id',
      { config, schema: { ...schema, summary: "The return of a shopper from a provider's page" } },
      async (request, reply) => {
        const query = Object.fromEntries(new URL(request.url, deps.publicUrl).searchParams)
        return reply.redirect(await takeReturn(deps, request.params.id, addressOf(request), query), 303)
      },
    )
  })
}

/** Takes what the browser brought, and gives the address of the page that it goes to. */
async function takeReturn(
  deps: PaymentDeps & { secret: string },
  id: string,
  address: string,
  returned: Returned,
): Promise<string> {
  if (!isId(id)) throw new AppError('order_not_found', 'There is no such order.')
  await deps.limiter.count('payments.return', address)
  const [order, known] = await deps.db.together((reads) =>
    Promise.all([getOrder(reads, id), listPaymentsWithAttempts(reads, id)]),
  )
  const page = new URL(`/orders/${order.id}/result`, deps.publicUrl)
  const worth = worthOf(deps, known.payments, returned)
  if (worth === undefined) return page.href
  try {
    await verifyPayment(deps, order, known, returned, 'return')
    // A payment app may open another browser than the one that ordered: this much it may be told there. Not for an
    // address that anybody could have typed.
    if (worth === 'signed') page.hash = `returned=${returnTokenFor(deps.secret, order.id, deps.ports.clock.now())}`
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'invalid_signature')) throw error
  }
  return page.href
}
