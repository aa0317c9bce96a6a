/**
 * How long it takes to compare many payments with a provider's books. The worker's own code on
 * this thread, a bare provider over HTTP on another, the embedded PostgreSQL with its durable settings, all on this machine.
 * Differences are planted on both sides; the figures are printed, and only what was found is asserted.
 *
 *   node scripts/run.mjs node bench/reconcile.ts [--payments 100000] [--differences 300] [--latency 0]
 *
 * --latency is how many milliseconds each answer of the provider takes.
 */
import assert from 'node:assert/strict'
import { randomUUIDv7 } from 'node:crypto'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { PaymentDeps } from '../server/payments/context.ts'
import { USUAL_LATE_MONEY_MS } from '../server/payments/money/looks.ts'
import { createBreaker } from '../server/payments/providers/call.ts'
import { openDatabase, sql } from '../server/platform/database.ts'
import { createLog } from '../server/platform/log.ts'
import { migrate } from '../server/platform/migrate.ts'
import { systemPorts } from '../server/platform/ports.ts'
import { createRateLimiter } from '../server/platform/rate-limit.ts'
import { reconcilePass } from '../server/reconciliation/run.ts'
import { writeOrders, type Many } from '../test/many-payments.ts'
import { startTestServer } from '../test/postgres-server.ts'
import { providerOf } from '../test/provider-books.ts'
import { startCountingProxy } from './counting-proxy.ts'
import type { Planted } from './provider-books-thread.ts'

const { values } = parseArgs({
  options: {
    payments: { type: 'string', default: '100000' },
    differences: { type: 'string', default: '300' },
    latency: { type: 'string', default: '0' },
  },
})
const PAYMENTS = Number(values.payments)
const DIFFERENCES = Number(values.differences)
const AMOUNT = 24_500
const DAY_MS = 86_400_000

const database = await startTestServer({ durable: true })
const proxy = await startCountingProxy(database.url)
const ports = systemPorts()
const plain = openDatabase({ url: database.url, max: 4 }, ports)
const db = openDatabase({ url: proxy.url, max: 8 }, ports)
try {
  await migrate(database.url)
  const planted = await plant()
  const thread = new Worker(new URL('./provider-books-thread.ts', import.meta.url), { workerData: planted })
  const [url] = (await once(thread, 'message')) as [string]
  const provider = providerOf(url)
  const deps: PaymentDeps = {
    db,
    ports,
    log: createLog('warn'),
    limiter: createRateLimiter(db, 0),
    timeZone: 'Asia/Kolkata',
    providers: new Map([[provider.name, provider]]),
    breaker: createBreaker(ports),
    policy: { pollAfterS: 60, mismatch: 'hold', refundApprovalAbove: null, lateMoneyMs: () => USUAL_LATE_MONEY_MS },
    orderTtlS: 1_800,
    publicUrl: 'http://127.0.0.1:3000',
  }
  const runId = await start(planted.many)
  print(
    `${availableParallelism()} cores, node ${process.version}, ${PAYMENTS} payments, ${values.latency} ms per answer`,
  )

  globalThis.gc?.()
  const before = process.memoryUsage()
  let peak = before.heapUsed
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().heapUsed)), 20)
  proxy.take()
  const pass = reconcilePass(deps)
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  let steps = 0
  while ((await pass.runOnce()) > 0) steps += 1
  const seconds = (performance.now() - startedAt) / 1_000
  const cpu = process.cpuUsage(cpuBefore)
  clearInterval(watch)
  const { statements, roundTrips } = proxy.take()
  const asked = (await (await fetch(`${url}/asked`)).json()) as Record<string, number>

  const calls = Object.entries(asked)
    .map(([operation, count]) => `${operation} ${count}`)
    .join(', ')
  print(`${seconds.toFixed(1)} s: ${(PAYMENTS / seconds).toFixed(0)} payments/s in ${steps} steps`)
  print(`calls to the provider: ${calls}`)
  print(`database: ${statements} statements, ${roundTrips} round trips`)
  print(
    `processor time of this process, the provider's thread included: ${((cpu.user + cpu.system) / 1e6).toFixed(1)} s`,
  )
  print(`heap: ${megabytes(before.heapUsed)} MB before, ${megabytes(peak)} MB at most`)
  await report(runId, planted)
  await thread.terminate()
} finally {
  await db.close()
  await plain.close()
  await proxy.close()
  await database.stop()
}

