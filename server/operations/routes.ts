import { Type } from 'typebox'
import { replies, Success } from '../../shared/contract/envelope.ts'
import { DashboardStats } from '../../shared/contract/orders.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { assertReady } from '../platform/migrate.ts'
import { dashboardStats } from './service.ts'

export function registerOperationsRoutes(app: App, deps: Deps, accounts: Accounts): void {
  app.get(
    '/api/orders/admin/dashboard-stats',
    {
      schema: {
        tags: ['Admin'],
        summary: 'Figures for the dashboard',
        response: replies(Success(Type.Object({ stats: DashboardStats, ...DashboardStats.properties }))),
      },
    },
    async (request) => {
      await accounts.requireRole(request, 'admin')
      const stats = await dashboardStats(deps)
      // Under its own name, and flat for programs that read the figures directly.
      return { success: true as const, data: { stats, ...stats } }
    },
  )
}

/** Health: live says that the process answers, ready that it can serve. */
export function registerHealthRoutes(app: App, deps: Deps): void {
  app.get(
    '/healthz',
    {
      schema: {
        tags: ['Operations'],
        summary: 'The process answers',
        response: { 200: Type.Object({ status: Type.Literal('live') }) },
      },
    },
    async () => ({ status: 'live' as const }),
  )
  app.get(
    '/readyz',
    {
      schema: {
        tags: ['Operations'],
        summary: 'The database answers and has our schema',
        response: {
          200: Type.Object({ status: Type.Literal('ready') }),
          503: Type.Object({ status: Type.Literal('not ready'), reason: Type.String() }),
        },
      },
    },
    async (_request, reply) => {
      try {
        await assertReady(deps.db)
        return { status: 'ready' as const }
      } catch {
        return reply.code(503).send({ status: 'not ready' as const, reason: 'database' })
      }
    },
  )
}
