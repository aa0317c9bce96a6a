import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { startEmbeddedPostgres } from './embedded-postgres.ts'
import { asAccount, databaseAccount } from './postgres-binaries.ts'
import { sharedMemoryType } from './postgres-cluster.ts'
import { findPostmaster, stopPostmaster } from './postmaster.ts'

const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', shared_buffers: '16MB' }
const isRoot = process.getuid?.() === 0
const folders: string[] = []

after(async () => {
  for (const folder of folders) {
    const entry = join(folder, 'postgres')
    if (existsSync(entry)) {
      const cluster = realpathSync(entry)
      await stopPostmaster(cluster)
      if (dirname(cluster) !== folder) rmSync(dirname(cluster), { recursive: true })
    }
    rmSync(folder, { recursive: true })
  }
})

/** A data directory that every user can pass through, or with mode 0700 none but its owner. */
function newDataDir(mode = 0o711): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'hundi-embedded-')))
  chmodSync(folder, mode)
  folders.push(folder)
  return folder
}

function start(dataDir: string, log?: (line: string) => void) {
  return startEmbeddedPostgres({ dataDir, settings: FAST, ...(log && { log }) })
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

/** Starts the server from a process of its own, which goes on living; gives what its first line says. */
async function startInProcess(dataDir: string): Promise<{ child: ChildProcess; url: string; adopted: boolean }> {
  const child = spawnStarter(dataDir)
  const [line] = (await once(child.stdout!, 'data')) as [Buffer]
  return { child, ...(JSON.parse(line.toString()) as { url: string; adopted: boolean }) }
}

function spawnStarter(dataDir: string): ChildProcess {
  const code = `import { startEmbeddedPostgres } from ${JSON.stringify(import.meta.resolve('./embedded-postgres.ts'))}
    const options = ${JSON.stringify({ dataDir, settings: FAST })}
    const { url, adopted } = await startEmbeddedPostgres(options)
    console.log(JSON.stringify({ url, adopted }))
    setInterval(() => {}, 1000)`
  return spawn(process.execPath, ['--input-type=module', '-e', code], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

test('a first start makes a database that its role owns and only its password opens', async () => {
  const dataDir = newDataDir()
  const server = await start(dataDir)
  assert.equal(server.adopted, false)
  assert.equal(readFileSync(join(dataDir, 'database-url'), 'utf8'), `${server.url}\n`)
  assert.equal(statSync(join(dataDir, 'database-url')).mode & 0o777, 0o600)
  const facts = `select current_user, rolsuper, rolcreatedb, current_database(),
      pg_encoding_to_char(encoding) as encoding, datcollate, current_setting('server_version_num')::int / 10000 as major
    from pg_roles, pg_database where rolname = current_user and datname = current_database()`
  assert.deepEqual(await query(server.url, facts), [
    {
      current_user: 'hundi',
      rolsuper: false,
      rolcreatedb: true,
      current_database: 'hundi',
      encoding: 'UTF8',
      datcollate: 'C',
      major: 18,
    },
  ])
  const wrong = new URL(server.url)
  wrong.password = 'wrong'
  await assert.rejects(query(wrong.href, 'select 1'), { code: '28P01' })
  wrong.username = 'postgres'
  await assert.rejects(query(wrong.href, 'select 1'), { code: '28000' })
  await server.stop()
})

test('commits are durable unless settings say otherwise', async () => {
  const server = await startEmbeddedPostgres({ dataDir: newDataDir(), settings: { shared_buffers: '16MB' } })
  const durability = `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
      current_setting('full_page_writes') as pages, current_setting('max_connections') as connections`
  assert.deepEqual(await query(server.url, durability), [
    { fsync: 'on', commit: 'on', pages: 'on', connections: '200' },
  ])
  await server.stop()
})

test('a second start keeps address and data, and stop may be called twice', async () => {
  const dataDir = newDataDir()
  const first = await start(dataDir)
  await query(first.url, 'create table kept as select 41 as value')
  await first.stop()
  await first.stop()
  await assert.rejects(query(first.url, 'select 1'), { code: 'ECONNREFUSED' })
  const second = await start(dataDir)
  assert.deepEqual({ url: second.url, adopted: second.adopted }, { url: first.url, adopted: false })
  assert.deepEqual(await query(second.url, 'select * from kept'), [{ value: 41 }])
  await second.stop()
})

test('a server whose parent was killed is adopted, and stopped by who adopted it', async () => {
  const dataDir = newDataDir()
  const parent = await startInProcess(dataDir)
  await query(parent.url, 'create table kept as select 42 as value')
  await kill(parent.child)
  const server = await start(dataDir)
  assert.deepEqual({ url: server.url, adopted: server.adopted }, { url: parent.url, adopted: true })
  assert.deepEqual(await query(server.url, 'select * from kept'), [{ value: 42 }])
  await server.stop()
  assert.equal(findPostmaster(join(dataDir, 'postgres')), undefined)
  await assert.rejects(query(server.url, 'select 1'), { code: 'ECONNREFUSED' })
})

test('D9 a server that was killed itself is started anew with its data, twice', async () => {
  const dataDir = newDataDir()
  let server = await start(dataDir)
  await query(server.url, 'create table kept (value int)')
  for (const value of [1, 2]) {
    await query(server.url, `set synchronous_commit = on; insert into kept values (${value})`)
    process.kill(findPostmaster(join(dataDir, 'postgres'))!.pid, 'SIGKILL')
    server = await start(dataDir)
    assert.equal(server.adopted, false)
    const { count } = (await query(server.url, 'select count(*)::int from kept'))[0]!
    assert.equal(count, value)
  }
  await server.stop()
})

test('a server that does not answer is replaced', async () => {
  const dataDir = newDataDir()
  const server = await start(dataDir)
  await query(server.url, 'create table kept as select 43 as value')
  const halted = findPostmaster(join(dataDir, 'postgres'))!.pid
  process.kill(halted, 'SIGSTOP')
  const lines: string[] = []
  const second = await start(dataDir, (line) => lines.push(line))
  assert.equal(second.adopted, false)
  assert.deepEqual(lines, [`the PostgreSQL server on ${dataDir}/postgres does not answer and is started anew`])
  assert.notEqual(findPostmaster(join(dataDir, 'postgres'))!.pid, halted)
  assert.deepEqual(await query(second.url, 'select * from kept'), [{ value: 43 }])
  await second.stop()
})

test("a stale postmaster.pid that names another living program of PostgreSQL's user is no obstacle", async () => {
  const dataDir = newDataDir()
  const first = await start(dataDir)
  const pidFile = join(dataDir, 'postgres', 'postmaster.pid')
  const [, ...rest] = readFileSync(pidFile, 'utf8').split('\n')
  await first.stop()
  const bystander = spawn('sleep', ['60'], { ...asAccount(databaseAccount()), stdio: 'ignore' })
  writeFileSync(pidFile, [bystander.pid, ...rest].join('\n'))
  const second = await start(dataDir)
  assert.deepEqual({ url: second.url, adopted: second.adopted }, { url: first.url, adopted: false })
  assert.equal(bystander.exitCode ?? bystander.signalCode, null, 'the other program was left alone')
  await kill(bystander)
  await second.stop()
})

test('a first start killed at any moment is done again, and leaves nothing behind', async () => {
  const dataDir = newDataDir()
  for (const afterMs of [60, 150, 250, 350, 450]) {
    const child = spawnStarter(dataDir)
    await sleep(afterMs)
    await kill(child)
  }
  const server = await start(dataDir)
  assert.deepEqual(await query(server.url, 'select 1 as one'), [{ one: 1 }])
  await server.stop()
})

test('an unfinished cluster is removed at the next first start', async () => {
  const dataDir = newDataDir()
  mkdirSync(join(dataDir, 'postgres.new-abcdef', 'base'), { recursive: true })
  writeFileSync(join(dataDir, 'postgres.new-abcdef', 'PG_VERSION'), '18\n')
  const server = await start(dataDir)
  assert.deepEqual(
    readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-')),
    [],
  )
  await server.stop()
})

test('what is not a database of ours is refused and left alone', async () => {
  const foreign = newDataDir()
  mkdirSync(join(foreign, 'postgres'))
  writeFileSync(join(foreign, 'postgres', 'precious'), 'data')
  if (isRoot) chmodSync(join(foreign, 'postgres'), 0o755)
  await assert.rejects(start(foreign), /belongs to root|is not a PostgreSQL database/)
  assert.equal(readFileSync(join(foreign, 'postgres', 'precious'), 'utf8'), 'data')

  const dangling = newDataDir()
  symlinkSync('/nonexistent/hundi', join(dangling, 'postgres'))
  await assert.rejects(start(dangling), /leads to a database that is no longer there/)
  assert.equal(lstatSync(join(dangling, 'postgres')).isSymbolicLink(), true)
  rmSync(join(dangling, 'postgres'))

  const older = newDataDir()
  const server = await start(older)
  await server.stop()
  writeFileSync(join(older, 'postgres', 'PG_VERSION'), '17\n')
  await assert.rejects(start(older), /was made by PostgreSQL 17, this is 18/)
})

test('of processes that start at once one starts the server and the others adopt it', async () => {
  const dataDir = newDataDir()
  const started = await Promise.all([1, 2, 3].map(() => startInProcess(dataDir)))
  assert.deepEqual(started.map(({ adopted }) => adopted).sort(), [false, true, true])
  assert.equal(new Set(started.map(({ url }) => url)).size, 1)
  for (const { child } of started) await kill(child)
})

test('a remembered port that another program took is given up, a wanted one is not', async () => {
  const dataDir = newDataDir()
  const first = await start(dataDir)
  await first.stop()
  const port = Number(new URL(first.url).port)
  const occupant = createServer().listen(port, '127.0.0.1')
  await once(occupant, 'listening')
  const lines: string[] = []
  const second = await start(dataDir, (line) => lines.push(line))
  const moved = Number(new URL(second.url).port)
  assert.notEqual(moved, port)
  assert.deepEqual(lines, [`port ${port} is taken by another program, so PostgreSQL listens on ${moved}`])
  assert.equal(readFileSync(join(dataDir, 'database-url'), 'utf8'), `${second.url}\n`)
  await second.stop()
  await assert.rejects(startEmbeddedPostgres({ dataDir, settings: FAST, port }), /did not start .*could not bind/)
  occupant.close()
})

test('a lost database-url is replaced by one with a new password, running or not', async () => {
  const dataDir = newDataDir()
  const first = await start(dataDir)
  await query(first.url, 'create table kept as select 44 as value')
  rmSync(join(dataDir, 'database-url'))
  const second = await start(dataDir)
  assert.notEqual(new URL(second.url).password, new URL(first.url).password)
  assert.deepEqual(await query(second.url, 'select * from kept'), [{ value: 44 }])
  await second.stop()
  writeFileSync(join(dataDir, 'database-url'), second.url.replace(new URL(second.url).password, 'wrong'))
  await assert.rejects(start(dataDir), /refuses the password in .*database-url: remove that file/)
  assert.equal(findPostmaster(join(dataDir, 'postgres')), undefined)
})

test("root's private data directory gets its database where PostgreSQL can reach it", { skip: !isRoot }, async () => {
  const dataDir = newDataDir(0o700)
  const lines: string[] = []
  const first = await start(dataDir, (line) => lines.push(line))
  const cluster = realpathSync(join(dataDir, 'postgres'))
  assert.match(cluster, /^\/var\/(lib|tmp)\/hundi\/.+\/postgres$/)
  const { name } = databaseAccount()!
  assert.deepEqual(lines, [`the user ${name} cannot enter ${dataDir}, so the database is kept in ${dirname(cluster)}`])
  assert.equal(basename(dirname(cluster)).startsWith(basename(tmpdir())), true)
  await query(first.url, 'create table kept as select 45 as value')
  await first.stop()
  const second = await start(dataDir, (line) => lines.push(line))
  assert.equal(lines.length, 1)
  assert.deepEqual(await query(second.url, 'select * from kept'), [{ value: 45 }])
  await second.stop()
})

test('POSIX shared memory is used only where there is enough of it', { skip: process.platform !== 'linux' }, () => {
  const mib = 1024 * 1024
  assert.equal(sharedMemoryType({ bytes: 1024 * mib, writable: true }), 'posix')
  assert.equal(sharedMemoryType({ bytes: 64 * mib, writable: true }), 'mmap')
  assert.equal(sharedMemoryType({ bytes: 1024 * mib, writable: false }), 'mmap')
  assert.equal(sharedMemoryType(undefined), 'mmap')
})

test('the server works with shared memory in files', async () => {
  const server = await startEmbeddedPostgres({
    dataDir: newDataDir(),
    settings: { ...FAST, dynamic_shared_memory_type: 'mmap', debug_parallel_query: 'on' },
  })
  assert.deepEqual(await query(server.url, 'select sum(n)::int as sum from generate_series(1, 1000) n'), [
    { sum: 500_500 },
  ])
  await server.stop()
})
