import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CursorList, IdInPath, replies, Success } from '../../shared/contract/envelope.ts'
import {
  ReconciliationLine,
  ReconciliationLinesQuery,
  ReconciliationRun,
  ReconciliationRunsQuery,
  StartReconciliationBody,
} from '../../shared/contract/reconciliation.ts'
import type { Accounts } from '../accounts/service.ts'
import type { PaymentDeps } from '../payments/context.ts'
import type { App } from '../platform/http.ts'
import { KEPT_AS_IT_IS, withIdempotencyKey, type Keyed } from '../platform/idempotency.ts'
import { getRun, listLines, listRuns, startRun } from './service.ts'

const RunParams = Type.Object({ id: IdInPath })

export function registerReconciliationRoutes(app: App, deps: PaymentDeps, accounts: Accounts): void {
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))

  app.post(
    '/api/admin/reconciliation/runs',
    {
      onRequest,
      schema: {
        tags: ['Admin: reconciliation'],
        summary: "Compare our books with a provider's, over any time",
        description:
          'A worker makes the run; ask for it to see how far it is. What is of ours and younger than ten minutes need not be ' +
          'shown by the provider yet, because its answers lag. With an Idempotency-Key a repeat gives the same run.',
        body: StartReconciliationBody,
        response: replies(Success(Type.Object({ run: ReconciliationRun })), 202),
      },
    },
    async (request, reply) => {
      const { userId } = await accounts.requireRole(request, 'admin')
      const start = async (keyed: Keyed | undefined) => {
        const id = keyed?.effectId ?? deps.ports.ids.uuid()
        const run = await startRun(deps, userId, request.body, id, (tx, made) =>
          keyed?.finish(tx, { status: 202, body: { run: made } }),
        )
        return { status: 202, body: { run } }
      }
      const answer = await withIdempotencyKey(deps.db, request, reply, `user:${userId}`, start, {
        ...KEPT_AS_IT_IS,
        rebuild: async (id) => ({ run: await getRun(deps.db, id) }),
      })
      return reply.code(202).send({ success: true as const, data: answer.body as { run: ReconciliationRun } })
    },
  )

  app.get(
    '/api/admin/reconciliation/runs',
    {
      onRequest,
      schema: {
        tags: ['Admin: reconciliation'],
        summary: 'List runs, newest first, with what they found',
        querystring: ReconciliationRunsQuery,
        response: replies(CursorList(Type.Object({ runs: Type.Array(ReconciliationRun) }))),
      },
    },
    async (request) => {
      const { runs, pagination } = await listRuns(deps.db, request.query)
      return { success: true as const, data: { runs }, pagination }
    },
  )

  app.get(
    '/api/admin/reconciliation/runs/:id',
    {
      onRequest,
      schema: {
        tags: ['Admin: reconciliation'],
        summary: 'A run: how far it is, and what it found',
        params: RunParams,
        response: replies(Success(Type.Object({ run: ReconciliationRun }))),
      },
    },
    async (request) => ({ success: true as const, data: { run: await getRun(deps.db, request.params.id) } }),
  )

  app.get(
    '/api/admin/reconciliation/runs/:id/lines',
    {
      onRequest,
      schema: {
        tags: ['Admin: reconciliation'],
        summary: 'The lines of a run that were not simply in order',
        params: RunParams,
        querystring: ReconciliationLinesQuery,
        response: replies(CursorList(Type.Object({ lines: Type.Array(ReconciliationLine) }))),
      },
    },
    async (request) => {
      const { lines, pagination } = await listLines(deps.db, request.params.id, request.query)
      return { success: true as const, data: { lines }, pagination }
    },
  )
}
