/**
 * The embedded PostgreSQL 18: a real server, with its data in the data directory, for those who have no other.
 *
 * Guaranteed: a cluster that has ever taken a connection is never deleted or replaced by an empty one, whatever was
 * killed when; a server left behind by a killed process is taken over; of any number of processes that start at once
 * one starts the server and the others join it. Not guaranteed: that the server outlives a stop by any one of them.
 */
import { existsSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, DatabaseError } from 'pg'
import { makeDataDir } from './data-dir.ts'
import { withFileLock } from './file-lock.ts'
import { locatePostgres, sharedFolder } from './postgres-binaries.ts'
import {
  chooseHome,
  createCluster,
  defaultSettings,
  findCluster,
  newPassword,
  setPassword,
} from './postgres-cluster.ts'
import { findPostmaster, type Server, startPostmaster, stopPostmaster } from './postmaster.ts'

/** A first start on a slow disk, or the replay of a long log, by the process that holds the lock. */
const LOCK_WAIT_MS = 180_000
const START_WAIT_MS = 120_000
/** How long a server that was found running may take to answer before it is stopped and started anew. */
const ANSWER_WAIT_MS = 5_000
const START_ATTEMPTS = 5

export type EmbeddedPostgres = {
  /** Connects to the database `hundi` as its owner, who may create databases but is no superuser. */
  url: string
  /** Whether the server was running already, left behind by a killed process or shared with a living one. */
  adopted: boolean
  /** Whether its process is there; one that is starting or hangs is there as well. */
  isRunning(): boolean
  /**
   * Starts a server that has ended again, at the same address. Nothing happens when another process did so meanwhile.
   *
   * @throws Error as the start does, also when its port has been taken
   */
  restart(): Promise<void>
  /** Shuts the server down, also an adopted one, and returns when it is gone. May be called again. */
  stop(): Promise<void>
}

export type EmbeddedPostgresOptions = {
  /** HUNDI_DATA_DIR; made when it does not exist. Its file `database-url` (mode 600) gets the address. */
  dataDir: string
  /** Told in one line of what an operator would want to know: where things are kept, what was repaired. */
  log?: (line: string) => void
  /** PostgreSQL settings that go over ours, for a server that is started; an adopted one keeps its own. */
  settings?: Record<string, string>
  /** Where a server that is started must listen on loopback; by default where it did last time, else any free port. */
  port?: number
}

/**
 * Starts the embedded server on `dataDir`, creating its database at the first start, or adopts the one that runs there.
 *
 * @throws Error with one line that says what is wrong; nothing of an existing database is changed then
 */
export function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = makeDataDir(options.dataDir)
  const lockFile = join(dataDir, 'postgres.lock')
  return withFileLock(lockFile, LOCK_WAIT_MS, async () => {
    const { url, cluster, adopted } = await adoptOrStart(dataDir, options)
    const port = Number(new URL(url).port)
    return {
      url,
      adopted,
      isRunning: () => findPostmaster(cluster) !== undefined,
      restart: () =>
        withFileLock(lockFile, LOCK_WAIT_MS, async () => {
          await adoptOrStart(dataDir, { ...options, port })
        }),
      stop: () => withFileLock(lockFile, LOCK_WAIT_MS, () => stopPostmaster(cluster)),
    }
  })
}

/**
 * Looks for a database in `dataDir` without touching anything.
 *
 * @returns undefined when there is none; `url` undefined when it is there and its server does not run
 */
export function findEmbedded(dataDir: string): { url: string | undefined } | undefined {
  const existing = existsSync(dataDir) ? findCluster(realpathSync(dataDir)) : undefined
  if (existing === undefined) return undefined
  const running = findPostmaster(existing.cluster)
  const kept = readUrl(realpathSync(dataDir))
  return { url: running && kept ? databaseUrl(kept.password, running.port) : undefined }
}

