import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import pg from 'pg'
import { startTestServer } from './postgres-server.ts'

const DURABILITY = `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit`

async function query(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}

test('a server for tests flushes nothing, one for measurements everything', async () => {
  const fast = await startTestServer()
  assert.deepEqual(await query(fast.url, DURABILITY), [{ fsync: 'off', commit: 'off' }])
  await fast.stop()
  const durable = await startTestServer({ durable: true })
  assert.deepEqual(await query(durable.url, DURABILITY), [{ fsync: 'on', commit: 'on' }])
  await durable.stop()
  await assert.rejects(query(durable.url, 'select 1'), { code: 'ECONNREFUSED' })
})

test('what a killed process left is cleared away by the next', async () => {
  const code = `import { startTestServer } from ${JSON.stringify(import.meta.resolve('./postgres-server.ts'))}
    console.log((await startTestServer()).url)
    setInterval(() => {}, 1000)`
  const killed = spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(killed.stdout, 'data')) as [Buffer]
  const url = line.toString().trim()
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  assert.deepEqual(await query(url, 'select 1 as one'), [{ one: 1 }])
  const next = await startTestServer()
  await assert.rejects(query(url, 'select 1'), { code: 'ECONNREFUSED' })
  await next.stop()
})