/** A third of the differences are captures that we missed, a third are not ours, a third the provider does not know. */
async function plant(): Promise<Planted> {
  const [shopId, productId] = [randomUUIDv7(), randomUUIDv7()]
  await plain.alone.run('bench.shop', sql`insert into shops (id, slug, name) values (${shopId}, 'bench', 'Bench')`)
  await plain.alone.run(
    'bench.product',
    sql`insert into products (id, slug, title, shop_id, price, currency, tax_rate_bps)
        values (${productId}, 'bench', 'Bench', ${shopId}, ${AMOUNT}, 'INR', 500)`,
  )
  const third = Math.floor(DIFFERENCES / 3)
  const spread = (offset: number) =>
    Array.from({ length: third }, (_, at) => 1 + offset + Math.floor((at * (PAYMENTS - 10)) / third))
  const [unheard, missing] = [spread(0), spread(1)]
  const foreign = Array.from({ length: third }, (_, at) => PAYMENTS + 1 + at)
  const everyMs = DAY_MS / PAYMENTS
  const startMs = Math.floor(Date.now() / 1_000) * 1_000 - DAY_MS - 3_600_000
  const many: Many = { from: 1, until: PAYMENTS + 1, startMs, everyMs, amount: AMOUNT, shopId, productId }
  await writeOrders(plain, many, unheard)
  await plain.alone.run(
    'bench.stock',
    sql`with stock as (insert into inventory (product_id, on_hand, reserved) values (${productId}, 1000000, ${third}))
        insert into inventory_movements (product_id, kind, quantity, created_at) values (${productId}, 'opening', 1000000, now())`,
  )
  await plain.alone.run('bench.analyze', sql`analyze`)
  return { many, foreign, missing, latencyMs: Number(values.latency) }
}

async function start(many: Many): Promise<string> {
  const from = new Date(many.startMs)
  const run = await plain.one<{ id: string }>(
    'bench.run',
    sql`with made as (
          insert into reconciliation_runs (id, provider, from_at, to_at, trigger, cursor_at, slice_s, next_step_at, started_at)
          values (${randomUUIDv7()}, 'razorpay', ${from}, ${new Date(many.startMs + DAY_MS + 60_000)}, 'admin', ${from}, 3600,
            now(), now()) returning id)
        select id from made`,
  )
  return run.id
}

/** A fast comparison that missed something would be worth nothing. */
async function report(runId: string, { foreign, missing }: Planted): Promise<void> {
  const third = foreign.length
  const rows = await plain.many<{ text: string }>(
    'bench.outcomes',
    sql`select subject || ' ' || outcome || ' ' || count as text from reconciliation_outcomes where run_id = ${runId} order by 1`,
  )
  const run = await plain.one<{ status: string; most_rows: number }>(
    'bench.run',
    sql`select status, most_rows from reconciliation_runs where id = ${runId}`,
  )
  print(`${run.status}, ${run.most_rows} rows at most at once; ${rows.map(({ text }) => text).join(', ')}`)
  assert.deepEqual(
    rows.map(({ text }) => text),
    [
      `payment healed ${third}`,
      `payment matched ${PAYMENTS - third - missing.length}`,
      `payment unknown_here ${third}`,
      `payment unknown_there ${missing.length}`,
    ],
  )
  const { confirmed } = await plain.one<{ confirmed: number }>(
    'bench.confirmed',
    sql`select count(*) as confirmed from orders where status = 'confirmed'`,
  )
  assert.equal(confirmed, PAYMENTS)
}

function megabytes(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(0)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
