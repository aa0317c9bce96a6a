/** Alerts and checks of the books, for an operator. */
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CursorList, Id, replies, Success } from '../../shared/contract/envelope.ts'
import { Alert, AlertsQuery, CheckRun, ChecksQuery, RunCheckQuery } from '../../shared/contract/operations.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { acknowledgeAlert, listAlerts } from './alerts.ts'
import { getCheck, listChecks, runCheck } from './checks.ts'

const ById = Type.Object({ id: Id })
const tags = ['Admin: operations']

export function registerWatchRoutes(app: App, deps: Deps, accounts: Accounts): void {
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))

  app.get(
    '/api/admin/alerts',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Alerts that are open, or were resolved, newest first',
        querystring: AlertsQuery,
        response: replies(CursorList(Type.Object({ alerts: Type.Array(Alert) }))),
      },
    },
    async (request) => {
      const { alerts, pagination } = await listAlerts(deps, request.query)
      return { success: true as const, data: { alerts }, pagination }
    },
  )

  app.post(
    '/api/admin/alerts/:id/acknowledge',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Say that somebody has seen an alert',
        description: 'It stays open until what it tells of is over. The first one to say so is kept.',
        params: ById,
        response: replies(Success(Type.Object({ alert: Alert }))),
      },
    },
    async (request) => {
      const { userId } = await accounts.require(request)
      return { success: true as const, data: { alert: await acknowledgeAlert(deps, request.params.id, userId) } }
    },
  )

  app.get(
    '/api/admin/checks',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Checks of the books, newest first',
        querystring: ChecksQuery,
        response: replies(CursorList(Type.Object({ checks: Type.Array(CheckRun) }))),
      },
    },
    async (request) => {
      const { runs, pagination } = await listChecks(deps, request.query)
      return { success: true as const, data: { checks: runs }, pagination }
    },
  )

  app.get(
    '/api/admin/checks/:id',
    {
      onRequest,
      schema: {
        tags,
        summary: 'One check of the books',
        params: ById,
        response: replies(Success(Type.Object({ check: CheckRun }))),
      },
    },
    async (request) => ({ success: true as const, data: { check: await getCheck(deps, request.params.id) } }),
  )

  app.post(
    '/api/admin/checks',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Check the books now',
        description:
          'Answers when all questions are answered. History is asked about since the last check that found nothing wrong, or all of it with `full`. While another check is under way: request_in_progress.',
        querystring: RunCheckQuery,
        response: replies(Success(Type.Object({ check: CheckRun })), 201),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.require(request)
      const check = await runCheck(deps, 'admin', userId, { full: request.query.full === true })
      return reply.code(201).send({ success: true as const, data: { check } })
    },
  )
}
