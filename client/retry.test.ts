import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { ApiError, isWorthRetrying } from './api-error.ts'
import { RETRY_GAPS_MS, sleep, withRetries } from './retry.ts'
import { ERROR_STATUS } from '../shared/contract/envelope.ts'

const failure = (code: string, retryAfterMs: number | null = null) =>
  new ApiError({ code, status: 0, message: code, retryAfterMs })

test('of all documented errors only those that leave the outcome open are tried again', () => {
  const open = Object.keys(ERROR_STATUS).filter((code) => isWorthRetrying(failure(code)))
  assert.deepEqual(open, ['request_in_progress', 'rate_limited', 'internal_error', 'unavailable'])
  for (const code of ['network', 'timeout', 'unreadable']) assert.ok(isWorthRetrying(failure(code)), code)
  assert.ok(!isWorthRetrying(new TypeError('a bug')))
})

test('telling the server goes on for about two minutes', () => {
  const minutes = RETRY_GAPS_MS.reduce((sum, gap) => sum + gap, 0) / 60_000
  assert.equal(minutes, 2)
})

test('a bug is thrown at once', async () => {
  let calls = 0
  const call = async () => {
    calls += 1
    throw new TypeError('x')
  }
  await assert.rejects(withRetries(call, { wait: async () => undefined }), TypeError)
  assert.equal(calls, 1)
})

test('an aborted wait ends the retries', async () => {
  const stop = new AbortController()
  const call = async () => {
    throw failure('network')
  }
  const running = withRetries(call, { signal: stop.signal, onRetry: () => stop.abort(new Error('left the page')) })
  await assert.rejects(running, /left the page/)
})

test('a wait lasts as long as it says', async () => {
  mock.timers.enable({ apis: ['setTimeout'] })
  try {
    let isOver = false
    const waiting = sleep(4_000).then(() => {
      isOver = true
    })
    mock.timers.tick(3_999)
    await Promise.resolve()
    assert.equal(isOver, false)
    mock.timers.tick(1)
    await waiting
    assert.equal(isOver, true)
  } finally {
    mock.timers.reset()
  }
})
