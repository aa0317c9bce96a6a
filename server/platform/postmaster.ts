import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Account, asAccount } from './postgres-binaries.ts'

const POLL_EVERY_MS = 20
/** Two files of this size at most: only starts, stops and trouble of the server itself are logged. */
const LOG_LIMIT_BYTES = 5 * 1024 * 1024

/** A PostgreSQL server process as its own `postmaster.pid` describes it. */
export type Postmaster = {
  pid: number
  port: number
  /** `starting`, `ready`, `stopping` or `standby`; empty in the first moments. */
  status: string
}

export type Server = {
  /** The folder with PostgreSQL's `bin`, `lib` and `share`. */
  native: string
  /** The cluster's folder (PGDATA). */
  cluster: string
  account: Account
  settings: Record<string, string>
}

/**
 * Gives the server that runs on `cluster`, or undefined when none does.
 *
 * A `postmaster.pid` outlives a killed server, and its process id may by now be that of any other program. PostgreSQL
 * refuses to start when that program belongs to the same user; so a file that names no PostgreSQL server of this
 * folder is removed here. (PostgreSQL itself still refuses to start while a backend of the dead server is alive.)
 */
export function findPostmaster(cluster: string): Postmaster | undefined {
  const file = join(cluster, 'postmaster.pid')
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const pid = Number(lines[0])
  if (!(pid > 0)) return undefined
  if (!isPostgres(pid, cluster)) {
    rmSync(file, { force: true })
    return undefined
  }
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() }
}

/**
 * Starts the server and waits until it accepts connections, or until `waitMs` are over: a server that died may have
 * much of its log to replay. It is no child of our terminal: Ctrl-C must reach it through `stopPostmaster` only, after
 * those who use it have finished.
 *
 * @throws Error with the last lines of its log when it ends or is not ready in time; it runs no more then
 */
export async function startPostmaster(server: Server, port: number, logFile: string, waitMs: number): Promise<void> {
  const log = openLog(logFile)
  const settings = { ...server.settings, port: String(port) }
  const child = spawn(join(server.native, 'bin', 'postgres'), ['-D', server.cluster, ...asArguments(settings)], {
    ...asAccount(server.account),
    detached: true,
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const ending = endOf(child)
  child.unref()
  const deadline = performance.now() + waitMs
  while (readStatus(server.cluster, child.pid) !== 'ready') {
    const ended = await Promise.race([ending, sleep(POLL_EVERY_MS)])
    if (ended !== undefined) throw new Error(`PostgreSQL did not start (${ended}): ${lastLines(logFile)}`)
    if (performance.now() > deadline) {
      await stopPostmaster(server.cluster)
      throw new Error(`PostgreSQL was not ready after ${waitMs} ms: ${lastLines(logFile)}`)
    }
  }
}

/**
 * Stops the server on `cluster`, whoever started it, and returns when it is gone; nothing happens when none runs.
 *
 * First as a shutdown that ends sessions and writes everything down; after 15 s without it (5 s each then) as one that
 * PostgreSQL recovers from at its next start, and at last by force, which it recovers from as well.
 */
export async function stopPostmaster(cluster: string): Promise<void> {
  const steps = [
    { signal: 'SIGINT', waitMs: 15_000 },
    { signal: 'SIGQUIT', waitMs: 5_000 },
    { signal: 'SIGKILL', waitMs: 5_000 },
  ] as const
  for (const { signal, waitMs } of steps) {
    const running = findPostmaster(cluster)
    if (!running) return
    signalProcess(running.pid, signal)
    // A process that is halted takes no other signal before it goes on.
    signalProcess(running.pid, 'SIGCONT')
    const deadline = performance.now() + waitMs
    while (isPostgres(running.pid, cluster) && performance.now() < deadline) await sleep(POLL_EVERY_MS)
  }
  const left = findPostmaster(cluster)
  if (left) throw new Error(`the PostgreSQL process ${left.pid} on ${cluster} cannot be stopped`)
}

/**
 * Runs statements, one per line, as the superuser, on a cluster that no server runs on. They go through standard input,
 * so that a password in them is in no process list, and PostgreSQL is told to keep statements out of its messages.
 *
 * @throws Error with PostgreSQL's message at the first statement that fails; the ones before it have taken effect
 */
export function runSingleUser(server: Server, statements: string[]): void {
  const settings = {
    ...server.settings,
    exit_on_error: 'on',
    log_min_messages: 'error',
    log_min_error_statement: 'panic',
  }
  const result = spawnSync(
    join(server.native, 'bin', 'postgres'),
    ['--single', '-D', server.cluster, ...asArguments(settings), 'postgres'],
    { ...asAccount(server.account), encoding: 'utf8', input: `${statements.join('\n')}\n`, timeout: 60_000 },
  )
  if (result.error) throw result.error
  if (result.status !== 0) throw new Error(`PostgreSQL's single-user mode failed: ${result.stderr.trim()}`)
}

function asArguments(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}

function openLog(logFile: string): number {
  if (existsSync(logFile) && statSync(logFile).size > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.1`)
  return openSync(logFile, 'a', 0o600)
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
}

function lastLines(logFile: string): string {
  return readFileSync(logFile, 'utf8').trim().split('\n').slice(-4).join(' | ')
}

function readStatus(cluster: string, pid: number | undefined): string | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')
    return Number(lines[0]) === pid ? (lines[7] ?? '').trim() : undefined
  } catch {
    return undefined
  }
}

/** Whether the process exists, still runs (a dead one may wait for its parent to notice) and serves `cluster`. */
function isPostgres(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') {
    const ps = spawnSync('ps', ['-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8', timeout: 5_000 })
    const [state = 'Z', ...rest] = ps.stdout.trim().split(/\s+/)
    return !state.startsWith('Z') && rest.join(' ').includes(cluster)
  }
  try {
    // A server's working directory is its cluster; that of a dead process cannot be read.
    const isOurs = realpathSync(`/proc/${pid}/cwd`) === realpathSync(cluster)
    return isOurs && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'postgres'
  } catch {
    return false
  }
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}
