import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { AdminShop, CreateShopBody, PatchShopBody } from '../../shared/contract/catalog-admin.ts'
import { CursorList, CursorQuery, Id, replies, Success } from '../../shared/contract/envelope.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { withIdempotencyKey } from '../platform/idempotency.ts'
import { changeShop, createShop, listShopsForAdmin } from './service.ts'

const OneShop = Success(Type.Object({ shop: AdminShop }))
type OneShop = Static<typeof OneShop>

export function registerShopAdminRoutes(app: App, deps: Deps, accounts: Accounts): void {
  // Before the body is looked at, so that a stranger learns nothing of what it should hold.
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))

  app.get(
    '/api/admin/shops',
    {
      onRequest,
      schema: {
        tags: ['Admin: catalogue'],
        summary: 'List shops with their settings',
        querystring: Type.Object(CursorQuery),
        response: replies(CursorList(Type.Object({ shops: Type.Array(AdminShop) }))),
      },
    },
    async (request) => {
      const { shops, pagination } = await listShopsForAdmin(deps, request.query)
      return { success: true as const, data: { shops }, pagination }
    },
  )

  app.post(
    '/api/admin/shops',
    {
      onRequest,
      schema: {
        tags: ['Admin: catalogue'],
        summary: 'Open a shop',
        body: CreateShopBody,
        response: replies(OneShop, 201),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.require(request)
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${userId}`, async () => ({
        status: 201,
        body: { success: true, data: { shop: await createShop(deps, request.body) } },
      }))
      return reply.code(201).send(answer.body as OneShop)
    },
  )

  app.patch(
    '/api/admin/shops/:id',
    {
      onRequest,
      schema: {
        tags: ['Admin: catalogue'],
        summary: 'Change a shop',
        params: Type.Object({ id: Id }),
        body: PatchShopBody,
        response: replies(OneShop),
      },
    },
    async (request) => ({
      success: true as const,
      data: { shop: await changeShop(deps, request.params.id, request.body) },
    }),
  )
}
