/** Admin routes of products and categories. Making a product is a route of `inventory`, which gives it its stock. */
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import {
  AdminProduct,
  AdminProductListQuery,
  CreateCategoryBody,
  PatchCategoryBody,
  PatchProductBody,
} from '../../shared/contract/catalog-admin.ts'
import { Category } from '../../shared/contract/catalog.ts'
import { CursorList, Id, replies, Success } from '../../shared/contract/envelope.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { withIdempotencyKey } from '../platform/idempotency.ts'
import {
  changeCategory,
  changeProduct,
  createCategory,
  getProductForAdmin,
  listCategories,
  listProductsForAdmin,
} from './service.ts'

const tags = ['Admin: catalogue']
const OneCategory = Success(Type.Object({ category: Category }))
type OneCategory = Static<typeof OneCategory>
const OneProduct = Success(Type.Object({ product: AdminProduct }))
const ById = Type.Object({ id: Id })

export function registerCatalogAdminRoutes(app: App, deps: Deps, accounts: Accounts): void {
  // Before the body is looked at, so that a stranger learns nothing of what it should hold.
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))

  app.get(
    '/api/admin/products',
    {
      onRequest,
      schema: {
        tags,
        summary: 'List products with their stock, newest first',
        querystring: AdminProductListQuery,
        response: replies(CursorList(Type.Object({ products: Type.Array(AdminProduct) }))),
      },
    },
    async (request) => {
      const { products, pagination } = await listProductsForAdmin(deps, request.query)
      return { success: true as const, data: { products }, pagination }
    },
  )

  app.get(
    '/api/admin/products/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Get a product with its stock',
        params: ById,
        response: replies(OneProduct),
      },
    },
    async (request) => ({
      success: true as const,
      data: { product: await getProductForAdmin(deps, request.params.id) },
    }),
  )

  app.patch(
    '/api/admin/products/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Change a product; orders keep the price they were placed at',
        params: ById,
        body: PatchProductBody,
        response: replies(OneProduct),
      },
    },
    async (request) => ({
      success: true as const,
      data: { product: await changeProduct(deps, request.params.id, request.body) },
    }),
  )

  app.post(
    '/api/admin/categories',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Make a category',
        body: CreateCategoryBody,
        response: replies(OneCategory, 201),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.require(request)
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${userId}`, async () => ({
        status: 201,
        body: { success: true, data: { category: await createCategory(deps, request.body) } },
      }))
      return reply.code(201).send(answer.body as OneCategory)
    },
  )

  app.patch(
    '/api/admin/categories/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Change a category',
        params: ById,
        body: PatchCategoryBody,
        response: replies(OneCategory),
      },
    },
    async (request) => ({
      success: true as const,
      data: { category: await changeCategory(deps, request.params.id, request.body) },
    }),
  )

  app.get(
    '/api/admin/categories',
    {
      onRequest,
      schema: {
        tags,
        summary: 'List categories',
        response: replies(Success(Type.Object({ categories: Type.Array(Category) }))),
      },
    },
    async () => ({ success: true as const, data: { categories: await listCategories(deps) } }),
  )
}
