import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { PATIENCE_MS } from '../../test/until.ts'
import { openDatabase, type Database } from './database.ts'
import { systemPorts, type Ports } from './ports.ts'
import { addressOf, createRateLimiter } from './rate-limit.ts'

let database: TestDatabase
let db: Database
const MINUTE = new Date('2026-09-01T10:00:00Z')
const clock = { now: new Date(MINUTE.getTime() + 15_200) }

before(async () => {
  database = await createTestDatabase()
  const ports: Ports = systemPorts()
  ports.clock = { now: () => clock.now, monotonicMs: () => performance.now() }
  db = openDatabase({ url: database.url, max: 8, acquireTimeoutMs: PATIENCE_MS }, ports)
})
after(async () => {
  await db.close()
  await database.drop()
})

async function outcomes(count: () => Promise<number>, times: number): Promise<string[]> {
  const codes: string[] = []
  for (let time = 0; time < times; time += 1) {
    codes.push(
      await count().then(
        () => 'ok',
        (error: { code?: string }) => error.code ?? 'defect',
      ),
    )
  }
  return codes
}

describe('a limit', () => {
  test('lets as many through as it says in one minute, and says when to come back', async () => {
    const limiter = createRateLimiter(db, 3)
    assert.deepEqual(await outcomes(() => limiter.count('create', 'user:a'), 4), ['ok', 'ok', 'ok', 'rate_limited'])
    await assert.rejects(limiter.count('create', 'user:a'), { status: 429, retryAfterS: 45 })
    clock.now = new Date(MINUTE.getTime() + 59_999)
    await assert.rejects(limiter.count('create', 'user:a'), { retryAfterS: 1 })
    clock.now = new Date(MINUTE.getTime() + 60_000)
    assert.deepEqual(await outcomes(() => limiter.count('create', 'user:a'), 4), ['ok', 'ok', 'ok', 'rate_limited'])
  })

  test('counts people and purposes apart', async () => {
    const limiter = createRateLimiter(db, 1)
    await limiter.count('verify', 'user:b')
    await limiter.count('verify', 'user:c')
    await limiter.count('refund', 'user:b')
    await assert.rejects(limiter.count('verify', 'user:b'), { code: 'rate_limited' })
  })

  test('holds against requests at the same moment, on every process that shares the database', async () => {
    const processes = [createRateLimiter(db, 10), createRateLimiter(db, 10)]
    const codes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        processes[index % 2]?.count('burst', 'user:d').then(
          () => 'ok',
          (error: { code: string }) => error.code,
        ),
      ),
    )
    assert.equal(codes.filter((code) => code === 'ok').length, 10)
    assert.equal(codes.filter((code) => code === 'rate_limited').length, 30)
  })

  test('may be stricter for one purpose, and 0 switches all of them off', async () => {
    assert.deepEqual(await outcomes(() => createRateLimiter(db, 60).count('sign-in', 'e', 1), 2), [
      'ok',
      'rate_limited',
    ])
    assert.deepEqual(await outcomes(() => createRateLimiter(db, 0).count('sign-in', 'e', 1), 5), Array(5).fill('ok'))
  })
})

describe('X13 the address that is counted', () => {
  for (const [address, expected] of [
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['::FFFF:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::3:4:5:6', '2001:db8:0:0::/64'],
    ['2001:db8::2:3:4:5:6', '2001:db8:0:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['2001:DB8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2::/64'],
  ] as const) {
    test(`of ${address} is ${expected}`, () => {
      assert.equal(addressOf({ ip: address } as FastifyRequest), expected)
    })
  }
})
