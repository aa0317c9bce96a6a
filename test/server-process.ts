/**
 * The real server as a process of its own, beside others on one database, so that it can be killed. It prints its last
 * words when it ends in a way that nobody asked for.
 */
import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { send, type Answer, type CallOptions } from './shop.ts'
import { awaited, PATIENCE_MS } from './until.ts'

const MAIN = fileURLToPath(new URL('../server/main.ts', import.meta.url))
/** Compiling is most of a start. What is killed leaves nothing behind here, so it is shared with those that are not. */
const COMPILED = process.env['NODE_COMPILE_CACHE'] ?? join(tmpdir(), 'hundi-test-compiled')
const KEPT_OUTPUT = 4_000

export interface ServerOptions {
  role: 'all' | 'api' | 'worker'
  databaseUrl: string
  sandboxUrl: string
  dataDir: string
  secret: string
  /** The point at which the process kills itself, as kill -9 would. */
  crashAt?: string
  env?: Record<string, string>
}

export interface ServerProcess {
  url: string
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Waits until it has killed itself. Rejects when it does not, or ends otherwise. */
  crashed(): Promise<void>
  /** Stops it where it is, as a paused virtual machine or a long collection of garbage does; and lets it go on. */
  pause(): void
  resume(): void
  /** The end of what it has printed. */
  output(): string
  /** Stops reading what it prints, as a log collector does that has died. */
  ignoreOutput(): void
  /** Ends it as an operator would, and gives how it ended: `code 0` when all went well. */
  stop(): Promise<string>
}

/** Starts a server and resolves when it says that it is ready, or has crashed on the way. One that is neither is ended. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [MAIN], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: COMPILED,
      HUNDI_DATA_DIR: options.dataDir,
      DATABASE_URL: options.databaseUrl,
      DATABASE_WAIT_MS: String(PATIENCE_MS),
      ROLE: options.role,
      PORT: String(port),
      SANDBOX: '1',
      SANDBOX_PORT: new URL(options.sandboxUrl).port,
      AUTH_SECRET: options.secret,
      RATE_LIMIT_PER_MINUTE: '0',
      SEED_DEMO: '0',
      LOG_LEVEL: 'warn',
      ...(options.crashAt === undefined ? {} : { HUNDI_CRASH_AT: options.crashAt }),
      ...options.env,
    },
  })
  let output = ''
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<string>()
  const heard = (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT)
    if (output.includes('Hundi is ready')) ready.resolve()
  }
  child.stdout.on('data', heard)
  child.stderr.on('data', heard)
  child.once('exit', (code, signal) => {
    ended.resolve(signal ?? `code ${code}`)
    if (signal === 'SIGKILL') ready.resolve()
    else ready.reject(new Error(`the server ended with ${signal ?? code} before it was ready:\n${output}`))
  })
  // A test process that dies must not leave a server behind.
  const abandon = () => child.kill('SIGKILL')
  process.once('exit', abandon)
  child.once('exit', () => process.off('exit', abandon))
  try {
    await awaited(ready.promise, () => `the server is not ready:\n${output}`)
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
  return {
    url: `http://127.0.0.1:${port}`,
    call: (method, path, asked = {}) => send(`http://127.0.0.1:${port}`, method, path, asked),
    async crashed() {
      const how = await awaited(ended.promise, () => `${options.crashAt} was not reached:\n${output}`)
      if (how !== 'SIGKILL') throw new Error(`the server ended with ${how}:\n${output}`)
    },
    output: () => output,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    ignoreOutput() {
      child.stdout.destroy()
      child.stderr.destroy()
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      return awaited(ended.promise, () => `the server does not stop:\n${output}`)
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
