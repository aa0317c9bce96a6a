/**
 * The real program for journeys: `node server/main.ts` as a process of its own, on a fresh database with the demo shop,
 * with its own sandbox and its own ports. What a journey sees is what a merchant gets who starts it.
 */
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTestDatabase } from '../test/database.ts'
import { PATIENCE_MS, until } from '../test/until.ts'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const BUILT = join(ROOT, 'web/dist/storefront/index.html')
/** Longer than the program gives itself. */
const STOP_WITHIN_MS = 60_000
/** Enough to see why something failed, little enough to print. */
const KEPT_LOG_CHARACTERS = 20_000

/** A payment as the sandbox has it in its books. */
export interface SandboxPayment {
  id: string
  order_id: string
  status: string
  amount: number
}

export interface RunningShop {
  url: string
  sandboxUrl: string
  databaseUrl: string
  /** The warnings and errors that the program logged, the last of them, each one line of JSON. */
  logged(): string[]
  /** Payments at the provider, of one of its orders or all; newest first. */
  providerPayments(providerOrderId?: string): Promise<SandboxPayment[]>
  /** Orders at the provider, newest first. */
  providerOrders(): Promise<{ id: string; amount: number; status: string }[]>
  /** Calls the sandbox's control API, below `/razorpay/_sandbox`. */
  control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<unknown>
  /** Ends the program as an operator would, and takes away what it left behind. */
  stop(): Promise<void>
}

/**
 * Starts the program and waits until it can serve. The pages must have been built.
 *
 * @param settings variables that a journey wants otherwise than they are by default
 */
export async function startShop(settings: Readonly<Record<string, string>> = {}): Promise<RunningShop> {
  if (!existsSync(BUILT)) throw new Error('the front ends are not built; npm test e2e builds them')
  const database = await createTestDatabase()
  const dataDir = mkdtempSync(join(tmpdir(), 'hundi-e2e-'))
  const [port, sandboxPort] = await freePorts(2)
  const url = `http://127.0.0.1:${port}`
  const sandboxUrl = `http://127.0.0.1:${sandboxPort}`
  const child = spawn(process.execPath, ['server/main.ts'], {
    cwd: ROOT,
    // Nothing else of our environment: keys of a real provider must never reach a journey.
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      PORT: String(port),
      SANDBOX: '1',
      SANDBOX_PORT: String(sandboxPort),
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      DATABASE_URL: database.url,
      DATABASE_WAIT_MS: String(PATIENCE_MS),
      HUNDI_DATA_DIR: dataDir,
      SEED_DEMO: '1',
      // All journeys come from one address.
      RATE_LIMIT_PER_MINUTE: '0',
      LOG_LEVEL: 'warn',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  const keep = (chunk: string) => (log = (log + chunk).slice(-KEPT_LOG_CHARACTERS))
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  // A test process that dies in the middle must not leave a server behind.
  const abandon = () => child.kill('SIGTERM')
  process.once('exit', abandon)

  async function stop(): Promise<void> {
    await endProcess(child)
    process.off('exit', abandon)
    await database.drop()
    rmSync(dataDir, { recursive: true, force: true })
  }
  async function control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${sandboxUrl}/razorpay/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`the sandbox answered ${answer.status} to ${path}: ${await answer.text()}`)
    return answer.json()
  }

  try {
    await untilReady(url, child, () => log)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    sandboxUrl,
    databaseUrl: database.url,
    logged: () => log.split('\n').filter((line) => line.startsWith('{')),
    control,
    async providerPayments(providerOrderId) {
      const query = providerOrderId === undefined ? '?limit=1000' : `?orderId=${providerOrderId}`
      return ((await control('GET', `/state${query}`)) as { payments: SandboxPayment[] }).payments
    },
    async providerOrders() {
      const state = await control('GET', '/state?limit=1000')
      return (state as { orders: { id: string; amount: number; status: string }[] }).orders
    },
    stop,
  }
}

async function untilReady(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const ready = until('the program is ready', async () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    return (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true
  })
  await ready.catch((error: Error) => assert.fail(`${error.message}:\n${log()}`))
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
  const [code] = await ended
  clearTimeout(late)
  if (code !== 0) throw new Error(`the program did not stop cleanly: it ended with ${code}`)
}

/** Ports that nobody listens on now; held together until all are known, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
