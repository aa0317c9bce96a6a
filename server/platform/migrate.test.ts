/** On a real PostgreSQL: migrations beside others that migrate, and beside others that hold what a migration needs. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { createTestDatabase, type TestDatabase } from '../../test/database.ts'
import { migrate } from './migrate.ts'

let database: TestDatabase
let client: pg.Client
let folder: string

before(async () => {
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
beforeEach(async () => {
  await client.query('drop table if exists schema_migrations, first, second')
  folder = mkdtempSync(join(tmpdir(), 'hundi-migrations-'))
})
afterEach(() => rmSync(folder, { recursive: true }))
after(async () => {
  await client.end()
  await database.drop()
})

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text)
}

const run = (options: { lockTimeoutMs?: number; tries?: number } = {}) =>
  migrate(database.url, { directory: pathToFileURL(`${folder}/`), ...options })

async function tables(): Promise<string[]> {
  const { rows } = await client.query(
    "select table_name from information_schema.tables where table_name in ('first', 'second') order by 1",
  )
  return rows.map((row) => row.table_name)
}

/** Holds a table as a long query does, until `release` is called. */
async function hold(table: string): Promise<{ release(): Promise<void> }> {
  const reader = new pg.Client({ connectionString: database.url })
  await reader.connect()
  await reader.query(`begin; select * from ${table}`)
  return { release: () => reader.end() }
}

async function indexes(): Promise<{ name: string; valid: boolean }[]> {
  const { rows } = await client.query(
    `select indexrelid::regclass::text as name, indisvalid as valid from pg_index
     where indrelid = to_regclass('first') order by 1`,
  )
  return rows
}

/** A session that has done this and goes on. */
async function held(statement: string): Promise<pg.Client> {
  const session = new pg.Client({ connectionString: database.url })
  await session.connect()
  await session.query(`begin; ${statement}`)
  return session
}

/** Resolves when an index of this name is there, made or half made. */
async function waitingFor(index: string): Promise<void> {
  while (!(await indexes()).some(({ name }) => name === index)) await new Promise((resolve) => setTimeout(resolve, 5))
}

test('applies what is new, in the order of names, once', async () => {
  write('0002_second.sql', 'create table second (like first)')
  write('0001_first.sql', 'create table first (id int)')
  assert.deepEqual(await run(), { applied: ['0001_first.sql', '0002_second.sql'] })
  write('0003_more.sql', 'alter table second add column more int')
  assert.deepEqual(await run(), { applied: ['0003_more.sql'] })
  assert.deepEqual(await run(), { applied: [] })
})

test('three that start together apply everything once', async () => {
  write('0001_first.sql', 'create table first (id int)')
  write('0002_second.sql', 'create table second (id int)')
  const results = await Promise.all([run(), run(), run()])
  assert.deepEqual(results.map(({ applied }) => applied.length).sort(), [0, 0, 2])
})

test('a migration that fails leaves nothing of itself, and what came before stays', async () => {
  write('0001_first.sql', 'create table first (id int)')
  write('0002_second.sql', 'create table second (id int); select no_such_column from first')
  await assert.rejects(run(), /migration 0002_second.sql failed: column "no_such_column" does not exist/)
  assert.deepEqual(await tables(), ['first'])
  write('0002_second.sql', 'create table second (id int)')
  assert.deepEqual(await run(), { applied: ['0002_second.sql'] })
})

/** Statements under which the version that still runs would break, or a large table would be written anew. */
const TAKES_AWAY =
  /\b(drop\s+(table|column|schema|view)|rename\s+(to|column)|alter\s+(column\s+)?\w+\s+(set\s+data\s+)?type|truncate)\b/i

test('S6 our own migrations only add: an old version goes on beside a new one', () => {
  const migrations = new URL('../../migrations/', import.meta.url)
  const names = readdirSync(migrations).filter((name) => name.endsWith('.sql'))
  assert.ok(names.length >= 7)
  const taking = names.filter((name) => {
    const text = readFileSync(new URL(name, migrations), 'utf8').replaceAll(/--.*$/gm, '')
    return TAKES_AWAY.test(text)
  })
  assert.deepEqual(taking, [])
  assert.ok(
    TAKES_AWAY.test('alter table orders drop column total') && TAKES_AWAY.test('alter table a alter b type int'),
  )
})

test('S6 an old version starts beside a new one, on a schema that is ahead of it', async () => {
  write('0001_first.sql', 'create table first (id int)')
  write('0002_second.sql', 'create table second (id int)')
  await run()
  rmSync(join(folder, '0002_second.sql'))
  assert.deepEqual(await run(), { applied: [] })
  assert.deepEqual(await tables(), ['first', 'second'])
})

