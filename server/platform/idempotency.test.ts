/** `Idempotency-Key` on real PostgreSQL, through real requests, with the work in the test's hands. */
import assert from 'node:assert/strict'
import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { PATIENCE_MS, until } from '../../test/until.ts'
import { inTransaction, openDatabase, sql, type Database } from './database.ts'
import { AppError } from './errors.ts'
import { createHttp, type App } from './http.ts'
import { withIdempotencyKey, type Answer, type AnswerStore, type Keyed } from './idempotency.ts'
import { createLog } from './log.ts'
import { systemPorts, type Ports } from './ports.ts'

let database: TestDatabase
let db: Database
let app: App
const clock = { aheadMs: 0 }
let work: (keyed: Keyed | undefined) => Promise<Answer>
let runs = 0
let keys = 0

const ports: Ports = systemPorts()
ports.clock = { now: () => new Date(Date.now() + clock.aheadMs), monotonicMs: () => performance.now() }

before(async () => {
  database = await createTestDatabase()
  db = openDatabase({ url: database.url, max: 8, acquireTimeoutMs: PATIENCE_MS }, ports)
  app = await createHttp({
    log: createLog('silent'),
    ports,
    publicUrl: 'http://127.0.0.1:3000',
    corsOrigins: [],
    trustProxyHops: 0,
  })
  for (const url of ['/work', '/other']) {
    app.post(url, async (request, reply) => {
      const who = String(request.headers['x-who'] ?? 'ananya')
      const answer = await withIdempotencyKey(db, request, reply, who, (keyed) => {
        runs += 1
        return work(keyed)
      })
      return reply.code(answer.status).send(answer.body)
    })
  }
  // An answer with something that is told once only.
  const once: AnswerStore = {
    keep: (answer) => answer.body,
    restore: (kept, told) => ({ ...(kept as object), ...(told ? { secret: undefined } : {}) }),
    isIn: (said) => (said as { secret?: string } | undefined)?.secret !== undefined,
  }
  app.post('/once', async (request, reply) => {
    const answer = await withIdempotencyKey(db, request, reply, 'anybody', (keyed) => work(keyed), once)
    return reply.code(answer.status).send(answer.body)
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
})
after(async () => {
  await app.close()
  await db.close()
  await database.drop()
})
beforeEach(() => {
  runs = 0
  clock.aheadMs = 0
  work = async () => ({ status: 201, body: { made: runs } })
})

function freshKey(): string {
  keys += 1
  return `key-${keys}`
}

/** Work that says when it has begun, and ends when it is told to. */
function heldWork() {
  const begun = Promise.withResolvers<Keyed | undefined>()
  const end = Promise.withResolvers<Answer>()
  work = (keyed) => {
    begun.resolve(keyed)
    return end.promise
  }
  return { begun: begun.promise, end: (answer: Answer = { status: 201, body: {} }) => end.resolve(answer) }
}

async function send(key: string | undefined, body: unknown = { a: 1 }, options: { url?: string; who?: string } = {}) {
  const response = await app.inject({
    method: 'POST',
    url: options.url ?? '/work',
    headers: {
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...(options.who === undefined ? {} : { 'x-who': options.who }),
    },
    payload: body as object,
  })
  return {
    status: response.statusCode,
    body: response.json(),
    replayed: response.headers['idempotency-replayed'] === 'true',
    retryAfter: response.headers['retry-after'],
  }
}

describe('C3 C4 C5 a key', () => {
  test('replays the first answer to the same request, and the work is done once', async () => {
    const key = freshKey()
    const first = await send(key)
    assert.deepEqual(first, { status: 201, body: { made: 1 }, replayed: false, retryAfter: undefined })
    for (let time = 0; time < 3; time += 1) assert.deepEqual(await send(key), { ...first, replayed: true })
    assert.equal(runs, 1)
  })

  test('takes the same fields in another order for the same request', async () => {
    const key = freshKey()
    await send(key, { a: 1, b: { c: [1, 2], d: null } })
    assert.equal((await send(key, { b: { d: null, c: [1, 2] }, a: 1 })).replayed, true)
  })

  for (const [what, body] of [
    ['another value', { a: 2 }],
    ['another type', { a: '1' }],
    ['one field more', { a: 1, b: null }],
    ['one field less', {}],
    ['another order of a list', { a: [2, 1] }],
  ] as const) {
    test(`refuses ${what} under it, and does nothing`, async () => {
      const key = freshKey()
      await send(key, what === 'another order of a list' ? { a: [1, 2] } : { a: 1 })
      const { status, body: answer } = await send(key, body)
      assert.deepEqual([status, answer.error.code], [422, 'idempotency_key_reused'])
      assert.equal(runs, 1)
    })
  }

  test('belongs to one person and one endpoint', async () => {
    const key = freshKey()
    await send(key, { a: 1 }, { who: 'ananya' })
    const theirs = await send(key, { a: 2 }, { who: 'bhavna' })
    const elsewhere = await send(key, { a: 3 }, { url: '/other' })
    assert.deepEqual([theirs.status, elsewhere.status], [201, 201])
    assert.deepEqual([theirs.replayed, elsewhere.replayed], [false, false])
    assert.equal(runs, 3)
  })

  test('is not needed', async () => {
    work = async (keyed) => ({ status: 200, body: { keyed: keyed !== undefined } })
    assert.deepEqual((await send(undefined)).body, { keyed: false })
    assert.deepEqual((await send(undefined)).body, { keyed: false })
    assert.equal(runs, 2)
  })

  for (const key of ['', 'two words', 'x'.repeat(201), 'schlüssel', 'tab\there']) {
    test(`${JSON.stringify(key.slice(0, 20))} is refused`, async () => {
      const { status, body } = await send(key)
      assert.deepEqual([status, body.error.code], [400, 'validation_failed'])
      assert.equal(body.error.details.fields[0].field, 'Idempotency-Key')
      assert.equal(runs, 0)
    })
  }

  test('of the longest length is taken', async () => {
    assert.equal((await send('~'.repeat(200))).status, 201)
  })
})

describe('C2 requests with one key at the same moment', () => {
  test('do the work once, and all get its answer', async () => {
    const key = freshKey()
    work = async () => {
      await ports.timers.sleep(30)
      return { status: 201, body: { made: runs } }
    }
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(key)))
    assert.equal(runs, 1)
    assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
    assert.equal(answers.filter(({ replayed }) => !replayed).length, 1)
  })

  test('are told to come back while the first one takes long', async () => {
    const key = freshKey()
    const held = heldWork()
    const first = send(key)
    await held.begun
    const { status, body, retryAfter } = await send(key)
    assert.deepEqual([status, body.error.code, retryAfter], [409, 'request_in_progress', '1'])
    held.end()
    assert.equal((await first).status, 201)
    assert.equal((await send(key)).replayed, true)
    assert.equal(runs, 1)
  })

  test('with another body are refused although the first is not done', async () => {
    const key = freshKey()
    const held = heldWork()
    const first = send(key)
    await held.begun
    assert.equal((await send(key, { a: 2 })).status, 422)
    held.end()
    await first
  })
})

