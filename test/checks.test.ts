/** What the whole source must satisfy before anybody reviews it, as tests so that a run counts and names it. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { PATIENCE_MS } from './until.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const CHECKS = [
  { name: 'the types of server, sandbox and tools are sound', command: 'tsc -p tsconfig.json' },
  { name: 'the types of the kit are sound', command: 'tsc -p web/tsconfig.json' },
  { name: 'the types of the panel are sound', command: 'tsc -p web/admin/tsconfig.json' },
  { name: 'the types of the storefront are sound', command: 'tsc -p web/storefront/tsconfig.json' },
  { name: 'the linter finds nothing', command: 'oxlint' },
  {
    name: 'no promise is left without somebody who hears of its failure',
    command: 'oxlint --type-aware -c .oxlintrc.promises.json',
  },
  { name: 'every file is formatted', command: 'biome format .' },
]

for (const { name, command } of CHECKS) {
  test(name, () => {
    const [program, ...args] = command.split(' ')
    const result = spawnSync(`${ROOT}node_modules/.bin/${program}`, args, {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, PATH: `${ROOT}node_modules/.bin:${process.env['PATH']}` },
      timeout: PATIENCE_MS,
    })
    assert.equal(result.status, 0, `${command}\n${result.stdout}${result.stderr}`)
  })
}
