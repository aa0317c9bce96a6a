import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import {
  AdminProduct,
  CreateProductBody,
  PatchInventoryBody,
  StockMovement,
  StockOfProduct,
} from '../../shared/contract/catalog-admin.ts'
import { CursorList, CursorQuery, Id, replies, Success } from '../../shared/contract/envelope.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { withIdempotencyKey } from '../platform/idempotency.ts'
import { addProduct, correctStock, getStock } from './stock-keeping.ts'

const OneProduct = Success(Type.Object({ product: AdminProduct }))
type OneProduct = Static<typeof OneProduct>
const ByProduct = Type.Object({ productId: Id })

export function registerInventoryRoutes(app: App, deps: Deps, accounts: Accounts): void {
  // Before the body is looked at, so that a stranger learns nothing of what it should hold.
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))

  app.post(
    '/api/admin/products',
    {
      onRequest,
      schema: {
        tags: ['Admin: catalogue'],
        summary: 'Make a product with its first stock',
        body: CreateProductBody,
        response: replies(OneProduct, 201),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.require(request)
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${userId}`, async () => ({
        status: 201,
        body: { success: true, data: { product: await addProduct(deps, request.body) } },
      }))
      return reply.code(201).send(answer.body as OneProduct)
    },
  )

  app.get(
    '/api/admin/inventory/:productId',
    {
      onRequest,
      schema: {
        tags: ['Admin: stock'],
        summary: 'Get the stock of a product with its movements, newest first',
        params: ByProduct,
        querystring: Type.Object(CursorQuery),
        response: replies(CursorList(Type.Object({ inventory: StockOfProduct, movements: Type.Array(StockMovement) }))),
      },
    },
    async (request) => {
      const { inventory, movements, pagination } = await getStock(deps, request.params.productId, request.query)
      return { success: true as const, data: { inventory, movements }, pagination }
    },
  )

  app.patch(
    '/api/admin/inventory/:productId',
    {
      onRequest,
      schema: {
        tags: ['Admin: stock'],
        summary: 'Correct what is on hand, to a count or by a difference; never below what is reserved',
        params: ByProduct,
        body: PatchInventoryBody,
        response: replies(Success(Type.Object({ inventory: StockOfProduct }))),
      },
    },
    async (request) => ({
      success: true as const,
      data: { inventory: await correctStock(deps, request.params.productId, request.body) },
    }),
  )
}
