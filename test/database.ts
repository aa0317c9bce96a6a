/**
 * Databases for tests: each is a fresh clone of a template, to which all migrations were applied and, where a test asks
 * for it, something was written. So a test file starts from the real schema in some 50 ms and shares nothing with any
 * other.
 *
 * The server is that of TEST_DATABASE_URL, which `npm test` sets; a test file run by itself starts one of its own.
 */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { migrate } from '../server/platform/migrate.ts'
import { startTestServer } from './postgres-server.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
/** An arbitrary number that means "builds a template" to every test process on the server. */
const TEMPLATE_LOCK = 7_361_902
const CLONE_ATTEMPTS = 20

export type TestDatabase = {
  url: string
  /** Removes the database, ending whatever sessions are left on it. May be called again. */
  drop(): Promise<void>
}

/** What a database is cloned from. */
export interface Template {
  name: string
  /** The template that it begins as; an empty database when not given. */
  from?: Template
  /** Folders and files, from the project's root, of which it is made: when they change, it is made anew. */
  madeOf: readonly string[]
  /** Puts into the new database what its clones shall have, and leaves no connection open. */
  fill(url: string): Promise<unknown>
}

/** The current schema, and nothing in it. */
export const EMPTY: Template = { name: 'empty', madeOf: ['migrations'], fill: migrate }

let server: Promise<string> | undefined
const built = new Map<Template, Promise<string>>()

/** Gives a database for this caller alone, with the current schema. Drop it when done. */
export async function createTestDatabase(template: Template = EMPTY): Promise<TestDatabase> {
  const serverUrl = await testServerUrl()
  const source = await templateOn(serverUrl, template)
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

function templateOn(serverUrl: string, template: Template): Promise<string> {
  const known = built.get(template) ?? buildTemplate(serverUrl, template)
  built.set(template, known)
  return known
}

/**
 * Makes the template once per state of what it is made of. It takes connections only while it is being made, so one that
 * still does was left by a killed process and is made again.
 */
async function buildTemplate(serverUrl: string, { name, from, madeOf, fill }: Template): Promise<string> {
  const source = from === undefined ? undefined : await templateOn(serverUrl, from)
  const full = `hundi_template_${name}_${digestOf(source ?? '', madeOf)}`
  await onServer(serverUrl, async (client) => {
    await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK])
    const { rows } = await client.query('select datallowconn from pg_database where datname = $1', [full])
    if (rows[0]?.datallowconn === false) return
    await client.query(`drop database if exists ${full} with (force)`)
    if (source === undefined) await client.query(`create database ${full}`)
    else await clone(client, source, full)
    await fill(withDatabase(serverUrl, full))
    await client.query(`alter database ${full} allow_connections false`)
  })
  return full
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

function digestOf(source: string, paths: readonly string[]): string {
  const digest = createHash('sha256').update(source)
  for (const file of paths.flatMap(filesOf).sort()) digest.update(file).update(readFileSync(join(ROOT, file)))
  return digest.digest('hex').slice(0, 16)
}

function filesOf(path: string): string[] {
  if (!statSync(join(ROOT, path)).isDirectory()) return [path]
  const inside = readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
  return inside.filter((entry) => entry.isFile()).map((entry) => relative(ROOT, join(entry.parentPath, entry.name)))
}
