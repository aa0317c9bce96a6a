/** The program as an operator starts it: what is wrong is one line and an end, and what is right goes on. */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { findPostmaster, stopPostmaster } from '../server/platform/postmaster.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { send } from './shop.ts'
import { openTransactionPool } from './transaction-pool.ts'
import { until } from './until.ts'

const MAIN = fileURLToPath(new URL('../server/main.ts', import.meta.url))
/** Where other tests' servers keep what was compiled. */
const COMPILED = join(tmpdir(), 'hundi-test-compiled')
const SECRET = 'vA4kq2Yt9mWz0LrXe7HsPbN1uCdJfG6i'

interface Running {
  child: ChildProcess
  output: { out: string; err: string }
  /** Its exit code, once it has ended and everything it said has come. */
  ended: Promise<number | null>
}

let dataDir: string
let database: TestDatabase

before(async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'hundi-start-up-')))
  chmodSync(dataDir, 0o711)
  database = await createTestDatabase()
})
after(async () => {
  await database.drop()
  const entry = join(dataDir, 'postgres')
  const cluster = existsSync(entry) ? realpathSync(entry) : undefined
  if (cluster !== undefined) await stopPostmaster(cluster)
  if (cluster !== undefined && dirname(cluster) !== dataDir) rmSync(dirname(cluster), { recursive: true })
  rmSync(dataDir, { recursive: true })
})

function start(env: Record<string, string>): Running {
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: COMPILED,
      HUNDI_DATA_DIR: dataDir,
      SEED_DEMO: '0',
      LOG_LEVEL: 'warn',
      ...env,
    },
  })
  const output = { out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString('utf8')))
  const ended = new Promise<number | null>((resolve) => child.once('close', (code) => resolve(code)))
  return { child, output, ended }
}

async function ready(running: Running): Promise<void> {
  let isOver = false
  void running.ended.then(() => (isOver = true))
  await until('it is ready', () => isOver || running.output.out.includes('Hundi is ready'))
  assert.match(running.output.out, /Hundi is ready/, running.output.err)
}

/** The one line with which a start ends that cannot be. */
async function refusal(env: Record<string, string>): Promise<string> {
  const { output, ended } = start(env)
  assert.equal(await ended, 1, output.out)
  assert.equal(output.out, '')
  assert.match(output.err, /^hundi: [^\n]+\n$/)
  assert.doesNotMatch(output.err, /\bat (async )?\w+.*\.ts|hunter2/)
  return output.err.trim()
}

async function occupied(): Promise<{ port: number; server: Server }> {
  const server = createServer((socket) => socket.on('error', () => {}).resume())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { port: (server.address() as AddressInfo).port, server }
}

