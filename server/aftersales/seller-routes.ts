import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CursorList, OrderParams, replies, Success } from '../../shared/contract/envelope.ts'
import { RejectBody, SellerOrder, SellerOrdersQuery } from '../../shared/contract/seller.ts'
import type { Accounts } from '../accounts/service.ts'
import { isId } from '../orders/viewer.ts'
import type { PaymentDeps } from '../payments/context.ts'
import { AppError } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { readableText } from '../platform/text.ts'
import { acceptPart, listSellerOrders, rejectPart, type Seller } from './seller.ts'

export function registerSellerRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  const sellerOf = async (request: FastifyRequest): Promise<Seller> => {
    const { userId, shopId } = await accounts.requireRole(request, 'seller')
    if (shopId === null) throw new AppError('forbidden', 'You work for no shop yet; an admin can name yours.')
    return { userId, shopId }
  }

  app.get(
    '/api/seller/orders',
    {
      schema: {
        tags: ['Seller'],
        summary: "The own shop's parts of orders that were paid, newest first",
        querystring: SellerOrdersQuery,
        response: replies(CursorList(Type.Object({ orders: Type.Array(SellerOrder) }))),
      },
    },
    async (request) => {
      const { shopId } = await sellerOf(request)
      const { orders, pagination } = await listSellerOrders(deps.db, shopId, request.query)
      return { success: true as const, data: { orders }, pagination }
    },
  )

  app.post(
    '/api/seller/orders/:id/accept',
    {
      schema: {
        tags: ['Seller'],
        summary: 'Accept a part of an order',
        params: OrderParams,
        response: replies(Success(Type.Object({ order: SellerOrder }))),
      },
    },
    async (request) => {
      const seller = await sellerOf(request)
      return { success: true as const, data: { order: await acceptPart(deps, partIdOf(request.params.id), seller) } }
    },
  )

  app.post(
    '/api/seller/orders/:id/reject',
    {
      schema: {
        tags: ['Seller'],
        summary: 'Reject a part of an order: what it cost goes back, and the rest goes on',
        params: OrderParams,
        body: RejectBody,
        response: replies(Success(Type.Object({ order: SellerOrder }))),
      },
    },
    async (request) => {
      const seller = await sellerOf(request)
      const order = await rejectPart(
        deps,
        partIdOf(request.params.id),
        seller,
        readableText('reason', request.body.reason),
      )
      return { success: true as const, data: { order } }
    },
  )
}

function partIdOf(text: string): string {
  if (!isId(text)) throw new AppError('not_found', 'There is no such order in your shop.')
  return text
}
