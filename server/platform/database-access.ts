/**
 * Whether the database that DATABASE_URL leads to can be used, asked before anything is built on it. What is wrong is
 * told in one line that names the variable, the place and the remedy, and never the password.
 *
 * A pool in transaction mode (PgBouncer, and most addresses that hosts call "pooled") is refused. Each of our sessions has
 * time-outs of its own, statements that it prepared, and while it migrates a lock: such a pool hands the server's session
 * to somebody else after each transaction, with all of that. A pool in session mode is fine.
 */
import pg from 'pg'
import { StartError, systemCode } from './start-error.ts'

const LEAST_VERSION = 150_000
const CONNECT_MS = 10_000

export interface AccessOptions {
  /** For who only asks: nothing has to be made, and a standby answers as well. */
  onlyReads?: boolean
  /** As in server_version_num: 150000 is PostgreSQL 15. */
  leastVersion?: number
  connectMs?: number
}

/** @throws StartError in whose line the variable is named */
export async function checkDatabaseAccess(url: string, options: AccessOptions = {}): Promise<void> {
  const { onlyReads = false, leastVersion = LEAST_VERSION, connectMs = CONNECT_MS } = options
  const clients: pg.Client[] = []
  try {
    // Three of them, because what they share or do not share is what tells a pool from a server.
    for (let made = 0; made < 3; made += 1) clients.push(await connect(url, connectMs))
    await checkServer(clients[0] as pg.Client, onlyReads, leastVersion)
    await checkSessions(clients)
  } catch (error) {
    throw asStartError(error, url, connectMs)
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }
}

/** What a failure of the database means for an operator; any other error is given back as it is. */
export function asStartError(error: unknown, url: string, connectMs = CONNECT_MS): unknown {
  if (error instanceof StartError) return error
  const problem = explain(error, placeOf(url), connectMs)
  return problem === undefined ? error : new StartError(`DATABASE_URL ${problem}`, error)
}

async function connect(url: string, connectMs: number): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'hundi start',
    connectionTimeoutMillis: connectMs,
    query_timeout: connectMs,
  })
  // What breaks is told by whoever waits for it; unheard it would end the process first.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    // The server may still wait for an answer, and would hold others up for as long.
    void client.end().catch(() => {})
    throw error
  }
}

interface Server {
  version: number
  name: string
  encoding: string
  only_reads: boolean
  user: string
  database: string
  schema: string | null
  may_create: boolean | null
}

