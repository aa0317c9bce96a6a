/**
 * The sandbox as a program: `node sandbox/main.ts --port 4600 --data-dir .sandbox`. It prints one line with its address
 * when it is ready, stops cleanly on SIGTERM and SIGINT, and goes on where it was after any other end.
 */
import { parseArgs } from 'node:util'
import { startSandbox } from './sandbox.ts'

const USAGE = `node sandbox/main.ts [options]
  --port N              where to listen (4600; 0: any free port)
  --host H              127.0.0.1
  --data-dir DIR        the books (.sandbox), or :memory:
  --webhook-url URL     where Razorpay's webhooks go
  --public-url URL      how browsers reach the sandbox, when that differs
  --exit-with-stdin     stop when standard input closes: with the program that started us, however that ends
  --time-scale N        how many times faster than the provider delays pass (1)
Keys: SANDBOX_RAZORPAY_KEY_ID, SANDBOX_RAZORPAY_KEY_SECRET, SANDBOX_RAZORPAY_WEBHOOK_SECRET; without them they are
made once and kept in the books.
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4600' },
    host: { type: 'string', default: '127.0.0.1' },
    'data-dir': { type: 'string', default: '.sandbox' },
    'webhook-url': { type: 'string' },
    'public-url': { type: 'string' },
    'time-scale': { type: 'string', default: '1' },
    'exit-with-stdin': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const port = Number(values.port)
const timeScale = Number(values['time-scale'])
if (!Number.isInteger(port) || port < 0 || port > 65_535) stopWith(`--port must be a port number, not ${values.port}`)
if (!(timeScale > 0)) stopWith(`--time-scale must be a number above zero, not ${values['time-scale']}`)

const webhookUrl = values['webhook-url']
const publicUrl = values['public-url']
for (const url of [webhookUrl, publicUrl]) {
  if (url !== undefined && !/^https?:/.test(url)) stopWith(`not an http address: ${url}`)
}

const {
  SANDBOX_RAZORPAY_KEY_ID: keyId,
  SANDBOX_RAZORPAY_KEY_SECRET: keySecret,
  SANDBOX_RAZORPAY_WEBHOOK_SECRET: webhookSecret,
} = process.env

try {
  const sandbox = await startSandbox({
    host: values.host,
    port,
    dataDir: values['data-dir'],
    timeScale,
    keys: {
      razorpay: {
        ...(keyId ? { keyId } : {}),
        ...(keySecret ? { keySecret } : {}),
        ...(webhookSecret ? { webhookSecret } : {}),
      },
    },
    ...(webhookUrl === undefined ? {} : { webhookUrls: { razorpay: webhookUrl } }),
    ...(publicUrl === undefined ? {} : { publicUrl: publicUrl.replace(/\/$/, '') }),
  })
  process.stdout.write(`sandbox ready at ${sandbox.url}\n`)
  const stop = () => void sandbox.close().then(() => process.exit(0))
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, stop)
  if (values['exit-with-stdin']) process.stdin.once('end', stop).resume()
} catch (error) {
  stopWith(error instanceof Error ? error.message : String(error))
}

function stopWith(message: string): never {
  process.stderr.write(`sandbox: ${message}\n`)
  process.exit(1)
}
