import { Type } from 'typebox'
import { replies, Success } from '../../shared/contract/envelope.ts'
import { PlacedOrder, PlaceOrderBody, Quote, QuoteBody } from '../../shared/contract/orders.ts'
import type { Accounts } from '../accounts/service.ts'
import { guestTokenFor } from '../orders/access.ts'
import { clientOf, viewerOf } from '../orders/viewer.ts'
import { isGuessable } from '../platform/guessable.ts'
import { withIdempotencyKey, type AnswerStore } from '../platform/idempotency.ts'
import type { App } from '../platform/http.ts'
import { quoteOrder } from './quote.ts'
import { placedOrder, placeOrder, type Buyer, type CheckoutDeps } from './service.ts'

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
          description:
            'Send an Idempotency-Key: the same key and body place one order, however often they are sent. A guest draws ' +
            'it at random (a UUID): under a key that can be guessed the guestToken is told once.',
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
        const key = request.headers['idempotency-key']
        const keyIsProof = principal !== undefined || (typeof key === 'string' && !isGuessable(key))
        const buyer = { principal, client, keyIsProof }
        const answer = await withIdempotencyKey(
          deps.db,
          request,
          reply,
          principal === undefined ? 'guest' : `user:${principal.userId}`,
          async (keyed) => ({ status: 201, body: await placeOrder(deps, buyer, request.body, keyed) }),
          storeOf(deps, buyer),
          'POST /api/orders',
        )
        return reply.code(201).send({ success: true as const, data: answer.body as PlacedOrder })
      },
    )
  }
}

/**
 * A guest's token is not written down with the stored answer; it is made anew from the order's id. For a key that proves
 * nothing it is told once: two who happen upon one key must not get into each other's orders.
 */
function storeOf(deps: CheckoutDeps, buyer: Buyer): AnswerStore {
  return {
    keep(answer) {
      const { guestToken, ...rest } = answer.body as PlacedOrder
      return { ...rest, guest: guestToken !== undefined }
    },
    restore(kept, told) {
      const { guest, ...rest } = kept as PlacedOrder & { guest: boolean }
      return guest && (buyer.keyIsProof || !told)
        ? { ...rest, guestToken: guestTokenFor(deps.secret, rest.order.id) }
        : rest
    },
    rebuild: (orderId, told) => placedOrder(deps, buyer, orderId, told),
    ...(buyer.keyIsProof ? {} : { isIn: holdsToken }),
  }
}

function holdsToken(said: unknown): boolean {
  return typeof said === 'object' && said !== null && 'guestToken' in said && said.guestToken !== undefined
}
