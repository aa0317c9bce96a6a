import { Type } from 'typebox'
import { Category, Product, ProductListQuery } from '../../shared/contract/catalog.ts'
import { CursorList, Failure, Success } from '../../shared/contract/envelope.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { getProduct, listCategories, listProducts } from './service.ts'

export function registerCatalogRoutes(app: App, deps: Deps): void {
  app.get(
    '/api/products',
    {
      schema: {
        tags: ['Catalogue'],
        summary: 'List products: search, filter, sort',
        querystring: ProductListQuery,
        response: { 200: CursorList(Type.Object({ products: Type.Array(Product) })), '4xx': Failure },
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
      schema: {
        tags: ['Catalogue'],
        summary: 'Get a product by id or slug',
        params: Type.Object({ id: Type.String({ maxLength: 100 }) }),
        response: { 200: Success(Type.Object({ product: Product })), '4xx': Failure },
      },
    },
    async (request) => ({ success: true as const, data: { product: await getProduct(deps, request.params.id) } }),
  )

  app.get(
    '/api/categories',
    {
      schema: {
        tags: ['Catalogue'],
        summary: 'List categories',
        response: { 200: Success(Type.Object({ categories: Type.Array(Category) })) },
      },
    },
    async () => ({ success: true as const, data: { categories: await listCategories(deps) } }),
  )
}
