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
import { listPaymentsWithAttempts } from '../payments/queries.ts'
import { verifyPayment } from '../payments/verify.ts'
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
 * Where a provider's page sends the shopper's browser by a form post, when it does (Razorpay's `callback_url`). The post
 * comes from another site, without our cookies: the signature in it is its only credential, and all it earns is a look
 * at the provider. The browser is then sent to the order's own page, which shows what is true.
 */
export async function registerReturnRoute(app: App, deps: PaymentDeps & { secret: string }): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
      done(null, Object.fromEntries(new URLSearchParams(String(body))))
    })
    scope.post<{ Params: { id: string }; Body: Record<string, string> }>(
      '/api/payments/return/:id',
      {
        bodyLimit: 16 * 1024,
        config: { crossSite: true },
        schema: {
          tags: ['Payments'],
          summary: 'The return of a shopper by form post',
          params: OrderParams,
          response: {
            303: Type.Null({ description: "To the order's own page, whatever came" }),
            '4xx': Failure,
            '5xx': Failure,
          },
        },
      },
      async (request, reply) => {
        const { id } = request.params
        if (!isId(id)) throw new AppError('order_not_found', 'There is no such order.')
        await deps.limiter.count('payments.return', addressOf(request))
        const [order, known] = await deps.db.together((reads) =>
          Promise.all([getOrder(reads, id), listPaymentsWithAttempts(reads, id)]),
        )
        const page = new URL(`/orders/${order.id}/result`, deps.publicUrl)
        if (typeof request.body?.['razorpay_signature'] === 'string') {
          try {
            await verifyPayment(deps, order, known, request.body, 'return')
            // A payment app may open another browser than the one that ordered: this much it may be told there.
            page.hash = `returned=${returnTokenFor(deps.secret, order.id, deps.ports.clock.now())}`
          } catch (error) {
            if (!(error instanceof AppError && error.code === 'invalid_signature')) throw error
          }
        }
        return reply.redirect(page.href, 303)
      },
    )
  })
}
