import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { longestFirst } from './test-seconds.mjs'

const REPORTER = fileURLToPath(new URL('test-times.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'hundi-times-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs so many small files, which must not be remembered as the project's. */
function run(files, minutes, ...more) {
  const paths = Array.from({ length: files }, (_, at) => join(folder, `${at}.test.mjs`))
  for (const path of paths) writeFileSync(path, `import { test } from 'node:test'\ntest('is empty', () => {})\n`)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const options = ['--test', `--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout', ...more, ...paths]
  const { status, stdout } = spawnSync(process.execPath, options, {
    encoding: 'utf8',
    env: { ...env, TEST_FILTERED: '1', TEST_MINUTES: minutes },
  })
  return { status, stdout }
}

test('what took longest comes first, and what is not known where its kind belongs', () => {
  const files = ['client/a.test.ts', 'e2e/b.test.ts', 'server/c.test.ts', 'test/scenarios/d.test.ts']
  assert.deepEqual(longestFirst(files, { 'client/a.test.ts': 90, 'server/c.test.ts': 20 }), [
    'client/a.test.ts',
    'e2e/b.test.ts',
    'server/c.test.ts',
    'test/scenarios/d.test.ts',
  ])
})

test('a run prints its ten slowest files', () => {
  const { status, stdout } = run(12, '12')
  assert.equal(status, 0)
  assert.match(stdout, /^\nThe slowest of 12 files, in seconds:\n( +\d+\.\d {2}.*\.test\.mjs\n){10}$/)
})

test('a run of a few files prints nothing', () => assert.deepEqual(run(2, ''), { status: 0, stdout: '' }))

test('a run that took too long fails, and says why', () => {
  const { status, stdout } = run(1, '0.0001')
  assert.equal(status, 1)
  assert.match(stdout, /^\nFAILED: the tests took 0 minutes and \d+ seconds, and may take 0.0001 minutes\. /)
})

test('a run in which no test ran fails: all filtered out is not all passed', () => {
  const { status, stdout } = run(2, '', '--test-name-pattern=none of them')
  assert.deepEqual({ status, stdout }, { status: 1, stdout: 'no test ran\n' })
})