describe('C6 an answer', () => {
  test('that is a refusal is final', async () => {
    const key = freshKey()
    work = async () => {
      throw new AppError('out_of_stock', 'Two are left.', { details: { available: 2 } })
    }
    const first = await send(key)
    work = async () => ({ status: 201, body: {} })
    const { body } = await send(key)
    assert.deepEqual([first.status, body.error.code, body.error.message], [409, 'out_of_stock', 'Two are left.'])
    assert.deepEqual(body.error.details, { available: 2 })
    assert.equal(runs, 1)
  })

  for (const [what, error] of [
    ['a provider that does not answer', new AppError('provider_unavailable', 'Later.')],
    ['a defect', new Error('x is not a function')],
    ['too many requests', new AppError('rate_limited', 'Later.')],
    ['a payment whose state is not known now', new AppError('payment_state_unknown', 'Later.')],
    ['a session that ended', new AppError('unauthenticated', 'Sign in.')],
  ] as const) {
    test(`because of ${what} is not final: the same request goes on, with the id chosen at first`, async () => {
      const key = freshKey()
      const seen: (readonly [string, boolean])[] = []
      work = async (keyed) => {
        assert.ok(keyed !== undefined)
        seen.push([keyed.effectId, keyed.resumed])
        if (seen.length === 1) throw error
        return { status: 201, body: { id: keyed.effectId } }
      }
      assert.notEqual((await send(key)).status, 201)
      const second = await send(key)
      assert.equal(second.status, 201)
      const [first, again] = seen
      assert.deepEqual(again, [first?.[0], true])
      assert.equal(first?.[1], false)
      assert.deepEqual(await send(key), { ...second, replayed: true })
    })
  }

  test('stored by the transaction that does the work stands and falls with it', async () => {
    const key = freshKey()
    work = async (keyed) => {
      const answer = { status: 202, body: { id: keyed?.effectId } }
      await inTransaction(db, 'work', async (tx) => {
        await tx.one('one', sql`select 1`)
        keyed?.finish(tx, answer)
      })
      // Nothing after the commit can change what was promised by it.
      return answer
    }
    const first = await send(key)
    assert.equal(first.status, 202)
    assert.deepEqual(await send(key), { ...first, replayed: true })

    const failing = freshKey()
    work = async (keyed) => {
      await inTransaction(db, 'work', async (tx) => {
        keyed?.finish(tx, { status: 202, body: {} })
        throw new Error('the commit never came')
      })
      return { status: 202, body: {} }
    }
    assert.equal((await send(failing)).status, 500)
    work = async () => ({ status: 201, body: { second: true } })
    assert.deepEqual((await send(failing)).body, { second: true })
  })
})