test('S6 one that was changed after it had been applied stops the start', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await run()
  write('0001_first.sql', 'create table first (id bigint)')
  await assert.rejects(run(), /migration 0001_first.sql was changed after it had been applied/)
})

test('D15 it waits for a long query and steps aside in between, so that those behind it are served', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await run()
  write('0002_more.sql', 'alter table first add column more int')
  const held = await hold('first')
  const migrating = run({ lockTimeoutMs: 150, tries: 1_000 })
  // Whoever reads the table now waits behind the migration, and is served while the long query still goes on.
  for (let read = 0; read < 4; read += 1) {
    await sleep(100)
    await client.query('select * from first')
  }
  await held.release()
  assert.deepEqual(await migrating, { applied: ['0002_more.sql'] })
})

test('D15 an index is made concurrently: whoever writes meanwhile does not wait', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await run()
  write('0002_more.sql', '-- concurrently: to be found\ncreate index concurrently first_id on first (id);')
  // One who has written and not yet committed: the index waits for him, and nobody waits for the index.
  const writer = await held('insert into first values (1)')
  const migrating = run()
  await waitingFor('first_id')
  await client.query(`set lock_timeout = '1s'`)
  await client.query('insert into first values (2)')
  await writer.query('commit')
  assert.deepEqual(await migrating, { applied: ['0002_more.sql'] })
  assert.deepEqual(await indexes(), [{ name: 'first_id', valid: true }])
  await writer.end()
})

test('D15 what a killed process has left half made of an index is made anew, and what is there stays', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await run()
  write(
    '0002_more.sql',
    `-- concurrently: to be found
create index concurrently first_done on first (id);
create unique index concurrently first_id on first (id);
drop index concurrently if exists first_old;`,
  )
  await client.query('create index first_done on first (id); create index first_old on first (id)')
  await client.query('insert into first values (1), (1)')
  await assert.rejects(client.query('create unique index concurrently first_id on first (id)'), { code: '23505' })
  const { oid } = (await client.query(`select 'first_done'::regclass::oid as oid`)).rows[0]
  assert.deepEqual(await indexes(), [
    { name: 'first_done', valid: true },
    { name: 'first_id', valid: false },
    { name: 'first_old', valid: true },
  ])
  await assert.rejects(run(), /migration 0002_more.sql failed: could not create unique index "first_id"/)
  await client.query('delete from first')
  assert.deepEqual(await run(), { applied: ['0002_more.sql'] })
  assert.deepEqual(await indexes(), [
    { name: 'first_done', valid: true },
    { name: 'first_id', valid: true },
  ])
  assert.equal((await client.query(`select 'first_done'::regclass::oid as oid`)).rows[0].oid, oid)
  assert.deepEqual(await run(), { applied: [] })
})

test('D15 three that start together make an index concurrently once', async () => {
  write('0001_first.sql', 'create table first (id int)')
  write('0002_more.sql', '-- concurrently: to be found\ncreate index concurrently first_id on first (id);')
  const results = await Promise.all([run(), run(), run()])
  assert.deepEqual(results.map(({ applied }) => applied.length).sort(), [0, 0, 2])
  assert.deepEqual(await indexes(), [{ name: 'first_id', valid: true }])
})

test('D15 nothing but indexes is made concurrently', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await run()
  for (const statement of ['create index first_id on first (id)', 'alter table first add column more int']) {
    write(
      '0002_more.sql',
      `-- concurrently: to be found\ncreate index concurrently first_ok on first (id); ${statement};`,
    )
    await assert.rejects(run(), /migration 0002_more.sql failed: only indexes are made and dropped concurrently/)
    assert.deepEqual(await indexes(), [])
  }
})

test('D15 it gives up when the table is never free: nothing of it is left, and the next start goes on', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await run()
  write('0002_both.sql', 'create table second (id int); alter table first add column more int')
  const held = await hold('first')
  await assert.rejects(
    run({ lockTimeoutMs: 50, tries: 2 }),
    /migration 0002_both.sql failed: canceling statement due to lock timeout/,
  )
  assert.deepEqual(await tables(), ['first'])
  await held.release()
  assert.deepEqual(await run(), { applied: ['0002_both.sql'] })
})

test('D15 it does not wait for ever for another that migrates', async () => {
  write('0001_first.sql', 'create table first (id int)')
  await client.query('select pg_advisory_lock(4712026)')
  await assert.rejects(run({ lockTimeoutMs: 50, tries: 2 }), /another process is migrating this database/)
  await client.query('select pg_advisory_unlock(4712026)')
  assert.deepEqual(await run(), { applied: ['0001_first.sql'] })
})
