import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ReconciliationRun } from '../../../../../shared/contract/reconciliation.ts'
import { runResult, tookWords, triggerWords, windowWords } from './run-words.ts'

const run = (status: string, outcomes: [string, number][] = []) =>
  ({
    status,
    outcomes: outcomes.map(([outcome, count]) => ({ subject: 'payment', outcome, currency: 'INR', count, amount: 0 })),
  }) as ReconciliationRun

test('a result names what is worst', () => {
  const words = (of: ReconciliationRun) => runResult(of).words
  assert.equal(words(run('running', [['differs', 1]])), 'Comparing')
  assert.equal(words(run('failed', [['matched', 9]])), 'Did not finish')
  assert.equal(
    words(
      run('completed', [
        ['matched', 9],
        ['healed', 2],
        ['differs', 1],
        ['unknown_there', 1],
      ]),
    ),
    '2 lines nobody explains',
  )
  assert.equal(
    words(
      run('completed', [
        ['matched', 9],
        ['healed', 1],
      ]),
    ),
    '1 line put right',
  )
  assert.equal(
    words(
      run('completed', [
        ['matched', 9],
        ['foreign', 2],
      ]),
    ),
    'Both books agree',
  )
  assert.equal(words(run('completed')), 'Nothing to compare')
})

test('only agreement and what was put right look good', () => {
  assert.equal(runResult(run('completed', [['matched', 1]])).look, 'paid')
  assert.equal(runResult(run('completed', [['unknown_here', 1]])).look, 'review')
  assert.equal(runResult(run('completed')).look, 'none')
  assert.equal(runResult(run('failed')).look, 'failed')
})

test('a run says its window, who began it, and how long it took', () => {
  assert.equal(
    windowWords({ from: '2026-11-17T02:30:00Z', to: '2026-11-20T02:20:00Z' }),
    '17 Nov 8:00 am to 20 Nov 7:50 am',
  )
  const names = () => 'Meera Rao'
  assert.equal(triggerWords({ trigger: 'admin', startedBy: 'u1' }, names), 'by Meera Rao')
  assert.equal(triggerWords({ trigger: 'schedule', startedBy: null }, names), 'on schedule')
  const startedAt = '2026-11-20T02:30:00.000Z'
  assert.equal(tookWords({ startedAt, finishedAt: '2026-11-20T02:30:02.100Z' }, 0), '2.1 s')
  assert.equal(tookWords({ startedAt, finishedAt: null }, Date.parse(startedAt) + 240_000), '4 min')
})
