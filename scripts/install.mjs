import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withLaunchLock } from './launch-lock.mjs'
import { PINNED_NODE, ROOT, runStep } from './processes.mjs'

const LOCKFILE = join(ROOT, 'package-lock.json')
/** What npm writes about what it installed. */
const INSTALLED_LOCKFILE = join(ROOT, 'node_modules/.package-lock.json')
/** The digest of the lockfile that node_modules was last found to agree with; gone with node_modules itself. */
const STAMP = join(ROOT, 'node_modules/.hundi/installed')
/** Outside node_modules, which an installation removes. */
const LOCK = join(ROOT, '.launch.lock')

/**
 * Installs exactly what package-lock.json says, unless it is installed already. Development packages belong to it also
 * where NODE_ENV is production: the front ends are built here, and tests may be run on any installation.
 */
export async function install() {
  const lockfile = readFileSync(LOCKFILE, 'utf8')
  const digest = createHash('sha256').update(lockfile).digest('hex')
  if (isInstalled(digest)) return
  await withLaunchLock(LOCK, async () => {
    if (isInstalled(digest)) return
    if (!agrees(lockfile)) {
      const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
      const options = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error']
      await runStep([...npm, ...options], 'Installing packages …')
    }
    if (!existsSync(PINNED_NODE)) {
      throw new Error(
        `there is no pinned Node for ${process.platform} ${process.arch}: Linux and macOS on x64 or arm64 are supported`,
      )
    }
    mkdirSync(dirname(STAMP), { recursive: true })
    writeFileSync(STAMP, digest)
  })
}

function isInstalled(digest) {
  return existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest && existsSync(PINNED_NODE)
}

/** Whether somebody ran `npm ci` by hand: every package is there in its version, but for those of other platforms. */
function agrees(lockfile) {
  if (!existsSync(INSTALLED_LOCKFILE) || !existsSync(PINNED_NODE)) return false
  const wanted = JSON.parse(lockfile).packages
  const installed = JSON.parse(readFileSync(INSTALLED_LOCKFILE, 'utf8')).packages
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === '' || (installed[path]?.version ?? (optional && version)) === version,
  )
}
