/** The command that asks the books, as a process of its own, as an operator runs it. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, describe, test } from 'node:test'
import { openDatabase, sql, type Database } from '../server/platform/database.ts'
import { startEmbeddedPostgres } from '../server/platform/embedded-postgres.ts'
import { migrate } from '../server/platform/migrate.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { PATIENCE_MS } from './until.ts'

const CHECK = fileURLToPath(new URL('../server/check.ts', import.meta.url))

interface Ended {
  code: number | null
  out: string
  err: string
}

function check(env: Record<string, string>, ...options: string[]): Promise<Ended> {
  const child = spawn(process.execPath, [CHECK, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
    timeout: PATIENCE_MS,
  })
  const ended: Ended = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (ended.err += chunk.toString('utf8')))
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })))
}

let database: TestDatabase
let db: Database

before(async () => {
  database = await createTestDatabase()
  db = openDatabase({ url: database.url, max: 2, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
})
after(async () => {
  await db.close()
  await database.drop()
})

test('books that are right: exit code 0, twelve rules by name', async () => {
  const { code, out, err } = await check({ DATABASE_URL: database.url })
  assert.deepEqual({ code, err }, { code: 0, err: '' })
  const lines = out.trim().split('\n')
  assert.deepEqual(
    lines.slice(0, 12).map((line) => [line.slice(0, 4).trim(), line.split(/\s+/).at(-1)]),
    Array.from({ length: 12 }, (_, at) => [`I${at + 1}`, 'ok']),
  )
  assert.match(lines.at(-1) ?? '', /^The books are right: 12 rules hold/)
})

test('books that are wrong: exit code 1, and where; the same for programs', async () => {
  await db.alone.run(
    'plant',
    sql`insert into idempotency_keys (principal, endpoint, key, request_hash, status, locked_until, effect_id,
          response_status, response_body, created_at)
        values ('guest', 'POST /api/orders', 'key-of-nothing', 'h', 'done', now(), gen_random_uuid(), 201, '{}', now())`,
  )
  const told = await check({ DATABASE_URL: database.url })
  assert.equal(told.code, 1)
  assert.match(told.out, /^I9 .* 1 wrong$/m)
  assert.match(told.out, /^ +a request with a key made one order and has its answer when it is done: key-of-nothing$/m)
  assert.match(told.out, /The books are not right: 1 of 12 rules are broken/)

  const asJson = await check({ DATABASE_URL: database.url }, '--json')
  assert.equal(asJson.code, 1)
  const { ok, questions } = JSON.parse(asJson.out)
  assert.equal(ok, false)
  assert.deepEqual(
    questions
      .filter((question: { ok: boolean }) => !question.ok)
      .map(({ id, count }: { id: string; count: number }) => ({ id, count })),
    [{ id: 'I9', count: 1 }],
  )
  await db.alone.run('unplant', sql`delete from idempotency_keys`)
})

test('its session cannot write, and nothing is kept of it', async () => {
  const reading = openDatabase(
    { url: database.url, max: 1, readOnly: true, acquireTimeoutMs: PATIENCE_MS },
    systemPorts(),
  )
  await assert.rejects(reading.alone.run('write', sql`delete from orders`), { code: '25006' })
  await reading.close()
  await check({ DATABASE_URL: database.url })
  assert.deepEqual(await db.one('runs', sql`select count(*) as count from check_runs`), { count: 0 })
})

describe('what cannot be asked ends with code 2 and one line', () => {
  const cases: { name: string; env: () => Record<string, string>; options?: string[]; says: RegExp }[] = [
    {
      name: 'nobody listens',
      env: () => ({ DATABASE_URL: 'postgres://hundi@127.0.0.1:9/hundi' }),
      says: /check: DATABASE_URL leads to 127.0.0.1:9, where nobody listens/,
    },
    { name: 'no address', env: () => ({ DATABASE_URL: 'mysql://db' }), says: /DATABASE_URL must be an address/ },
    {
      name: 'no database in the folder',
      env: () => ({ HUNDI_DATA_DIR: join(tmpdir(), 'hundi-there-is-none') }),
      says: /there is no database in .*hundi-there-is-none/,
    },
    {
      name: 'an option that it has not',
      env: () => ({ DATABASE_URL: database.url }),
      options: ['--fix'],
      says: /usage: npm run check/,
    },
  ]
  for (const { name, env, options = [], says } of cases) {
    test(name, async () => {
      const { code, out, err } = await check(env(), ...options)
      assert.deepEqual({ code, out }, { code: 2, out: '' })
      assert.match(err, says)
      assert.equal(err.trim().split('\n').length, 1)
    })
  }

  test('tables of another version', async () => {
    const other = await createTestDatabase()
    const inside = openDatabase({ url: other.url, max: 1, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
    await inside.alone.run('drop', sql`drop table timetable`)
    await inside.close()
    const { code, err } = await check({ DATABASE_URL: other.url })
    await other.drop()
    assert.equal(code, 2)
    assert.match(err, /the database has not this version's tables: start the server once/)
  })
})

test('the embedded database is asked while it runs, and started for the question when it does not', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'hundi-check-'))
  try {
    const server = await startEmbeddedPostgres({ dataDir })
    await migrate(server.url)
    const open = openDatabase({ url: server.url, max: 1, acquireTimeoutMs: PATIENCE_MS }, systemPorts())
    assert.equal((await check({ HUNDI_DATA_DIR: dataDir })).code, 0)
    // It was somebody else's and is still there.
    assert.deepEqual(await open.one('alive', sql`select 1 as one`), { one: 1 })
    await open.close()
    await server.stop()

    assert.equal((await check({ HUNDI_DATA_DIR: dataDir })).code, 0)
    const again = await startEmbeddedPostgres({ dataDir })
    assert.equal(again.adopted, false)
    await again.stop()
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
})
