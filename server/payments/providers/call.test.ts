import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTestDatabase } from '../../../test/database.ts'
import { PATIENCE_MS } from '../../../test/until.ts'
import { inTransaction, openDatabase, sql } from '../../platform/database.ts'
import { systemPorts, type Ports } from '../../platform/ports.ts'
import { callProvider, createBreaker, type CallSubject } from './call.ts'
import type { Reply } from './provider.ts'

const SUBJECT: CallSubject = {
  provider: 'razorpay',
  operation: 'refund',
  orderId: '0199a1c2-7b3d-7e4f-8a5b-000000000001',
  paymentId: '0199a1c2-7b3d-7e4f-8a5b-000000000002',
  request: { amount: 100 },
}
const NOW = new Date('2026-09-01T10:00:00Z')

const ACCEPTED: Reply<string> = { outcome: 'accepted', value: 'made', httpStatus: 200, reply: { id: 'x' } }
const REFUSED: Reply<string> = {
  outcome: 'refused',
  code: 'BAD_REQUEST_ERROR',
  message: 'no',
  httpStatus: 400,
  reply: { error: 'no' },
}
const UNKNOWN: Reply<string> = { outcome: 'unknown', message: 'no answer', httpStatus: null, reply: null }

/** Ports whose time stands still until `passed` moves it, and that write down what was asked of them. */
function stillPorts(fraction = 0.5) {
  const seen = { passedMs: 0, slept: [] as number[], points: [] as string[] }
  const ports: Ports = {
    ...systemPorts({
      reach: async (point) => {
        seen.points.push(point)
      },
    }),
    clock: { now: () => NOW, monotonicMs: () => seen.passedMs },
    timers: {
      sleep: async (ms) => {
        seen.slept.push(ms)
      },
    },
    ids: { uuid: () => '0199a1c2-7b3d-7e4f-8a5b-000000000009', readable: () => 'X' },
    random: { fraction: () => fraction, token: () => 'token' },
  }
  return { ports, seen }
}

/** A provider that gives these replies one after the other and then fails the test. */
function giving<T>(...replies: Reply<T>[]) {
  let made = 0
  const call = async () => {
    const reply = replies[made]
    made += 1
    assert.ok(reply !== undefined, 'the provider is asked more often than expected')
    return reply
  }
  return { call, made: () => made }
}

async function fail(ports: Ports, breaker: ReturnType<typeof createBreaker>, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) await callProvider(ports, breaker, SUBJECT, giving(UNKNOWN).call)
}

describe('a provider call', () => {
  for (const reply of [ACCEPTED, REFUSED]) {
    test(`that is ${reply.outcome} is made once, however many tries it has, and recorded as it was`, async () => {
      const { ports, seen } = stillPorts()
      const provider = giving(reply)
      const called = await callProvider(ports, createBreaker(ports), SUBJECT, provider.call, 3)
      assert.deepEqual(called, {
        reply,
        openedCircuit: false,
        record: {
          id: '0199a1c2-7b3d-7e4f-8a5b-000000000009',
          orderId: SUBJECT.orderId,
          paymentId: SUBJECT.paymentId,
          refundId: null,
          provider: 'razorpay',
          operation: 'refund',
          request: { amount: 100 },
          outcome: reply.outcome,
          httpStatus: reply.httpStatus,
          reply: reply.reply,
          durationMs: 0,
          createdAt: NOW,
        },
      })
      assert.equal(provider.made(), 1)
      assert.deepEqual(seen.slept, [])
      assert.deepEqual(seen.points, ['provider:razorpay.refund', 'provider:razorpay.refund:answered'])
    })
  }

  test('that stays unknown is made once unless more tries are given', async () => {
    const { ports, seen } = stillPorts()
    const provider = giving(UNKNOWN)
    const { reply, record } = await callProvider(ports, createBreaker(ports), SUBJECT, provider.call)
    assert.deepEqual(reply, UNKNOWN)
    assert.deepEqual(record.reply, { message: 'no answer', body: null })
    assert.deepEqual(seen.slept, [])
  })

  test('P5 that may be repeated is, with growing gaps, until it is answered', async () => {
    const { ports, seen } = stillPorts()
    const provider = giving(UNKNOWN, UNKNOWN, ACCEPTED)
    const { reply } = await callProvider(ports, createBreaker(ports), SUBJECT, provider.call, 5)
    assert.deepEqual(reply, ACCEPTED)
    assert.deepEqual(seen.slept, [400, 800])
    assert.equal(seen.points.length, 6)
  })

  test('ends unknown when its tries are used up', async () => {
    const { ports, seen } = stillPorts()
    const provider = giving(UNKNOWN, UNKNOWN, UNKNOWN)
    const { reply } = await callProvider(ports, createBreaker(ports), SUBJECT, provider.call, 3)
    assert.deepEqual(reply, UNKNOWN)
    assert.deepEqual(seen.slept, [400, 800])
  })

  test('waits a while that differs from process to process', async () => {
    for (const [fraction, sleptMs] of [
      [0, 200],
      [0.999, 600],
    ] as const) {
      const { ports, seen } = stillPorts(fraction)
      await callProvider(ports, createBreaker(ports), SUBJECT, giving(UNKNOWN, ACCEPTED).call, 2)
      assert.deepEqual(seen.slept.map(Math.round), [sleptMs])
    }
  })

  test('records how long it took', async () => {
    const { ports, seen } = stillPorts()
    const { record } = await callProvider(ports, createBreaker(ports), SUBJECT, async () => {
      seen.passedMs += 1_234.4
      return ACCEPTED
    })
    assert.equal(record.durationMs, 1_234)
  })

  test('P9 is a bug while a transaction is open, and nothing leaves', async () => {
    const database = await createTestDatabase()
    const ports = systemPorts()
    const db = openDatabase({ url: database.url, max: 2, acquireTimeoutMs: PATIENCE_MS }, ports)
    const provider = giving<string>()
    try {
      await assert.rejects(
        inTransaction(db, 'outer', () => callProvider(ports, createBreaker(ports), SUBJECT, provider.call)),
        { code: 'ERR_ASSERTION', message: 'provider:razorpay.refund while the transaction "outer" is open' },
      )
      assert.equal(provider.made(), 0)
      await inTransaction(db, 'before', (tx) => tx.one('one', sql`select 1 as one`))
      const after = giving(ACCEPTED)
      await callProvider(ports, createBreaker(ports), SUBJECT, after.call)
      assert.equal(after.made(), 1)
    } finally {
      await db.close()
      await database.drop()
    }
  })
})

