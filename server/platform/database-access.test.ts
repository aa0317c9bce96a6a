/** Databases that cannot be used: each is told in one line that names the variable, and shows no secret. */
import assert from 'node:assert/strict'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { after, before, describe, test } from 'node:test'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { openTransactionPool } from '../../test/transaction-pool.ts'
import { asStartError, checkDatabaseAccess, type AccessOptions } from './database-access.ts'
import { openDatabase, sql } from './database.ts'
import { migrate } from './migrate.ts'
import { systemPorts } from './ports.ts'
import { StartError } from './start-error.ts'

let database: TestDatabase
let password: string
let where: string

before(async () => {
  database = await createTestDatabase()
  const url = new URL(database.url)
  password = url.password
  where = url.host
})
after(() => database.drop())

function changed(change: (url: URL) => void): string {
  const url = new URL(database.url)
  change(url)
  return url.href
}

async function refusal(url: string, options: AccessOptions = {}): Promise<string> {
  const error = await checkDatabaseAccess(url, options).then(
    () => assert.fail('it was taken'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof StartError, String(error))
  assert.doesNotMatch(error.message, /\n/)
  assert.ok(!error.message.includes(password), error.message)
  return error.message
}

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(statement)
  await client.end()
}

/** Another database of the same server, made by `statement`. */
async function withDatabase<T>(name: string, how: string, work: (url: string) => Promise<T>): Promise<T> {
  await run(database.url, `create database ${name} ${how}`)
  try {
    return await work(changed((url) => (url.pathname = `/${name}`)))
  } finally {
    await run(database.url, `drop database ${name} with (force)`)
  }
}

async function listening<T>(server: Server, work: (url: string, host: string) => Promise<T>): Promise<T> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    return await work(
      changed((url) => (url.host = host)),
      host,
    )
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

