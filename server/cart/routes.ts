import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { Cart, PutCartBody } from '../../shared/contract/catalog.ts'
import { replies, Success } from '../../shared/contract/envelope.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { getCart, replaceCart } from './service.ts'

const OneCart = Success(Type.Object({ cart: Cart }))

export function registerCartRoutes(app: App, deps: Deps, accounts: Accounts): void {
  const onRequest = async (request: FastifyRequest) => void (await accounts.require(request))

  app.get(
    '/api/cart',
    {
      onRequest,
      schema: { tags: ['Cart'], summary: "Get one's own cart", response: replies(OneCart) },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return { success: true as const, data: { cart: await getCart(deps, userId) } }
    },
  )

  app.put(
    '/api/cart',
    {
      onRequest,
      schema: {
        tags: ['Cart'],
        summary: "Replace one's own cart",
        body: PutCartBody,
        response: replies(OneCart),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return { success: true as const, data: { cart: await replaceCart(deps, userId, request.body) } }
    },
  )
}
