/** Guessing passwords, and asking for many hashes at once: who is slowed down, who is refused, and who is not. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { openSliceApp, type SliceApp } from '../../test/slice.ts'
import { sql } from '../platform/database.ts'

const PASSWORD = 'correct horse battery'
const HERE = '198.51.100.7'
const OWNER = 'target@example.test'

let slice: SliceApp
/** How long each request was made to wait. */
let waits: number[]
let minutes = 0

before(async () => {
  slice = await openSliceApp(
    (app, _deps, accounts) => app.get('/who', async (request) => (await accounts.find(request)) ?? null),
    { perMinute: 30, hashing: { atOnce: 2, waiting: 4, waitingPerClient: 3 } },
  )
  slice.deps.ports.timers.sleep = async (ms) => void waits.push(ms)
  await slice.accounts.ensureUser({ email: OWNER, password: PASSWORD, name: 'Owner', role: 'customer' })
})
after(() => slice.close())
beforeEach(() => {
  waits = []
  // All of it falls into one window of the limits, and no other test's is in it.
  minutes += 1
  slice.clock.stoppedAt = new Date(Date.now() + minutes * 60_000)
})

async function signIn(email: string, password: string, remoteAddress = HERE) {
  const answer = await slice.app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email, password },
    remoteAddress,
  })
  return { status: answer.statusCode, code: answer.json().error?.code, retryAfter: answer.headers['retry-after'] }
}

async function statuses(times: number, ask: (nth: number) => Promise<{ status: number }>): Promise<number[]> {
  const found: number[] = []
  for (let nth = 0; nth < times; nth += 1) found.push((await ask(nth)).status)
  return found
}

/** As if so many tries had been counted under these keys, without the hashes that they would cost this test. */
async function tried(keys: string, count: number): Promise<void> {
  await slice.deps.db.alone.run('test.tried', sql`update rate_limits set count = ${count} where key like ${keys}`)
}

describe('FX4 guessing a password', () => {
  test('ends for a minute at the address that it comes from, and its owner signs in from elsewhere', async () => {
    assert.equal((await signIn(OWNER, 'guess')).status, 401)
    await tried('password.%', 19)
    const guesses = await statuses(3, (nth) => signIn(nth % 2 === 0 ? OWNER.toUpperCase() : OWNER, `guess ${nth}`))
    assert.deepEqual(guesses, [401, 429, 429])
    assert.equal((await signIn(OWNER, PASSWORD)).status, 429)
    assert.equal((await signIn('somebody-else@example.test', 'guess')).status, 401)
    assert.deepEqual(waits, [])
    assert.equal((await signIn(OWNER, PASSWORD, '203.0.113.9')).status, 200)
    assert.deepEqual(waits, [100])
  })

  test('from many addresses makes each further one wait, its owner too, and locks nobody out', async () => {
    assert.equal((await signIn(OWNER, 'guess', '192.0.2.1')).status, 401)
    await tried('password.for:%', 19)
    assert.deepEqual(await statuses(3, (nth) => signIn(OWNER, `guess ${nth}`, `192.0.2.${nth}`)), Array(3).fill(401))
    assert.deepEqual(waits, [100, 200])
    await tried('password.for:%', 1_000)
    assert.equal((await signIn(OWNER, PASSWORD, '203.0.113.9')).status, 200)
    assert.deepEqual(waits, [100, 200, 3_000])
    assert.equal((await signIn('somebody-else@example.test', 'guess', '203.0.113.9')).status, 401)
    assert.deepEqual(waits, [100, 200, 3_000])
  })

  test('that is asked for by a session is counted as well', async () => {
    const session = await slice.signedIn({ role: 'customer', email: 'session@example.test', password: PASSWORD })
    const change = (currentPassword: string) =>
      slice.call('POST', '/api/auth/change-password', {
        body: { currentPassword, newPassword: 'another long password' },
        as: session,
      })
    assert.equal((await change('guess')).status, 400)
    await tried('password.from:%', 19)
    assert.deepEqual(await statuses(2, (nth) => change(`guess ${nth}`)), [400, 429])
    assert.equal((await change(PASSWORD)).status, 429)
  })

  test('counts against the address whatever it asks for', async () => {
    assert.equal((await signIn('target@example.test', 'guess')).status, 401)
    await tried('auth:%', 29)
    const guesses = await statuses(2, (nth) => signIn(`target-${nth}@example.test`, 'guess'))
    assert.deepEqual(guesses, [401, 429])
  })
})

