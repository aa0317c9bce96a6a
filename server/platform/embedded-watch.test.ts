/** The embedded PostgreSQL is killed, for real; it comes back, or whoever keeps it is told. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { until } from '../../test/until.ts'
import { openDatabase, sql, type Database } from './database.ts'
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres.ts'
import { keepRunning } from './embedded-watch.ts'
import { systemPorts } from './ports.ts'
import { findPostmaster, stopPostmaster } from './postmaster.ts'

const FAST = { fsync: 'off', full_page_writes: 'off', shared_buffers: '16MB' }
const ports = systemPorts()

let dataDir: string
let server: EmbeddedPostgres
let db: Database
let said: string[]
let lost: PromiseWithResolvers<Error>

const log = {
  error: (first: unknown, second?: unknown) => void said.push(String(second ?? first)),
  warn: (first: unknown, second?: unknown) => void said.push(String(second ?? first)),
}

function watch() {
  return keepRunning(server, { log, ports, onLost: (error) => lost.resolve(error), everyMs: 20, restMs: 5 })
}

function pidOf(): number {
  return findPostmaster(join(dataDir, 'postgres'))?.pid ?? 0
}

const answers = () =>
  db.one('test.answers', sql`select 1 as one`).then(
    () => true,
    () => false,
  )

describe('FX12 D9 the embedded PostgreSQL', () => {
  before(async () => {
    dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'hundi-watched-')))
    chmodSync(dataDir, 0o711)
    server = await startEmbeddedPostgres({ dataDir, settings: FAST })
    db = openDatabase({ url: server.url, max: 4 }, ports)
    await db.alone.run('test.setup', sql`create table kept (value int primary key)`)
  })
  after(async () => {
    await db.close()
    const entry = join(dataDir, 'postgres')
    const cluster = existsSync(entry) ? realpathSync(entry) : undefined
    if (cluster !== undefined) await stopPostmaster(cluster)
    if (cluster !== undefined && dirname(cluster) !== dataDir) rmSync(dirname(cluster), { recursive: true })
    rmSync(dataDir, { recursive: true })
  })
  beforeEach(() => {
    said = []
    lost = Promise.withResolvers()
  })

  test('is started again at its address with all that was committed, and pools find it by themselves', async () => {
    const watching = watch()
    for (const value of [1, 2]) {
      // A connection that died with the server before may still be in the pool: it is found out when it is used.
      const write = sql`insert into kept values (${value}) on conflict do nothing`
      await until('a write is taken', () =>
        db.alone.run('test.write', write).then(
          () => true,
          () => false,
        ),
      )
      const killed = pidOf()
      process.kill(killed, 'SIGKILL')
      await until('another server runs', () => pidOf() !== killed && pidOf() !== 0)
      await until('the pool finds it', answers)
      const { count } = await db.one<{ count: number }>('test.count', sql`select count(*) from kept`)
      assert.equal(count, value)
      // It answers a moment before whoever has started it knows; killed in between, it would be one end and not two.
      await until(
        'the watch has seen it run',
        () => said.filter((line) => line.endsWith('runs again')).length === value,
      )
    }
    await watching.stop()
    assert.deepEqual(said, [
      'the embedded PostgreSQL has ended and is started again',
      'the embedded PostgreSQL runs again',
      'the embedded PostgreSQL has ended and is started again',
      'the embedded PostgreSQL runs again',
    ])
  })

  test('is started by one of two processes that keep it', async () => {
    const second = await startEmbeddedPostgres({ dataDir, settings: FAST })
    assert.equal(second.adopted, true)
    const watchers = [
      watch(),
      keepRunning(second, { log, ports, onLost: (error) => lost.resolve(error), everyMs: 20, restMs: 5 }),
    ]
    process.kill(pidOf(), 'SIGKILL')
    await until('both have seen to it', () => said.filter((line) => line.endsWith('runs again')).length >= 1)
    await until('the pool finds it', answers)
    for (const each of watchers) await each.stop()
    assert.ok(server.isRunning() && second.isRunning())
  })

  test('is left alone once it is not watched any more', async () => {
    await watch().stop()
    await server.stop()
    await new Promise((resolve) => setTimeout(resolve, 100))
    assert.equal(pidOf(), 0)
    assert.deepEqual(said, [])
    await server.restart()
    await until('the pool finds it', answers)
  })

  test('that cannot be started again is given up after six tries, and told once', async () => {
    const port = Number(new URL(server.url).port)
    await server.stop()
    const occupant = createServer()
    await new Promise<void>((resolve) => occupant.listen(port, '127.0.0.1', resolve))
    const watching = watch()
    const error = await lost.promise
    await watching.stop()
    await new Promise((resolve) => occupant.close(resolve))
    assert.equal(error.message, 'the embedded PostgreSQL cannot be started again')
    assert.match((error.cause as Error).message, /could not bind/)
    assert.deepEqual(said, [
      'the embedded PostgreSQL has ended and is started again',
      ...Array.from({ length: 5 }, () => 'the embedded PostgreSQL could not be started again'),
    ])
    await server.restart()
  })

  test('that ends again and again is given up', async () => {
    const watching = watch()
    for (let ends = 0; ends < 6; ends += 1) {
      await until('it runs again', () => said.filter((line) => line.endsWith('runs again')).length === ends)
      process.kill(pidOf(), 'SIGKILL')
    }
    const error = await lost.promise
    await watching.stop()
    assert.match(error.message, /^the embedded PostgreSQL ended 6 times: look at postgres\.log/)
    assert.equal(pidOf(), 0)
  })
})
