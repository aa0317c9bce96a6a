/**
 * Statements of the books: the transfers of one account, order, user or shop, or all of them, in a window of time, in
 * the order of their time. Paging is by position, so that no transfer comes twice and none is skipped while others are
 * added; only one that commits seconds after it is dated can come to stand before a position that was read already.
 */
import type { Static } from 'typebox'
import type {
  LedgerAccountsQuery,
  LedgerStatement,
  LedgerStatementQuery,
  LedgerTransfer,
} from '../../shared/contract/ledger.ts'
import {
  USER_KINDS,
  SHOP_KINDS,
  parseAccountCode,
  isAccountKind,
  NORMAL_SIDES,
  type AccountCode,
} from '../ledger/account.ts'
import { listAccountIdsOf, findAccountId } from '../ledger/queries.ts'
import { balance, listBalances } from '../ledger/service.ts'
import { cutPage, decodeCursor } from '../platform/cursor.ts'
import type { Db } from '../platform/database.ts'
import type { Deps } from '../platform/deps.ts'
import { AppError, invalidField } from '../platform/errors.ts'
import { parseMoment } from '../platform/moment.ts'
import * as queries from './ledger-queries.ts'
import type { Position, StatementScope, TransferRow } from './ledger-queries.ts'

const PAGE = 24
/** Before every transfer of its time. */
const FIRST_ID = '00000000-0000-0000-0000-000000000000'

/** A statement that was asked for, and may be. */
export interface Statement {
  scope: StatementScope
  /** The one account that it is about, when it is about one: it has an opening and a closing balance. */
  account: (AccountCode & { id: string }) | undefined
  /** What it is about, in letters and digits that a file name may have. */
  subject: string
  /** Inclusive; null: from the beginning. */
  from: Date | null
  /** Exclusive; null: no end. */
  to: Date | null
}

/**
 * Reads what statement is asked for.
 *
 * @throws AppError validation_failed for a window or a mixture that makes no sense; not_found or order_not_found for an
 *   account, user, shop or order that does not exist
 */
export async function findStatement(db: Db, query: Omit<LedgerStatementQuery, 'limit' | 'cursor'>): Promise<Statement> {
  const window = windowOf(query)
  const [field, ...others] = (['account', 'orderId', 'userId', 'shopId'] as const).filter(
    (name) => query[name] !== undefined,
  )
  if (others[0] !== undefined) throw invalidField(others[0], `cannot be combined with ${field}`)
  if (query.account !== undefined) return { ...window, ...(await ofAccount(db, query.account)) }
  if (query.orderId !== undefined) {
    if (!(await queries.statementSubjectExists(db, 'order', query.orderId)))
      throw new AppError('order_not_found', 'There is no such order.')
    return { ...window, ...of('order', query.orderId, { kind: 'order', orderId: query.orderId }) }
  }
  if (query.userId !== undefined) {
    if (!(await queries.statementSubjectExists(db, 'user', query.userId)))
      throw new AppError('not_found', 'There is no such user.')
    const walletIds = await listAccountIdsOf(db, query.userId, USER_KINDS)
    return { ...window, ...of('user', query.userId, { kind: 'user', userId: query.userId, walletIds }) }
  }
  if (query.shopId !== undefined) {
    if (!(await queries.statementSubjectExists(db, 'shop', query.shopId)))
      throw new AppError('not_found', 'There is no such shop.')
    const accountIds = await listAccountIdsOf(db, query.shopId, SHOP_KINDS)
    return { ...window, ...of('shop', query.shopId, { kind: 'accounts', accountIds }) }
  }
  return { ...window, account: undefined, subject: 'all', scope: { kind: 'everything' } }
}

function of(what: string, id: string, scope: StatementScope) {
  return { account: undefined, subject: `${what}-${id}`, scope }
}

async function ofAccount(db: Db, id: string) {
  const code = parseAccountCode(id)
  if (code === undefined || (await findAccountId(db, id)) === undefined)
    throw new AppError('not_found', 'There is no such account.')
  return { account: { id, ...code }, subject: id, scope: { kind: 'accounts' as const, accountIds: [id] } }
}

