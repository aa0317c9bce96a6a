import { Readable } from 'node:stream'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { CursorList, Failure, replies } from '../../shared/contract/envelope.ts'
import {
  LedgerAccount,
  LedgerAccountsQuery,
  LedgerStatement,
  LedgerStatementQuery,
} from '../../shared/contract/ledger.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Deps } from '../platform/deps.ts'
import type { App } from '../platform/http.ts'
import { exportStatement } from './ledger-csv.ts'
import { findStatement, readAccounts, readStatement } from './ledger-statement.ts'

export function registerLedgerRoutes(app: App, deps: Deps, accounts: Accounts): void {
  // Before the query is looked at, so that a stranger learns nothing of what it should hold.
  const onRequest = async (request: FastifyRequest) => void (await accounts.requireRole(request, 'admin'))
  const tags = ['Admin: ledger']

  app.get(
    '/api/admin/ledger/accounts',
    {
      onRequest,
      schema: {
        tags,
        summary: 'Accounts and what they hold, now or just before a time',
        querystring: LedgerAccountsQuery,
        response: replies(CursorList(Type.Object({ accounts: Type.Array(LedgerAccount) }))),
      },
    },
    async (request) => {
      const { accounts: rows, pagination } = await readAccounts(deps, request.query)
      return { success: true as const, data: { accounts: rows }, pagination }
    },
  )

  app.get(
    '/api/admin/ledger/transfers',
    {
      onRequest,
      schema: {
        tags,
        summary: 'A statement of an account, an order, a user, a shop, or of everything; oldest first',
        querystring: LedgerStatementQuery,
        response: replies(CursorList(LedgerStatement)),
      },
    },
    async (request) => {
      const { statement, pagination } = await readStatement(deps, request.query)
      return { success: true as const, data: statement, pagination }
    },
  )

  app.get(
    '/api/admin/ledger/transfers.csv',
    {
      onRequest,
      // It would read the whole export to say nothing of it.
      exposeHeadRoute: false,
      schema: {
        tags,
        summary: 'The same statement as a file (RFC 4180), up to the time of asking',
        querystring: Type.Omit(LedgerStatementQuery, ['limit', 'cursor']),
        response: {
          200: {
            description: 'The file',
            content: { 'text/csv': { schema: Type.Unsafe<Readable>({ type: 'string' }) } },
          },
          '4xx': Failure,
          '5xx': Failure,
        },
      },
    },
    async (request, reply) => {
      const { fileName, lines } = await exportStatement(deps, await findStatement(deps.db, request.query))
      return reply
        .header('content-type', 'text/csv; charset=utf-8; header=present')
        .header('content-disposition', `attachment; filename="${fileName}"`)
        .send(Readable.from(lines))
    },
  )
}
