/**
 * The database port. Statements carry names: the name is the prepared statement's on the wire, the point where a crash
 * test can stop, and what a slow-query line shows.
 *
 * `Db` reads; `Tx` writes. A `Tx` comes from `inTransaction`, or is `db.alone`, where each statement is a transaction of
 * its own. While a transaction is open, provider calls are refused (`assertNoTransaction`): nothing outside may depend
 * on what can still be rolled back, and no lock may wait for a stranger's network.
 */
import assert from 'node:assert/strict'
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Socket } from 'node:net'
import pg from 'pg'
import sql, { type Sql } from 'sql-template-tag'
import { AppError } from './errors.ts'
import type { Lane, LaneName } from './groups.ts'
import { assertLockOrder, type HeldLocks } from './lock-order.ts'
import type { Points, Ports } from './ports.ts'

export { default as sql, join, empty, raw, type Sql } from 'sql-template-tag'

export interface Db {
  /** All rows. */
  many<R>(name: string, statement: Sql): Promise<R[]>
  /** The row, or undefined when there is none. */
  maybeOne<R>(name: string, statement: Sql): Promise<R | undefined>
  /** The row, which must exist: none is a bug. */
  one<R>(name: string, statement: Sql): Promise<R>
}

export interface Tx extends Db {
  /** Runs a statement and gives the number of rows it touched. */
  run(name: string, statement: Sql): Promise<number>
  /**
   * Sends a statement without waiting for it; its error, if any, fails the commit. For writes whose rules the database
   * itself enforces, so that a transaction's writes and its commit leave in one go.
   */
  send(name: string, statement: Sql): void
  /**
   * Leaves rows to be written right before the commit, by one statement for all that this transaction has left of the kind.
   * For what many orders share: the fewer statements, the shorter it is held. What cannot stand fails the commit.
   */
  gather<Row>(kind: GatheredKind, rows: readonly Row[], write: (tx: Tx, rows: readonly Row[]) => void): void
  /** Lets each statement of this transaction from here on run for as long, and waits for its answer accordingly. */
  allow(statementMs: number): Promise<void>
  /** Runs `work` once what was written stands; never when it was rolled back. For figures, not for what must happen. */
  afterCommit(work: () => void): void
}

/** What is gathered, in the order in which it is written: see lock-order.ts. */
const GATHERED = ['events', 'stock', 'transfers'] as const
export type GatheredKind = (typeof GATHERED)[number]

export interface Database extends Db {
  /** Each statement run here is a transaction of its own. */
  readonly alone: Tx
  /** Runs reads on one connection, so that those which do not wait for one another leave as one packet. */
  together<T>(work: (reads: Db) => Promise<T>): Promise<T>
  readonly pool: pg.Pool
  readonly ports: Ports
  /** Its transactions are watched. */
  readonly keepsLockOrder: boolean
  /** What waits to be done together; see groups.ts. */
  readonly lanes: Map<LaneName, Lane>
  close(): Promise<void>
}

export interface DatabaseOptions {
  url: string
  /** Most connections that this pool opens. */
  max: number
  /** How long a request may wait for a free connection before it is refused. */
  acquireTimeoutMs?: number
  /** How long a statement's answer may stay out before its connection is given up. */
  answerTimeoutMs?: number
  /** Shown in pg_stat_activity. */
  name?: string
  /** Stops what locks rows in another than the one order: for tests, since a deadlock only costs another try. */
  keepsLockOrder?: boolean
  /** The sessions refuse to write. */
  readOnly?: boolean
}

// Amounts and counts are int8; every one of ours is a safe integer by CHECK, and one that is not must not pass quietly.
pg.types.setTypeParser(pg.types.builtins.INT8, (text) => {
  const value = Number(text)
  assert(Number.isSafeInteger(value), `int8 value ${text} is beyond the safe integers`)
  return value
})

/** Bounded so that statements built from filters cannot fill a server's memory with plans. */
const MAX_PREPARED = 500
const preparedNames = new Map<string, string>()

function preparedName(name: string, text: string): string | undefined {
  const known = preparedNames.get(text)
  if (known !== undefined) return known
  if (preparedNames.size >= MAX_PREPARED) return undefined
  // PostgreSQL cuts names at 63 bytes; the number, which tells statements apart, must survive that.
  const made = `${name.slice(0, 50)}_${preparedNames.size}`
  preparedNames.set(text, made)
  return made
}

/**
 * A server that is alive ends a statement after five seconds, and says so. One from which nothing comes for twice that
 * long is gone, or the network to it is, and without this limit its callers would wait for as long as TCP does.
 */
const ANSWER_TIMEOUT_MS = 10_000

