/**
 * Databases for tests: each is a fresh clone of a template to which all migrations were applied, so that a test file
 * starts from the real schema in some 50 ms and shares nothing with any other.
 *
 * The server is that of TEST_DATABASE_URL, which `npm test` sets; a test file run by itself starts one of its own.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { migrate } from '../server/platform/migrate.ts'
import { startTestServer } from './postgres-server.ts'

const MIGRATIONS = new URL('../migrations/', import.meta.url)
/** An arbitrary number that means "builds a template" to every test process on the server. */
const TEMPLATE_LOCK = 7_361_902
const CLONE_ATTEMPTS = 20

export type TestDatabase = {
  url: string
  /** Removes the database, ending whatever sessions are left on it. May be called again. */
  drop(): Promise<void>
}

let server: Promise<string> | undefined
let template: Promise<string> | undefined

/** Gives an empty database with the current schema, for this caller alone. Drop it when done. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = await testServerUrl()
  template ??= buildTemplate(serverUrl)
  const source = await template
  const name = `hundi_test_${process.pid}_${randomBytes(6).toString('hex')}`
  await onServer(serverUrl, (client) => clone(client, source, name))
  return {
    url: withDatabase(serverUrl, name),
    drop: () =>
      onServer(serverUrl, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`)
      }),
  }
}

/** Gives the address of a server on which the caller may create databases, starting one when none was given. */
export function testServerUrl(): Promise<string> {
  const given = process.env['TEST_DATABASE_URL']
  server ??= given ? Promise.resolve(given) : startTestServer().then(({ url }) => url)
  return server
}

/**
 * Makes the template once per state of the migrations. It takes connections only while it is being made, so one that
 * still does was left by a killed process and is made again.
 */
function buildTemplate(serverUrl: string): Promise<string> {
  const name = `hundi_template_${digestOfMigrations()}`
  return onServer(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const { rows } = await client.query('select datallowconn from pg_database where datname = $1', [name])
    if (rows[0]?.datallowconn === false) return name
    await client.query(`drop database if exists ${name} with (force)`)
    await client.query(`create database ${name}`)
    await migrate(withDatabase(serverUrl, name))
    await client.query(`alter database ${name} allow_connections false`)
    return name
  })
}

/** A clone is refused while anybody is connected to its source, be it the server's own vacuum: then a little later. */
async function clone(client: pg.Client, source: string, name: string): Promise<void> {
  const OBJECT_IN_USE = '55006'
  for (let attempt = 1; ; attempt++) {
    try {
      // Copying files needs two checkpoints, which cost nothing where nothing is flushed, as on our own server.
      await client.query(`create database ${name} template ${source} strategy ${await strategy(client)}`)
      return
    } catch (error) {
      const busy = error instanceof pg.DatabaseError && error.code === OBJECT_IN_USE
      if (!busy || attempt >= CLONE_ATTEMPTS) throw error
      await sleep(50)
    }
  }
}

async function strategy(client: pg.Client): Promise<'file_copy' | 'wal_log'> {
  const { rows } = await client.query('show fsync')
  return rows[0]?.fsync === 'off' ? 'file_copy' : 'wal_log'
}

async function onServer<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url)
  changed.pathname = `/${name}`
  return changed.href
}

function digestOfMigrations(): string {
  const digest = createHash('sha256')
  for (const name of readdirSync(MIGRATIONS).sort()) digest.update(name).update(readFileSync(new URL(name, MIGRATIONS)))
  return digest.digest('hex').slice(0, 16)
}
