import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createShutdown } from './shutdown.ts'

function setUp(wholeMs = 60_000) {
  const done: string[] = []
  const errors: { step?: string; err?: unknown }[] = []
  const exits: number[] = []
  const record = (entry: object) => void errors.push(entry)
  const fake = Object.assign(new EventEmitter(), { exit: (code?: unknown) => void exits.push(Number(code)) as never })
  const shutdown = createShutdown({ log: { info() {}, error: record, fatal: record }, wholeMs, process: fake })
  return { shutdown, done, errors, exits, fake }
}

test('S7 steps run one after the other, once', async () => {
  const { shutdown, done } = setUp()
  shutdown.add('http', async () => {
    await sleep(20)
    done.push('http')
  })
  shutdown.add('jobs', () => void done.push('jobs'))
  assert.deepEqual(await Promise.all([shutdown.stop('first'), shutdown.stop('second')]), [0, 0])
  assert.deepEqual(done, ['http', 'jobs'])
})

test('S7 a step that fails or hangs does not keep the others from their turn', async () => {
  const { shutdown, done, errors } = setUp(100)
  shutdown.add('failing', () => {
    throw new Error('broken')
  })
  shutdown.add('hanging', () => new Promise(() => {}))
  shutdown.add('database', () => void done.push('database'))
  assert.equal(await shutdown.stop('test'), 1)
  assert.deepEqual(done, ['database'])
  assert.deepEqual(
    errors.map(({ step }) => step),
    ['failing', 'hanging'],
  )
  assert.match(String(errors[1]?.err), /^Error: not done after \d+ ms$/)
})

test('a step added while stopping has its turn', async () => {
  const { shutdown, done } = setUp()
  shutdown.add('first', () => shutdown.add('second', () => void done.push('second')))
  assert.equal(await shutdown.stop('test'), 0)
  assert.deepEqual(done, ['second'])
})

test('the same signal from several sides is one, and ends with 0', async () => {
  const { shutdown, done, exits, fake } = setUp()
  shutdown.add('step', () => void done.push('step'))
  shutdown.listen()
  for (const signal of ['SIGINT', 'SIGINT', 'SIGTERM']) fake.emit(signal)
  await shutdown.stop('the same')
  await sleep(5)
  assert.deepEqual(done, ['step'])
  assert.deepEqual(new Set(exits), new Set([0]))
})

test('a signal long after the first leaves at once', async () => {
  const { shutdown, exits, fake } = setUp()
  const slow = Promise.withResolvers<void>()
  shutdown.add('slow', () => slow.promise)
  shutdown.listen()
  fake.emit('SIGTERM')
  await sleep(1_100)
  assert.deepEqual(exits, [])
  fake.emit('SIGTERM')
  assert.deepEqual(exits, [1])
  slow.resolve()
  await shutdown.stop('the end')
})

test('S8 an error that nobody caught stops in order, and ends with 1', async () => {
  const { shutdown, done, exits, fake } = setUp()
  shutdown.add('step', () => void done.push('step'))
  shutdown.listen()
  fake.emit('unhandledRejection', new Error('forgotten'))
  await shutdown.stop('the same')
  await sleep(5)
  assert.deepEqual(done, ['step'])
  assert.deepEqual(exits, [1])
})
