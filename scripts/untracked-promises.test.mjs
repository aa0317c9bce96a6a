import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const LOADED = new URL('untracked-promises.mjs', import.meta.url).href
const folder = mkdtempSync(join(tmpdir(), 'hundi-untracked-'))
after(() => rmSync(folder, { recursive: true }))

/** Runs a test file of this content as `npm test` does. */
function run(content) {
  const path = join(folder, 'some.test.mjs')
  writeFileSync(path, `import { test } from 'node:test'\n${content}`)
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  const options = [`--import=${LOADED}`, '--test', '--test-reporter=spec', path]
  const { status, stdout } = spawnSync(process.execPath, options, { encoding: 'utf8', env })
  return { status, stdout }
}

const WAIT = 'await new Promise((resolve) => setTimeout(resolve, 20))'

for (const [what, thrown] of [
  ['an error', `setTimeout(() => { throw new Error('out of sight') })`],
  ['a rejection', `void Promise.reject(new Error('out of sight'))`],
]) {
  test(`${what} that nobody caught fails its file, and tells where it came from`, () => {
    const { status, stdout } = run(`test('passes', async () => { ${thrown}; ${WAIT} })`)
    assert.equal(status, 1, stdout)
    assert.match(stdout, /Nobody caught Error: out of sight\n {4}at .*some\.test\.mjs:2/)
  })
}

test('in all else the files are as they were', () => {
  const { status, stdout } = run(`
    import assert from 'node:assert/strict'
    import { createHook } from 'node:async_hooks'
    test('follows what it wants to follow', async () => {
      const seen = []
      const hook = createHook({ init: (id, type) => seen.push(type) }).enable()
      ${WAIT}
      hook.disable()
      assert.ok(seen.includes('Timeout') && seen.includes('PROMISE'), seen.join())
    })`)
  assert.equal(status, 0, stdout)
})

test('promises are not followed', () => {
  const { status, stdout } = run(`
    import assert from 'node:assert/strict'
    import { executionAsyncId } from 'node:async_hooks'
    test('has no number', async () => {
      await null
      assert.equal(executionAsyncId(), 0)
    })`)
  assert.equal(status, 0, stdout)
})