async function freePort(): Promise<number> {
  const { port, server } = await occupied()
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('FX20 S12 a start that cannot be ends with one line', () => {
  let taken: Awaited<ReturnType<typeof occupied>>
  before(async () => {
    taken = await occupied()
  })
  after(() => new Promise((resolve) => taken.server.close(resolve)))

  test('for a wrong variable', async () => {
    assert.equal(await refusal({ PORT: 'http' }), 'hundi: PORT must be a whole number from 1 to 65535, not "http"')
  })

  test('for a password that is wrong', async () => {
    const url = new URL(database.url)
    url.password = 'hunter2'
    assert.equal(
      await refusal({ DATABASE_URL: url.href, PORT: String(await freePort()) }),
      `hundi: DATABASE_URL has a password that ${url.host} does not accept for the user "hundi"`,
    )
  })

  test('FX19 for a pool in transaction mode', async () => {
    const pool = await openTransactionPool(database.url)
    const line = await refusal({ DATABASE_URL: pool.url, PORT: String(await freePort()) })
    await pool.close()
    assert.match(line, /^hundi: DATABASE_URL leads to a connection pool in transaction mode, .* a pool in session mode/)
  })

  test('for a port that is taken', async () => {
    assert.equal(
      await refusal({ DATABASE_URL: database.url, PORT: String(taken.port) }),
      `hundi: PORT is ${taken.port}, and another program listens there already (127.0.0.1)`,
    )
    assert.equal(
      await refusal({ DATABASE_URL: database.url, ROLE: 'worker', METRICS_PORT: String(taken.port) }),
      `hundi: METRICS_PORT is ${taken.port}, and another program listens there already (127.0.0.1)`,
    )
    assert.equal(
      await refusal({ DATABASE_URL: database.url, PORT: String(await freePort()), SANDBOX_PORT: String(taken.port) }),
      `hundi: SANDBOX_PORT is ${taken.port}, and another program listens there already (127.0.0.1)`,
    )
  })

  test('for an address that is not of this machine', async () => {
    assert.equal(
      await refusal({ DATABASE_URL: database.url, HOST: '192.0.2.1' }),
      'hundi: HOST is 192.0.2.1, which is no address of this machine',
    )
  })

  test('for a data directory that is none, with and without a database in it', async () => {
    const file = join(dataDir, 'a-file')
    writeFileSync(file, '')
    assert.match(
      await refusal({ HUNDI_DATA_DIR: file, PORT: String(await freePort()) }),
      /^hundi: the database in HUNDI_DATA_DIR \(.*a-file\) cannot be started: EEXIST: /,
    )
    const env = { HUNDI_DATA_DIR: file, DATABASE_URL: database.url, PORT: String(await freePort()), SANDBOX: '0' }
    assert.match(await refusal(env), /^hundi: HUNDI_DATA_DIR \(.*a-file\) cannot be used: EEXIST: /)
  })
})

test('FX9 what is unwise is said at each start, on the screen and in the log', async () => {
  const running = start({
    NODE_ENV: 'production',
    DATABASE_URL: database.url,
    AUTH_SECRET: SECRET,
    PUBLIC_URL: 'http://shop.example',
    RATE_LIMIT_PER_MINUTE: '0',
    PORT: String(await freePort()),
  })
  await ready(running)
  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  const { out, err } = running.output
  const lines = out.split('\n')
  assert.deepEqual(
    lines.filter((line) => line.includes('Warning:')),
    [
      '  Warning: PUBLIC_URL is http: passwords, sessions and addresses can be read on the way.',
      '  Warning: RATE_LIMIT_PER_MINUTE is 0: nothing limits who guesses or floods.',
    ],
  )
  const logged = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as { variable?: string })
  assert.deepEqual(
    logged.map(({ variable }) => variable).filter((variable) => variable !== undefined),
    ['PUBLIC_URL', 'RATE_LIMIT_PER_MINUTE'],
  )
  assert.equal(err, '')
})

test('FX12 FX20 a shop on its own database outlives the death of that, and a second start by mistake', async () => {
  const port = String(await freePort())
  const url = `http://127.0.0.1:${port}`
  const env = { PORT: port, SANDBOX_PORT: String(await freePort()), ROLE: 'all' }
  const isReady = () =>
    send(url, 'GET', '/readyz', {}).then(
      ({ status }) => status === 200,
      () => false,
    )
  const running = start(env)
  await ready(running)
  const person = { email: 'ananya@example.test', password: 'a long enough password', name: 'Ananya' }
  const signUp = await send(url, 'POST', '/api/auth/sign-up/email', { body: person })
  assert.equal(signUp.status, 200)

  const cluster = realpathSync(join(dataDir, 'postgres'))
  const killed = findPostmaster(cluster)?.pid ?? 0
  process.kill(killed, 'SIGKILL')
  await until('another server runs', () => ![undefined, killed].includes(findPostmaster(cluster)?.pid))
  await until('the shop is ready again', isReady)
  const { email, password } = person
  assert.equal((await send(url, 'POST', '/api/auth/sign-in/email', { body: { email, password } })).status, 200)

  const restarted = findPostmaster(cluster)?.pid
  assert.equal(await refusal(env), `hundi: PORT is ${port}, and another program listens there already (127.0.0.1)`)
  // One that comes further before it fails leaves the database to the one that was there first, too.
  const other = { PORT: String(await freePort()), SANDBOX_PORT: port }
  assert.match(await refusal(other), /^hundi: SANDBOX_PORT is \d+, and another program listens there already/)
  assert.equal(findPostmaster(cluster)?.pid, restarted)
  assert.ok(await isReady())

  running.child.kill('SIGTERM')
  assert.equal(await running.ended, 0)
  assert.equal(findPostmaster(cluster), undefined)
  assert.match(running.output.out, /the embedded PostgreSQL has ended and is started again/)
  assert.match(running.output.out, /the embedded PostgreSQL runs again/)

  writeFileSync(join(cluster, 'PG_VERSION'), '17\n')
  assert.match(
    await refusal(env),
    /^hundi: the database in HUNDI_DATA_DIR \(.*\) cannot be started: .* was made by PostgreSQL 17, this is 18: upgrade it, or set DATABASE_URL$/,
  )
})
