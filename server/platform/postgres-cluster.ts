/**
 * Where the embedded PostgreSQL keeps its files, and how a cluster is made. A cluster gets its final name only when it
 * is whole, so that what an interrupted first start leaves behind is never taken for a database, nor the other way round.
 */
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { totalmem } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { type Account, asAccount, canEnter, databaseAccount, sharedFolder } from './postgres-binaries.ts'
import { runSingleUser, type Server } from './postmaster.ts'

const CLUSTER = 'postgres'
const UNFINISHED = 'postgres.new-'
const MAJOR_VERSION = '18'
const MIB = 1024 * 1024
/** Below this, /dev/shm can run out in a parallel query. Container engines give 64 MiB by default. */
const ENOUGH_SHARED_MEMORY_BYTES = 256 * MIB

/**
 * Gives the cluster of `dataDir` and the user that PostgreSQL must run as on it, which is its owner; undefined when
 * there is none yet.
 *
 * @throws Error when something is there that we can neither use nor safely replace
 */
export function findCluster(dataDir: string): { cluster: string; account: Account } | undefined {
  const entry = join(dataDir, CLUSTER)
  const isLink = lstatSync(entry, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  if (!existsSync(entry)) {
    if (!isLink) return undefined
    throw new Error(
      `${entry} leads to a database that is no longer there: restore it, or remove ${entry} to begin anew`,
    )
  }
  const cluster = realpathSync(entry)
  const account = ownerAccount(cluster)
  if (!canEnter(account, cluster)) {
    throw new Error(
      `the user ${account?.name ?? process.getuid?.()}, who owns the database ${cluster}, cannot enter it`,
    )
  }
  if (readdirSync(cluster).length === 0) return undefined
  if (!existsSync(join(cluster, 'global', 'pg_control'))) {
    throw new Error(`${cluster} is not a PostgreSQL database (no global/pg_control): move it away or restore it`)
  }
  const version = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim()
  if (version !== MAJOR_VERSION) {
    throw new Error(
      `${cluster} was made by PostgreSQL ${version}, this is ${MAJOR_VERSION}: upgrade it, or set DATABASE_URL`,
    )
  }
  return { cluster, account }
}

/**
 * Chooses the folder for a new cluster, and the user who will own it: the data directory itself, unless we are root and
 * the PostgreSQL user may not enter it.
 */
export function chooseHome(dataDir: string, log: (line: string) => void): { folder: string; account: Account } {
  const account = databaseAccount()
  if (canEnter(account, dataDir)) return { folder: dataDir, account }
  const folder = mkdtempSync(join(sharedFolder(), `${basename(dirname(dataDir))}-`))
  chmodSync(folder, 0o711)
  log(`the user ${account?.name} cannot enter ${dataDir}, so the database is kept in ${folder}`)
  return { folder, account }
}

/**
 * Makes a cluster with the database `hundi`, owned by a role of that name, and gives its path.
 *
 * Nobody but that role can connect, by password and over loopback. It may create databases and read all settings; it is
 * no superuser, so that a hole in our SQL would not reach the machine's files, and because a managed database gives
 * us no more either.
 */
export function createCluster(options: {
  native: string
  account: Account
  settings: Record<string, string>
  dataDir: string
  home: string
  password: string
}): string {
  const { native, account, settings, dataDir, home, password } = options
  removeUnfinished(home)
  const unfinished = mkdtempSync(join(home, UNFINISHED))
  if (account) chownSync(unfinished, account.uid, account.gid)
  const durable = settings['fsync'] !== 'off'
  const initdb = spawnSync(
    join(native, 'bin', 'initdb'),
    [
      `--pgdata=${unfinished}`,
      '--username=postgres',
      '--auth=reject',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      // In files of the cluster, so that one that is killed leaves nothing behind in /dev/shm.
      '--set=dynamic_shared_memory_type=mmap',
      '--no-instructions',
      ...(durable ? [] : ['--no-sync']),
    ],
    { ...asAccount(account), encoding: 'utf8', timeout: 120_000 },
  )
  if (initdb.error) throw initdb.error
  if (initdb.status !== 0) throw new Error(`PostgreSQL's initdb failed: ${initdb.stderr.trim()}`)
  writeFileSync(join(unfinished, 'pg_hba.conf'), 'host all hundi 127.0.0.1/32 scram-sha-256\n', { flush: durable })
  const alone = { ...settings, dynamic_shared_memory_type: 'mmap' }
  runSingleUser({ native, account, settings: alone, cluster: unfinished }, [
    `create role hundi login createdb password '${password}'`,
    'grant pg_monitor to hundi',
    'create database hundi owner hundi',
  ])

  const entry = join(dataDir, CLUSTER)
  if (existsSync(entry)) rmdirSync(entry)
  const cluster = join(home, CLUSTER)
  renameSync(unfinished, cluster)
  if (home !== dataDir) symlinkSync(cluster, entry)
  // A power failure must not undo the renaming: under its first name the cluster would be removed as unfinished.
  for (const folder of new Set([home, dataDir])) flushFolder(folder)
  return realpathSync(cluster)
}

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}