export function openDatabase(options: DatabaseOptions, ports: Ports): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max,
    pipeline: true,
    application_name: options.name ?? 'hundi',
    connectionTimeoutMillis: options.acquireTimeoutMs ?? 2_000,
    query_timeout: options.answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
    keepAlive: true,
    idleTimeoutMillis: 30_000,
    onConnect: (client: pg.ClientBase) =>
      setUpSession(client, { ...SESSION_LIMITS, ...PLANNING, ...(options.readOnly === true ? READ_ONLY_SESSION : {}) }),
  } as pg.PoolConfig)
  // Without listeners a connection that the server closes would end the process: an idle one reports to the pool, one
  // that is in use reports by itself, and whatever was asked of it then fails.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const poolName = options.name ?? 'hundi'
  ports.metrics.watch('hundi_database_connections', () => [
    { labels: { pool: poolName, state: 'used' }, value: pool.totalCount - pool.idleCount },
    { labels: { pool: poolName, state: 'idle' }, value: pool.idleCount },
    { labels: { pool: poolName, state: 'waiting' }, value: pool.waitingCount },
  ])
  const alone = handle(pool, ports.points)
  return {
    many: alone.many,
    maybeOne: alone.maybeOne,
    one: alone.one,
    alone,
    together: (work) => readTogether(pool, ports.points, work),
    pool,
    ports,
    keepsLockOrder: options.keepsLockOrder === true,
    lanes: new Map(),
    close: () => pool.end(),
  }
}

/** A request that waits longer than these is better refused and asked again; no lock of ours is held that long. */
export const SESSION_LIMITS = {
  statement_timeout: '5000',
  lock_timeout: '3000',
  idle_in_transaction_session_timeout: '10000',
} as const

/**
 * Our statements find rows by key, so a plan made once serves every execution, and planning each anew costs as much again.
 * Such a plan must not come from the first minutes of a small table, so an index is taken to be cheap, as it is on an SSD.
 */
const PLANNING = { plan_cache_mode: 'force_generic_plan', random_page_cost: '1.1', jit: 'off' } as const
const READ_ONLY_SESSION = { default_transaction_read_only: 'on' } as const

/**
 * Gives a new session its settings, before anything else is asked of it. They are not sent along with the connection:
 * pools in front of PostgreSQL refuse or drop what they do not know there, and an address may bring `options` of its own.
 */
export async function setUpSession(client: pg.ClientBase, settings: Readonly<Record<string, string>>): Promise<void> {
  const calls = Object.entries(settings).map(([name, value]) => `set_config('${name}', '${value}', false)`)
  await client.query(`select ${calls.join(', ')}`)
}

type Executor = Pick<pg.Pool, 'query'> | pg.PoolClient

interface Transaction {
  /** What is written right before the commit. */
  gathered: Map<GatheredKind, { rows: unknown[]; write: (tx: Tx, rows: never[]) => void }>
  /** Statements that were sent without waiting for them. */
  deferred: Promise<unknown>[]
  /** Its connection may be somebody else's by now. */
  ended: boolean
  /** That the statement before has passed its point; where there are points. */
  turn?: Promise<void>
  /** What it has locked so far; undefined where nobody watches. */
  locks?: HeldLocks | undefined
  /** To be done once it is committed. */
  afterwards: (() => void)[]
  /** How long its answers may stay out, when that is not what holds for every other. */
  answerTimeoutMs?: number
}

/** @param entry what one of several who share the transaction does in it; undefined where nobody is to know */
function handle(executor: Executor, points: Points | undefined, transaction?: Transaction, entry?: Entry): Tx {
  async function execute(name: string, statement: Sql): Promise<pg.QueryResult> {
    if (entry !== undefined && writes(statement.text)) entry.hasWritten = true
    if (points !== undefined) await inTurn(transaction, () => points.reach(`sql:${name}`))
    if (transaction !== undefined) {
      assert(!transaction.ended, `${name} after the end of its transaction`)
      leaveTogether(executor as pg.PoolClient)
    }
    const text = statement.text
    if (transaction?.locks !== undefined) assertLockOrder(transaction.locks, name, text)
    const config = { name: preparedName(name, text), text, values: statement.values, ...patienceOf(transaction) }
    return executor.query(config as pg.QueryConfig)
  }
  return {
    async many<R>(name: string, statement: Sql) {
      return (await execute(name, statement)).rows as R[]
    },
    async maybeOne<R>(name: string, statement: Sql) {
      const { rows } = await execute(name, statement)
      assert(rows.length <= 1, `${name} gave ${rows.length} rows`)
      return rows[0] as R | undefined
    },
    async one<R>(name: string, statement: Sql) {
      const { rows } = await execute(name, statement)
      assert.equal(rows.length, 1, `${name} gave ${rows.length} rows`)
      return rows[0] as R
    },
    async run(name, statement) {
      return (await execute(name, statement)).rowCount ?? 0
    },
    send(name, statement) {
      assert(transaction !== undefined, 'send() needs a transaction to wait for it')
      assert(!transaction.ended, `${name} after the end of its transaction`)
      const running = execute(name, statement)
      running.catch(() => {})
      transaction.deferred.push(running)
    },
    gather(kind, rows, write) {
      if (rows.length === 0) return
      if (transaction === undefined) return write(this, rows)
      const { gathered } = transaction
      const before = gathered.get(kind)
      if (before === undefined) gathered.set(kind, { rows: [...rows], write: write as (tx: Tx, rows: never[]) => void })
      else before.rows.push(...rows)
      if (entry !== undefined) entry.hasWritten = true
    },
    async allow(statementMs) {
      assert(transaction !== undefined, 'only a transaction can be given more time')
      await execute('tx.allow', sql`select set_config('statement_timeout', ${String(statementMs)}, true)`)
      transaction.answerTimeoutMs = statementMs + ANSWER_TIMEOUT_MS
    },
    afterCommit(work) {
      if (transaction === undefined) work()
      else transaction.afterwards.push(work)
    },
  }
}

