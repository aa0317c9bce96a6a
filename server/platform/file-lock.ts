import { chmodSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_EVERY_MS = 20

/**
 * Runs `work` while holding an exclusive lock that is shared by every process on this machine.
 *
 * The lock is an SQLite write lock on an empty file, which is an operating system lock: when its holder is killed it is
 * free at once, so that there is no such thing as a stale one. The file itself stays and means nothing.
 *
 * @param path file to lock on; its folder must exist
 * @param waitMs how long to wait for another holder
 * @throws Error when another process still holds the lock after `waitMs`
 */
export async function withFileLock<T>(path: string, waitMs: number, work: () => Promise<T>): Promise<T> {
  const handle = new DatabaseSync(path, { timeout: 0 })
  try {
    chmodSync(path, 0o600)
    const deadline = performance.now() + waitMs
    while (!acquired(handle)) {
      if (performance.now() > deadline) throw new Error(`another process holds ${path} for more than ${waitMs} ms`)
      await sleep(RETRY_EVERY_MS)
    }
    return await work()
  } finally {
    handle.close()
  }
}

function acquired(handle: DatabaseSync): boolean {
  try {
    handle.exec('begin exclusive')
    return true
  } catch (error) {
    const SQLITE_BUSY = 5
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) return false
    throw error
  }
}
