/** What admins do to the accounts of others. The three under /api/auth are where the auth library has its own. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import {
  BanUserBody,
  PatchUserBody,
  SetUserPasswordBody,
  UnbanUserBody,
  User,
  UserListQuery,
} from '../../shared/contract/accounts.ts'
import { CursorList, IdInPath, replies, Success } from '../../shared/contract/envelope.ts'
import type { Deps } from '../platform/deps.ts'
import { invalidField } from '../platform/errors.ts'
import type { App } from '../platform/http.ts'
import { passwordProblem } from '../platform/passwords.ts'
import { addressOf } from '../platform/rate-limit.ts'
import { banUser, changeUser, getUser, setPassword, unbanUser } from './admins.ts'
import { listUsers, type OpenAccounts } from './service.ts'

export function registerAccountAdminRoutes(app: App, deps: Deps, accounts: OpenAccounts): void {
  // Before the body is looked at, so that a stranger learns nothing of what it should hold.
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))
  const tags = ['Admin: users']

  app.get(
    '/api/admin/users',
    {
      onRequest,
      schema: {
        tags,
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
        tags,
        summary: "Change a user's role, shop or trust for cash on delivery",
        description: 'A new admin raises an alert, and is no second person for a day.',
        params: Type.Object({ id: IdInPath }),
        body: PatchUserBody,
        response: replies(Success(Type.Object({ user: User }))),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return {
        success: true as const,
        data: { user: await changeUser(deps, request.params.id, request.body, userId) },
      }
    },
  )

  app.post(
    '/api/auth/admin/ban-user',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Shut a user out, and end all sessions',
        body: BanUserBody,
        response: replies(Type.Object({ user: User })),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return { user: await banUser(deps, request.body, userId) }
    },
  )

  app.post(
    '/api/auth/admin/unban-user',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Let a user in again',
        description: 'An admin who is let in again raises an alert, and is no second person for a day.',
        body: UnbanUserBody,
        response: replies(Type.Object({ user: User })),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return { user: await unbanUser(deps, request.body.userId, userId) }
    },
  )

  app.post(
    '/api/auth/admin/set-user-password',
    {
      onRequest,
      schema: {
        tags,
        summary: "Set a user's password, and end all sessions",
        description: 'Raises an alert; an admin who is given a password is no second person for a day.',
        body: SetUserPasswordBody,
        response: replies(Type.Object({ status: Type.Literal(true) })),
      },
    },
    async (request) => {
      const { userId: by } = await accounts.require(request)
      await deps.limiter.count('auth', addressOf(request))
      const { userId, newPassword } = request.body
      const user = await getUser(deps.db, userId)
      const problem = passwordProblem(newPassword, [user.email, user.name, accounts.shopName ?? ''])
      if (problem !== undefined) throw invalidField('newPassword', problem)
      const hash = await accounts.hashing.run(addressOf(request), () => accounts.hashPassword(newPassword))
      await setPassword(deps, userId, hash, by)
      return { status: true as const }
    },
  )
}