describe('FX16 many who hash at once', () => {
  const signUp = (name: string, remoteAddress: string) =>
    slice.app.inject({
      method: 'POST',
      url: '/api/auth/sign-up/email',
      payload: { name: 'A', email: `${name}@example.test`, password: PASSWORD },
      remoteAddress,
    })

  /** Sends sign-ups while none of them can be written, and gives their answers once so many were turned away. */
  async function rush(
    people: readonly { name: string; from: string }[],
    turnedAway: number,
    meanwhile: () => Promise<void> = async () => {},
  ): Promise<Map<string, Awaited<ReturnType<typeof signUp>>>> {
    const answers = new Map<string, Awaited<ReturnType<typeof signUp>>>()
    const full = Promise.withResolvers<void>()
    const client = await slice.deps.db.pool.connect()
    let asked: Promise<void>[] = []
    try {
      await client.query('begin; lock table users in exclusive mode')
      asked = people.map(async ({ name, from }) => {
        answers.set(name, await signUp(name, from))
        if (answers.size === turnedAway) full.resolve()
      })
      await full.promise
      await meanwhile()
      assert.equal(answers.size, turnedAway)
    } finally {
      await client.query('rollback')
      client.release()
    }
    await Promise.all(asked)
    return answers
  }

  function tally(answers: Awaited<ReturnType<typeof rush>>): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { statusCode } of answers.values()) counts[statusCode] = (counts[statusCode] ?? 0) + 1
    return counts
  }

  test('some hash, some wait, the rest is told when to come back, and readers are served meanwhile', async () => {
    const reader = await slice.signedIn({ role: 'customer', email: 'reader@example.test' })
    const people = Array.from({ length: 12 }, (_, nth) => ({ name: `rush-${nth}`, from: `192.0.2.${nth}` }))
    // Two have begun and four wait.
    const answers = await rush(people, 6, async () => {
      assert.equal((await slice.call('GET', '/who', { as: reader })).body.email, 'reader@example.test')
      assert.deepEqual(await signIn('reader@example.test', 'guess'), {
        status: 429,
        code: 'rate_limited',
        retryAfter: '5',
      })
    })
    assert.deepEqual(tally(answers), { 200: 6, 429: 6 })
    for (const { statusCode, headers } of answers.values()) {
      assert.equal(headers['retry-after'], statusCode === 429 ? '5' : undefined)
    }
    const made = await slice.deps.db.many<{ name: string }>(
      'test.made',
      sql`select split_part(email, '@', 1) as name from users where email like 'rush-%' order by 1`,
    )
    assert.deepEqual(
      made.map(({ name }) => name),
      [...answers]
        .filter(([, { statusCode }]) => statusCode === 200)
        .map(([name]) => name)
        .sort(),
    )
    // It was no outage, which would call somebody.
    assert.deepEqual([...(await slice.deps.ports.metrics.counted('hundi_outages_total', 'where'))], [])
  })

  test('one address cannot take the places of others', async () => {
    const greedy = Array.from({ length: 8 }, (_, nth) => ({ name: `greedy-${nth}`, from: HERE }))
    // Two of it have begun and three wait; there is room for one more, and it is not its.
    const other = Promise.withResolvers<number>()
    const answers = await rush(greedy, 3, async () => {
      void signUp('other', '203.0.113.9').then(({ statusCode }) => other.resolve(statusCode), other.reject)
    })
    assert.deepEqual(tally(answers), { 200: 5, 429: 3 })
    assert.equal(await other.promise, 200)
  })

  test('whatever hashes waits in the same line', async () => {
    const admin = await slice.signedIn({ role: 'admin' })
    const someone = await slice.signedIn({ role: 'customer' })
    const people = Array.from({ length: 7 }, (_, nth) => ({ name: `line-${nth}`, from: `192.0.2.${nth}` }))
    await rush(people, 1, async () => {
      const set = await slice.call('POST', '/api/auth/admin/set-user-password', {
        body: { userId: someone.id, newPassword: PASSWORD },
        as: admin,
      })
      const changed = await slice.call('POST', '/api/auth/change-password', {
        body: { currentPassword: PASSWORD, newPassword: 'another long password' },
        as: someone,
      })
      assert.deepEqual([set.status, changed.status, (await signIn(OWNER, PASSWORD)).status], [429, 429, 429])
    })
    assert.equal((await slice.call('GET', '/who', { as: someone })).body.userId, someone.id)
  })
})