interface Entry {
  hasWritten: boolean
}

const WRITES = /\b(?:insert into|delete from|update (?:only )?\w+ (?:(?:as )?\w+ )?set)\b/
const writing = new Map<string, boolean>()

/** Whether a statement may change something. */
function writes(text: string): boolean {
  const known = writing.get(text)
  if (known !== undefined) return known
  const does = WRITES.test(text)
  if (writing.size < MAX_PREPARED) writing.set(text, does)
  return does
}

/** Statements leave in the order in which they were asked for, also when one of them is held at its point. */
async function inTurn(transaction: Transaction | undefined, reach: () => Promise<void>): Promise<void> {
  if (transaction === undefined) return reach()
  const turn = (transaction.turn ?? Promise.resolve()).then(reach)
  transaction.turn = turn
  return turn
}

/** What a query of this transaction is given beside its text. */
function patienceOf(transaction: Transaction | undefined): { query_timeout?: number } {
  return transaction?.answerTimeoutMs === undefined ? {} : { query_timeout: transaction.answerTimeoutMs }
}

async function readTogether<T>(pool: pg.Pool, points: Points | undefined, work: (reads: Db) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const reads: Transaction = { deferred: [], gathered: new Map(), ended: false, afterwards: [] }
  try {
    return await work(handle(client, points, reads))
  } finally {
    reads.ended = true
    // The pool drops a connection that was lost.
    client.release()
  }
}

/**
 * Holds what is written to a connection until the current turn of the event loop ends, so that statements which do not
 * wait for one another leave as one packet.
 */
function leaveTogether(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
  if (stream.writableCorked > 0) return
  stream.cork()
  process.nextTick(() => stream.uncork())
}

const openTransaction = new AsyncLocalStorage<string>()

/** A bug if a transaction is open here: called before anything leaves for a provider. */
export function assertNoTransaction(what: string): void {
  const open = openTransaction.getStore()
  assert(open === undefined, `${what} while the transaction "${open}" is open`)
}

const MAX_TRIES = 5
/** serialization_failure and deadlock_detected: the whole transaction, reads included, may be run again. */
const RETRIED = new Set(['40001', '40P01'])

/**
 * Runs `work` in one transaction at READ COMMITTED and commits it. Serialization failures and deadlocks run it again, at
 * most five times. When the connection breaks during COMMIT nobody knows the outcome: that is `unavailable`, and callers
 * are safe to repeat because every use case is keyed.
 *
 * @param name names the transaction's points: `tx:<name>:commit` before and `tx:<name>:committed` after the commit
 */
export async function inTransaction<T>(db: Database, name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await once(db, name, work)
    } catch (error) {
      if (!RETRIED.has(codeOf(error)) || attempt >= MAX_TRIES) throw error
      await db.ports.timers.sleep(db.ports.random.fraction() * 20 * attempt)
    }
  }
}

async function once<T>(db: Database, name: string, work: (tx: Tx) => Promise<T>): Promise<T> {
  const [result] = await inOneTransaction(db, [{ name, work }])
  assert.ok(result?.status === 'fulfilled', `${name}, alone, was left out`)
  return result.value
}

/** Something to be done in a transaction. */
interface Work<T> {
  /** Names the transaction's points. */
  name: string
  work: (tx: Tx) => Promise<T>
}

/**
 * Does several things in one transaction, all at the same time on one connection, and commits what they wrote. None of them
 * may wait for another.
 *
 * One that refuses (with an AppError) before it has written anything is left out, unless it is alone; any other failure is
 * that of all.
 *
 * @returns what became of each
 */
