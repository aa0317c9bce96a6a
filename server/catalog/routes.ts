import { Type } from 'typebox'
import { Category, Product, ProductListQuery } from '../../shared/contract/catalog.ts'
import { CursorList, IdInPath, replies, Success } from '../../shared/contract/envelope.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import { COMPRESSED, type App } from '../platform/http.ts'
import { registerCatalogAdminRoutes } from './admin-routes.ts'
import { getProduct, listCategories, listProducts } from './service.ts'

export function registerCatalogRoutes(app: App, deps: Deps, accounts: Accounts): void {
  app.get(
    '/api/products',
    {
      compress: COMPRESSED,
      schema: {
        tags: ['Catalogue'],
        summary: 'List products: search, filter, sort',
        querystring: ProductListQuery,
        response: replies(CursorList(Type.Object({ products: Type.Array(Product) }))),
      },
    },
    async (request) => {
      const { products, pagination } = await listProducts(deps, request.query)
      return { success: true as const, data: { products }, pagination }
    },
  )

  app.get(
    '/api/products/:id',
    {
      compress: COMPRESSED,
      schema: {
        tags: ['Catalogue'],
        summary: 'Get a product by id or slug',
        params: Type.Object({ id: IdInPath }),
        response: replies(Success(Type.Object({ product: Product }))),
      },
    },
    async (request) => ({ success: true as const, data: { product: await getProduct(deps, request.params.id) } }),
  )

  app.get(
    '/api/categories',
    {
      compress: COMPRESSED,
      schema: {
        tags: ['Catalogue'],
        summary: 'List categories',
        response: replies(Success(Type.Object({ categories: Type.Array(Category) }))),
      },
    },
    async () => ({ success: true as const, data: { categories: await listCategories(deps) } }),
  )

  registerCatalogAdminRoutes(app, deps, accounts)
}
