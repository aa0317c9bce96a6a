import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import pg from 'pg'
import { createTestDatabase, EMPTY, type Template } from './database.ts'

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

const TABLES = `select count(*)::int as tables from pg_tables where schemaname = 'public'`

test('clones have the migrated schema and share nothing', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
  const applied = await query(one.url, 'select name from schema_migrations order by name limit 1')
  assert.deepEqual(applied, [{ name: '0001_accounts.sql' }])
  const before = await query(two.url, TABLES)
  await query(one.url, 'create table only_here ()')
  assert.deepEqual(await query(two.url, TABLES), before)
  await one.drop()
  await two.drop()
})

test('drop ends open sessions and may be repeated', async () => {
  const database = await createTestDatabase()
  const open = new pg.Client({ connectionString: database.url })
  await open.connect()
  // It reports both the server's message and the closed connection.
  open.on('error', () => {})
  const ended = new Promise((resolve) => open.once('end', () => resolve(true)))
  await database.drop()
  assert.equal(await ended, true)
  await database.drop()
  await assert.rejects(query(database.url, 'select 1'), { code: '3D000' })
})

test('many clones may be made at once', async () => {
  const databases = await Promise.all(Array.from({ length: 12 }, createTestDatabase))
  assert.equal(new Set(databases.map(({ url }) => url)).size, 12)
  await Promise.all(databases.map((database) => database.drop()))
})

test('a template is filled once, and one whose filling failed is made anew', async () => {
  let fillings = 0
  const template = (): Template => ({
    name: 'with_mark',
    from: EMPTY,
    madeOf: ['test/database.test.ts'],
    async fill(url) {
      fillings += 1
      await query(url, 'create table mark ()')
      if (fillings === 1) throw new Error('the first filling fails')
    },
  })
  await assert.rejects(createTestDatabase(template()), /the first filling fails/)
  const databases = await Promise.all([template(), template()].map((each) => createTestDatabase(each)))
  for (const { url, drop } of databases) {
    assert.deepEqual(await query(url, 'select count(*)::int as marks from mark'), [{ marks: 0 }])
    await drop()
  }
  assert.equal(fillings, 2)
})

test('a process without a given server has its own, which ends with it', async () => {
  const code = `import { createTestDatabase } from ${JSON.stringify(import.meta.resolve('./database.ts'))}
    console.log((await createTestDatabase()).url)`
  const { TEST_DATABASE_URL: _given, ...env } = process.env
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const url = (await text(child.stdout)).trim()
  assert.notEqual(url, '')
  await assert.rejects(query(url, 'select 1'), { code: 'ECONNREFUSED' })
})