describe('FX20 a database that cannot be used', () => {
  test('is none when it can, and nothing is left behind', async () => {
    await checkDatabaseAccess(database.url)
    const db = openDatabase({ url: database.url, max: 1 }, systemPorts())
    const left = sql`select pid from pg_stat_activity where application_name = 'hundi start' and datname = current_database()`
    // A session that was told to end takes a moment to.
    while ((await db.many('test.sessions', left)).length > 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await db.close()
  })

  test('because nobody listens', async () => {
    const gone = await listening(createServer(), async (_url, host) => host)
    const line = await refusal(changed((url) => (url.host = gone)))
    assert.equal(line, `DATABASE_URL leads to ${gone}, where nobody listens: is PostgreSQL running?`)
  })

  test('because there is no such host', async () => {
    const line = await refusal(changed((url) => (url.hostname = 'no-such-host.invalid')))
    assert.match(line, /^DATABASE_URL leads to no-such-host\.invalid:\d+, and no such host is known here$/)
  })

  test('because there is no such socket', async () => {
    const line = await refusal('postgres://hundi:x@/hundi?host=/nowhere')
    assert.equal(line, 'DATABASE_URL leads to the socket in /nowhere, which cannot be opened: is PostgreSQL running?')
  })

  test('because nothing is said', async () => {
    const silent = createServer((socket) => socket.on('error', () => {}).resume())
    await listening(silent, async (url, host) => {
      const line = await refusal(url, { connectMs: 1_000 })
      assert.equal(line, `DATABASE_URL leads to ${host}, where nothing answers as PostgreSQL does within 1 s`)
    })
  })

  test('because something else answers', async () => {
    const web = createHttpServer((_request, response) => response.end('hello'))
    await listening(web, async (url, host) => {
      const line = await refusal(url)
      assert.equal(line, `DATABASE_URL leads to ${host}, where something else than PostgreSQL answers`)
    })
  })

  test('because the password is wrong, which is not shown', async () => {
    const line = await refusal(changed((url) => (url.password = 'hunter2')))
    assert.equal(line, `DATABASE_URL has a password that ${where} does not accept for the user "hundi"`)
  })

  test('because there is no password', async () => {
    const line = await refusal(changed((url) => (url.password = '')))
    assert.equal(line, `DATABASE_URL has no password, and ${where} asks for one`)
  })

  test('because the user may not connect', async () => {
    const line = await refusal(changed((url) => (url.username = 'somebody')))
    assert.ok(line.startsWith(`DATABASE_URL leads to ${where}, which does not let the user "somebody" in: `), line)
  })

  test('because it is not there', async () => {
    const line = await refusal(changed((url) => (url.pathname = '/nothing_here')))
    assert.equal(line, `DATABASE_URL names the database "nothing_here", which ${where} does not have: make it first`)
  })

  test('because it speaks no TLS', async () => {
    const line = await refusal(changed((url) => url.searchParams.set('sslmode', 'verify-full')))
    assert.equal(line, `DATABASE_URL asks for TLS, which ${where} does not speak: remove sslmode`)
  })

  test("because its CA's file is not there", async () => {
    const line = await refusal(changed((url) => (url.search = 'sslmode=verify-full&sslrootcert=/nowhere/ca.pem')))
    assert.match(line, /^DATABASE_URL names a file that cannot be read: ENOENT: .*\/nowhere\/ca\.pem'$/)
  })

  test('because its certificate is not to be trusted', () => {
    const thrown = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const error = asStartError(thrown, database.url) as Error
    assert.equal(
      error.message,
      `DATABASE_URL leads to ${where}, whose certificate cannot be verified (DEPTH_ZERO_SELF_SIGNED_CERT): ` +
        'name its CA with sslrootcert=FILE',
    )
  })

  test('because the server is too old', async () => {
    const line = await refusal(database.url, { leastVersion: 990_000 })
    assert.match(line, /^DATABASE_URL leads to PostgreSQL \d+\.\d+\S*, which is too old: 99 or newer is needed$/)
  })

  test('because it is in another encoding', async () => {
    const how = `encoding 'LATIN1' locale_provider libc locale 'C' template template0`
    await withDatabase('access_latin', how, async (url) => {
      const line = await refusal(url)
      assert.equal(
        line,
        `DATABASE_URL leads to the database "access_latin", which is in LATIN1: make one with encoding 'UTF8'`,
      )
    })
  })

  test('because it only reads; who only asks is served', async () => {
    await withDatabase('access_standby', 'template template0', async (url) => {
      await run(url, 'alter database access_standby set default_transaction_read_only = on')
      const line = await refusal(url)
      assert.equal(line, 'DATABASE_URL leads to a server that only reads, as a standby does: name the one that writes')
      await checkDatabaseAccess(url, { onlyReads: true })
    })
  })

  test('because nothing may be made in it', async () => {
    await withDatabase('access_locked', 'template template0', async (url) => {
      await run(url, 'revoke create on schema public from pg_database_owner')
      const line = await refusal(url)
      assert.equal(
        line,
        'DATABASE_URL leads to the database "access_locked", in which the user "hundi" may not make tables: ' +
          'grant create on schema public to "hundi"',
      )
    })
  })

  test('because its sessions have no schema', async () => {
    await withDatabase('access_lost', 'template template0', async (url) => {
      await run(url, 'alter database access_lost set search_path = nowhere')
      assert.equal(
        await refusal(url),
        'DATABASE_URL leads to the database "access_lost", which has no schema on its search_path',
      )
    })
  })

  test('a defect of ours is none of these', () => {
    const defect = new TypeError('x is not a function')
    assert.equal(asStartError(defect, database.url), defect)
  })
})

describe('FX19 a connection pool', () => {
  test('in transaction mode is refused in one line that says which address is wanted', async () => {
    const pool = await openTransactionPool(database.url)
    const line = await refusal(pool.url)
    await pool.close()
    assert.equal(
      line,
      'DATABASE_URL leads to a connection pool in transaction mode, where sessions, their time-outs and their locks are ' +
        "shared: use the database's own address, or a pool in session mode (docs/operations.md, Connection pools)",
    )
  })

  test('is not asked for anything that it would refuse: sessions get their settings once they are open', async () => {
    const pool = await openTransactionPool(database.url)
    await migrate(pool.url)
    const db = openDatabase({ url: pool.url, max: 1, readOnly: true }, systemPorts())
    const settings = await db.one(
      'test.settings',
      sql`select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
            current_setting('idle_in_transaction_session_timeout') as idle, current_setting('plan_cache_mode') as plans,
            current_setting('jit') as jit, current_setting('random_page_cost') as page_cost,
            current_setting('transaction_read_only') as only_reads`,
    )
    await db.close()
    await pool.close()
    assert.deepEqual(settings, {
      statement: '5s',
      lock: '3s',
      idle: '10s',
      plans: 'force_generic_plan',
      jit: 'off',
      page_cost: '1.1',
      only_reads: 'on',
    })
  })

  test("an address with options of its own takes nothing of a session's limits away", async () => {
    const db = openDatabase(
      {
        url: changed((url) => url.searchParams.set('options', '-c search_path=public -c statement_timeout=0')),
        max: 1,
      },
      systemPorts(),
    )
    const { limit } = await db.one<{ limit: string }>(
      'test.limit',
      sql`select current_setting('statement_timeout') as limit`,
    )
    await db.close()
    assert.equal(limit, '5s')
  })
})