async function checkServer(client: pg.Client, onlyReads: boolean, leastVersion: number): Promise<void> {
  const { rows } = await client.query<Server>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name,
       current_setting('server_encoding') as encoding, current_setting('transaction_read_only')::bool as only_reads,
       current_user as user, current_database() as database, current_schema() as schema,
       has_schema_privilege(current_schema(), 'create') as may_create`,
  )
  const server = rows[0] as Server
  const refuse = (problem: string) => {
    throw new StartError(`DATABASE_URL leads to ${problem}`)
  }
  if (server.version < leastVersion) {
    refuse(`PostgreSQL ${server.name}, which is too old: ${Math.floor(leastVersion / 10_000)} or newer is needed`)
  }
  if (onlyReads) return
  if (server.only_reads) refuse('a server that only reads, as a standby does: name the one that writes')
  if (server.encoding !== 'UTF8') {
    refuse(`the database "${server.database}", which is in ${server.encoding}: make one with encoding 'UTF8'`)
  }
  if (server.schema === null) refuse(`the database "${server.database}", which has no schema on its search_path`)
  if (server.may_create !== true) {
    refuse(
      `the database "${server.database}", in which the user "${server.user}" may not make tables: ` +
        `grant create on schema ${server.schema} to "${server.user}"`,
    )
  }
}

/**
 * Every session of a server has a process of its own. Where two of ours are served by one, or one of ours by two in turn, a
 * pool stands between that lends them for a transaction at a time. It is asked in an order in which it must show, whether
 * the pool lends the one that came back last or the one that has rested longest.
 */
async function checkSessions(clients: readonly pg.Client[]): Promise<void> {
  const [first, second, third] = clients as [pg.Client, pg.Client, pg.Client]
  const seen = new Map<pg.Client, number>()
  for (const client of [first, second, third, first, first]) {
    await client.query('begin')
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid')
    await client.query('commit')
    const pid = rows[0]?.pid as number
    const before = seen.get(client)
    const isShared = [...seen].some(([other, others]) => other !== client && others === pid)
    if (isShared || (before !== undefined && before !== pid)) throw new StartError(`DATABASE_URL ${POOLED}`)
    seen.set(client, pid)
  }
}

const POOLED =
  'leads to a connection pool in transaction mode, where sessions, their time-outs and their locks are shared: ' +
  "use the database's own address, or a pool in session mode (docs/operations.md, Connection pools)"

interface Place {
  /** Where it is listened on. */
  where: string
  user: string
  database: string
}

function placeOf(url: string): Place {
  try {
    const { host, port, user, database } = new pg.Client({ connectionString: url })
    const where = host.startsWith('/') ? `the socket in ${host}` : `${host}:${port}`
    return { where, user: user ?? '', database: database ?? '' }
  } catch {
    return { where: 'a place that cannot be read', user: '', database: '' }
  }
}

/** The end of a sentence that begins with the variable's name, or undefined for what is no failure of a database. */
function explain(error: unknown, place: Place, connectMs: number): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof pg.DatabaseError) return explainRefusal(error, place)
  const { where } = place
  switch (systemCode(error)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `leads to ${where}, and no such host is known here`
    case 'ECONNREFUSED':
      return `leads to ${where}, where nobody listens: is PostgreSQL running?`
    case 'ENOENT':
    case 'EACCES':
    case 'EISDIR':
      return 'syscall' in error && error.syscall === 'open'
        ? `names a file that cannot be read: ${error.message}`
        : `leads to ${where}, which cannot be opened: is PostgreSQL running?`
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `leads to ${where}, which does not answer`
    case 'ECONNRESET':
    case 'EPIPE':
      return `leads to ${where}, where the connection is closed before anything is said: is it PostgreSQL?`
    default:
  }
  if (/timeout expired|Query read timeout/.test(error.message)) {
    return `leads to ${where}, where nothing answers as PostgreSQL does within ${connectMs / 1_000} s`
  }
  if (/does not support SSL/.test(error.message)) return `asks for TLS, which ${where} does not speak: remove sslmode`
  if (/CERT|SIGNATURE|ISSUER/.test(systemCode(error))) {
    return `leads to ${where}, whose certificate cannot be verified (${systemCode(error)}): name its CA with sslrootcert=FILE`
  }
  if (/password must be a(n empty)? string/.test(error.message)) return `has no password, and ${where} asks for one`
  if (/Connection terminated|unexpected|unknown (message|authenticat)|invalid response/i.test(error.message)) {
    return `leads to ${where}, where something else than PostgreSQL answers`
  }
  return undefined
}

/** Its SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html. PgBouncer says 08P01 to everything. */
function explainRefusal({ code = '', message }: pg.DatabaseError, { where, user, database }: Place): string {
  switch (code) {
    case '28P01':
      return `has a password that ${where} does not accept for the user "${user}"`
    case '28000':
      return `leads to ${where}, which does not let the user "${user}" in: ${message}${
        /no encryption/.test(message) ? ' (if it is TLS that it wants: add ?sslmode=verify-full)' : ''
      }`
    case '3D000':
      return `names the database "${database}", which ${where} does not have: make it first`
    case '42501':
      return `names the user "${user}", who may not do what is needed in "${database}": ${message}`
    case '53300':
      return `leads to ${where}, which has no connection left for us`
    case '57P03':
      return `leads to ${where}, which is starting or stopping at this moment`
    default:
      return /statement pooling/.test(message) ? POOLED : `leads to ${where}, which refuses: ${message}`
  }
}
