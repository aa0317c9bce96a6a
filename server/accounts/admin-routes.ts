import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { PatchUserBody, User, UserListQuery } from '../../shared/contract/accounts.ts'
import { CursorList, IdInPath, replies, Success } from '../../shared/contract/envelope.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { changeUser, listUsers, type Accounts } from './service.ts'

export function registerAccountAdminRoutes(app: App, deps: Deps, accounts: Accounts): void {
  // Before the body is looked at, so that a stranger learns nothing of what it should hold.
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))

  app.get(
    '/api/admin/users',
    {
      onRequest,
      schema: {
        tags: ['Admin: users'],
        summary: 'List users, newest first',
        querystring: UserListQuery,
        response: replies(CursorList(Type.Object({ users: Type.Array(User) }))),
      },
    },
    async (request) => {
      const { users, pagination } = await listUsers(deps, request.query)
      return { success: true as const, data: { users }, pagination }
    },
  )

  app.patch(
    '/api/admin/users/:id',
    {
      onRequest,
      schema: {
        tags: ['Admin: users'],
        summary: "Change a user's role, shop or trust for cash on delivery",
        params: Type.Object({ id: IdInPath }),
        body: PatchUserBody,
        response: replies(Success(Type.Object({ user: User }))),
      },
    },
    async (request) => ({
      success: true as const,
      data: { user: await changeUser(deps, request.params.id, request.body) },
    }),
  )
}