export async function inOneTransaction<T>(db: Database, works: readonly Work<T>[]): Promise<PromiseSettledResult<T>[]> {
  const { points } = db.ports
  const names = [...new Set(works.map(({ name }) => name))]
  const client = await db.pool.connect()
  const locks = db.keepsLockOrder ? { tables: new Set<string>(), furthest: -1 } : undefined
  const transaction: Transaction = { deferred: [], gathered: new Map(), ended: false, afterwards: [], locks }
  const { deferred } = transaction
  let broken: Error | undefined
  try {
    leaveTogether(client)
    const begun = client.query('begin')
    begun.catch(() => {})
    const results = await Promise.all(
      works.map(async ({ name, work }): Promise<PromiseSettledResult<T>> => {
        const entry: Entry = { hasWritten: false }
        try {
          const value = await openTransaction.run(name, () => work(handle(client, points, transaction, entry)))
          return { status: 'fulfilled', value }
        } catch (reason) {
          if (works.length > 1 && reason instanceof AppError && !entry.hasWritten) return { status: 'rejected', reason }
          throw reason
        }
      }),
    )
    writeGathered(handle(client, points, transaction), transaction)
    if (points !== undefined) {
      await Promise.all(deferred)
      for (const name of names) await points.reach(`tx:${name}:commit`)
    }
    transaction.ended = true
    leaveTogether(client)
    const committed = client.query({ text: 'commit', ...patienceOf(transaction) })
    committed.catch(() => {})
    await Promise.all([begun, ...deferred])
    // COMMIT of a transaction that failed answers ROLLBACK without an error.
    assert.equal((await committed).command, 'COMMIT', `${names.join(', ')} was rolled back`)
    doAfterwards(transaction)
    if (points !== undefined) for (const name of names) await points.reach(`tx:${name}:committed`)
    return results
  } catch (error) {
    transaction.ended = true
    await client.query('rollback').catch((reason: Error) => {
      broken = reason
    })
    const cause = await firstCause(error, deferred)
    // After a failover this connection may lead to a server that only reads; the next one is made to whoever writes now.
    if (codeOf(cause) === READ_ONLY) broken ??= cause as Error
    throw cause
  } finally {
    client.release(broken)
  }
}

/** What was gathered is written in the one order, whoever left something first. */
function writeGathered(tx: Tx, { gathered }: Transaction): void {
  for (const kind of GATHERED) {
    const left = gathered.get(kind)
    if (left !== undefined) left.write(tx, left.rows as never[])
  }
}

/** What was committed stands, whatever becomes of the figures about it. */
function doAfterwards({ afterwards }: Transaction): void {
  for (const work of afterwards) {
    try {
      work()
    } catch {
      // Nobody is helped by hearing that what they asked for failed, when it did not.
    }
  }
}

const IN_FAILED_TRANSACTION = '25P02'
const READ_ONLY = '25006'

/**
 * After a statement that nobody waited for has failed, whichever comes next is told only that the transaction failed
 * before. What failed first decides whether the transaction may be run again and what the caller is told.
 */
async function firstCause(error: unknown, deferred: readonly Promise<unknown>[]): Promise<unknown> {
  if (codeOf(error) !== IN_FAILED_TRANSACTION) return error
  const sent = await Promise.allSettled(deferred)
  const first = sent.find((each) => each.status === 'rejected' && codeOf(each.reason) !== IN_FAILED_TRANSACTION)
  return first?.status === 'rejected' ? first.reason : error
}

/** The SQLSTATE of a database error, '' for any other. */
export function codeOf(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : ''
}

/** The name of the constraint that a database error says was violated, '' for any other. */
export function violatedConstraint(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.constraint ?? '') : ''
}

/** Time-outs, conflicts that stay, exhausted pools, lost connections, shutdowns: nothing is wrong with the request. */
const OUTAGE = /^(40001|40P01|57014|55P03|53\d\d\d|57P0\d|08\d\d\d|25006)$/
const OUTAGE_TEXT =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|not queryable|\b(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)\b/

/** Whether the database could not be reached, or the connection to it was lost, so that nobody knows what became of a commit. */
export function isOutOfReach(error: unknown): boolean {
  return /^(57P0\d|08\d\d\d)$/.test(codeOf(error)) || OUTAGE_TEXT.test(textOf(error))
}

/** A name with several addresses, none of which answers, ends in an error that has a code and no message. */
function textOf(error: unknown): string {
  return error instanceof Error ? `${error.message} ${'code' in error ? String(error.code) : ''}` : ''
}

/** The answer for a database that cannot serve now, or undefined when `error` is something else. */
export function asOutage(error: unknown): AppError | undefined {
  const outage = OUTAGE.test(codeOf(error)) || OUTAGE_TEXT.test(textOf(error))
  return outage
    ? new AppError('unavailable', 'The service is busy. Send the same request again.', { retryAfterS: 1, cause: error })
    : undefined
}