/** Gives the role `hundi` another password; no server may run on the cluster. */
export function setPassword(server: Server, password: string): void {
  runSingleUser(server, [`alter role hundi password '${password}'`])
}

/** Makes a password that needs no quoting in SQL or in a URL. */
export function newPassword(): string {
  return randomBytes(24).toString('base64url')
}

/**
 * PostgreSQL settings for one machine that runs Hundi and its database.
 *
 * Commits are durable. Messages about single statements are left to the client that sent them: they would put
 * customers' data into a log file, and let it grow without limit.
 */
export function defaultSettings(): Record<string, string> {
  const sharedBuffersMiB = Math.min(1024, Math.max(128, Math.floor(totalmem() / MIB / 8)))
  return {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: `${sharedBuffersMiB}MB`,
    // Reserved pages that a container may count but not use would end the server at its first touch of them.
    huge_pages: 'off',
    dynamic_shared_memory_type: sharedMemoryType(posixSharedMemory()),
    max_wal_size: '2GB',
    wal_compression: 'on',
    random_page_cost: '1.1',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'log',
    log_checkpoints: 'off',
  }
}

/**
 * Chooses how parallel queries share memory: by POSIX segments where /dev/shm can be written to and is large enough,
 * else by files in the cluster, which is slower but has no limit of its own. `undefined` stands for no /dev/shm.
 */
export function sharedMemoryType(shm: { bytes: number; writable: boolean } | undefined): 'posix' | 'mmap' {
  // Only Linux keeps POSIX segments in a file system; elsewhere they just work.
  if (process.platform !== 'linux') return 'posix'
  return shm?.writable && shm.bytes >= ENOUGH_SHARED_MEMORY_BYTES ? 'posix' : 'mmap'
}

function posixSharedMemory(): { bytes: number; writable: boolean } | undefined {
  try {
    const { bsize, blocks } = statfsSync('/dev/shm')
    accessSync('/dev/shm', constants.W_OK)
    const openToAll = (statSync('/dev/shm').mode & 0o002) !== 0
    return { bytes: bsize * blocks, writable: openToAll }
  } catch {
    return undefined
  }
}

/** The owner of an existing cluster. When we are root it is looked up by id, for its name is only for messages. */
function ownerAccount(cluster: string): Account {
  const { uid, gid } = statSync(cluster)
  const ours = process.getuid?.()
  if (ours === uid && ours !== 0) return undefined
  if (ours !== 0) throw new Error(`the database ${cluster} belongs to another user (uid ${uid}): start as that user`)
  if (uid !== 0) return { name: `with uid ${uid}`, uid, gid }
  if (readdirSync(cluster).length === 0) return undefined
  const account = databaseAccount()
  throw new Error(
    `the database ${cluster} belongs to root, as whom PostgreSQL does not run: chown -R ${account?.name} it`,
  )
}

/** Removes what interrupted first starts left: under this name a cluster has never been used. */
function removeUnfinished(home: string): void {
  for (const name of readdirSync(home)) {
    if (!name.startsWith(UNFINISHED)) continue
    try {
      rmSync(join(home, name), { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // An initdb whose parent was killed may still be writing there; the next first start finds what is left.
    }
  }
}
