import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createBoundedQueue } from './bounded-queue.ts'

/** Work that runs until it is told to end, and notes how much of it runs at once. */
function gatedWork() {
  const running: string[] = []
  const begun: string[] = []
  const ends = new Map<string, () => void>()
  let most = 0
  return {
    begun,
    most: () => most,
    work: (name: string) => async () => {
      begun.push(name)
      running.push(name)
      most = Math.max(most, running.length)
      await new Promise<void>((end) => ends.set(name, end))
      running.splice(running.indexOf(name), 1)
      return name
    },
    async end(name: string) {
      ends.get(name)?.()
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

const LIMITS = { atOnce: 2, waiting: 3, waitingPerClient: 2, retryAfterS: 3 }

describe('FX16 a queue with an end', () => {
  test('runs so much at once, the rest in the order in which it came, and refuses what is beyond', async () => {
    const queue = createBoundedQueue(LIMITS)
    const gate = gatedWork()
    const taken = ['a', 'b', 'c', 'd', 'e'].map((name) => queue.run(name, gate.work(name)))
    await assert.rejects(queue.run('f', gate.work('f')), { code: 'rate_limited', status: 429, retryAfterS: 3 })
    assert.deepEqual(gate.begun, ['a', 'b'])
    await gate.end('b')
    assert.deepEqual(gate.begun, ['a', 'b', 'c'])
    // There is room again; who comes now waits behind those that do already.
    taken.push(queue.run('g', gate.work('g')))
    for (const name of ['a', 'c', 'd', 'e', 'g']) await gate.end(name)
    assert.deepEqual(await Promise.all(taken), ['a', 'b', 'c', 'd', 'e', 'g'])
    assert.deepEqual(gate.begun, ['a', 'b', 'c', 'd', 'e', 'g'])
    assert.equal(gate.most(), 2)
  })

  test('keeps room for others beside a client that asks for all of it', async () => {
    const queue = createBoundedQueue(LIMITS)
    const gate = gatedWork()
    const taken = [1, 2, 3, 4].map((nth) => queue.run('greedy', gate.work(`greedy ${nth}`)))
    await assert.rejects(queue.run('greedy', gate.work('greedy 5')), { code: 'rate_limited' })
    taken.push(queue.run('other', gate.work('other')))
    for (const name of ['greedy 1', 'greedy 2', 'greedy 3', 'greedy 4', 'other']) await gate.end(name)
    assert.equal((await Promise.all(taken)).length, 5)
  })

  test('gives a place back when the work fails, or throws before it begins', async () => {
    const queue = createBoundedQueue({ ...LIMITS, atOnce: 1 })
    const failing = queue.run('a', async () => {
      await new Promise((resolve) => setImmediate(resolve))
      throw new Error('failed')
    })
    const behind = queue.run('b', async () => 'b')
    await assert.rejects(failing, { message: 'failed' })
    assert.equal(await behind, 'b')
    const throwing = () => {
      throw new Error('at once')
    }
    await assert.rejects(queue.run('a', throwing), { message: 'at once' })
    assert.equal(await queue.run('a', async () => 'again'), 'again')
  })
})
