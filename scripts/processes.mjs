import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder: every program runs in it. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** The Node that the project pins as a dependency; everything but this launcher runs on it. */
export const PINNED_NODE = join(ROOT, 'node_modules/.bin/node')

/** Where the pinned Node keeps what it compiled: it saves a quarter of the time of a start. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.hundi/compile-cache')

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP']
const PARENT_CHECK_MS = 500

/**
 * Runs programs side by side until the first of them ends, then ends the others, and gives the exit code of the first,
 * 128 + its number for a signal as shells do. Signals that we get are passed on and left to the programs: a server
 * finishes what it has begun.
 *
 * npm cannot pass on its own sudden death, and a server that goes on without its `npm start` would hold the port
 * against the next one. So when npm is gone, the programs are told to stop.
 *
 * @param {string[][]} commands program and arguments of each
 * @returns {Promise<number>}
 */
export function runToEnd(commands) {
  const children = commands.map(start)
  const forward = (signal) => {
    for (const child of children) child.kill(signal)
  }
  for (const signal of FORWARDED) process.on(signal, forward)
  const watch = process.env.npm_lifecycle_event && watchParent(() => forward('SIGTERM'))
  return new Promise((resolve, reject) => {
    let first
    let running = children.length
    for (const child of children) {
      child.once('error', reject)
      child.once('exit', (code, signal) => {
        first ??= code ?? 128 + constants.signals[signal]
        running -= 1
        if (running === 0) resolve(first)
        else forward('SIGTERM')
      })
    }
  }).finally(() => {
    for (const signal of FORWARDED) process.off(signal, forward)
    clearInterval(watch)
  })
}

function start([program, ...args]) {
  const env = program === PINNED_NODE ? { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env } : process.env
  return spawn(program, args, { cwd: ROOT, stdio: 'inherit', env })
}

/** Runs one program that is a step on the way, and fails when it does. */
export async function runStep(command, explanation) {
  console.log(explanation)
  const code = await runToEnd([command])
  if (code !== 0) throw new Error(`${command.slice(0, 3).join(' ')} … failed with exit code ${code}`)
}

function watchParent(onDeath) {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onDeath()
  }, PARENT_CHECK_MS)
  return timer
}
