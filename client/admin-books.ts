/** The admin calls that compare and read the books: reconciliation and the ledger. */
import type {
  ReconciliationLine,
  ReconciliationRun,
  StartReconciliationBody,
} from '../shared/contract/reconciliation.ts'
import type { LedgerAccount, LedgerStatement, LedgerStatementQuery } from '../shared/contract/ledger.ts'
import { type CallOptions, type CursorPage, cursorPage, type Filter, keyHeader } from './admin-lists.ts'
import { queryString, type Transport } from './transport.ts'

export type LineFilter = {
  subject?: string | undefined
  outcome?: string | undefined
  open?: 'true' | undefined
  cursor?: string | undefined
  limit?: number | undefined
}
export type RunFilter = { provider?: string | undefined; open?: 'true' | undefined; cursor?: string | undefined }
export type AccountFilter = {
  at?: string | undefined
  kind?: string | undefined
  cursor?: string | undefined
  limit?: number | undefined
}
export type StatementFilter = Filter<LedgerStatementQuery>
export type StatementPage = LedgerStatement & { next: string | null }

export function bookCalls(http: Transport, baseUrl: string) {
  return {
    /** Begins a run; it goes on by itself, and `getRun` tells how far it is. */
    async startRun(body: StartReconciliationBody, key: string): Promise<ReconciliationRun> {
      const { data } = await http.request('POST', RUNS, { body, headers: keyHeader(key) })
      return (data as { run: ReconciliationRun }).run
    },
    /** Runs, newest first. */
    async listRuns(filter: RunFilter, options: CallOptions = {}): Promise<CursorPage<ReconciliationRun>> {
      return cursorPage(await http.request('GET', RUNS, { ...options, query: filter }), 'runs')
    },
    async getRun(id: string, options: CallOptions = {}): Promise<ReconciliationRun> {
      const { data } = await http.request('GET', `${RUNS}/${encodeURIComponent(id)}`, options)
      return (data as { run: ReconciliationRun }).run
    },
    /** The lines of a run that were not simply matched or booked. */
    async listRunLines(
      id: string,
      filter: LineFilter,
      options: CallOptions = {},
    ): Promise<CursorPage<ReconciliationLine>> {
      const path = `${RUNS}/${encodeURIComponent(id)}/lines`
      return cursorPage(await http.request('GET', path, { ...options, query: filter }), 'lines')
    },

    /** Accounts with what they held at a moment. */
    async listAccounts(filter: AccountFilter, options: CallOptions = {}): Promise<CursorPage<LedgerAccount>> {
      return cursorPage(await http.request('GET', `${LEDGER}/accounts`, { ...options, query: filter }), 'accounts')
    },
    async getStatement(filter: StatementFilter, options: CallOptions = {}): Promise<StatementPage> {
      const answer = await http.request('GET', `${LEDGER}/transfers`, { ...options, query: filter })
      const { next } = cursorPage(answer, 'transfers')
      const { opening, closing, currency, transfers } = answer.data as LedgerStatement
      return { opening, closing, currency, transfers, next }
    },
    /** Where a statement can be had as a file. */
    statementCsvUrl(filter: StatementFilter): string {
      return `${baseUrl}${LEDGER}/transfers.csv${queryString(filter)}`
    },
  }
}

const RUNS = '/api/admin/reconciliation/runs'
const LEDGER = '/api/admin/ledger'
