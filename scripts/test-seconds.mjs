import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ROOT } from './processes.mjs'

/** How long each test file took when it last ran here. */
const REMEMBERED = join(ROOT, 'node_modules/.hundi/test-seconds.json')

/** Where nothing is remembered yet: journeys in a browser are long, scenarios less so, all else is short. */
const GUESSES = [
  ['e2e/', 60],
  ['test/scenarios/crash-', 40],
  ['sandbox/razorpay/checkout/', 30],
  ['test/scenarios/', 10],
]

/** @returns {Record<string, number>} seconds by path */
export function rememberedSeconds() {
  try {
    return JSON.parse(readFileSync(REMEMBERED, 'utf8'))
  } catch {
    // The first run here, or a file that was cut off: it only decides in which order files run.
    return {}
  }
}

/** @param {Record<string, number>} seconds by path; what others took stays remembered */
export function rememberSeconds(seconds) {
  mkdirSync(dirname(REMEMBERED), { recursive: true })
  const unfinished = `${REMEMBERED}.${process.pid}`
  writeFileSync(unfinished, JSON.stringify({ ...rememberedSeconds(), ...seconds }))
  renameSync(unfinished, REMEMBERED)
}

/**
 * Puts the files that take longest first, so that no run ends with one busy core.
 *
 * @param {string[]} files
 * @param {Record<string, number>} seconds
 */
export function longestFirst(files, seconds) {
  const of = (file) => seconds[file] ?? GUESSES.find(([folder]) => file.startsWith(folder))?.[1] ?? 0
  return files.toSorted((one, other) => of(other) - of(one))
}
