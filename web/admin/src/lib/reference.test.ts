import assert from 'node:assert/strict'
import { test } from 'node:test'
import { referenceProblem } from './reference.ts'

test('a reference is what a bank prints, and its lack or fault is said with the fix', () => {
  for (const good of ['N123456789012345', 'UTR 42/2026', 'abc']) assert.equal(referenceProblem(good), null)
  assert.match(referenceProblem('  ') ?? '', /needed/)
  for (const bad of ['ab', '-1', 'x'.repeat(61), 'a;b c']) assert.match(referenceProblem(bad) ?? '', /Three to sixty/)
})
