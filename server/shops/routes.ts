import { Type } from 'typebox'
import { Shop } from '../../shared/contract/catalog.ts'
import { CursorList, IdInPath, replies, Success } from '../../shared/contract/envelope.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import { COMPRESSED, type App } from '../platform/http.ts'
import { registerShopAdminRoutes } from './admin-routes.ts'
import { getShop, listShops } from './service.ts'

export const ShopListQuery = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
})

export function registerShopRoutes(app: App, deps: Deps, accounts: Accounts): void {
  app.get(
    '/api/shops',
    {
      compress: COMPRESSED,
      schema: {
        tags: ['Catalogue'],
        summary: 'List shops',
        querystring: ShopListQuery,
        response: replies(CursorList(Type.Object({ shops: Type.Array(Shop) }))),
      },
    },
    async (request) => {
      const { shops, pagination } = await listShops(deps, request.query)
      return { success: true as const, data: { shops }, pagination }
    },
  )

  app.get(
    '/api/shops/:id',
    {
      compress: COMPRESSED,
      schema: {
        tags: ['Catalogue'],
        summary: 'Get a shop by id or slug',
        params: Type.Object({ id: IdInPath }),
        response: replies(Success(Type.Object({ shop: Shop }))),
      },
    },
    async (request) => ({ success: true as const, data: { shop: await getShop(deps, request.params.id) } }),
  )

  registerShopAdminRoutes(app, deps, accounts)
}
