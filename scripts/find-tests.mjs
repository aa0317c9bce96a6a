import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './processes.mjs'

const FOLDERS = ['shared', 'server', 'sandbox', 'client', 'web', 'test', 'scripts', 'bench', 'e2e']

/**
 * Gives the test files of the project, or those whose path has one of `patterns`: `server/payments`, `settle`.
 *
 * @param {string[]} patterns
 * @throws Error when there are none, because a run without tests must not look like a success
 */
export function findTests(patterns) {
  const files = FOLDERS.flatMap((folder) => (existsSync(join(ROOT, folder)) ? testsIn(folder) : [])).sort()
  const wanted = patterns.map((pattern) => pattern.replace(/^\.\//, ''))
  const chosen = wanted.length === 0 ? files : files.filter((file) => wanted.some((part) => file.includes(part)))
  if (chosen.length === 0) throw new Error(`there is no test file whose path has ${patterns.join(' or ') || 'a name'}`)
  return chosen
}

function testsIn(folder) {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'dist' || entry.name === 'node_modules' ? [] : testsIn(path)
    return /\.test\.(ts|mjs)$/.test(entry.name) ? [path] : []
  })
}
