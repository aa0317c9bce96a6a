/**
 * Starts the provider simulator beside the server. It is a program of its own: all that is known of it here is how to
 * start it and the address at which it answers. It ends when this process ends, however that happens.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './platform/config.ts'
import type { Ports } from './platform/ports.ts'

const PROGRAM = fileURLToPath(new URL('../sandbox/main.ts', import.meta.url))
const READY_WITHIN_MS = 15_000
const ASK_EVERY_MS = 50

export interface Sandbox {
  url: string
  /** The keys under which it knows us: what a provider's dashboard would show. */
  keys: { razorpay: { keyId: string; keySecret: string; webhookSecret: string } }
  stop(): Promise<void>
}

/** Starts the sandbox, or uses the one that another process of this installation runs at the same port. */
export async function startSandboxProcess(config: Config, ports: Ports): Promise<Sandbox> {
  const { port } = config.sandbox
  const loopback = `http://127.0.0.1:${port}`
  const url = publicAddress(config.http.publicUrl, port)
  const running = await askKeys(loopback, ports)
  if (running !== undefined) return { url, keys: running, stop: async () => {} }

  const webhookUrl = `http://${config.http.host.includes(':') ? `[${config.http.host}]` : config.http.host}:${config.http.port}/api/payments/webhook/razorpay`
  const child = spawn(
    process.execPath,
    [
      PROGRAM,
      '--port',
      String(port),
      '--host',
      config.http.host,
      '--data-dir',
      join(config.dataDir, 'sandbox'),
      '--public-url',
      url,
      '--webhook-url',
      webhookUrl.replace('//0.0.0.0:', '//127.0.0.1:'),
      '--exit-with-stdin',
    ],
    // A session of its own keeps a Ctrl-C at the terminal from ending it before we are done with it.
    { stdio: ['pipe', 'ignore', 'inherit'], detached: true },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const deadline = ports.clock.monotonicMs() + READY_WITHIN_MS
  while (child.exitCode === null && ports.clock.monotonicMs() < deadline) {
    const keys = await askKeys(loopback, ports)
    if (keys !== undefined) {
      return {
        url,
        keys,
        async stop() {
          child.stdin?.end()
          await ended
        },
      }
    }
    await ports.timers.sleep(ASK_EVERY_MS)
  }
  child.kill('SIGKILL')
  throw new Error(`the sandbox did not start at port ${port}; set SANDBOX_PORT, or SANDBOX=0 with provider keys`)
}

async function askKeys(url: string, ports: Ports): Promise<Sandbox['keys'] | undefined> {
  try {
    const answer = await ports.network.request({
      method: 'GET',
      url: `${url}/_sandbox/keys`,
      headers: {},
      timeoutMs: 1_000,
    })
    return answer.status === 200 ? (JSON.parse(answer.body) as Sandbox['keys']) : undefined
  } catch {
    return undefined
  }
}

/** Where a browser finds it: at the server's public host, at its own port. */
function publicAddress(publicUrl: string, port: number): string {
  const url = new URL(publicUrl)
  url.protocol = 'http:'
  url.port = String(port)
  return url.origin
}
