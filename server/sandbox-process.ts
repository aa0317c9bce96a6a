/**
 * Starts the provider simulator beside the server. It is a program of its own: all that is known of it here is how to
 * start it and the address at which it answers. It ends when this process ends, however that happens.
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './platform/config.ts'
import { checkPlace } from './platform/listening.ts'
import type { Log } from './platform/log.ts'
import type { Ports } from './platform/ports.ts'
import { RAZORPAY_LATE_MONEY_DAYS } from './platform/provider-config.ts'
import { StartError } from './platform/start-error.ts'

const PROGRAM = fileURLToPath(new URL('../sandbox/main.ts', import.meta.url))
const READY_WITHIN_MS = 15_000
const ASK_EVERY_MS = 50

export interface Sandbox {
  url: string
  /** The keys under which it knows us: what a provider's dashboard would show. */
  keys: { razorpay: { keyId: string; keySecret: string; webhookSecret: string } }
  stop(): Promise<void>
}

/**
 * Starts the sandbox, or uses the one that another process of this installation runs at the same port.
 *
 * @throws StartError
 */
export async function startSandboxProcess(config: Config, ports: Ports, log: Pick<Log, 'error'>): Promise<Sandbox> {
  const { port } = config.sandbox
  const loopback = `http://127.0.0.1:${port}`
  const url = publicAddress(config.http.publicUrl, port)
  const running = await askKeys(loopback, ports)
  if (running !== undefined) return { url, keys: running, stop: async () => {} }
  await checkPlace({ host: config.http.host, port, variable: 'SANDBOX_PORT' })

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
    { stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  const deadline = ports.clock.monotonicMs() + READY_WITHIN_MS
  while (child.exitCode === null && ports.clock.monotonicMs() < deadline) {
    const keys = await askKeys(loopback, ports)
    if (keys !== undefined) {
      let isAsked = false
      child.stderr.removeAllListeners('data').pipe(process.stderr)
      child.once('exit', (code, signal) => {
        if (!isAsked) log.error({ code, signal }, 'the sandbox has ended: nothing can be paid until the next start')
      })
      return {
        url,
        keys,
        async stop() {
          isAsked = true
          child.stdin?.end()
          await ended
        },
      }
    }
    await ports.timers.sleep(ASK_EVERY_MS)
  }
  child.kill('SIGKILL')
  const why = said.trim() === '' ? `at port ${port} within ${READY_WITHIN_MS / 1_000} s` : said
  throw new StartError(`the sandbox did not start (${why}): set SANDBOX_PORT, or SANDBOX=0 with provider keys`)
}

/** The sandbox stands in for every provider without keys of its own. */
export function withSandbox(config: Config, sandbox: Sandbox | undefined): Pick<Config, 'razorpay'> {
  if (config.razorpay !== undefined || sandbox === undefined) return config
  const { keyId, keySecret, webhookSecret } = sandbox.keys.razorpay
  return {
    razorpay: {
      keyId,
      keySecret,
      webhookSecrets: [webhookSecret],
      baseUrl: `http://127.0.0.1:${config.sandbox.port}/razorpay`,
      checkoutUrl: `${sandbox.url}/razorpay/v1/checkout.js`,
      lateMoneyDays: RAZORPAY_LATE_MONEY_DAYS,
    },
  }
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
