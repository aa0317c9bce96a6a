import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CheckRun } from '../../../../../shared/contract/operations.ts'
import { formatExact } from '../../../../ui/format.ts'
import { checkResult, historyWords, worstFirst } from './check-words.ts'

const question = (id: string, count: number) => ({
  id,
  title: id,
  ok: count === 0,
  count,
  violations: [],
  durationMs: 1,
})

const run = (counts: number[]): CheckRun => ({
  id: 'r',
  trigger: 'admin',
  ok: counts.every((count) => count === 0),
  startedAt: '2026-11-20T09:00:00Z',
  durationMs: 12,
  since: null,
  questions: counts.map((count, index) => question(`I${index + 1}`, count)),
})

test('a result says how many rules are broken, and how often', () => {
  assert.equal(checkResult(run([0, 0, 0])), 'All three rules hold')
  assert.equal(checkResult(run([0, 2, 0])), 'One rule is broken, in 2 places')
  assert.equal(checkResult(run([1, 2, 0])), 'Two rules are broken, in 3 places')
})

test('a result says how much of history was read', () => {
  assert.equal(historyWords(run([0])), 'All of history was read.')
  assert.equal(
    historyWords({ ...run([0]), since: '2026-11-19T22:00:00Z' }),
    `History was read from ${formatExact('2026-11-19T22:00:00Z')} on; what came before was found right then.`,
  )
})

test('what is broken stands first, and the rest keeps its order', () => {
  assert.deepEqual(
    worstFirst(run([0, 2, 0, 1])).map((each) => each.id),
    ['I2', 'I4', 'I1', 'I3'],
  )
})