function windowOf(query: Pick<LedgerStatementQuery, 'day' | 'from' | 'to'>): { from: Date | null; to: Date | null } {
  if (query.day !== undefined) {
    const other = query.from !== undefined ? 'from' : query.to !== undefined ? 'to' : undefined
    if (other !== undefined) throw invalidField(other, 'cannot be combined with day')
    return { from: parseMoment('day', query.day, 'start'), to: parseMoment('day', query.day, 'end') }
  }
  const from = query.from === undefined ? null : parseMoment('from', query.from, 'start')
  const to = query.to === undefined ? null : parseMoment('to', query.to, 'end')
  if (from !== null && to !== null && from >= to) throw invalidField('to', 'is not after from')
  return { from, to }
}

/** The position before all transfers of a statement. */
export function beginning(statement: Pick<Statement, 'from'>): Position {
  // Nothing is dated before 1970.
  return { micros: (statement.from?.getTime() ?? 0) * 1_000, id: FIRST_ID }
}

/** The transfers of a statement after a position, as many as there are up to `limit`. */
export async function listTransfers(
  db: Db,
  { scope, to }: Pick<Statement, 'scope' | 'to'>,
  after: Position,
  limit: number,
): Promise<TransferRow[]> {
  if (scope.kind !== 'accounts') return queries.listTransfers(db, scope, after, to, limit)
  const rows: TransferRow[] = []
  let position = after
  // Each turn but the first and the last finds at least one transfer, so there are at most two more than the limit.
  while (rows.length < limit) {
    const { since, until } = await queries.findActiveStretch(db, scope.accountIds, position)
    if (to !== null && since >= to) break
    const start =
      since.getTime() * 1_000 > position.micros ? { micros: since.getTime() * 1_000, id: FIRST_ID } : position
    const last = until === null || (to !== null && until >= to)
    rows.push(...(await queries.listTransfers(db, scope, start, last ? to : until, limit - rows.length)))
    if (last) break
    position = { micros: until.getTime() * 1_000, id: FIRST_ID }
  }
  return rows
}

/** What the account of a statement held before it, and holds after it; null for a statement that is not of one account. */
export async function listBounds(
  db: Db,
  { account, from, to }: Statement,
): Promise<Pick<LedgerStatement, 'opening' | 'closing' | 'currency'>> {
  if (account === undefined) return { opening: null, closing: null, currency: null }
  const [opening, closing] = await Promise.all([
    from === null ? 0 : balance(db, account.id, from),
    balance(db, account.id, to),
  ])
  return { opening, closing, currency: account.currency }
}

/** A page of a statement. */
export async function readStatement(deps: Deps, query: LedgerStatementQuery) {
  const { db } = deps
  const limit = query.limit ?? PAGE
  const statement = await findStatement(db, query)
  const [bounds, found] = await Promise.all([
    listBounds(db, statement),
    listTransfers(db, statement, positionOf(query.cursor) ?? beginning(statement), limit + 1),
  ])
  const { rows, pagination } = cutPage(found, limit, (row) => [row.micros, row.id])
  return { statement: { ...bounds, transfers: rows.map(toTransfer) }, pagination }
}

function positionOf(cursor: string | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const [micros, id] = decodeCursor(cursor, ['integer', 'uuid']) as [number, string]
  return { micros, id }
}

function toTransfer(row: TransferRow): LedgerTransfer {
  return {
    id: row.id,
    kind: row.kind,
    debit: row.debit,
    credit: row.credit,
    amount: row.amount,
    currency: row.currency,
    orderId: row.order_id,
    orderNumber: row.order_number,
    cause: row.cause,
    createdAt: row.created_at.toISOString(),
  }
}

/** A page of accounts with what they held at a time, in the order of their codes. */
export async function readAccounts(deps: Deps, query: Static<typeof LedgerAccountsQuery>) {
  const { db } = deps
  const limit = query.limit ?? PAGE
  const at = query.at === undefined ? null : parseMoment('at', query.at, 'end')
  const kind = query.kind ?? null
  if (kind !== null && !isAccountKind(kind))
    throw invalidField('kind', `is none of ${Object.keys(NORMAL_SIDES).join(', ')}`)
  const after = query.cursor === undefined ? '' : (decodeCursor(query.cursor, ['text']) as [string])[0]
  const found = await listBalances(db, { at, kind, after }, limit + 1)
  const { rows, pagination } = cutPage(found, limit, (row) => [row.id])
  const names = await queries.listOwnerNames(
    db,
    rows.map((row) => row.owner),
  )
  return { accounts: rows.map((row) => ({ ...row, ownerName: names.get(row.owner) ?? null })), pagination }
}
