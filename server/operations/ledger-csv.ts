/** A statement as a file for spreadsheets and accounting programs, line by line in constant memory. */
import { add, subtract, toDecimal } from '../../shared/money.ts'
import * as ledger from '../ledger/account.ts'
import { csvLine, type CsvCell } from '../platform/csv.ts'
import type { Db } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { listOwnerNames, type TransferRow } from './ledger-queries.ts'
import { beginning, listBounds, listTransfers, type Statement } from './ledger-statement.ts'

/** Some 300 KiB: what one export holds in memory at a time. */
const BATCH = 1_000

const COLUMNS = [
  'time',
  'transfer_id',
  'kind',
  'debit_account',
  'debit_name',
  'credit_account',
  'credit_name',
  'currency',
  'amount_minor',
  'amount',
  'order_number',
  'order_id',
  'cause',
]
/** Of a statement of one account: what it holds after the line, on its normal side. */
const BALANCE_COLUMNS = ['balance_minor', 'balance']

/** An export that was opened: what it is called, and its text in pieces. */
export interface Export {
  fileName: string
  lines: AsyncGenerator<string>
}

/**
 * Opens an export of a statement. It ends at the time at which it was asked for, so that a busy shop's comes to an end.
 * Each batch is a statement of its own: a reader who takes hours holds no connection and no transaction.
 */
export async function exportStatement(deps: Deps, statement: Statement): Promise<Export> {
  const now = deps.ports.clock.now()
  const ended = { ...statement, to: statement.to !== null && statement.to < now ? statement.to : now }
  const { opening } = await listBounds(deps.db, ended)
  return { fileName: fileNameOf(ended), lines: linesOf(deps.db, ended, opening ?? 0) }
}

async function* linesOf(db: Db, statement: Statement, opening: number): AsyncGenerator<string> {
  const { account } = statement
  yield csvLine(account === undefined ? COLUMNS : [...COLUMNS, ...BALANCE_COLUMNS])
  let balance = opening
  if (account !== undefined && statement.from !== null)
    yield boundLine('opening_balance', statement.from, account.currency, balance)
  let position = beginning(statement)
  // Ends: each batch begins after the one before, and the statement has an end.
  for (;;) {
    const rows = await listTransfers(db, statement, position, BATCH)
    const names = await namesOf(db, rows)
    let text = ''
    for (const row of rows) {
      if (account !== undefined) balance = after(balance, row, account)
      text += csvLine([...cellsOf(row, names), ...(account === undefined ? [] : amountCells(balance, row.currency))])
    }
    yield text
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) break
    position = last
  }
  if (account !== undefined && statement.to !== null)
    yield boundLine('closing_balance', statement.to, account.currency, balance)
}

/** The balance of the account, on its normal side, after a transfer that touches it. */
function after(balance: number, row: TransferRow, account: { id: string; kind: ledger.AccountKind }): number {
  const side = row.debit === account.id ? 'debit' : 'credit'
  return side === ledger.NORMAL_SIDES[account.kind] ? add(balance, row.amount) : subtract(balance, row.amount)
}

function cellsOf(row: TransferRow, names: ReadonlyMap<string, string>): CsvCell[] {
  return [
    row.created_at.toISOString(),
    row.id,
    row.kind,
    row.debit,
    names.get(ownerOf(row.debit)) ?? null,
    row.credit,
    names.get(ownerOf(row.credit)) ?? null,
    row.currency,
    ...amountCells(row.amount, row.currency),
    row.order_number,
    row.order_id,
    row.cause,
  ]
}

/** A line of an account statement that is no transfer. */
function boundLine(kind: string, at: Date, currency: string, balance: number): string {
  const cells: CsvCell[] = COLUMNS.map((column) =>
    column === 'time' ? at.toISOString() : column === 'kind' ? kind : column === 'currency' ? currency : null,
  )
  return csvLine([...cells, ...amountCells(balance, currency)])
}

function amountCells(amount: number, currency: string): CsvCell[] {
  return [amount, { decimal: toDecimal(amount, currency) }]
}

async function namesOf(db: Db, rows: readonly TransferRow[]): Promise<Map<string, string>> {
  const owners = new Set(rows.flatMap((row) => [ownerOf(row.debit), ownerOf(row.credit)]))
  return listOwnerNames(db, [...owners])
}

function ownerOf(accountId: string): string {
  return ledger.parseAccountCode(accountId)?.owner ?? ''
}

/** Made of what we know and of nothing that a client sent in another form. */
function fileNameOf({ subject, from, to }: Statement): string {
  const parts = ['ledger', subject, from === null ? 'all' : stamp(from), to === null ? '' : `to-${stamp(to)}`]
  return `${parts.join('_').replaceAll(/[^A-Za-z0-9_-]/g, '-')}.csv`
}

/** 2026-11-21, or with its time when it is not midnight. */
function stamp(at: Date): string {
  return at
    .toISOString()
    .replace(/T00:00:00\.000Z$/, '')
    .replace(/\.000Z$/, 'Z')
}
