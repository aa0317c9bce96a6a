import { Type } from 'typebox'
import { replies, Success } from '../../shared/contract/envelope.ts'
import { PlacedOrder, PlaceOrderBody, Quote, QuoteBody } from '../../shared/contract/orders.ts'
import type { Accounts } from '../accounts/service.ts'
import { guestTokenFor } from '../orders/access.ts'
import { clientOf, viewerOf } from '../orders/viewer.ts'
import { withIdempotencyKey, type Answer } from '../platform/idempotency.ts'
import type { App } from '../platform/http.ts'
import { quoteOrder } from './quote.ts'
import { placeOrder, type CheckoutDeps } from './service.ts'

export function registerCheckoutRoutes(app: App, deps: CheckoutDeps, accounts: Accounts): void {
  app.post(
    '/api/orders/quote',
    {
      schema: {
        tags: ['Checkout'],
        summary: 'What these lines cost now',
        body: QuoteBody,
        response: replies(Success(Type.Object({ quote: Quote }))),
      },
    },
    async (request) => ({ success: true as const, data: { quote: await quoteOrder(deps, request.body) } }),
  )

  for (const url of ['/api/orders', '/api/orders/checkout']) {
    app.post(
      url,
      {
        schema: {
          tags: ['Checkout'],
          summary: 'Place an order and open its payment',
          description: 'Send an Idempotency-Key: the same key and body place one order, however often they are sent.',
          hide: url !== '/api/orders',
          body: PlaceOrderBody,
          response: replies(Success(PlacedOrder), 201),
        },
      },
      async (request, reply) => {
        const viewer = await viewerOf(accounts, request)
        const client = clientOf(viewer, request)
        await deps.limiter.count('orders.create', client)
        const principal = viewer.principal
        const answer = await withIdempotencyKey(
          deps.db,
          request,
          reply,
          principal === undefined ? 'guest' : `user:${principal.userId}`,
          async (keyed) => ({ status: 201, body: await placeOrder(deps, { principal, client }, request.body, keyed) }),
          guestTokenAside(deps.secret),
          'POST /api/orders',
        )
        return reply.code(201).send({ success: true as const, data: answer.body as PlacedOrder })
      },
    )
  }
}

/** A guest's token is not written down with the stored answer; it is made anew from the order's id. */
function guestTokenAside(secret: string) {
  return {
    keep(answer: Answer): unknown {
      const { guestToken, ...rest } = answer.body as PlacedOrder
      return { ...rest, guest: guestToken !== undefined }
    },
    restore(kept: unknown): unknown {
      const { guest, ...rest } = kept as PlacedOrder & { guest: boolean }
      return guest ? { ...rest, guestToken: guestTokenFor(secret, rest.order.id) } : rest
    },
  }
}
