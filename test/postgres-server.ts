/**
 * A throw-away PostgreSQL server for tests and measurements: fast because nothing on it has to survive a crash.
 * It ends with the process that started it. One that was killed is found by the next, which clears its server away.
 */
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs'
import { freemem, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts'
import { findPostmaster, stopPostmaster } from '../server/platform/postmaster.ts'

const PREFIX = 'hundi-test-server-'
const MEMORY = '/dev/shm'
/** Far more than a run needs, so that a small machine or container is not starved by its tests. */
const PLENTY_BYTES = 4 * 1024 ** 3
/** Holds the process id of who must remove the folder. */
const OWNER = 'owner'

const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '128MB',
  // Several test files at once, each with pools of its own.
  max_connections: '300',
  // A checkpoint in the middle of a run would only cost time.
  checkpoint_timeout: '1h',
  max_wal_size: '8GB',
  autovacuum_naptime: '10min',
  // Telling who connects takes longer than most of what is then asked.
  scram_iterations: '1',
}

/**
 * Starts a server that is stopped and removed when this process ends, if not by `stop` before.
 *
 * @param options.durable with the settings of production, on a disk: for measurements, and for killing the server
 */
export async function startTestServer({ durable = false } = {}): Promise<{ url: string; stop(): Promise<void> }> {
  await removeAbandoned()
  const dataDir = mkdtempSync(join(durable ? realpathSync(tmpdir()) : fastFolder(), PREFIX))
  chmodSync(dataDir, 0o711)
  writeFileSync(join(dataDir, OWNER), String(process.pid))
  const { url } = await startEmbeddedPostgres({ dataDir, settings: durable ? {} : SETTINGS })
  const stop = async () => {
    process.off('exit', abandon)
    process.off('beforeExit', stop)
    await remove(dataDir)
  }
  /** Nothing can be awaited any more: the server is told to end, and the folder is left to the next one. */
  const abandon = () => {
    const running = findPostmaster(realpathSync(join(dataDir, 'postgres')))
    if (running) process.kill(running.pid, 'SIGQUIT')
  }
  process.once('beforeExit', stop)
  process.once('exit', abandon)
  return { url, stop }
}

/**
 * Memory, where there is plenty of it: a clone is some 300 files, which takes 10 ms there and 300 ms on a slow disk.
 * Elsewhere the temporary folder.
 */
function fastFolder(): string {
  const temporary = realpathSync(tmpdir())
  try {
    accessSync(MEMORY, constants.W_OK)
    const { bsize, bavail } = statfsSync(MEMORY)
    return Math.min(bsize * bavail, freemem()) >= PLENTY_BYTES ? MEMORY : temporary
  } catch {
    return temporary
  }
}

async function removeAbandoned(): Promise<void> {
  const folders = [tmpdir(), MEMORY].filter((folder) => existsSync(folder))
  for (const dataDir of folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))) {
    const owner = join(dataDir, OWNER)
    try {
      if (basename(dataDir).startsWith(PREFIX) && existsSync(owner) && !isAlive(Number(readFileSync(owner, 'utf8')))) {
        await remove(dataDir)
      }
    } catch {
      // Another user's, or being removed by another test process at this moment.
    }
  }
}

async function remove(dataDir: string): Promise<void> {
  const entry = join(dataDir, 'postgres')
  if (existsSync(entry)) {
    const cluster = realpathSync(entry)
    await stopPostmaster(cluster)
    // Root with a private temporary folder has its database elsewhere.
    rmSync(dirname(cluster), { recursive: true, force: true })
  }
  rmSync(dataDir, { recursive: true, force: true })
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
