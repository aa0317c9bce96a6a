/**
 * `npm run bench`: how many orders are paid per second, and what each costs. One server process, one stub provider, the
 * embedded PostgreSQL with its durable settings, and the shoppers, all on this machine. Figures are printed, never
 * asserted.
 *
 *   npm run bench -- [--seconds 10] [--shoppers 1,4,16] [--products 50] [--profile DIR] [--database URL]
 *
 * --database is an empty database of another server, to measure that one. With --profile the server writes a processor profile to DIR when it stops.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { randomUUIDv7 } from 'node:crypto'
import pg from 'pg'
import { migrate } from '../server/platform/migrate.ts'
import { startTestServer } from '../test/postgres-server.ts'
import { cpuMs } from './cpu.ts'
import { startCountingProxy } from './counting-proxy.ts'
import { plainSqlRate } from './plain-sql.ts'
import { shop, type Timings } from './shopper.ts'
import { startStubProvider, type StubProvider } from './stub-provider.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    shoppers: { type: 'string', default: '1,4,16' },
    products: { type: 'string', default: '50' },
    profile: { type: 'string' },
    database: { type: 'string' },
  },
})
const SECONDS = Number(values.seconds)
const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
const WARM_UP_S = 3
const COUNTED_ORDERS = 50
const SERVER = fileURLToPath(new URL('../server/main.ts', import.meta.url))
const PORT = 39_700

const dataDir = await mkdtemp(join(tmpdir(), 'hundi-bench-'))
const stub = await startStubProvider()
const database =
  values.database === undefined
    ? await startTestServer({ durable: true })
    : { url: values.database, stop: async () => {} }
try {
  await migrate(database.url)
  const postmaster = await postmasterOf(database.url)
  const { products, shopId } = await stock(database.url, Number(values.products))
  print(
    `${availableParallelism()} cores, node ${process.version}, ${products.length} products, stub provider, ${SECONDS} s each`,
  )

  const counted = await countPerOrder(database.url, stub, products)
  print(
    `one paid order: ${counted.statements.toFixed(1)} statements, ${counted.roundTrips.toFixed(1)} round trips to the database`,
  )

  const server = await startServer(database.url, stub)
  try {
    await run(1, WARM_UP_S, stub, products)
    await run(16, WARM_UP_S, stub, products)
    print('shoppers  orders/s   call      p50 ms   p95 ms   p99 ms')
    for (const shoppers of values.shoppers.split(',').map(Number)) {
      const before = { server: cpuMs([server.pid ?? 0]), database: cpuMs([postmaster]) }
      const { rate, timings } = await run(shoppers, SECONDS, stub, products)
      const orders = timings.whole.length
      const serverMs = perOrder(before.server, cpuMs([server.pid ?? 0]), orders)
      const databaseMs = perOrder(before.database, cpuMs([postmaster]), orders)
      for (const [index, call] of (['whole', 'order', 'verify', 'webhook'] as const).entries()) {
        const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) =>
          percentile(timings[call], share).toFixed(1).padStart(8),
        )
        const head = index === 0 ? `${String(shoppers).padStart(8)}  ${rate.toFixed(0).padStart(8)}` : ' '.repeat(18)
        print(`${head}   ${call.padEnd(8)} ${p50} ${p95} ${p99}`)
      }
      print(`          processor time per order: server ${serverMs} ms, database ${databaseMs} ms`)
    }
  } finally {
    await stop(server)
  }
  print(
    `plain SQL, 16 connections: ${(await plainSqlRate(database.url, products, shopId, 16, SECONDS)).toFixed(0)} orders/s`,
  )
  await audit(database.url)
} finally {
  await database.stop()
  await stub.close()
  await rm(dataDir, { recursive: true, force: true })
}

function perOrder(before: number | undefined, after: number | undefined, orders: number): string {
  return before === undefined || after === undefined ? 'unknown' : ((after - before) / orders).toFixed(2)
}

/** The postmaster: the parent of the process that serves one of our connections. */
async function postmasterOf(databaseUrl: string): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query('select pg_backend_pid() as pid')
  const stat = await readFile(`/proc/${rows[0].pid}/stat`, 'utf8').catch(() => ') S 0')
  await client.end()
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
}

