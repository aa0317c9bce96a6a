import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const RETRY_EVERY_MS = 200
/** An installation over a slow network. */
const WAIT_MS = 15 * 60_000

/**
 * Runs `work` while no other launcher of this project installs or builds: two `npm start` at once would each delete
 * what the other is making. The lock is a file with the holder's process id; one whose holder is dead is taken over.
 */
export async function withLaunchLock(file, work) {
  const deadline = Date.now() + WAIT_MS
  while (!acquire(file)) {
    if (Date.now() > deadline) throw new Error(`another launcher holds ${file} for too long`)
    await sleep(RETRY_EVERY_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** A link appears at once with its content, and only where there is none. */
function acquire(file) {
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, String(process.pid))
  try {
    linkSync(mine, file)
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
    if (!isHeld(file)) removeAbandoned(file)
    return false
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Moves the lock away and looks again: another launcher may have removed the abandoned one and taken its own. */
function removeAbandoned(file) {
  const aside = `${file}.${process.pid}.abandoned`
  try {
    renameSync(file, aside)
    if (isHeld(aside)) renameSync(aside, file)
    else rmSync(aside)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function isHeld(file) {
  try {
    process.kill(Number(readFileSync(file, 'utf8')), 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