describe('a request that dies', () => {
  test('holds its key for fifteen seconds; then the next one takes over, with the same id', async () => {
    const key = freshKey()
    const held = heldWork()
    const first = send(key)
    const effectId = (await held.begun)?.effectId
    // Those who wait do so for a second and a half, and would take over what lapses meanwhile.
    clock.aheadMs = 10_000
    assert.equal((await send(key)).status, 409)
    clock.aheadMs = 15_100
    work = async (keyed) => ({ status: 201, body: { id: keyed?.effectId, resumed: keyed?.resumed } })
    assert.deepEqual((await send(key)).body, { id: effectId, resumed: true })
    held.end()
    await first
  })

  test('does not hand its key to another request', async () => {
    const key = freshKey()
    const held = heldWork()
    const first = send(key)
    await held.begun
    clock.aheadMs = 60_000
    assert.equal((await send(key, { a: 2 })).status, 422)
    held.end()
    await first
    assert.equal(runs, 1)
  })
})

describe('FX7 what is told once only', () => {
  const SECRET = { status: 201, body: { secret: 'x' } }
  const ask = (key: string) =>
    app.inject({ method: 'POST', url: '/once', headers: { 'idempotency-key': key }, payload: {} }).then((r) => r.json())
  const told = async (key: string) =>
    (await db.one<{ told: boolean }>('test.told', sql`select told from idempotency_keys where key = ${key}`)).told

  test('FX7 is left out of every answer after the one that arrived', async () => {
    const key = freshKey()
    work = async () => SECRET
    assert.deepEqual(await ask(key), { secret: 'x' })
    assert.deepEqual([await ask(key), await ask(key)], [{}, {}])
    assert.equal(await told(key), true)
  })

  test('FX7 is told to one of many that ask at once', async () => {
    const key = freshKey()
    work = async () => SECRET
    const answers = await Promise.all(Array.from({ length: 5 }, () => ask(key)))
    assert.equal(answers.filter((body) => body.secret === 'x').length, 1, JSON.stringify(answers))
  })

  test('FX7 is told again when the client had gone before it was answered', async () => {
    const key = freshKey()
    const held = heldWork()
    const { port } = app.server.address() as AddressInfo
    const headers = { 'idempotency-key': key, 'content-type': 'application/json', 'content-length': '2' }
    const request = httpRequest({ port, host: '127.0.0.1', path: '/once', method: 'POST', headers })
    request.on('error', () => {})
    request.end('{}')
    await held.begun
    request.destroy()
    await until('the server has seen it go', () => app.requestsInHand.size === 0)
    held.end(SECRET)
    await until('the answer is kept', async () => {
      const kept = await db.maybeOne(
        'test.kept',
        sql`select from idempotency_keys where key = ${key} and status = 'done'`,
      )
      return kept !== undefined
    })
    assert.equal(await told(key), false)
    assert.deepEqual(await ask(key), { secret: 'x' })
    assert.deepEqual(await ask(key), {})
  })

  test('FX7 in a refusal that is not final counts as told, and the work hears of it', async () => {
    const key = freshKey()
    work = async () => {
      throw new AppError('provider_unavailable', 'Later.', { details: { secret: 'x' } })
    }
    assert.equal((await ask(key)).error.details.secret, 'x')
    await until('it is noted', () => told(key))
    let seen: boolean | undefined
    work = async (keyed) => {
      seen = keyed?.told
      return { status: 201, body: {} }
    }
    assert.deepEqual(await ask(key), {})
    assert.equal(seen, true)
  })
})