describe('the circuit', () => {
  const OPEN = { outcome: 'unknown', message: 'circuit open after repeated failures', httpStatus: null, reply: null }

  test('P6 P9 opens after five unanswered calls in a row: then nothing leaves, and the outcome is unknown', async () => {
    const { ports, seen } = stillPorts()
    const breaker = createBreaker(ports)
    await fail(ports, breaker, 5)
    const pointsBefore = seen.points.length
    const { reply, record } = await callProvider(ports, breaker, SUBJECT, giving<string>().call, 3)
    assert.deepEqual(reply, OPEN)
    assert.deepEqual(record.outcome, 'unknown')
    assert.equal(seen.points.length, pointsBefore)
  })

  test('says with which call it opened, once', async () => {
    const { ports } = stillPorts()
    const breaker = createBreaker(ports)
    const opened: boolean[] = []
    for (let made = 0; made < 7; made += 1) {
      opened.push((await callProvider(ports, breaker, SUBJECT, async () => UNKNOWN)).openedCircuit)
    }
    assert.deepEqual(opened, [false, false, false, false, true, false, false])
  })

  for (const reply of [ACCEPTED, REFUSED]) {
    test(`stays closed when one of five is ${reply.outcome}: an answer is an answer`, async () => {
      const { ports } = stillPorts()
      const breaker = createBreaker(ports)
      await fail(ports, breaker, 4)
      await callProvider(ports, breaker, SUBJECT, giving(reply).call)
      await fail(ports, breaker, 4)
      assert.equal(breaker.allows('razorpay'), true)
    })
  }

  test('lets one call through every ten seconds, and closes when it is answered', async () => {
    const { ports, seen } = stillPorts()
    const breaker = createBreaker(ports)
    await fail(ports, breaker, 5)
    seen.passedMs += 9_999
    assert.equal(breaker.allows('razorpay'), false)
    seen.passedMs += 1
    assert.equal(breaker.allows('razorpay'), true)
    assert.equal(breaker.allows('razorpay'), false)
    breaker.report('razorpay', false)
    seen.passedMs += 9_999
    assert.equal(breaker.allows('razorpay'), false)
    seen.passedMs += 1
    const { reply } = await callProvider(ports, breaker, SUBJECT, giving(ACCEPTED).call)
    assert.deepEqual(reply, ACCEPTED)
    await fail(ports, breaker, 4)
    assert.equal(breaker.allows('razorpay'), true)
  })

  test('R14 says whom nobody asks now, and whom it would be tried with', async () => {
    const { ports, seen } = stillPorts()
    const breaker = createBreaker(ports)
    await fail(ports, breaker, 4)
    assert.deepEqual([breaker.isClosed('razorpay'), breaker.resting()], [true, []])
    await fail(ports, breaker, 1)
    assert.deepEqual([breaker.isClosed('razorpay'), breaker.resting()], [false, ['razorpay']])
    seen.passedMs += 10_000
    assert.deepEqual([breaker.isClosed('razorpay'), breaker.resting()], [false, []])
    // Whoever tries it first keeps the others from it.
    assert.equal(breaker.allows('razorpay'), true)
    assert.deepEqual([breaker.isClosed('razorpay'), breaker.resting()], [false, ['razorpay']])
    breaker.report('razorpay', true)
    assert.deepEqual([breaker.isClosed('razorpay'), breaker.resting()], [true, []])
  })

  test('that opens during the tries of a call ends them', async () => {
    const { ports } = stillPorts()
    const breaker = createBreaker(ports)
    await fail(ports, breaker, 3)
    const provider = giving(UNKNOWN, UNKNOWN)
    const { reply } = await callProvider(ports, breaker, SUBJECT, provider.call, 5)
    assert.deepEqual(reply, UNKNOWN)
    assert.equal(provider.made(), 2)
  })

  test('of one provider is not that of another', async () => {
    const { ports } = stillPorts()
    const breaker = createBreaker(ports)
    await fail(ports, breaker, 5)
    assert.equal(breaker.allows('stripe'), true)
    assert.equal(breaker.allows('razorpay'), false)
  })
})