async function adoptOrStart(dataDir: string, options: EmbeddedPostgresOptions) {
  const log = options.log ?? (() => {})
  const existing = findCluster(dataDir)
  const kept = readUrl(dataDir)
  const running = existing && findPostmaster(existing.cluster)
  if (existing && running) {
    const { cluster } = existing
    // The port in the server's own file is the true one: a process may have been killed before it wrote ours.
    const url = kept && databaseUrl(kept.password, running.port)
    if (url && (await answers(url, cluster))) {
      if (running.port !== kept.port) writeUrl(dataDir, url)
      return { url, cluster, adopted: true }
    }
    log(`the PostgreSQL server on ${cluster} does not answer and is started anew`)
    await stopPostmaster(cluster)
  }

  const settings = { ...defaultSettings(), ...options.settings }
  const home = existing ? undefined : chooseHome(dataDir, log)
  const account = existing ? existing.account : home?.account
  const native = locatePostgres(account, () => (account ? sharedFolder() : dataDir), log)
  const password = existing ? (kept?.password ?? newPassword()) : newPassword()
  const cluster = existing
    ? existing.cluster
    : createCluster({ native, account, settings, dataDir, home: home?.folder ?? dataDir, password })
  const server: Server = { native, account, settings, cluster }
  if (existing && !kept) {
    log(`there is no ${join(dataDir, 'database-url')}, so the database gets a new password`)
    setPassword(server, password)
  }
  const port = await startOnPort(server, join(dataDir, 'postgres.log'), kept?.port, options.port, log)
  const url = databaseUrl(password, port)
  writeUrl(dataDir, url)
  if (!(await answers(url, cluster))) {
    await stopPostmaster(cluster)
    throw new Error(
      `the database on ${cluster} refuses the password in ${join(dataDir, 'database-url')}: remove that file to set a new one`,
    )
  }
  return { url, cluster, adopted: false }
}

/**
 * Starts on the wanted port, else on the remembered one, else on a free one. Between finding a free port and using it
 * another program may take it, and processes of a server killed just now may need a moment to end: both are tried again.
 */
async function startOnPort(
  server: Server,
  logFile: string,
  remembered: number | undefined,
  wanted: number | undefined,
  log: (line: string) => void,
): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    const port = wanted ?? (await freePort(attempt === 1 ? remembered : undefined))
    if (attempt === 1 && remembered !== undefined && port !== remembered && wanted === undefined) {
      log(`port ${remembered} is taken by another program, so PostgreSQL listens on ${port}`)
    }
    try {
      await startPostmaster(server, port, logFile, START_WAIT_MS)
      return port
    } catch (error) {
      const message = error instanceof Error ? error.message : ''
      const passing =
        (wanted === undefined && /could not (bind|create any TCP)/.test(message)) || /shared memory block/.test(message)
      if (!passing || attempt >= START_ATTEMPTS) throw error
      await sleep(200 * attempt)
    }
  }
}

/** Gives `preferred` when nobody listens there on loopback, else a port that is free now. */
function freePort(preferred: number | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error) => (preferred ? resolve(freePort(undefined)) : reject(error)))
    probe.listen({ host: '127.0.0.1', port: preferred ?? 0 }, () => {
      const address = probe.address()
      const port = address && typeof address === 'object' ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

/** Whether the server at `url` is that of `cluster` and takes our sessions, now or as soon as it has recovered. */
async function answers(url: string, cluster: string): Promise<boolean> {
  const started = performance.now()
  for (;;) {
    const verdict = await ask(url, cluster)
    if (verdict === 'yes') return true
    if (verdict === 'no' || !findPostmaster(cluster)) return false
    if (performance.now() - started > (verdict === 'recovering' ? START_WAIT_MS : ANSWER_WAIT_MS)) return false
    await sleep(50)
  }
}

async function ask(url: string, cluster: string): Promise<'yes' | 'no' | 'recovering' | 'silent'> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 3_000, query_timeout: 3_000 })
  // A connection that breaks after its query is of no interest, but an unheard error event would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ data_directory: string }>('show data_directory')
    return rows[0] && realpathSync(rows[0].data_directory) === cluster ? 'yes' : 'no'
  } catch (error) {
    const CANNOT_CONNECT_NOW = '57P03'
    const TOO_MANY_CONNECTIONS = '53300'
    if (!(error instanceof DatabaseError)) return 'silent'
    if (error.code === CANNOT_CONNECT_NOW) return 'recovering'
    return error.code === TOO_MANY_CONNECTIONS ? 'yes' : 'no'
  } finally {
    await client.end().catch(() => {})
  }
}

function databaseUrl(password: string, port: number): string {
  return `postgres://hundi:${password}@127.0.0.1:${port}/hundi`
}

function readUrl(dataDir: string): { password: string; port: number } | undefined {
  const file = join(dataDir, 'database-url')
  const url = existsSync(file) ? URL.parse(readFileSync(file, 'utf8').trim()) : null
  return url?.password && url.port ? { password: url.password, port: Number(url.port) } : undefined
}

function writeUrl(dataDir: string, url: string): void {
  const file = join(dataDir, 'database-url')
  const unfinished = join(dirname(file), 'database-url.new')
  writeFileSync(unfinished, `${url}\n`, { mode: 0o600, flush: true })
  renameSync(unfinished, file)
}
