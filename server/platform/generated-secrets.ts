import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { makeDataDir } from './data-dir.ts'
import { StartError, systemCode } from './start-error.ts'

const SECRET_BYTES = 32

/**
 * Gives the secret `name` of this installation: the one in `$HUNDI_DATA_DIR/secrets`, or a new random one that is kept
 * there (mode 600) from now on. Processes that ask at the same moment get the same.
 *
 * @param name names the file, such as `auth-secret`
 * @returns 43 characters of base64url, from 32 random bytes
 * @throws StartError when the folder cannot be used, or the file holds no such text: a cut secret must not be used, and a new one would end all sessions
 */
export function generatedSecret(dataDir: string, name: string): string {
  try {
    const folder = join(makeDataDir(dataDir), 'secrets')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, name)
    return readSecret(file) ?? keepFirst(folder, file)
  } catch (error) {
    if (systemCode(error) === '') throw error
    throw new StartError(`HUNDI_DATA_DIR (${dataDir}) cannot be used: ${(error as Error).message}`, error)
  }
}

/** A link appears at once, whole and only if there is none yet: the first of several processes wins. */
function keepFirst(folder: string, file: string): string {
  const unfinished = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  writeFileSync(unfinished, `${randomBytes(SECRET_BYTES).toString('base64url')}\n`, { mode: 0o600, flush: true })
  try {
    linkSync(unfinished, file)
    flushFolder(folder)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
  return readSecret(file) ?? missing(file)
}

function readSecret(file: string): string | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
  if (!/^[\w-]{43}$/.test(text))
    throw new StartError(`${file} does not hold a generated secret: restore it or remove it`)
  chmodSync(file, 0o600)
  return text
}

function missing(file: string): never {
  throw new StartError(`${file} disappeared while it was made`)
}

function flushFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  fsyncSync(handle)
  closeSync(handle)
}
