import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findTests } from './find-tests.mjs'

test('all tests are found, and only tests', () => {
  const files = findTests([])
  assert.equal(new Set(files).size, files.length)
  for (const known of ['scripts/find-tests.test.mjs', 'server/platform/config.test.ts', 'test/browser.test.ts']) {
    assert.equal(files.includes(known), true, known)
  }
  assert.deepEqual(
    files.filter((file) => !/\.test\.(ts|mjs)$/.test(file)),
    [],
  )
})

test('a pattern selects by any part of the path', () => {
  assert.deepEqual(findTests(['scripts/find']), ['scripts/find-tests.test.mjs'])
  assert.deepEqual(findTests(['./scripts/find-tests.test.mjs', 'platform/config.test']), [
    'scripts/find-tests.test.mjs',
    'server/platform/config.test.ts',
  ])
})

test('no test is an error', () => {
  assert.throws(() => findTests(['no-such-test']), { message: 'there is no test file whose path has no-such-test' })
})