async function run(
  shoppers: number,
  seconds: number,
  provider: StubProvider,
  products: readonly string[],
): Promise<{ rate: number; timings: Timings }> {
  const timings: Timings = { order: [], verify: [], webhook: [], whole: [] }
  const startedAt = performance.now()
  const until = startedAt + seconds * 1_000
  await Promise.all(
    Array.from({ length: shoppers }, () =>
      shop(`http://127.0.0.1:${PORT}`, provider, products, timings, () => performance.now() >= until),
    ),
  )
  return { rate: timings.whole.length / ((performance.now() - startedAt) / 1_000), timings }
}

/** Pays orders one at a time through a counting proxy. Polls and cleaning up are counted too, if they happen to run. */
async function countPerOrder(databaseUrl: string, provider: StubProvider, products: readonly string[]) {
  const proxy = await startCountingProxy(databaseUrl)
  const server = await startServer(proxy.url, provider)
  const timings: Timings = { order: [], verify: [], webhook: [], whole: [] }
  const pay = (orders: number) => {
    const before = timings.whole.length
    return shop(`http://127.0.0.1:${PORT}`, provider, products, timings, () => timings.whole.length - before >= orders)
  }
  await pay(20)
  await new Promise((resolve) => setTimeout(resolve, 200))
  proxy.take()
  await pay(COUNTED_ORDERS)
  await new Promise((resolve) => setTimeout(resolve, 200))
  const { statements, roundTrips } = proxy.take()
  await stop(server)
  await proxy.close()
  return { statements: statements / COUNTED_ORDERS, roundTrips: roundTrips / COUNTED_ORDERS }
}

async function startServer(databaseUrl: string, provider: StubProvider): Promise<ChildProcess> {
  const child = spawn(process.execPath, [...profiling, SERVER], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      PORT: String(PORT),
      DATABASE_URL: databaseUrl,
      HUNDI_DATA_DIR: dataDir,
      SANDBOX: '0',
      SEED_DEMO: '0',
      RATE_LIMIT_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      RAZORPAY_KEY_ID: provider.keyId,
      RAZORPAY_KEY_SECRET: provider.keySecret,
      RAZORPAY_WEBHOOK_SECRET: provider.webhookSecret,
      RAZORPAY_BASE_URL: provider.url,
    },
  })
  for (let tries = 0; tries < 200; tries += 1) {
    const ready = await fetch(`http://127.0.0.1:${PORT}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (ready) return child
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('the server did not start')
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  await ended
}

async function stock(databaseUrl: string, count: number): Promise<{ products: string[]; shopId: string }> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const shopId = randomUUIDv7()
  await client.query(`insert into shops (id, slug, name) values ($1, 'bench', 'Bench')`, [shopId])
  const products = Array.from({ length: count }, () => randomUUIDv7())
  for (const [index, id] of products.entries()) {
    await client.query(
      `insert into products (id, slug, title, shop_id, price, currency, tax_rate_bps) values ($1, $2, $3, $4, 24500, 'INR', 500)`,
      [id, `bench-${index}`, `Bench ${index}`, shopId],
    )
    await client.query(`insert into inventory (product_id, on_hand) values ($1, 100000000)`, [id])
    await client.query(
      `insert into inventory_movements (product_id, kind, quantity, created_at) values ($1, 'opening', 100000000, now())`,
      [id],
    )
  }
  await client.end()
  return { products, shopId }
}

/** A fast number for wrong books would be worth nothing. */
async function audit(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query(`select
    (select count(*) from orders where status = 'confirmed') as confirmed,
    (select count(*) from orders where status <> 'confirmed') as other,
    (select count(*) from inventory i where on_hand <> (select sum(quantity) from inventory_movements m where m.product_id = i.product_id)) as off_stock,
    (select count(*) from webhook_events where status <> 'processed') as unprocessed,
    (select count(*) from payment_attempts a where not exists (select from ledger_transfers t where t.cause = 'capture:' || a.id)) as unbooked`)
  print(`audit: ${JSON.stringify(rows[0])}`)
  await client.end()
}

function percentile(numbers: number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
